// Refuses calls of functions that do not exist, with a wrong number of arguments, or without a
// value where one is needed. Source of the rules: OPA v1/ast/compile.go, checkUndefinedFuncs and
// checkVoidCalls.
#include "compile/flatten.hpp"
#include "compile/stages.hpp"
#include "compile/type_check.hpp"
#include "compile/type_faults.hpp"

namespace lictor::compile {
namespace {

/// Calls visit(call, nested, place), which is true for an error, for all calls of a clause or body:
/// operands come before the calls that need them, closures after. A nested call needs a value.
template <typename Visit>
class CallWalker {
 public:
  explicit CallWalker(Visit& visit) : visit_(visit) {}

  void clause(Rule& clause) {
    for (Term* arg : clause.args) term(*arg, nullptr);
    for (std::size_t i = 1; i < clause.ref->items.size(); ++i) term(*clause.ref->items[i], nullptr);
    if (clause.key) term(*clause.key, nullptr);
    if (clause.value) term(*clause.value, nullptr);
    body(*clause.body);
  }

  void flat(const FlatClause& clause) {
    for (const Terms* items : {&clause.args, &clause.path}) {
      for (Term* item : *items) term(*item, nullptr);
    }
    if (clause.key) term(*clause.key, nullptr);
    if (clause.value) term(*clause.value, nullptr);
    body(*clause.body);
  }

  void body(const Body& body) {
    for (const Expr* expr : body.exprs) {
      visit_expr_terms(*expr,
                       [&](Term& top) { term(top, &top == expr->term ? &expr->span : nullptr); });
      for (const Body* inner : expr->bodies) this->body(*inner);
    }
  }

 private:
  /// `place` is where to report a call that is an expression: with the `not` before it. Null for a
  /// nested one.
  void term(Term& term, const Span* place) {
    Terms closures;
    bool is_call = term.kind == TermKind::call;
    if (term.body)
      closures.push_back(&term);
    else
      operands(term, closures);
    bool has_error = is_call && visit_(term, place == nullptr, place ? *place : term.span);
    // OPA does not look into the closures that are operands of a call with an error.
    for (Term* closure : closures) {
      if (has_error) break;
      body(*closure->body);
      for (Term* item : closure->items) this->term(*item, nullptr);
    }
  }

  void operands(Term& term, Terms& closures) {
    for (std::size_t i = first_operand(term); i < term.items.size(); ++i) {
      Term& item = *term.items[i];
      bool apart = i == 0 && term.kind == TermKind::ref;  // what a ref reads is bound before it
      if (apart || item.kind == TermKind::call)
        this->term(item, nullptr);
      else if (item.body)
        closures.push_back(&item);
      else
        operands(item, closures);
    }
  }

