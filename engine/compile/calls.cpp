// Refuses calls of functions that do not exist, or with a wrong number of arguments.
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

void check_call(const Term& call, const Checked& checked, Errors& errors) {
  std::string name = syntax::operator_name(call);
  if (name == "eq" || name == "assign") return;
  int arity = function_arity(call, checked);
  if (arity < 0) {
    errors.push_back(error_at(ErrorCode::type, call.span, "undefined function " + name));
    return;
  }
  auto given = static_cast<int>(call.items.size()) - 1;
  if (given != arity && given != arity + 1) {
    errors.push_back(error_at(ErrorCode::type, call.span, name + ": arity mismatch",
                              "it takes " + std::to_string(arity) + " arguments, and " +
                                  std::to_string(given) + " are given"));
  }
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

void check_calls(const Body& body, const Checked& checked, Errors& errors) {
  visit_all(body, [&](Term& term) {
    if (term.kind == TermKind::call) check_call(term, checked, errors);
  });
}

void check_calls(const Checked& checked, Errors& errors) {
  auto visit = [&](Term& term) {
    if (term.kind == TermKind::call) check_call(term, checked, errors);
  };
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& rule : group.rules) {
      each_clause(rule.rule, [&](Rule& clause) { visit_rule(clause, visit); });
    }
  }
}

}  // namespace lictor::compile
