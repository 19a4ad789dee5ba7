// The planner's two halves: ProgramPlanner collects functions, constants and slots of one program;
// FunctionPlanner emits the code of one function. Private to plan/.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include <boost/container/flat_map.hpp>

#include "base/function_ref.hpp"
#include "builtins/table.hpp"
#include "compile/check.hpp"
#include "compile/stages.hpp"
#include "ir/program.hpp"
#include "plan/plan.hpp"

namespace lictor::plan {

using compile::Checked;
using compile::CheckedQuery;
using compile::CheckedRule;
using compile::GroupKind;
using compile::RuleGroup;
using compile::RuleNode;
using ir::Bank;
using ir::Opcode;
using ir::Operand;
using syntax::Body;
using syntax::Expr;
using syntax::ExprKind;
using syntax::Rule;
using syntax::Term;
using syntax::TermKind;

using Path = std::vector<std::string>;
/// Where variables are, by their texts in the terms.
using Vars = boost::container::flat_map<
    std::string_view, Operand, std::less<>,
    boost::container::small_vector<std::pair<std::string_view, Operand>, 8>>;

/// True for a group whose document is a set, in which each rule puts members.
bool is_set(const RuleGroup& group);
/// True for what asks that two values are equal: `=`, `:=` and `==`.
bool is_equality(const std::string& builtin);
/// True for `==`, `!=`, `<` and their like.
bool is_comparison(const std::string& builtin);
/// Which argument of a call is tested to be a text that starts, ends or matches as a constant says,
/// if OPA indexes that; what is no text does not pass. 0 if there is none.
std::size_t tested_text(const Term& call);
/// True for what OPA's index compares with: a scalar, or an array of scalars.
bool is_indexed_constant(const Term& term);
/// The text before the first `*` of a glob pattern, if OPA indexes the pattern: if each of its
/// parts between delimiters is plain text or `*`.
std::optional<std::string> glob_prefix(const Term& pattern, const Term& delimiters);

/// The kind of a comprehension's value.
Kind kind_of(const Term& comprehension);

class ProgramPlanner {
 public:
  ProgramPlanner(const Checked& checked, const Options& options);

  const Checked& checked() const { return checked_; }
  const builtins::Table& builtins() const { return *checked_.builtins; }
  const Options& options() const { return options_; }
  ir::Program& program() { return program_; }

  Operand constant(const Value& value);
  Operand constant(std::string_view text);
  Operand boolean(bool value) { return constant(Value::boolean(value)); }
  /// A constant object whose keys are the values of a large constant collection, which are found
  /// there by their hashes; the operand itself for any other.
  Operand table_of_values(Operand collection);
  /// The value of a ground term.
  Value value_of(const Term& term);
  Operand input_slot(const Path& path);
  /// Something is put inside the input, which must be there as a whole then.
  void need_whole_input() { needs_whole_input_ = true; }
  Operand data_slot(const Path& path);
  /// The same for a document that is read as a whole, or gone through: data hides `data.system`.
  Operand shown_slot(const Path& path);
  std::uint32_t place(const Span& span);

  /// True for a group that the program names once: it is planned where it is named, when
  /// optimizing.
  bool names_once(const RuleGroup& group) const;
  /// A function that only lends its name to errors of an inlined group.
  std::uint32_t name_of(const RuleGroup& group);

  /// The term that is the value of a group whatever the input is, as of `p := {"a": input.b}`; null
  /// if there is none.
  const Term* only_value_of(const RuleGroup& group) const;
  /// The value of a group that is one constant whatever the input is; undefined otherwise.
  Value constant_value_of(const RuleGroup& group);
  /// The value of a constant; null for an operand of another bank. Until the next constant is made.
  const Value* constant_at(Operand operand) const;
  /// A partial group whose functions are rules without parameters, as OPA evaluates them for the
  /// group's document.
  const RuleGroup& without_parameters(const RuleGroup& group);
  std::uint32_t add_record(ir::Record record);
  std::uint32_t add_format(ir::Format format);
  std::uint32_t add_rule_table(ir::RuleTable::Test test, const ir::RuleTable::Allowed& allowed,
                               std::vector<std::uint32_t> starts);
  /// Notes what finds something, or why no index does.
  void note_index(const Span& span, std::string subject, std::string finding);
  /// The path of an operand that is an input or a base document; "" for any other.
  std::string path_text(Operand operand) const;
  /// The number of an index, which others may share.
  std::uint32_t row_index(ir::RowIndex index);
  /// An input that `with` makes of a record whose members `inputs` are the input as it is.
  std::uint32_t add_input_record(ir::Record record, std::vector<std::uint32_t> inputs);

