// Safety: every variable gets its value before it is needed. A variable is safe once some
// expression outputs it: `x = 1`, `some x in xs`, `xs[x]`, `f(1, x)`. In: flat clauses. Out: their
// bodies in an order in which each expression follows those that make its other variables safe, the
// order written kept where it can be; or an error for each variable that nothing outputs.
//
//   p if { not q[x]; x = 1 }                becomes      x = 1; not q[x]
//   p if { not q[x] }                       is refused: nothing outputs x
//
// Closures output nothing, and wait for all variables that they share with the body. Source of the
// rules: OPA v1/ast/compile.go, reorderBodyForSafety, and v1/ast/unify.go.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "compile/flatten.hpp"
#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

/// Unsafe variables by expression, in the order in which the expressions were found.
class Unsafe {
 public:
  using Entry = std::pair<const Expr*, VarSet>;

  VarSet& operator[](const Expr* expr) {
    auto [place, fresh] = places_.try_emplace(expr, entries_.size());
    if (fresh) entries_.emplace_back(expr, VarSet());
    return entries_[place->second].second;
  }

  VarSet* find(const Expr* expr) {
    auto place = places_.find(expr);
    return place == places_.end() ? nullptr : &entries_[place->second].second;
  }

  void erase(const Expr* expr) {
    auto place = places_.find(expr);
    if (place == places_.end()) return;
    entries_[place->second].first = nullptr;
    places_.erase(place);
  }

  bool empty() const { return places_.empty(); }

  template <typename Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : entries_) {
      if (entry.first) visit(*entry.first, entry.second);
    }
  }

 private:
  std::unordered_map<const Expr*, std::size_t> places_;
  std::vector<Entry> entries_;
};

void add_all(VarSet& to, const VarSet& from) {
  to.insert(boost::container::ordered_unique_range, from.begin(), from.end());
}

