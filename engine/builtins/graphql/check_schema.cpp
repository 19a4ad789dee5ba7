// Whether a schema's types and directives are right, in the order in which OPA looks at them.
#include <algorithm>
#include <unordered_set>

#include "base/unicode.hpp"
#include "builtins/graphql/schema.hpp"

namespace lictor::builtins::graphql {
namespace {

using Result = std::optional<Fault>;

std::string quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

template <class T>
std::vector<std::string_view> sorted_names(const std::unordered_map<std::string_view, T>& map) {
  std::vector<std::string_view> out;
  out.reserve(map.size());
  for (const auto& [name, node] : map) out.push_back(name);
  std::sort(out.begin(), out.end());
  return out;
}

Result check_name(const Position& position, std::string_view name) {
  if (!name.starts_with("__")) return std::nullopt;
  return fault_at(position, join("Name \"", name,
                                 "\" must not begin with \"__\", which is reserved by GraphQL "
                                 "introspection."));
}

/// No input object of the value may set a field twice.
Result check_input_field_names(Ref<Literal> value) {
  if (!value) return std::nullopt;
  std::unordered_set<std::string_view> seen;
  for (Ref<ChildValue> child : value->children) {
    if (value->kind == object_value && value->children.size() > 1 &&
        !seen.insert(child->name).second) {
      return fault_at(child->position,
                      join("There can be only one input field named \"", child->name, "\"."));
    }
    if (Result fault = check_input_field_names(child->value)) return fault;
  }
  return std::nullopt;
}

class SchemaChecker {
 public:
  explicit SchemaChecker(Schema& schema) : schema_(schema) {}

  Result check_type(Definition& type) {
    using Step = Result (SchemaChecker::*)(Definition&);
    constexpr Step steps[] = {
        &SchemaChecker::check_fields,         &SchemaChecker::check_union_members,
        &SchemaChecker::check_interfaces,     &SchemaChecker::check_contents,
        &SchemaChecker::check_repeated_names, &SchemaChecker::check_type_name,
    };
    for (Step step : steps)
      if (Result fault = (this->*step)(type)) return fault;
    // A type's directives are those of all its extensions, so that one may occur several times.
    return check_directives(type.directives, type.kind, {}, false);
  }

  Result check_directive_definition(DirectiveDefinition& directive) {
    if (Result fault = check_name(directive.position, directive.name)) return fault;
    if (auto i = find_repeated(directive.arguments, [](auto& node) { return node->name; })) {
      Ref<ArgumentDefinition> repeated = directive.arguments[*i];
      return fault_at(repeated->position, join("Argument @", directive.name, "(", repeated->name,
                                               ":) can only be defined once."));
    }
    if (Result fault =
            check_directives(directive.directives, "DIRECTIVE_DEFINITION", &directive, true))
      return fault;
    return check_arguments(directive.arguments, &directive);
  }

  /// `inside`: the definition of the directive that the list belongs to. With `once`, directives
  /// that are not repeatable may occur once.
  Result check_directives(const Nodes<Directive>& directives, std::string_view location,
                          Ref<DirectiveDefinition> inside, bool once) {
    std::unordered_set<std::string_view> seen;
    for (Ref<Directive> directive : directives) {
      if (Result fault = check_name(directive->position, directive->name)) return fault;
      if (inside && directive->name == inside->name) {
        return fault_at(directive->position,
                        join("Directive ", inside->name, " cannot refer to itself."));
      }
      Ref<DirectiveDefinition> definition = schema_.directive(directive->name);
      if (!definition)
        return fault_at(directive->position, join("Undefined directive ", directive->name, "."));
      if (once && !seen.insert(directive->name).second && !definition->is_repeatable) {
        return fault_at(directive->position, join("The directive ", directive->name,
                                                  " can only be used once at this location."));
      }
      if (Result fault = check_directive(*directive, *definition, location)) return fault;
    }
    return std::nullopt;
  }

 private:
  Result check_directive(Directive& directive, DirectiveDefinition& definition,
                         std::string_view location) {
    const List<std::string_view>& locations = definition.locations;
    if (std::find(locations.begin(), locations.end(), location) == locations.end()) {
      return fault_at(directive.position,
                      join("Directive ", directive.name, " is not applicable on ", location, "."));
    }
    if (Result fault = check_given_arguments(directive, definition)) return fault;
    if (Result fault = check_required_arguments(directive, definition)) return fault;
    for (Ref<Argument> argument : directive.arguments)
      if (Result fault = check_input_field_names(argument->value)) return fault;
    return std::nullopt;
  }

