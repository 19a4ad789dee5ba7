// In `not f(input.x)`, OPA evaluates input.x before the negation: undefined there leaves the whole
// body undefined rather than making the negation hold. Only refs that are compared, and the negated
// ref itself, stay inside. This stage writes that order down: `$h0 = input.x; not f($h0)`. Source:
// OPA v1/ast/compile.go, rewriteDynamics.
#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

class Hoister {
 public:
  explicit Hoister(Ast& ast) : ast_(ast) {}

  void body(Body& body) {
    std::vector<Expr*> out;
    for (Expr* expr : body.exprs) {
      visit_expr_terms(*expr, [&](Term& term) { closures(term); });
      for (Body* inner : expr->bodies) this->body(*inner);
      if (expr->negated) negation(*expr, out);
      out.push_back(expr);
    }
    body.exprs = std::move(out);
  }

  void closures(Term& term) {
    for (Term* item : term.items) closures(*item);
    if (term.body) body(*term.body);
  }

 private:
  void negation(Expr& expr, std::vector<Expr*>& out) {
    Term& top = *expr.term;
    std::string name = top.kind == TermKind::call ? syntax::operator_name(top) : "";
    bool equality = name == "eq" || name == "equal";
    if (!top.body) calls_within(top, expr, out);
    if (equality) {
      for (std::size_t i = 1; i < top.items.size(); ++i) {
        bool ref = top.items[i]->kind == TermKind::ref;
        if (ref)
          operands(*top.items[i], 1, expr, out);
        else
          hoist(top.items[i], expr, out);
      }
    } else if (top.kind == TermKind::call || top.kind == TermKind::ref) {
      operands(top, 1, expr, out);
    } else if (!top.body) {
      operands(top, 0, expr, out);
    }
  }

  /// Calls come before the refs and closures around them, each behind those of its own arguments.
  void calls_within(Term& term, const Expr& expr, std::vector<Expr*>& out) {
    auto calls = [&](Term*& item) {
      if (item->body) return;
      calls_within(*item, expr, out);
      if (item->kind == TermKind::call) hoist(item, expr, out);
    };
    for (std::size_t at : syntax::ordered_places(term)) {
      calls(term.items[at]);
      if (term.kind == TermKind::object) calls(term.items[at + 1]);
    }
  }

  void operands(Term& term, std::size_t first, const Expr& expr, std::vector<Expr*>& out) {
    bool composite_head = term.kind == TermKind::ref && term.items[0]->kind != TermKind::var;
    if (composite_head && !term.items[0]->body)
      operands(*term.items[0], first_operand(*term.items[0]), expr, out);
    for (std::size_t i = first; i < term.items.size(); ++i) hoist(term.items[i], expr, out);
  }

  void hoist(Term*& term, const Expr& expr, std::vector<Expr*>& out) {
    if (!term->body)
      operands(*term, term->kind == TermKind::call || term->kind == TermKind::ref ? 1 : 0, expr,
               out);
    if (term->kind != TermKind::ref && term->kind != TermKind::call && !term->body) return;
    Term* var = ast_.var("$h" + std::to_string(counter_++), term->span);
    Expr* before = ast_.expr(ast_.call("assign", {var, term}, term->span));
    before->generated = true;
    before->with = expr.with;
    out.push_back(before);
    term = ast_.var(var->text, term->span);
  }

  Ast& ast_;
  int counter_ = 0;
};

}  // namespace

void hoist_negations(Body& body, Ast& ast) { Hoister(ast).body(body); }

void hoist_negations(const std::vector<Module*>& modules, Ast& ast) {
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) {
        Hoister hoister(ast);
        hoister.body(*clause.body);
        if (clause.value) hoister.closures(*clause.value);
        if (clause.key) hoister.closures(*clause.key);
        for (Term* item : clause.ref->items) hoister.closures(*item);
      });
    }
  }
}

}  // namespace lictor::compile
