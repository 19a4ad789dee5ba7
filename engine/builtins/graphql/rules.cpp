// The tables of rules, and the short rules on operations, variables, fragments and directives.
#include "builtins/graphql/rules.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "builtins/graphql/overlaps.hpp"
#include "builtins/graphql/suggest.hpp"

namespace lictor::builtins::graphql {
namespace {

void unknown_variable_type(Validation& validation, VariableDefinition& variable) {
  std::string_view name = type_name(variable.type);
  if (validation.schema.type(name)) return;
  validation.report(variable.position, join("Unknown type \"", name, "\"."));
}

// --- operations

Ref<Definition> root_type(const Schema& schema, std::string_view operation) {
  if (operation == "query" || operation.empty()) return schema.query;
  if (operation == "mutation") return schema.mutation;
  if (operation == "subscription") return schema.subscription;
  throw MissingNode{};
}

void unknown_root(Validation& validation, OperationDefinition& operation) {
  if (root_type(validation.schema, operation.operation)) return;
  validation.report(operation.position,
                    join("Schema does not support operation type \"", operation.operation, "\""));
}

void anonymous_among_others(Validation& validation, OperationDefinition& operation) {
  if (!operation.name.empty() || validation.query.operations.size() <= 1) return;
  validation.report(operation.position,
                    "This anonymous operation must be the only defined operation.");
}

void unused_variables(Validation& validation, OperationDefinition& operation) {
  for (Ref<VariableDefinition> variable : operation.variables) {
    if (variable->used) continue;
    std::string message = join("Variable \"$", variable->variable, "\" is never used");
    if (!operation.name.empty()) message += join(" in operation \"", operation.name, "\"");
    validation.report(variable->position, message + ".");
  }
}

/// The fields that a subscription selects, also through fragments; the first of each name.
class TopFields {
 public:
  std::vector<Ref<Field>> find(const SelectionSet& selections) {
    walk(selections);
    return std::move(fields_);
  }

 private:
  void walk(const SelectionSet& selections) {
    Level level(depth_);
    for (const Selection& selection : selections) {
      if (auto* field = std::get_if<Ref<Field>>(&selection)) {
        if (names_.insert((*field)->name).second) fields_.push_back(*field);
      } else if (auto* inlined = std::get_if<Ref<InlineFragment>>(&selection)) {
        walk((*inlined)->selections);
      } else {
        Ref<FragmentDefinition> fragment = std::get<Ref<FragmentSpread>>(selection)->definition;
        if (!fragment) return;  // OPA leaves out what follows
        if (fragments_.insert(fragment->name).second) walk(fragment->selections);
      }
    }
  }

