// Instructions, labels, registers and the variables that are bound where code is being emitted.
#include <algorithm>

#include "plan/definedness.hpp"
#include "plan/planner.hpp"

namespace lictor::plan {

namespace {
constexpr std::uint32_t unbound_label = ~0u;
}

FunctionPlanner::FunctionPlanner(ProgramPlanner& planner, std::uint32_t function,
                                 std::uint32_t parameters)
    : planner_(planner), function_(function), registers_(parameters), most_registers_(parameters) {
  arguments_ = this->parameters(parameters);
}

FunctionPlanner::Step::Step(FunctionPlanner& planner, const Span& span) : planner_(planner) {
  constexpr int most_steps = 1500;
  if (++planner.steps_ <= most_steps) return;
  --planner.steps_;
  throw error_at(ErrorCode::compile, span, "rule is too long",
                 "split it: a rule may have about 400 expressions or 1400 computed items");
}

FunctionPlanner::Label FunctionPlanner::new_label() {
  labels_.push_back(unbound_label);
  return static_cast<Label>(labels_.size() - 1);
}

void FunctionPlanner::bind(Label label) {
  labels_[label] = static_cast<std::uint32_t>(code_.size());
}

void FunctionPlanner::emit(Opcode op, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                           std::size_t n) {
  code_.push_back({op, static_cast<std::uint16_t>(n), a, b, c, unbound_label});
  places_.push_back(place_);
}

void FunctionPlanner::emit_failing(Opcode op, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                                   std::size_t n) {
  emit(op, a, b, c, n);
  code_.back().fail = fail_;
}

void FunctionPlanner::emit_member(Operand wanted, Operand collection) {
  Operand table = planner_.table_of_values(collection);
  emit_failing(table == collection ? Opcode::member : Opcode::has_key, 0, wanted, table);
}

void FunctionPlanner::emit_result(Operand result, Operand value, const Rule& rule) {
  std::uint32_t outer = std::exchange(place_, planner_.place(rule.span));
  emit(Opcode::set_once, result, value, function_);
  place_ = outer;
}

std::uint32_t FunctionPlanner::list_of(const std::vector<Operand>& operands) {
  std::vector<Operand>& all = planner_.program().operands;
  auto first = static_cast<std::uint32_t>(all.size());
  all.insert(all.end(), operands.begin(), operands.end());
  return first;
}

std::vector<Operand> FunctionPlanner::parameters(std::size_t count) const {
  std::vector<Operand> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<Operand>(i));
  return out;
}

Operand FunctionPlanner::new_registers(std::size_t count) {
  Operand out = registers_;
  alike_.erase(alike_.lower_bound(out), alike_.lower_bound(ir::operand(Bank::constant, 0)));
  registers_ += static_cast<std::uint32_t>(count);
  most_registers_ = std::max(most_registers_, registers_);
  return out;
}

void FunctionPlanner::require(Operand slot) {
  if (std::find(required_.begin(), required_.end(), slot) != required_.end()) return;
  emit_failing(Opcode::check, 0, slot);
  required_.push_back(slot);
}

void FunctionPlanner::drop(std::size_t instruction) {
  Label behind = new_label();
  labels_[behind] = static_cast<std::uint32_t>(instruction + 1);
  code_[instruction] = {Opcode::jump, 0, behind, 0, 0, unbound_label};
}

void FunctionPlanner::block(const Next& inner) {
  Label outer = fail_;
  std::size_t required = required_.size(), called = called_.size();
  fail_ = new_label();
  Label end = fail_;
  inner();
  bind(end);
  fail_ = outer;
  required_.resize(required);
  called_.resize(called);
}

void FunctionPlanner::closure(const Next& inner) {
  auto vars = vars_;
  block(inner);
  vars_ = std::move(vars);
}

Operand FunctionPlanner::bound(const Term& var) {
  auto found = vars_.find(var.text);
  if (found != vars_.end()) return found->second;
  if (planner_.options().unbound) {
    emit(Opcode::unbound, 0);
    return planner_.constant(Value::null());
  }
  throw error_at(ErrorCode::unsafe_var, var.span,
                 "var " + compile::display_name(var.text) + " is unsafe");
}

