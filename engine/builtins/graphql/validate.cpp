// The walk over a query: records at each node its definition in the schema, then calls its rules.
#include "builtins/graphql/validate.hpp"

#include "builtins/graphql/rules.hpp"

namespace lictor::builtins::graphql {
namespace {

class Walker {
 public:
  explicit Walker(Validation& validation) : validation_(validation), schema_(validation.schema) {
    typename_type_.name = "String";
    typename_field_.name = "__typename";
    typename_field_.type = &typename_type_;
  }

  void walk() {
    for (Ref<OperationDefinition> operation : validation_.query.operations) {
      entered_.clear();
      walk_operation(*operation);
    }
    for (Ref<FragmentDefinition> fragment : validation_.query.fragments) {
      entered_.clear();
      walk_fragment(*fragment);
    }
  }

 private:
  template <class Node>
  void call(Rules<Node> rules, Node& node) {
    validation_.budget.spend();
    for (Rule<Node> rule : rules) rule(validation_, node);
  }

  void walk_operation(OperationDefinition& operation) {
    validation_.operation = &operation;
    variables_.clear();
    for (Ref<VariableDefinition> variable : operation.variables) note_variable(*variable);
    auto [type, location] = root_of(operation.operation);
    for (Ref<VariableDefinition> variable : operation.variables) {
      if (variable->default_value) walk_value(*variable->default_value);
      walk_directives(variable->definition, variable->directives, "VARIABLE_DEFINITION");
    }
    walk_directives(type, operation.directives, location);
    walk_selections(type, operation.selections);
    call(operation_rules, operation);
    validation_.operation = {};
  }

  void note_variable(VariableDefinition& variable) {
    variables_.emplace(variable.variable, &variable);
    variable.definition = schema_.type(type_name(variable.type));
    call(variable_rules, variable);
    if (!variable.default_value) return;
    variable.default_value->expected_type = variable.type;
    variable.default_value->definition = schema_.type(type_name(variable.type));
  }

  std::pair<Ref<Definition>, std::string_view> root_of(std::string_view operation) const {
    if (operation == "query" || operation.empty()) return {schema_.query, "QUERY"};
    if (operation == "mutation") return {schema_.mutation, "MUTATION"};
    if (operation == "subscription") return {schema_.subscription, "SUBSCRIPTION"};
    return {};
  }

  void walk_fragment(FragmentDefinition& fragment) {
    Ref<Definition> type = schema_.type(fragment.type_condition);
    fragment.definition = type;
    walk_directives(type, fragment.directives, "FRAGMENT_DEFINITION");
    walk_selections(type, fragment.selections);
    call(fragment_rules, fragment);
  }

  void walk_directives(Ref<Definition> parent, Nodes<Directive>& directives,
                       std::string_view location) {
    for (Ref<Directive> directive : directives) {
      Ref<DirectiveDefinition> definition = schema_.directive(directive->name);
      directive->definition = definition;
      directive->parent = parent;
      directive->location = location;
      for (Ref<Argument> argument : directive->arguments)
        walk_argument(find_argument(definition, *argument), *argument);
      call(directive_rules, *directive);
    }
    call(directive_list_rules, directives);
  }

  template <class T>
  Ref<ArgumentDefinition> find_argument(Ref<T> definition, const Argument& argument) {
    if (!definition) return {};
    return validation_.names().find(definition->arguments, argument.name);
  }

  void walk_argument(Ref<ArgumentDefinition> definition, Argument& argument) {
    if (definition) expect(*argument.value, *definition);
    walk_value(*argument.value);
  }

  /// Records at a value what its argument or field expects.
  template <class T>
  void expect(Literal& value, T& definition) {
    value.expected_type = definition.type;
    value.expected_type_has_default =
        definition.default_value && definition.default_value->kind != null_value;
    value.definition = schema_.type(type_name(definition.type));
  }

  void walk_value(Literal& value) {
    Level level(depth_);
    if (value.kind == variable_value && validation_.operation) note_variable_of(value);
    if (value.kind == object_value) walk_object(value);
    if (value.kind == list_value) walk_list(value);
    call(value_rules, value);
  }

  void note_variable_of(Literal& value) {
    auto found = variables_.find(value.raw);
    value.variable = found == variables_.end() ? Ref<VariableDefinition>() : found->second;
    if (value.variable) value.variable->used = true;
  }

  void walk_object(Literal& value) {
    for (Ref<ChildValue> child : value.children) {
      Ref<FieldDefinition> field;
      if (value.definition) field = validation_.names().find(value.definition->fields, child->name);
      if (field) expect(*child->value, *field);
      walk_value(*child->value);
    }
  }

  void walk_list(Literal& value) {
    for (Ref<ChildValue> child : value.children) {
      if (value.expected_type && value.expected_type->element) {
        child->value->expected_type = value.expected_type->element;
        child->value->definition = value.definition;
      }
      walk_value(*child->value);
    }
  }

  void walk_selections(Ref<Definition> parent, SelectionSet& selections) {
    Level level(depth_);
    for (Selection& selection : selections)
      std::visit([&](auto& node) { walk_selection(parent, *node); }, selection);
  }

  void walk_selection(Ref<Definition> parent, Field& field) {
    field.definition = definition_of(parent, field);
    field.parent = parent;
    Ref<Definition> type;
    if (field.definition) type = schema_.type(type_name(field.definition->type));
    for (Ref<Argument> argument : field.arguments)
      walk_argument(find_argument(field.definition, *argument), *argument);
    walk_directives(type, field.directives, "FIELD");
    walk_selections(type, field.selections);
    call(field_rules, field);
  }

  /// __typename is a field of every type.
  Ref<FieldDefinition> definition_of(Ref<Definition> parent, const Field& field) {
    if (field.name == "__typename") return &typename_field_;
    return parent ? validation_.names().find(parent->fields, field.name) : Ref<FieldDefinition>();
  }

  void walk_selection(Ref<Definition> parent, InlineFragment& fragment) {
    fragment.parent = parent;
    Ref<Definition> type =
        fragment.type_condition.empty() ? parent : schema_.type(fragment.type_condition);
    walk_directives(type, fragment.directives, "INLINE_FRAGMENT");
    walk_selections(type, fragment.selections);
    call(inline_fragment_rules, fragment);
  }

  void walk_selection(Ref<Definition> parent, FragmentSpread& spread) {
    Ref<FragmentDefinition> fragment = validation_.fragment(spread.name);
    spread.definition = fragment;
    spread.parent = parent;
    Ref<Definition> type;
    if (fragment) type = schema_.type(fragment->type_condition);
    walk_directives(type, spread.directives, "FRAGMENT_SPREAD");
    if (fragment && entered_.insert(fragment->name).second) {
      walk_directives(type, fragment->directives, "FRAGMENT_DEFINITION");
      walk_selections(type, fragment->selections);
    }
    call(spread_rules, spread);
  }

  Validation& validation_;
  Schema& schema_;
  std::unordered_map<std::string_view, Ref<VariableDefinition>> variables_;  // of the operation
  std::unordered_set<std::string_view> entered_;  // fragments, in one operation or fragment
  Type typename_type_;
  FieldDefinition typename_field_;
  int depth_ = 0;
};

}  // namespace

std::vector<Fault> validate(Schema& schema, QueryDocument& query) {
  Validation validation(schema, query);
  Walker walker(validation);
  walker.walk();
  return std::move(validation.faults);
}

}  // namespace lictor::builtins::graphql
