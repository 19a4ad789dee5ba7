// Modules whose tests are to be run → the same with a name for each test and each of its cases.
// Every rule named test_… is a test of its own, so the second one of a name becomes `test_p#01`.
// Tests with cases, `test_p[name] if { some name, c in cases; … }`, report each case's keys as soon
// as they are known: `internal.test_case([name])` goes into their bodies. Source of the rules: OPA
// v1/tester/runner.go, rewriteDuplicateTestNames and injectTestCaseFunc.
#include <algorithm>
#include <map>

#include "compile/flatten.hpp"
#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

/// How many parts of the head's ref name the test; all of them if it is none.
std::size_t name_size(const Rule& rule) {
  const Terms& head = rule.ref->items;
  for (std::size_t i = 0; i < head.size(); ++i) {
    bool name = i == 0 || head[i]->kind == TermKind::string;
    if (!name) break;
    const std::string& text = head[i]->text;
    if (text.starts_with("test_") || text.starts_with("todo_test_")) return i + 1;
  }
  return head.size();
}

/// The part of a head's ref that names the test; null if the rule is none.
Term** test_name(Rule& rule) {
  Term** name = &rule.ref->items[name_size(rule) - 1];
  return (*name)->text.starts_with("test_") ? name : nullptr;
}

std::string number_text(int number) {
  return std::string(number < 10 ? "#0" : "#") + std::to_string(number);
}

/// How many expressions of the body it takes until all variables of the keys have stood somewhere.
std::size_t place_in(const Body& body, const Terms& keys) {
  VarSet wanted, seen;
  for (Term* key : keys) all_vars(*key, wanted);
  for (std::size_t i = 0; i < body.exprs.size(); ++i) {
    if (std::includes(seen.begin(), seen.end(), wanted.begin(), wanted.end())) return i;
    visit_expr_terms(*body.exprs[i], [&](Term& term) { all_vars(term, seen); });
  }
  return body.exprs.size();
}

void insert(Body& body, std::size_t at, const Terms& keys, Ast& ast) {
  Term* array = ast.term(TermKind::array, {});
  for (const Term* key : keys) array->items.push_back(ast.copy(*key));
  Expr* tell = ast.expr(ast.call("internal.test_case", {array}, {}));
  tell->generated = true;
  body.exprs.insert(body.exprs.begin() + static_cast<std::ptrdiff_t>(at), tell);
}

/// What binds a key of the head stands at the end of a flat body; it goes up to where the variables
/// that it needs have stood.
void move_up(Body& flat, const Term& key) {
  auto binds = [&](const Expr* expr) {
    return expr->generated && is_equality(*expr) &&
           syntax::compare(*expr->term->items[1], key) == 0;
  };
  auto found = std::find_if(flat.exprs.begin(), flat.exprs.end(), binds);
  if (found == flat.exprs.end()) return;
  Expr* expr = *found;
  flat.exprs.erase(found);
  std::size_t at = place_in(flat, {expr->term->items[2]});
  flat.exprs.insert(flat.exprs.begin() + static_cast<std::ptrdiff_t>(at), expr);
}

void tell_in_flat(FlatClause& clause, std::size_t name_size, Ast& ast) {
  Terms keys(clause.path.begin() + static_cast<std::ptrdiff_t>(name_size) - 1, clause.path.end());
  for (const Term* key : keys) move_up(*clause.body, *key);
  insert(*clause.body, place_in(*clause.body, keys), keys, ast);
}

}  // namespace

void number_tests(const std::vector<Module*>& modules, Ast& ast) {
  std::map<std::vector<std::string>, int> counts;  // by package and head
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      Term** name = test_name(*rule);
      if (name == nullptr) continue;
      std::vector<std::string> path;
      for (const Term* part : module->package) path.push_back(part->text);
      for (Term** part = &rule->ref->items[0]; part <= name; ++part) path.push_back((*part)->text);
      int number = counts[path]++;
      if (number == 0) continue;
      Term* renamed = ast.copy(**name);
      renamed->text += number_text(number);
      *name = renamed;
    }
  }
}

namespace {

/// Calls visit(rule, size of its name) for each test with cases.
template <typename Visit>
void each_test_with_cases(const Checked& checked, Visit&& visit) {
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& checked_rule : group.rules) {
      Rule& rule = *checked_rule.rule;
      std::size_t name = name_size(rule);
      if (name != rule.ref->items.size() && !rule.multi_value) visit(rule, name);
    }
  }
}

}  // namespace

void check_test_cases(const Checked& checked, Errors& errors) {
  if (checked.builtins->get("internal.test_case")) return;
  each_test_with_cases(checked, [&](const Rule&, std::size_t) {
    errors.push_back({ErrorCode::type, "undefined function internal.test_case", {}, 0, 0, {}, {}});
  });
}

void tell_test_cases(const Checked& checked, Ast& ast) {
  each_test_with_cases(checked, [&](Rule& rule, std::size_t name) {
    const Terms& head = rule.ref->items;
    Terms keys(head.begin() + static_cast<std::ptrdiff_t>(name), head.end());
    insert(*rule.body, place_in(*rule.body, keys), keys, ast);
    tell_in_flat(checked.flat->clauses.at(&rule), name, ast);
  });
}

}  // namespace lictor::compile