VarSet difference(const VarSet& a, const VarSet& b) {
  VarSet out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

bool includes(const VarSet& all, const VarSet& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

bool is_composite(const Term& term) {
  return term.kind == TermKind::array || term.kind == TermKind::object;
}

// --- which variables stand where

/// The variables that a pattern may bind: not in closures, heads of refs, or keys.
void pattern_vars(const Term& pattern, bool skip_sets, VarSet& out) {
  if (pattern.body || (skip_sets && pattern.kind == TermKind::set)) return;
  if (pattern.kind == TermKind::var) {
    out.insert(pattern.text);
    return;
  }
  bool skip = pattern.kind == TermKind::ref || pattern.kind == TermKind::object;
  std::size_t first = skip ? 1 : first_operand(pattern);
  std::size_t step = pattern.kind == TermKind::object ? 2 : 1;
  for (std::size_t i = first; i < pattern.items.size(); i += step)
    pattern_vars(*pattern.items[i], skip_sets, out);
}

bool is_template(const Term& term) {
  return term.kind == TermKind::call && term.items[0]->text == "internal.template_string";
}

/// All variables but those in closures, and in template strings that are operands still.
void visible_vars(const Term& term, VarSet& out, bool skip_templates = true) {
  if (term.body) return;
  if (term.kind == TermKind::var) out.insert(term.text);
  std::size_t first = term.kind == TermKind::call ? 1 : 0;
  for (std::size_t i = first; i < term.items.size(); ++i) {
    if (!skip_templates || !is_template(*term.items[i]))
      visible_vars(*term.items[i], out, skip_templates);
  }
}

/// Finds unifications' outputs: which variables two terms bind in each other.
class Unifier {
 public:
  explicit Unifier(const VarSet& safe) : safe_(safe) {}

  void unify(const Term& a, const Term& b) {
    switch (a.kind) {
      case TermKind::var:
        return unify_var(a, b);
      case TermKind::ref:
      case TermKind::call:
        if (is_known(a)) bind(b);
        return;
      case TermKind::array_comprehension:
        if (b.kind == TermKind::var || b.kind == TermKind::array) bind(b);
        return;
      case TermKind::object_comprehension:
        if (b.kind == TermKind::var || b.kind == TermKind::object) bind(b);
        return;
      case TermKind::array:
      case TermKind::object:
        return unify_composite(a, b);
      default:
        if (b.kind == TermKind::var) mark_safe(b.text);
    }
  }

  const VarSet& unified() const { return unified_; }

  static bool is_ref_safe(const Term& ref, const VarSet& safe) {
    const Term& head = *ref.items[0];
    if (head.kind == TermKind::var) return safe.contains(head.text);
    VarSet vars;
    visible_vars(head, vars);
    return includes(safe, vars);
  }

 private:
  bool is_safe(std::string_view var) const { return safe_.contains(var) || unified_.contains(var); }

  /// False for a ref or a call that needs variables which are not safe.
  bool is_known(const Term& term) const {
    if (term.kind == TermKind::ref) return is_ref_safe(term, safe_);
    if (term.kind != TermKind::call || is_template(term)) return true;
    VarSet vars;
    visible_vars(term, vars);
    return includes(safe_, vars);
  }

  void bind(const Term& term) {
    if (term.kind == TermKind::var)
      mark_safe(term.text);
    else if (is_composite(term))
      mark_all_safe(term);
  }

  void unify_var(const Term& a, const Term& b) {
    if (b.kind == TermKind::var) {
      if (is_safe(b.text)) {
        mark_safe(a.text);
      } else if (is_safe(a.text)) {
        mark_safe(b.text);
      } else {
        unknown_[a.text].insert(b.text);
        unknown_[b.text].insert(a.text);
      }
    } else if (is_composite(b)) {
      unify_all(a.text, b);
    } else if (is_known(b)) {
      mark_safe(a.text);
    }
  }

  void unify_composite(const Term& a, const Term& b) {
    if (b.kind == TermKind::var) return unify_all(b.text, a);
    bool closure = a.kind == TermKind::array && b.body != nullptr;
    bool reads = b.kind == TermKind::ref || (b.kind == TermKind::call && !is_template(b));
    if (closure || (reads && is_known(b))) return mark_all_safe(a);
    if (a.kind != b.kind || a.items.size() != b.items.size()) return;
    if (a.kind == TermKind::array) {
      for (std::size_t i = 0; i < a.items.size(); ++i) unify(*a.items[i], *b.items[i]);
      return;
    }
    for (std::size_t i = 0; i < a.items.size(); i += 2) {
      for (std::size_t j = 0; j < b.items.size(); j += 2) {
        if (syntax::to_text(*a.items[i]) == syntax::to_text(*b.items[j]))
          unify(*a.items[i + 1], *b.items[j + 1]);
      }
    }
  }

  void mark_all_safe(const Term& term) {
    VarSet vars;
    pattern_vars(term, false, vars);
    for (std::string_view var : vars) mark_safe(var);
  }

  void mark_safe(std::string_view var) {
    unified_.insert(var);
    if (auto waiting = unknown_.extract(var)) {
      for (std::string_view other : waiting.mapped()) mark_safe(other);
    }
    std::vector<std::string_view> ready;
    for (auto& [other, needed] : unknown_) {
      if (needed.erase(var) && needed.empty()) ready.push_back(other);
    }
    for (std::string_view other : ready) {
      unknown_.erase(other);
      mark_safe(other);
    }
  }

  void unify_all(std::string_view var, const Term& term) {
    if (is_safe(var)) return mark_all_safe(term);
    VarSet vars;
    pattern_vars(term, false, vars);
    VarSet unsafe = difference(difference(vars, safe_), unified_);
    if (unsafe.empty()) return mark_safe(var);
    add_all(unknown_[var], unsafe);
  }

  const VarSet& safe_;
  VarSet unified_;
  std::map<std::string_view, VarSet> unknown_;  // var → vars that it waits for
};

class Safety {
 public:
  explicit Safety(const Checked& checked) : checked_(checked) {}

  /// Variables that an expression shows to its body: those outside of closures, and those that the
  /// operands of `not`, `and` and `or` without braces do not bind themselves.
  void visible(const Expr& expr, VarSet& out) const {
    switch (expr.kind) {
      case ExprKind::every:
        return visible(*expr.domain, out);
      case ExprKind::term:
        visible(*expr.term, out);
        break;
      default:
        for (const Body* body : expr.bodies) {
          if (body->implicit) add_all(out, unbound(*body));
        }
    }
    for (const With& with : expr.with) visible(with, out);
  }

  static void visible(const Term& term, VarSet& out) { visible_vars(term, out); }

  static void visible(const With& with, VarSet& out) {
    for (const Term* term : {with.target, with.value}) {
      if (term == nullptr) continue;
      if (term->kind != TermKind::ref) {
        if (term == with.value) visible(*term, out);
        continue;
      }
      for (std::size_t i = 1; i < term->items.size(); ++i) visible(*term->items[i], out);
    }
  }

  void visible(const Body& body, VarSet& out) const {
    for (const Expr* expr : body.exprs) visible(*expr, out);
  }

  /// What expressions bind where `safe` is bound.
  VarSet body_outputs(const std::vector<Expr*>& exprs, const VarSet& safe) const {
    VarSet known = safe, buffer;
    for (const Expr* expr : exprs) add_all(known, outputs(*expr, known, buffer));
    return difference(known, safe);
  }

  /// Adds what one expression binds where `safe` is bound, before `with` is rewritten: a builtin
  /// that it puts in a place by a simple name is a variable then, which nothing binds.
  void add_outputs(const Expr& expr, VarSet& safe) const {
    VarSet buffer;
    for (const With& with : expr.with) {
      VarSet vars;
      visible(with, vars);
      bool named = !with.builtin.empty() && with.builtin.find('.') == std::string::npos;
      if (named || !includes(safe, vars)) return;
    }
    add_all(safe, outputs(expr, safe, buffer));
    if (expr.kind != ExprKind::some_in) return;
    VarSet needed, known = safe;
    visible(*expr.domain, needed);
    ref_outputs(*expr.domain, safe, known);
    if (!includes(known, needed)) return;
    safe = std::move(known);
    for (const Term* pattern : {expr.key, expr.value}) {
      if (pattern) pattern_vars(*pattern, true, safe);
    }
  }

  /// Orders `body`, with `globals` safe before it; returns what stays unsafe, by expression.
  Unsafe order(Body& body, const VarSet& globals) const {
    VarSet vars;
    std::vector<VarSet> own(body.exprs.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      visible(*body.exprs[i], own[i]);
      add_all(vars, own[i]);
    }
    VarSet safe;
    std::set_intersection(vars.begin(), vars.end(), globals.begin(), globals.end(),
                          std::inserter(safe, safe.end()));
    Unsafe unsafe;
    for (std::size_t i = 0; i < own.size(); ++i) {
      VarSet left = difference(own[i], safe);
      if (!left.empty()) unsafe[body.exprs[i]] = std::move(left);
    }
    std::vector<Expr*> ordered = schedule(body, vars, globals, safe, unsafe);
    order_closures(ordered, globals, unsafe);
    if (!unsafe.empty()) return unsafe;
    loses_ = loses_ || ordered.size() < body.exprs.size();
    body.exprs = std::move(ordered);
    return unsafe;
  }

  /// True if an expression that was neither unsafe nor found a place has been left out since the
  /// last call, as OPA does it.
  bool loses() { return std::exchange(loses_, false); }

 private:
  std::vector<Expr*> schedule(const Body& body, const VarSet& vars, const VarSet& globals,
                              VarSet& safe, Unsafe& unsafe) const {
    std::vector<Expr*> ordered;
    std::vector<Waiting> waiting;
    VarSet buffer;
    for (Expr* expr : body.exprs) waiting.push_back({expr, waiting.size()});
    for (bool progress = true; progress;) {
      progress = false;
      std::erase_if(waiting, [&](const Waiting& next) {
        if (next.stands_in(ordered)) return true;
        if (!becomes_safe(*next.expr, ordered, vars, globals, safe, unsafe, buffer)) return false;
        ordered.push_back(next.expr);
        progress = true;
        return true;
      });
    }
    return ordered;
  }

  struct Waiting {
    Expr* expr;
    std::size_t place;  // in the body

    /// OPA takes an expression for one that is ordered already if that is the same and has come to
    /// its place. It is left out then, and what was unsafe in it stays so.
    bool stands_in(const std::vector<Expr*>& ordered) const {
      return place < ordered.size() && syntax::compare(*ordered[place], *expr) == 0;
    }
  };

  /// True if the expression can follow `ordered`; `safe` gains its outputs.
  bool becomes_safe(const Expr& expr, const std::vector<Expr*>& ordered, const VarSet& vars,
                    const VarSet& globals, VarSet& safe, Unsafe& unsafe, VarSet& buffer) const {
    VarSet outputs = this->outputs(expr, safe, buffer);
    VarSet closed = closed_over(expr, vars, globals);
    if (!closed.empty()) {
      closed = difference(closed, body_outputs(ordered, safe));
      if (!closed.empty()) {
        if (closed == outputs) return false;  // an expression cannot feed its own closure
        unsafe[&expr] = closed;
      }
    }
    if (VarSet* left = unsafe.find(&expr)) {
      *left = difference(difference(*left, outputs), safe);
      if (!left->empty()) return false;
      unsafe.erase(&expr);
    }
    add_all(safe, outputs);
    return true;
  }

  /// Variables of the body that stand in the expression's closures.
  static VarSet closed_over(const Expr& expr, const VarSet& vars, const VarSet& globals) {
    VarSet inside;
    if (expr.kind == ExprKind::every || expr.kind == ExprKind::not_body ||
        expr.kind == ExprKind::logical_and || expr.kind == ExprKind::logical_or) {
      for (const Body* body : expr.bodies) all_names(*body, inside);
    } else {
      visit_expr_terms(expr, [&](Term& term) { closure_vars(term, inside); });
    }
    VarSet out;
    std::set_intersection(inside.begin(), inside.end(), vars.begin(), vars.end(),
                          std::inserter(out, out.end()));
    return difference(out, globals);
  }

  /// All variables, and the first names of functions, which a value of `with` may be, too.
  template <typename Node>
  static void all_names(Node& node, VarSet& out) {
    all_vars(node, out);
    auto add = [&](std::string_view name) { out.insert(name.substr(0, name.find('.'))); };
    visit_all(node, [&](Term& inner) {
      if (inner.kind == TermKind::call && inner.items[0]->kind == TermKind::var)
        add(inner.items[0]->text);
      if (inner.kind == TermKind::var && inner.flag) add(inner.text);
    });
    syntax::visit_exprs(node, [&](const Expr& expr) {
      for (const With& with : expr.with) {
        if (!with.builtin.empty()) add(with.builtin);
      }
    });
  }

  static void closure_vars(Term& term, VarSet& out) {
    if (term.body) return all_names(term, out);
    for (Term* item : term.items) closure_vars(*item, out);
  }

  // --- outputs of an expression

  /// OPA keeps outputs in one buffer while it orders a body. What a call leaves in it is taken for
  /// an output of an `every` behind it.
  VarSet outputs(const Expr& expr, const VarSet& safe, VarSet& buffer) const {
    if (expr.negated) return {};
    for (const With& with : expr.with) {
      VarSet vars;
      visible(with, vars);
      if (!includes(safe, vars)) return {};
    }
    if (expr.kind == ExprKind::every) {
      ref_outputs(*expr.domain, safe, buffer);
      return buffer;
    }
    if (expr.kind != ExprKind::term) return {};
    if (is_equality(expr)) {
      buffer.clear();
      return equality_outputs(expr, safe);
    }
    if (expr.term->kind == TermKind::call) return call_outputs(expr, safe, buffer);
    return expr_ref_outputs(expr, safe);
  }

  VarSet expr_ref_outputs(const Expr& expr, const VarSet& safe) const {
    VarSet out;
    visit_expr_terms(expr, [&](Term& term) { ref_outputs(term, safe, out); });
    return out;
  }

  /// The variables in brackets of refs whose heads are safe: xs[i].
  static void ref_outputs(const Term& term, const VarSet& safe, VarSet& out) {
    if (term.body) return;
    std::size_t first = term.kind == TermKind::call ? 1 : 0;
    if (term.kind == TermKind::ref) {
      if (!Unifier::is_ref_safe(term, safe)) return;
      for (std::size_t i = 1; !is_fixed(term) && i < term.items.size(); ++i)
        operand_vars(*term.items[i], out);
    }
    for (std::size_t i = first; i < term.items.size(); ++i) ref_outputs(*term.items[i], safe, out);
  }

  /// All variables but those at the head of a ref.
  static void operand_vars(const Term& term, VarSet& out) {
    if (term.kind == TermKind::var && !term.flag) out.insert(term.text);
    std::size_t first = term.kind == TermKind::ref ? 1 : first_operand(term);
    for (std::size_t i = first; i < term.items.size(); ++i) operand_vars(*term.items[i], out);
    if (term.body) operand_vars(*term.body, out);
  }

  static void operand_vars(const Body& body, VarSet& out) {
    for (const Expr* expr : body.exprs) {
      visit_expr_terms(*expr, [&](Term& term) { operand_vars(term, out); });
      for (const Body* inner : expr->bodies) operand_vars(*inner, out);
    }
  }

  VarSet equality_outputs(const Expr& expr, const VarSet& safe) const {
    VarSet known = expr_ref_outputs(expr, safe);
    add_all(known, safe);
    VarSet basis = known;
    if (is_assignment(expr)) {
      VarSet assigned;
      all_vars(*expr.term->items[1], assigned);
      basis = difference(basis, assigned);
    }
    Unifier unifier(basis);
    unifier.unify(*expr.term->items[1], *expr.term->items[2]);
    VarSet out = basis;
    add_all(out, unifier.unified());
    return difference(out, safe);
  }

  VarSet call_outputs(const Expr& expr, const VarSet& safe, VarSet& buffer) const {
    const Term& call = *expr.term;
    int arity = function_arity(call, checked_);
    if (arity < 0) return {};
    buffer = expr_ref_outputs(expr, safe);
    std::size_t inputs = static_cast<std::size_t>(arity) + 1;
    if (inputs >= call.items.size()) return buffer;
    VarSet needed;
    for (std::size_t i = 1; i < inputs; ++i) pattern_vars(*call.items[i], true, needed);
    if (!difference(difference(needed, buffer), safe).empty()) return {};
    for (std::size_t i = inputs; i < call.items.size(); ++i)
      pattern_vars(*call.items[i], true, buffer);
    return buffer;
  }

  // --- closures

  void order_closures(const std::vector<Expr*>& ordered, const VarSet& globals,
                      Unsafe& unsafe) const {
    VarSet safe = globals;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      if (i > 0) visible(*ordered[i - 1], safe);
      order_closures(*ordered[i], safe, unsafe);
    }
  }

  void order_closures(Expr& expr, VarSet& safe, Unsafe& unsafe) const {
    if (expr.kind != ExprKind::term) {
      if (expr.kind == ExprKind::every) {
        for (const Term* var : {expr.key, expr.value}) {
          if (var) pattern_vars(*var, false, safe);
        }
      }
      for (Body* body : expr.bodies) order_closure(*body, safe, unsafe);
      return;
    }
    visit_expr_terms(expr, [&](Term& term) { order_closures(term, expr, safe, unsafe); });
  }

  void order_closures(Term& term, const Expr& expr, const VarSet& safe, Unsafe& unsafe) const {
    if (is_fixed_collection(term)) return;
    if (term.body == nullptr) {
      for (Term* item : term.items) order_closures(*item, expr, safe, unsafe);
      return;
    }
    VarSet head, inside = safe;
    for (Term* item : term.items) all_vars(*item, head);
    visible(*term.body, inside);
    VarSet missing = difference(head, inside);
    if (!missing.empty()) add_all(unsafe[&expr], missing);
    order_closure(*term.body, safe, unsafe);
  }

  void order_closure(Body& body, const VarSet& safe, Unsafe& unsafe) const {
    order(body, safe).each([&](const Expr& expr, const VarSet& vars) {
      add_all(unsafe[&expr], vars);
    });
  }

  // --- operands without braces

  /// The variables that an operand without braces takes from outside. In a body of several
  /// expressions, which the flattener made of one, a variable is its own if one of them binds it
  /// and another uses it.
  VarSet unbound(const Body& body) const {
    std::map<std::string_view, std::size_t> uses;
    for (const Expr* expr : body.exprs) {
      VarSet vars;
      plainly_visible(*expr, vars);
      for (std::string_view var : vars) ++uses[var];
    }
    VarSet bound = body.exprs.size() > 1 ? bindings(body, uses) : VarSet();
    VarSet out;
    for (const auto& [var, count] : uses) {
      if (count == 1 || !bound.contains(var)) out.insert(var);
    }
    return out;
  }

  /// As visible(), without what operands without braces show.
  static void plainly_visible(const Expr& expr, VarSet& out) {
    if (expr.kind == ExprKind::every) return visible(*expr.domain, out);
    if (expr.kind == ExprKind::term) visible(*expr.term, out);
    for (const With& with : expr.with) visible(with, out);
  }

  VarSet bindings(const Body& body, const std::map<std::string_view, std::size_t>& uses) const {
    VarSet safe{"data", "input"}, out;
    for (const auto& [var, count] : uses) safe.insert(var);
    for (const Expr* expr : body.exprs) {
      if (!is_equality(*expr)) continue;
      for (std::size_t i : {1U, 2U}) {
        if (expr->term->items[i]->kind == TermKind::var) safe.erase(expr->term->items[i]->text);
      }
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (const Expr* expr : body.exprs) {
        if (!is_equality(*expr)) continue;
        for (std::string_view var : equality_outputs(*expr, safe)) {
          changed |= out.insert(var).second;
          safe.insert(var);
        }
      }
    }
    for (const Expr* expr : body.exprs) {
      bool call = expr->kind == ExprKind::term && expr->term->kind == TermKind::call;
      if (!call || is_equality(*expr)) continue;
      int arity = function_arity(*expr->term, checked_);
      for (std::size_t i = static_cast<std::size_t>(arity) + 1;
           arity >= 0 && i < expr->term->items.size(); ++i)
        pattern_vars(*expr->term->items[i], true, out);
    }
    return out;
  }

  const Checked& checked_;
  mutable bool loses_ = false;
};

/// What binds the operands of a head's ref that need evaluation, which OPA puts into the body
/// early.
std::vector<Expr*> bound_operands(const Term& ref, Ast& ast) {
  std::vector<Expr*> out;
  for (std::size_t i = 1; i < ref.items.size(); ++i) {
    Term* item = ref.items[i];
    if (needs_variable(*item))
      out.push_back(ast.expr(ast.call("eq", {ast.var("#", {}), item}, item->span)));
  }
  return out;
}

/// What print() shows must be bound before it, as it is not moved after what binds it. OPA goes
/// into closures with what is bound before their expression, but into those of an `every`'s domain
/// and of closures' heads with the arguments alone.
class Prints {
 public:
  Prints(const Checked& checked, Errors& errors) : safety_(checked), errors_(errors) {}

  /// Before prints are rewritten, OPA takes all that they show for their outputs.
  static void add_outputs(const Expr& expr, VarSet& safe) {
    if (!is_print(expr) || expr.negated) return;
    each_capture(*expr.term,
                 [&](const Term&, const Term& operand) { pattern_vars(operand, true, safe); });
  }

  void clause(const Rule& clause) {
    globals_ = {"data", "input"};
    for (Term* arg : clause.args) all_vars(*arg, globals_);
    for (const Term* arg : clause.args) walk(*arg);
    for (const Term* item : {clause.key, clause.value}) {
      if (item && item != clause.ref->items.back()) walk(*item);
    }
    Ast ast;
    Body body = *clause.body;
    for (Expr* expr : bound_operands(*clause.ref, ast)) body.exprs.push_back(expr);
    walk(body);
    drop_modifiers(clause);
  }

  void query(const Body& query) {
    body(query, {"data", "input"});
    syntax::visit_exprs(query, drop_modifiers_of);
  }

 private:
  /// OPA replaces the expression by one without modifiers, and prints also under `not`.
  static void drop_modifiers(const Rule& clause) {
    syntax::visit_exprs(*clause.ref, drop_modifiers_of);
    for (Term* item : clause.args) syntax::visit_exprs(*item, drop_modifiers_of);
    for (Term* item : {clause.key, clause.value}) {
      if (item) syntax::visit_exprs(*item, drop_modifiers_of);
    }
    syntax::visit_exprs(*clause.body, drop_modifiers_of);
  }

  static void drop_modifiers_of(const Expr& expr) {
    if (!is_print(expr) || !expr.term->items[0]->flag) return;
    auto& print = const_cast<Expr&>(expr);
    if (!print.with.empty())
      print.span.last = std::max(print.span.last, print.with.back().span.last);
    print.with.clear();
    print.negated = false;
  }

  /// Visits all bodies; one with an error is not searched further.
  void walk(const Body& inner) {
    if (!body(inner, globals_)) return;
    for (const Expr* expr : inner.exprs) {
      visit_expr_terms(*expr, [&](const Term& term) { walk(term); });
      for (const Body* below : expr->bodies) walk(*below);
    }
  }

  void walk(const Term& term) {
    for (const Term* item : term.items) walk(*item);
    if (term.body) walk(*term.body);
  }

  /// False if there is an error.
  bool body(const Body& body, const VarSet& outer) {
    if (!has_new_print(body)) return true;
    std::size_t before = errors_.size();
    VarSet safe = outer;
    for (const Expr* expr : body.exprs) {
      closures(*expr, safe);
      if (errors_.size() != before) return false;
      safety_.add_outputs(*expr, safe);
      if (!done_.contains(expr)) add_outputs(*expr, safe);
    }
    safe = outer;
    for (const Expr* expr : body.exprs) {
      if (is_print(*expr) && done_.insert(expr).second) operands(*expr->term, safe);
      if (errors_.size() != before) return false;
      add_safe(*expr, safe);
    }
    return true;
  }

  bool has_new_print(const Body& body) const {
    bool found = false;
    syntax::visit_exprs(body, [&](const Expr& expr) {
      found = found || (is_print(expr) && !done_.contains(&expr));
    });
    return found;
  }

  /// Variables that OPA has renamed count as bound wherever they occur.
  void add_safe(const Expr& expr, VarSet& safe) const {
    safety_.add_outputs(expr, safe);
    auto add = [&](const Term& term) {
      if (term.kind == TermKind::var && is_local(term.text)) safe.insert(term.text);
    };
    visit_expr_terms(expr, [&](Term& term) { visit_all(term, add); });
    for (const Body* inner : expr.bodies) visit_all(*inner, add);
  }

  static bool is_local(std::string_view var) {
    return var.find('#') != std::string_view::npos || var.starts_with("__local");
  }

  static bool is_print(const Expr& expr) {
    return expr.kind == ExprKind::term && expr.term->kind == TermKind::call &&
           expr.term->items[0]->text == "internal.print";
  }

  void closures(const Expr& expr, const VarSet& safe) {
    if (expr.bodies.empty()) {
      visit_expr_terms(expr, [&](const Term& term) { closures(term, safe); });
      return;
    }
    VarSet inside = safe;
    if (expr.kind == ExprKind::every) {
      for (const Term* var : {expr.key, expr.value}) {
        if (var) pattern_vars(*var, false, inside);
      }
    }
    for (const Body* inner : expr.bodies) body(*inner, inside);
    for (const With& with : expr.with) {
      if (with.value) closures(*with.value, inside);
    }
  }

  void closures(const Term& term, const VarSet& safe) {
    if (term.body) {
      body(*term.body, safe);
      return;
    }
    for (const Term* item : term.items) closures(*item, safe);
  }

  void operands(const Term& print, const VarSet& safe) {
    each_capture(print, [&](const Term&, const Term& operand) {
      VarSet vars;
      visible_vars(operand, vars, false);
      for (std::string_view var : difference(vars, safe)) {
        errors_.push_back(error_at(ErrorCode::compile, operand.span,
                                   "var " + display_name(var) + " is undeclared"));
      }
    });
  }

  Safety safety_;
  Errors& errors_;
  VarSet globals_;
  std::set<const Expr*> done_;
};

/// What a part of a template string captures is not bound by it: `$"{input.xs[i]}"` needs an i from
/// elsewhere.
class Templates {
 public:
  Templates(const Checked& checked, Errors& errors)
      : builtins_(*checked.builtins), safety_(checked), errors_(errors) {}

  bool are_supported() const { return builtins_.get("internal.template_string") != nullptr; }

  void query(const Body& query) { body(query, {"data", "input"}); }

  void clause(Rule& clause) {
    VarSet safe{"data", "input"};
    for (Term* arg : clause.args) all_vars(*arg, safe);
    Ast ast;
    std::vector<Expr*> bound = bound_operands(*clause.ref, ast);
    safe = body(*clause.body, safe, bound);
    for (std::size_t i = 1; i < clause.ref->items.size(); ++i) term(*clause.ref->items[i], safe);
    if (clause.key) term(*clause.key, safe);
    if (clause.value) term(*clause.value, safe);
  }

 private:
  VarSet body(const Body& body, const VarSet& outer, const std::vector<Expr*>& then = {}) {
    VarSet safe = outer;
    for (const Expr* expr : body.exprs) {
      safety_.add_outputs(without_templates(*expr), safe);
      Prints::add_outputs(*expr, safe);
    }
    for (const Expr* expr : then) safety_.add_outputs(*expr, safe);
    exprs(body, safe);
    return safe;
  }

  /// What stands in a template string hides no output of its expression yet, also where it is what
  /// `with` brings in.
  static Expr without_templates(Expr expr) {
    std::erase_if(expr.with,
                  [](const With& with) { return with.value && is_template(*with.value); });
    return expr;
  }

  void exprs(const Body& body, const VarSet& safe) {
    for (const Expr* expr : body.exprs) {
      std::size_t first = errors_.size();
      visit_expr_terms(*expr, [&](Term& top) { term(top, safe); });
      bool domain_again = expr->kind == ExprKind::every && is_template(*expr->domain);
      if (domain_again && errors_.size() != first) term(*expr->domain, safe);
      VarSet inside = safe;
      for (const Term* var : {expr->key, expr->value}) {
        if (var) pattern_vars(*var, false, inside);
      }
      std::size_t before = errors_.size();
      for (const Body* inner : expr->bodies) this->body(*inner, inside);
      if (expr->kind == ExprKind::every) again(*expr->bodies[0], safe, before);
    }
  }

  void term(const Term& term, const VarSet& safe) {
    if (is_template(term)) return template_string(term, safe);
    if (term.body) return closure(term, safe);
    bool print = term.kind == TermKind::call && term.items[0]->text == "internal.print";
    if (print) {
      each_capture(term, [&](const Term&, const Term& operand) { this->term(operand, safe); });
      return;
    }
    for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
      this->term(*term.items[i], safe);
  }

  /// OPA also goes through a closure with what is known outside of it. What it took before it takes
  /// again, but a template string that it refused, and one within a head, it sees that way.
  void closure(const Term& closure, const VarSet& outside) {
    std::size_t before = errors_.size();
    VarSet inside = body(*closure.body, outside);
    for (const Term* head : closure.items) {
      if (is_template(*head)) term(*head, inside);
    }
    for (const Term* head : closure.items) term(*head, outside);
    again(*closure.body, outside, before);
  }

  /// Goes through a body once more if there were errors in it.
  void again(const Body& body, const VarSet& outside, std::size_t errors_before) {
    if (errors_.size() != errors_before && errors_.size() < most_errors) exprs(body, outside);
  }

  /// OPA goes on in what it has made of a template string: a closure for each part. One that it
  /// refuses stays as it is.
  void template_string(const Term& call, const VarSet& safe) {
    if (!taken_.contains(&call)) {
      std::size_t before = errors_.size();
      if (are_supported())
        each_capture(call, [&](const Term&, const Term& captured) { capture(captured, safe); });
      else
        errors_.push_back(
            error_at(ErrorCode::compile, call.span, "template-strings are not supported"));
      if (errors_.size() != before)
        return each_capture(call, [&](const Term&, const Term& captured) { term(captured, safe); });
      taken_.insert(&call);
    }
    each_capture(call, [&](const Term& part, const Term&) { closure(part, safe); });
  }

  bool is_relation(const Term& part) const {
    if (part.kind != TermKind::call) return false;
    const builtins::Builtin* builtin = builtins_.get(syntax::operator_name(part));
    return builtin && builtin->trait == builtins::Trait::relation;
  }

  void capture(const Term& part, const VarSet& safe) {
    if (is_relation(part)) {
      std::string text = "illegal call to relation built-in '" + syntax::operator_name(part) +
                         "' that may cause multiple outputs";
      errors_.push_back(Error{ErrorCode::compile, text, {}, 0, 0, {}, {}});
      return;
    }
    if (is_template(part)) return;  // OPA looks into it later
    VarSet vars;
    Safety::visible(part, vars);
    for (std::string_view var : difference(vars, safe)) {
      std::string text = "var " + display_name(var) + " is undeclared";
      bool nowhere = part.kind == TermKind::call;  // OPA has lost its place
      errors_.push_back(nowhere ? Error{ErrorCode::compile, text, {}, 0, 0, {}, {}}
                                : error_at(ErrorCode::compile, part.span, text));
    }
  }

  static constexpr std::size_t most_errors = 20;  // more than are ever told

  const builtins::Table& builtins_;
  Safety safety_;
  Errors& errors_;
  std::set<const Term*> taken_;
};

// --- errors

Error unsafe_in_head(std::string_view var, const Span& span, const std::string& scope) {
  return error_at(ErrorCode::unsafe_var, span, "var " + display_name(var) + " is unsafe" + scope);
}

Error unsafe_var(std::string_view var, const Span& span, const std::string& scope) {
  std::string name = display_name(var);
  std::string text = "var " + name + " is unsafe" + scope;
  for (const char* keyword : {"contains", "every", "if", "in", "and", "or", "not"}) {
    if (name == keyword)
      text += " (hint: `import future.keywords." + name + "` to import a future keyword)";
  }
  return error_at(ErrorCode::unsafe_var, span, text);
}

bool earlier(const Span& a, const Span& b) {
  return std::make_tuple(a.source ? a.source->name : std::string(), a.first) <
         std::make_tuple(b.source ? b.source->name : std::string(), b.first);
}

/// A wildcard's is its own.
std::string written_name(std::string_view var) {
  return is_wildcard(var) ? std::string(var) : display_name(var);
}

/// An error a variable, at the first expression where it is unsafe; or an error an expression if
/// only variables of ours are.
void report(const Unsafe& unsafe, const std::string& scope, Errors& errors) {
  std::map<std::string_view, Span> places;
  std::set<std::string, std::less<>> assigned;
  unsafe.each([&](const Expr& expr, const VarSet& vars) {
    for (std::string_view var : vars) {
      auto [at, fresh] = places.emplace(var, expr.span);
      if (!fresh && earlier(expr.span, at->second)) at->second = expr.span;
    }
    if (is_assignment(expr)) all_vars(*expr.term->items[1], assigned);
  });
  for (const std::string& var : std::set(assigned)) assigned.insert(written_name(var));
  auto is_assigned = [&](std::string_view var) {
    return assigned.contains(var) || assigned.contains(written_name(var));
  };
  std::erase_if(places, [](const auto& place) {
    return is_named_as_made(place.first) && !captures_query_value(place.first);
  });
  bool others = std::any_of(places.begin(), places.end(),
                            [&](const auto& place) { return !is_assigned(place.first); });
  for (const auto& [var, span] : places) {
    if (others && is_assigned(var)) continue;
    errors.push_back(unsafe_var(var, span, scope));
  }
  if (!places.empty()) return;
  using Entry = std::pair<Span, const VarSet*>;
  std::vector<Entry> exprs;
  unsafe.each([&](const Expr& expr, const VarSet& vars) { exprs.emplace_back(expr.span, &vars); });
  std::stable_sort(exprs.begin(), exprs.end(),
                   [](const Entry& a, const Entry& b) { return earlier(a.first, b.first); });
  VarSet seen;
  for (const auto& [span, vars] : exprs) {
    std::size_t before = seen.size();
    add_all(seen, *vars);
    if (seen.size() > before)
      errors.push_back(error_at(ErrorCode::unsafe_var, span, "expression is unsafe" + scope));
  }
}

/// The ground part of a head: the rule's name in its module.
std::string head_name(const Rule& rule) {
  Term head = *rule.ref;
  std::size_t length = 1;
  while (length < head.items.size() && syntax::is_ground(*head.items[length])) ++length;
  head.items.resize(length);
  return length == 1 ? head.items[0]->text : syntax::to_text(head);
}

/// " in rule NAME" for rules that share their line with rules of other names.
class Scopes {
 public:
  explicit Scopes(const Checked& checked) {
    for (const RuleGroup& group : checked.groups) {
      for (const CheckedRule& rule : group.rules)
        each_clause(rule.rule, [&](Rule& clause) { add(clause); });
      for (const CheckedRule& rule : group.defaults) add(*rule.rule);
    }
  }

  std::string of(const Rule& rule) const {
    return shared_.contains(place(rule)) ? " in rule " + head_name(rule) : "";
  }

 private:
  using Place = std::pair<const Source*, std::uint32_t>;

  Place place(const Rule& rule) const {
    if (rule.span.source == nullptr) return {nullptr, 0};
    return {rule.span.source, places_.of(rule.span).row};
  }

  void add(const Rule& rule) {
    auto [at, fresh] = names_.emplace(place(rule), head_name(rule));
    if (!fresh && at->second != head_name(rule)) shared_.insert(place(rule));
  }

  mutable Places places_;
  std::map<Place, std::string> names_;
  std::set<Place> shared_;
};

void check_head(const FlatClause& clause, const Safety& safety, const std::string& scope,
                Errors& errors) {
  // OPA reports the last occurrence, in this order.
  std::map<std::string_view, Span> vars;
  auto visit = [&](Term* item) {
    visit_all(*item, [&](Term& term) {
      bool named = term.kind == TermKind::var && !is_named_as_made(term.text);
      if (named && !is_root(term.text)) vars[term.text] = term.span;
    });
  };
  if (clause.key) visit(clause.key);
  if (clause.value) visit(clause.value);
  for (Term* item : clause.path) visit(item);
  if (vars.empty()) return;
  VarSet bound;
  safety.visible(*clause.body, bound);
  for (Term* arg : clause.args) all_vars(*arg, bound);
  for (const auto& [var, span] : vars) {
    if (!bound.contains(var)) errors.push_back(unsafe_in_head(var, span, scope));
  }
}

template <typename Visit>
void each_flat(const Checked& checked, Visit&& visit) {
  auto clauses = [&](const CheckedRule& rule) {
    each_clause(rule.rule, [&](Rule& clause) { visit(clause, checked.flat->clauses.at(&clause)); });
  };
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& rule : group.rules) clauses(rule);
    for (const CheckedRule& rule : group.defaults) clauses(rule);
  }
}

