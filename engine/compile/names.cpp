// Names → refs: the name of a rule or of an import becomes its ref, `input` and `data` become refs
// of one element, and operators of calls and targets of `with` become refs or the dotted name of a
// builtin. A name that is declared in a body (`:=`, `some`, an argument) is left alone in all of
// it. Source of the rules: OPA v1/ast/compile.go, resolveAllRefs.
#include <algorithm>

#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

/// Adds the variables of an argument, those in template strings too. Returns the first `input` or
/// `data` among them, which arguments must not hide.
const Term* add_pattern(const Term& pattern, VarSet& out) {
  if (pattern.kind == TermKind::var) {
    out.insert(pattern.text);
    return is_root(pattern.text) ? &pattern : nullptr;
  }
  if (pattern.kind == TermKind::set || pattern.kind == TermKind::call || pattern.body)
    return nullptr;
  bool is_template = pattern.kind == TermKind::template_string;
  std::size_t step = pattern.kind == TermKind::object ? 2 : 1, first = step - 1;
  if (pattern.kind == TermKind::ref) {
    if (pattern.items[0]->kind == TermKind::var) out.insert(pattern.items[first++]->text);
  }
  for (std::size_t i = first; i < pattern.items.size(); i += step) {
    const Term& item = *pattern.items[i];
    const Term* part = is_template && item.body ? item.body->exprs[0]->term->items[2] : &item;
    if (const Term* root = add_pattern(*part, out)) return root;
  }
  return nullptr;
}

/// Of equal members of a set the first one stays, also of those that are yet to be evaluated.
void keep_distinct(Term& set) {
  if (set.kind != TermKind::set) return;
  auto less = [](const Term* a, const Term* b) { return syntax::compare(*a, *b) < 0; };
  std::set<const Term*, decltype(less)> seen;
  auto is_seen = [&](const Term* item) { return !seen.insert(item).second; };
  set.items.erase(std::remove_if(set.items.begin(), set.items.end(), is_seen), set.items.end());
}

bool follows_parenthesis(const Span& span) {
  std::string_view before = span.source->text;
  before = before.substr(0, span.first);
  std::size_t last = before.find_last_not_of(" \t\r\n");
  return last != std::string_view::npos && before[last] == '(';
}

/// OPA reports what is wrong with `x` in `not x` at the place of `not`, but nowhere if an operator
/// follows (`not x or y`), and at `x` itself in all other operands.
void place_negated(Expr& expr) {
  Expr* first = &expr;
  while (first->kind == ExprKind::logical_and || first->kind == ExprKind::logical_or) {
    if (!first->bodies[0]->implicit) return;
    first = first->bodies[0]->exprs[0];
  }
  if (first->kind != ExprKind::not_body || !first->bodies[0]->implicit) return;
  Expr& negated = *first->bodies[0]->exprs[0];
  if (negated.kind != ExprKind::term) return;
  bool follows_operator = first != &expr;
  if (!follows_operator)
    negated.span = first->span;
  else if (!follows_parenthesis(first->span))
    negated.span = {};
}

class Resolver {
 public:
  Resolver(Globals& globals, Ast& ast, Errors& errors)
      : globals_(globals), ast_(ast), errors_(errors) {}

  /// False if the rule hides a document.
  bool rule(Rule& rule) {
    VarSet declared;
    for (const Term* arg : rule.args) {
      const Term* root = add_pattern(*arg, declared);
      if (root == nullptr) continue;
      errors_.push_back(
          error_at(ErrorCode::compile, rule.span,
                   "args must not shadow " + root->text + " (use a different variable name)"));
      return false;
    }
    for (Term* arg : rule.args) visit_all(*arg, keep_distinct);
    add_declared(*rule.body, declared);
    ignored_.push_back(std::move(declared));
    for (std::size_t i = 1; i < rule.ref->items.size(); ++i) term(rule.ref->items[i]);
    if (rule.key) term(rule.key);
    if (rule.value) term(rule.value);
    body(*rule.body);
    ignored_.pop_back();
    return true;
  }

  void query(Body& query) {
    VarSet declared;
    add_declared(query, declared);
    ignored_.push_back(std::move(declared));
    body(query);
    ignored_.pop_back();
  }

