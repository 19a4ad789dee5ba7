// The stages of check(), each a function over the modules; private to compile/.
#pragma once

#include <boost/container/flat_set.hpp>
#include <boost/container/small_vector.hpp>

#include "compile/check.hpp"
#include "compile/local_numbers.hpp"
#include "syntax/visit.hpp"

namespace lictor::compile {

using syntax::Body;
using syntax::each_clause;
using syntax::Expr;
using syntax::ExprKind;
using syntax::first_operand;
using syntax::TermKind;
using syntax::visit_all;
using syntax::visit_expr_terms;
using syntax::visit_rule;
using syntax::visit_terms;
using syntax::With;

/// The texts of variables, which lie in their terms: a set is kept only while those keep their
/// names.
using VarSet = boost::container::flat_set<std::string_view, std::less<>,
                                          boost::container::small_vector<std::string_view, 8>>;

/// What a module's short name stands for.
struct Global {
  std::vector<std::string> path;  // a ref into `data` or `input`
  Term* head = nullptr;           // the first term of all refs that are made of it
  bool used = false;
};

/// Names that a module's text may use for documents.
using Globals = std::map<std::string, Global, std::less<>>;

/// The errors of all stages so far. A stage runs unless one before it has found what is fatal, so
/// that one run reports all that it can. Ten errors are the most; then "error limit reached".
class Findings {
 public:
  static constexpr std::size_t most = 10;

  void add(Errors errors) { add(std::move(errors), true); }
  void add_recoverable(Errors errors) { add(std::move(errors), false); }
  bool is_fatal() const { return fatal_; }
  bool empty() const { return errors_.empty(); }
  /// All errors, by place.
  Errors sorted() &&;
  /// All errors in the order in which they were found, as OPA reports those of queries.
  Errors as_found() &&;

 private:
  void add(Errors errors, bool fatal);