  std::vector<Ref<Field>> fields_;
  std::unordered_set<std::string_view> names_, fragments_;
  int depth_ = 0;
};

void subscription_fields(Validation& validation, OperationDefinition& operation) {
  if (!validation.schema.subscription || operation.operation != "subscription") return;
  std::vector<Ref<Field>> fields = TopFields().find(operation.selections);
  std::string name = "Anonymous Subscription";
  if (!operation.name.empty()) {
    name = "Subscription ";
    append_go_quoted(name, operation.name);
  }
  if (fields.size() > 1)
    validation.report(fields[1]->position, name + " must select only one top level field.");
  for (Ref<Field> field : fields) {
    if (!field->name.starts_with("__")) continue;
    validation.report(field->position, name + " must not select an introspection top level field.");
  }
}

void repeated_operation_name(Validation& validation, OperationDefinition& operation) {
  if (validation.operation_names.insert(operation.name).second) return;
  validation.report(operation.position,
                    join("There can be only one operation named \"", operation.name, "\"."));
}

/// Reports nodes of one name once, at the second one.
template <class T, class NameOf, class Report>
void report_repeated(const Nodes<T>& nodes, NameOf&& name_of, Report&& report) {
  std::unordered_map<std::string_view, int> counts;
  for (Ref<T> node : nodes)
    if (++counts[name_of(*node)] == 2) report(*node);
}

void repeated_variables(Validation& validation, OperationDefinition& operation) {
  report_repeated(
      operation.variables, [](auto& variable) { return variable.variable; },
      [&](VariableDefinition& variable) {
        validation.report(variable.position, join("There can be only one variable named \"$",
                                                  variable.variable, "\"."));
      });
}

void variables_of_output_types(Validation& validation, OperationDefinition& operation) {
  for (Ref<VariableDefinition> variable : operation.variables) {
    if (!variable->definition || variable->definition->is_input()) continue;
    validation.report(variable->position,
                      join("Variable \"$", variable->variable, "\" cannot be non-input type \"",
                           type_text(*variable->type), "\"."));
  }
}

// --- fragments

void fragment_on_wrong_kind(Validation& validation, FragmentDefinition& fragment) {
  if (!fragment.definition || fragment.type_condition.empty() ||
      fragment.definition->is_composite())
    return;
  validation.report(fragment.position, join("Fragment \"", fragment.name,
                                            "\" cannot condition on non composite type \"",
                                            fragment.type_condition, "\"."));
}

/// OPA lists equally close types in random order; we list them by name.
void unknown_fragment_type(Validation& validation, FragmentDefinition& fragment) {
  if (validation.schema.type(fragment.type_condition)) return;
  std::vector<std::string_view> types;
  for (const auto& [name, type] : validation.schema.types) types.push_back(name);
  std::sort(types.begin(), types.end());
  validation.report(fragment.position, join("Unknown type \"", fragment.type_condition, "\".",
                                            suggestion("Did you mean", fragment.type_condition,
                                                       types, validation.budget)));
}

void unused_fragment(Validation& validation, FragmentDefinition& fragment) {
  validation.in_fragments = true;
  if (validation.spread_fragments.contains(fragment.name)) return;
  validation.report(fragment.position, join("Fragment \"", fragment.name, "\" is never used."));
}

void repeated_fragment_name(Validation& validation, FragmentDefinition& fragment) {
  if (validation.fragment_names.insert(fragment.name).second) return;
  validation.report(fragment.position,
                    join("There can be only one fragment named \"", fragment.name, "\"."));
}

void inline_fragment_on_wrong_kind(Validation& validation, InlineFragment& fragment) {
  Ref<Definition> type = validation.schema.type(fragment.type_condition);
  if (!type || type->is_composite()) return;
  validation.report(fragment.position, join("Fragment cannot condition on non composite type \"",
                                            fragment.type_condition, "\"."));
}

void unknown_inline_fragment_type(Validation& validation, InlineFragment& fragment) {
  if (fragment.type_condition.empty() || validation.schema.type(fragment.type_condition)) return;
  validation.report(fragment.position, join("Unknown type \"", fragment.type_condition, "\"."));
}

/// True unless no value of the parent's type can be of the fragment's.
bool can_be_spread(Validation& validation, Ref<Definition> parent, std::string_view type_name) {
  const Schema& schema = validation.schema;
  if (!parent || !parent->is_composite()) return true;
  Ref<Definition> type = schema.type(type_name);
  if (!type || !type->is_composite()) return true;
  std::unordered_set<std::string_view> possible;
  if (parent->kind == kinds::object) {
    possible.insert(parent->name);
  } else {
    for (Ref<Definition> one : schema.possible(parent->name)) possible.insert(one->name);
  }
  const auto& wanted = schema.possible(type->name);
  validation.budget.spend(possible.size() + wanted.size());
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](Ref<Definition> one) { return possible.contains(one->name); });
}

void impossible_inline_fragment(Validation& validation, InlineFragment& fragment) {
  if (can_be_spread(validation, fragment.parent, fragment.type_condition)) return;
  validation.report(fragment.position, join("Fragment cannot be spread here as objects of type \"",
                                            fragment.parent->name, "\" can never be of type \"",
                                            fragment.type_condition, "\"."));
}

