// Unique names for locals: what `:=`, `some`, `every` or an argument declares becomes "name#N", and
// `some x` goes. What is left of names are variables of their body. Refuses what is declared twice,
// used before it is declared, or never used. Calls of print() and template strings become calls of
// builtins on the way. Source of the rules: OPA v1/ast/compile.go, rewriteLocalVars.
#include <algorithm>
#include <optional>

#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

enum class Seen : std::uint8_t { argument, used, assigned, declared };

struct Local {
  std::string unique;
  Seen how;
  std::size_t count = 1;  // how often it occurs in the text
  bool is_name = false;   // of a function or a document so far, not a variable
};

/// Texts of their own, as terms are renamed while a set of names is kept.
using Names = boost::container::flat_set<std::string, std::less<>>;

/// The names of one body; a body's own names hide those of the bodies around it.
using Scope = std::map<std::string, Local, std::less<>>;

bool is_root_ref(const Term& term) {
  return term.kind == TermKind::ref && term.items.size() == 1 &&
         (term.items[0]->text == "input" || term.items[0]->text == "data");
}

/// The rules by their refs as far as these are constant, found when first asked for.
class RuleRefs {
 public:
  explicit RuleRefs(const std::vector<Module*>& modules) : modules_(modules) {}
  explicit RuleRefs(const Checked& checked) : checked_(&checked) {}

  /// True for the ref of a rule with arguments.
  bool is_function(const Term& ref) {
    const std::vector<const Rule*>& rules = find(ref);
    return std::any_of(rules.begin(), rules.end(),
                       [](const Rule* rule) { return !rule->args.empty(); });
  }

  /// True for the ref of rules that OPA takes to be defined for every input.
  bool is_defined(const Term& ref) {
    const std::vector<const Rule*>& rules = find(ref);
    if (rules.empty() || !rules[0]->args.empty()) return false;
    if (rules[0]->is_default || rules[0]->multi_value) return true;
    if (rules.size() == 1) return is_constant(*rules[0]);
    return std::any_of(rules.begin() + 1, rules.end(),
                       [](const Rule* rule) { return rule->is_default; });
  }

 private:
  const std::vector<const Rule*>& find(const Term& ref) {
    static const std::vector<const Rule*> none;
    if (!refs_) find_all();
    auto found = refs_->find(syntax::to_text(ref));
    return found == refs_->end() ? none : found->second;
  }

  void find_all() {
    refs_.emplace();
    for (const Module* module : modules_) {
      for (const Rule* rule : module->rules) (*refs_)[text_of(*module, *rule)].push_back(rule);
    }
    if (checked_ == nullptr) return;
    for (const RuleGroup& group : checked_->groups) {
      for (const auto* rules : {&group.rules, &group.defaults}) {
        for (const CheckedRule& rule : *rules)
          (*refs_)[text_of(*rule.module, *rule.rule)].push_back(rule.rule);
      }
    }
  }

  static std::string text_of(const Module& module, const Rule& rule) {
    Term ref, data, name = *rule.ref->items[0];
    ref.kind = TermKind::ref;
    data.kind = TermKind::var;
    data.text = "data";
    name.kind = TermKind::string;
    ref.items = {&data};
    ref.items.insert(ref.items.end(), module.package.begin(), module.package.end());
    ref.items.push_back(&name);
    for (std::size_t i = 1; i < rule.ref->items.size(); ++i) {
      if (!syntax::is_scalar(*rule.ref->items[i])) break;
      ref.items.push_back(rule.ref->items[i]);
    }
    return syntax::to_text(ref);
  }

  static bool is_constant(const Rule& rule) {
    const std::vector<Expr*>& body = rule.body->exprs;
    bool empty = body.size() == 1 && body[0]->kind == ExprKind::term && !body[0]->negated &&
                 body[0]->term->kind == TermKind::boolean && body[0]->term->flag;
    const Term& value = *rule.value;
    bool collection = value.kind == TermKind::array || value.kind == TermKind::object ||
                      value.kind == TermKind::set;
    return empty && (value.kind == TermKind::var || syntax::is_scalar(value) ||
                     (collection && syntax::has_no_variables(value)));
  }

  const std::vector<Module*> modules_;
  const Checked* checked_ = nullptr;
  std::optional<std::map<std::string, std::vector<const Rule*>>> refs_;
};

/// Diagnostics for a module's locals.
struct Report {
  Errors errors;
  Errors unused;
};

class Locals {
 public:
  /// `prefix` begins the names of the variables that this makes: "#", or "#q" in a query.
  Locals(std::string prefix, LocalNumbers& numbers, bool strict, const builtins::Table& builtins,
         Ast& ast, Report& report, RuleRefs& rules)
      : prefix_(std::move(prefix)),
        rules_(rules),
        builtins_(builtins),
        numbers_(numbers),
        strict_(strict),
        ast_(ast),
        report_(report) {}

  void rule(Rule& rule) {
    scopes_.assign(1, {});
    for (Term*& arg : rule.args) argument(arg);
    const Scope arguments = scopes_[0];
    Names unused;
    if (strict_) {
      for (const auto& [name, local] : arguments) {
        if (local.count == 1 && !is_wildcard(name)) unused.insert(name);
      }
    }
    each_clause(&rule, [&](Rule& clause) {
      scopes_.assign(1, arguments);
      this->clause(clause, unused);
    });
    for (const std::string& name : unused) {
      report_.unused.push_back(
          error_at(ErrorCode::compile, rule.span,
                   "unused argument " + name + ". (hint: use _ (wildcard variable) instead)"));
    }
  }