  Errors errors_;
  bool fatal_ = false;
  bool limit_reached_ = false;
};

/// True if a stage has found as many errors as are reported: the place of one more takes time that
/// grows with the text.
inline bool is_full(const Errors& errors) { return errors.size() >= Findings::most; }

/// By file, row and column; errors without a place come last.
void sort_by_place(Errors& errors);

/// Refuses what is too large for the stages that follow.
void check_sizes(const std::vector<Module*>& modules, Errors& errors);
void check_sizes(const Body& query, Errors& errors);

/// Replaces the names of rules and imports by refs.
void resolve_names(const std::vector<Module*>& modules, bool strict, Ast& ast, Findings& findings);
void resolve_names(Body& query, Globals& globals, Ast& ast);

/// Refuses heads that are refs where the language has none.
void check_heads(const std::vector<Module*>& modules, const syntax::Language& language,
                 Errors& errors);

/// Names that hide `input`, `data` or an import, as they were before they were resolved.
Errors shadowing_faults(const std::vector<Module*>& modules, bool strict);

/// Numbers the variables of heads' refs, as OPA does before all others.
HeadNumbers number_heads(const std::vector<Module*>& modules, LocalNumbers& numbers);

/// Gives every local variable a name of its own.
void rewrite_locals(const std::vector<Module*>& modules, const CheckOptions& options,
                    LocalNumbers& numbers, Ast& ast, Findings& findings);
void rewrite_locals(Body& query, std::vector<std::string>& vars, const Checked& checked, Ast& ast,
                    Findings& findings);

/// Groups the rules by path.
void group_rules(const std::vector<Module*>& modules, Checked& checked, Ast& ast);

/// Refuses rules that cannot stand together.
void check_conflicts(const std::vector<Module*>& modules, const Checked& checked,
                     const HasData& has_data, const HeadNumbers& heads, Errors& errors);

/// The ref of a rule's document, with OPA's variables in the place of what is evaluated:
/// "data.t.p[x]", "data.t.p[__local0__]".
std::string rule_name(const CheckedRule& rule, const HeadNumbers& heads);

/// Refuses `with` modifiers of what cannot be replaced.
void check_with(const Checked& checked, Ast& ast, Errors& errors);
void check_with(const Body& query, const Checked& checked, Ast& ast, Errors& errors);

/// Refuses calls without a value where one is needed.
void check_void_calls(const Checked& checked, Errors& errors);
void check_void_calls(const Body& query, const Checked& checked, Errors& errors);

/// Refuses calls of unknown functions and calls with a wrong number of arguments.
void check_calls(const Checked& checked, Errors& errors);
void check_calls(const Body& query, const Checked& checked, Errors& errors);
/// The same on flat forms, in which also equalities of the compiler's are calls.
void check_flat_calls(const Checked& checked, Errors& errors);
void check_flat_calls(const Body& flat, const Checked& checked, Errors& errors);

/// Refuses variables in template strings that nothing around them binds.
void check_templates(const Checked& checked, Errors& errors);
/// In a query, only those that capabilities have not: an evaluation finds the rest.
void check_templates(const Body& query, const Checked& checked, Errors& errors);
/// Refuses operands of print() that nothing before it binds.
void check_prints(const Checked& checked, Errors& errors);
void check_prints(const Body& query, const Checked& checked, Errors& errors);

/// What rego.metadata.chain() and rego.metadata.rule() are in a clause; null where they are not
/// called.
struct Metadata {
  Term* chain = nullptr;
  Term* rule = nullptr;
};
using MetadataOfClauses = std::map<const Rule*, Metadata>;

/// Which of the two a term calls.
enum class MetadataCall : std::uint8_t { none, chain, rule };
MetadataCall metadata_call(const Term& term);
/// The same of an expression that is such a call by itself.
MetadataCall metadata_call(const Expr& expr);

/// The annotations of the clauses that call rego.metadata.*, or whose else-clauses do.
MetadataOfClauses metadata_of_clauses(const std::vector<Module*>& modules,
                                      const builtins::Table& builtins, Ast& ast, Errors& errors);
/// Puts the annotations in the place of these calls.
void replace_metadata(const std::vector<Module*>& modules, const MetadataOfClauses& metadata,
                      Ast& ast);

/// Makes the flat form of every clause, which the stages behind it check.
void flatten(const std::vector<Module*>& modules, Checked& checked, LocalNumbers numbers,
             HeadNumbers heads, const MetadataOfClauses& metadata);
/// The flat form of a query, before the last pass.
Body* flattened(const Body& query, const Checked& checked);

/// The query with the values of its expressions captured.
TracedQuery captured(const Body& query, const Checked& checked, Ast& ast);

/// Refuses variables that nothing binds, and orders the flat bodies so that variables are bound
/// before they are needed.
void check_safety(Checked& checked, Errors& errors);
/// False if it has left an expression out, as OPA does.
bool check_safety(Body& flat, const Checked& checked, Errors& errors);

/// The variables that a flat body binds by itself.
VarSet body_outputs(const Body& flat, const Checked& checked);

/// Orders the expressions of a clause as check_safety() does; false if they have no order, in which
/// case the planner takes the flat clause.
bool order_clause(Rule& clause, const Checked& checked);
bool order_body(Body& body, const Checked& checked);
/// The same for a comprehension that needs no variable of the body around it.
bool order_comprehension(Term& term, const Checked& checked);

/// True for a term without variables, but for heads of refs and what `with` brings in.
bool is_fixed(const Term& term);
/// True for a set or an object that OPA takes for a constant: nothing in it is checked or renamed.
bool is_fixed_collection(const Term& term);

/// True if a flat body goes through a set or an object that is written with variables.
bool iterates_literal(const Body& flat);

/// Refuses expressions that the types of their operands never let hold.
void check_types(Body& flat, const Checked& checked, Errors& errors);

/// Calls visit(group) for each group that a ref may read: those on its path, or below where it
/// stops being strings.
template <typename Visit>
void each_group(const Checked& checked, const Term& ref, Visit&& visit);

/// Refuses builtins that Rego has no more.
void check_deprecated(const std::vector<Module*>& modules, const CheckOptions& options,
                      Findings& findings);

/// Refuses rules that depend on themselves.
void check_recursion(const Checked& checked, Errors& errors);

/// Numbers the tests that have the same name. The modules are in order.
void number_tests(const std::vector<Module*>& modules, Ast& ast);

/// Has tests with cases tell each case.
void tell_test_cases(const Checked& checked, Ast& ast);
/// Refuses tests with cases where capabilities do not have what reports them.
void check_test_cases(const Checked& checked, Errors& errors);

/// Moves the operands of legacy negations in front of them, where OPA evaluates them.
void hoist_negations(const std::vector<Module*>& modules, Ast& ast);
void hoist_negations(Body& body, Ast& ast);

/// The number of inputs of a call's function: a rule's or a builtin's; -1 if unknown.
int function_arity(const Term& call, const Checked& checked);

/// The number of constants that a rule's path begins with.
std::size_t ground_length(const CheckedRule& rule);
/// The group that a ref into `data` leads to or into, or null.
const RuleGroup* outer_group(const Checked& checked, const Term& ref);
/// The group at the path of a ref into `data`, or null. `depth` becomes the length of the path.
const RuleGroup* find_group(const Checked& checked, const Term& ref, std::size_t* depth = nullptr);

/// Adds all variables of a term or a body, closures included, but not the builtins that `with`
/// replaces.
template <typename Node, typename Names>
void all_vars(Node& node, Names& out) {
  visit_all(node, [&](Term& inner) {
    if (inner.kind == TermKind::var && !inner.flag) out.insert(inner.text);
  });
}

/// The names of the two documents that everything else is in.
inline bool is_root(std::string_view name) { return name == "input" || name == "data"; }

template <typename Visit>
void each_group_below(const RuleNode& node, const Term& ref, std::size_t at, Visit&& visit) {
  if (node.group) {
    visit(*node.group);
    return;
  }
  if (at < ref.items.size() && syntax::is_ground(*ref.items[at])) {
    const Term& key = *ref.items[at];
    const RuleNode* child = key.kind == TermKind::string ? node.child(key.text) : nullptr;
    if (child) each_group_below(*child, ref, at + 1, visit);
    return;
  }
  for (const auto& [key, child] : node.children) each_group_below(*child, ref, at + 1, visit);
}

template <typename Visit>
void each_group(const Checked& checked, const Term& ref, Visit&& visit) {
  if (ref.items[0]->text == "data") each_group_below(checked.root, ref, 1, visit);
}

/// Makes `v = xs[k]` of `some k, v in xs`.
void write_as_equality(Expr& some, Ast& ast);

/// `x := y`, with both operands.
bool is_assignment(const Expr& expr);
/// `x = y` or `x := y`, with both operands.
bool is_equality(const Expr& expr);

/// Adds what a body declares, in bodies of its own expressions too, but not in comprehensions. The
/// names live in its terms.
void add_declared(const Body& body, VarSet& out);

/// The name that an import gives.
std::string import_name(const syntax::Import& import);

/// A variable that the compiler made: no name in a policy has a `#`.
inline bool is_generated(std::string_view var) { return !var.empty() && var[0] == '#'; }

/// What the compiler captures in an operand of print() or a part of a template string,
/// `{#1 | #1 = term}`; null for any other term, such as an author's in internal.print([…]).
inline const Term* captured_term(const Term& operand) {
  bool made = operand.kind == TermKind::set_comprehension &&
              operand.items[0]->kind == TermKind::var && is_generated(operand.items[0]->text);
  return made ? operand.body->exprs[0]->term->items[2] : nullptr;
}

/// Calls visit(operand, captured term) for what the compiler captures in a call.
template <typename Visit>
void each_capture(const Term& call, Visit&& visit) {
  if (call.items.size() < 2) return;
  for (Term* operand : call.items[1]->items) {
    if (const Term* captured = captured_term(*operand)) visit(*operand, *captured);
  }
}

/// True for what OPA takes for a variable of its compiler: also an author's with such a name.
inline bool is_named_as_made(std::string_view var) {
  return is_generated(var) || var.starts_with("__local");
}

/// True for what captures the value of a query's expression, which has no name either.
inline bool captures_query_value(std::string_view var) { return var.starts_with("#t"); }

/// True for an operand of a head's ref that is no constant and no variable.
inline bool needs_variable(const Term& item) {
  return item.kind != TermKind::var && !syntax::is_scalar(item);
}

inline bool is_wildcard(std::string_view var) { return !var.empty() && var[0] == '$'; }

}  // namespace lictor::compile
