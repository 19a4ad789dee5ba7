// Runs the stages in order and stops behind the first one that found errors.
#include "compile/check.hpp"

#include <algorithm>
#include <tuple>

#include "compile/flatten.hpp"
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

constexpr std::size_t most_errors = 10;

Errors first_errors(Errors errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) {
    return std::tie(a.file, a.row, a.col, a.message) < std::tie(b.file, b.row, b.col, b.message);
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

/// Orders each clause as it was written, or else takes its flat form.
void order_rules(Checked& checked, Ast& ast) {
  for (RuleGroup& group : checked.groups) {
    for (CheckedRule& rule : group.rules) {
      each_clause(rule.rule, [&](Rule& clause) {
        if (order_clause(clause, checked)) return;
        const FlatClause& flat = checked.flat->clauses.at(&clause);
        clause.body = ast.copy(*flat.body);
        if (flat.key) clause.key = ast.copy(*flat.key);
        if (flat.value) clause.value = ast.copy(*flat.value);
        for (std::size_t i = 0; i < flat.path.size(); ++i)
          clause.ref->items[i + 1] = ast.copy(*flat.path[i]);
        if (&clause != rule.rule) return;
        std::copy(clause.ref->items.begin() + 1, clause.ref->items.end(),
                  rule.path.end() - static_cast<std::ptrdiff_t>(flat.path.size()));
      });
    }
  }
}

}  // namespace

Result<Checked> check(const std::vector<Module*>& modules, Ast& ast) {
  Errors errors;
  Checked checked;
  resolve(modules, ast, errors);
  if (!errors.empty()) return first_errors(errors);
  group_rules(modules, checked, ast, errors);
  if (!errors.empty()) return first_errors(errors);
  check_calls(checked, errors);
  if (!errors.empty()) return first_errors(errors);
  flatten(checked);
  check_safety(checked, errors);
  if (!errors.empty()) return first_errors(errors);
  check_recursion(checked, errors);
  if (!errors.empty()) return first_errors(errors);
  check_types(checked, errors);
  if (!errors.empty()) return first_errors(errors);
  order_rules(checked, ast);
  hoist_negations(modules, ast);
  return checked;
}

Result<CheckedQuery> check_query(syntax::Body* body, const QueryScope& scope,
                                 const Checked& checked, Ast& ast) {
  Errors errors;
  Globals globals;
  for (const syntax::Import& import : scope.imports) {
    std::vector<std::string> path;
    for (const Term* item : import.path->items) path.push_back(item->text);
    globals[import.alias.empty() ? path.back() : import.alias] = path;
  }
  if (!scope.package.empty()) add_package(scope.package, checked, globals);
  CheckedQuery query{body, {}};
  resolve_query(body, globals, ast, query.vars, errors);
  if (errors.empty()) check_calls(*body, checked, errors);
  if (!errors.empty()) return first_errors(errors);
  syntax::Body* flat = checked.flat->flattener.expanded(*body, checked);
  check_safety(*flat, checked, errors);
  if (!errors.empty()) return first_errors(errors);
  syntax::Body* ordered = ast.copy(*flat);
  check_types(*flat, checked, errors);
  if (!errors.empty()) return first_errors(errors);
  if (!order_body(*body, checked)) body->exprs = ordered->exprs;
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
    if (group.default_rule.rule)
      out += "  default " + syntax::to_text(*group.default_rule.rule->value) + "\n";
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