  void query(Body& query, std::vector<std::string>& vars) {
    scopes_.assign(1, {});
    begin();
    body(query, {});
    for (const auto& [name, local] : scopes_[0]) {
      if (!is_wildcard(name) && !local.is_name) vars.push_back(local.unique);
    }
  }

 private:
  // --- scopes

  const Local* find(std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->find(name);
      if (found != scope->end()) return &found->second;
    }
    return nullptr;
  }

  Local* find(std::string_view name) {
    return const_cast<Local*>(static_cast<const Locals*>(this)->find(name));
  }

  /// A name of its own for a variable; a wildcard has one already.
  std::string unique_name(const std::string& name) {
    if (hidden_) return name;
    int number = numbers_.next();
    return is_wildcard(name) ? name : name + "#" + std::to_string(number);
  }

  /// Declares a name in the body at hand; says what stands against it.
  std::optional<std::string> declare(const std::string& name, Seen how) {
    auto existing = scopes_.back().find(name);
    if (existing != scopes_.back().end()) {
      switch (existing->second.how) {
        case Seen::used:
          return "var " + name + " referenced above";
        case Seen::assigned:
          return "var " + name + " assigned above";
        case Seen::declared:
          return "var " + name + " declared above";
        case Seen::argument:
          return "arg " + name + " redeclared";
      }
    }
    scopes_.back()[name] = {unique_name(name), how, 1};
    return std::nullopt;
  }

  bool declare(const Term& var, Seen how, const Span& span) {
    std::optional<std::string> fault = declare(var.text, how);
    if (fault) fail(span, *fault);
    return !fault;
  }

  /// An error of an expression that OPA drops then, so that it does not meet it again.
  void fail_once(const Span& span, std::string text) {
    report_.errors.push_back(error_at(ErrorCode::compile, span, std::move(text)));
  }

  void fail(const Span& span, std::string text) {
    fail_once(span, std::move(text));
    bool again = !report_.errors.back().message.ends_with(" assigned above") &&
                 !report_.errors.back().message.ends_with(" declared above");
    if (closure_depth_ > 0 && again)
      repeatable_.emplace_back(report_.errors.size() - 1, closure_depth_);
  }

  /// OPA walks `every`, and the bodies of `not`, `and` and `or`, twice, and reports again what is
  /// wrong in the closures there.
  void repeat_errors(std::size_t first) {
    const auto known = repeatable_;
    for (const auto& [index, depth] : known) {
      if (index < first || depth <= closure_depth_) continue;
      repeatable_.emplace_back(report_.errors.size(), depth);
      report_.errors.push_back(Error(report_.errors[index]));
    }
  }

  /// The name of a function or a document counts as seen where it is not a local.
  void note_name(std::string_view name) {
    if (find(name) == nullptr)
      scopes_.back()[std::string(name)] = {std::string(name), Seen::used, 1, true};
  }

  // --- rules

  void argument(Term*& arg) {
    switch (arg->kind) {
      case TermKind::var: {
        Local* known = find(arg->text);
        if (known)
          ++known->count;
        else
          scopes_.back()[arg->text] = {unique_name(arg->text), Seen::argument, 1};
        arg->text = find(arg->text)->unique;
        return;
      }
      case TermKind::call:
        return fail(arg->span, "rule arguments cannot contain calls");
      case TermKind::object:
        for (std::size_t at : syntax::ordered_places(*arg)) argument(arg->items[at + 1]);
        return;
      case TermKind::ref:
      case TermKind::array:
        for (Term*& item : arg->items) argument(item);
        return;
      default:
        return;
    }
  }

  void clause(Rule& clause, Names& unused_arguments) {
    std::vector<Term**> head, operands;
    for (std::size_t i = 1; i < clause.ref->items.size(); ++i) {
      Term*& item = clause.ref->items[i];
      (needs_variable(*item) ? operands : head).push_back(&item);
    }
    bool shares_key = !operands.empty() && clause.key == *operands.back();
    if (clause.key && !shares_key) head.push_back(&clause.key);
    if (clause.value) head.push_back(&clause.value);
    head_closures(clause, head);
    Names used;
    for (Term** item : head) add_names(**item, used);
    std::vector<Expr*> bound = bind(operands, *clause.body);
    hide_builtins(clause);
    begin();
    body(*clause.body, used);
    for (std::size_t i = 0; i < operands.size(); ++i) *operands[i] = bound[i]->term->items[2];
    if (shares_key) clause.key = *operands.back();
    std::erase_if(clause.body->exprs, [&](const Expr* expr) {
      return std::find(bound.begin(), bound.end(), expr) != bound.end();
    });
    fill(*clause.body);
    note_unused_arguments(clause, unused_arguments);
    rename_declared(clause.args, scopes_[0]);
    for (Term** item : head) rename_declared(**item, scopes_[0]);
  }

  /// Adds what binds the operands of a head's ref to its body, where OPA has put them by now.
  std::vector<Expr*> bind(const std::vector<Term**>& operands, Body& body) {
    std::vector<Expr*> out;
    for (Term** item : operands) {
      Term* var = ast_.var("#h" + std::to_string(out.size()), (*item)->span);
      out.push_back(ast_.expr(ast_.call("eq", {var, *item}, (*item)->span)));
    }
    body.exprs.insert(body.exprs.end(), out.begin(), out.end());
    return out;
  }

  /// Closures in a head have scopes of their own, which see nothing of the body.
  void head_closures(Rule& clause, const std::vector<Term**>& head) {
    std::vector<Scope> kept = std::move(scopes_);
    auto visit = [&](Term*& item) { nested_closures(item); };
    for (Term*& arg : clause.args) visit(arg);
    for (Term** item : head) visit(*item);
    scopes_ = std::move(kept);
  }

  void nested_closures(Term*& item) {
    if (item->body || item->kind == TermKind::template_string) {
      scopes_.assign(1, {});
      begin();
      return term(item);
    }
    if (!hidden_ && is_fixed_collection(*item)) return hidden_closures(*item);
    if (item->kind == TermKind::call && names(*item->items[0], "print")) print(*item);
    for (Term** inner : ordered_items(*item)) nested_closures(*inner);
  }

  /// OPA looks for no closures in a collection that it takes for a constant: their names stay what
  /// they are, whatever is wrong with them, and `:=` and `some` bind nothing.
  void hidden_closures(Term& collection) {
    const Report kept = report_;
    const auto repeatable = repeatable_;
    hidden_ = true;
    for (Term** item : ordered_items(collection)) nested_closures(*item);
    hidden_ = false;
    report_ = kept;
    repeatable_ = repeatable;
  }

  void note_unused_arguments(const Rule& clause, Names& unused) {
    Names in_value;
    if (clause.value) add_names(*clause.value, in_value);
    auto is_used = [&](const std::string& name) {
      auto local = scopes_[0].find(name);
      return in_value.contains(name) || (local != scopes_[0].end() && local->second.count > 1);
    };
    unused.erase(std::remove_if(unused.begin(), unused.end(), is_used), unused.end());
  }

  /// A variable with a builtin's name gets a name of its own, so that nothing takes it for that.
  void hide_builtins(Rule& clause) {
    const Body& body = *clause.body;
    Names vars, in_with;
    VarSet declared;
    auto add = [&](Term& top) {
      visit_terms(top, [&](Term& term) {
        if (term.kind == TermKind::var) vars.insert(term.text);
      });
    };
    for (const Expr* expr : body.exprs) {
      if (expr->kind == ExprKind::every)
        add(*expr->domain);
      else
        visit_expr_terms(*expr, add);
    }
    add_declared(body, declared);
    add_modifiers(clause, in_with);
    for (const std::string& name : vars) {
      bool hides = !declared.contains(name) && !in_with.contains(name) && find(name) == nullptr &&
                   is_builtin(name);
      if (hides) scopes_.back()[name] = {unique_name(name), Seen::used, 1};
    }
  }

  /// The variables in modifiers of a clause and those after it.
  static void add_modifiers(Rule& clause, Names& out) {
    auto add = [&](const Expr& expr) {
      for (const With& with : expr.with) {
        all_vars(*with.target, out);
        if (with.value) all_vars(*with.value, out);
        if (!with.builtin.empty()) out.insert(with.builtin);
      }
    };
    each_clause(&clause, [&](Rule& rule) {
      syntax::visit_exprs(*rule.ref, add);
      for (Term* arg : rule.args) syntax::visit_exprs(*arg, add);
      for (Term* item : {rule.key, rule.value}) {
        if (item) syntax::visit_exprs(*item, add);
      }
      syntax::visit_exprs(*rule.body, add);
    });
  }

  static void rename_declared(Terms& terms, const Scope& scope) {
    for (Term* term : terms) rename_declared(*term, scope);
  }

  static void rename_declared(Term& term, const Scope& scope) {
    std::set<const Term*> made;  // equalities of the compiler's
    visit_all(term, [&](Term& inner) {
      if (captured_term(inner)) made.insert(inner.body->exprs[0]->term);
      bool author = inner.kind == TermKind::call && !made.contains(&inner);
      if (author) rename_declared_operator(*inner.items[0], scope);
      if (inner.kind != TermKind::var) return;
      auto found = scope.find(inner.text);
      if (found == scope.end() || found->second.unique == inner.text) return;
      inner.text = found->second.unique;
      inner.flag = false;  // it was a builtin's name
    });
  }

  /// OPA renames the functions of a head, too, which are no functions then.
  static void rename_declared_operator(Term& op, const Scope& scope) {
    if (op.kind != TermKind::var) return;
    bool prints = is_print(op);
    std::string name = prints ? "print" : name_of(op);
    auto found = scope.find(name);
    if (found == scope.end() || found->second.is_name) return;
    bool hides = found->second.unique != name;
    if (prints && !hides) return;
    op.text = found->second.unique + (prints ? "" : op.text.substr(name.size()));
    op.flag = op.flag && !hides;
  }

  // --- bodies

  void body(Body& body, const Names& used) {
    const std::vector<Expr*> written = body.exprs;
    for (Expr* expr : written) this->expr(*expr);
    std::erase_if(body.exprs, [this](const Expr* item) {
      return item->kind == ExprKind::some_decl || (hidden_ && item->kind == ExprKind::some_in);
    });
    if (strict_ && is_clean()) check_assigned(written, used);
    if (is_clean()) check_declared(body, written, used);
    fill(body);
  }

  void fill(Body& body) {
    if (body.exprs.empty()) body.exprs.push_back(ast_.expr(ast_.boolean(true, body.span)));
  }

  /// True if nothing is wrong yet with the clause, or the closure in its head; else it is not
  /// searched for what is unused.
  bool is_clean() const {
    return report_.errors.size() == errors_before_ && report_.unused.size() == unused_before_;
  }

  void begin() {
    errors_before_ = report_.errors.size();
    unused_before_ = report_.unused.size();
  }

  void inner_body(Body& inner) {
    scopes_.emplace_back();
    body(inner, {});
    scopes_.pop_back();
  }

  /// The names as they are called now of variables that stand in a head.
  Names unique_names(const Names& names) const {
    Names out;
    for (const std::string& name : names) {
      const Local* local = find(name);
      out.insert(local ? local->unique : name);
    }
    return out;
  }

  void check_assigned(const std::vector<Expr*>& written, const Names& used) {
    Names in_head = unique_names(used);
    for (const auto& [name, local] : scopes_.back()) {
      bool unused = local.how == Seen::assigned && local.count <= 1 && !is_wildcard(name) &&
                    !in_head.contains(local.unique);
      if (!unused) continue;
      const Expr* place = first_with(written, local.unique);
      report_.unused.push_back(
          error_at(ErrorCode::compile, place->span, "assigned var " + name + " unused"));
    }
  }

  static const Expr* first_with(const std::vector<Expr*>& exprs, const std::string& var) {
    for (const Expr* expr : exprs) {
      Names vars;
      visit_expr_terms(*expr, [&](Term& term) { all_vars(term, vars); });
      for (const Body* inner : expr->bodies) {
        visit_all(*inner, [&](Term& term) {
          if (term.kind == TermKind::var) vars.insert(term.text);
        });
      }
      if (vars.contains(var)) return expr;
    }
    return exprs[0];
  }

  void check_declared(const Body& body, const std::vector<Expr*>& written, const Names& used) {
    bool any = std::any_of(scopes_.back().begin(), scopes_.back().end(),
                           [](const auto& item) { return item.second.how == Seen::declared; });
    if (!any) return;
    Names vars = unique_names(used);
    add_names(body, vars);
    for (const auto& [name, local] : scopes_.back()) {
      bool used_or_made = vars.contains(local.unique) || is_named_as_made(name);
      if (local.how != Seen::declared || used_or_made) continue;
      const Expr* place = written[0];
      for (const Expr* expr : written) {
        bool declares =
            std::any_of(expr->vars.begin(), expr->vars.end(),
                        [&, &wanted = name](const Term* var) { return var->text == wanted; });
        if (!declares) continue;
        place = expr;
        break;
      }
      report_.unused.push_back(
          error_at(ErrorCode::compile, place->span,
                   "declared var " + (is_wildcard(name) ? "_" : name) + " unused"));
    }
  }

  void expr(Expr& expr) {
    switch (expr.kind) {
      case ExprKind::term:
        return is_assignment(expr) ? assignment(expr) : plain(expr);
      case ExprKind::some_decl:
        for (Term* var : expr.vars) {
          std::optional<std::string> fault = declare(var->text, Seen::declared);
          if (fault) return fail_once(expr.span, *fault);
        }
        return;
      case ExprKind::some_in:
        return some_in(expr);
      case ExprKind::every:
        return every(expr);
      case ExprKind::not_body:
        if (expr.bodies[0]->implicit) return implicit(expr);
        again(expr, [&] {
          scopes_.emplace_back();
          body(*expr.bodies[0], {});
          rename_again(expr);
          scopes_.pop_back();
        });
        return;
      case ExprKind::logical_and:
      case ExprKind::logical_or:
        return implicit(expr);
    }
  }

  /// Walks an expression with bodies, and once more as OPA does.
  template <typename Walk>
  void again(Expr& expr, Walk&& walk) {
    std::size_t first = report_.errors.size();
    walk();
    declare_again(expr, false);
    repeat_errors(first);
    withs(expr);
  }

  // In its second walk OPA also meets what was seen before it was declared: in closures, and in the
  // domain of `every`.

  void rename_again(Expr& expr) {
    if (expr.domain) rename_in_term(expr.domain, false);
    for (Body* body : expr.bodies) rename_in_body(*body);
  }

  const Local* renamed(const std::string& name) const {
    const Local* found = find(name);
    return found && found->unique != name ? found : nullptr;
  }

  void rename_in_expr(Expr& expr) {
    for (Term** term : {&expr.term, &expr.key, &expr.value, &expr.domain}) {
      if (*term == nullptr) continue;
      bool call = term == &expr.term && (*term)->kind == TermKind::call;
      if (call) rename_operator(is_assignment(expr), *(*term)->items[0]);
      rename_in_term(*term, call);
    }
    if (expr.kind == ExprKind::some_in) rename_equality(expr);
    for (With& with : expr.with) rename_in_with(with);
    for (Body* body : expr.bodies) rename_in_body(*body);
  }

  void rename_in_with(With& with) {
    Term& target = *with.target;
    bool root = target.kind == TermKind::ref && is_root(target.items[0]->text);
    for (std::size_t i = 1; root && i < target.items.size(); ++i)
      rename_in_term(target.items[i], false);
    if (!root && !target.flag) rename_in_term(with.target, false);
    if (with.value) rename_in_term(with.value, false);
  }

  void rename_in_body(Body& body) {
    for (Expr* expr : body.exprs) rename_in_expr(*expr);
  }

  /// To OPA, an assignment is a call of `eq` by now.
  /// True for a print() of the author's that has been rewritten.
  static bool is_print(const Term& op) { return op.flag && op.text == "internal.print"; }

  void rename_operator(bool assigns, Term& op) {
    if (op.kind != TermKind::var) return;
    bool prints = is_print(op);
    std::string name = assigns ? "eq" : prints ? "print" : name_of(op);
    const Local* local = renamed(name);
    if (local == nullptr) return;
    if (assigns || prints) op.text = name;
    op.text = local->unique + op.text.substr(name.size());
    op.flag = false;
  }

  void rename_in_term(Term*& term, bool is_expression) {
    if (captured_term(*term)) return rename_in_term(term->body->exprs[0]->term->items[2], false);
    if (term->kind == TermKind::var) {
      if (const Local* local = renamed(term->text)) term->text = local->unique;
      return;
    }
    if (is_root_ref(*term)) {
      const Local* local = renamed(term->items[0]->text);
      if (local) term = ast_.var(local->unique, term->span);
      return;
    }
    if (term->kind == TermKind::call && !is_expression) {
      const Term& op = *term->items[0];
      const Local* local = op.kind == TermKind::var ? renamed(name_of(op)) : nullptr;
      if (local) refuse_shadowed(*term, *local);
    }
    for (std::size_t i = first_operand(*term); i < term->items.size(); ++i) {
      Term*& item = term->items[i];
      bool head = i == 0 && term->kind == TermKind::ref && item->kind == TermKind::var;
      const Local* local = head ? renamed(item->text) : nullptr;
      if (local)
        item = ast_.var(local->unique, item->span);  // uses of a document share their first term
      else
        rename_in_term(item, false);
    }
    if (term->body) rename_in_body(*term->body);
  }

  void plain(Expr& expr) {
    expr_term(expr.term);
    withs(expr);
  }

  void withs(Expr& expr) {
    for (With& with : expr.with) this->with(with, true);
  }

  void assignment(Expr& expr) {
    if (expr.negated) return fail(expr.span, "cannot assign vars inside negated expression");
    Term& call = *expr.term;
    term(call.items[2]);
    for (With& with : expr.with) this->with(with, false);
    target(call.items[1]);
    call.items[0]->flag = hidden_;
  }

  void target(Term*& pattern) {
    switch (pattern->kind) {
      case TermKind::var:
        if (declare(*pattern, Seen::assigned, pattern->span))
          pattern->text = find(pattern->text)->unique;
        return;
      case TermKind::array:
        for (Term*& item : pattern->items) target(item);
        return;
      case TermKind::object:
        for (std::size_t i = 1; i < pattern->items.size(); i += 2) target(pattern->items[i]);
        return;
      default:
        break;
    }
    if (is_root_ref(*pattern)) {
      Term* var = ast_.var(pattern->items[0]->text, pattern->span);
      if (declare(*var, Seen::assigned, var->span)) var->text = find(var->text)->unique;
      pattern = var;
      return;
    }
    fail(pattern->span, std::string("cannot assign to ") + kind_name(pattern->kind));
  }

  void some_in(Expr& expr) {
    if (expr.key == nullptr)
      expr.vars = {ast_.var(prefix_ + std::to_string(numbers_.next()), expr.span)};
    Names bound, in_domain;
    for (Term* pattern : {expr.key, expr.value}) {
      if (pattern) add_pattern(*pattern, bound);
    }
    visit_terms(*expr.domain, [&](Term& term) { add_name(term, in_domain); });
    std::size_t errors = report_.errors.size();
    for (const std::string& name : bound) {
      if (!is_wildcard(name) && in_domain.contains(name))
        fail_once(expr.span, "var " + name + " assigned before");
    }
    if (report_.errors.size() > errors || !declare_outputs(expr)) return;
    note_name("eq");
    for (Term** item : {&expr.value, &expr.domain, &expr.key}) {
      if (*item) term(*item);
    }
    withs(expr);
    rename_equality(expr);
  }

  /// Declares what a `some` binds; not what occurs anywhere in its domain.
  bool declare_outputs(Expr& expr) {
    Names outputs, in_domain;
    visit_all(*expr.domain, [&](Term& term) { add_name(term, in_domain); });
    add_pattern(*expr.value, outputs);
    if (expr.key)
      add_operand(*expr.key, outputs);
    else  // OPA declares the key that it made, too
      outputs.insert(made_name(*expr.vars[0]));
    add_ref_outputs(*expr.value, in_domain, outputs);
    for (const With& with : expr.with) {
      add_ref_outputs(*with.target, in_domain, outputs);
      if (with.value) add_ref_outputs(*with.value, in_domain, outputs);
    }
    for (const std::string& name : outputs) {
      if (in_domain.contains(name)) continue;
      if (expr.key == nullptr && name == made_name(*expr.vars[0])) {
        numbers_.next();
        continue;
      }
      std::optional<std::string> fault = declare(name, Seen::declared);
      if (!fault) continue;
      fail_once(expr.span, *fault);
      return false;
    }
    return true;
  }

  /// The name that OPA has for a variable that the compiler made.
  static std::string made_name(const Term& var) {
    return "__local" + var.text.substr(var.text.find_first_not_of("#")) + "__";
  }

  static void add_name(const Term& term, Names& out) {
    if (term.kind == TermKind::var) out.insert(term.text);
    if (term.kind == TermKind::call) out.insert(name_of(*term.items[0]));
  }

  /// All variables and the first names of functions, closures included.
  template <typename Node>
  static void add_names(Node& node, Names& out) {
    visit_all(node, [&](Term& term) { add_name(term, out); });
  }

  /// What refs into known names read with, which OPA takes to be bound by the expression.
  static void add_ref_outputs(const Term& term, const Names& known, Names& out) {
    if (term.body || term.kind == TermKind::template_string) return;
    if (term.kind == TermKind::ref) {
      const Term& head = *term.items[0];
      if (head.kind == TermKind::var && !known.contains(head.text)) return;
      for (std::size_t i = 1; i < term.items.size(); ++i) add_operand(*term.items[i], out);
    }
    for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
      add_ref_outputs(*term.items[i], known, out);
  }

  /// All variables of an operand of a ref but the heads of refs.
  static void add_operand(const Term& operand, Names& out) {
    if (operand.kind == TermKind::var) out.insert(operand.text);
    std::size_t first = operand.kind == TermKind::ref ? 1 : first_operand(operand);
    for (std::size_t i = first; i < operand.items.size(); ++i) add_operand(*operand.items[i], out);
  }

  /// OPA writes `some x in xs` as a call of `eq`, which a local may hide.
  void rename_equality(Expr& expr) {
    const Local* local = find("eq");
    if (local == nullptr || local->unique == "eq") return;
    Term* element = ast_.term(TermKind::ref, {});
    element->items = {expr.domain, expr.key ? expr.key : expr.vars[0]};
    expr.kind = ExprKind::term;
    expr.term = ast_.call(local->unique, {expr.value, element}, expr.span);
    expr.key = expr.value = expr.domain = nullptr;
  }

  /// The variables that a pattern binds: not those of keys, heads of refs, and closures.
  static void add_pattern(const Term& pattern, Names& out) {
    if (pattern.body) return;
    if (pattern.kind == TermKind::var) out.insert(pattern.text);
    std::size_t step = pattern.kind == TermKind::object ? 2 : 1;
    std::size_t first = pattern.kind == TermKind::object || pattern.kind == TermKind::ref
                            ? 1
                            : first_operand(pattern);
    for (std::size_t i = first; i < pattern.items.size(); i += step)
      add_pattern(*pattern.items[i], out);
  }

  void every(Expr& expr) {
    std::size_t first = report_.errors.size();
    term(expr.domain);
    scopes_.emplace_back();
    if (expr.key == nullptr)
      expr.vars = {ast_.var(prefix_ + std::to_string(numbers_.next()), expr.span)};
    bool good = true;
    for (Term* var : {expr.key, expr.value}) {
      if (!good || var == nullptr || is_wildcard(var->text)) continue;
      good = declare(*var, Seen::declared, Span());
      if (good) var->text = find(var->text)->unique;
    }
    if (good) {
      body(*expr.bodies[0], {});
      rename_again(expr);
      declare_again(expr, false);
      repeat_errors(first);
      withs(expr);
    }
    scopes_.pop_back();
  }

  // OPA walks `every` and the body of `not` a second time, and declares what each `every` that
  // stands in a closure there declares once more: the name that it is shown by is then the one that
  // it was given the first time, and its number is a new one. The numbers show in errors only, and
  // each level doubles the work, so levels beyond a few are not walked again.
  static constexpr int most_levels_again = 8;

  void declare_again(Expr& expr, bool in_modifiers = true) {
    for (Term* term : {expr.term, expr.key, expr.value, expr.domain}) {
      if (term) declare_inner(*term);
    }
    for (With& with : expr.with) {
      if (!in_modifiers) break;
      declare_inner(*with.target);
      if (with.value) declare_inner(*with.value);
    }
    for (Body* inner : expr.bodies) {
      for (Expr* one : inner->exprs) declare_again(*one);
    }
  }

  void declare_inner(Term& term) {
    if (term.body) declare_inner(*term.body);
    for (Term* item : term.items) declare_inner(*item);
  }

  void declare_inner(Body& body) {
    ++levels_again_;
    for (Expr* expr : body.exprs) {
      bool every = expr->kind == ExprKind::every;
      visit_expr_terms(*expr, [&](Term& term) { declare_inner(term); });
      if (every) {
        renumber(*expr, expr->key ? *expr->key : *expr->vars[0]);
        renumber(*expr, *expr->value);
      }
      for (Body* inner : expr->bodies) declare_inner(*inner);
      bool again = every || expr->kind == ExprKind::not_body;
      if (again && levels_again_ <= most_levels_again) declare_again(*expr);
    }
    --levels_again_;
  }

  void renumber(Expr& every, Term& var) {
    const std::string old = var.text;
    if (is_wildcard(old)) return;
    std::string number = old.substr(old.find('#') + 1);
    std::string name = "__local" + number + "__#" + std::to_string(numbers_.next());
    var.text = name;
    visit_all(*every.bodies[0], [&](Term& term) {
      if (term.kind == TermKind::var && term.text == old) term.text = name;
    });
  }

  /// Operands of not, and, or; those without braces declare nothing.
  void implicit(Expr& expr) {
    std::size_t errors = report_.errors.size();
    const char* where = expr.kind == ExprKind::not_body      ? "negated expression"
                        : expr.kind == ExprKind::logical_and ? "implicit and operand"
                                                             : "implicit or operand";
    for (Body* operand : expr.bodies) {
      if (!operand->implicit) {
        inner_body(*operand);
        continue;
      }
      for (Expr* inner : operand->exprs) {
        if (is_assignment(*inner)) {
          fail(inner->span, std::string("cannot assign vars inside ") + where);
        } else {
          this->expr(*inner);
        }
      }
    }
    if (report_.errors.size() > errors) return;
    for (const Body* operand : expr.bodies) {
      bool in_scope = expr.kind != ExprKind::not_body && !operand->implicit;
      if (in_scope) note_vars(*operand);
    }
    withs(expr);
  }

  /// OPA walks the operands of `and` and `or` a second time, in the scope around them.
  void note_vars(const Body& operand) {
    auto note = [&](const Term& term) {
      if (term.kind == TermKind::var && term.text.find('#') == std::string::npos)
        note_name(term.text);
    };
    for (const Expr* expr : operand.exprs) {
      visit_expr_terms(*expr, [&](Term& term) { visit_terms(term, note); });
      for (const Body* inner : expr->bodies) note_vars(*inner);
    }
  }

  // --- terms

  static bool names(const Term& op, std::string_view name) {
    return op.kind == TermKind::var && op.text == name;
  }

  /// The term of an expression: a call there may not be shadowed, but is no value either.
  void expr_term(Term*& top) {
    if (top->kind != TermKind::call) return term(top);
    Term& op = *top->items[0];
    Local* local = op.kind == TermKind::var ? find(op.text) : nullptr;
    if (local) ++local->count;
    if (local && local->unique != op.text) op.text = local->unique;
    note_name(name_of(op));
    arguments(*top);
  }

  /// The first name of a function: a var may hold a builtin's dotted name.
  static std::string name_of(const Term& op) {
    const Term& head = op.kind == TermKind::ref ? *op.items[0] : op;
    return head.text.substr(0, head.text.find('.'));
  }

  void arguments(Term& call) {
    bool print = names(*call.items[0], "print");
    for (std::size_t i = 1; i < call.items.size(); ++i) term(call.items[i]);
    if (print) this->print(call);
  }

  void term(Term*& term) {
    switch (term->kind) {
      case TermKind::var:
        return var(*term);
      case TermKind::ref:
        return ref(term);
      case TermKind::call:
        return call(*term);
      case TermKind::array_comprehension:
      case TermKind::set_comprehension:
      case TermKind::object_comprehension:
        return closure(*term);
      case TermKind::template_string:
        return template_string(term);
      default:
        for (Term** item : ordered_items(*term)) this->term(*item);
    }
  }

  /// The items of a term as OPA comes to them: those of an object or a set in their order.
  static std::vector<Term**> ordered_items(Term& term) {
    std::vector<Term**> out;
    bool is_object = term.kind == TermKind::object;
    for (std::size_t at : syntax::ordered_places(term)) {
      out.push_back(&term.items[at]);
      if (is_object) out.push_back(&term.items[at + 1]);
    }
    return out;
  }

  void var(Term& var) {
    if (Local* local = find(var.text)) {
      ++local->count;
      local->is_name = false;
      var.text = local->unique;
      return;
    }
    scopes_.back()[var.text] = {var.text, Seen::used, 1};
  }

  void ref(Term*& ref) {
    if (is_root_ref(*ref)) {
      const Local* local = find(ref->items[0]->text);
      if (local && local->how != Seen::used) ref = ast_.var(local->unique, ref->span);
      return;
    }
    Term& head = *ref->items[0];
    bool root = head.kind == TermKind::var && (head.text == "input" || head.text == "data");
    const Local* shadow = root ? find(head.text) : nullptr;
    if (shadow && shadow->how != Seen::used) ref->items[0] = ast_.var(shadow->unique, head.span);
    if (root) note_name(head.text);
    for (std::size_t i = root ? 1 : 0; i < ref->items.size(); ++i) term(ref->items[i]);
  }

  void call(Term& call) {
    const Term& op = *call.items[0];
    std::string name = name_of(op);
    Local* local = find(name);
    if (local) ++local->count;
    if (local && local->unique != name) refuse_shadowed(call, *local);
    note_name(name_of(op));
    arguments(call);
  }

  /// OPA renames the function, so that it does not meet the error again.
  void refuse_shadowed(Term& call, const Local& local) {
    Term& op = *call.items[0];
    fail_once(call.span, "called function " + syntax::to_text(op) + " shadowed");
    if (op.kind == TermKind::var) op.text = local.unique + op.text.substr(name_of(op).size());
  }

  void closure(Term& closure) {
    Names used;
    for (Term* item : closure.items) add_names(*item, used);
    scopes_.emplace_back();
    ++closure_depth_;
    body(*closure.body, used);
    for (Term*& item : closure.items) term(item);
    --closure_depth_;
    scopes_.pop_back();
  }

  // --- with

  bool is_builtin(const std::string& name) const {
    return name == "eq" || name == "assign" || name == "print" || builtins_.arity(name) >= 0;
  }

  bool names_builtin(const Term& term) const {
    bool is_name = term.kind == TermKind::var || term.kind == TermKind::ref;
    return is_name && is_builtin(syntax::to_text(term));
  }

  /// OPA does not rename the targets of assignments' modifiers.
  void with(With& with, bool renames_target) {
    const Term& target = *with.target;
    bool root = target.kind == TermKind::ref && is_root(target.items[0]->text);
    bool builtin = !root && names_builtin(target) && !(renames_target && is_local(target));
    if (root) {
      if (renames_target) note_name(target.items[0]->text);
      for (std::size_t i = 1; renames_target && i < target.items.size(); ++i)
        term(with.target->items[i]);
    } else if (builtin) {
      if (renames_target) note_name(name_of(target));
      with.target = ast_.var(syntax::to_text(target), target.span);
      with.target->flag = true;
    } else if (renames_target) {
      term(with.target);
    }
    bool function = builtin || (root && rules_.is_function(target));
    if (function && names_builtin(*with.value) && !is_local(*with.value)) {
      note_name(name_of(*with.value));
      with.builtin = syntax::to_text(*with.value);
      with.builtin_span = with.value->span;
      with.value = nullptr;
      return;
    }
    term(with.value);
  }

  bool is_local(const Term& term) const {
    const Term& head = term.kind == TermKind::ref ? *term.items[0] : term;
    const Local* local = head.kind == TermKind::var ? find(head.text) : nullptr;
    return local && local->unique != head.text;
  }

  // --- calls that the compiler writes

  std::string captured_name() { return prefix_ + "c" + std::to_string(captured_++); }

  /// print(x, y) becomes internal.print([{v | v = x}, {v | v = y}]): an undefined operand is an
  /// empty set.
  void print(Term& call) {
    Term* operands = ast_.term(TermKind::array, call.span);
    for (std::size_t i = 1; i < call.items.size(); ++i) {
      Term& operand = *call.items[i];
      std::string name = captured_name();
      Term* set = ast_.term(TermKind::set_comprehension, operand.span);
      set->items.push_back(ast_.var(name, operand.span));
      set->body = ast_.body(operand.span);
      set->body->exprs.push_back(
          ast_.expr(ast_.call("eq", {ast_.var(name, operand.span), &operand}, operand.span)));
      operands->items.push_back(set);
    }
    call.items = {ast_.var("internal.print", call.span), operands};
    call.items[0]->flag = true;  // not an author's
  }

  /// $"{x}{f(y)}" becomes internal.template_string([{x}, {v | v = f(y)}]).
  void template_string(Term*& term) {
    for (Term*& item : term->items) {
      if (item->body == nullptr) continue;
      Expr& part = *item->body->exprs[0];
      Term& equality = *part.term;
      // OPA drops the place of a call that is a part.
      bool is_call = equality.items[2]->kind == TermKind::call;
      if (is_call) equality.items[2]->span = {};
      expr_term(equality.items[2]);
      withs(part);
      Term& operand = *equality.items[2];
      bool defined = operand.kind == TermKind::ref && rules_.is_defined(operand);
      if (operand.kind == TermKind::var || defined) {
        Term* set = ast_.term(TermKind::set, item->span);
        set->items.push_back(&operand);
        item = set;
      } else {
        std::string name = captured_name();
        item->items[0]->text = equality.items[1]->text = name;
        if (is_call) forget_place(*item, part);
      }
    }
    Term* parts = ast_.term(TermKind::array, term->span);
    parts->items = term->items;
    term = ast_.call("internal.template_string", {parts}, term->span);
  }

  /// OPA makes the call in a template string anew, without its place, so that errors and traces of
  /// it have none.
  static void forget_place(Term& closure, Expr& part) {
    Term& equality = *part.term;
    closure.span = closure.body->span = closure.items[0]->span = {};
    part.span = equality.span = equality.items[1]->span = equality.items[2]->span = {};
  }

  std::string prefix_;
  RuleRefs& rules_;
  const builtins::Table& builtins_;
  LocalNumbers& numbers_;
  int captured_ = 0;  // operands of print() and template strings
  bool strict_;
  Ast& ast_;
  Report& report_;
  int levels_again_ = 0;
  std::vector<Scope> scopes_;
  bool hidden_ = false;  // in a collection that OPA does not look into
  std::size_t errors_before_ = 0;
  std::size_t unused_before_ = 0;
  std::size_t closure_depth_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> repeatable_;  // errors of closures: index, depth
};

}  // namespace

void rewrite_locals(const std::vector<Module*>& modules, const CheckOptions& options,
                    LocalNumbers& numbers, Ast& ast, Findings& findings) {
  Report report;
  RuleRefs rules(modules);
  for (Module* module : modules) {
    Locals locals("#", numbers, options.strict, *options.builtins, ast, report, rules);
    for (Rule* rule : module->rules) locals.rule(*rule);
  }
  findings.add(std::move(report.errors));
  findings.add_recoverable(std::move(report.unused));
}

void rewrite_locals(Body& query, std::vector<std::string>& vars, const Checked& checked, Ast& ast,
                    Findings& findings) {
  RuleRefs rules(checked);
  LocalNumbers numbers;
  Report report;
  Locals("#q", numbers, false, *checked.builtins, ast, report, rules).query(query, vars);
  for (Errors* errors : {&report.errors, &report.unused}) findings.add(std::move(*errors));
}

}  // namespace lictor::compile
