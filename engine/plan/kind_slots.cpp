// Looks at each operand once, and back along straight code for the test that guards it.
#include "plan/kind_slots.hpp"

namespace lictor::plan {
namespace {

using ir::Bank;
using ir::Instruction;
using ir::Opcode;
using ir::Operand;

bool is_kind_test(Opcode op) {
  return op == Opcode::check || op == Opcode::test || op == Opcode::jump_defined ||
         op == Opcode::is_kind || op == Opcode::is_other_kind;
}

/// True if the input may be another one after the instruction.
bool may_change_input(Opcode op) { return op >= Opcode::state_save && op <= Opcode::with_builtin; }

class KindUses {
 public:
  KindUses(const ir::Program& program, std::size_t paths)
      : program_(program), labels_(program.code.size() + 1), out_(paths) {
    for (const ir::Function& function : program.functions) label(function.entry);
    for (const ir::RuleTable& table : program.rule_tables) {
      for (std::uint32_t start : table.starts) label(start);
    }
    for (const Instruction& i : program.code) {
      const char* kinds = ir::opcode_operands(i.op);
      label(i.fail);
      if (kinds[0] == 'l') label(i.a);
      if (kinds[1] == 'l') label(i.b);
    }
  }

  std::vector<bool> run() && {
    for (std::size_t at = 0; at < program_.code.size(); ++at) look_at(at);
    return std::move(out_);
  }

 private:
  void label(std::uint32_t at) {
    if (at < labels_.size()) labels_[at] = true;
  }

  void look_at(std::size_t at) {
    const Instruction& i = program_.code[at];
    if (is_kind_test(i.op)) return;
    const char* kinds = ir::opcode_operands(i.op);
    const std::uint32_t fields[] = {i.a, i.b, i.c};
    for (int k = 0; k < 3; ++k) {
      if (kinds[k] == 'r') use(at, fields[k]);
      if (kinds[k] != 'v') continue;
      for (std::uint32_t n = 0; n < i.n; ++n) use(at, program_.operands[fields[k] + n]);
    }
  }

  void use(std::size_t at, Operand operand) {
    std::uint32_t path = operand & ir::index_mask;
    if (ir::bank_of(operand) != Bank::input || path >= out_.size()) return;
    if (!out_[path] && !is_guarded(at, operand)) out_[path] = true;
  }

  /// True if the instruction is reached only past a test that the operand is no object.
  bool is_guarded(std::size_t at, Operand operand) const {
    constexpr int most_steps = 16;  // a guard is in the same expression or the one before
    for (int step = 0; step < most_steps && at > 0 && !labels_[at]; ++step) {
      const Instruction& before = program_.code[--at];
      if (ir::never_goes_on(before.op) || may_change_input(before.op)) return false;
      bool tests = before.op == Opcode::is_other_kind && before.b == operand;
      if (tests && before.n == static_cast<std::uint16_t>(Kind::object)) return true;
    }
    return false;
  }

  const ir::Program& program_;
  std::vector<bool> labels_;
  std::vector<bool> out_;
};

}  // namespace

std::vector<bool> paths_needed_whole(const ir::Program& program, std::size_t paths) {
  return KindUses(program, paths).run();
}

}  // namespace lictor::plan
