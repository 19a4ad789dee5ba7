// Finds `var = comprehension` whose comprehension could be evaluated without the body around it.
#include "compile/comprehension_keys.hpp"

#include <algorithm>

#include "compile/flatten.hpp"
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

bool is_candidate(const Term& term, const VarSet& candidates) {
  return term.kind == TermKind::var && candidates.contains(term.text);
}

/// True if a ref in the body ranges over a candidate that nothing before it has bound: the table
/// would hold more than the body around the comprehension asks for.
class RangesOverCandidates {
 public:
  explicit RangesOverCandidates(const VarSet& candidates) : candidates_(candidates) {}

  bool in(const Body& body) {
    return std::any_of(body.exprs.begin(), body.exprs.end(),
                       [&](const Expr* expr) { return in(*expr); });
  }

 private:
  bool in(const Expr& expr) {
    if (expr.kind == ExprKind::term && expr.term->kind == TermKind::call &&
        syntax::operator_name(*expr.term) == "walk" && expr.term->items.size() > 2 &&
        names_candidate(*expr.term->items[2]))
      return true;
    bool found = false;
    visit_expr_terms(expr, [&](Term& term) { found = found || in(term); });
    for (const Body* body : expr.bodies) found = found || in(*body);
    return found;
  }

  bool in(const Term& term) {
    if (term.body) return false;
    if (term.kind == TermKind::var) seen_.insert(term.text);
    bool is_ref = term.kind == TermKind::ref;
    if (is_ref && std::any_of(term.items.begin() + 1, term.items.end(),
                              [&](const Term* item) { return is_new_candidate(*item); }))
      return true;
    return std::any_of(term.items.begin(), term.items.end(),
                       [&](const Term* item) { return in(*item); });
  }

  bool names_candidate(const Term& term) const {
    return is_new_candidate(term) ||
           std::any_of(term.items.begin(), term.items.end(),
                       [&](const Term* item) { return names_candidate(*item); });
  }

  bool is_new_candidate(const Term& term) const {
    return is_candidate(term, candidates_) && !seen_.contains(term.text);
  }

  const VarSet& candidates_;
  VarSet seen_;
};

bool closes_over(Term& term, const VarSet& candidates, bool inside) {
  if (inside && is_candidate(term, candidates)) return true;
  bool within = inside || term.body != nullptr;
  std::size_t first = term.kind == TermKind::call || term.kind == TermKind::ref ? 1 : 0;
  for (std::size_t i = first; i < term.items.size(); ++i) {
    if (closes_over(*term.items[i], candidates, within)) return true;
  }
  if (term.body == nullptr) return false;
  bool found = false;
  for (const Expr* expr : term.body->exprs)
    visit_expr_terms(*expr,
                     [&](Term& own) { found = found || closes_over(own, candidates, true); });
  return found;
}

bool has_closure_over(const Body& body, const VarSet& candidates) {
  bool found = false;
  for (const Expr* expr : body.exprs) {
    visit_expr_terms(*expr,
                     [&](Term& term) { found = found || closes_over(term, candidates, false); });
    for (const Body* inner : expr->bodies) found = found || has_closure_over(*inner, candidates);
  }
  return found;
}

void open_vars(Term& term, VarSet& out) {
  visit_terms(term, [&](Term& inner) {
    if (inner.kind == TermKind::var && !inner.flag) out.insert(inner.text);
  });
}

/// Variables that stand in an expression, but not in its closures.
void open_vars(const Expr& expr, VarSet& out) {
  if (expr.kind == ExprKind::every) return open_vars(*expr.domain, out);
  visit_expr_terms(expr, [&](Term& top) { open_vars(top, out); });
}

const Term* comprehension_of(const Expr& expr) {
  if (!is_equality(expr) || expr.negated || !expr.with.empty()) return nullptr;
  const Term *left = expr.term->items[1], *right = expr.term->items[2];
  if (left->kind == TermKind::var && right->body) return right;
  return right->kind == TermKind::var && left->body ? left : nullptr;
}

std::vector<std::string> keys_of(const Body& body, const VarSet& candidates,
                                 const Checked& checked) {
  VarSet outputs = body_outputs(body, checked), vars;
  for (const Expr* expr : body.exprs) open_vars(*expr, vars);
  for (std::string_view var : vars) {
    if (!outputs.contains(var) && !is_root(var)) return {};
  }
  if (RangesOverCandidates(candidates).in(body) || has_closure_over(body, candidates)) return {};
  std::vector<std::string> out;
  for (std::string_view var : outputs) {
    if (candidates.contains(var)) out.emplace_back(var);
  }
  return out;
}

