// Instructions → steps, function by function, as registers are counted in each.
#include "eval/code.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace lictor::eval {
namespace {

using ir::Instruction;
using ir::Opcode;

constexpr Offset offset(std::size_t value) { return static_cast<Offset>(value * sizeof(Value)); }

/// Where the code of a function is; nowhere if it has none.
struct Extent {
  std::size_t first = 0;
  std::size_t end = 0;
};

/// By function. The code of one ends where the next begins.
std::vector<Extent> extents_of(const ir::Program& program) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t f = 0; f < program.functions.size(); ++f) {
    if (!program.functions[f].is_inlined) order.push_back(f);
  }
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return program.functions[a].entry < program.functions[b].entry;
  });
  std::vector<Extent> out(program.functions.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    bool last = i + 1 == order.size();
    out[order[i]] = {program.functions[order[i]].entry,
                     last ? program.code.size() : program.functions[order[i + 1]].entry};
  }
  return out;
}

std::span<const Instruction> code_of(const ir::Program& program, const Extent& extent) {
  return {program.code.data() + extent.first, extent.end - extent.first};
}

/// True if the operand c of a replacement is the number of a function or a builtin.
bool replaces_by_number(const Instruction& i) {
  bool replaces = i.op == Opcode::with_function || i.op == Opcode::with_builtin;
  return replaces && (i.n == 1 || i.n == 2);
}

/// The first place that an instruction may lead to, but for the one behind it.
std::size_t leads_to(const Instruction& i) {
  std::size_t out = i.fail != 0 ? i.fail : SIZE_MAX;  // those that do not fail have a 0 there
  const char* kinds = ir::opcode_operands(i.op);
  if (kinds[0] == 'l') out = std::min<std::size_t>(out, i.a);
  if (kinds[1] == 'l') out = std::min<std::size_t>(out, i.b);
  return out;
}

bool has_any(std::span<const Instruction> code, std::initializer_list<Opcode> wanted) {
  return std::any_of(code.begin(), code.end(), [&](const Instruction& i) {
    return std::find(wanted.begin(), wanted.end(), i.op) != wanted.end();
  });
}

/// Calls of rules that are called nowhere else, by code that runs once: where they are. None where
/// `with` replaces functions: it may bring a rule back to itself, whose registers only calls keep.
std::vector<std::size_t> sole_calls(const ir::Program& program,
                                    const std::vector<Extent>& extents) {
  std::vector<std::size_t> calls(program.functions.size()), out;
  if (has_any(program.code, {Opcode::with_function, Opcode::with_builtin})) return out;
  for (const Instruction& i : program.code) {
    if (i.op == Opcode::call) ++calls[i.b];
  }
  auto is_rule = [&](std::uint32_t f) { return program.functions[f].memo == ir::Memo::value; };
  for (std::uint32_t f = 0; f < extents.size(); ++f) {
    if (f != program.entry && !is_rule(f)) continue;
    std::size_t back = SIZE_MAX;  // the first place that the code from here on leads to
    for (std::size_t at = extents[f].end; at-- > extents[f].first;) {
      const Instruction& i = program.code[at];
      back = std::min(back, leads_to(i));
      bool sole = i.op == Opcode::call && calls[i.b] == 1 && is_rule(i.b);
      bool in_loop = back <= at;
      if (sole && !in_loop && !has_any(code_of(program, extents[i.b]), {Opcode::masked}))
        out.push_back(at);
    }
  }
  return out;
}

/// Behind a return: a check, a move and a jump.
constexpr std::size_t steps_to_join = 3;

}  // namespace

Code::Code(const ir::Program& program)
    : operands(program.operands),
      data(offset(program.constants.size())),
      input(offset(program.constants.size() + program.data.size())) {
  const std::vector<Extent> extents = extents_of(program);
  const std::vector<std::size_t> joined = sole_calls(program, extents);
  auto returns = static_cast<std::size_t>(
      std::count_if(program.code.begin(), program.code.end(),
                    [](const Instruction& i) { return i.op == Opcode::ret; }));
  steps.reserve(program.code.size() + (joined.empty() ? 0 : returns * steps_to_join));
  steps.resize(program.code.size());
  values = program.constants.size() + program.data.size() + program.input.slot_count;
  for (const ir::Function& function : program.functions) {
    functions.push_back({steps.data() + function.entry, function.parameters, function.registers,
                         offset(values), function.memo, function.memo_slot});
    values += function.registers;
  }
  for (std::uint32_t f = 0; f < extents.size(); ++f)
    place_operands(program, functions[f].first, extents[f].first, extents[f].end);
  for (std::size_t at : joined) {
    const Instruction& call = program.code[at];
    join(program.functions[call.b], at, extents[call.b].end);
  }
}

/// Of a function's instructions, whose registers are from `registers` on.
void Code::place_operands(const ir::Program& program, Offset registers, std::size_t first,
                          std::size_t end) {
  const Offset banks[] = {registers, 0, input, data};
  auto placed = [&](ir::Operand operand) {
    return banks[operand >> ir::bank_shift] + offset(operand & ir::index_mask);
  };
  for (std::size_t at = first; at < end; ++at) {
    const Instruction& i = program.code[at];
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

/// Has a call go on at the first step of a function, which has steps up to `end`, and that go on
/// behind the call where it returns.
void Code::join(const ir::Function& function, std::size_t call, std::size_t end) {
  const Step at = steps[call];
  auto jump = [](std::size_t to) {
    return Step{Opcode::jump, 0, static_cast<std::uint32_t>(to), 0, 0, nullptr};
  };
  steps[call] = jump(function.entry);
  for (std::size_t k = function.entry; k < end; ++k) {
    if (steps[k].op != Opcode::ret) continue;
    Offset value = steps[k].b;
    steps[k] = jump(steps.size());
    if (!function.is_total) steps.push_back({Opcode::check, 0, 0, value, 0, at.fail});
    steps.push_back({Opcode::move, 0, at.a, value, 0, nullptr});
    steps.push_back(jump(call + 1));
  }
}

}  // namespace lictor::eval