void unknown_fragment(Validation& validation, FragmentSpread& spread) {
  if (!spread.definition)
    validation.report(spread.position, join("Unknown fragment \"", spread.name, "\"."));
}

void note_spread(Validation& validation, FragmentSpread& spread) {
  if (!validation.in_fragments) validation.spread_fragments.insert(spread.name);
}

void impossible_spread(Validation& validation, FragmentSpread& spread) {
  if (!spread.definition) return;
  std::string_view type = spread.definition->type_condition;
  if (can_be_spread(validation, spread.parent, type)) return;
  validation.report(
      spread.position,
      join("Fragment \"", spread.name, "\" cannot be spread here as objects of type \"",
           spread.parent->name, "\" can never be of type \"", type, "\"."));
}

// --- arguments and directives

std::vector<std::string_view> names_of(const Nodes<ArgumentDefinition>& arguments) {
  std::vector<std::string_view> out;
  for (Ref<ArgumentDefinition> argument : arguments) out.push_back(argument->name);
  return out;
}

void report_unknown_arguments(Validation& validation, const Nodes<Argument>& arguments,
                              const Nodes<ArgumentDefinition>& known, const Position& position,
                              const std::string& place) {
  for (Ref<Argument> argument : arguments) {
    if (validation.names().find(known, argument->name)) continue;
    validation.report(position, join("Unknown argument \"", argument->name, "\" on ", place, ".",
                                     suggestion("Did you mean", argument->name, names_of(known),
                                                validation.budget)));
  }
}

void report_missing_arguments(Validation& validation, const Nodes<Argument>& arguments,
                              const Nodes<ArgumentDefinition>& known, const Position& position,
                              const std::string& place) {
  for (Ref<ArgumentDefinition> wanted : known) {
    validation.budget.spend();
    if (!wanted->type->non_null || wanted->default_value) continue;
    if (validation.names().find(arguments, wanted->name)) continue;
    validation.report(position,
                      join(place, " argument \"", wanted->name, "\" of type \"",
                           type_text(*wanted->type), "\" is required, but it was not provided."));
  }
}

void report_repeated_arguments(Validation& validation, const Nodes<Argument>& arguments) {
  report_repeated(
      arguments, [](auto& argument) { return argument.name; },
      [&](Argument& argument) {
        validation.report(argument.position,
                          join("There can be only one argument named \"", argument.name, "\"."));
      });
}

void unknown_directive_arguments(Validation& validation, Directive& directive) {
  if (!directive.definition || directive.arguments.empty()) return;
  report_unknown_arguments(validation, directive.arguments, directive.definition->arguments,
                           directive.position, join("directive \"@", directive.name, "\""));
}

void misplaced_directive(Validation& validation, Directive& directive) {
  if (!directive.definition) {
    validation.report(directive.position, join("Unknown directive \"@", directive.name, "\"."));
    return;
  }
  const List<std::string_view>& locations = directive.definition->locations;
  if (std::find(locations.begin(), locations.end(), directive.location) != locations.end()) return;
  const Position& position = directive.position;
  if (!position.known) throw MissingNode{};
  if (!validation.misplaced_directives.emplace(directive.name, position.line, position.column)
           .second)
    return;
  validation.report(position, join("Directive \"@", directive.name, "\" may not be used on ",
                                   directive.location, "."));
}

void missing_directive_arguments(Validation& validation, Directive& directive) {
  if (!directive.definition || directive.definition->arguments.empty()) return;
  report_missing_arguments(validation, directive.arguments, directive.definition->arguments,
                           directive.position,
                           join("Directive \"@", directive.definition->name, "\""));
}

void repeated_directive_arguments(Validation& validation, Directive& directive) {
  report_repeated_arguments(validation, directive.arguments);
}