  /// Functions, planned when first asked for.
  std::uint32_t group_function(const RuleGroup& group, std::size_t keys);
  std::uint32_t extent_function(const RuleNode& node, const Path& path);
  /// The extent of a node that a ref names, where `with` may hide the rules below.
  std::uint32_t named_extent_function(const RuleNode& node, const Path& path);
  /// The number of a document that `with` may replace.
  std::uint32_t document(const Path& path);
  /// All values of a comprehension, by its keys.
  std::uint32_t groups_function(const compile::KeyedComprehension& keyed, Kind kind);

  /// Either is called before anything is planned: what the program may evaluate is found from
  /// there.
  void note_query(const CheckedQuery& query);
  void note_entrypoint(const Term& ref);
  /// The comprehension as it can be evaluated for all of its keys at once; null if it cannot.
  const compile::KeyedComprehension* keyed(const Term& comprehension) const;
  bool is_mocked(const std::string& builtin) const { return mocked_builtins_.contains(builtin); }
  bool is_mocked(const RuleGroup& group) const { return mocked_functions_.contains(&group); }
  bool is_masked(const RuleGroup& group) const { return is_masked(group.path); }
  bool is_masked(const Path& path) const;
  bool replaces_data() const { return !masked_paths_.empty(); }

  /// Plans what was asked for, then numbers the slots.
  ir::Program finish();
  std::uint32_t add_function(ir::Function function, std::function<void(std::uint32_t)> plan);

 private:
  Operand large_constant(const Value& value);
  Operand add_constant(const Value& value);
  Rule* uncalled(const CheckedRule& checked);
  void note_named_rules();
  void note_clause(Rule& clause);
  void note_with(const Expr& expr);
  void count_name(const Term& term);
  void count_all(const RuleNode& node, std::size_t times);
  void reach_through_input_records();
  void mark_kind_only();
  void connect(ir::InputRecord& made);

  const Checked& checked_;
  Options options_;
  ir::Program program_;
  Places places_;
  std::map<std::string, Operand> text_constants_;
  std::map<std::int64_t, Operand> integer_constants_;
  std::map<std::string, Operand> other_constants_;
  std::map<const void*, Operand> large_constants_;
  std::map<const RuleGroup*, Value> group_constants_;
  syntax::Ast ast_;                                  // of rules without parameters
  std::map<const RuleGroup*, RuleGroup> documents_;  // groups with such rules
  std::map<Operand, Operand> value_tables_;          // by collection
  Operand boolean_constants_[2] = {};                // 0: not needed yet
  std::map<Path, Operand> data_slots_;
  std::optional<Operand> shown_data_;
  std::vector<Path> input_paths_;
  std::map<Path, Operand> input_slots_;
  std::map<std::pair<const RuleGroup*, std::size_t>, std::uint32_t> group_functions_;
  std::map<Path, std::uint32_t> extent_functions_;
  std::map<Path, std::uint32_t> named_extent_functions_;
  std::map<const compile::KeyedComprehension*, std::uint32_t> groups_functions_;
  const compile::KeyedComprehensions* keyed_in_query_ = nullptr;
  bool notes_ = true;  // what finds things is noted
  std::vector<std::pair<std::uint32_t, std::function<void(std::uint32_t)>>> pending_;
  std::vector<Path> masked_paths_;
  std::map<Path, std::uint32_t> document_numbers_;
  std::map<const RuleGroup*, std::size_t> names_;  // how often each is named
  std::vector<const RuleGroup*> named_;            // and not looked into yet
  std::map<const RuleGroup*, std::uint32_t> inlined_;
  std::set<const RuleGroup*> mocked_functions_;
  std::set<std::string> mocked_builtins_;
  bool needs_whole_input_ = false;
};

/// Emits the code of one function. A continuation is called once, where its code belongs.
class FunctionPlanner {
 public:
  using Next = FunctionRef<void()>;
  using NextValue = FunctionRef<void(Operand)>;
  using NextValues = FunctionRef<void(const std::vector<Operand>&)>;

  FunctionPlanner(ProgramPlanner& planner, std::uint32_t function, std::uint32_t parameters);

