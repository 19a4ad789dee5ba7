// Orders the expressions of a checked clause, calls nested as they were written, so that each finds
// the variables that it needs bound before it. The order written is kept where it can be.
//
//   p if { y > x; x = 1; y = input.z }      becomes      x = 1; y = input.z; y > x
//   p if { not q[x]; x = 1 }                becomes      x = 1; not q[x]
//
// Closures (comprehensions, every, not) output nothing, and wait for all variables they share with
// the body. A few clauses that are safe have no such order, because one call within an expression
// binds what another expression needs before the rest: `f(xs[i]) == y; y := g(i)`; others need a
// part of an expression before what the rest of it binds: `[q, q[0]] = x`. The planner gets their
// flat form.
#include <algorithm>

#include "compile/flatten.hpp"
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

class Orderer {
 public:
  explicit Orderer(const Checked& checked) : checked_(checked) {}

  bool complete() const { return complete_; }

  void rule(Rule& rule) {
    VarSet safe;
    for (Term* arg : rule.args) argument_vars(*arg, safe);
    order(*rule.body, safe);
    for (Term* arg : rule.args) closures(*arg, safe);
    VarSet head_safe = safe;
    for (std::size_t i = 1; i < rule.ref->items.size(); ++i)
      add_ref_outputs(*rule.ref->items[i], head_safe);
    if (rule.key) add_ref_outputs(*rule.key, head_safe);
    if (rule.value) add_ref_outputs(*rule.value, head_safe);
    for (std::size_t i = 1; i < rule.ref->items.size(); ++i) head(*rule.ref->items[i], head_safe);
    if (rule.key) head(*rule.key, head_safe);
    if (rule.value) head(*rule.value, head_safe);
  }

  static void argument_vars(const Term& arg, VarSet& safe) {
    if (arg.kind == TermKind::var) safe.insert(arg.text);
    if (arg.kind != TermKind::array && arg.kind != TermKind::object) return;
    for (const Term* item : arg.items) argument_vars(*item, safe);
  }

  /// Orders `body`; `safe` gains its outputs.
  void order(Body& body, VarSet& safe) {
    VarSet shared = shared_vars(body, safe);
    std::vector<Expr*> waiting = body.exprs, ordered;
    bool progress = true;
    while (progress && !waiting.empty()) {
      progress = false;
      for (auto at = waiting.begin(); at != waiting.end();) {
        VarSet after = safe;
        if (!ready(**at, after, shared)) {
          complete_ = complete_ && !comes_apart(**at);
          ++at;
          continue;
        }
        complete_ = complete_ && !enters_own_output(**at, safe, after);
        safe = std::move(after);
        ordered.push_back(*at);
        at = waiting.erase(at);
        progress = true;
      }
    }
    complete_ = complete_ && waiting.empty();
    ordered.insert(ordered.end(), waiting.begin(), waiting.end());
    body.exprs = ordered;
    for (Expr* expr : body.exprs) {
      VarSet inside = safe;
      visit_expr_terms(*expr, [&](Term& term) { closures(term, inside); });
      expr_closures(*expr, inside);
    }
  }

  /// Orders the closures of a term.
  void closures(Term& term, const VarSet& safe) {
    if (term.body) {
      VarSet inside = safe;
      order(*term.body, inside);
      for (Term* item : term.items) add_ref_outputs(*item, inside);
      for (Term* item : term.items) head(*item, inside);
      return;
    }
    for (Term* item : term.items) closures(*item, safe);
  }

 private:
  /// Variables that stand in the body outside of closures, and those that are safe already.
  static VarSet shared_vars(const Body& body, const VarSet& safe) {
    VarSet out = safe;
    for (const Expr* expr : body.exprs) {
      if (expr->kind == ExprKind::every) {
        visit_terms(*expr->domain, [&](Term& term) { add_var(term, out); });
        for (const With& with : expr->with)
          if (with.value) visit_terms(*with.value, [&](Term& term) { add_var(term, out); });
        continue;
      }
      visit_expr_terms(
          *expr, [&](Term& top) { visit_terms(top, [&](Term& term) { add_var(term, out); }); });
    }
    return out;
  }

  static void add_var(const Term& term, VarSet& out) {
    if (term.kind == TermKind::var && !is_root(term.text)) out.insert(term.text);
  }

