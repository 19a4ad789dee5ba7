// A forward analysis over the edges of the code, then the changes.
#include "plan/definedness.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace lictor::plan {
namespace {

using ir::Instruction;
using ir::Opcode;
using ir::Operand;

/// What a register or a slot may be.
constexpr std::uint8_t undefined = 1, defined = 2, either = undefined | defined;

/// Of a call: its register may hold anything. Undefined is that the function has no value, defined
/// that the register holds it.
constexpr std::uint8_t unknown = 4;

/// By register, behind them by slot that the code reads, and behind those by call of a rule.
using State = std::vector<std::uint8_t>;

constexpr std::size_t nowhere = ~std::size_t{0};

/// True if the operand b is defined where such an instruction goes on.
bool needs_b(Opcode op) {
  switch (op) {
    case Opcode::test:
    case Opcode::is_kind:
    case Opcode::is_array:
    case Opcode::is_object:
    case Opcode::compare_number:
    case Opcode::member:
    case Opcode::has_key:
    case Opcode::scan:
    case Opcode::get:
    case Opcode::get_base:
      return true;
    default:
      return false;
  }
}

/// The same for the operand c.
bool needs_c(Opcode op) {
  return op == Opcode::member || op == Opcode::has_key || op == Opcode::get ||
         op == Opcode::get_base;
}

/// True if the slots may be others behind such an instruction.
bool changes_slots(Opcode op) {
  return op == Opcode::state_set || op == Opcode::state_fork || op == Opcode::with_input ||
         op == Opcode::with_object || op == Opcode::with_data;
}

class Definedness {
 public:
  explicit Definedness(const LabeledCode& code) : labeled_(code), code_(code.code) {
    for (const Instruction& i : code_) {
      if (i.op == Opcode::load_label) loaded_labels_.push_back(i.b);
      const char* kinds = ir::opcode_operands(i.op);
      for (auto [kind, operand] : {std::pair(kinds[1], i.b), std::pair(kinds[2], i.c)}) {
        if (kind == 'r' && ir::bank_of(operand) != ir::Bank::reg)
          slots_.try_emplace(operand, registers() + slots_.size());
      }
    }
    for (const Instruction& i : code_) {
      bool known = std::any_of(calls_.begin(), calls_.end(), [&](const RuleCall& call) {
        return call.function == i.b && call.at == i.a;
      });
      if (is_rule_call(i) && !known) calls_.push_back({i.b, i.a});
    }
  }

  void run() {
    analyze();
    move_results();
    for (std::size_t at = 0; at < code_.size(); ++at) {
      if (!states_[at].empty()) follow_edges(at);
    }
    analyze();
    for (std::size_t at = 0; at < code_.size(); ++at) {
      if (states_[at].empty()) continue;
      decide_test(at);
      reuse_value(at);
    }
    drop_undefined();
  }

 private:
  // ---- The analysis ----

  /// With a few more than there are, as some instructions have a pair or more.
  std::size_t registers() const { return labeled_.registers + 3; }

  /// Where an operand stands in a state; nowhere for constants.
  std::size_t index(Operand operand) const {
    if (ir::bank_of(operand) == ir::Bank::reg) return operand;
    auto slot = slots_.find(operand);
    return slot == slots_.end() ? nowhere : slot->second;
  }

  /// A call of a function whose value is the same until the slots change.
  bool is_rule_call(const Instruction& i) const {
    return i.op == Opcode::call && labeled_.program.functions[i.b].memo == ir::Memo::value;
  }

  std::size_t first_call() const { return registers() + slots_.size(); }

  /// Where what is known of a call stands in a state.
  std::size_t index_of_call(const Instruction& i) const {
    std::size_t k = 0;
    while (calls_[k].function != i.b || calls_[k].at != i.a) ++k;
    return first_call() + k;
  }

  std::uint8_t what(Operand operand, const State& state) const {
    if (ir::bank_of(operand) == ir::Bank::constant) return defined;
    std::size_t at = index(operand);
    return at < state.size() ? state[at] : either;
  }

  /// Goes forward through the code, as nearly all jumps do, until nothing more becomes known.
  void analyze() {
    states_.assign(code_.size(), {});
    states_[0].assign(first_call(), either);
    states_[0].resize(first_call() + calls_.size(), unknown);
    std::vector<bool> waiting(code_.size());
    waiting[0] = true;
    for (bool again = true; again;) {
      again = false;
      for (std::size_t at = 0; at < code_.size(); ++at) {
        if (!waiting[at]) continue;
        waiting[at] = false;
        each_edge(at, [&](std::uint32_t*, std::size_t to, const State& state) {
          if (to >= code_.size() || !join(states_[to], state)) return;
          waiting[to] = true;
          again = again || to <= at;
        });
      }
    }
  }