  void complete_group(const RuleGroup& group);
  void function_group(const RuleGroup& group);
  void partial_group(const RuleGroup& group, std::size_t keys);
  void extent(const RuleNode& node, const Path& path);
  /// What an extent's function answers, unless `with` replaces the document of that number.
  void masked_extent(std::uint32_t number, std::uint32_t extent);
  void groups(const compile::KeyedComprehension& keyed, Kind kind);
  void document(const Term& ref);
  void query(const CheckedQuery& query);
  /// Tidies the code, resolves labels and hands it to the program.
  void finish();

 private:
  using Label = std::uint32_t;

  // Emission (emit.cpp).
  Label new_label();
  void bind(Label label);
  /// Drops jumps to what follows anyway, tests that are made again behind them, jumps over jumps
  /// and to jumps, and what no one reaches.
  void tidy();
  void turn_tests_around();
  void thread_jumps();
  void join_labels();
  void join_number_tests();
  bool return_at_once();
  void take_out_needless();
  /// By instruction, and behind the last: whether a label stands there.
  std::vector<bool> named() const;
  /// By instruction: whether any way from the first one leads to it.
  std::vector<bool> reached() const;
  bool is_needless(std::size_t at, const std::vector<bool>& needless) const;
  void emit(Opcode op, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0,
            std::size_t n = 0);
  /// Sets the result of a rule; where it conflicts, `end` is where the next rule starts.
  void emit_result(Operand result, Operand value, const Rule& rule);
  void emit_failing(Opcode op, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0,
                    std::size_t n = 0);
  /// Fails unless the collection has that value.
  void emit_member(Operand wanted, Operand collection);
  /// The number of a list of operands.
  std::uint32_t list_of(const std::vector<Operand>& operands);
  /// The parameters of this function.
  std::vector<Operand> parameters(std::size_t count) const;
  void jump(Label label) { emit(Opcode::jump, label); }
  void jump_fail() { jump(fail_); }
  void return_undefined();
  Operand new_register() { return new_registers(1); }
  Operand new_registers(std::size_t count);
  /// Fails where a slot is undefined, unless that was tested on the way here.
  void require(Operand slot);
  /// Runs `inner` with failure going to a new label, and binds that label behind it.
  void block(const Next& inner);
  /// Takes an instruction out again.
  void drop(std::size_t instruction);
  /// As block, but variables bound inside are forgotten.
  void closure(const Next& inner);

  // Variables (emit.cpp).
  bool is_bound(std::string_view var) const { return vars_.contains(var); }
  bool is_bound(const Term& term) const;
  /// The operand of a bound variable; throws an Error that names it otherwise.
  Operand bound(const Term& var);
  /// True if the term can be evaluated now; evaluating a ref binds the variables in its brackets.
  bool is_ready(const Term& term) const;
  void evaluate_first(const std::vector<const Term*>& parts, const Next& next);
  void parts_first(const std::vector<const Term*>& tops, const Next& next);
  void calls_first(const std::vector<const Term*>& items, const Next& next);
  /// True if the term may end the evaluation: if it evaluates rules, or has closures.
  bool may_be_an_error(const Term& term) const;
  /// Evaluates two terms, the one that is ready first; next gets them in the order given.
  void both(const Term& a, const Term& b, const FunctionRef<void(Operand, Operand)>& next);
  void bind_var(const std::string& var, Operand value, const Next& next);
  void unbound_vars(const Term& term, std::vector<std::string>& out) const;

  /// Counts a step while it lasts; throws an Error beyond most_steps, well before the stack ends.
  class Step {
   public:
    Step(FunctionPlanner& planner, const Span& span);
    ~Step() { --planner_.steps_; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    FunctionPlanner& planner_;
  };

  // Terms (terms.cpp).
  void term(const Term& term, const NextValue& next);
  void terms(const std::vector<const Term*>& items, const NextValues& next);
  void terms_once_ready(const std::vector<const Term*>& items, const NextValues& next);
  void composite(const Term& term, Opcode op, const NextValue& next);
  std::optional<ir::Record> record_of(const Term& object, std::vector<const Term*>& values);
  void object(const Term& object, const NextValue& next);
  void call(const Term& term, std::size_t inputs, const NextValue& next);
  void format(const Term& call, ir::Format made, const NextValue& next);
  void emit_call(const Term& term, const std::vector<Operand>& arguments, const NextValue& next);