  /// Variables that a term needs, not counting function names; with `shared`, closures need those
  /// of the body.
  static void needs(Term& term, const VarSet& shared, VarSet& out) {
    if (term.kind == TermKind::var) return add_var(term, out);
    std::size_t first = term.kind == TermKind::call ? 1 : 0;
    if (term.body) return closure_needs(term, shared, out);
    for (std::size_t i = first; i < term.items.size(); ++i) needs(*term.items[i], shared, out);
  }

  template <typename Node>
  static void closure_needs(Node& node, const VarSet& shared, VarSet& out) {
    visit_all(node, [&](Term& inner) {
      if (inner.kind == TermKind::var && shared.contains(inner.text)) out.insert(inner.text);
    });
  }

  static void expr_needs(const Expr& expr, const VarSet& shared, VarSet& out) {
    if (expr.kind == ExprKind::every) {
      VarSet own;
      if (expr.key) needs(*expr.key, shared, own);
      needs(*expr.value, shared, own);
      needs(*expr.domain, shared, out);
      VarSet inner;
      closure_needs(*expr.bodies[0], shared, inner);
      for (std::string_view var : inner) {
        if (!own.contains(var)) out.insert(var);
      }
    } else {
      for (Term* term : {expr.term, expr.key, expr.value, expr.domain}) {
        if (term) needs(*term, shared, out);
      }
      for (const Body* body : expr.bodies) closure_needs(*body, shared, out);
    }
    for (const With& with : expr.with) {
      if (with.value) needs(*with.value, shared, out);
      if (with.target->kind == TermKind::ref) needs(*with.target, shared, out);
    }
  }

  /// True if the expression can run after `safe`, which gains its outputs.
  bool ready(const Expr& expr, VarSet& safe, const VarSet& shared) {
    VarSet first;
    needed_first(expr, shared, first);
    if (!std::includes(safe.begin(), safe.end(), first.begin(), first.end())) return false;
    if (!expr.negated) outputs(expr, safe);
    VarSet needed;
    expr_needs(expr, shared, needed);
    return std::includes(safe.begin(), safe.end(), needed.begin(), needed.end());
  }

  /// True for `[q, q[0]] = x`, which binds the head of a ref within it. OPA evaluates such a ref
  /// before the expression, where it is undefined.
  static bool enters_own_output(const Expr& expr, const VarSet& before, const VarSet& after) {
    bool found = false;
    visit_expr_terms(expr, [&](Term& top) {
      visit_terms(top, [&](Term& term) {
        if (term.kind != TermKind::ref || term.items[0]->kind != TermKind::var) return;
        const std::string& head = term.items[0]->text;
        found = found || (!before.contains(head) && after.contains(head));
      });
    });
    return found;
  }

  /// What the expression cannot bind for itself: variables of its `with` and of its closures.
  static void needed_first(const Expr& expr, const VarSet& shared, VarSet& out) {
    for (const With& with : expr.with) {
      if (with.value) needs(*with.value, shared, out);
      if (with.target->kind == TermKind::ref) needs(*with.target, shared, out);
    }
    if (expr.kind != ExprKind::term) return;
    visit_terms(*expr.term, [&](Term& term) {
      if (term.body) closure_needs(term, shared, out);
    });
  }

  void outputs(const Expr& expr, VarSet& safe) {
    switch (expr.kind) {
      case ExprKind::term:
        return term_outputs(*expr.term, safe);
      case ExprKind::some_in:
        add_ref_outputs(*expr.domain, safe);
        if (!is_safe(*expr.domain, safe)) return;
        for (Term* pattern : {expr.key, expr.value}) {
          if (pattern) pattern_outputs(*pattern, safe);
        }
        return;
      case ExprKind::every:
        return add_ref_outputs(*expr.domain, safe);
      default:
        return;
    }
  }

  void term_outputs(Term& term, VarSet& safe) {
    if (term.kind != TermKind::call) return add_ref_outputs(term, safe);
    std::string name = syntax::operator_name(term);
    if (name == "eq") return unify_outputs(*term.items[1], *term.items[2], safe);
    if (name == "assign") {
      add_ref_outputs(*term.items[2], safe);
      if (is_safe(*term.items[2], safe)) pattern_outputs(*term.items[1], safe);
      return;
    }
    int arity = function_arity(term, checked_);
    bool has_output = arity >= 0 && static_cast<int>(term.items.size()) == arity + 2;
    std::size_t inputs = term.items.size() - (has_output ? 1 : 0);
    bool all_safe = true;
    for (std::size_t i = 1; i < inputs; ++i) {
      add_ref_outputs(*term.items[i], safe);
      all_safe = all_safe && is_safe(*term.items[i], safe);
    }
    if (has_output && all_safe) pattern_outputs(*term.items.back(), safe);
  }

