// Refuses expressions that can never hold because of the types of their operands, and refs to what
// cannot exist. In: checked rules, or a query. Out: OPA's rego_type_errors, and the types of all
// documents, which queries are checked against. Rules are visited after those that they refer to.
// Source of the rules: OPA v1/ast/check.go and v1/ast/env.go.
#include "compile/type_check.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <unordered_map>

#include "compile/dependencies.hpp"
#include "compile/flatten.hpp"
#include "compile/schema.hpp"
#include "compile/stages.hpp"
#include "compile/type_faults.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {

TypeNode& TypeNode::add(const Term& key) {
  TypeNode& out = children[TypeKey(key)];
  out.key = &key;
  return out;
}

TypeKey::TypeKey(const Term& term) : kind_('c'), text_(term.text) {
  switch (term.kind) {
    case TermKind::var:
      kind_ = 'v';
      break;
    case TermKind::string:
      kind_ = 's';
      break;
    case TermKind::number:
      kind_ = 'n';
      break;
    default:
      text_ = {};
      own_ = syntax::to_text(term);
  }
}

namespace {

/// A ref's operands and head, as OPA's checker walks them.
using Path = Terms;

struct Fault {
  Error error;
  TypeFault why = {};
};
using Faults = std::vector<Fault>;

bool is_root(const Term& head) {
  return head.kind == TermKind::var && (head.text == "data" || head.text == "input");
}

bool is_closure(const Term& term) { return term.body != nullptr; }

bool is_eq(const Term& call) {
  const Term& op = *call.items[0];
  return op.kind == TermKind::var && (op.text == "eq" || op.text == "assign");
}

class Checker {
 public:
  Checker(DocumentTypes& documents, const Flattener* flattener, Errors& errors)
      : documents_(documents), types_(documents.types), flattener_(flattener), errors_(errors) {}

  /// Who depends on a document, for `with`; the paths of what it changes.
  std::function<std::vector<Path>(const Term& target)> dependents;
  /// The rules that some `with` may replace; called at most once.
  std::function<std::set<const Rule*>()> replaced;

  /// What METADATA says of the types of documents; null: nothing.
  const SchemaAnnotations* annotations = nullptr;
  const Schemas* schemas = nullptr;

  /// Makes the type of `input` known, if there is a schema of it.
  void declare_input() {
    auto root = schemas ? schemas->find({}) : Schemas::const_iterator();
    if (!schemas || root == schemas->end()) return;
    try {
      TypeRef type = type_of_schema(root->second, types_, documents_.ast);
      put(documents_.base.own, {documents_.ast.var("input", {})}, type);
    } catch (const SchemaError& error) {
      errors_.push_back({ErrorCode::type, error.text, {}, 0, 0, {}, {}});
    }
  }

  void rule(const CheckedRule& checked, const Rule& rule, const FlatClause& clause) {
    TypeEnv env(&documents_.env);
    begin(clause);
    declare_documents(env, rule);
    Faults faults = body(env, *clause.body);
    Path path = rule_path(checked);
    if (!faults.empty()) {
      tell(faults);
      insert_any(path);
      return;
    }
    TypeRef type = rule_type(env, rule, clause, path);
    bool may_change = &rule == checked.rule && has_empty_collection(type) && is_replaced(checked);
    insert(path, may_change ? types_.without_empty(type) : type);
  }

  std::vector<TypeRef> argument_types(const Term& call) {
    return argument_types(documents_.env, call);
  }
  TypeRef type_of_document(const Term& ref) { return ref_type(documents_.env, ref.items); }

  void query(const Body& query) {
    TypeEnv env(&documents_.env);
    visit_all(query, [&](Term& term) { count(term); });
    Faults faults = body(env, query);
    tell(faults);
  }

 private:
  bool is_replaced(const CheckedRule& checked) {
    if (!replaced_) replaced_ = replaced ? replaced() : std::set<const Rule*>();
    return replaced_->contains(checked.rule);
  }

  void tell(Faults& faults) {
    for (Fault& fault : faults) {
      explain(fault.why, fault.error);
      errors_.push_back(std::move(fault.error));
    }
  }

  // --- schemas

  void declare_documents(TypeEnv& env, const Rule& rule) {
    auto known = annotations ? annotations->find(&rule) : SchemaAnnotations::const_iterator();
    if (!annotations || known == annotations->end()) return;
    for (const syntax::SchemaAnnotation& annotation : known->second) {
      try {
        if (TypeRef type = declared_type(annotation)) declare(env, annotation.path, type);
      } catch (const SchemaError& error) {
        errors_.push_back(error_at(ErrorCode::type, rule.span, error.text));
      }
    }
  }

  /// The type of a schema; null for one that is named while none are given.
  TypeRef declared_type(const syntax::SchemaAnnotation& annotation) {
    if (annotation.schema.empty())
      return type_of_schema(annotation.definition, types_, documents_.ast);
    if (!schemas) return nullptr;
    std::string name = "schema";
    std::vector<std::string> path;
    for (std::size_t i = 1; i < annotation.schema.size(); ++i) {
      path.push_back(annotation.schema[i]->text);
      name += "." + annotation.schema[i]->text;
    }
    auto [known, added] = named_types_.try_emplace(path);
    if (!added && known->second) return known->second;
    auto schema = schemas->find(path);
    if (schema == schemas->end()) throw SchemaError{"undefined schema: " + name};
    return known->second = type_of_schema(schema->second, types_, documents_.ast);
  }

  /// Puts a type at a path, inside of what is known of the document around it.
  void declare(TypeEnv& env, const Path& path, TypeRef type) {
    Path head{path[0]};
    TypeRef around = path.size() > 1 ? ref_type(env, head) : nullptr;
    if (around)
      put(env.own, head, overridden(path, 1, around, type));
    else
      put(env.own, path, type);
  }