void repeated_directives(Validation& validation, Nodes<Directive>& directives) {
  std::unordered_set<std::string_view> seen;
  for (Ref<Directive> directive : directives) {
    bool is_new = seen.insert(directive->name).second;
    if (is_new || (directive->definition && directive->definition->is_repeatable)) continue;
    validation.report(directive->position, join("The directive \"@", directive->name,
                                                "\" can only be used once at this location."));
  }
}

constexpr Rule<VariableDefinition> on_variable[] = {unknown_variable_type};
constexpr Rule<OperationDefinition> on_operation[] = {
    unknown_root,        anonymous_among_others,  unused_variables,   overlap_in_operation,
    subscription_fields, repeated_operation_name, repeated_variables, variables_of_output_types,
};
constexpr Rule<Field> on_field[] = {
    unknown_field,
    unknown_field_arguments,
    introspection_depth,
    overlap_in_field,
    missing_field_arguments,
    field_leaf,
    repeated_field_arguments,
};
constexpr Rule<FragmentDefinition> on_fragment[] = {
    fragment_on_wrong_kind, unknown_fragment_type, fragment_cycles,
    unused_fragment,        overlap_in_fragment,   repeated_fragment_name,
};
constexpr Rule<InlineFragment> on_inline_fragment[] = {
    inline_fragment_on_wrong_kind,
    unknown_inline_fragment_type,
    overlap_in_inline_fragment,
    impossible_inline_fragment,
};
constexpr Rule<FragmentSpread> on_spread[] = {unknown_fragment, note_spread, impossible_spread};
constexpr Rule<Directive> on_directive[] = {
    unknown_directive_arguments,
    misplaced_directive,
    missing_directive_arguments,
    repeated_directive_arguments,
};
constexpr Rule<Nodes<Directive>> on_directive_list[] = {repeated_directives};
constexpr Rule<Literal> on_value[] = {
    undefined_variable,      repeated_input_fields,       value_of_wrong_type,
    variable_in_wrong_place, nullable_variable_in_one_of,
};

}  // namespace

void unknown_field_arguments(Validation& validation, Field& field) {
  if (!field.definition || !field.parent || field.arguments.empty()) return;
  report_unknown_arguments(validation, field.arguments, field.definition->arguments, field.position,
                           join("field \"", field.parent->name, ".", field.name, "\""));
}

void missing_field_arguments(Validation& validation, Field& field) {
  if (!field.definition || field.definition->arguments.empty()) return;
  report_missing_arguments(validation, field.arguments, field.definition->arguments, field.position,
                           join("Field \"", field.name, "\""));
}

void repeated_field_arguments(Validation& validation, Field& field) {
  report_repeated_arguments(validation, field.arguments);
}

const Rules<VariableDefinition> variable_rules = on_variable;
const Rules<OperationDefinition> operation_rules = on_operation;
const Rules<Field> field_rules = on_field;
const Rules<FragmentDefinition> fragment_rules = on_fragment;
const Rules<InlineFragment> inline_fragment_rules = on_inline_fragment;
const Rules<FragmentSpread> spread_rules = on_spread;
const Rules<Directive> directive_rules = on_directive;
const Rules<Nodes<Directive>> directive_list_rules = on_directive_list;
const Rules<Literal> value_rules = on_value;

Validation::Validation(Schema& schema, QueryDocument& query)
    : schema(schema), query(query), overlaps(std::make_unique<OverlapChecker>(*this)) {
  for (Ref<FragmentDefinition> fragment : query.fragments)
    fragments.emplace(fragment->name, fragment);
}

Validation::~Validation() = default;

Ref<FragmentDefinition> Validation::fragment(std::string_view name) const {
  auto found = fragments.find(name);
  return found == fragments.end() ? Ref<FragmentDefinition>() : found->second;
}

void Validation::report(const Position& position, std::string message) {
  budget.spend(message.size() + 100);  // errors may repeat long names
  if (!position.known) {
    faults.push_back({std::move(message), std::nullopt});
  } else {
    faults.push_back(fault_at(position, std::move(message)));
  }
}

}  // namespace lictor::builtins::graphql
