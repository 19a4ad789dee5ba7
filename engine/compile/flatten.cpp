// Passes over copies of all clauses: expand() takes nested calls apart, bind_*() bind what must
// stand in variables before the check of safety, and finish() operands.
#include "compile/flatten.hpp"

#include <algorithm>
#include <cstdlib>

#include "compile/dependencies.hpp"
#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {

using syntax::Rule;
using syntax::Term;

namespace {

constexpr const char* template_call = "internal.template_string";
constexpr const char* print_call = "internal.print";

/// True if a ref or a comprehension stands somewhere in the term.
bool needs_evaluation(const Term& term) {
  return term.kind == TermKind::ref || term.body != nullptr ||
         std::any_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return needs_evaluation(*item); });
}

/// True if a call, or a ref into what is written there, stands in the term outside of closures.
bool has_calls(const Term& term) {
  if (term.body) return false;
  bool into_written = term.kind == TermKind::ref && term.items[0]->kind != TermKind::var;
  return term.kind == TermKind::call || into_written ||
         std::any_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return has_calls(*item); });
}

/// True for a body that OPA takes to be empty: `true`, and also `not true`, with modifiers or
/// without.
bool is_empty(const Body& body) {
  return body.exprs.size() == 1 && body.exprs[0]->kind == ExprKind::term &&
         body.exprs[0]->term->kind == TermKind::boolean && body.exprs[0]->term->flag;
}

/// True for the ref of a package or of rules.
bool names_document(const Term& ref, const Checked& checked) {
  if (ref.kind != TermKind::ref || ref.items[0]->text != "data") return false;
  const RuleNode* node = &checked.root;
  for (std::size_t i = 1; i < ref.items.size() && node; ++i)
    node = ref.items[i]->kind == TermKind::string ? node->child(ref.items[i]->text) : nullptr;
  return node != nullptr;
}

bool names_function(const Term& term, const Checked& checked) {
  std::size_t depth = 0;
  const RuleGroup* group = find_group(checked, term, &depth);
  return group && group->kind == GroupKind::function && depth == term.items.size();
}

/// What replaces a function is evaluated where that is called, if it is a document by its name; a
/// function that replaces anything in data is never evaluated.
bool stays(const With& with, const Checked& checked) {
  bool replaces_function = with.target->flag || names_function(*with.target, checked);
  if (replaces_function && names_document(*with.value, checked)) return true;
  bool in_data = with.target->kind == TermKind::ref && with.target->items[0]->text == "data";
  return in_data && names_function(*with.value, checked);
}

/// Adds expressions to a body, in the place of an empty one. True if that drops more than `true`.
bool append(Body& body, const std::vector<Expr*>& exprs) {
  bool drops = false;
  if (!exprs.empty() && is_empty(body)) {
    drops = body.exprs[0]->negated || !body.exprs[0]->with.empty();
    body.exprs.clear();
  }
  body.exprs.insert(body.exprs.end(), exprs.begin(), exprs.end());
  return drops;
}

/// OPA keeps sets and objects in the order of their terms as these are now.
void put_in_order(Term& term) {
  if (term.kind != TermKind::set && term.kind != TermKind::object) return;
  Terms items;
  for (std::size_t at : syntax::ordered_places(term)) {
    items.push_back(term.items[at]);
    if (term.kind == TermKind::object) items.push_back(term.items[at + 1]);
  }
  term.items = std::move(items);
}

bool is_call_to(const Term& term, std::string_view name) {
  return term.kind == TermKind::call && term.items[0]->kind == TermKind::var &&
         term.items[0]->text == name;
}

bool has_captures(const FlatClause& clause) {
  bool found = false;
  auto look = [&](const Term& term) {
    found = found || is_call_to(term, template_call) || is_call_to(term, print_call);
  };
  visit_all(*clause.body, look);
  for (const Terms* items : {&clause.path, &clause.args}) {
    for (Term* item : *items) visit_all(*item, look);
  }
  for (Term* item : {clause.key, clause.value}) {
    if (item) visit_all(*item, look);
  }
  return found;
}

bool is_call_of(const Expr& expr, std::string_view name, std::size_t arguments) {
  return expr.kind == ExprKind::term && is_call_to(*expr.term, name) &&
         expr.term->items.size() == arguments + 1;
}

}  // namespace

