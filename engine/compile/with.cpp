// Refuses `with` modifiers of what cannot be replaced. Source of the rules: OPA v1/ast/compile.go,
// validateWith.
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

Error refused(const With& with, std::string text) {
  return error_at(ErrorCode::compile, with.target->span, std::move(text));
}

std::optional<Error> builtin_fault(const With& with) {
  const std::string& name = with.target->text;
  const std::string replacing = "with keyword replacing built-in function: ";
  if (name == "eq" || name == "rego.metadata.chain" || name == "rego.metadata.rule")
    return refused(with, replacing + "replacement of \"" + name + "\" invalid");
  if (name.starts_with("internal."))
    return refused(with, replacing + "replacement of internal function \"" + name + "\" invalid");
  const builtins::Builtin* builtin = nullptr;
  if (int number = builtins::find(name); number >= 0)
    builtin = &builtins::all()[static_cast<std::size_t>(number)];
  if (builtin && builtin->trait == builtins::Trait::relation)
    return refused(with, replacing + "target must not be a relation");
  if (name == "print") return refused(with, replacing + "target must not be a void function");
  return std::nullopt;
}

/// A document that rules define is replaced as a whole.
bool reaches_into_rule(const With& with, const Checked& checked) {
  std::size_t depth = 0;
  const RuleGroup* group = find_group(checked, *with.target, &depth);
  return group != nullptr && depth < with.target->items.size();
}

class WithCheck {
 public:
  WithCheck(const Checked& checked, Errors& errors) : checked_(checked), errors_(errors) {}

  /// One error a body at most.
  void body(const Body& body) {
    bool found = false;
    for (const Expr* expr : body.exprs) {
      for (const With& with : expr->with) {
        if (found) break;
        std::optional<Error> fault = this->fault(with);
        if (!fault) continue;
        errors_.push_back(std::move(*fault));
        found = true;
      }
      visit_expr_terms(*expr, [&](Term& term) { closures(term); });
      for (const Body* inner : expr->bodies) this->body(*inner);
    }
  }

  void closures(const Term& term) {
    for (const Term* item : term.items) closures(*item);
    if (term.body) body(*term.body);
  }

 private:
  std::optional<Error> fault(const With& with) const {
    const Term& target = *with.target;
    if (target.kind == TermKind::var && target.flag) return builtin_fault(with);
    if (target.kind != TermKind::ref || !is_root(target.items[0]->text)) {
      return error_at(ErrorCode::type, target.span,
                      "with keyword target must reference existing input, data, or a function");
    }
    if (reaches_into_rule(with, checked_))
      return refused(with, "with keyword cannot partially replace virtual document(s)");
    return std::nullopt;
  }

  const Checked& checked_;
  Errors& errors_;
};

}  // namespace

void check_with(const Checked& checked, Errors& errors) {
  WithCheck check(checked, errors);
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& rule : group.rules) {
      each_clause(rule.rule, [&](Rule& clause) {
        check.body(*clause.body);
        if (clause.key) check.closures(*clause.key);
        if (clause.value) check.closures(*clause.value);
      });
    }
  }
}

void check_with(const Body& query, const Checked& checked, Errors& errors) {
  WithCheck(checked, errors).body(query);
}

}  // namespace lictor::compile