  /// A type in which what is at a path has another one.
  TypeRef overridden(const Path& path, std::size_t at, TypeRef around, TypeRef type) {
    if (at == path.size()) return type;
    if (!is(around, TypeKind::object)) {
      TypeRef open = types_.object({}, true, any_type(), any_type());
      return nested(path, at, *open, type);
    }
    std::vector<Property> properties = around->properties;
    auto same = std::find_if(properties.begin(), properties.end(), [&](const Property& property) {
      return syntax::compare(*property.key, *path[at]) == 0;
    });
    if (same != properties.end()) {
      same->value = overridden(path, at + 1, same->value, type);
    } else {
      TypeRef added = nested(path, at, *around, type);
      properties.push_back(added->properties[0]);
      std::sort(properties.begin(), properties.end(), [](const Property& a, const Property& b) {
        return syntax::compare(*a.key, *b.key) < 0;
      });
    }
    return types_.object(std::move(properties), around->open, around->key, around->value);
  }

  /// Objects of one property each, down to a type, that are open where `around` is.
  TypeRef nested(const Path& path, std::size_t at, const Type& around, TypeRef type) {
    for (std::size_t i = path.size(); i-- > at;) {
      if (!syntax::is_scalar(*path[i]))
        throw SchemaError{std::string("error getting key from value: ") +
                          syntax::kind_name(path[i]->kind) + " requires evaluation"};
      type = types_.object({{path[i], type}}, around.open, around.key, around.value);
    }
    return type;
  }

  // --- documents

  Path rule_path(const CheckedRule& checked) {
    Path out{documents_.data};
    out.insert(out.end(), checked.path.begin(), checked.path.end());
    return out;
  }

  static std::size_t ground_length(const Path& path) {
    std::size_t out = 1;
    while (out < path.size() && syntax::is_scalar(*path[out])) ++out;
    return out;
  }

  /// What a rule with errors makes is anything, so that its users have no errors of their own.
  void insert_any(const Path& path) { put(documents_.env.own, path, any_type()); }

  TypeRef rule_type(TypeEnv& env, const Rule& rule, const FlatClause& clause, Path& path) {
    if (!clause.args.empty()) return function_type(env, clause);
    TypeRef out = rule.multi_value ? type_of(env, *clause.key) : type_of(env, *clause.value);
    if (out != nullptr && rule.multi_value) out = types_.set(out);
    std::size_t ground = ground_length(path);
    if (ground == path.size()) return out;
    // The flat clause has variables where the head has terms.
    std::size_t first = path.size() - clause.path.size();
    for (std::size_t i = path.size(); i-- > ground && out != nullptr;) {
      TypeRef key = type_of(env, i < first ? *path[i] : *clause.path[i - first]);
      out = key ? types_.object({}, true, key, out) : nullptr;
    }
    path.resize(ground);
    return out;
  }

  TypeRef function_type(TypeEnv& env, const FlatClause& clause) {
    std::vector<TypeRef> parameters;
    for (Term* arg : clause.args) {
      visit_terms(*arg, [&](Term& term) {
        if (term.kind == TermKind::var && type_of(env, term) == nullptr) env.know(term, any_type());
      });
      parameters.push_back(type_of(env, *arg));
    }
    return types_.function(std::move(parameters), type_of(env, *clause.value));
  }

  void insert(const Path& path, TypeRef type) {
    if (type == nullptr) return;
    TypeNode* at = &documents_.env.own;
    for (std::size_t i = 0; i < path.size(); ++i) {
      TypeNode* child = at->child(*path[i]);
      if (child && is(child->value, TypeKind::object) && i + 1 < path.size()) {
        std::vector<const Term*> rest(path.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                      path.end());
        child->value = types_.with_path(child->value, rest, 0, type);
      }
      at = &at->add(*path[i]);
    }
    at->value = types_.merged(at->value, type);
    if (!is(type, TypeKind::object)) return;
    std::vector<const Term*> below;
    join_leaves(*at, below, *at);
  }

  void join_leaves(const TypeNode& node, std::vector<const Term*>& path, TypeNode& root) {
    for (const auto& [key, child] : node.children) {
      path.push_back(child.key);
      if (child.value == nullptr)
        join_leaves(child, path, root);
      else if (is(root.value, TypeKind::object))
        root.value = types_.with_path(root.value, path, 0, child.value);
      path.pop_back();
    }
  }

  // --- types of terms

  TypeRef type_of(TypeEnv& env, const Term& term) {
    switch (term.kind) {
      case TermKind::null_value:
      case TermKind::boolean:
      case TermKind::number:
      case TermKind::string:
        return types_.of_constant(term);
      case TermKind::template_string:
        return scalar_type(TypeKind::string);
      case TermKind::var:
        return is_root(term) ? ref_type(env, {const_cast<Term*>(&term)}) : var_type(env, term);
      case TermKind::ref:
        return ref_type(env, term.items);
      case TermKind::array:
        return types_.array(item_types(env, term), nullptr);
      case TermKind::set: {
        TypeRef out = nullptr;
        for (const Term* item : term.items) out = types_.either(out, type_of(env, *item));
        return types_.set(out);
      }
      case TermKind::object:
        return object_type(env, term);
      case TermKind::call:
        return nullptr;
      default:
        return answer(env, term).type;
    }
  }

  std::vector<TypeRef> item_types(TypeEnv& env, const Term& term) {
    std::vector<TypeRef> out;
    for (const Term* item : term.items) out.push_back(type_of(env, *item));
    return out;
  }

  TypeRef object_type(TypeEnv& env, const Term& term) {
    std::vector<Property> properties;
    bool open = false;
    TypeRef key = nullptr, value = nullptr;
    for (std::size_t i : syntax::ordered_places(term)) {
      const Term& name = *term.items[i];
      TypeRef type = type_of(env, *term.items[i + 1]);
      if (syntax::is_ground(name)) {
        properties.push_back({&name, type});
        continue;
      }
      open = true;
      key = type_of(env, name);
      value = type;
    }
    return types_.object(std::move(properties), open, key, value);
  }

  // --- closures

  /// What is known of the documents and variables that a closure shares with what is around it.
  struct Known {
    std::size_t documents = 0;
    std::vector<TypeRef> vars;
    auto operator<=>(const Known&) const = default;
  };

