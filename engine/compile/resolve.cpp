// Names → refs and unique locals. A variable that `:=`, `some`, `every` or an argument declares
// becomes "name#N"; a name of a rule or an import becomes its ref; what is left is a variable of
// its body.
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

enum class Declared : std::uint8_t { argument, some, assigned };

struct Local {
  std::string name;
  Declared by;
  bool used = false;
  Span span;
};

struct Scope {
  std::map<std::string, Local, std::less<>> locals;
  std::set<std::string, std::less<>> used;  // names used before any declaration here
};

class Resolver {
 public:
  Resolver(const Globals& globals, Ast& ast, Errors& errors)
      : globals_(globals), ast_(ast), errors_(errors) {}

  void rule(Rule& rule) {
    push();
    for (Term* arg : rule.args) declare_pattern(*arg, Declared::argument);
    for (Term*& arg : rule.args) term(arg);
    body(*rule.body);
    for (std::size_t i = 1; i < rule.ref->items.size(); ++i) term(rule.ref->items[i]);
    if (rule.key) term(rule.key);
    if (rule.value) term(rule.value);
    pop();
  }

  void query(Body& query, std::vector<std::string>& vars) {
    push();
    body(query);
    for (const auto& [name, local] : scopes_.back().locals) vars.push_back(local.name);
    for (const std::string& name : scopes_.back().used) {
      if (!is_wildcard(name) && !scopes_.back().locals.contains(name)) vars.push_back(name);
    }
    pop();
  }

 private:
  void push() { scopes_.emplace_back(); }

  void pop() {
    for (const auto& [name, local] : scopes_.back().locals) {
      if (local.by == Declared::some && !local.used) {
        errors_.push_back(
            error_at(ErrorCode::compile, local.span, "declared var " + name + " unused"));
      }
    }
    scopes_.pop_back();
  }

