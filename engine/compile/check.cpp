// Runs the stages in order and stops behind the first one that found errors.
#include "compile/check.hpp"

#include <algorithm>
#include <tuple>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

constexpr std::size_t most_errors = 10;

Errors first_errors(Errors errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) {
    return std::tie(a.file, a.row, a.col) < std::tie(b.file, b.row, b.col);
  });
  auto same = [](const Error& a, const Error& b) {
    return a.summary() == b.summary() && a.col == b.col;
  };
  errors.erase(std::unique(errors.begin(), errors.end(), same), errors.end());
  if (errors.size() > most_errors) errors.resize(most_errors);
  return errors;
}

/// Makes the rules of a package known by their names.
void add_package(const std::string& package, const Checked& checked, Globals& globals) {
  for (const RuleGroup& group : checked.groups) {
    std::string path = "data";
    for (const std::string& part : group.path) {
      if (path == package) {
        std::vector<std::string> full{"data"};
        full.insert(full.end(), group.path.begin(), group.path.end());
        full.resize(1 + static_cast<std::size_t>(std::count(package.begin(), package.end(), '.')) +
                    1);
        globals[part] = full;
      }
      path += "." + part;
    }
  }
}

}  // namespace

Result<Checked> check(const std::vector<Module*>& modules, BuiltinArity builtins, Ast& ast) {
  Errors errors;
  Checked checked;
  resolve(modules, builtins, ast, errors);
  if (!errors.empty()) return first_errors(errors);
  group_rules(modules, checked, ast, errors);
  if (!errors.empty()) return first_errors(errors);
  check_calls(checked, builtins, errors);
  if (!errors.empty()) return first_errors(errors);
  check_safety(checked, builtins, errors);
  if (!errors.empty()) return first_errors(errors);
  check_recursion(checked, errors);
  if (!errors.empty()) return first_errors(errors);
  hoist_negations(modules, ast);
  return checked;
}

Result<CheckedQuery> check_query(syntax::Body* body, const QueryScope& scope,
                                 const Checked& checked, BuiltinArity builtins, Ast& ast) {
  Errors errors;
  Globals globals;
  for (const syntax::Import& import : scope.imports) {
    std::vector<std::string> path;
    for (const Term* item : import.path->items) path.push_back(item->text);
    globals[import.alias.empty() ? path.back() : import.alias] = path;
  }
  if (!scope.package.empty()) add_package(scope.package, checked, globals);
  CheckedQuery query{body, {}};
  resolve_query(body, globals, builtins, ast, query.vars, errors);
  if (errors.empty()) check_calls(*body, checked, builtins, errors);
  if (errors.empty()) check_safety(*body, checked, builtins, errors);
  if (!errors.empty()) return first_errors(errors);
  hoist_negations(*body, ast);
  return query;
}

std::string display_name(std::string_view var) {
  if (is_wildcard(var)) return "_";
  return std::string(var.substr(0, var.find('#')));
}

std::string dump(const Checked& checked) {
  std::string out;
  for (const RuleGroup& group : checked.groups) {
    const char* kind = group.kind == GroupKind::complete   ? "complete"
                       : group.kind == GroupKind::function ? "function"
                                                           : "partial";
    out += std::string(kind) + " " + group.name() + "\n";
    if (group.default_rule)
      out += "  default " + syntax::to_text(*group.default_rule->value) + "\n";
    for (const CheckedRule& checked_rule : group.rules) {
      const char* label = "  rule";
      each_clause(checked_rule.rule, [&](Rule& rule) {
        out += label;
        for (const Term* arg : rule.args) out += " (" + syntax::to_text(*arg) + ")";
        for (std::size_t i = group.path.size(); i < checked_rule.path.size(); ++i) {
          out += " [" + syntax::to_text(*checked_rule.path[i]) + "]";
        }
        if (rule.multi_value)
          out += " contains " + syntax::to_text(*rule.key);
        else
          out += " := " + syntax::to_text(*rule.value);
        out += "\n";
        for (const Expr* expr : rule.body->exprs) out += "    " + syntax::to_text(*expr) + "\n";
        label = "  else";
      });
    }
  }
  return out;
}

}  // namespace lictor::compile