 private:
  bool is_ignored(std::string_view name) const {
    return std::any_of(ignored_.begin(), ignored_.end(),
                       [&](const VarSet& names) { return names.contains(name); });
  }

  Global* global(std::string_view name) {
    if (templates_in_refs_ > 0) return nullptr;
    auto found = globals_.find(name);
    return found == globals_.end() || is_ignored(name) ? nullptr : &found->second;
  }

  void body(Body& body) {
    for (Expr* expr : body.exprs) {
      if (!body.implicit) place_negated(*expr);
      this->expr(*expr);
    }
  }

  void expr(Expr& expr) {
    bool every = expr.kind == ExprKind::every;
    if (every) {
      VarSet vars;
      for (Term* var : {expr.key, expr.value}) {
        if (var) vars.insert(var->text);
      }
      ignored_.push_back(std::move(vars));
    }
    for (Term** item : {&expr.term, &expr.domain}) {
      if (*item) term(*item);
    }
    if (!every) {
      for (Term** item : {&expr.key, &expr.value}) {
        if (*item) term(*item);
      }
    }
    for (Body* inner : expr.bodies) body(*inner);
    if (every) ignored_.pop_back();
    for (With& with : expr.with) {
      term(with.target);
      term(with.value);
    }
  }

  /// A ref to what a name stands for. The uses in a module of its package's names share their first
  /// term, and with it the place of the last use, which is where OPA reports what is wrong with
  /// one.
  Term* ref_of(Global& global, const Span& span) {
    global.used = true;
    global.head->span = span;
    Term* ref = ast_.term(TermKind::ref, span);
    ref->items.push_back(global.head);
    for (std::size_t i = 1; i < global.path.size(); ++i)
      ref->items.push_back(ast_.string(global.path[i], span));
    return ref;
  }

  void var(Term*& term) {
    if (Global* found = global(term->text)) {
      term = ref_of(*found, term->span);
      return;
    }
    if (!is_root(term->text)) return;
    Term* ref = ast_.term(TermKind::ref, term->span);
    ref->items.push_back(term);
    term = ref;
  }

  /// The head comes first: the last use of a global gives it its place.
  void ref(Term& ref) {
    Term*& head = ref.items[0];
    std::size_t first = 1;
    Global* found = head->kind == TermKind::var ? global(head->text) : nullptr;
    if (found) {
      Term* full = ref_of(*found, head->span);
      ref.items.erase(ref.items.begin());
      ref.items.insert(ref.items.begin(), full->items.begin(), full->items.end());
      first = full->items.size();
    } else if (head->kind != TermKind::var) {
      operand(head);
    }
    for (std::size_t i = first; i < ref.items.size(); ++i) operand(ref.items[i]);
  }

  /// OPA resolves no names in a template string that is an operand of a ref.
  void operand(Term*& item) {
    bool keeps_names = item->kind == TermKind::template_string;
    templates_in_refs_ += keeps_names;
    term(item);
    templates_in_refs_ -= keeps_names;
  }

  /// An operator: a ref into `data`, or a var that holds a builtin's dotted name.
  void operator_of(Term& call) {
    Term*& op = call.items[0];
    const Term& head = op->kind == TermKind::ref ? *op->items[0] : *op;
    if (head.kind == TermKind::var && !is_root(head.text) && global(head.text) == nullptr) {
      op = ast_.var(syntax::to_text(*op), op->span);
      return;
    }
    term(op);
  }

  void term(Term*& term) {
    switch (term->kind) {
      case TermKind::var:
        return var(term);
      case TermKind::ref:
        return ref(*term);
      case TermKind::call:
        operator_of(*term);
        for (std::size_t i = 1; i < term->items.size(); ++i) this->term(term->items[i]);
        return;
      case TermKind::array_comprehension:
      case TermKind::set_comprehension:
      case TermKind::object_comprehension: {
        VarSet declared;
        add_declared(*term->body, declared);
        ignored_.push_back(std::move(declared));
        for (Term*& item : term->items) this->term(item);
        body(*term->body);
        ignored_.pop_back();
        return;
      }
      case TermKind::object:
        return object(*term);
      default:
        for (std::size_t at : syntax::ordered_places(*term)) this->term(term->items[at]);
        keep_distinct(*term);
    }
  }

