// Query → the form in which OPA evaluates it: the value of each expression that has one is captured
// in a variable, and where there may be many rows the variable must not be false.
//
//   data.a.p; x > 1      becomes      data.a.p = $t0; gt(x, 1, $t1); $t0; $t1
//
// Source: OPA v1/rego/rego.go, rewriteQueryToCaptureValue.
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

bool iterates(const Term& term) {
  if (term.body) return false;
  bool is_ref = term.kind == TermKind::ref;
  if (is_ref && std::any_of(term.items.begin() + 1, term.items.end(),
                            [](const Term* item) { return item->kind == TermKind::var; }))
    return true;
  if (term.kind == TermKind::call && syntax::operator_name(term) == "walk") return true;
  return std::any_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return iterates(*item); });
}

bool iterates(const Body& body) {
  return std::any_of(body.exprs.begin(), body.exprs.end(), [](const Expr* expr) {
    bool found = false;
    visit_expr_terms(*expr, [&](Term& term) { found = found || iterates(term); });
    return found || std::any_of(expr->bodies.begin(), expr->bodies.end(),
                                [](const Body* inner) { return iterates(*inner); });
  });
}

/// Captures the value of an expression in `var`; false if it has none.
bool capture(Expr& expr, const std::string& var, const Checked& checked, Ast& ast) {
  if (expr.kind != ExprKind::term || expr.negated) return false;
  Term& term = *expr.term;
  std::string name = term.kind == TermKind::call ? syntax::operator_name(term) : "";
  bool is_term = term.kind != TermKind::call || name == "internal.template_string";
  if (is_term) {
    expr.term = ast.call("eq", {&term, ast.var(var, term.span)}, term.span);
    return true;
  }
  bool plain = name != "eq" && name != "assign" && name != "internal.print" &&
               function_arity(term, checked) == static_cast<int>(term.items.size()) - 1;
  if (plain) term.items.push_back(ast.var(var, term.span));
  return plain;
}

}  // namespace

TracedQuery captured(const Body& query, const Checked& checked, Ast& ast) {
  TracedQuery out;
  out.body = ast.copy(query);
  bool tested = iterates(query) || query.exprs.size() > 1;
  std::vector<Expr*> tests;
  for (Expr* expr : out.body->exprs) {
    std::string var = "#t" + std::to_string(out.captures.size());
    bool has_value = capture(*expr, var, checked, ast);
    if (!expr->generated) out.captures.push_back(has_value ? var : "");
    if (!has_value || !tested) continue;
    Expr* test = ast.expr(ast.var(var, expr->span));
    test->span = expr->span;
    test->generated = true;
    tests.push_back(test);
  }
  out.body->exprs.insert(out.body->exprs.end(), tests.begin(), tests.end());
  return out;
}

}  // namespace lictor::compile
