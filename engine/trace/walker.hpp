// The tracer's parts and what they share; private to trace/.
#pragma once

#include <deque>
#include <set>
#include <unordered_map>

#include "compile/comprehension_keys.hpp"
#include "compile/flatten.hpp"
#include "trace/bindings.hpp"
#include "trace/outcome.hpp"
#include "trace/tracer.hpp"

namespace lictor::trace {

using compile::FlatClause;
using syntax::Body;
using syntax::Expr;
using syntax::ExprKind;
using syntax::Rule;
using syntax::Term;
using syntax::TermKind;
using syntax::Terms;

struct ValuesLess {
  bool operator()(const std::vector<Value>& a, const std::vector<Value>& b) const;
};

/// A rule or an else-clause, as the tracer reads it.
struct Clause {
  const Rule* rule = nullptr;
  const FlatClause* flat = nullptr;
  std::vector<const Term*> ref;  // the document's, from `data` on, which is null
  std::size_t set = 0;           // the number of the rule that it is of

  /// False where the rule's own ref has variables.
  bool has_ground_ref() const;
  bool is_function() const { return !rule->args.empty(); }
};

class RuleIndex;

/// The rules by the constant part of their refs. A node with rules is a document: what is below it
/// is only read as a part of it.
struct TreeNode {
  std::map<Value, std::unique_ptr<TreeNode>, ValueLess> children;
  std::deque<Clause> own;            // of rules whose constant part ends here
  const Clause* fallback = nullptr;  // the default rule
  const Term* ref = nullptr;

  // Made when the document is first read:
  mutable std::vector<const Clause*> clauses;  // own ones; all below too if a ref has variables
  mutable std::shared_ptr<const RuleIndex> index;
  mutable bool only_ground_refs = true;

  bool has_rules() const { return fallback || !own.empty(); }
  const TreeNode* child(const Value& key) const {
    auto found = children.find(key);
    return found == children.end() ? nullptr : found->second.get();
  }
  bool is_function() const;
  bool is_multi_value() const;
  std::size_t arity() const;
  /// The ref as Rego writes it.
  std::string name() const { return syntax::to_text(*ref); }
};

/// The rules that a lookup leaves to evaluate.
struct Candidates {
  struct Set {
    const Clause* rule;
    std::vector<const Clause*> others;  // else-clauses
  };
  std::vector<Set> sets;
  const Clause* fallback = nullptr;
  bool early_exit = false;

  bool empty() const { return sets.empty() && fallback == nullptr; }
};

/// Values of comprehensions by the values of the variables that they share with their body.
struct ComprehensionCache {
  using Table = std::map<std::vector<Value>, Value, ValuesLess>;
  std::vector<std::map<const Term*, Table>> frames{1};
};

/// A body that is being evaluated: OPA's query.
struct Query {
  const std::vector<Expr*>* exprs = nullptr;
  std::size_t index = 0;
  std::uint64_t id = 0;
  Bindings* bindings = nullptr;
  const Query* parent = nullptr;
  bool find_one = false;
  Value input;     // undefined: none
  Value replaced;  // what `with` put in the place of data; undefined: nothing
  std::shared_ptr<ComprehensionCache> comprehensions;
  TextRange told;  // the place of the last event

  const Expr& expr() const { return *(*exprs)[index]; }
};

/// A ref that is being read, and what its value is unified with.
struct Reading {
  Query& query;
  const Term& ref;  // or the var of a root document
  Bindings& bindings;
  Item other;

  std::size_t size() const { return ref.kind == TermKind::ref ? ref.items.size() : 1; }
  Item item(std::size_t at) const { return {*ref.items[at], bindings}; }
};

/// Key of a value that was computed: a document or some part of it, or a call. The scope is what a
/// ref asks of keys behind the first that it leaves open; there, undefined stands for any.
struct CacheKey {
  const TreeNode* document = nullptr;
  std::vector<Value> keys;
  std::vector<Value> scope;
  bool called = false;  // a call's value, which OPA keeps apart from the document's

