// The rules of validation: tables of functions, one table for each kind of node, in the order in
// which the walk calls them. A rule looks at one node and reports errors.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "builtins/graphql/limits.hpp"
#include "builtins/graphql/schema.hpp"

namespace lictor::builtins::graphql {

class OverlapChecker;

/// A validation under way: what the rules read, what they remember, and the errors.
struct Validation {
  Validation(Schema& schema, QueryDocument& query);
  ~Validation();

  Schema& schema;
  QueryDocument& query;
  Ref<OperationDefinition> operation;  // that is walked; null in fragments on their own
  std::unordered_map<std::string_view, Ref<FragmentDefinition>> fragments;
  std::vector<Fault> faults;
  Budget budget;

  // What rules remember:
  std::set<std::tuple<std::string_view, std::int64_t, std::int64_t>> misplaced_directives;
  std::unordered_set<std::string_view> spread_fragments;  // in operations
  bool in_fragments = false;                              // all operations were walked
  std::unordered_set<std::string_view> fragments_without_new_cycles;
  std::unordered_set<std::string_view> operation_names, fragment_names;
  std::map<std::pair<std::string_view, int>, bool> introspection_depths;  // of fragments
  std::unordered_map<std::string_view, int> entered_fragments;            // and their depth
  std::unique_ptr<OverlapChecker> overlaps;

  Names& names() { return schema.names; }
  Ref<FragmentDefinition> fragment(std::string_view name) const;
  void report(const Position& position, std::string message);
};

template <class Node>
using Rule = void (*)(Validation&, Node&);
template <class Node>
using Rules = std::span<const Rule<Node>>;

extern const Rules<VariableDefinition> variable_rules;
extern const Rules<OperationDefinition> operation_rules;
extern const Rules<Field> field_rules;
extern const Rules<FragmentDefinition> fragment_rules;
extern const Rules<InlineFragment> inline_fragment_rules;
extern const Rules<FragmentSpread> spread_rules;
extern const Rules<Directive> directive_rules;
extern const Rules<Nodes<Directive>> directive_list_rules;
extern const Rules<Literal> value_rules;

// --- rules on nodes of several kinds

void unknown_field(Validation& validation, Field& field);
void unknown_field_arguments(Validation& validation, Field& field);
void introspection_depth(Validation& validation, Field& field);
void missing_field_arguments(Validation& validation, Field& field);
void field_leaf(Validation& validation, Field& field);
void repeated_field_arguments(Validation& validation, Field& field);
void overlap_in_operation(Validation& validation, OperationDefinition& operation);
void overlap_in_field(Validation& validation, Field& field);
void overlap_in_fragment(Validation& validation, FragmentDefinition& fragment);
void overlap_in_inline_fragment(Validation& validation, InlineFragment& fragment);
void fragment_cycles(Validation& validation, FragmentDefinition& fragment);
void undefined_variable(Validation& validation, Literal& value);
void repeated_input_fields(Validation& validation, Literal& value);
void value_of_wrong_type(Validation& validation, Literal& value);
void variable_in_wrong_place(Validation& validation, Literal& value);
void nullable_variable_in_one_of(Validation& validation, Literal& value);

}  // namespace lictor::builtins::graphql