void write_as_equality(Expr& some, Ast& ast) {
  Term* element = ast.term(TermKind::ref, {});  // it is nowhere
  element->items = {some.domain};
  if (some.domain->kind == TermKind::ref) element->items = some.domain->items;
  element->items.push_back(some.key ? some.key : some.vars[0]);
  some.term = ast.call("eq", {some.value, element}, some.span);
  some.kind = ExprKind::term;
  some.key = some.value = some.domain = nullptr;
}

bool comes_apart(const Expr& expr) {
  auto is_evaluated = [](const Term* term) {
    return term && (needs_evaluation(*term) || has_calls(*term));
  };
  bool in_with = std::any_of(expr.with.begin(), expr.with.end(),
                             [&](const With& with) { return is_evaluated(with.value); });
  if (in_with) return true;
  if (expr.kind == ExprKind::every) return is_evaluated(expr.domain);
  if (expr.kind == ExprKind::some_in) return has_calls(*expr.domain);
  if (expr.kind != ExprKind::term) return false;
  if (expr.term->kind != TermKind::call) return has_calls(*expr.term);
  return std::any_of(expr.term->items.begin() + 1, expr.term->items.end(),
                     [](const Term* item) { return has_calls(*item); });
}

namespace {

/// A set's member that is the last operand of its ref, too, is evaluated once.
void share_key(Rule& clause) {
  Term* last = clause.ref->items.back();
  bool shared = clause.key && clause.ref->items.size() > 1 && needs_variable(*last) &&
                syntax::compare(*clause.key, *last) == 0;
  if (shared) clause.key = last;
}

}  // namespace

HeadNumbers number_heads(const std::vector<Module*>& modules, LocalNumbers& numbers) {
  HeadNumbers out;
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) {
        const Terms& ref = clause.ref->items;
        for (std::size_t i = 1; i < ref.size(); ++i) {
          if (needs_variable(*ref[i])) out[{&clause, i - 1}] = numbers.next();
        }
        share_key(clause);
      });
    }
  }
  return out;
}

FlatClause Flattener::copied(const Rule& rule) {
  FlatClause out;
  out.rule = &rule;
  out.body = ast_.copy(*rule.body);
  for (const Term* arg : rule.args) out.args.push_back(ast_.copy(*arg));
  for (std::size_t i = 1; i < rule.ref->items.size(); ++i)
    out.path.push_back(ast_.copy(*rule.ref->items[i]));
  if (rule.key) out.key = ast_.copy(*rule.key);
  if (rule.value) out.value = ast_.copy(*rule.value);
  return out;
}

// --- captures

void Flattener::number_captures(Term& call) {
  each_capture(call, [&](Term& part, const Term&) {
    if (!part.items[0]->text.starts_with("#c") && !part.items[0]->text.starts_with("#qc")) return;
    std::string name = fresh(part)->text;
    part.items[0]->text = part.body->exprs[0]->term->items[1]->text = name;
  });
}

void Flattener::number_templates(FlatClause& clause) {
  number_templates(*clause.body);
  for (Term* item : clause.path) number_templates(*item);
  for (Term* arg : clause.args) number_templates(*arg);
  for (Term* item : {clause.key, clause.value}) {
    if (item) number_templates(*item);
  }
}

void Flattener::number_templates(Body& body) {
  for (Expr* expr : body.exprs) {
    // OPA comes to what is nested in a domain after the body, and to a template string before it.
    bool every = expr->kind == ExprKind::every;
    if (every && !is_call_to(*expr->domain, template_call)) number_templates(*expr->bodies[0]);
    visit_expr_terms(*expr, [&](Term& term) { number_templates(term); });
    for (Body* inner : expr->bodies) {
      if (!every || is_call_to(*expr->domain, template_call)) number_templates(*inner);
    }
  }
}

void Flattener::number_templates(Term& term) {
  if (is_call_to(term, template_call)) number_captures(term);
  if (term.body) number_templates(*term.body);
  for (std::size_t at : syntax::ordered_places(term)) {
    number_templates(*term.items[at]);
    if (term.kind == TermKind::object) number_templates(*term.items[at + 1]);
  }
}

// OPA numbers what a body prints after what the closures in it do. It visits the bodies of a head
// first, and the operands of a head's ref after the body.