  Local* find_local(std::string_view name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->locals.find(name);
      if (found != scope->locals.end()) return &found->second;
    }
    return nullptr;
  }

  void declare(const Term& var, Declared by) {
    if (is_wildcard(var.text)) return;
    Scope& scope = scopes_.back();
    auto existing = scope.locals.find(var.text);
    if (existing != scope.locals.end() && by != Declared::argument) {
      const char* how = existing->second.by == Declared::argument ? "declared as an argument"
                        : existing->second.by == Declared::some   ? "declared above"
                                                                  : "assigned above";
      if (existing->second.by == Declared::argument) {
        errors_.push_back(
            error_at(ErrorCode::compile, var.span, "arg " + var.text + " redeclared"));
      } else {
        errors_.push_back(error_at(ErrorCode::compile, var.span, "var " + var.text + " " + how));
      }
      return;
    }
    if (existing != scope.locals.end()) return;
    if (scope.used.contains(var.text)) {
      errors_.push_back(
          error_at(ErrorCode::compile, var.span, "var " + var.text + " referenced above"));
    }
    std::string unique = var.text + "#" + std::to_string(counter_++);
    scope.locals[var.text] = {unique, by, false, var.span};
  }

  void declare_pattern(Term& pattern, Declared by) {
    switch (pattern.kind) {
      case TermKind::var:
        declare(pattern, by);
        return;
      case TermKind::array:
        for (Term* item : pattern.items) declare_pattern(*item, by);
        return;
      case TermKind::object:
        for (std::size_t i = 1; i < pattern.items.size(); i += 2)
          declare_pattern(*pattern.items[i], by);
        return;
      default:
        return;
    }
  }

  void body(Body& body) {
    for (Expr* item : body.exprs) expr(*item);
    std::erase_if(body.exprs, [](const Expr* item) { return item->kind == ExprKind::some_decl; });
    if (body.exprs.empty()) body.exprs.push_back(ast_.expr(ast_.boolean(true, body.span)));
  }

  void inner_body(Body& inner) {
    push();
    body(inner);
    pop();
  }

  void expr(Expr& expr) {
    for (With& with : expr.with) {
      if (names_builtin(*with.value)) {
        with.builtin = syntax::to_text(*with.value);
        with.value = nullptr;
      } else {
        term(with.value);
      }
      with_target(with.target);
    }
    switch (expr.kind) {
      case ExprKind::term:
        return term_expr(expr);
      case ExprKind::some_decl:
        for (Term* var : expr.vars) declare(*var, Declared::some);
        return;
      case ExprKind::some_in:
        term(expr.domain);
        for (Term** pattern : {&expr.key, &expr.value}) {
          if (*pattern) declare_pattern(**pattern, Declared::assigned);
        }
        for (Term** pattern : {&expr.key, &expr.value}) {
          if (*pattern) term(*pattern);
        }
        return;
      case ExprKind::every:
        term(expr.domain);
        push();
        if (expr.key) declare_pattern(*expr.key, Declared::assigned);
        declare_pattern(*expr.value, Declared::assigned);
        if (expr.key) term(expr.key);
        term(expr.value);
        inner_body(*expr.bodies[0]);
        pop();
        return;
      case ExprKind::not_body:
      case ExprKind::logical_and:
      case ExprKind::logical_or:
        for (Body* inner : expr.bodies) inner_body(*inner);
        return;
    }
  }

  void term_expr(Expr& expr) {
    Term& top = *expr.term;
    bool assigns =
        top.kind == TermKind::call && top.infix && syntax::operator_name(top) == "assign";
    if (!assigns) return term(expr.term);
    term(top.items[2]);
    Term& target = *top.items[1];
    if (target.kind == TermKind::ref || target.kind == TermKind::call) {
      const char* what = target.kind == TermKind::ref ? "ref" : "call";
      errors_.push_back(
          error_at(ErrorCode::compile, target.span, std::string("cannot assign to ") + what));
      return;
    }
    if (syntax::is_ground(target)) {
      const char* what = target.kind == TermKind::array     ? "array"
                         : target.kind == TermKind::object  ? "object"
                         : target.kind == TermKind::set     ? "set"
                         : target.kind == TermKind::string  ? "string"
                         : target.kind == TermKind::number  ? "number"
                         : target.kind == TermKind::boolean ? "boolean"
                                                            : "null";
      if (target.kind != TermKind::array && target.kind != TermKind::object) {
        errors_.push_back(
            error_at(ErrorCode::compile, target.span, std::string("cannot assign to ") + what));
        return;
      }
    }
    declare_pattern(target, Declared::assigned);
    term(top.items[1]);
  }

  /// The ref of a global name, or null.
  Term* global_ref(const std::string& name, const Span& span) {
    bool root = name == "input" || name == "data";
    auto found = globals_.find(name);
    if (!root && found == globals_.end()) return nullptr;
    Term* ref = ast_.term(TermKind::ref, span);
    if (found == globals_.end()) {
      ref->items.push_back(ast_.var(name, span));
      return ref;
    }
    for (std::size_t i = 0; i < found->second.size(); ++i) {
      const std::string& part = found->second[i];
      ref->items.push_back(i == 0 ? ast_.var(part, span) : ast_.string(part, span));
    }
    return ref;
  }

  void var(Term*& term) {
    if (Local* local = find_local(term->text)) {
      local->used = true;
      term->text = local->name;
      return;
    }
    if (Term* ref = global_ref(term->text, term->span)) {
      term = ref;
      return;
    }
    scopes_.back().used.insert(term->text);
  }

  void ref(Term& ref) {
    for (std::size_t i = 1; i < ref.items.size(); ++i) term(ref.items[i]);
    Term* head = ref.items[0];
    term(head);
    if (head->kind != TermKind::ref) {
      ref.items[0] = head;
      return;
    }
    ref.items.erase(ref.items.begin());
    ref.items.insert(ref.items.begin(), head->items.begin(), head->items.end());
  }

  /// A function's name: a ref into `data`, or a var that holds a builtin's dotted name.
  void function_name(Term*& name) {
    const std::string& head = name->kind == TermKind::ref ? name->items[0]->text : name->text;
    bool declared = find_local(head) != nullptr;
    if (!declared) {
      if (Term* global = global_ref(head, name->span)) {
        if (name->kind == TermKind::ref) {
          global->items.insert(global->items.end(), name->items.begin() + 1, name->items.end());
        }
        name = global;
        return;
      }
    }
    std::string text = syntax::to_text(*name);
    name = ast_.var(text, name->span);
  }

  bool names_builtin(const Term& value) {
    if (value.kind != TermKind::var && value.kind != TermKind::ref) return false;
    const Term& head = value.kind == TermKind::ref ? *value.items[0] : value;
    bool known =
        head.kind == TermKind::var && (find_local(head.text) || head.text == "input" ||
                                       head.text == "data" || globals_.contains(head.text));
    return !known && builtins::arity(syntax::to_text(value)) >= 0;
  }

  void with_target(Term*& target) {
    const std::string& head = target->kind == TermKind::ref ? target->items[0]->text : target->text;
    bool global = head == "input" || head == "data" || globals_.contains(head);
    if (!global && builtins::arity(syntax::to_text(*target)) >= 0) {
      target = ast_.var(syntax::to_text(*target), target->span);
      return;
    }
    if (!global) {
      errors_.push_back(
          error_at(ErrorCode::type, target->span,
                   "with keyword target must reference existing input, data, or a function"));
      return;
    }
    term(target);
  }

  void term(Term*& term) {
    switch (term->kind) {
      case TermKind::var:
        return var(term);
      case TermKind::ref:
        return ref(*term);
      case TermKind::call:
        function_name(term->items[0]);
        if (term->items[0]->kind == TermKind::var && term->items[0]->text == "print") print(*term);
        for (std::size_t i = 1; i < term->items.size(); ++i) this->term(term->items[i]);
        return;
      case TermKind::array_comprehension:
      case TermKind::set_comprehension:
      case TermKind::object_comprehension:
        push();
        body(*term->body);
        for (Term*& item : term->items) this->term(item);
        pop();
        return;
      case TermKind::template_string:
        return template_string(term);
      default:
        for (Term*& item : term->items) this->term(item);
    }
  }

  /// print(x, y) becomes internal.print([{v | v = x}, {v | v = y}]): an undefined operand is an
  /// empty set.
  void print(Term& call) {
    Term* operands = ast_.term(TermKind::array, call.span);
    for (std::size_t i = 1; i < call.items.size(); ++i) {
      Term& operand = *call.items[i];
      std::string name = "$p" + std::to_string(counter_++);
      Term* set = ast_.term(TermKind::set_comprehension, operand.span);
      set->items.push_back(ast_.var(name, operand.span));
      set->body = ast_.body(operand.span);
      set->body->exprs.push_back(
          ast_.expr(ast_.call("eq", {ast_.var(name, operand.span), &operand}, operand.span)));
      operands->items.push_back(set);
    }
    call.items = {ast_.var("internal.print", call.span), operands};
  }

  void template_string(Term*& term) {
    for (Term*& item : term->items) this->term(item);
    Term* parts = ast_.term(TermKind::array, term->span);
    parts->items = term->items;
    term = ast_.call("internal.template_string", {parts}, term->span);
  }

  const Globals& globals_;
  Ast& ast_;
  Errors& errors_;
  std::vector<Scope> scopes_;
  int counter_ = 0;
};