  struct Answer {
    Faults faults;  // of its own body
    Faults nested;  // or else of the last closure in it that has any
    TypeRef type = nullptr;
  };

  /// A closure is looked at from each body around it, each time with all closures in it, so answers
  /// are kept: without them the time would double with each level.
  struct Closure {
    std::vector<const Term*> shared;
    std::map<Known, Answer> answers;
  };

  void begin(const FlatClause& clause) {
    closures_.clear();
    occurrences_.clear();
    auto look = [&](Term& term) { count(term); };
    visit_all(*clause.body, look);
    for (const Terms* items : {&clause.path, &clause.args}) {
      for (Term* item : *items) visit_all(*item, look);
    }
    for (Term* item : {clause.key, clause.value}) {
      if (item) visit_all(*item, look);
    }
  }

  void count(const Term& term) {
    if (term.kind == TermKind::var) ++occurrences_[term.text];
  }

  /// The variables that occur outside of the closure too.
  std::vector<const Term*> shared_vars(const Term& closure) const {
    std::unordered_map<std::string_view, std::pair<const Term*, std::size_t>> inside;
    visit_all(const_cast<Term&>(closure), [&](Term& term) {
      if (term.kind != TermKind::var || is_root(term)) return;
      auto& [var, times] = inside[term.text];
      var = &term;
      ++times;
    });
    std::vector<const Term*> out;
    for (const auto& [name, var] : inside) {
      auto all = occurrences_.find(name);
      if (all == occurrences_.end() || all->second != var.second) out.push_back(var.first);
    }
    return out;
  }

  const Answer& answer(TypeEnv& env, const Term& term) {
    auto [at, fresh] = closures_.try_emplace(&term);
    Closure& closure = at->second;
    if (fresh) closure.shared = shared_vars(term);
    Known known{env.documents, {}};
    for (const Term* var : closure.shared) known.vars.push_back(var_type(env, *var));
    auto found = closure.answers.find(known);
    if (found != closure.answers.end()) return found->second;
    // Modifiers double the answers with each level of closures, as they double OPA's work.
    constexpr std::size_t most_answers = 64;
    if (closure.answers.size() >= most_answers) return closure.answers.begin()->second;
    Answer out = new_answer(env, term);
    return closure.answers.emplace(std::move(known), std::move(out)).first->second;
  }

  Answer new_answer(TypeEnv& outer, const Term& term) {
    Answer out;
    TypeEnv env(&outer);
    out.faults = body(env, *term.body);
    if (!out.faults.empty()) return out;
    out.type = closure_type(env, term);
    for (const Expr* expr : term.body->exprs) {
      Faults deeper = closure_faults(outer, *expr);
      if (!deeper.empty()) out.nested = std::move(deeper);
    }
    return out;
  }

  TypeRef closure_type(TypeEnv& env, const Term& term) {
    TypeRef first = type_of(env, *term.items[0]);
    if (term.kind == TermKind::array_comprehension) return types_.array({}, first);
    if (term.kind == TermKind::set_comprehension) return types_.set(first);
    return types_.object({}, true, first, type_of(env, *term.items[1]));
  }

  TypeRef var_type(const TypeEnv& env, const Term& var) {
    const TypeKey key(var);
    for (const TypeEnv* at = &env; at != nullptr; at = at->next) {
      if (const TypeNode* node = at->own.child(key)) return node->value;
    }
    return builtin_type(var);
  }

  /// Of a builtin that a variable in a closure is named like; null if there is none.
  TypeRef builtin_type(const Term& var) {
    bool named = var.kind == TermKind::var && var.text.find('#') == std::string::npos;
    return named ? replacing_type(var.text) : nullptr;
  }

  TypeRef ref_type(TypeEnv& env, const Path& ref) {
    if (ref[0]->kind == TermKind::var && !is_root(*ref[0]) && ref.size() == 1)
      return var_type(env, *ref[0]);
    const TypeKey head(*ref[0]);
    for (TypeEnv* at = &env; at != nullptr; at = at->next) {
      const TypeNode* node = at->own.child(head);
      if (node == nullptr) continue;
      bool missing = false;
      TypeRef out = ref_type_below(*node, ref, 1, missing);
      if (!missing) return out;
    }
    if (is_root(*ref[0])) return any_type();
    return select_path(builtin_type(*ref[0]), ref, 1);
  }

  TypeRef ref_type_below(const TypeNode& node, const Path& ref, std::size_t at, bool& missing) {
    if (at == ref.size()) return extent(node);
    if (node.value != nullptr) {
      const TypeNode* child = node.child(*ref[at]);
      return child ? ref_type_below(*child, ref, at + 1, missing)
                   : select_path(node.value, ref, at);
    }
    if (!syntax::is_ground(*ref[at])) return select_path(extent(node), ref, at);
    const TypeNode* child = node.child(*ref[at]);
    if (child == nullptr) {
      missing = true;
      return nullptr;
    }
    return ref_type_below(*child, ref, at + 1, missing);
  }

  /// The type of all that stands below a node; base documents may add to it.
  TypeRef extent(const TypeNode& node) {
    if (node.value != nullptr) return node.value;
    std::vector<Property> properties;
    for (const auto& [key, child] : node.children) {
      TypeRef type = extent(child);
      bool plain = child.key->kind == TermKind::string || child.key->kind == TermKind::number ||
                   child.key->kind == TermKind::boolean;
      if (plain) properties.push_back({child.key, type});
    }
    return types_.object(std::move(properties), true, scalar_type(TypeKind::string), any_type());
  }

  TypeRef select_path(TypeRef type, const Path& ref, std::size_t at) {
    for (; type != nullptr && at < ref.size(); ++at) {
      const Term& key = *ref[at];
      bool scalar = key.items.empty() && key.body == nullptr && key.kind != TermKind::var &&
                    key.kind != TermKind::array && key.kind != TermKind::object &&
                    key.kind != TermKind::set;
      if (scalar) {
        type = types_.select(type, key);
      } else {
        if (is_empty_collection(type)) return any_type();
        type = types_.values(type);
      }
    }
    return type;
  }

  // --- bodies