/// Visits the clauses with a call to one of the functions that only the compiler calls.
template <typename Visit>
void each_clause_with(const Checked& checked, std::string_view call, Visit&& visit) {
  auto visit_rule = [&](const CheckedRule& rule) {
    each_clause(rule.rule, [&](Rule& clause) {
      bool found = false;
      syntax::visit_rule(clause, [&](Term& term) {
        found = found || (term.kind == TermKind::call && term.items[0]->text == call);
      });
      if (found) visit(clause);
    });
  };
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& rule : group.rules) visit_rule(rule);
    for (const CheckedRule& rule : group.defaults) visit_rule(rule);
  }
}

}  // namespace

void check_templates(const Checked& checked, Errors& errors) {
  Templates templates(checked, errors);
  each_clause_with(checked, "internal.template_string",
                   [&](Rule& clause) { templates.clause(clause); });
}

void check_templates(const Body& query, const Checked& checked, Errors& errors) {
  Templates templates(checked, errors);
  if (!templates.are_supported()) templates.query(query);
}

void check_prints(const Checked& checked, Errors& errors) {
  Prints prints(checked, errors);
  each_clause_with(checked, "internal.print", [&](Rule& clause) { prints.clause(clause); });
}

void check_prints(const Body& query, const Checked& checked, Errors& errors) {
  Prints(checked, errors).query(query);
}