void Flattener::number_prints(FlatClause& clause) {
  for (Term* arg : clause.args) visit_prints(*arg);
  bool shared = clause.rule->key == clause.rule->ref->items.back();
  for (Term* item : {clause.key, clause.value}) {
    if (item && !(shared && item == clause.key)) visit_prints(*item);
  }
  Body whole = *clause.body;
  for (Term* item : clause.path) whole.exprs.push_back(ast_.expr(item));
  visit_prints(whole);
}

void Flattener::visit_prints(Body& body) {
  number_prints(body);
  for (Expr* expr : body.exprs) {
    visit_expr_terms(*expr, [&](Term& term) { visit_prints(term); });
    for (Body* inner : expr->bodies) visit_prints(*inner);
  }
}

void Flattener::visit_prints(Term& term) {
  for (std::size_t at : syntax::ordered_places(term)) {
    visit_prints(*term.items[at]);
    if (term.kind == TermKind::object) visit_prints(*term.items[at + 1]);
  }
  if (term.body) visit_prints(*term.body);
}

void Flattener::number_prints(Body& body) {
  for (Expr* expr : body.exprs) {
    if (expr->bodies.empty()) {
      visit_expr_terms(*expr, [&](Term& term) { number_closures(term); });
      continue;
    }
    for (Body* inner : expr->bodies) number_prints(*inner);
    for (With& with : expr->with) {
      if (with.value) number_closures(*with.value);
    }
  }
  for (Expr* expr : body.exprs) {
    if (expr->kind == ExprKind::term && is_call_to(*expr->term, print_call))
      number_captures(*expr->term);
  }
}

void Flattener::number_closures(Term& term) {
  if (term.body) return number_prints(*term.body);
  for (std::size_t at : syntax::ordered_places(term)) {
    number_closures(*term.items[at]);
    if (term.kind == TermKind::object) number_closures(*term.items[at + 1]);
  }
}

// --- expand: nested calls

void Flattener::expand(FlatClause& clause) {
  Exprs exprs;
  for (std::size_t i = 0; i < clause.path.size(); ++i) {
    auto number = heads_.find({clause.rule, i});
    if (number == heads_.end()) continue;
    exprs.push_back(bound(clause.path[i], number->second));
    bool shared = i + 1 == clause.path.size() && clause.rule->key == clause.rule->ref->items.back();
    if (shared) clause.key = ast_.var_for(*clause.path[i], clause.path[i]->text);
  }
  for (Term*& arg : clause.args) expand_term(arg, exprs);
  if (clause.key) expand_term(clause.key, exprs);
  if (clause.value) expand_term(clause.value, exprs);
  append_head(*clause.body, exprs);
  expand(*clause.body);
  clause.loses = drops() || clause.loses;
}

const Term* Flattener::subject(std::string_view var) const {
  auto found = subjects_.find(var);
  return found == subjects_.end() ? nullptr : found->second;
}

Term* Flattener::numbered(const Term& stands_for, int number) {
  return ast_.var_for(stands_for, prefix_ + std::to_string(number));
}

Expr* Flattener::equality(Term* var, Term* term) {
  Expr* out = ast_.expr(ast_.call("eq", {var, term}, term->span));
  out->parens = term->parens;
  out->generated = true;
  return out;
}

/// Puts a variable in the place of a term; returns the expression that binds it.
Expr* Flattener::bound(Term*& term, int number) {
  Term* var = numbered(*term, number);
  Expr* out = equality(var, term);
  term = ast_.var_for(*term, var->text);
  return out;
}

void Flattener::expand(Body& body) {
  Exprs out;
  for (Expr* expr : body.exprs) expand(*expr, out);
  body.exprs = std::move(out);
}

void Flattener::expand(Expr& expr, Exprs& out) {
  for (With& with : expr.with) {
    if (with.value) expand_term(with.value, out);
  }
  if (expr.kind == ExprKind::every) return expand_every(expr, out);
  if (expr.kind == ExprKind::some_in) write_as_equality(expr, ast_);
  std::size_t first = out.size();
  if (expr.kind == ExprKind::term) {
    // A template string was a term before it became a call.
    if (expr.term->kind == TermKind::call && !is_call_of(expr, template_call, 1)) {
      for (std::size_t i = 1; i < expr.term->items.size(); ++i)
        expand_term(expr.term->items[i], out);
      for (std::size_t i = first; i < out.size(); ++i) out[i]->origin = &expr;
    } else {
      expand_term(expr.term, out);
    }
  }
  for (std::size_t i = first; i < out.size(); ++i) out[i]->with = expr.with;
  for (Body* body : expr.bodies) expand(*body);
  out.push_back(&expr);
}