  bool operator<(const CacheKey& other) const;
};

/// What a function is replaced by under `with`: another one, or a value.
struct Mock {
  std::string function;  // its name; "": a value
  const TreeNode* rules = nullptr;
  Item value;  // a ref is evaluated where it is asked for
};

/// What an expression's `with` puts in the place of input, data and functions.
struct Replacements {
  Value input, replaced;                    // as in a query
  std::vector<std::vector<Value>> targets;  // paths in data where nothing else is seen
  std::map<std::string, Mock> mocks;
};

/// An object or a set that rules fill.
struct Partial {
  enum class Kind : std::uint8_t { object, set, value } kind = Kind::object;
  std::map<Value, Partial, ValueLess> members = {};
  std::set<Value, ValueLess> elements = {};
  Value value = {};

  Value made(Arena& arena) const;
};

/// What is at a path of keys; undefined if nothing is.
Value found_in(Value document, const Value* path, std::size_t size);

class Walker {
 public:
  Walker(const compile::Checked& checked, const Value& data);

  /// Forgets the last run; on the thread that runs.
  void begin(const Options& options, Arena& arena);
  /// True if the stack was too small for the last walk.
  bool needs_stack() const { return needs_stack_; }
  Result<std::vector<Solution>> solutions(const compile::CheckedQuery& query, const Value& input);

 private:
  friend class RuleIndex;

  // ---- bodies.cpp ----

  Query child(Query& parent, const std::vector<Expr*>& exprs, Bindings& bindings);
  Outcome run(Query& query, Next next);
  Outcome advance(Query& query, Next next);
  Outcome step(Query& query, Next next, bool goes_on);
  Outcome term_step(Query& query, const Expr& expr, Next next);
  Outcome negated(Query& query, Next next);
  Outcome without_solution(Query& query, const std::vector<Expr*>& exprs, Next next);
  Outcome every(Query& query, const Expr& expr, Next next);
  Outcome logical(Query& query, const Expr& expr, Next next);
  Outcome operand_holds(Query& query, const Body& body, bool& holds);

  // ---- with.cpp ----

  Outcome with(Query& query, Next next);
  Replacements replacements(const Query& query);
  void replace(Query& query, const Replacements& by);
  void restore(Query& query, const Query& before);

  // ---- unify.cpp ----

  Item resolved(Item item);
  /// The value of a term whose variables are bound; undefined for any other.
  Value plugged(const Item& item);
  Value constant(const Term& term);
  Outcome unify(Query& query, const Item& a, const Item& b, Next next);
  Outcome unify_evaluated(Query& query, const Item& a, const Item& b, Next next);
  Outcome bind(const Item& var, const Item& item, Next next);
  Outcome unify_arrays(Query& query, const Item& a, const Item& b, std::size_t at, Next next);
  using Pairs = std::vector<std::pair<Value, Item>>;
  bool pairs_of(const Item& object, Pairs& out);
  Outcome unify_pairs(Query& query, const Pairs& a, const Pairs& b, std::size_t at, Next next);
  Outcome unify_all(Query& query, const std::vector<Item>& a, const std::vector<Item>& b,
                    std::size_t at, Next next);

  // ---- comprehensions.cpp ----

  /// Solutions of a comprehension's body.
  struct Collected {
    std::vector<Value> items;
    std::map<Value, Value, ValueLess> members;
  };
  Outcome comprehension(Query& query, const Item& a, const Item& b, Next next);
  Outcome comprehension_value(Query& query, const Term& term, Value& out);
  Outcome keyed_value(Query& query, const Term& term, const std::vector<std::string>& keys,
                      Value& out);
  Outcome collect(const Term& term, Bindings& bindings, bool in_table, Collected& out);
  Value made(const Term& term, Collected& collected);

  // ---- refs.cpp ----