  Faults body(TypeEnv& env, const Body& body) {
    Faults out;
    for (const Expr* expr : body.exprs) {
      std::vector<std::unique_ptr<TypeEnv>> layers;
      expression(*with_env(env, *expr, layers), *expr, out);
    }
    return out;
  }

  void expression(TypeEnv& env, const Expr& expr, Faults& out) {
    Faults closures = closure_faults(env, expr), refs;
    ref_faults(env, expr, refs);
    bool specific = !closures.empty() || !refs.empty();
    for (Faults* faults : {&closures, &refs})
      std::move(faults->begin(), faults->end(), std::back_inserter(out));
    std::optional<Fault> fault = call_fault(env, expr);
    if (fault && !(specific && is_of_unknown(fault->why))) out.push_back(std::move(*fault));
  }

  /// Faults of the last closure that has any.
  Faults closure_faults(TypeEnv& env, const Expr& expr) {
    Faults out;
    visit_expr_terms(expr, [&](Term& term) { closure_faults(env, term, out); });
    for (const Body* inner : expr.bodies) {
      for (const Expr* item : inner->exprs) {
        Faults found = closure_faults(env, *item);
        if (!found.empty()) out = std::move(found);
      }
    }
    return out;
  }

  void closure_faults(TypeEnv& env, Term& term, Faults& out) {
    if (is_closure(term)) {
      const Answer& known = answer(env, term);
      if (!known.faults.empty()) {
        out = known.faults;
        return;
      }
      if (!known.nested.empty()) out = known.nested;
    }
    for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
      closure_faults(env, *term.items[i], out);
  }

  // --- with

  TypeEnv* with_env(TypeEnv& env, const Expr& expr, std::vector<std::unique_ptr<TypeEnv>>& layers) {
    TypeEnv* out = &env;
    auto wrap = [&] {
      layers.push_back(std::make_unique<TypeEnv>(out));
      layers.back()->vars = env.vars;
      out = layers.back().get();
    };
    std::vector<std::pair<Path, TypeRef>> targets;
    Replaced state = states_[env.documents];
    for (const With& with : expr.with) {
      if (with.target->kind != TermKind::ref) continue;
      TypeRef type = ref_type(env, with.target->items);
      bool function = is(type, TypeKind::function);
      std::vector<Path> changed = dependents ? dependents(*with.target) : std::vector<Path>();
      if (function)
        std::erase_if(changed, [&](const Path& path) { return same(path, with.target->items); });
      if (!changed.empty()) {
        wrap();
        for (const Path& path : changed) {
          put(out->own, path, any_type());
          replace(state, path, any_type());
        }
      }
      if (!function)
        targets.emplace_back(ground_prefix(*with.target), replacement(env, with, type));
    }
    if (!targets.empty()) {
      wrap();
      for (const auto& [path, type] : targets) {
        put(out->own, path, type);
        replace(state, path, type);
      }
    }
    if (out != &env) out->documents = number_of(std::move(state));
    return out;
  }

  /// What modifiers make of documents: their paths, with types. The same modifiers again change
  /// nothing, so that closures nested in such have few answers.
  using Replaced = std::map<std::string, TypeRef>;

  static void replace(Replaced& state, const Path& path, TypeRef type) {
    std::string text;
    for (const Term* item : path) text += syntax::to_text(*item) + "\n";
    auto below = state.lower_bound(text);
    while (below != state.end() && below->first.starts_with(text)) below = state.erase(below);
    state[text] = type;
  }

  std::size_t number_of(Replaced state) {
    auto [at, fresh] = state_numbers_.try_emplace(state, states_.size());
    if (fresh) states_.push_back(std::move(state));
    return at->second;
  }

  TypeRef replacement(TypeEnv& env, const With& with, TypeRef type) {
    bool ground = ground_prefix(*with.target).size() == with.target->items.size();
    if (!ground || type == nullptr || with.value == nullptr) return any_type();
    TypeRef value = type_of(env, *with.value);
    TypeRef both = value ? types_.either(type, value) : nullptr;
    return both ? both : any_type();
  }

  static Path ground_prefix(const Term& ref) {
    Path out(ref.items.begin(), ref.items.begin() + 1);
    for (std::size_t i = 1; i < ref.items.size() && syntax::has_no_variables(*ref.items[i]); ++i)
      out.push_back(ref.items[i]);
    return out;
  }