bool FunctionPlanner::is_bound(const Term& term) const {
  if (term.kind == TermKind::var) return compile::is_root(term.text) || is_bound(term.text);
  std::size_t first = term.kind == TermKind::call ? 1 : 0;
  return term.body != nullptr ||
         std::all_of(term.items.begin() + static_cast<std::ptrdiff_t>(first), term.items.end(),
                     [this](const Term* item) { return is_bound(*item); });
}

void FunctionPlanner::unbound_vars(const Term& term, std::vector<std::string>& out) const {
  if (term.kind == TermKind::var) {
    bool root = term.text == "input" || term.text == "data";
    if (!root && !is_bound(term.text) &&
        std::find(out.begin(), out.end(), term.text) == out.end()) {
      out.push_back(term.text);
    }
    return;
  }
  if (term.body) return;
  for (std::size_t i = term.kind == TermKind::call ? 1 : 0; i < term.items.size(); ++i) {
    unbound_vars(*term.items[i], out);
  }
}

bool FunctionPlanner::is_ready(const Term& term) const {
  auto ready = [this](const Term* item) { return is_ready(*item); };
  switch (term.kind) {
    case TermKind::var:
      return is_bound(term);
    case TermKind::ref: {
      const Term& head = *term.items[0];
      if (!is_ready(head)) return false;
      return std::all_of(term.items.begin() + 1, term.items.end(), [this](const Term* item) {
        return item->kind == TermKind::var || item->kind == TermKind::array ||
               item->kind == TermKind::object || is_ready(*item);
      });
    }
    case TermKind::call:
      return std::all_of(term.items.begin() + 1, term.items.end(), ready);
    default:
      return term.body != nullptr || std::all_of(term.items.begin(), term.items.end(), ready);
  }
}

void FunctionPlanner::bind_var(const std::string& var, Operand value, const Next& next) {
  vars_[var] = value;
  next();
  vars_.erase(var);
}

namespace {

/// An instruction that only decides whether to go on.
bool is_test(Opcode op) { return op >= Opcode::test && op <= Opcode::is_object; }

}  // namespace

/// True if the instruction does nothing that what follows does not do as well.
bool FunctionPlanner::is_needless(std::size_t at, const std::vector<bool>& needless) const {
  auto leads_behind = [&](Label label, std::size_t from) {
    auto first = needless.begin() + static_cast<std::ptrdiff_t>(from) + 1;
    auto kept =
        static_cast<std::size_t>(std::find(first, needless.end(), false) - needless.begin());
    return labels_[label] > from && labels_[label] <= kept;
  };
  const ir::Instruction& i = code_[at];
  if (i.op == Opcode::jump) return leads_behind(i.a, at);
  bool number = i.op == Opcode::is_kind && i.n == static_cast<std::uint16_t>(Kind::number);
  if (i.op != Opcode::check && !number) return false;
  for (std::size_t next = at + 1; next < code_.size(); ++next) {
    const ir::Instruction& test = code_[next];
    bool reads = test.b == i.b || test.c == i.b;
    bool lacks = test.op == Opcode::lacks || test.op == Opcode::lacks_key;
    if (i.op == Opcode::check && lacks && reads && leads_behind(i.fail, next))
      return true;  // of what is undefined nothing is a member
    if (test.fail != i.fail) return false;
    if (test.op == Opcode::compare_number && test.b == i.b) return true;
    if (i.op == Opcode::check && (test.op == Opcode::is_kind || test.op == Opcode::scan) &&
        test.b == i.b)
      return true;
    bool gets = test.op == Opcode::get || test.op == Opcode::get_base ||
                test.op == Opcode::member || test.op == Opcode::has_key;
    if (i.op == Opcode::check && gets && reads) return true;
    if (!is_test(test.op) && test.op != Opcode::check) return false;
  }
  return false;
}

