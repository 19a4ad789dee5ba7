// AST → checked AST. In: parsed modules. Out: the same modules with names resolved, locals made
// unique, bodies in a safe order, and their rules grouped by path; or all errors, with OPA's codes.
// INVARIANT of a checked body: each expression finds the variables that it needs bound before it.
// Stages in order: shadowing → names → locals → rules → metadata → calls → flatten → safety →
// recursion → types → order → negation.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builtins/table.hpp"
#include "lictor/error.hpp"
#include "syntax/ast.hpp"
#include "syntax/parse.hpp"

namespace lictor::compile {

using syntax::Ast;
using syntax::Module;
using syntax::Rule;
using syntax::Term;
using syntax::Terms;

struct CheckedRule {
  Rule* rule = nullptr;
  const Module* module = nullptr;
  Terms path;  // the head's ref behind `data`, with the package
};

enum class GroupKind : std::uint8_t { complete, function, partial };

/// The rules that define one document (or one tree of documents): they share the path of strings.
struct RuleGroup {
  GroupKind kind = GroupKind::complete;
  std::vector<std::string> path;
  std::vector<CheckedRule> rules;     // by place, then as declared, once checked; no defaults
  std::vector<CheckedRule> defaults;  // one, unless they are refused
  std::size_t arity = 0;
  std::size_t index = 0;
  std::vector<RuleGroup*> functions;  // in its document, at constant keys that are not all texts

  std::string name() const;
  const Rule* default_rule() const { return defaults.empty() ? nullptr : defaults[0].rule; }
};

/// The rule groups as a tree of path elements. INVARIANT: a node with a group has no children.
struct RuleNode {
  std::map<std::string, std::unique_ptr<RuleNode>, std::less<>> children;
  RuleGroup* group = nullptr;
  bool is_package = false;  // some module has this path; its document exists even without rules

  const RuleNode* child(std::string_view key) const {
    auto found = children.find(key);
    return found == children.end() ? nullptr : found->second.get();
  }
};

struct FlatModules;
class Dependencies;
struct DocumentTypes;

/// A comprehension that can be evaluated for all values of the variables that it shares with the
/// body around it at once.
struct KeyedComprehension {
  std::vector<std::string> keys;  // those variables
  const Term* alone;              // a copy, in which they are bound by its own body
};
using KeyedComprehensions = std::map<const Term*, KeyedComprehension>;

struct Checked {
  std::shared_ptr<const builtins::Table> builtins = builtins::Table::standard();
  std::deque<RuleGroup> groups;
  std::deque<RuleGroup> inner_functions;  // whose rules are also rules of the group around them
  std::shared_ptr<FlatModules> flat;
  std::shared_ptr<const Dependencies> dependencies;
  std::shared_ptr<DocumentTypes> types;
  KeyedComprehensions keyed;
  RuleNode root;  // what `data` holds
};

/// A query as OPA evaluates it, in flat form.
struct TracedQuery {
  syntax::Body* body = nullptr;
  std::vector<std::string> captures;  // by expression: the variable of its value, or ""
};

struct CheckedQuery {
  syntax::Body* body = nullptr;
  std::vector<std::string> vars;  // the query's own variables, by the names in the body
  syntax::Body* flat = nullptr;   // the body's flat form
  TracedQuery traced = {};
  KeyedComprehensions keyed = {};
};

/// True if the base documents have a value at a path, or one that is no object above it.
using HasData = std::function<bool(const std::vector<std::string>& path)>;

struct CheckOptions {
  bool strict = false;       // also refuse what is never used, and builtins that Rego has no more
  bool test_cases = false;   // tests with cases tell each case
  bool test_values = false;  // traces of tests show the values of what they compare
  std::shared_ptr<const builtins::Table> builtins = builtins::Table::standard();
  const syntax::Language* language = nullptr;  // what capabilities leave of it; null: all
};

/// `has_data`: refuses rules at the paths of base documents; null: they go unnoticed.
Result<Checked> check(std::vector<Module*> modules, const CheckOptions& options, Ast& ast,
                      const HasData& has_data = nullptr);

/// Refuses rules at the paths of base documents, for data that came after the check.
Errors data_conflicts(const std::vector<Module*>& modules, const Checked& checked,
                      const HasData& has_data);

/// Adds an error for each call of a builtin of OPA's that has no implementation.
void missing_builtins(const Checked& checked, Errors& out);

/// Why a parsed module cannot be one of Rego v1: names that hide others, builtins that are no more.
Errors faults_as_v1(const Module& module);

/// Puts all clauses' flat forms in their places. A few expressions bind in one operand what another
/// one, before it, needs (`x < [xs[x]]`); only as flat forms can they be planned.
void take_flat_forms(Checked& checked, Ast& ast);

/// True for a set, or an object's keys, that OPA goes through in the order of its terms.
bool has_order_of_terms(const Term& literal);

/// Imports of a query: alias → path behind `data` or `input`.
struct QueryScope {
  std::string package;  // "" or "data.a.b"
  std::vector<syntax::Import> imports;
  bool traced = false;  // also make the query's form for tracing
};

Result<CheckedQuery> check_query(syntax::Body* body, const QueryScope& scope,
                                 const Checked& checked, Ast& ast);

/// The name that the policy's author wrote for a variable.
std::string display_name(std::string_view var);
/// True for the variables that a query's rows leave out: wildcards, and all whose names OPA takes
/// for those of its compiler.
bool is_left_out_of_rows(std::string_view var);

/// The checked AST as text, one group and its rules at a time.
std::string dump(const Checked& checked);

}  // namespace lictor::compile