  Result check_given_arguments(Directive& directive, DirectiveDefinition& definition) {
    std::unordered_set<std::string_view> seen;
    for (Ref<Argument> argument : directive.arguments) {
      if (!schema_.names.find(definition.arguments, argument->name)) {
        return fault_at(argument->position, join("Undefined argument ", argument->name,
                                                 " for directive ", directive.name, "."));
      }
      if (!seen.insert(argument->name).second) {
        return fault_at(argument->position,
                        join("There can be only one argument named ", argument->name, "."));
      }
    }
    return std::nullopt;
  }

  Result check_required_arguments(Directive& directive, DirectiveDefinition& definition) {
    for (Ref<ArgumentDefinition> wanted : definition.arguments) {
      if (!wanted->type->non_null || wanted->default_value) continue;
      Ref<Argument> given = schema_.names.find(directive.arguments, wanted->name);
      if (given && given->value->kind != null_value) continue;
      return fault_at(directive.position, join("Argument ", wanted->name, " for directive ",
                                               directive.name, " cannot be null."));
    }
    return std::nullopt;
  }

  Result check_type_exists(Ref<Type> type) {
    std::string_view name = type_name(type);
    if (schema_.type(name)) return std::nullopt;
    return fault_at(type->position, join("Undefined type ", name, "."));
  }

  Result check_fields(Definition& type) {
    bool is_input = type.kind == kinds::input_object;
    std::string_view location = is_input ? "INPUT_FIELD_DEFINITION" : "FIELD_DEFINITION";
    for (Ref<FieldDefinition> field : type.fields) {
      if (Result fault = check_name(field->position, field->name)) return fault;
      if (Result fault = check_type_exists(field->type)) return fault;
      if (Result fault = check_input_field_names(field->default_value)) return fault;
      if (auto i = find_repeated(field->arguments, [](auto& node) { return node->name; })) {
        Ref<ArgumentDefinition> repeated = field->arguments[*i];
        return fault_at(repeated->position, join("Argument ", type.name, ".", field->name, "(",
                                                 repeated->name, ":) can only be defined once."));
      }
      if (Result fault = check_arguments(field->arguments, {})) return fault;
      if (Result fault = check_directives(field->directives, location, {}, true)) return fault;
    }
    return std::nullopt;
  }

  Result check_arguments(const Nodes<ArgumentDefinition>& arguments,
                         Ref<DirectiveDefinition> inside) {
    for (Ref<ArgumentDefinition> argument : arguments) {
      if (Result fault = check_name(argument->position, argument->name)) return fault;
      if (Result fault = check_type_exists(argument->type)) return fault;
      if (Result fault = check_input_field_names(argument->default_value)) return fault;
      Ref<Definition> type = schema_.type(type_name(argument->type));
      if (!type->is_input()) {
        return fault_at(argument->position, join("cannot use ", type_text(*argument->type),
                                                 " as argument ", argument->name, " because ",
                                                 type->kind, " is not a valid input type"));
      }
      if (Result fault =
              check_directives(argument->directives, "ARGUMENT_DEFINITION", inside, true))
        return fault;
    }
    return std::nullopt;
  }

  Result check_union_members(Definition& type) {
    for (std::string_view name : type.types) {
      Ref<Definition> member = schema_.type(name);
      if (!member) return fault_at(type.position, join("Undefined type ", quoted(name), "."));
      if (member->kind != kinds::object) {
        return fault_at(type.position, join(type.kind, " type ", quoted(name), " must be OBJECT."));
      }
    }
    return std::nullopt;
  }

  Result check_interfaces(Definition& type) {
    interfaces_ = {type.interfaces.begin(), type.interfaces.end()};
    std::unordered_set<std::string_view> seen;
    for (std::string_view name : type.interfaces) {
      if (!seen.insert(name).second) {
        return fault_at(type.position,
                        join("Type ", type.name, " can only implement ", name, " once."));
      }
      if (Result fault = check_implements(type, name)) return fault;
    }
    return std::nullopt;
  }

  Result check_implements(Definition& type, std::string_view name) {
    Ref<Definition> interface = schema_.type(name);
    if (!interface) return fault_at(type.position, join("Undefined type ", quoted(name), "."));
    if (interface->kind != kinds::interface) {
      return fault_at(type.position,
                      join(quoted(name), " is a non interface type ", interface->kind, "."));
    }
    if (interface->name == type.name) {
      return fault_at(type.position,
                      join("Type ", type.name,
                           " cannot implement itself because it would create a circular "
                           "reference."));
    }
    for (Ref<FieldDefinition> wanted : interface->fields)
      if (Result fault = check_implements_field(type, *interface, *wanted)) return fault;
    return check_implements_ancestors(type, *interface, name);
  }