  static bool join(State& into, const State& from) {
    if (into.empty()) {
      into = from;
      return true;
    }
    bool changed = false;
    for (std::size_t r = 0; r < into.size(); ++r) {
      changed |= (from[r] & ~into[r]) != 0;
      into[r] |= from[r];
    }
    return changed;
  }

  std::size_t place(std::uint32_t label) const {
    return label == labeled_.unbound ? labeled_.unbound : labeled_.labels[label];
  }

  /// Calls edge(label, place, state) for each way on from a reached instruction; the label is null
  /// for the instruction behind it, and where the label is not the instruction's own.
  template <typename Edge>
  void each_edge(std::size_t at, Edge edge) {
    Instruction& i = code_[at];
    before_ = states_[at];
    after_ = before_;
    succeed(i, after_);
    switch (i.op) {
      case Opcode::ret:
      case Opcode::unbound:
        return;
      case Opcode::jump:
        return edge(&i.a, place(i.a), before_);
      case Opcode::jump_register:
        for (std::uint32_t label : loaded_labels_) edge(nullptr, place(label), before_);
        return;
      case Opcode::next_rule:
        for (std::uint32_t label : labeled_.program.rule_tables[i.c].starts)
          edge(nullptr, place(label), after_);
        return edge(&i.fail, place(i.fail), before_);
      case Opcode::jump_defined:
      case Opcode::check:
        return each_way_of_test(at, edge);
      default:
        if (is_rule_call(i)) return each_way_of_call(at, edge);
        break;
    }
    if (ir::opcode_operands(i.op)[0] == 'l') edge(&i.a, place(i.a), before_);
    if (i.fail != labeled_.unbound) edge(&i.fail, place(i.fail), before_);
    edge(nullptr, at + 1, after_);
  }

  template <typename Edge>
  void each_way_of_test(std::size_t at, Edge edge) {
    Instruction& i = code_[at];
    bool jumps = i.op == Opcode::jump_defined;
    std::uint32_t& label = jumps ? i.a : i.fail;
    std::uint8_t known = what(i.b, before_);
    auto way = [&](std::uint8_t which, std::uint32_t* to_label, std::size_t to) {
      if ((known & which) == 0) return;
      after_ = before_;
      if (index(i.b) < after_.size()) after_[index(i.b)] = which;
      edge(to_label, to, after_);
    };
    way(defined, jumps ? &label : nullptr, jumps ? place(label) : at + 1);
    way(undefined, jumps ? nullptr : &label, jumps ? at + 1 : place(label));
  }

  template <typename Edge>
  void each_way_of_call(std::size_t at, Edge edge) {
    Instruction& i = code_[at];
    std::uint8_t known = before_[index_of_call(i)];
    if (known != undefined) edge(nullptr, at + 1, after_);
    if (known == defined || labeled_.program.functions[i.b].is_total) return;
    after_ = before_;
    for (std::size_t k = 0; k < calls_.size(); ++k) {
      if (calls_[k].function == i.b) after_[first_call() + k] = undefined;
    }
    edge(&i.fail, place(i.fail), after_);
  }

  /// A register gets another value.
  void write(Operand at, State& out) const {
    out[at] = defined;
    for (std::size_t k = 0; k < calls_.size(); ++k) {
      std::uint8_t& known = out[first_call() + k];
      if (calls_[k].at == at && known != undefined) known = unknown;
    }
  }

  /// What is known behind an instruction that goes on.
  void succeed(const Instruction& i, State& out) const {
    if (needs_b(i.op) && index(i.b) < out.size()) out[index(i.b)] = defined;
    if (needs_c(i.op) && index(i.c) < out.size()) out[index(i.c)] = defined;
    if (changes_slots(i.op)) {
      auto slots = out.begin() + static_cast<std::ptrdiff_t>(registers());
      auto calls = out.begin() + static_cast<std::ptrdiff_t>(first_call());
      std::fill(slots, calls, either);
      std::fill(calls, out.end(), unknown);
    }
    const char* kinds = ir::opcode_operands(i.op);
    const std::uint32_t operands[] = {i.a, i.b, i.c};
    for (int k = 0; k < 3; ++k) {
      if (kinds[k] == 'd') write(operands[k], out);
    }
    if (is_rule_call(i)) out[index_of_call(i)] = defined;
    switch (i.op) {
      case Opcode::set_undefined:
        out[i.a] = undefined;
        break;
      case Opcode::move:
        out[i.a] = what(i.b, out);
        break;
      case Opcode::finish_tree:
        if (i.n == 0) out[i.a] = either;  // there may be no document
        break;
      case Opcode::find_rows:
      case Opcode::find_rules:
        write(i.a + 2, out);
        [[fallthrough]];
      case Opcode::scan:
        write(i.a + 1, out);
        break;
      default:
        break;
    }
  }

  // ---- The changes ----

