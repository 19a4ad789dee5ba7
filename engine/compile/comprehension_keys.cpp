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
  for (const std::string& var : vars) {
    if (!outputs.contains(var) && !is_root(var)) return {};
  }
  if (RangesOverCandidates(candidates).in(body) || has_closure_over(body, candidates)) return {};
  std::vector<std::string> out;
  std::set_intersection(outputs.begin(), outputs.end(), candidates.begin(), candidates.end(),
                        std::back_inserter(out));
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

/// Where comprehensions were written; a flat clause's and the clause's own stand at one place.
using Places = std::set<std::pair<const Source*, std::uint32_t>>;

void mark(Term& term, const Places& places) {
  bool at_place = places.contains({term.span.source, term.span.first});
  if (term.kind == TermKind::object_comprehension && at_place) term.flag = true;
}

bool has_object_comprehension(const Body& body) {
  bool found = false;
  visit_all(body,
            [&](Term& term) { found = found || term.kind == TermKind::object_comprehension; });
  return found;
}

void add_keyed_objects(const Body& flat, const std::vector<Term*>& args, const Checked& checked,
                       Places& out) {
  if (!has_object_comprehension(flat)) return;
  ComprehensionKeys keys;
  add_comprehension_keys(flat, args, checked, keys);
  for (const auto& [term, vars] : keys) {
    if (term->kind == TermKind::object_comprehension && term->span.source)
      out.insert({term->span.source, term->span.first});
  }
}

}  // namespace

void mark_keyed_objects(const std::vector<Module*>& modules, const Checked& checked) {
  Places places;
  for (const FlatClause* clause : checked.flat->order)
    add_keyed_objects(*clause->body, clause->args, checked, places);
  if (places.empty()) return;
  auto visit = [&](Term& term) { mark(term, places); };
  for (const FlatClause* clause : checked.flat->order) visit_all(*clause->body, visit);
  for (const Module* module : modules) {
    for (Rule* rule : module->rules)
      each_clause(rule, [&](Rule& clause) { visit_rule(clause, visit); });
  }
}

void mark_keyed_objects(const Body& flat, const std::vector<Body*>& bodies,
                        const Checked& checked) {
  Places places;
  add_keyed_objects(flat, {}, checked, places);
  if (places.empty()) return;
  for (Body* body : bodies) visit_all(*body, [&](Term& term) { mark(term, places); });
}

void add_comprehension_keys(const Body& flat, const std::vector<Term*>& args,
                            const Checked& checked, ComprehensionKeys& out) {
  VarSet candidates{"data", "input"};
  for (Term* arg : args) all_vars(*arg, candidates);
  add_keys(flat, candidates, checked, out);
}

}  // namespace lictor::compile
