// Walks over the tree: terms, expressions and clauses, in the order in which they are written.
#pragma once

#include "syntax/ast.hpp"

namespace lictor::syntax {

/// The first item that is a term of its own: the name of a builtin is none.
inline std::size_t first_operand(const Term& term) {
  return term.kind == TermKind::call && term.items[0]->kind == TermKind::var ? 1 : 0;
}

/// Calls visit(term) for the term and all below it, but not inside closures.
template <typename Visit>
void visit_terms(Term& term, Visit&& visit) {
  visit(term);
  if (term.body != nullptr) return;
  for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
    visit_terms(*term.items[i], visit);
}

/// Calls visit(term) for each term that an expression holds directly.
template <typename Visit>
void visit_expr_terms(const Expr& expr, Visit&& visit) {
  for (Term* term : {expr.term, expr.key, expr.value, expr.domain}) {
    if (term != nullptr) visit(*term);
  }
  for (const With& with : expr.with) {
    visit(*with.target);
    if (with.value) visit(*with.value);
  }
}

/// Calls visit(term) for every term of a body, closures included.
template <typename Visit>
void visit_all(const Body& body, Visit&& visit);

template <typename Visit>
void visit_all(Term& term, Visit&& visit) {
  visit(term);
  for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
    visit_all(*term.items[i], visit);
  if (term.body) visit_all(*term.body, visit);
}

template <typename Visit>
void visit_all(const Body& body, Visit&& visit) {
  for (const Expr* expr : body.exprs) {
    visit_expr_terms(*expr, [&](Term& term) { visit_all(term, visit); });
    for (const Body* inner : expr->bodies) visit_all(*inner, visit);
  }
}

/// Calls visit(expr) for every expression of a body, closures included.
template <typename Visit>
void visit_exprs(const Body& body, Visit&& visit);

template <typename Visit>
void visit_exprs(Term& term, Visit&& visit) {
  for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
    visit_exprs(*term.items[i], visit);
  if (term.body) visit_exprs(*term.body, visit);
}

template <typename Visit>
void visit_exprs(const Body& body, Visit&& visit) {
  for (Expr* expr : body.exprs) {
    visit(*expr);
    visit_expr_terms(*expr, [&](Term& term) { visit_exprs(term, visit); });
    for (const Body* inner : expr->bodies) visit_exprs(*inner, visit);
  }
}

/// Calls visit(rule) for a rule and its else-clauses.
template <typename Visit>
void each_clause(Rule* rule, Visit&& visit) {
  for (; rule != nullptr; rule = rule->else_rule) visit(*rule);
}

/// Calls visit(term) for every term of a rule: head and body, not its else-clauses.
template <typename Visit>
void visit_rule(Rule& rule, Visit&& visit) {
  for (Term* arg : rule.args) visit_all(*arg, visit);
  for (std::size_t i = 1; i < rule.ref->items.size(); ++i) visit_all(*rule.ref->items[i], visit);
  if (rule.key) visit_all(*rule.key, visit);
  if (rule.value) visit_all(*rule.value, visit);
  if (rule.body) visit_all(*rule.body, visit);
}

}  // namespace lictor::syntax