std::string package_key(const Module& module) {
  std::string key;
  for (const Term* part : module.package) key += part->text + '\0';
  return key;
}

void add_imports(const Module& module, Globals& globals, Errors& errors) {
  std::map<std::string, const syntax::Import*> seen;
  for (const syntax::Import& import : module.imports) {
    const auto& items = import.path->items;
    const std::string& root = items[0]->text;
    if (root == "future" || root == "rego") continue;
    std::string name = import.alias.empty() ? items.back()->text : import.alias;
    auto [at, fresh] = seen.emplace(name, &import);
    if (!fresh && module.dialect == syntax::Dialect::v1) {
      errors.push_back(
          error_at(ErrorCode::compile, import.span,
                   "import must not shadow import " + syntax::to_text(*at->second->path)));
    }
    std::vector<std::string> path;
    for (const Term* item : items) path.push_back(item->text);
    globals[name] = path;
  }
}

}  // namespace

void resolve(const std::vector<Module*>& modules, Ast& ast, Errors& errors) {
  std::map<std::string, Globals> packages;
  for (const Module* module : modules) {
    Globals& names = packages[package_key(*module)];
    for (const Rule* rule : module->rules) {
      std::vector<std::string> path = {"data"};
      for (const Term* part : module->package) path.push_back(part->text);
      path.push_back(rule->ref->items[0]->text);
      names[rule->ref->items[0]->text] = path;
    }
  }
  for (Module* module : modules) {
    Globals globals = packages[package_key(*module)];
    add_imports(*module, globals, errors);
    Resolver resolver(globals, ast, errors);
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) { resolver.rule(clause); });
    }
  }
}

void resolve_query(Body* body, const Globals& globals, Ast& ast, std::vector<std::string>& vars,
                   Errors& errors) {
  Resolver(globals, ast, errors).query(*body, vars);
}

}  // namespace lictor::compile