  // Comprehensions (comprehensions.cpp).
  void comprehension(const Term& term, const NextValue& next);
  void all_solutions(const Term& comprehension, Operand out);
  const compile::KeyedComprehension* keyed_by_bound(const Term& comprehension) const;
  bool shows_groups(const Term& comprehension, const std::vector<std::string>& keys) const;
  bool may_conflict(const Term& term) const;
  void only_group(const Term& comprehension, const compile::KeyedComprehension& keyed, Operand out);
  void group_or_solutions(const Term& comprehension, const compile::KeyedComprehension& keyed,
                          Operand out);
  void take_group(const compile::KeyedComprehension& keyed, Kind kind, Operand groups, Operand out);
  Operand key_of_group(const compile::KeyedComprehension& keyed);

  // Refs (refs.cpp).
  void ref(const Term& term, const NextValue& next);
  void ref_of_parts(const Term& term, const NextValue& next);
  /// Where a value stands in base documents: a data slot and the keys below it; empty for a value
  /// that a rule or `input` made.
  using BasePath = std::vector<Operand>;
  void value_ref(Operand value, const Term& ref, std::size_t at, const NextValue& next,
                 const BasePath& place = {});
  Operand emit_get(Operand value, Operand key, const BasePath& place);
  void input_ref(const Term& ref, const NextValue& next);
  void data_ref(const RuleNode* node, Path path, const Term& ref, std::size_t at,
                const NextValue& next);
  using NextChild = FunctionRef<void(const std::string& name, const RuleNode& child)>;
  using NextMember = FunctionRef<void(Operand key, Operand value)>;
  void each_child_or_base(const RuleNode& node, Operand base, const Term& item,
                          const NextChild& child_code, const NextMember& base_code);
  void dynamic_ref(const RuleNode& node, const Path& path, const Term& ref, std::size_t at,
                   const NextValue& next);
  void base_ref(Path path, const Term& ref, std::size_t at, const NextValue& next);
  /// The value of a rule that depends on no arguments, asked for once on the way here.
  Operand call_once(std::uint32_t function);
  /// The value of a group that is no function, planned here or called.
  void whole_group(const RuleGroup& group, const NextValue& next);
  void group_ref(const RuleGroup& group, const Term& ref, std::size_t at, const NextValue& next);
  void literal_keys(const Term& literal, const Term& ref, const NextValue& next);
  void bind_side(const Term& var, const Term& other, const Next& next);
  void loop(Operand collection, const FunctionRef<void(Operand key, Operand value)>& next);
  bool is_computed(const Term& key) const;
  std::optional<std::string> known_text(const Term& term) const;

  // What is known of what is made of constants (fold.cpp).
  std::optional<std::vector<Value>> known_values(const std::vector<Operand>& operands) const;
  std::optional<Operand> folded_collection(Opcode op, const std::vector<Operand>& operands);
  std::optional<Operand> folded_call(const builtins::Builtin& builtin,
                                     const std::vector<Operand>& operands);
  void fold_into(ir::Format& format, std::vector<Operand>& operands) const;

  // Loops whose turns are known (unroll.cpp).
  void note_member_of(Operand collection, Operand found);
  std::optional<Value> known_turns(Operand collection) const;
  void unrolled(Operand collection, const Value& known,
                const FunctionRef<void(Operand key, Operand value)>& next);

  void turns(Opcode op, Operand state, const FunctionRef<void(Operand key, Operand value)>& next);
  bool is_read(Operand at, std::size_t from) const;

  // Loops over rows that an index finds (joins.cpp).
  struct Column {
    Path path;                   // within a row
    const Term* value;           // what it must equal; known before the row
    const Expr* test = nullptr;  // the expression that says no more than that
  };
  std::optional<Path> keys_behind(const Term& ref, std::size_t at) const;
  std::optional<Path> column_of(const Term& term, const std::string& row) const;
  std::vector<Column> columns_of(const Term& row) const;
  void ask_columns(const Term& a, const Term& b);
  void ask_columns_of_ref(const Term& ref, const Term& other);
  std::vector<Column> asked_columns(const Term& ref);
  /// As loop, but may leave out rows that have other values in the columns; `span` is what loops.
  void rows(const Span& span, Operand collection, const std::vector<Column>& columns,
            const FunctionRef<void(Operand key, Operand value)>& next);
  void found_rows(const ir::RowIndex& index, const std::vector<Operand>& values,
                  const FunctionRef<void(Operand key, Operand value)>& next);
  void member(const Span& span, Operand wanted, Operand collection, const Next& next);