void Flattener::expand_every(Expr& expr, Exprs& out) {
  if (expr.key == nullptr) expr.key = expr.vars[0];
  Expr* domain = bound(expr.domain);
  domain->with = expr.with;
  expand(*domain, out);
  expand(*expr.bodies[0]);
  out.push_back(&expr);
}

void Flattener::expand_term(Term*& term, Exprs& out) {
  switch (term->kind) {
    case TermKind::call:
      return expand_call(term, out);
    case TermKind::ref:
      return expand_ref(*term, out);
    case TermKind::array_comprehension:
    case TermKind::set_comprehension:
    case TermKind::object_comprehension:
      return expand_closure(*term);
    default:
      for (std::size_t at : syntax::ordered_places(*term)) {
        expand_term(term->items[at], out);
        if (term->kind == TermKind::object) expand_term(term->items[at + 1], out);
      }
  }
}

void Flattener::expand_call(Term*& term, Exprs& out) {
  for (std::size_t i = 1; i < term->items.size(); ++i) expand_term(term->items[i], out);
  Term* var = fresh(*term);
  term->items.push_back(var);
  Expr* call = ast_.expr(term);
  call->generated = true;
  out.push_back(call);
  term = ast_.var_for(*term, var->text);
}

void Flattener::expand_ref(Term& ref, Exprs& out) {
  for (Term*& item : ref.items) {
    const Term* call = item->kind == TermKind::call ? original(*item) : nullptr;
    expand_term(item, out);
    if (call) subjects_[item->text] = call;
  }
  Term*& head = ref.items[0];
  bool composite = head->body != nullptr || head->kind == TermKind::array ||
                   head->kind == TermKind::object || head->kind == TermKind::set;
  if (!composite) return;
  const Term* subject = original(*head);
  out.push_back(bound(head));
  subjects_[head->text] = subject;
}

/// A copy to be shown.
const Term* Flattener::original(const Term& term) {
  Term* out = ast_.copy(term);
  syntax::visit_exprs(*out, [&](Expr& expr) {
    if (expr.kind == ExprKind::some_in) write_as_equality(expr, ast_);
    if (expr.kind == ExprKind::every && expr.key == nullptr) expr.key = expr.vars[0];
  });
  return out;
}

void Flattener::expand_closure(Term& closure) {
  Exprs exprs;
  for (Term*& item : closure.items) expand_term(item, exprs);
  append_head(*closure.body, exprs);
  expand(*closure.body);
}

// --- metadata

void Flattener::bind_metadata(FlatClause& clause, const Metadata& metadata) {
  Term* chain = metadata.chain ? ast_.copy(*metadata.chain) : nullptr;
  Term* rule = metadata.rule ? ast_.copy(*metadata.rule) : nullptr;
  Exprs before;
  for (Term** value : {&chain, &rule}) {
    if (*value) before.push_back(bound(*value));
  }
  auto read = [&](Expr& expr) {
    MetadataCall call = metadata_call(expr);
    if (call != MetadataCall::none)
      read_metadata(expr, call == MetadataCall::chain ? *chain : *rule);
  };
  syntax::visit_exprs(*clause.body, read);
  for (Term* item : clause.path) syntax::visit_exprs(*item, read);
  for (Term* item : {clause.key, clause.value}) {
    if (item) syntax::visit_exprs(*item, read);
  }
  clause.body->exprs.insert(clause.body->exprs.begin(), before.begin(), before.end());
}

/// OPA drops the modifiers of the call.
void Flattener::read_metadata(Expr& expr, const Term& value) {
  Term* var = ast_.var_for(*expr.term, value.text);
  const Terms& items = expr.term->items;
  expr.term = items.size() > 1 ? ast_.call("eq", {items[1], var}, expr.term->span) : var;
  expr.negated = false;
  expr.with.clear();
  expr.generated = true;
}

// --- heads, and values of `with`