  Result check_implements_field(Definition& type, Definition& interface, FieldDefinition& wanted) {
    std::string start = join("For ", type.name, " to implement ", interface.name, " ");
    Ref<FieldDefinition> field = schema_.names.find(type.fields, wanted.name);
    if (!field) {
      return fault_at(type.position, join(start, "it must have a field called ", wanted.name, "."));
    }
    if (!is_covariant(wanted.type, field->type)) {
      return fault_at(field->position, join(start, "the field ", wanted.name, " must have type ",
                                            type_text(*wanted.type), "."));
    }
    for (Ref<ArgumentDefinition> argument : wanted.arguments)
      if (Result fault = check_implements_argument(start, *field, wanted, *argument)) return fault;
    for (Ref<ArgumentDefinition> argument : field->arguments) {
      bool is_known = bool(schema_.names.find(wanted.arguments, argument->name));
      if (is_known || !argument->type->non_null || argument->default_value) continue;
      return fault_at(argument->position, join(start, "any additional arguments on ", field->name,
                                               " must be optional or have a default value but ",
                                               argument->name, " is required."));
    }
    return std::nullopt;
  }

  Result check_implements_argument(const std::string& start, FieldDefinition& field,
                                   FieldDefinition& wanted, ArgumentDefinition& argument) {
    Ref<ArgumentDefinition> found = schema_.names.find(field.arguments, argument.name);
    std::string middle =
        join(start, "the field ", wanted.name, " must have the same arguments but ");
    if (!found) return fault_at(field.position, join(middle, "it is missing ", argument.name, "."));
    if (is_compatible(*argument.type, *found->type)) return std::nullopt;
    return fault_at(found->position, join(middle, argument.name, " has the wrong type."));
  }

  /// A type must itself say that it implements what its interfaces implement.
  Result check_implements_ancestors(Definition& type, Definition& interface,
                                    std::string_view name) {
    for (std::string_view ancestor : interface.interfaces) {
      if (interfaces_.contains(ancestor)) continue;
      if (ancestor == type.name) {
        return fault_at(type.position, join("Type ", type.name, " cannot implement ", name,
                                            " because it would create a circular reference."));
      }
      return fault_at(type.position, join("Type ", type.name, " must implement ", ancestor,
                                          " because it is implemented by ", name, "."));
    }
    return std::nullopt;
  }

  bool is_covariant(Ref<Type> wanted, Ref<Type> actual) {
    if (wanted->non_null && !actual->non_null) return false;
    if (!wanted->name.empty()) {
      if (wanted->name == actual->name) return true;
      const auto& possible = schema_.possible(wanted->name);
      return std::any_of(possible.begin(), possible.end(),
                         [&](Ref<Definition> type) { return type->name == actual->name; });
    }
    if (wanted->element && !actual->element) return false;
    return is_covariant(wanted->element, actual->element);
  }

  static Fault empty_type(const Definition& type, std::string_view what) {
    return fault_at(type.position,
                    join(type.kind, " ", type.name, ": must define one or more ", what, "."));
  }

  Result check_contents(Definition& type) {
    if (type.kind == kinds::enumeration) return check_enum_values(type);
    if (type.kind == kinds::union_type && type.types.empty())
      return empty_type(type, "member types");
    bool is_input = type.kind == kinds::input_object;
    if (!is_input && type.kind != kinds::object && type.kind != kinds::interface)
      return std::nullopt;
    if (type.fields.empty()) return empty_type(type, is_input ? "input fields" : "fields");
    for (Ref<FieldDefinition> field : type.fields)
      if (Result fault = check_field_kind(type, *field, is_input)) return fault;
    return std::nullopt;
  }

  Result check_field_kind(Definition& type, FieldDefinition& field, bool is_input) {
    Ref<Definition> found = schema_.type(type_name(field.type));
    if (!found) return std::nullopt;
    if (is_input && !found->is_input()) {
      return fault_at(field.position, join(found->kind, " ", field.name,
                                           ": field must be one of SCALAR, ENUM, INPUT_OBJECT."));
    }
    if (!is_input && !found->is_leaf() && !found->is_composite()) {
      return fault_at(field.position,
                      join(type.kind, " ", type.name,
                           ": field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM."));
    }
    return std::nullopt;
  }