  // Unification (unify.cpp).
  void unify(const Term& a, const Term& b, const Next& next);
  void unify_sides(const Term& a, const Term& b, const Next& next);
  void unify_closure(const Term& other, const Term& closure, const Next& next);
  void unify_items(std::vector<std::pair<const Term*, const Term*>> pairs, const Next& next);
  void destructure(const Term& pattern, Operand value, const Next& next);
  void destructure_items(const Term& pattern, Operand value, std::size_t at, const Next& next);

  // Bodies (bodies.cpp).
  void body(const Body& body, const Next& next);
  void exprs(const Body& body, std::size_t at, const Next& next);
  void expr(const Expr& expr, const Next& next);
  void plain_expr(const Expr& expr, const Next& next);
  void term_expr(const Term& term, const Next& next);
  bool output_selects_clause(const Term& call, const RuleGroup& group) const;
  bool may_be_replaced(const Term& call) const;
  void replaceable_test(const Term& call, const Next& next);
  void call_expr(const Term& call, const Next& next);
  void some_in(const Expr& expr, const Next& next);
  void every(const Expr& expr, const Next& next);
  /// Goes on if `inner` reaches its continuation not once, or at least once.
  void none(const FunctionRef<void(const Next&)>& inner, const Next& next);
  void exists(const FunctionRef<void(const Next&)>& inner, const Next& next);
  void with(const Expr& expr, const FunctionRef<void(const Next&)>& inner, const Next& next);
  /// What `with` puts in the place of something.
  struct Replacement {
    Operand value = 0;
    std::optional<std::uint32_t> input_record = {};  // instead, with what its holes hold
    std::vector<Operand> holes = {};
  };
  /// The function that `with` replaces, or null.
  const RuleGroup* function_named(const Term& target) const;
  void replacement(const syntax::With& with, const FunctionRef<void(Replacement)>& next);
  bool input_record(const syntax::With& with, const FunctionRef<void(Replacement)>& next);
  Operand keep(Operand value);
  void with_target(const Expr& expr, std::size_t at, const Replacement& replacement);
  void replace_function(Opcode op, std::uint32_t target, const syntax::With& with, Operand operand);
  void keep_slots_in(const Expr& expr);
  void keep_slots(const Vars& outside);

  // What OPA's rule index knows of a body's locals: the input path or argument that each stands
  // for.
  using Aliases = Vars;

  // The table that finds which of many rules to evaluate (rule_index.cpp).
  struct RuleTest;
  /// What is known to hold of a rule that an index has found: an expression, or that a text starts
  /// as a glob does, or that an item of a pattern is there.
  struct Implied {
    const Expr* whole = nullptr;
    const Expr* start = nullptr;
    const Term* item = nullptr;
  };
  struct Found {
    std::optional<std::vector<Value>> constants = {};
    Implied implied = {};
  };
  static Found found_by(const RuleTest& chosen, const std::vector<RuleTest>& tests);
  bool may_run_once(std::size_t first) const;
  bool is_implied(const Expr& whole) const;
  bool is_start_implied(const Expr& glob) const;
  bool is_item_implied(const Term& item) const;
  static void note_implied(const Expr& expr, const Rule& clause, const Aliases& aliases,
                           RuleTest& test);
  /// Plans the rules of a group that may hold, at the first `keys` keys that are known of a partial
  /// one; each one's code goes on behind itself when done.
  void candidates(const RuleGroup& group, std::size_t keys,
                  const FunctionRef<void(const CheckedRule&)>& plan);
  void note_candidates(const RuleGroup& group, const RuleTest* chosen);
  void chosen_candidates(const RuleGroup& group, const RuleTest& chosen,
                         const std::vector<std::vector<RuleTest>>& tests,
                         const FunctionRef<void(const CheckedRule&)>& plan);
  std::vector<std::uint32_t> comparable_code(std::size_t first, Label start) const;
  static const RuleTest* best_test(const std::vector<std::vector<RuleTest>>& tests);
  static bool says_it_all(const Term& call, const Rule& clause, const Aliases& aliases);
  std::vector<RuleTest> tests_of(const Rule& clause);
  std::vector<RuleTest> tests_of_partial(const RuleGroup& group, const CheckedRule& rule,
                                         std::size_t keys);
  std::vector<RuleTest> tests_of_chain(const Rule& rule);
  void tests_of_call(const Term& call, Aliases& aliases, std::vector<RuleTest>& out);
  void tests_of_equality(const Term& of, const Term& other, bool binds, Aliases& aliases,
                         std::vector<RuleTest>& out);
  void test_of_text(const Term& call, const Aliases& aliases, std::vector<RuleTest>& out);
  void test_of_member(const Term& call, const Aliases& aliases, std::vector<RuleTest>& out);
  /// The constant itself, or the members of an array or a set.
  std::vector<Value> constants_in(const Term& term);
  void test_of_argument(const Term& argument, Operand operand, std::vector<RuleTest>& out);
  bool tested_operand(const Term& term, const Aliases& aliases, RuleTest& out);
  Operand tested_value(const RuleTest& test);