  static bool same(const Path& a, const Path& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Term* x, const Term* y) { return TypeKey(*x) == TypeKey(*y); });
  }

  static void put(TypeNode& root, const Path& path, TypeRef type) {
    TypeNode* at = &root;
    for (const Term* item : path) at = &at->add(*item);
    at->value = type;
  }

  // --- refs

  /// OPA does not look into the modifiers of plain expressions and of `not`.
  void ref_faults(TypeEnv& env, const Expr& expr, Faults& out) {
    bool simple = expr.kind == ExprKind::term;
    if (simple) {
      ref_faults(env, *expr.term, out);
    } else {
      for (Term* term : {expr.key, expr.value, expr.domain}) {
        if (term) ref_faults(env, *term, out);
      }
      for (const Body* inner : expr.bodies) {
        for (const Expr* item : inner->exprs) ref_faults(env, *item, out);
      }
    }
    if (simple || expr.kind == ExprKind::not_body) return;
    for (const With& with : expr.with) with_faults(env, with, out);
  }

  void with_faults(TypeEnv& env, const With& with, Faults& out) {
    const Term& target = *with.target;
    if (target.kind == TermKind::var && target.flag)
      out.push_back(builtin_as_reference(target.text, target.span));
    else
      ref_faults(env, *with.target, out);
    if (with.value)
      ref_faults(env, *with.value, out);
    else
      out.push_back(builtin_as_reference(with.builtin, with.builtin_span));
  }

  /// A name without dots has no place in OPA.
  Fault builtin_as_reference(const std::string& name, const Span& span) {
    syntax::Ast scratch;
    Term* ref = scratch.term(TermKind::ref, span);
    for (std::size_t start = 0; start <= name.size();) {
      std::size_t end = std::min(name.find('.', start), name.size());
      std::string part = name.substr(start, end - start);
      ref->items.push_back(start == 0 ? scratch.var(part, span) : scratch.string(part, span));
      start = end + 1;
    }
    std::string text = "function " + name + " used as reference, not called";
    Error error = ref->items.size() > 1 ? error_at(ErrorCode::type, span, std::move(text))
                                        : Error{ErrorCode::type, std::move(text), {}, 0, 0, {}, {}};
    return {std::move(error), NoParts{SplitRef(*ref, ref->items.size() - 1), types_.builtin(name)}};
  }

  void ref_faults(TypeEnv& env, Term& term, Faults& out) {
    if (is_closure(term)) return;
    if (term.kind == TermKind::ref && !ref_is_sound(env, term, out)) return;
    for (std::size_t i = term.kind == TermKind::call ? 1 : 0; i < term.items.size(); ++i)
      ref_faults(env, *term.items[i], out);
  }

  /// False if the ref's operands need no look any more.
  bool ref_is_sound(TypeEnv& env, const Term& ref, Faults& out) {
    TypeRef type = ref_type(env, ref.items);
    if (is(type, TypeKind::function)) {
      out.push_back(used_as_reference(ref, ref.items.size() - 1, type));
      return false;
    }
    std::optional<Fault> fault = check_ref(env, ref);
    if (fault) out.push_back(std::move(*fault));
    return true;
  }

  /// A ref as its author wrote it.
  const Term& written(const Term& ref, syntax::Ast& scratch) const {
    Term* copy = scratch.copy(ref);
    restore(*copy, scratch);
    return *copy;
  }

  /// Puts back what variables of ours stand for, and the names of the others.
  void restore(Term& term, syntax::Ast& scratch) const {
    if (term.kind == TermKind::var && !is_root(term)) {
      const Term* subject = flattener_ ? flattener_->subject(term.text) : nullptr;
      if (subject) {
        term = *scratch.copy(*subject);
        return restore(term, scratch);
      }
      if (!is_wildcard(term.text)) term.text = display_name(term.text);
      return;
    }
    if (term.kind == TermKind::call && is_eq(term)) term.items[0]->text = "eq";
    for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
      restore(*term.items[i], scratch);
    if (term.body) restore(*term.body, scratch);
    if (term.kind == TermKind::set) sort_elements(term);
    if (term.kind == TermKind::object) sort_members(term);
  }

  static void sort_members(Term& object) {
    std::map<TypeKey, std::pair<Term*, Term*>> members;
    for (std::size_t i = 0; i < object.items.size(); i += 2)
      members[TypeKey(*object.items[i])] = {object.items[i], object.items[i + 1]};
    object.items.clear();
    for (const auto& [key, member] : members) {
      object.items.push_back(member.first);
      object.items.push_back(member.second);
    }
  }

  /// A set has its elements in order, each once.
  static void sort_elements(Term& set) {
    auto before = [](const Term* a, const Term* b) {
      if (a->kind != b->kind) return a->kind < b->kind;
      if (a->kind != TermKind::number) return syntax::to_text(*a) < syntax::to_text(*b);
      return std::strtod(a->text.c_str(), nullptr) < std::strtod(b->text.c_str(), nullptr);
    };
    std::stable_sort(set.items.begin(), set.items.end(), before);
    auto same = [&](const Term* a, const Term* b) { return !before(a, b) && !before(b, a); };
    set.items.erase(std::unique(set.items.begin(), set.items.end(), same), set.items.end());
  }

  void restore(Body& body, syntax::Ast& scratch) const {
    for (Expr* expr : body.exprs) {
      visit_expr_terms(*expr, [&](Term& term) { restore(term, scratch); });
      for (Body* inner : expr->bodies) restore(*inner, scratch);
    }
  }

  using Keys = std::optional<std::vector<const Term*>>;

  static Error undefined_ref(const Term& ref, const Term& written) {
    return error_at(ErrorCode::type, ref.items[0]->span,
                    "undefined ref: " + syntax::to_text(written));
  }

  Fault wrong_operand(const Term& ref, std::size_t at, TypeRef have, TypeRef want,
                      Keys one_of) const {
    syntax::Ast scratch;
    const Term& text = written(ref, scratch);
    return {undefined_ref(ref, text),
            WrongOperand{SplitRef(text, at), have, want, std::move(one_of)}};
  }

  /// What stands at an operand has no parts.
  Fault no_parts(const Term& ref, std::size_t at, TypeRef have) const {
    if (is(have, TypeKind::function)) return used_as_reference(ref, at, have);
    syntax::Ast scratch;
    const Term& text = written(ref, scratch);
    return {undefined_ref(ref, text), NoParts{SplitRef(text, at), have}};
  }

  /// True if OPA takes an operand for one of its own variables: by its text.
  static bool shows_made_name(const Term& operand) {
    const std::string text = syntax::to_text(operand);
    constexpr std::string_view prefix = "__local";
    for (std::size_t at = text.find(prefix); at != std::string::npos;
         at = text.find(prefix, at + 1)) {
      std::size_t digits = at + prefix.size();
      std::size_t end = std::min(text.find_first_not_of("0123456789", digits), text.size());
      if (end > digits && std::string_view(text).substr(end).starts_with("__")) return true;
    }
    return false;
  }

  Fault used_as_reference(const Term& ref, std::size_t at, TypeRef function) const {
    syntax::Ast scratch;
    const Term& text = written(ref, scratch);
    Term shown = text;
    if (shown.items.size() > 1 && shows_made_name(*shown.items.back())) shown.items.pop_back();
    return {error_at(ErrorCode::type, ref.items[0]->span,
                     "function " + syntax::to_text(shown) + " used as reference, not called"),
            NoParts{SplitRef(text, at), function}};
  }

  static std::vector<const Term*> keys_below(const TypeNode& node) {
    std::vector<const Term*> out;
    for (const auto& [key, child] : node.children) out.push_back(child.key);
    std::sort(out.begin(), out.end(),
              [](const Term* a, const Term* b) { return syntax::compare(*a, *b) < 0; });
    return out;
  }

  std::optional<Fault> check_ref(TypeEnv& env, const Term& ref) {
    for (TypeEnv* layer = &env; layer != nullptr; layer = layer->next) {
      const TypeNode* node = &layer->own;
      std::size_t at = 0;
      for (; at < ref.items.size(); ++at) {
        const Term& key = *ref.items[at];
        if (std::optional<Fault> fault = check_key(env, ref, *node, at)) return fault;
        const TypeNode* child = node->child(key);
        if (child == nullptr) break;
        if (child->value != nullptr) return check_below(env, ref, child->value, at + 1);
        node = child;
      }
      if (at == ref.items.size()) return std::nullopt;
    }
    const Term& head = *ref.items[0];
    if (TypeRef builtin = builtin_type(head)) return check_below(env, ref, builtin, 1);
    return check_below(env, ref, any_type(), is_root(head) ? 1 : 0);
  }

  /// The operands that name a package must be strings; a variable among them gets their type.
  std::optional<Fault> check_key(TypeEnv& env, const Term& ref, const TypeNode& node,
                                 std::size_t at) {
    const Term& key = *ref.items[at];
    bool names = key.kind == TermKind::var || key.kind == TermKind::string;
    if ((at == 1 || at == 2) && !names) {
      return wrong_operand(ref, at, type_of(env, key), scalar_type(TypeKind::string),
                           keys_below(node));
    }
    if (at == 0 || key.kind != TermKind::var) return std::nullopt;
    TypeRef keys = types_.keys(extent(node)), known = var_type(env, key);
    if (known == nullptr)
      env.know(key, keys);
    else if (!unifies(keys, known))
      return wrong_operand(ref, at, known, keys, keys_below(node));
    return std::nullopt;
  }

  std::optional<Fault> check_below(TypeEnv& env, const Term& ref, TypeRef type, std::size_t at) {
    for (; at < ref.items.size(); ++at) {
      Term& key = *ref.items[at];
      if (is_empty_collection(type)) return check_empty(env, ref, type, at);
      TypeRef keys = types_.keys(type);
      if (keys == nullptr) return no_parts(ref, at - 1, type);
      TypeRef known = nullptr;
      switch (key.kind) {
        case TermKind::var:
          known = var_type(env, key);
          if (known == nullptr) env.know(key, keys);
          break;
        case TermKind::ref:
          known = ref_type(env, key.items);
          break;
        case TermKind::array:
        case TermKind::object:
        case TermKind::set:
          if (learn(env, key, keys, false)) break;
          return wrong_operand(ref, at, type_of(env, key), keys, std::nullopt);
        default: {
          TypeRef part = types_.select(type, key);
          if (part == nullptr) return wrong_operand(ref, at, nullptr, keys, keys_of(type));
          type = part;
          continue;
        }
      }
      if (known != nullptr && !unifies(known, keys))
        return wrong_operand(ref, at, known, keys, keys_of(type));
      type = types_.values(type);
    }
    return std::nullopt;
  }

  /// The keys that were possible, where there are any.
  static Keys keys_of(TypeRef type) {
    std::vector<const Term*> out = constant_keys(type);
    return out.empty() ? Keys() : Keys(std::move(out));
  }

  std::optional<Fault> check_empty(TypeEnv& env, const Term& ref, TypeRef type, std::size_t at) {
    const Term& key = *ref.items[at];
    if (key.kind == TermKind::var) {
      TypeRef known = var_type(env, key), keys = types_.keys(type);
      if (known == nullptr)
        env.know(key, any_type());
      else if (keys != nullptr && !unifies(known, keys))
        return wrong_operand(ref, at, known, keys, std::nullopt);
      return std::nullopt;
    }
    bool composite = key.kind == TermKind::ref || key.kind == TermKind::array ||
                     key.kind == TermKind::object || key.kind == TermKind::set || key.body;
    if (composite) return std::nullopt;
    return wrong_operand(ref, at, nullptr, nullptr, std::nullopt);
  }

  // --- calls

  std::optional<Fault> call_fault(TypeEnv& env, const Expr& expr) {
    if (std::optional<Fault> fault = with_fault(env, expr)) return fault;
    if (expr.kind != ExprKind::term || expr.term->kind != TermKind::call) return std::nullopt;
    const Term& call = *expr.term;
    if (is_eq(call) && call.items.size() == 3) return equality_fault(env, expr);
    std::string name = syntax::operator_name(call);
    bool with_key = name == "internal.member_3";
    if (with_key || name == "internal.member_2") {
      if (std::optional<Fault> fault = member_fault(env, expr, with_key)) return fault;
    }
    return arguments_fault(env, expr, name);
  }

  /// A function may be replaced by one of as many parameters.
  std::optional<Fault> with_fault(TypeEnv& env, const Expr& expr) {
    for (const With& with : expr.with) {
      TypeRef target = with.target->kind == TermKind::ref ? ref_type(env, with.target->items)
                                                          : replacing_type(with.target->text);
      TypeRef value = nullptr;
      if (!with.builtin.empty())
        value = replacing_type(with.builtin);
      else if (with.value && with.value->kind == TermKind::ref)
        value = ref_type(env, with.value->items);
      bool functions = is(target, TypeKind::function) && is(value, TypeKind::function);
      if (!functions || unifies(target, value)) continue;
      std::vector<TypeRef> have = value->items;
      if (value->variadic) have.pop_back();
      return Fault{
          error_at(ErrorCode::type, with.span, syntax::to_text(*with.target) + ": arity mismatch"),
          WrongArguments{std::move(have), target, true, true}};
    }
    return std::nullopt;
  }

  TypeRef replacing_type(const std::string& builtin) {
    if (builtin == "print") return types_.function({}, nullptr);
    TypeRef out = types_.builtin(builtin);
    bool equality = builtin == "eq" || builtin == "assign";
    return equality ? types_.function({any_type(), any_type()}, scalar_type(TypeKind::boolean))
                    : out;
  }

  TypeRef callable_type(TypeEnv& env, const Term& op) {
    return op.kind == TermKind::ref ? ref_type(env, op.items) : types_.builtin(op.text);
  }

  static Fault match_error(const Expr& expr, TypeRef left, TypeRef right) {
    return {error_at(ErrorCode::type, expr.span, "match error"), Mismatch{left, right}};
  }

  std::optional<Fault> equality_fault(TypeEnv& env, const Expr& expr) {
    Term &a = *expr.term->items[1], &b = *expr.term->items[2];
    TypeRef left = type_of(env, a), right = type_of(env, b);
    if (learn_both(env, a, left, b, right)) return std::nullopt;
    return match_error(expr, left, right);
  }

  std::optional<Fault> member_fault(TypeEnv& env, const Expr& expr, bool with_key) {
    const Term& call = *expr.term;
    std::size_t arity = with_key ? 3 : 2;
    if (call.items.size() < arity + 1) return std::nullopt;
    TypeRef collection = type_of(env, *call.items[arity]);
    TypeRef values = types_.values(collection);
    if (values == nullptr) return std::nullopt;
    if (with_key) {
      std::optional<Fault> fault =
          operand_fault(env, expr, *call.items[1], types_.keys(collection));
      if (fault) return fault;
    }
    return operand_fault(env, expr, *call.items[arity - 1], values);
  }

  std::optional<Fault> operand_fault(TypeEnv& env, const Expr& expr, Term& term, TypeRef wanted) {
    if (is_unknown(wanted)) return std::nullopt;
    TypeRef have = type_of(env, term);
    bool fits = is_unknown(have) || unifies(have, wanted);
    if (fits && learn(env, term, wanted, false)) return std::nullopt;
    return match_error(expr, have, wanted);
  }

  std::optional<Fault> arguments_fault(TypeEnv& env, const Expr& expr, const std::string& name) {
    const Term& call = *expr.term;
    TypeRef type = callable_type(env, *call.items[0]);
    if (type == nullptr || is_anything(type)) return std::nullopt;
    if (!is(type, TypeKind::function))
      return Fault{error_at(ErrorCode::type, expr.span, "undefined function " + name)};
    std::vector<TypeRef> wanted = type->items;
    if (!type->variadic && type->value) wanted.push_back(type->value);
    std::size_t given = call.items.size() - 1;
    auto wrong = [&](const char* what) {
      return Fault{error_at(ErrorCode::type, expr.span, name + ": " + what),
                   WrongArguments{argument_types(env, call), type}};
    };
    if (given > wanted.size() && !type->variadic) return wrong("too many arguments");
    if (given < type->items.size() && !type->variadic) return wrong("too few arguments");
    std::vector<TypeRef> have = argument_types(env, call);
    for (std::size_t i = 0; i < given; ++i) {
      TypeRef want = i < wanted.size() ? wanted[i] : wanted.back();
      bool clashes = !is_unknown(have[i]) && !unifies(have[i], want);
      if (clashes) {
        Fault out = wrong("invalid argument(s)");
        std::get<WrongArguments>(out.why).have = std::move(have);
        return out;
      }
      if (!learn(env, *call.items[i + 1], want, false)) return wrong("invalid argument(s)");
    }
    return std::nullopt;
  }

  std::vector<TypeRef> argument_types(TypeEnv& env, const Term& call) {
    std::vector<TypeRef> out;
    for (std::size_t i = 1; i < call.items.size(); ++i) out.push_back(type_of(env, *call.items[i]));
    return out;
  }

  // --- what an expression teaches about its variables

  bool learn_both(TypeEnv& env, Term& a, TypeRef type_a, Term& b, TypeRef type_b) {
    bool unknown_a = is_unknown(type_a), unknown_b = is_unknown(type_b);
    if (unknown_a && !unknown_b) return learn(env, a, type_b, false);
    if (unknown_b && !unknown_a) return learn(env, b, type_a, false);
    if (!unknown_a) return unifies(type_a, type_b);
    if (a.kind == TermKind::array) return learn_arrays(env, a, b);
    if (a.kind == TermKind::object) return learn_objects(env, a, b);
    bool var_a = a.kind == TermKind::var, var_b = b.kind == TermKind::var;
    if (var_a && var_b)
      return learn(env, a, any_type(), false) && learn(env, b, type_of(env, a), false);
    if (var_a && b.kind == TermKind::array) return learn_arrays(env, b, a);
    if (var_a && b.kind == TermKind::object) return learn_objects(env, b, a);
    if (var_a && b.kind == TermKind::ref) return learn(env, a, any_type(), false);
    if (a.kind == TermKind::ref && var_b) return learn(env, b, any_type(), false);
    if (var_a && type_a == nullptr && type_b != nullptr) return learn(env, a, type_b, false);
    if (var_b && type_b == nullptr && type_a != nullptr) return learn(env, b, type_a, false);
    return false;
  }

  bool learn_arrays(TypeEnv& env, Term& a, Term& b) {
    if (b.kind == TermKind::var)
      return learn(env, a, any_type(), false) && learn(env, b, type_of(env, a), false);
    if (b.kind != TermKind::array || a.items.size() != b.items.size()) return false;
    for (std::size_t i = 0; i < a.items.size(); ++i) {
      if (!learn_both(env, *a.items[i], type_of(env, *a.items[i]), *b.items[i],
                      type_of(env, *b.items[i])))
        return false;
    }
    return true;
  }

  static Term* value_at(const Term& object, const Term& key) {
    for (std::size_t i = 0; i < object.items.size(); i += 2) {
      if (TypeKey(*object.items[i]) == TypeKey(key)) return object.items[i + 1];
    }
    return nullptr;
  }

  bool learn_objects(TypeEnv& env, Term& a, Term& b) {
    if (b.kind == TermKind::var)
      return learn(env, a, any_type(), false) && learn(env, b, type_of(env, a), false);
    if (b.kind != TermKind::object || a.items.size() != b.items.size()) return false;
    for (std::size_t i = 0; i < a.items.size(); i += 2) {
      Term* other = value_at(b, *a.items[i]);
      if (other == nullptr) return false;
      Term& value = *a.items[i + 1];
      if (!learn_both(env, value, type_of(env, value), *other, type_of(env, *other))) return false;
    }
    return true;
  }

  /// Holds a term against a type; variables of which nothing is known take it. With `join`, a
  /// variable's type grows.
  bool learn(TypeEnv& env, Term& term, TypeRef type, bool join) {
    switch (term.kind) {
      case TermKind::array:
      case TermKind::object:
      case TermKind::set:
        return learn_composite(env, term, type, join);
      case TermKind::var:
        if (is_root(term)) return unifies(type_of(env, term), type);
        if (join) {
          env.know(term, types_.either(var_type(env, term), type));
          return true;
        }
        if (TypeRef known = var_type(env, term)) return unifies(known, type);
        env.know(term, type);
        return true;
      default:
        return unifies(type_of(env, term), type);
    }
  }

  bool learn_composite(TypeEnv& env, Term& term, TypeRef type, bool join) {
    if (is_anything(type)) {
      for (Term* item : term.items) learn(env, *item, type, true);
      return true;
    }
    if (is(type, TypeKind::any)) {
      bool fits = false;
      for (TypeRef member : type->items) fits = learn(env, term, member, true) || fits;
      return fits;
    }
    if (term.kind == TermKind::array && is(type, TypeKind::array))
      return learn_items(env, term, *type, join);
    if (term.kind == TermKind::object && is(type, TypeKind::object))
      return learn_values(env, term, type, join);
    if (term.kind == TermKind::set && is(type, TypeKind::set)) {
      return std::all_of(term.items.begin(), term.items.end(),
                         [&](Term* item) { return learn(env, *item, type->value, join); });
    }
    return false;
  }

  bool learn_items(TypeEnv& env, const Term& term, const Type& type, bool join) {
    if (term.items.size() != type.items.size() && type.value == nullptr) return false;
    for (std::size_t i = 0; i < term.items.size(); ++i) {
      TypeRef item = i < type.items.size() ? type.items[i] : type.value;
      if (!learn(env, *term.items[i], item, join)) return false;
    }
    return true;
  }

  bool learn_values(TypeEnv& env, const Term& term, TypeRef type, bool join) {
    if (term.items.size() / 2 != type->properties.size() && type->value == nullptr) return false;
    for (std::size_t i = 0; i < term.items.size(); i += 2) {
      Term &key = *term.items[i], &value = *term.items[i + 1];
      if (!syntax::is_ground(key)) {
        learn(env, value, any_type(), join);
        continue;
      }
      TypeRef wanted = types_.select(type, key);
      if (wanted == nullptr || !learn(env, value, wanted, join)) return false;
    }
    return true;
  }

  DocumentTypes& documents_;
  Types& types_;
  const Flattener* flattener_;  // null before flat forms are made
  Errors& errors_;
  std::unordered_map<const Term*, Closure> closures_;
  std::vector<Replaced> states_{{}};  // by number; 0: nothing is replaced
  std::map<Replaced, std::size_t> state_numbers_{{{}, 0}};
  std::unordered_map<std::string_view, std::size_t> occurrences_;  // of variables, in the clause
  std::optional<std::set<const Rule*>> replaced_;
  std::map<std::vector<std::string>, TypeRef> named_types_;
};