  /// Adds the variables in brackets of refs whose heads are safe: xs[i].
  void add_ref_outputs(Term& term, VarSet& safe) {
    if (term.body) return;
    if (term.kind == TermKind::ref) {
      Term& head = *term.items[0];
      add_ref_outputs(head, safe);
      if (head.kind == TermKind::var ? !(is_root(head.text) || safe.contains(head.text))
                                     : !is_safe(head, safe))
        return;
      for (std::size_t i = 1; i < term.items.size(); ++i) pattern_outputs(*term.items[i], safe);
      return;
    }
    std::size_t first = term.kind == TermKind::call ? 1 : 0;
    for (std::size_t i = first; i < term.items.size(); ++i) add_ref_outputs(*term.items[i], safe);
  }

  /// Adds all variables that a pattern binds when it is matched against a value.
  void pattern_outputs(Term& pattern, VarSet& safe) {
    switch (pattern.kind) {
      case TermKind::var:
        return add_var(pattern, safe);
      case TermKind::array:
        for (Term* item : pattern.items) pattern_outputs(*item, safe);
        return;
      case TermKind::object:
        for (std::size_t i = 0; i < pattern.items.size(); i += 2) {
          add_ref_outputs(*pattern.items[i], safe);
          pattern_outputs(*pattern.items[i + 1], safe);
        }
        return;
      default:
        add_ref_outputs(pattern, safe);
    }
  }

  static bool is_safe(Term& term, const VarSet& safe) {
    VarSet needed;
    needs(term, safe, needed);
    return std::includes(safe.begin(), safe.end(), needed.begin(), needed.end());
  }

  void unify_outputs(Term& a, Term& b, VarSet& safe) {
    add_ref_outputs(a, safe);
    add_ref_outputs(b, safe);
    for (std::size_t before = 0; before != safe.size() + 1;) {
      before = safe.size() + 1;
      unify_step(a, b, safe);
      if (before == safe.size() + 1) break;
      before = 0;
    }
  }

  void unify_step(Term& a, Term& b, VarSet& safe) {
    if (is_safe(a, safe)) pattern_outputs(b, safe);
    if (is_safe(b, safe)) pattern_outputs(a, safe);
    if (a.kind != b.kind || a.items.size() != b.items.size()) return;
    if (a.kind == TermKind::array) {
      for (std::size_t i = 0; i < a.items.size(); ++i) unify_step(*a.items[i], *b.items[i], safe);
    } else if (a.kind == TermKind::object) {
      for (std::size_t i = 0; i < a.items.size(); i += 2) {
        for (std::size_t j = 0; j < b.items.size(); j += 2) {
          if (syntax::to_text(*a.items[i]) == syntax::to_text(*b.items[j])) {
            unify_step(*a.items[i + 1], *b.items[j + 1], safe);
          }
        }
      }
    }
  }

  void expr_closures(Expr& expr, const VarSet& safe) {
    VarSet inside = safe;
    if (expr.kind == ExprKind::every) {
      if (expr.key) pattern_outputs(*expr.key, inside);
      pattern_outputs(*expr.value, inside);
    }
    for (Body* body : expr.bodies) {
      VarSet own = inside;
      order(*body, own);
    }
  }

  /// Orders the closures of a term that is evaluated once the body is done.
  void head(Term& term, const VarSet& safe) {
    closures(term, safe);
    complete_ = complete_ && is_safe(term, safe);
  }

  const Checked& checked_;
  bool complete_ = true;
};

}  // namespace

bool order_clause(Rule& clause, const Checked& checked) {
  Orderer orderer(checked);
  orderer.rule(clause);
  return orderer.complete();
}

bool order_comprehension(Term& term, const Checked& checked) {
  Orderer orderer(checked);
  orderer.closures(term, {});
  return orderer.complete();
}

bool order_body(Body& body, const Checked& checked) {
  VarSet safe;
  Orderer orderer(checked);
  orderer.order(body, safe);
  return orderer.complete();
}

}  // namespace lictor::compile