void add_keys(const Body& body, VarSet& candidates, const Checked& checked,
              ComprehensionKeys& out) {
  for (const Expr* expr : body.exprs) {
    if (const Term* term = comprehension_of(*expr)) {
      std::vector<std::string> keys = keys_of(*term->body, candidates, checked);
      if (!keys.empty()) out[term] = std::move(keys);
    }
    open_vars(*expr, candidates);
  }
  for (const Expr* expr : body.exprs) {
    visit_expr_terms(*expr, [&](Term& top) {
      auto inner = [&](auto& self, Term& term) -> void {
        if (term.body) add_keys(*term.body, candidates, checked, out);
        for (Term* item : term.items) self(self, *item);
      };
      inner(inner, top);
    });
    for (const Body* inner : expr->bodies) add_keys(*inner, candidates, checked, out);
  }
}

KeyedPlaces::key_type place_of(const Term& term) {
  std::size_t body = term.body ? term.body->span.first : 0;
  return {term.span.source, term.span.first, body, term.kind, captured_term(term) != nullptr};
}

bool has_comprehension(const Body& body) {
  bool found = false;
  visit_all(body, [&](Term& term) { found = found || term.body != nullptr; });
  return found;
}

void add_places(const Body& flat, const Terms& args, const Checked& checked, KeyedPlaces& out) {
  if (!has_comprehension(flat)) return;
  ComprehensionKeys found;
  add_comprehension_keys(flat, args, checked, found);
  for (auto& [term, keys] : found) {
    if (term->span.source) out[place_of(*term)] = std::move(keys);
  }
}

void mark(Term& term, const KeyedPlaces& places) {
  if (term.kind == TermKind::object_comprehension && places.contains(place_of(term)))
    term.flag = true;
}

/// Has `==` bind variables, as OPA does once it knows that a body is safe.
void bind_by_equality(Body& body) {
  for (Expr* expr : body.exprs) {
    bool call = expr->kind == ExprKind::term && expr->term->kind == TermKind::call;
    bool binds = call && !expr->negated && expr->term->items.size() == 3;
    if (binds && syntax::operator_name(*expr->term) == "equal") expr->term->items[0]->text = "eq";
  }
}

void add_if_keyed(const Term& term, const KeyedPlaces& places, const Checked& checked, Ast& ast,
                  KeyedComprehensions& out) {
  auto keyed = term.body ? places.find(place_of(term)) : places.end();
  if (keyed == places.end()) return;
  Term* alone = ast.copy(term);
  bind_by_equality(*alone->body);
  if (order_comprehension(*alone, checked)) out[&term] = {keyed->second, alone};
}

}  // namespace

KeyedPlaces keyed_places(const Checked& checked) {
  KeyedPlaces out;
  for (const FlatClause* clause : checked.flat->order)
    add_places(*clause->body, clause->args, checked, out);
  return out;
}

KeyedPlaces keyed_places(const Body& flat, const Checked& checked) {
  KeyedPlaces out;
  add_places(flat, {}, checked, out);
  return out;
}

namespace {

template <typename Visit>
void visit_clauses(const std::vector<Module*>& modules, Visit&& visit) {
  for (const Module* module : modules) {
    for (Rule* rule : module->rules)
      each_clause(rule, [&](Rule& clause) { visit_rule(clause, visit); });
  }
}

}  // namespace

void mark_keyed_objects(const KeyedPlaces& places, const std::vector<Module*>& modules,
                        const Checked& checked) {
  if (places.empty()) return;
  auto visit = [&](Term& term) { mark(term, places); };
  for (const FlatClause* clause : checked.flat->order) visit_all(*clause->body, visit);
  visit_clauses(modules, visit);
}

void mark_keyed_objects(const KeyedPlaces& places, const std::vector<Body*>& bodies) {
  if (places.empty()) return;
  for (Body* body : bodies) visit_all(*body, [&](Term& term) { mark(term, places); });
}

void add_keyed(const KeyedPlaces& places, const std::vector<Module*>& modules,
               const Checked& checked, Ast& ast, KeyedComprehensions& out) {
  if (places.empty()) return;
  visit_clauses(modules, [&](Term& term) { add_if_keyed(term, places, checked, ast, out); });
}

void add_keyed(const KeyedPlaces& places, Body& body, const Checked& checked, Ast& ast,
               KeyedComprehensions& out) {
  if (places.empty()) return;
  visit_all(body, [&](Term& term) { add_if_keyed(term, places, checked, ast, out); });
}

void add_comprehension_keys(const Body& flat, const Terms& args, const Checked& checked,
                            ComprehensionKeys& out) {
  VarSet candidates{"data", "input"};
  for (Term* arg : args) all_vars(*arg, candidates);
  add_keys(flat, candidates, checked, out);
}

}  // namespace lictor::compile
