// Tests with cases, `test_p[name] if { some name, c in cases; … }`, tell each case's keys as soon
// as they are known, so that a case that fails has a name: `internal.test_case([name])` goes into
// their bodies. Source of the rule: OPA v1/tester/runner.go, injectTestCaseFunc (1.22.2).
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

/// The keys behind the part of the head that names the test; none if it is no test.
std::vector<Term*> case_keys(const Rule& rule) {
  const std::vector<Term*>& head = rule.ref->items;
  for (std::size_t i = 0; i < head.size(); ++i) {
    bool name = i == 0 || head[i]->kind == TermKind::string;
    if (!name) return {};
    if (head[i]->text.starts_with("test_"))
      return {head.begin() + static_cast<std::ptrdiff_t>(i) + 1, head.end()};
  }
  return {};
}

/// How many expressions of the body it takes until all variables of the keys have stood somewhere.
std::size_t place_in(const Body& body, const std::vector<Term*>& keys) {
  VarSet wanted, seen;
  for (Term* key : keys) all_vars(*key, wanted);
  for (std::size_t i = 0; i < body.exprs.size(); ++i) {
    if (std::includes(seen.begin(), seen.end(), wanted.begin(), wanted.end())) return i;
    visit_expr_terms(*body.exprs[i], [&](Term& term) { all_vars(term, seen); });
  }
  return body.exprs.size();
}

}  // namespace

void tell_test_cases(const Checked& checked, Ast& ast) {
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& checked_rule : group.rules) {
      Rule& rule = *checked_rule.rule;
      std::vector<Term*> keys = case_keys(rule);
      if (keys.empty() || rule.multi_value) continue;
      Term* array = ast.term(TermKind::array, rule.span);
      for (const Term* key : keys) array->items.push_back(ast.copy(*key));
      Expr* tell = ast.expr(ast.call("internal.test_case", {array}, rule.span));
      tell->generated = true;
      auto at = rule.body->exprs.begin() + static_cast<std::ptrdiff_t>(place_in(*rule.body, keys));
      rule.body->exprs.insert(at, tell);
    }
  }
}

}  // namespace lictor::compile
