// Refuses names that hide `input`, `data` or an import, and calls of builtins that OPA has given
// up, in modules held to Rego v1 and in strict mode. Source of the rules: OPA v1/ast/rego_v1.go.
#include <set>

#include "compile/stages.hpp"
#include "syntax/variables.hpp"

namespace lictor::compile {
namespace {

std::string import_text(const syntax::Import& import) {
  std::string out = "import " + syntax::to_text(*import.path);
  return import.alias.empty() ? out : out + " as " + import.alias;
}

void check_imports(const Module& module, Errors& errors) {
  std::map<std::string, const syntax::Import*> seen;
  for (const syntax::Import& import : module.imports) {
    auto [at, fresh] = seen.emplace(import_name(import), &import);
    if (fresh || is_full(errors)) continue;
    errors.push_back(error_at(ErrorCode::compile, import.span,
                              "import must not shadow " + import_text(*at->second)));
  }
}

void check_assignments(const Body& body, Errors& errors);

void check_assignments(Term& term, Errors& errors) {
  for (Term* item : term.items) check_assignments(*item, errors);
  if (term.body) check_assignments(*term.body, errors);
}

void check_assignments(const Body& body, Errors& errors) {
  for (const Expr* expr : body.exprs) {
    if (is_assignment(*expr)) {
      std::string name = syntax::to_text(*expr->term->items[1]);
      if (is_root(name)) {
        errors.push_back(
            error_at(ErrorCode::compile, expr->span,
                     "variables must not shadow " + name + " (use a different variable name)"));
      }
    }
    visit_expr_terms(*expr, [&](Term& term) { check_assignments(term, errors); });
    for (const Body* inner : expr->bodies) check_assignments(*inner, errors);
  }
}

void check_rule(Rule& rule, Errors& errors) {
  const std::string& name = rule.ref->items[0]->text;
  if (is_root(name)) {
    errors.push_back(error_at(ErrorCode::compile, rule.span,
                              "rules must not shadow " + name + " (use a different rule name)"));
  }
  for (const Term* arg : rule.args) {
    if (arg->kind != TermKind::var || !is_root(arg->text)) continue;
    errors.push_back(
        error_at(ErrorCode::compile, arg->span,
                 "args must not shadow " + arg->text + " (use a different variable name)"));
  }
  each_clause(&rule, [&](Rule& clause) {
    check_assignments(*clause.body, errors);
    for (Term* item : clause.ref->items) check_assignments(*item, errors);
    if (clause.key) check_assignments(*clause.key, errors);
    if (clause.value) check_assignments(*clause.value, errors);
  });
}

bool is_deprecated(const Term& term, const builtins::Table& builtins) {
  return term.kind == TermKind::call && builtins.is_deprecated(syntax::operator_name(term));
}

/// True for a deprecated call that is not in a body of `not`, `and`, `or` or `every`. OPA looks for
/// such calls only if its checker of types has met one, which does not count these.
bool has_counted_call(Rule& clause, const builtins::Table& builtins) {
  std::set<const Term*> uncounted;
  auto skip = [&](Expr& expr) {
    for (const Body* inner : expr.bodies)
      syntax::visit_all(*inner, [&](Term& term) { uncounted.insert(&term); });
  };
  syntax::visit_exprs(*clause.body, skip);
  for (Term* item : {clause.key, clause.value}) {
    if (item) syntax::visit_exprs(*item, skip);
  }
  bool found = false;
  visit_rule(clause, [&](Term& term) {
    found = found || (is_deprecated(term, builtins) && !uncounted.contains(&term));
  });
  return found;
}

bool has_counted_call(const std::vector<Module*>& modules, const builtins::Table& builtins) {
  bool found = false;
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) { found = found || has_counted_call(clause, builtins); });
    }
  }
  return found;
}

void check_call(const Term& term, const builtins::Table& builtins, Errors& errors) {
  if (!is_full(errors) && is_deprecated(term, builtins)) {
    errors.push_back(error_at(
        ErrorCode::type, term.span,
        "deprecated built-in function calls in expression: " + syntax::operator_name(term)));
  }
}

void check_deprecated(const Module& module, const builtins::Table& builtins, Errors& errors) {
  for (Rule* rule : module.rules) {
    each_clause(rule, [&](Rule& clause) {
      visit_rule(clause, [&](Term& term) { check_call(term, builtins, errors); });
    });
  }
}

bool is_held_to_v1(const Module& module, bool strict) {
  return strict || module.dialect == syntax::Dialect::v1;
}

}  // namespace

Errors shadowing_faults(const std::vector<Module*>& modules, bool strict) {
  Errors out, imports;
  for (const Module* module : modules) {
    if (!is_held_to_v1(*module, strict)) continue;
    for (Rule* rule : module->rules) check_rule(*rule, out);
    check_imports(*module, imports);
  }
  out.insert(out.end(), imports.begin(), imports.end());
  return out;
}

void check_deprecated(const std::vector<Module*>& modules, const CheckOptions& options,
                      Findings& findings) {
  Errors errors;
  for (const Module* module : modules) {
    if (is_held_to_v1(*module, options.strict))
      check_deprecated(*module, *options.builtins, errors);
  }
  if (!errors.empty() && has_counted_call(modules, *options.builtins))
    findings.add_recoverable(std::move(errors));
}

Errors faults_as_v1(const Module& module) {
  Errors out;
  check_imports(module, out);
  for (Rule* rule : module.rules) check_rule(*rule, out);
  check_deprecated(module, *builtins::Table::standard(), out);
  for (const Rule* rule : module.rules) {
    if (!syntax::has_keyword_name(*rule)) continue;
    out.push_back(error_at(ErrorCode::parse, rule->span,
                           rule->ref->items[0]->text + " keyword cannot be used for rule name"));
  }
  return out;
}

}  // namespace lictor::compile