namespace {

/// Makes a test fail where it would have gone on, and the other way round; false for what is none.
bool turn_around(ir::Instruction& test) {
  switch (test.op) {
    case Opcode::is_kind:
      test.op = Opcode::is_other_kind;
      return true;
    case Opcode::member:
      test.op = Opcode::lacks;
      return true;
    case Opcode::has_key:
      test.op = Opcode::lacks_key;
      return true;
    case Opcode::equal:
      test.op = Opcode::differs;
      return true;
    case Opcode::compare: {
      using enum ir::Comparison;
      constexpr ir::Comparison opposites[] = {not_equal, equal,      greater_equal,
                                              greater,   less_equal, less};
      test.n = static_cast<std::uint16_t>(opposites[test.n]);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

/// The instructions that something leads to, other than the one before.
std::vector<bool> FunctionPlanner::named() const {
  std::vector<bool> out(code_.size() + 1);
  auto name = [&](std::uint32_t label) {
    if (label != unbound_label && labels_[label] != unbound_label) out[labels_[label]] = true;
  };
  for (const ir::Instruction& i : code_) {
    const char* kinds = ir::opcode_operands(i.op);
    if (kinds[0] == 'l') name(i.a);
    if (kinds[1] == 'l') name(i.b);
    name(i.fail);
  }
  for (std::uint32_t table : rule_tables_) {
    for (std::uint32_t start : planner_.program().rule_tables[table].starts) name(start);
  }
  return out;
}

/// A test behind which stands only a jump, to elsewhere than where the test fails to.
void FunctionPlanner::turn_tests_around() {
  std::vector<bool> named = this->named();
  for (std::uint32_t at = 0; at + 1 < code_.size(); ++at) {
    ir::Instruction &test = code_[at], &jump = code_[at + 1];
    if (jump.op != Opcode::jump || test.fail == unbound_label || named[at + 1]) continue;
    if (labels_[test.fail] != at + 2 || !turn_around(test)) continue;
    std::swap(test.fail, jump.a);
  }
}

/// A label where a jump stands names the place that it jumps to.
void FunctionPlanner::thread_jumps() {
  constexpr int longest = 8;  // loops that do nothing end
  for (std::uint32_t& label : labels_) {
    for (int i = 0; i < longest && label < code_.size() && code_[label].op == Opcode::jump; ++i)
      label = labels_[code_[label].a];
  }
}

/// One label for each place, so that those who jump to it can be told by their labels.
void FunctionPlanner::join_labels() {
  std::vector<Label> first(code_.size() + 1, unbound_label);
  auto join = [&](std::uint32_t& label) {
    if (label == unbound_label || labels_[label] == unbound_label) return;
    Label& same = first[labels_[label]];
    if (same == unbound_label) same = label;
    label = same;
  };
  for (ir::Instruction& i : code_) {
    if (ir::opcode_operands(i.op)[0] == 'l') join(i.a);
    join(i.fail);
  }
}

/// A comparison behind the test that its first operand is a number makes that test too.
void FunctionPlanner::join_number_tests() {
  std::vector<bool> named = this->named();
  for (std::size_t at = 0; at < code_.size(); ++at) {
    if (code_[at].op != Opcode::compare) continue;
    for (std::size_t before = at; before > 0 && !named[before]; --before) {
      const ir::Instruction& test = code_[before - 1];
      if (test.op != Opcode::is_kind || test.fail != code_[at].fail) break;
      if (test.b == code_[at].b && test.n == static_cast<std::uint16_t>(Kind::number)) {
        code_[at].op = Opcode::compare_number;
        break;
      }
    }
  }
}

/// What is moved only to be returned is returned from where it is. True if there was such.
bool FunctionPlanner::return_at_once() {
  bool found = false;
  std::vector<bool> named = this->named();
  for (std::size_t at = 0; at + 1 < code_.size(); ++at) {
    const ir::Instruction& move = code_[at];
    ir::Instruction& ret = code_[at + 1];
    bool moves = move.op == Opcode::move && ret.op == Opcode::ret && ret.b == move.a;
    if (!moves || named[at + 1]) continue;
    ret.b = move.b;
    drop(at);
    found = true;
  }
  return found;
}

std::vector<bool> FunctionPlanner::reached() const {
  std::vector<bool> out(code_.size());
  std::vector<std::uint32_t> work{0};
  auto lead_to = [&](std::uint32_t label) {
    if (label != unbound_label && labels_[label] < code_.size()) work.push_back(labels_[label]);
  };
  while (!work.empty()) {
    std::uint32_t at = work.back();
    work.pop_back();
    if (out[at]) continue;
    out[at] = true;
    const ir::Instruction& i = code_[at];
    const char* kinds = ir::opcode_operands(i.op);
    if (kinds[0] == 'l') lead_to(i.a);
    if (kinds[1] == 'l') lead_to(i.b);
    if (i.op == Opcode::next_rule) {
      for (std::uint32_t start : planner_.program().rule_tables[i.c].starts) lead_to(start);
    }
    lead_to(i.fail);
    if (!ir::never_goes_on(i.op) && at + 1 < code_.size()) work.push_back(at + 1);
  }
  return out;
}

void FunctionPlanner::tidy() {
  turn_tests_around();
  thread_jumps();
  join_labels();
  join_number_tests();
  take_out_needless();
  if (return_at_once()) take_out_needless();
}

void FunctionPlanner::take_out_needless() {
  std::vector<bool> needless = reached();
  needless.flip();
  for (std::size_t at = code_.size(); at-- > 0;)
    needless[at] = needless[at] || is_needless(at, needless);
  std::vector<std::uint32_t> moved(code_.size() + 1);
  std::uint32_t kept = 0;
  for (std::size_t at = 0; at < code_.size(); ++at) {
    moved[at] = kept;
    if (needless[at]) continue;
    code_[kept] = code_[at];
    places_[kept++] = places_[at];
  }
  moved[code_.size()] = kept;
  code_.resize(kept);
  places_.resize(kept);
  for (std::uint32_t& label : labels_) {
    if (label != unbound_label) label = moved[label];
  }
}

/// The code from an instruction on, in a form that is the same for rules that do the same. Labels
/// from `start` on are its own. What has its own number for each use is told apart.
std::vector<std::uint32_t> FunctionPlanner::comparable_code(std::size_t first, Label start) const {
  std::vector<std::uint32_t> out;
  auto label = [&](std::uint32_t own) {
    bool inside = own != unbound_label && own >= start;
    out.push_back(inside ? 1 : 0);
    out.push_back(inside ? labels_[own] - static_cast<std::uint32_t>(first) : own);
  };
  for (std::size_t at = first; at < code_.size(); ++at) {
    const ir::Instruction& i = code_[at];
    out.insert(out.end(), {static_cast<std::uint32_t>(i.op), i.n});
    label(i.fail);
    const char* kinds = ir::opcode_operands(i.op);
    const std::uint32_t operands[] = {i.a, i.b, i.c};
    for (std::size_t k = 0; k < std::size(operands); ++k) {
      auto listed = planner_.program().operands.begin() + operands[k];
      if (kinds[k] == 'l')
        label(operands[k]);
      else if (kinds[k] == 'v')
        out.insert(out.end(), listed, listed + i.n);
      else
        out.push_back(operands[k]);
    }
  }
  return out;
}

void FunctionPlanner::finish() {
  ir::Program& program = planner_.program();
  if (planner_.options().optimize) {
    use_definedness({code_, labels_, unbound_label, program, most_registers_});
    tidy();
  }
  auto base = static_cast<std::uint32_t>(program.code.size());
  auto resolve = [&](std::uint32_t label) {
    return label == unbound_label ? 0 : base + labels_[label];
  };
  for (ir::Instruction& instruction : code_) {
    const char* kinds = ir::opcode_operands(instruction.op);
    if (kinds[0] == 'l') instruction.a = resolve(instruction.a);
    if (kinds[1] == 'l') instruction.b = resolve(instruction.b);
    instruction.fail = resolve(instruction.fail);
  }
  program.code.insert(program.code.end(), code_.begin(), code_.end());
  program.place_of.insert(program.place_of.end(), places_.begin(), places_.end());
  for (std::uint32_t table : rule_tables_) {
    for (std::uint32_t& start : program.rule_tables[table].starts) start = resolve(start);
  }
  program.functions[function_].entry = base;
  program.functions[function_].registers = most_registers_;
}

}  // namespace lictor::plan