  Visit& visit_;
};

template <typename Visit>
void each_call(const Checked& checked, Visit&& visit) {
  CallWalker<Visit> walker(visit);
  for (const RuleGroup& group : checked.groups) {
    for (const auto* rules : {&group.rules, &group.defaults}) {
      for (const CheckedRule& rule : *rules)
        each_clause(rule.rule, [&](Rule& clause) { walker.clause(clause); });
    }
  }
}

template <typename Visit>
void each_call(const Body& body, Visit&& visit) {
  CallWalker<Visit>(visit).body(body);
}

/// How many arguments an operator takes; -1 if unknown.
int operator_arity(const Term& call, const Checked& checked) {
  const std::string& name = call.items[0]->text;
  bool equality = call.items[0]->kind != TermKind::ref && (name == "eq" || name == "assign");
  if (equality) return checked.builtins->has_equality() ? 2 : -1;
  return function_arity(call, checked);
}

/// The type of a call's function; null if that is a rule whose type is not known yet.
TypeRef function_type(const Term& call, DocumentTypes& documents) {
  const Term& op = *call.items[0];
  if (op.kind == TermKind::ref) {
    TypeRef out = type_of_document(op, documents);
    return is(out, TypeKind::function) ? out : nullptr;
  }
  TypeRef out = documents.types.builtin(op.text);
  if (out) return out;  // or an equality
  return documents.types.function({any_type(), any_type()}, scalar_type(TypeKind::boolean));
}

/// A nested call has a further argument for its value.
Error arity_mismatch(const Term& call, bool nested, const Span& place, TypeRef function,
                     DocumentTypes& documents) {
  std::string name = syntax::operator_name(call);
  Error out = error_at(ErrorCode::type, place, name + ": arity mismatch");
  WrongArguments fault{argument_types(call, documents), function, true};
  if (nested) fault.have.push_back(nullptr);
  explain(fault, out);
  return out;
}

/// A function's name without the number of a local that hides it; an assignment is an equality.
std::string written_function(const std::string& name) {
  if (name == "assign") return "eq";
  std::size_t number = name.find('#');
  std::size_t dot = number == std::string::npos ? number : name.find('.', number);
  return display_name(name) + (dot == std::string::npos ? "" : name.substr(dot));
}

bool check_call(const Term& call, bool nested, const Span& place, const Checked& checked,
                Errors& errors) {
  std::string name = syntax::operator_name(call);
  auto fail = [&](std::string text) {
    errors.push_back(error_at(ErrorCode::type, place, std::move(text)));
    return true;
  };
  int arity = operator_arity(call, checked);
  if (arity < 0) return fail("undefined function " + written_function(name));
  auto given = static_cast<int>(call.items.size()) - 1;
  if (given == arity || (!nested && given == arity + 1)) return false;
  DocumentTypes builtins_only(*checked.builtins);
  DocumentTypes& documents = checked.types ? *checked.types : builtins_only;
  if (TypeRef function = function_type(call, documents)) {
    errors.push_back(arity_mismatch(call, nested, place, function, documents));
    return true;
  }
  return fail("function " + name + " has arity " + std::to_string(arity) + ", got " +
              std::to_string(given) + (given == 1 ? " argument" : " arguments"));
}

/// A term with its variables by the names that OPA's compiler has given them, with a prefix, and
/// print() as it was written.
std::string compiled_text(const Term& term, const std::string& prefix, Ast& ast) {
  Term& copy = *ast.copy(term);
  Terms operands;
  each_capture(copy, [&](Term&, const Term& captured) { operands.push_back(ast.copy(captured)); });
  bool written = syntax::operator_name(copy) == "internal.print" &&
                 (!operands.empty() || (copy.items.size() == 2 && copy.items[1]->items.empty()));
  Term& shown = written ? *ast.call("print", operands, term.span) : copy;
  visit_exprs(shown, [&](Expr& expr) {
    if (expr.kind == ExprKind::some_in) write_as_equality(expr, ast);
    if (expr.kind == ExprKind::every && expr.key == nullptr) expr.key = expr.vars[0];
  });
  visit_all(shown, [&](Term& inner) {
    std::size_t number = inner.kind == TermKind::var ? inner.text.find('#') : std::string::npos;
    if (number != std::string::npos) inner.text = prefix + inner.text.substr(number + 1) + "__";
  });
  return syntax::to_text(shown);
}

bool check_void_call(const Term& call, bool nested, const char* prefix, const Checked& checked,
                     Errors& errors) {
  std::string name = syntax::operator_name(call);
  const builtins::Builtin* builtin = checked.builtins->get(name);
  bool is_void = builtin && std::string_view(builtin->signature).ends_with("=> ???");
  if (!nested || !is_void) return false;
  Ast ast;
  errors.push_back(
      error_at(ErrorCode::type, call.span, compiled_text(call, prefix, ast) + " used as value"));
  return false;
}

}  // namespace

int function_arity(const Term& call, const Checked& checked) {
  const Term& op = *call.items[0];
  if (op.kind != TermKind::ref) return checked.builtins->arity(op.text);
  std::size_t depth = 0;
  const RuleGroup* group = find_group(checked, op, &depth);
  if (group == nullptr || depth != op.items.size()) return -1;
  if (group->kind == GroupKind::function) return static_cast<int>(group->arity);
  // A rule with a constant key is at another path.
  auto is_whole = [&](const CheckedRule& rule) {
    std::size_t length = group->path.size();
    return rule.path.size() == length || !syntax::is_scalar(*rule.path[length]);
  };
  bool whole = std::any_of(group->rules.begin(), group->rules.end(), is_whole) ||
               std::any_of(group->defaults.begin(), group->defaults.end(), is_whole);
  return whole ? 0 : -1;
}

void check_void_calls(const Checked& checked, Errors& errors) {
  each_call(checked, [&](Term& call, bool nested, const Span&) {
    return !is_full(errors) && check_void_call(call, nested, "__local", checked, errors);
  });
}

void check_void_calls(const Body& query, const Checked& checked, Errors& errors) {
  each_call(query, [&](Term& call, bool nested, const Span&) {
    return check_void_call(call, nested, "__localq", checked, errors);
  });
}

void check_calls(const Checked& checked, Errors& errors) {
  each_call(checked, [&](Term& call, bool nested, const Span& place) {
    bool known = metadata_call(call) != MetadataCall::none &&  // with any operands
                 checked.builtins->get(syntax::operator_name(call)) != nullptr;
    return !known && !is_full(errors) && check_call(call, nested, place, checked, errors);
  });
}

void check_calls(const Body& query, const Checked& checked, Errors& errors) {
  each_call(query, [&](Term& call, bool nested, const Span& place) {
    return check_call(call, nested, place, checked, errors);
  });
}

void missing_builtins(const Checked& checked, Errors& out) {
  each_call(checked, [&](Term& call, bool, const Span&) {
    std::string name = syntax::operator_name(call);
    const builtins::Builtin* builtin = checked.builtins->get(name);
    if (builtin && !builtin->function)
      out.push_back(
          error_at(ErrorCode::type, call.span, "this program does not have the builtin " + name));
    return false;
  });
  sort_by_place(out);
}

void check_flat_calls(const Checked& checked, Errors& errors) {
  auto visit = [&](Term& call, bool nested, const Span& place) {
    return check_call(call, nested, place, checked, errors);
  };
  CallWalker walker(visit);
  for (const FlatClause* clause : checked.flat->order) walker.flat(*clause);
}

void check_flat_calls(const Body& flat, const Checked& checked, Errors& errors) {
  check_calls(flat, checked, errors);
}

}  // namespace lictor::compile
