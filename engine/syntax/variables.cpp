#include "syntax/variables.hpp"

#include <algorithm>

#include "syntax/parse_state.hpp"

namespace lictor::syntax {

bool is_root(const Term& term) {
  return term.kind == TermKind::var && (term.text == "input" || term.text == "data");
}

namespace {

bool has_variable(const Body& body);

bool has_variable(const Expr& expr) {
  if (!expr.vars.empty() || expr.key || expr.value) return true;
  return (expr.term && has_variable(*expr.term)) ||
         std::any_of(expr.bodies.begin(), expr.bodies.end(),
                     [](const Body* body) { return has_variable(*body); });
}

bool has_variable(const Body& body) {
  return std::any_of(body.exprs.begin(), body.exprs.end(),
                     [](const Expr* expr) { return has_variable(*expr); });
}

}  // namespace

bool has_variable(const Term& term) {
  if (term.kind == TermKind::var) return !is_root(term);
  if (term.kind == TermKind::template_string) return true;
  bool part = term.kind == TermKind::ref || term.kind == TermKind::call;
  return std::any_of(term.items.begin() + (part ? 1 : 0), term.items.end(),
                     [](const Term* item) { return has_variable(*item); }) ||
         (term.body && has_variable(*term.body));
}

bool has_keyword_name(const Rule& rule) {
  return rule.ref->items.size() == 1 && is_keyword(rule.ref->items[0]->text, v1_keywords);
}

}  // namespace lictor::syntax