  Outcome ref(Query& query, const Item& a, const Item& b, Next next);
  Item part_of(const Item& collection, const Value& key);
  Outcome value_ref(Reading& reading, std::size_t at, const Item& value, Next next);
  Outcome value_keys(Reading& reading, std::size_t at, const Item& collection, Next next);
  Outcome tree(Reading& reading, std::size_t at, const TreeNode* node, std::vector<Value>& path,
               Next next);
  Outcome tree_child(Reading& reading, std::size_t at, const TreeNode* node, const Value& key,
                     std::vector<Value>& path, Next next);
  Outcome tree_keys(Reading& reading, std::size_t at, const TreeNode* node,
                    std::vector<Value>& path, Next next);
  Outcome extent(Query& query, const TreeNode* node, const std::vector<Value>& path, Value& out);
  Outcome leaves(Query& query, const TreeNode& node, std::size_t depth, Value& out);
  Value base_document(const Query& query, const Value* path, std::size_t size);
  bool is_replaced(const Value* path, std::size_t size) const;

  // ---- rule_tree.cpp ----

  void add_rules();
  void add_packages(const compile::RuleNode& from, std::vector<Value>& path);
  TreeNode& tree_node(const std::vector<Value>& path);
  void add_clause(const compile::CheckedRule& rule, bool is_default);
  const TreeNode& prepared(const TreeNode& document);

  // ---- documents.cpp ----

  struct Conflicts;
  using Evaluate = FunctionRef<Outcome(const Clause&, bool&)>;
  using Produce = FunctionRef<Outcome(const Clause&, Conflicts&, bool&)>;
  Outcome in_order(const Candidates& candidates, Evaluate evaluate, Produce produce, bool& done);
  Outcome virtual_document(Reading& reading, std::size_t at, const TreeNode& node, Next next);
  Outcome complete(Reading& reading, std::size_t at, const TreeNode& document,
                   const Candidates& candidates, Next next);
  Outcome complete_rule(Reading& reading, std::size_t at, const TreeNode& document,
                        const Clause& clause, bool find_one, Value& first, bool& produced,
                        Next next);
  Outcome partial(Reading& reading, std::size_t at, const TreeNode& document,
                  const Candidates& candidates, Next next);
  Outcome whole(Query& query, std::size_t at, const TreeNode& document,
                const Candidates& candidates, Value& out);
  Outcome part(Reading& reading, std::size_t at, const TreeNode& document,
               const Candidates& candidates, Next next);
  Outcome rule_for_part(Reading& reading, std::size_t at, const Clause& clause, Partial& result,
                        std::vector<std::vector<Value>>& visited);
  Outcome unify_head(Reading& reading, std::size_t at, const Clause& clause, Query& query,
                     Next next);
  Outcome has_no_value(const Clause& clause);
  Outcome add_value(std::size_t at, const Clause& clause, Bindings& bindings, Partial& result,
                    std::vector<std::vector<Value>>& visited, bool& existed);
  struct PartKey;
  PartKey part_key(Reading& reading, std::size_t at, const TreeNode& document,
                   const Candidates& candidates);
  static Partial empty_result(const TreeNode& document);

  // ---- calls.cpp ----

  Outcome call(Query& query, const std::string& name, const TreeNode* rules, const Terms& terms,
               Next next);
  Outcome function(Query& query, const TreeNode& rules, const Terms& terms, Next next);
  Outcome function_rule(Query& query, const Clause& clause, const Terms& terms, bool find_one,
                        const CacheKey& key, Value& first, bool& produced, Next next);
  Outcome builtin(Query& query, const std::string& name, const Terms& terms, Next next);
  static std::vector<Item> operands(const Terms& terms, Query& query);
  static std::vector<Item> parameters(const Clause& clause, const Terms& terms, Bindings& bindings);
  Outcome outputs(Query& query, const Terms& terms, std::size_t arity, const Item& value,
                  Next next);
  const TreeNode* rules_named(const Term& ref) const;
  const TreeNode* function_named(const Term& ref) const;
  const Mock* mock_of(const std::string& name) const;