/// The documents that depend on what a ref reads: the ground part of each rule's path.
std::vector<Path> dependent_documents(const Checked& checked, const Term& target) {
  std::vector<Path> out;
  for (std::size_t node : checked.dependencies->affected(checked, target)) {
    Path path{checked.types->data};
    for (Term* item : checked.dependencies->nodes()[node].rule->path) {
      if (!syntax::is_scalar(*item)) break;
      path.push_back(item);
    }
    out.push_back(std::move(path));
  }
  return out;
}

std::set<const Rule*> replaced_rules(const Checked& checked) {
  std::set<const Rule*> out;
  auto add = [&](const syntax::Expr& expr) {
    for (const With& with : expr.with) {
      if (with.target->kind != TermKind::ref) continue;
      for (std::size_t node : checked.dependencies->read_by(checked, *with.target))
        out.insert(checked.dependencies->nodes()[node].clause);
    }
  };
  for (const FlatClause* clause : checked.flat->order) {
    syntax::visit_exprs(*clause->body, add);
    for (const Terms* items : {&clause->path, &clause->args}) {
      for (Term* item : *items) syntax::visit_exprs(*item, add);
    }
    for (Term* item : {clause->key, clause->value}) {
      if (item) syntax::visit_exprs(*item, add);
    }
  }
  return out;
}

}  // namespace

