// Refuses `with` modifiers of what cannot be replaced. Source of the rules: OPA v1/ast/compile.go,
// validateWith.
#include <algorithm>

#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

Error refused(const With& with, std::string text) {
  return error_at(ErrorCode::compile, with.target->span, std::move(text));
}

std::optional<Error> builtin_fault(const With& with, const builtins::Table& builtins) {
  const std::string& name = with.target->text;
  const std::string replacing = "with keyword replacing built-in function: ";
  if (name == "eq" || name == "rego.metadata.chain" || name == "rego.metadata.rule")
    return refused(with, replacing + "replacement of \"" + name + "\" invalid");
  if (name.starts_with("internal."))
    return refused(with, replacing + "replacement of internal function \"" + name + "\" invalid");
  const builtins::Builtin* builtin = builtins.get(name);
  if (builtin && builtin->trait == builtins::Trait::relation)
    return refused(with, replacing + "target must not be a relation");
  if (name == "print") return refused(with, replacing + "target must not be a void function");
  return std::nullopt;
}

/// True if the constant part of the rule's path is above the target.
bool is_above(const CheckedRule& rule, const Term& target) {
  std::size_t length = ground_length(rule);
  if (length + 1 >= target.items.size()) return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (syntax::compare(*rule.path[i], *target.items[i + 1]) != 0) return false;
  }
  return true;
}

/// A document that rules define is replaced as a whole.
bool reaches_into_rule(const With& with, const Checked& checked) {
  const RuleGroup* group = outer_group(checked, *with.target);
  if (group == nullptr) return false;
  auto reaches = [&](const CheckedRule& rule) { return is_above(rule, *with.target); };
  return std::any_of(group->rules.begin(), group->rules.end(), reaches) ||
         std::any_of(group->defaults.begin(), group->defaults.end(), reaches);
}

class WithCheck {
 public:
  WithCheck(const Checked& checked, Ast& ast, Errors& errors)
      : checked_(checked), ast_(ast), errors_(errors) {}

  /// The head's terms that need evaluation are parts of the body to OPA.
  void clause(const Rule& clause) {
    if (!body(*clause.body)) return;
    for (const Term* item : clause.ref->items) closures(*item);
    for (const Term* item : {clause.key, clause.value}) {
      if (item && item != clause.ref->items.back()) closures(*item);
    }
  }

  /// One error a body at most, the bodies in it included. False if it has one itself.
  bool body(const Body& body) {
    for (const Expr* expr : body.exprs) {
      for (const With& with : expr->with) {
        evaluate_name(const_cast<With&>(with));
        std::optional<Error> fault = this->fault(with);
        if (!fault) continue;
        errors_.push_back(std::move(*fault));
        return false;
      }
    }
    for (const Expr* expr : body.exprs) {
      visit_expr_terms(*expr, [&](Term& term) { closures(term); });
      for (const Body* inner : expr->bodies) this->body(*inner);
    }
    return true;
  }

  void closures(const Term& term) {
    for (const Term* item : term.items) closures(*item);
    if (term.body) body(*term.body);
  }

 private:
  /// A builtin's name, where no function is replaced, is evaluated as a ref from here on.
  void evaluate_name(With& with) {
    bool name = with.value && with.value->kind == TermKind::var &&
                (checked_.builtins->arity(with.value->text) >= 0 || with.value->text == "print" ||
                 with.value->text == "eq" || with.value->text == "assign");
    if (!name) return;
    Term* ref = ast_.term(TermKind::ref, with.value->span);
    ref->items.push_back(ast_.var(with.value->text, {}));  // it has no place
    with.value = ref;
  }

  std::optional<Error> fault(const With& with) const {
    const Term& target = *with.target;
    if (target.kind == TermKind::var && target.flag) return builtin_fault(with, *checked_.builtins);
    if (target.kind != TermKind::ref || !is_root(target.items[0]->text)) {
      return error_at(ErrorCode::type, target.span,
                      "with keyword target must reference existing input, data, or a function");
    }
    if (reaches_into_rule(with, checked_))
      return refused(with, "with keyword cannot partially replace virtual document(s)");
    return std::nullopt;
  }

  const Checked& checked_;
  Ast& ast_;
  Errors& errors_;
};

}  // namespace

void check_with(const Checked& checked, Ast& ast, Errors& errors) {
  WithCheck check(checked, ast, errors);
  for (const RuleGroup& group : checked.groups) {
    for (const auto* rules : {&group.rules, &group.defaults}) {
      for (const CheckedRule& rule : *rules)
        each_clause(rule.rule, [&](Rule& clause) { check.clause(clause); });
    }
  }
}

void check_with(const Body& query, const Checked& checked, Ast& ast, Errors& errors) {
  WithCheck(checked, ast, errors).body(query);
}

}  // namespace lictor::compile