  // The tests of a body that OPA's rule index would have made before it (prefilter.cpp).
  void prefilter(const Body& body, std::size_t at, Aliases aliases, const Next& next);
  bool index_operand(const Term& term, const Aliases& aliases, Operand& out);
  std::set<Operand> asked_for_several(const Rule& clause);
  bool prefilter_equality(const Expr& expr, Aliases& aliases);
  bool prefilter_text(const Expr& expr, const Aliases& aliases);
  void match_behind_start(const Term& glob, std::vector<Operand>& arguments);
  void rule_body(const Rule& rule, const Next& next);
  static bool tells(const Body& body);

  // Rules (rules.cpp).
  void group_value(const RuleGroup& group, Operand result);
  void inline_group(const RuleGroup& group, std::vector<Operand> arguments, const NextValue& next);
  bool can_inline(const RuleGroup& group) const;
  /// Goes on if a group holds that is planned here and whose only value is true.
  void inline_condition(const RuleGroup& group, std::vector<Operand> arguments, const Next& next);
  bool is_condition(const RuleGroup& group) const;
  void rule_value(const Rule& rule, Operand result, Label done, bool same_constant);
  void clauses(const Rule& rule, Operand result, Label done, bool same_constant);
  Operand partial_value(const RuleGroup& whole, std::size_t keys);
  /// `only_members`: the list is of the members of a set, and not of entries.
  void partial_rule(const RuleGroup& group, const CheckedRule& rule, std::size_t keys, Operand list,
                    bool only_members);
  void leave_to_tracer_if(Operand base);
  static std::vector<RuleGroup> complete_parts(const RuleGroup& group);
  void complete_part(const RuleGroup& group, const RuleGroup& part, std::size_t keys, Operand list);
  void partial_place(const RuleGroup& group, const CheckedRule& rule, std::size_t keys,
                     Operand list);
  void append_entry(const Rule& rule, const std::vector<Operand>& path, Operand value, bool member,
                    Operand list);
  /// Matches the arguments that are patterns, before the body; those that are computed, behind it.
  void arguments(const Rule& rule, std::size_t at, const Next& next);
  void computed_arguments(const Rule& rule, std::size_t at, const Next& next);
  void clause_value(const Rule& rule, const NextValue& next);
  void query_exprs(const CheckedQuery& query, std::size_t at, std::vector<Operand> row,
                   Operand rows);

  ProgramPlanner& planner_;
  std::uint32_t function_;
  std::vector<ir::Instruction> code_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> labels_;
  std::vector<std::uint32_t> rule_tables_;       // whose starts are labels until the end
  std::map<const Term*, Operand> early_;         // evaluated already, each for its one use
  std::map<std::string, const Term*> literals_;  // what variables are bound to as it was written
  Vars vars_;
  std::uint32_t registers_;
  std::uint32_t most_registers_;
  Label fail_ = 0;
  std::uint32_t place_ = 0;
  std::vector<Operand> arguments_;  // of the function whose rules are being planned
  std::map<Operand, Value> alike_;  // of registers: a value that has the same keys
  std::size_t copies_ = 1;          // in which the code is planned that is being planned
  int loop_depth_ = 0;
  std::size_t loops_ = 0;  // that were emitted so far
  int inline_depth_ = 0;
  /// The expressions behind the one that is being planned, in its body.
  struct Following {
    const Body* body = nullptr;
    std::size_t at = 0;
  } following_;
  /// What an equality asks of the rows that a ref in it goes through.
  struct Asked {
    const Term* ref = nullptr;
    std::vector<Column> columns;
  } asked_;
  int steps_ = 0;                   // how deep the planning of one rule is in continuations
  std::set<const Expr*> filtered_;  // expressions that are known to hold
  std::set<Operand> open_;          // what is not tested before the body
  std::vector<Implied> implied_;    // by the tests that found the rules which are being planned
  std::vector<Operand> required_;   // slots that are known to be defined here
  std::vector<std::pair<std::uint32_t, Operand>> called_;  // rules whose value is known here
  bool drops_false_ = false;
};

}  // namespace lictor::plan