void Flattener::bind_comprehensions(FlatClause& clause) {
  for (Term* item : clause.path) bind_comprehensions(*item);
  for (Term* arg : clause.args) bind_comprehensions(*arg);
  for (Term* item : {clause.key, clause.value}) {
    if (item) bind_comprehensions(*item);
  }
  bind_comprehensions(*clause.body);
  clause.loses = drops() || clause.loses;
}

void Flattener::bind_comprehensions(Body& body) {
  for (Expr* expr : body.exprs) {
    visit_expr_terms(*expr, [&](Term& term) { bind_comprehensions(term); });
    for (Body* inner : expr->bodies) bind_comprehensions(*inner);
  }
}

void Flattener::bind_comprehensions(Term& term) {
  if (term.body) {
    for (Term*& item : term.items) bind_head(item, *term.body);
  }
  for (Term* item : term.items) bind_comprehensions(*item);
  if (term.body) bind_comprehensions(*term.body);
}

void Flattener::bind_heads(FlatClause& clause) {
  for (Term** item : {&clause.key, &clause.value}) {
    if (*item) bind_head(*item, *clause.body);
  }
  for (Term*& arg : clause.args) bind_head(arg, *clause.body);
  clause.loses = drops() || clause.loses;
}

void Flattener::bind_head(Term*& term, Body& body) {
  if (needs_evaluation(*term)) append_head(body, {bound(term)});
}

void Flattener::append_head(Body& body, const Exprs& exprs) {
  dropped_ = append(body, exprs) || dropped_;
  of_heads_.insert(exprs.begin(), exprs.end());
}

void Flattener::bind_with(Body& body, const Checked& checked) {
  Exprs out;
  std::map<const Term*, Term*> values;
  for (Expr* expr : body.exprs) {
    for (With& with : expr->with) {
      if (with.value == nullptr || !needs_evaluation(*with.value)) continue;
      // Calls that were taken out of an expression share its modifiers.
      auto known = values.find(with.value);
      if (known != values.end()) {
        with.value = known->second;
        continue;
      }
      if (stays(with, checked)) continue;
      Term* original = with.value;
      out.push_back(bound(with.value));
      values[original] = with.value;
    }
    out.push_back(expr);
  }
  body.exprs = std::move(out);
  auto closures = [&](auto& self, Term& term) -> void {
    if (term.body) return bind_with(*term.body, checked);
    for (Term* item : term.items) self(self, *item);
  };
  for (Expr* expr : body.exprs) {
    visit_expr_terms(*expr, [&](Term& term) { closures(closures, term); });
    for (Body* inner : expr->bodies) bind_with(*inner, checked);
  }
}

// --- finish: operands that need evaluation

void Flattener::finish(Body& body, bool in_query) {
  in_query_ = in_query;
  Exprs out;
  for (Expr* expr : body.exprs) finish(*expr, out);
  body.exprs = std::move(out);
  visit_all(body, put_in_order);
}

void Flattener::finish_query(Body& body) {
  in_query(body, [&] { finish(body, true); });
}

void Flattener::finish(FlatClause& clause) {
  finish(*clause.body, false);
  for (Terms* items : {&clause.args, &clause.path}) {
    for (Term* item : *items) visit_all(*item, put_in_order);
  }
  for (Term* item : {clause.key, clause.value}) {
    if (item) visit_all(*item, put_in_order);
  }
}

void Flattener::finish(Expr& expr, Exprs& out) {
  if (!in_query_ && is_call_of(expr, "equal", 2))
    expr.term->items[0] = ast_.var("eq", expr.term->span);
  bool equality = is_equality(expr);
  if (expr.kind == ExprKind::term) {
    if (equality) {
      for (std::size_t i : {1U, 2U}) hoist_top(expr.term->items[i], expr, out);
    } else if (expr.term->kind == TermKind::call) {
      for (std::size_t i = 1; i < expr.term->items.size(); ++i)
        hoist(expr.term->items[i], expr, out);
    } else {
      hoist_top(expr.term, expr, out);
    }
  }
  for (Body* body : expr.bodies) finish(*body, in_query_);
  out.push_back(&expr);
}

/// A ref or a comprehension that is a side of an equality stays there.
void Flattener::hoist_top(Term*& term, const Expr& expr, Exprs& out) {
  if (term->body) return finish(*term->body, in_query_);
  if (term->kind != TermKind::ref) return hoist(term, expr, out);
  for (std::size_t i = 1; i < term->items.size(); ++i) hoist(term->items[i], expr, out);
}