void check_types(Checked& checked, const SchemaAnnotations& annotations, const Schemas* schemas,
                 Errors& errors) {
  checked.types = std::make_shared<DocumentTypes>(*checked.builtins);
  Checker checker(*checked.types, &checked.flat->flattener, errors);
  checker.annotations = &annotations;
  checker.schemas = schemas;
  checker.declare_input();
  if (!errors.empty()) return;  // OPA reads the schema first
  checker.dependents = [&](const Term& target) { return dependent_documents(checked, target); };
  checker.replaced = [&] { return replaced_rules(checked); };
  for (std::size_t number : checked.dependencies->order()) {
    if (is_full(errors)) return;
    const Dependencies::Node& node = checked.dependencies->nodes()[number];
    checker.rule(*node.rule, *node.clause, checked.flat->clauses.at(node.clause));
  }
}

void check_types(Body& flat, const Checked& checked, Errors& errors) {
  Checker checker(*checked.types, &checked.flat->flattener, errors);
  checker.dependents = [&](const Term& target) { return dependent_documents(checked, target); };
  checked.flat->flattener.finish_query(flat);
  checker.query(flat);
}

std::vector<TypeRef> argument_types(const Term& call, DocumentTypes& documents) {
  Errors none;
  return Checker(documents, nullptr, none).argument_types(call);
}

TypeRef type_of_document(const Term& ref, DocumentTypes& documents) {
  Errors none;
  return Checker(documents, nullptr, none).type_of_document(ref);
}

}  // namespace lictor::compile
