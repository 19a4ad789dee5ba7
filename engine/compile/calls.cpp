// Refuses calls of functions that do not exist, with a wrong number of arguments, or without a
// value where one is needed. Source of the rules: OPA v1/ast/compile.go, checkUndefinedFuncs and
// checkVoidCalls (1.22.2).
#include "compile/stages.hpp"
#include "compile/type_check.hpp"
#include "compile/type_faults.hpp"

namespace lictor::compile {
namespace {

/// Calls visit(call, nested) for all calls of a clause or body; a nested call needs a value.
template <typename Visit>
class CallWalker {
 public:
  explicit CallWalker(Visit& visit) : visit_(visit) {}

  void clause(Rule& clause) {
    for (Term* arg : clause.args) term(*arg, true);
    for (std::size_t i = 1; i < clause.ref->items.size(); ++i) term(*clause.ref->items[i], true);
    if (clause.key) term(*clause.key, true);
    if (clause.value) term(*clause.value, true);
    body(*clause.body);
  }

  void body(const Body& body) {
    for (const Expr* expr : body.exprs) {
      visit_expr_terms(*expr, [&](Term& top) { term(top, &top != expr->term); });
      for (const Body* inner : expr->bodies) this->body(*inner);
    }
  }

 private:
  void term(Term& term, bool nested) {
    if (term.kind == TermKind::call) visit_(term, nested);
    for (std::size_t i = first_operand(term); i < term.items.size(); ++i)
      this->term(*term.items[i], true);
    if (term.body) body(*term.body);
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

/// How many arguments an operator takes: a rule that is no function takes none; -1 if unknown.
int operator_arity(const Term& call, const Checked& checked) {
  const Term& op = *call.items[0];
  if (op.kind != TermKind::ref)
    return op.text == "eq" || op.text == "assign" ? 2 : builtins::arity(op.text);
  std::size_t depth = 0;
  const RuleGroup* group = find_group(checked, op, &depth);
  if (group == nullptr || depth != op.items.size()) return -1;
  return group->kind == GroupKind::function ? static_cast<int>(group->arity) : 0;
}

/// Of a builtin; a nested call has a further argument for its value.
Error arity_mismatch(const Term& call, bool nested, const Checked& checked) {
  std::string name = syntax::operator_name(call);
  Error out = error_at(ErrorCode::type, call.span, name + ": arity mismatch");
  DocumentTypes builtins_only;
  DocumentTypes& documents = checked.types ? *checked.types : builtins_only;
  TypeRef function = documents.types.builtin(name);
  if (function == nullptr)  // an equality
    function = documents.types.function({any_type(), any_type()}, scalar_type(TypeKind::boolean));
  WrongArguments fault{argument_types(call, documents), function, true};
  if (nested) fault.have.push_back(nullptr);
  explain(fault, out);
  return out;
}

void check_call(const Term& call, bool nested, const Checked& checked, Errors& errors) {
  std::string name = syntax::operator_name(call);
  auto fail = [&](std::string text) {
    errors.push_back(error_at(ErrorCode::type, call.span, std::move(text)));
  };
  int arity = operator_arity(call, checked);
  if (arity < 0) return fail("undefined function " + display_name(name));
  auto given = static_cast<int>(call.items.size()) - 1;
  if (given == arity || (!nested && given == arity + 1)) return;
  if (call.items[0]->kind != TermKind::ref)
    return errors.push_back(arity_mismatch(call, nested, checked));
  fail("function " + name + " has arity " + std::to_string(arity) + ", got " +
       std::to_string(given) + (given == 1 ? " argument" : " arguments"));
}

/// The arguments of a print() call, as OPA's compiler calls its variables.
std::string print_text(const Term& call) {
  std::string out;
  for (const Term* operand : call.items[1]->items) {
    Term& argument = *operand->body->exprs[0]->term->items[2];
    std::size_t number =
        argument.kind == TermKind::var ? argument.text.find('#') : std::string::npos;
    out += out.empty() ? "" : ", ";
    out += number == std::string::npos ? syntax::to_text(argument)
                                       : "__local" + argument.text.substr(number + 1) + "__";
  }
  return "print(" + out + ")";
}

void check_void_call(const Term& call, bool nested, Errors& errors) {
  if (!nested || syntax::operator_name(call) != "internal.print") return;
  errors.push_back(error_at(ErrorCode::type, call.span, print_text(call) + " used as value"));
}

}  // namespace

int function_arity(const Term& call, const Checked& checked) {
  const Term& op = *call.items[0];
  if (op.kind != TermKind::ref) return builtins::arity(op.text);
  std::size_t depth = 0;
  const RuleGroup* group = find_group(checked, op, &depth);
  bool function =
      group != nullptr && group->kind == GroupKind::function && depth == op.items.size();
  return function ? static_cast<int>(group->arity) : -1;
}

void check_void_calls(const Checked& checked, Errors& errors) {
  each_call(checked, [&](Term& call, bool nested) { check_void_call(call, nested, errors); });
}

void check_void_calls(const Body& query, Errors& errors) {
  each_call(query, [&](Term& call, bool nested) { check_void_call(call, nested, errors); });
}

void check_calls(const Checked& checked, Errors& errors) {
  each_call(checked, [&](Term& call, bool nested) { check_call(call, nested, checked, errors); });
}

void check_calls(const Body& query, const Checked& checked, Errors& errors) {
  each_call(query, [&](Term& call, bool nested) { check_call(call, nested, checked, errors); });
}

}  // namespace lictor::compile