  Result check_enum_values(Definition& type) {
    if (type.enum_values.empty()) return empty_type(type, "unique enum values");
    for (Ref<EnumValueDefinition> value : type.enum_values) {
      if (Result fault = check_name(value->position, value->name)) return fault;
      if (value->name == "true" || value->name == "false" || value->name == "null") {
        return fault_at(value->position,
                        join(type.kind, " ", type.name, ": non-enum value ", value->name, "."));
      }
      if (Result fault = check_directives(value->directives, "ENUM_VALUE", {}, true)) return fault;
    }
    return std::nullopt;
  }

  Result check_repeated_names(Definition& type) {
    if (auto i = find_repeated(type.fields, [](auto& node) { return node->name; })) {
      Ref<FieldDefinition> field = type.fields[*i];
      return fault_at(field->position,
                      join("Field ", type.name, ".", field->name, " can only be defined once."));
    }
    if (auto i = find_repeated(type.enum_values, [](auto& node) { return node->name; })) {
      Ref<EnumValueDefinition> value = type.enum_values[*i];
      return fault_at(value->position, join("Enum value ", type.name, ".", value->name,
                                            " can only be defined once."));
    }
    if (auto i = find_repeated(type.types, [](std::string_view name) { return name; })) {
      bool has_positions = type.type_positions.size() == type.types.size();
      return fault_at(
          has_positions ? type.type_positions[*i] : type.position,
          join("Union type ", type.name, " can only include type ", type.types[*i], " once."));
    }
    return std::nullopt;
  }

  Result check_type_name(Definition& type) {
    return type.built_in ? std::nullopt : check_name(type.position, type.name);
  }

  Schema& schema_;
  std::unordered_set<std::string_view> interfaces_;  // of the type that is checked
};

/// Looks for input objects that contain themselves through fields that may not be null.
class CycleFinder {
 public:
  explicit CycleFinder(const Schema& schema) : schema_(schema) {}

  Result find(Ref<Definition> type) {
    enter(type);
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next == step.type->fields.size()) {
        places_.erase(step.type->name);
        path_.pop_back();
        continue;
      }
      Ref<FieldDefinition> field = step.type->fields[step.next++];
      Ref<Definition> inner = required_input(*field);
      if (!inner) continue;
      step.field = field;
      auto place = places_.find(inner->name);
      if (place != places_.end()) return cycle(*inner, place->second);
      enter(inner);
    }
    return std::nullopt;
  }

 private:
  struct Step {
    Ref<Definition> type;
    std::uint32_t next = 0;
    Ref<FieldDefinition> field;  // the one that is followed
  };

  void enter(Ref<Definition> type) {
    if (!visited_.insert(type->name).second) return;
    places_.emplace(type->name, path_.size());
    path_.push_back({type, 0, {}});
  }

  Ref<Definition> required_input(const FieldDefinition& field) const {
    if (!field.type->non_null || field.type->name.empty()) return {};
    Ref<Definition> type = schema_.type(field.type->name);
    return type && type->kind == kinds::input_object ? type : Ref<Definition>();
  }

  Fault cycle(const Definition& type, std::size_t first) const {
    std::string names;
    for (std::size_t i = first; i < path_.size(); ++i)
      names += (i == first ? "" : ".") + std::string(path_[i].field->name);
    return fault_at(
        path_[first].field->position,
        join("Cannot reference Input Object ", quoted(type.name),
             " within itself through a series of non-null fields: ", quoted(names), "."));
  }

  const Schema& schema_;
  std::vector<Step> path_;
  std::unordered_map<std::string_view, std::size_t> places_;  // in the path, by type
  std::unordered_set<std::string_view> visited_;
};

}  // namespace

std::optional<Fault> check_types(Schema& schema) {
  SchemaChecker checker(schema);
  for (std::string_view name : sorted_names(schema.types))
    if (Result fault = checker.check_type(*schema.type(name))) return fault;
  return std::nullopt;
}

std::optional<Fault> check_input_cycles(Schema& schema) {
  CycleFinder finder(schema);
  for (std::string_view name : sorted_names(schema.types)) {
    Ref<Definition> type = schema.type(name);
    if (type->kind != kinds::input_object) continue;
    if (Result fault = finder.find(type)) return fault;
  }
  return std::nullopt;
}

std::optional<Fault> check_directive_definitions(Schema& schema) {
  SchemaChecker checker(schema);
  for (std::string_view name : sorted_names(schema.directives))
    if (Result fault = checker.check_directive_definition(*schema.directive(name))) return fault;
  return std::nullopt;
}

std::optional<Fault> check_schema_directives(Schema& schema, const Nodes<Directive>& directives) {
  return SchemaChecker(schema).check_directives(directives, "SCHEMA", {}, true);
}

}  // namespace lictor::builtins::graphql