  /// Results that are undefined wherever they are set: none of their values can conflict.
  void move_results() {
    std::vector<bool> conflicts(registers());
    auto each_result = [&](auto visit) {
      for (std::size_t at = 0; at < code_.size(); ++at) {
        if (code_[at].op == Opcode::set_once) visit(code_[at], states_[at]);
      }
    };
    each_result([&](const Instruction& i, const State& state) {
      if (!state.empty() && state[i.a] != undefined) conflicts[i.a] = true;
    });
    each_result([&](Instruction& i, const State&) {
      if (!conflicts[i.a]) i = {Opcode::move, 0, i.a, i.b, 0, labeled_.unbound};
    });
  }

  void follow_edges(std::size_t from) {
    each_edge(from, [&](std::uint32_t* label, std::size_t to, const State& state) {
      if (label == nullptr) return;
      constexpr int farthest = 8;
      std::size_t end = to;
      for (int i = 0; i < farthest && end < code_.size(); ++i) {
        std::optional<std::size_t> next = decided(end, state);
        if (!next) break;
        end = *next;
      }
      if (end != to) *label = new_label(end);
    });
  }

  /// Where a test goes on if that is known.
  std::optional<std::size_t> decided(std::size_t at, const State& state) const {
    const Instruction& i = code_[at];
    if (i.op == Opcode::jump) return place(i.a);
    if (is_rule_call(i)) {
      std::uint8_t known = state[index_of_call(i)];
      if (known == defined) return at + 1;
      return known == undefined ? std::optional(place(i.fail)) : std::nullopt;
    }
    bool tests = i.op == Opcode::jump_defined || i.op == Opcode::check;
    std::uint8_t known = tests ? what(i.b, state) : either;
    if (known == either) return std::nullopt;
    bool jumps = (known == defined) == (i.op == Opcode::jump_defined);
    return !jumps ? at + 1 : place(i.op == Opcode::check ? i.fail : i.a);
  }

  void decide_test(std::size_t at) {
    Instruction& i = code_[at];
    if (i.op == Opcode::jump) return;
    if (std::optional<std::size_t> next = decided(at, states_[at])) jump(i, *next);
  }

  /// A rule whose value stands in another register is not called again.
  void reuse_value(std::size_t at) {
    Instruction& i = code_[at];
    if (!is_rule_call(i)) return;
    if (labeled_.program.functions[i.b].is_total) i.fail = labeled_.unbound;
    for (std::size_t k = 0; k < calls_.size(); ++k) {
      bool known = calls_[k].function == i.b && states_[at][first_call() + k] == defined;
      if (!known) continue;
      i = {Opcode::move, 0, i.a, calls_[k].at, 0, labeled_.unbound};
      return;
    }
  }

  void drop_undefined() {
    std::vector<bool> asked(registers());
    auto read = [&](Operand operand, const State& state) {
      // Where with_function has the number of a function, more is taken to be asked.
      if (operand < asked.size() && (state[operand] & undefined)) asked[operand] = true;
    };
    for (std::size_t at = 0; at < code_.size(); ++at) {
      const Instruction& i = code_[at];
      if (states_[at].empty()) continue;
      const char* kinds = ir::opcode_operands(i.op);
      const std::uint32_t operands[] = {i.a, i.b, i.c};
      for (int k = 0; k < 3; ++k) {
        if (kinds[k] == 'r') read(operands[k], states_[at]);
        for (std::uint32_t item = 0; kinds[k] == 'v' && item < i.n; ++item)
          read(labeled_.program.operands[operands[k] + item], states_[at]);
      }
      if (i.op == Opcode::set_once) asked[i.a] = true;
    }
    for (std::size_t at = 0; at < code_.size(); ++at) {
      if (code_[at].op == Opcode::set_undefined && !asked[code_[at].a]) jump(code_[at], at + 1);
    }
  }

  void jump(Instruction& i, std::size_t to) {
    i = {Opcode::jump, 0, new_label(to), 0, 0, labeled_.unbound};
  }

  std::uint32_t new_label(std::size_t at) {
    labeled_.labels.push_back(static_cast<std::uint32_t>(at));
    return static_cast<std::uint32_t>(labeled_.labels.size() - 1);
  }

  const LabeledCode labeled_;
  std::vector<Instruction>& code_;
  std::vector<std::uint32_t> loaded_labels_;
  std::unordered_map<Operand, std::size_t> slots_;  // where each stands in a state
  struct RuleCall {
    std::uint32_t function;
    Operand at;  // the register that its value is left in
  };
  std::vector<RuleCall> calls_;
  std::vector<State> states_;  // before each instruction; empty where it is not reached
  State before_, after_;       // of the instruction whose edges are visited
};

}  // namespace

void use_definedness(const LabeledCode& code) {
  constexpr std::size_t most = std::size_t{1} << 16;  // states, beyond which it takes too long
  if (code.code.empty() || code.code.size() * code.registers > most) return;
  Definedness(code).run();
}

}  // namespace lictor::plan