  /// Of equal keys, the last one's value counts.
  void object(Term& object) {
    for (std::size_t at : syntax::ordered_places(object)) {
      term(object.items[at]);
      term(object.items[at + 1]);
    }
    std::map<std::string, std::size_t> places;
    Terms kept;
    for (std::size_t i = 0; i < object.items.size(); i += 2) {
      auto [at, fresh] = places.emplace(syntax::to_text(*object.items[i]), kept.size());
      if (!fresh) {
        kept[at->second + 1] = object.items[i + 1];
        continue;
      }
      kept.push_back(object.items[i]);
      kept.push_back(object.items[i + 1]);
    }
    object.items = std::move(kept);
  }

  Globals& globals_;
  Ast& ast_;
  Errors& errors_;
  std::vector<VarSet> ignored_;
  int templates_in_refs_ = 0;
};

std::string package_key(const Module& module) {
  std::string key;
  for (const Term* part : module.package) key += part->text + '\0';
  return key;
}

void add_imports(const Module& module, Ast& ast, Globals& globals) {
  for (const syntax::Import& import : module.imports) {
    const auto& items = import.path->items;
    if (items[0]->text == "future" || items[0]->text == "rego") continue;
    Global global;
    for (const Term* item : items) global.path.push_back(item->text);
    global.head = ast.var(items[0]->text, {});
    globals[import_name(import)] = std::move(global);
  }
}

}  // namespace

bool is_equality(const Expr& expr) {
  if (expr.kind != ExprKind::term || expr.term->kind != TermKind::call) return false;
  const Term& op = *expr.term->items[0];
  return op.kind == TermKind::var && (op.text == "eq" || (op.text == "assign" && !op.flag)) &&
         expr.term->items.size() == 3;
}

bool is_assignment(const Expr& expr) {
  return expr.kind == ExprKind::term && expr.term->kind == TermKind::call && expr.term->infix &&
         expr.term->items[0]->kind == TermKind::var && expr.term->items[0]->text == "assign" &&
         expr.term->items.size() == 3;
}

void add_declared(const Body& body, VarSet& out) {
  for (const Expr* expr : body.exprs) {
    for (const Term* var : expr->vars) out.insert(var->text);
    if (expr->kind == ExprKind::some_in) {
      for (Term* pattern : {expr->key, expr->value}) {
        if (pattern) all_vars(*pattern, out);
      }
    }
    if (is_assignment(*expr)) all_vars(*expr->term->items[1], out);
    for (const Body* inner : expr->bodies) add_declared(*inner, out);
  }
}

std::string import_name(const syntax::Import& import) {
  return import.alias.empty() ? import.path->items.back()->text : import.alias;
}

void resolve_names(const std::vector<Module*>& modules, bool strict, Ast& ast, Findings& findings) {
  std::map<std::string, Globals> packages;
  for (const Module* module : modules) {
    Globals& names = packages[package_key(*module)];
    for (const Rule* rule : module->rules) {
      Global& global = names[rule->ref->items[0]->text];
      global.path = {"data"};
      for (const Term* part : module->package) global.path.push_back(part->text);
      global.path.push_back(rule->ref->items[0]->text);
    }
  }
  Errors errors, unused;
  for (Module* module : modules) {
    Globals globals = packages[package_key(*module)];
    Term* head = ast.var("data", {});
    for (auto& [name, global] : globals) global.head = head;
    add_imports(*module, ast, globals);
    Resolver resolver(globals, ast, errors);
    for (Rule* rule : module->rules) {
      for (Rule* clause = rule; clause && resolver.rule(*clause);) clause = clause->else_rule;
    }
    for (const syntax::Import& import : module->imports) {
      auto found = globals.find(import_name(import));
      if (!strict || found == globals.end() || found->second.used) continue;
      std::string text = "import " + syntax::to_text(*import.path);
      if (!import.alias.empty()) text += " as " + import.alias;
      unused.push_back(error_at(ErrorCode::compile, import.span, text + " unused"));
    }
  }
  bool good = errors.empty();
  findings.add(std::move(errors));
  if (good) findings.add_recoverable(std::move(unused));
}

void resolve_names(Body& query, Globals& globals, Ast& ast) {
  Errors none;
  Resolver(globals, ast, none).query(query);
}

}  // namespace lictor::compile
