// Sets and objects as they are written.
//
// One that is written with variables and then gone through: OPA goes through such a literal as it
// stands, in the order of its terms, constants before variables:
//
//   xs := [x | some x in {1, input.y}]      is      [1, 0] where input.y is 0
//
// The order of the variables is that of the flat clause's, so such a clause is planned in its flat
// form; plan/ keeps what each variable was bound to.
//
// One without variables: OPA looks no further into it, and so misses those that `with` brings in.
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

void add_literals(const Body& body, VarSet& out) {
  for (const Expr* expr : body.exprs) {
    for (std::size_t i : {1U, 2U}) {
      if (!is_equality(*expr) || expr->negated) continue;
      const Term &var = *expr->term->items[i], &other = *expr->term->items[3 - i];
      bool is_alias = other.kind == TermKind::var && out.contains(other.text);
      if (var.kind == TermKind::var && (is_alias || has_order_of_terms(other)))
        out.insert(var.text);
    }
    visit_expr_terms(*expr, [&](Term& top) {
      visit_terms(top, [&](Term& term) {
        if (term.body) add_literals(*term.body, out);
      });
    });
    for (const Body* inner : expr->bodies) add_literals(*inner, out);
  }
}

bool is_fixed_body(const Body& body) {
  return std::all_of(body.exprs.begin(), body.exprs.end(), [](const Expr* expr) {
    if (expr->kind == ExprKind::term) return is_fixed(*expr->term);
    return !expr->bodies.empty() && expr->kind != ExprKind::every &&
           std::all_of(expr->bodies.begin(), expr->bodies.end(),
                       [](const Body* inner) { return is_fixed_body(*inner); });
  });
}

}  // namespace

bool has_order_of_terms(const Term& literal) {
  bool is_object = literal.kind == TermKind::object;
  std::size_t step = is_object ? 2 : 1;
  if ((literal.kind != TermKind::set && !is_object) || literal.items.size() < 2 * step)
    return false;
  for (std::size_t i = 0; i < literal.items.size(); i += step) {
    if (!syntax::is_ground(*literal.items[i])) return true;
  }
  return false;
}

bool is_fixed(const Term& term) {
  if (term.kind == TermKind::var || term.kind == TermKind::template_string) return false;
  std::size_t first = term.kind == TermKind::ref ? 1 : first_operand(term);
  bool fixed = std::all_of(term.items.begin() + static_cast<std::ptrdiff_t>(first),
                           term.items.end(), [](const Term* item) { return is_fixed(*item); });
  return fixed && (term.body == nullptr || is_fixed_body(*term.body));
}

bool is_fixed_collection(const Term& term) {
  return (term.kind == TermKind::object || term.kind == TermKind::set) && is_fixed(term);
}

bool iterates_literal(const Body& flat) {
  VarSet literals;
  add_literals(flat, literals);
  if (literals.empty()) return false;
  bool found = false;
  visit_all(flat, [&](Term& term) {
    bool is_loop = term.kind == TermKind::ref && term.items.size() > 1 &&
                   term.items[0]->kind == TermKind::var && literals.contains(term.items[0]->text) &&
                   !syntax::is_ground(*term.items[1]);
    found = found || is_loop;
  });
  return found;
}

}  // namespace lictor::compile