void check_safety(Checked& checked, Errors& errors) {
  Safety safety(checked);
  Errors heads, bodies;
  std::unique_ptr<Scopes> scopes;
  auto scope = [&](const Rule& rule) {
    if (!scopes) scopes = std::make_unique<Scopes>(checked);
    return scopes->of(rule);
  };
  each_flat(checked, [&](const Rule& rule, FlatClause& clause) {
    if (is_full(heads)) return;
    std::size_t before = heads.size();
    check_head(clause, safety, {}, heads);
    if (heads.size() == before) return;
    heads.resize(before);
    check_head(clause, safety, scope(rule), heads);
  });
  if (!heads.empty()) {
    errors.insert(errors.end(), heads.begin(), heads.end());
    return;
  }
  each_flat(checked, [&](const Rule& rule, FlatClause& clause) {
    if (is_full(errors)) return;
    VarSet safe{"data", "input"};
    for (Term* arg : clause.args) all_vars(*arg, safe);
    Unsafe unsafe = safety.order(*clause.body, safe);
    clause.loses = safety.loses() || clause.loses;
    if (!unsafe.empty()) report(unsafe, scope(rule), errors);
  });
}

VarSet body_outputs(const Body& flat, const Checked& checked) {
  return Safety(checked).body_outputs(flat.exprs, {"data", "input"});
}

bool check_safety(Body& flat, const Checked& checked, Errors& errors) {
  Safety safety(checked);
  Unsafe unsafe = safety.order(flat, {"data", "input"});
  report(unsafe, {}, errors);
  return !safety.loses();
}

}  // namespace lictor::compile
