// Many rules of one document → a table that finds those that can hold. Where most of them test one
// part of the input, or one argument, against constants,
//
//   allow if { input.user == "u1"; … }    allow if { input.user == "u2"; … }    …
//
// its value is looked up once and only the rules that allow it are evaluated, in order of
// declaration. The others would have failed in that test, which comes first in them anyway (see
// prefilter.cpp). Few rules are faster without. Source of the forms: OPA v1/ast/index.go.
#include <algorithm>

#include "json/write.hpp"
#include "plan/planner.hpp"

namespace lictor::plan {

struct FunctionPlanner::RuleTest {
  Operand operand = 0;
  std::optional<std::int64_t> item = {};  // not the operand itself is tested, but this item of it
  ir::RuleTable::Test test = ir::RuleTable::Test::equals;
  std::vector<Value> values = {};  // of which one must hold
  Implied implies = {};            // where the test holds

  auto subject() const { return std::tuple(operand, item, test); }
};

namespace {

constexpr std::size_t fewest_rules = 8;

std::string how(ir::RuleTable::Test test) {
  switch (test) {
    case ir::RuleTable::Test::starts_with:
      return "by the start of ";
    case ir::RuleTable::Test::ends_with:
      return "by the end of ";
    default:
      return "by ";
  }
}

}  // namespace

/// An operand of the index, or one item of it: `input.path[0]`.
bool FunctionPlanner::tested_operand(const Term& term, const Aliases& aliases, RuleTest& out) {
  if (index_operand(term, aliases, out.operand)) return true;
  bool has_item = term.kind == TermKind::ref && term.items.size() > 1 &&
                  term.items.back()->kind == TermKind::number;
  if (!has_item) return false;
  Value item = planner_.value_of(*term.items.back());
  if (!item.is_integer()) return false;
  Term whole = term;
  whole.items.pop_back();
  out.item = item.as_integer();
  // OPA looks into the input only; in arguments the test keeps its place.
  return index_operand(whole.items.size() == 1 ? *whole.items[0] : whole, aliases, out.operand) &&
         ir::bank_of(out.operand) == Bank::input;
}

/// What a constant, or an array with constants, asks of the value that it is matched with.
void FunctionPlanner::test_of_argument(const Term& argument, Operand operand,
                                       std::vector<RuleTest>& out) {
  if (is_indexed_constant(argument)) {
    out.push_back({operand, {}, ir::RuleTable::Test::equals, {planner_.value_of(argument)}});
    return;
  }
  auto nested = [](const Term* item) { return !item->items.empty() || item->body != nullptr; };
  if (argument.kind != TermKind::array ||
      std::any_of(argument.items.begin(), argument.items.end(), nested))
    return;
  for (std::size_t i = 0; i < argument.items.size(); ++i) {
    const Term& item = *argument.items[i];
    if (!syntax::is_ground(item)) continue;
    out.push_back({operand,
                   static_cast<std::int64_t>(i),
                   ir::RuleTable::Test::equals,
                   {planner_.value_of(item)},
                   {.item = &item}});
  }
}

void FunctionPlanner::tests_of_equality(const Term& of, const Term& other, bool binds,
                                        Aliases& aliases, std::vector<RuleTest>& out) {
  RuleTest test;
  if (!tested_operand(of, aliases, test)) return;
  if (test.item) {
    if (!syntax::is_ground(other) || !other.items.empty()) return;
    test.values = {planner_.value_of(other)};
    out.push_back(test);
  } else if (other.kind != TermKind::var) {
    test_of_argument(other, test.operand, out);
  } else if (binds) {
    aliases.try_emplace(other.text, test.operand);
  }
}

std::vector<Value> FunctionPlanner::constants_in(const Term& term) {
  Value value = planner_.value_of(term);
  bool many = value.is(Kind::array) || value.is(Kind::set);
  if (!many) return {value};
  return {value.items(), value.items() + value.size()};
}

void FunctionPlanner::test_of_text(const Term& call, const Aliases& aliases,
                                   std::vector<RuleTest>& out) {
  std::string name = syntax::operator_name(call);
  bool of_end = name == "endswith" || name == "strings.any_suffix_match";
  RuleTest test;
  test.test = of_end ? ir::RuleTable::Test::ends_with : ir::RuleTable::Test::starts_with;
  if (!tested_operand(*call.items[tested_text(call)], aliases, test)) return;
  if (name == "glob.match") {
    std::string prefix = *glob_prefix(*call.items[1], *call.items[2]);
    if (prefix.empty()) return;
    test.values = {Value::string(planner_.program().arena->copy(prefix))};
  } else {
    test.values = constants_in(*call.items.back());
  }
  out.push_back(test);
}

/// `input.x in {"a", "b"}`
void FunctionPlanner::test_of_member(const Term& call, const Aliases& aliases,
                                     std::vector<RuleTest>& out) {
  const Term& collection = *call.items[2];
  bool many = collection.kind == TermKind::array || collection.kind == TermKind::set;
  RuleTest test;
  if (!many || !syntax::is_ground(collection) || !tested_operand(*call.items[1], aliases, test))
    return;
  test.values = constants_in(collection);
  if (!test.values.empty()) out.push_back(test);
}

void FunctionPlanner::tests_of_call(const Term& call, Aliases& aliases,
                                    std::vector<RuleTest>& out) {
  std::string name = syntax::operator_name(call);
  if (planner_.is_mocked(name)) return;
  if (tested_text(call) != 0 && !planner_.options().strict_errors)
    return test_of_text(call, aliases, out);
  if (call.items.size() != 3) return;
  if (name == "internal.member_2") return test_of_member(call, aliases, out);
  if (!is_equality(name)) return;
  bool binds = name != "equal";
  tests_of_equality(*call.items[1], *call.items[2], binds, aliases, out);
  tests_of_equality(*call.items[2], *call.items[1], binds, aliases, out);
}

std::vector<FunctionPlanner::RuleTest> FunctionPlanner::tests_of(const Rule& clause) {
  std::vector<RuleTest> out;
  Aliases aliases;
  for (std::size_t i = 0; i < clause.args.size(); ++i) {
    if (clause.args[i]->kind == TermKind::var)
      aliases.try_emplace(clause.args[i]->text, arguments_[i]);
    else
      test_of_argument(*clause.args[i], arguments_[i], out);
  }
  if (tells(*clause.body)) return out;
  for (const Expr* expr : clause.body->exprs) {
    bool plain = expr->kind == ExprKind::term && !expr->negated && expr->with.empty();
    if (!plain || expr->term->kind != TermKind::call) continue;
    std::size_t before = out.size();
    tests_of_call(*expr->term, aliases, out);
    if (out.size() == before + 1) note_implied(*expr, clause, aliases, out.back());
  }
  return out;
}

/// What a clause asks for several values: OPA's index leaves the clause out only where none of them
/// is there.
std::set<Operand> FunctionPlanner::asked_for_several(const Rule& clause) {
  std::set<Operand> out;
  std::vector<RuleTest> tests = tests_of(clause);
  for (auto a = tests.begin(); a != tests.end(); ++a) {
    bool again = std::any_of(tests.begin(), a, [&](const RuleTest& b) {
      bool same = a->subject() == b.subject() &&
                  std::equal(a->values.begin(), a->values.end(), b.values.begin(), b.values.end(),
                             [](const Value& x, const Value& y) { return equal(x, y); });
      return a->operand == b.operand && a->item == b.item && !same;
    });
    if (again) out.insert(a->operand);
  }
  return out;
}

/// What holds where the one test of an expression does.
void FunctionPlanner::note_implied(const Expr& expr, const Rule& clause, const Aliases& aliases,
                                   RuleTest& test) {
  if (test.implies.item != nullptr) return;
  if (says_it_all(*expr.term, clause, aliases))
    test.implies.whole = &expr;
  else if (syntax::operator_name(*expr.term) == "glob.match" && !test.item)
    test.implies.start = &expr;
}

/// True for a call that asks nothing but what a test of the index does.
bool FunctionPlanner::says_it_all(const Term& call, const Rule& clause, const Aliases& aliases) {
  auto is_direct = [&](const Term& term) {
    if (term.kind != TermKind::var || !aliases.contains(term.text)) return true;
    return std::any_of(clause.args.begin(), clause.args.end(), [&](const Term* arg) {
      return arg->kind == TermKind::var && arg->text == term.text;
    });
  };
  std::string name = syntax::operator_name(call);
  if (std::size_t at = tested_text(call); at != 0)
    return name != "glob.match" && is_direct(*call.items[at]);
  if (name == "internal.member_2") return is_direct(*call.items[1]);
  const Term *of = call.items[1], *other = call.items[2];
  if (syntax::is_ground(*of)) std::swap(of, other);
  return syntax::is_ground(*other) && is_direct(*of);
}

/// A rule with else-clauses may hold where one of them does.
std::vector<FunctionPlanner::RuleTest> FunctionPlanner::tests_of_chain(const Rule& rule) {
  std::vector<RuleTest> out = tests_of(rule);
  for (const Rule* other = rule.else_rule; other != nullptr; other = other->else_rule) {
    std::vector<RuleTest> its = tests_of(*other);
    std::erase_if(out, [&](RuleTest& test) {
      auto same = std::find_if(its.begin(), its.end(), [&](const RuleTest& candidate) {
        return candidate.subject() == test.subject();
      });
      if (same == its.end()) return true;
      test.values.insert(test.values.end(), same->values.begin(), same->values.end());
      test.implies = {};
      return false;
    });
  }
  return out;
}

/// The value that a test is about; undefined where there is none.
Operand FunctionPlanner::tested_value(const RuleTest& test) {
  if (!test.item) return test.operand;
  Operand out = new_register();
  emit(Opcode::set_undefined, out);
  block([&] {
    emit_failing(Opcode::get, out, test.operand, planner_.constant(Value::integer(*test.item)));
  });
  return out;
}

/// The test that leaves the fewest rules to evaluate, on average; null if it would not pay.
const FunctionPlanner::RuleTest* FunctionPlanner::best_test(
    const std::vector<std::vector<RuleTest>>& tests) {
  struct Score {
    const RuleTest* test = nullptr;
    std::size_t rules = 0;
    std::set<std::string> values = {};
  };
  std::map<decltype(RuleTest().subject()), Score> scores;
  for (const std::vector<RuleTest>& own : tests) {
    std::set<decltype(RuleTest().subject())> counted;
    for (const RuleTest& test : own) {
      Score& score = scores[test.subject()];
      if (counted.insert(test.subject()).second) ++score.rules;
      score.test = &test;
      for (const Value& value : test.values) score.values.insert(json::to_rego(value));
    }
  }
  auto left = [&](const Score& score) {
    return tests.size() - score.rules + score.rules / score.values.size();
  };
  const Score* best = nullptr;
  for (const auto& [subject, score] : scores) {
    bool better = best == nullptr || left(score) < left(*best);
    if (score.rules >= fewest_rules && better) best = &score;
  }
  return best && left(*best) <= tests.size() / 2 ? best->test : nullptr;
}

/// As tests_of, with those that the keys of the head make: `p contains "a"` is for `p["a"]` only.
std::vector<FunctionPlanner::RuleTest> FunctionPlanner::tests_of_partial(const RuleGroup& group,
                                                                         const CheckedRule& rule,
                                                                         std::size_t keys) {
  std::vector<const Term*> path(rule.path.begin() + static_cast<std::ptrdiff_t>(group.path.size()),
                                rule.path.end());
  if (rule.rule->multi_value) path.push_back(rule.rule->key);
  std::vector<RuleTest> out;
  for (std::size_t i = 0; i < std::min(keys, path.size()); ++i)
    test_of_argument(*path[i], static_cast<Operand>(i), out);
  std::vector<RuleTest> others = tests_of(*rule.rule);
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

void FunctionPlanner::note_candidates(const RuleGroup& group, const RuleTest* chosen) {
  if (group.rules.empty()) return;
  std::string finding = !planner_.options().index ? "all rules (indexes are off)"
                        : group.rules.size() < fewest_rules
                            ? "all rules (they are few)"
                            : "all rules (no test tells them apart)";
  if (chosen) {
    std::string path = planner_.path_text(chosen->operand);
    if (path.empty()) path = group.kind == GroupKind::partial ? "key" : "argument";
    if (chosen->item) path += "[" + std::to_string(*chosen->item) + "]";
    finding = how(chosen->test) + path;
  }
  std::size_t count = group.rules.size();
  planner_.note_index(
      group.rules[0].rule->span,
      group.name() + " (" + std::to_string(count) + (count == 1 ? " rule)" : " rules)"), finding);
}

void FunctionPlanner::candidates(const RuleGroup& group, std::size_t keys,
                                 const FunctionRef<void(const CheckedRule&)>& plan) {
  bool indexed = planner_.options().index && group.rules.size() >= fewest_rules;
  std::vector<std::vector<RuleTest>> tests;
  for (std::size_t i = 0; indexed && i < group.rules.size(); ++i) {
    const CheckedRule& rule = group.rules[i];
    tests.push_back(group.kind == GroupKind::partial ? tests_of_partial(group, rule, keys)
                                                     : tests_of_chain(*rule.rule));
  }
  const RuleTest* chosen = best_test(tests);
  note_candidates(group, chosen);
  if (chosen) return chosen_candidates(group, *chosen, tests, plan);
  for (const CheckedRule& rule : group.rules) {
    std::uint32_t mark = registers_;
    plan(rule);
    registers_ = mark;
  }
}

/// The constants for which a rule may hold, nullopt if for all, and what holds for them.
FunctionPlanner::Found FunctionPlanner::found_by(const RuleTest& chosen,
                                                 const std::vector<RuleTest>& tests) {
  Found out;
  for (const RuleTest& test : tests) {
    if (test.subject() != chosen.subject()) continue;
    bool first = !out.constants;
    if (first) out.constants.emplace();
    out.constants->insert(out.constants->end(), test.values.begin(), test.values.end());
    out.implied = first ? test.implies : Implied();
  }
  return out;
}

/// True if it shows nowhere whether the code from an instruction on runs once or twice.
bool FunctionPlanner::may_run_once(std::size_t first) const {
  auto shows = [&](const ir::Instruction& i) {
    if (i.op == Opcode::call || i.op == Opcode::groups || i.op == Opcode::mockable) return true;
    if (i.op != Opcode::builtin) return false;
    builtins::Trait trait = planner_.builtins()[i.b].trait;
    return trait == builtins::Trait::has_side_effect || trait == builtins::Trait::changing;
  };
  return std::none_of(code_.begin() + static_cast<std::ptrdiff_t>(first), code_.end(), shows);
}

/// Rules that do the same behind the test have one code. Next to each other they are one rule of
/// the table, which is the smaller for it.
void FunctionPlanner::chosen_candidates(const RuleGroup& group, const RuleTest& chosen,
                                        const std::vector<std::vector<RuleTest>>& tests,
                                        const FunctionRef<void(const CheckedRule&)>& plan) {
  Label again = new_label(), end = new_label();
  Operand cursor = new_registers(3), value = tested_value(chosen);
  std::size_t head = code_.size();
  emit(Opcode::find_rules, cursor, value);
  bind(again);
  emit(Opcode::next_rule, cursor);
  code_.back().fail = end;
  ir::RuleTable::Allowed allowed;
  std::vector<std::uint32_t> starts;
  std::map<std::vector<std::uint32_t>, Label> same;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    Found found = found_by(chosen, tests[i]);
    std::uint32_t mark = registers_;
    std::size_t first = code_.size();
    Label start = new_label();
    bind(start);
    implied_.push_back(found.implied);
    plan(group.rules[i]);
    implied_.pop_back();
    jump(again);
    registers_ = mark;
    auto [known, is_new] = same.try_emplace(comparable_code(first, start), start);
    bool joins = !starts.empty() && starts.back() == known->second && found.constants &&
                 allowed.back() && may_run_once(first);
    if (joins) {
      allowed.back()->insert(allowed.back()->end(), found.constants->begin(),
                             found.constants->end());
    } else {
      starts.push_back(known->second);
      allowed.push_back(std::move(found.constants));
    }
    if (is_new) continue;
    code_.resize(first);
    places_.resize(first);
    labels_.resize(start);
  }
  bind(end);
  std::uint32_t table = planner_.add_rule_table(chosen.test, allowed, std::move(starts));
  code_[head].c = code_[head + 1].c = table;
  rule_tables_.push_back(table);
}

bool FunctionPlanner::is_implied(const Expr& whole) const {
  return std::any_of(implied_.begin(), implied_.end(),
                     [&](const Implied& known) { return known.whole == &whole; });
}

bool FunctionPlanner::is_start_implied(const Expr& glob) const {
  return std::any_of(implied_.begin(), implied_.end(),
                     [&](const Implied& known) { return known.start == &glob; });
}

bool FunctionPlanner::is_item_implied(const Term& item) const {
  return std::any_of(implied_.begin(), implied_.end(),
                     [&](const Implied& known) { return known.item == &item; });
}

}  // namespace lictor::plan
