// Instructions → steps, function by function, as registers are counted in each.
#include "eval/code.hpp"

#include <algorithm>

namespace lictor::eval {
namespace {

constexpr Place place(std::size_t value) { return static_cast<Place>(value * sizeof(Value)); }

/// The functions that have code, in the order of their code.
std::vector<std::uint32_t> functions_in_order(const ir::Program& program) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t f = 0; f < program.functions.size(); ++f) {
    if (!program.functions[f].is_inlined) out.push_back(f);
  }
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) {
    return program.functions[a].entry < program.functions[b].entry;
  });
  return out;
}

/// True if the operand c of a replacement is the number of a function or a builtin.
bool replaces_by_number(const ir::Instruction& i) {
  bool replaces = i.op == ir::Opcode::with_function || i.op == ir::Opcode::with_builtin;
  return replaces && (i.n == 1 || i.n == 2);
}

}  // namespace

Code::Code(const ir::Program& program)
    : steps(program.code.size()),
      operands(program.operands),
      data(place(program.constants.size())),
      input(place(program.constants.size() + program.data.size())) {
  std::size_t used = program.constants.size() + program.data.size() + program.input.slot_count;
  for (const ir::Function& function : program.functions) {
    functions.push_back({steps.data() + function.entry, function.parameters, function.registers,
                         place(used), function.memo, function.memo_slot});
    used += function.registers;
  }
  values = used;
  const std::vector<std::uint32_t> order = functions_in_order(program);
  for (std::size_t f = 0; f < order.size(); ++f) {
    const Place first[] = {functions[order[f]].first, 0, input, data};
    auto placed = [&](ir::Operand operand) {
      return first[operand >> ir::bank_shift] + place(operand & ir::index_mask);
    };
    std::size_t end = f + 1 < order.size() ? program.functions[order[f + 1]].entry : steps.size();
    for (std::size_t at = program.functions[order[f]].entry; at < end; ++at) {
      const ir::Instruction& i = program.code[at];
      const char* kinds = ir::opcode_operands(i.op);
      std::uint32_t fields[] = {i.a, i.b, i.c};
      for (int k = 0; k < 3; ++k) {
        bool number = k == 2 && replaces_by_number(i);
        if ((kinds[k] == 'd' || kinds[k] == 'r') && !number) fields[k] = placed(fields[k]);
        for (std::uint32_t item = 0; kinds[k] == 'v' && item < i.n; ++item)
          operands[fields[k] + item] = placed(program.operands[fields[k] + item]);
      }
      steps[at] = {i.op, i.n, fields[0], fields[1], fields[2], steps.data() + i.fail};
    }
  }
}

}  // namespace lictor::eval