void Flattener::hoist(Term*& term, const Expr& expr, Exprs& out) {
  if (term->body) {
    finish(*term->body, in_query_);
  } else {
    bool ref = term->kind == TermKind::ref;
    for (std::size_t at : syntax::ordered_places(*term)) {
      if (!ref || at > 0) hoist(term->items[at], expr, out);
      if (term->kind == TermKind::object) hoist(term->items[at + 1], expr, out);
    }
    if (!ref) return;
  }
  const Term* original = term;
  Expr* before = bound(term);
  before->with = expr.with;
  before->origin = &expr;
  out.push_back(before);
  subjects_[term->text] = original;
}

// --- sides of equalities, in tests

void Flattener::bind_sides(Body& body) {
  Body out;
  for (Expr* expr : body.exprs) {
    bool as_it_is = expr->negated || expr->generated;
    bool equality = is_equality(*expr);
    if (!as_it_is && equality) {
      for (std::size_t i : {1U, 2U}) {
        Term*& side = expr->term->items[i];
        if (side->kind != TermKind::ref && side->body == nullptr) continue;
        Expr* before = bound(side);
        before->with = expr->with;
        before->origin = expr;
        out.exprs.push_back(before);
      }
    } else if (!as_it_is && expr->kind == ExprKind::every) {
      bind_sides(*expr->bodies[0]);
    }
    append(out, {expr});
  }
  body.exprs = std::move(out.exprs);
}

void FlatModules::finish(bool test_values) {
  for (FlatClause* clause : order) flattener.finish(*clause);
  if (!test_values) return;
  for (FlatClause* clause : order) {
    const Terms& ref = clause->rule->ref->items;
    if (ref.size() == 1 && ref[0]->text.starts_with("test_")) flattener.bind_sides(*clause->body);
  }
}

void flatten(const std::vector<Module*>& modules, Checked& checked, LocalNumbers numbers,
             HeadNumbers heads, const MetadataOfClauses& metadata) {
  checked.flat = std::make_shared<FlatModules>(std::move(numbers), std::move(heads));
  Flattener& flattener = checked.flat->flattener;
  std::vector<FlatClause*>& order = checked.flat->order;
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) {
        FlatClause& flat = checked.flat->clauses[&clause];
        flat = flattener.copied(clause);
        order.push_back(&flat);
      });
    }
  }
  std::vector<FlatClause*> capturing;
  std::copy_if(order.begin(), order.end(), std::back_inserter(capturing),
               [](const FlatClause* clause) { return has_captures(*clause); });
  for (FlatClause* clause : capturing) flattener.number_templates(*clause);
  for (FlatClause* clause : capturing) flattener.number_prints(*clause);
  for (FlatClause* clause : order) flattener.expand(*clause);
  for (FlatClause* clause : order) {
    if (auto found = metadata.find(clause->rule); found != metadata.end())
      flattener.bind_metadata(*clause, found->second);
  }
  checked.dependencies = std::make_shared<Dependencies>(checked);
  for (FlatClause* clause : order) flattener.bind_comprehensions(*clause);
  for (FlatClause* clause : order) flattener.bind_heads(*clause);
  for (FlatClause* clause : order) flattener.bind_with(*clause->body, checked);
}

LocalNumbers query_numbers(const syntax::Body& query) {
  LocalNumbers out;
  int next = 0;
  visit_all(query, [&](const Term& term) {
    std::size_t mark = term.kind == TermKind::var ? term.text.rfind('#') : std::string::npos;
    if (mark == std::string::npos || captures_query_value(term.text)) return;
    std::size_t digits = term.text.find_first_of("0123456789", mark);
    if (digits <= mark + 2) next = std::max(next, std::atoi(&term.text[digits]) + 1);
  });
  while (next-- > 0) out.next();
  return out;
}

Body* flattened(const Body& query, const Checked& checked) {
  Flattener& flattener = checked.flat->flattener;
  Body* out = checked.flat->ast.copy(query);
  flattener.in_query(query, [&] {
    flattener.number_templates(*out);
    flattener.visit_prints(*out);
    flattener.expand(*out);
    flattener.bind_comprehensions(*out);
    flattener.bind_with(*out, checked);
  });
  return out;
}

}  // namespace lictor::compile