  // ---- conflicts.cpp ----

  Outcome conflicting_value(Query& parent, const Clause& clause, bool find_one,
                            const Terms* arguments, Conflicts& conflicts, bool& produced);
  Outcome add_conflict(Conflicts& conflicts, const Clause& clause, const Value& value);
  Outcome list_conflicts(Outcome conflict, const Clause& clause, const Candidates& candidates,
                         Produce produce);
  Outcome conflict_of(const Clause& clause, const TreeNode& document, bool called);
  Outcome key_conflict(const Clause& clause);

  // ---- rule_index.cpp ----

  Candidates candidates(Query& query, const TreeNode& document, const Terms* arguments);

  // ---- stack.cpp ----

  Outcome failure(ErrorCode code, const Span& span, std::string_view written, std::string message,
                  const Rule* raised = nullptr);
  Outcome with_stack(const Query& query, Outcome outcome);
  StackFrame frame(const Query& query);
  std::string with_values(const Query& query, const Expr& expr);
  bool gives_up();

  // ---- events.cpp ----

  /// Values by the names that are shown; wildcards are told apart by their own.
  using Variables = std::map<std::pair<std::string, std::string>, std::string>;
  class Shown;
  void tell(TraceEvent::Kind kind, const Expr& expr, Query& query);
  void tell(TraceEvent::Kind kind, const Clause& clause, Query& query);
  void tell(TraceEvent::Kind kind, const std::vector<Expr*>& body, Query& query);
  void tell_index(const std::string& document, const Candidates& found, Query& query);
  void tell_unification(const Item& a, const Item& b, Query& query);
  void tell_note(std::string_view message, Query& query);
  void tell_test_case(const Value& keys, const Query& query);
  TraceEvent event_at(TraceEvent::Kind kind, TraceEvent::Node node, const Span& place,
                      std::string_view written, Query& query);
  static void finish(TraceEvent& event, const Query& query, std::string text,
                     const Variables& variables);
  static TraceEvent event_of(TraceEvent::Kind kind, TraceEvent::Node node, const Query& query);
  std::string shown_item(const Item& item);
  Value known_document(const Term& ref);
  void add_document(const Term& ref, Variables& out);
  void add_variable(const Term& var, const Query& query, Variables& out);
  void add_variables(const Expr& expr, const Query& query, Variables& out);
  void add_values(TraceEvent& event, const Expr& expr, const Query& query);
  bool is_heard() const { return static_cast<bool>(options_.tracing.hear); }

  const compile::Checked& checked_;
  const Value data_;

  // What stays from run to run.
  Arena kept_;       // constants
  syntax::Ast ast_;  // terms of our own
  Places places_;
  std::unordered_map<const Term*, Value> constants_;
  TreeNode rules_;  // what `data` holds
  std::deque<Clause> defaults_;
  std::size_t sets_ = 0;
  std::unordered_map<const Expr*, std::vector<Expr*>> complements_;  // of negated expressions
  std::unordered_map<const Expr*, std::vector<Expr*>> generators_;   // of every-expressions
  compile::ComprehensionKeys comprehension_keys_;

  // Of this run.
  Options options_;
  Arena* arena_ = nullptr;
  Stops stops_;
  builtins::Environment environment_;
  std::uint64_t next_id_ = 0;
  std::uint64_t steps_ = 0;
  std::chrono::steady_clock::time_point deadline_;
  std::uintptr_t stack_end_ = 0;  // below it there is no room
  bool needs_stack_ = false;      // there was none

  // What `with` pushes and pops.
  std::vector<std::map<CacheKey, Value>> cache_{1};  // undefined: known to be
  std::vector<std::vector<std::vector<Value>>> targets_;
  std::vector<std::vector<std::map<std::string, Mock>>> mocks_{1};

  std::vector<Outcome> builtin_errors_;
};

}  // namespace lictor::trace
