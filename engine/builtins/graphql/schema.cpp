// Joins definitions with their extensions, and finds the root types.
#include "builtins/graphql/schema.hpp"

#include <algorithm>
#include <set>

namespace lictor::builtins::graphql {
namespace {

constexpr std::size_t most_locations = 20;  // distinct ones

template <class T>
void append(ArenaVector<T>& out, const List<T>& items) {
  for (const T& item : items) out.push_back(item);
}

template <class T>
List<T> concatenate(Arena& arena, const List<T>& first, const List<T>& second) {
  ArenaVector<T> out(arena, first.size() + second.size());
  append(out, first);
  append(out, second);
  return to_list(out);
}

/// Copies of the built-in nodes, which extensions may change, and then the others.
template <class T>
Nodes<T> with_built_in(Arena& arena, const Nodes<T>& built_in, const Nodes<T>& others) {
  ArenaVector<Ref<T>> out(arena, built_in.size() + others.size());
  for (const Ref<T>& node : built_in) {
    out.push_back(make_node<T>(arena));
    *out.back() = *node;
  }
  append(out, others);
  return to_list(out);
}

/// The lists of a definition, to which its extensions append.
struct Extended {
  ArenaVector<Ref<Directive>> directives;
  ArenaVector<std::string_view> interfaces, types;
  ArenaVector<Ref<FieldDefinition>> fields;
  ArenaVector<Position> type_positions;
  ArenaVector<Ref<EnumValueDefinition>> enum_values;

  Extended(Arena& arena, const Definition& base)
      : directives(arena),
        interfaces(arena),
        types(arena),
        fields(arena),
        type_positions(arena),
        enum_values(arena) {
    add(base);
  }

  void add(const Definition& extension) {
    append(directives, extension.directives);
    append(interfaces, extension.interfaces);
    append(types, extension.types);
    append(fields, extension.fields);
    append(type_positions, extension.type_positions);
    append(enum_values, extension.enum_values);
  }

  void store(Definition& out) {
    out.directives = to_list(directives);
    out.interfaces = to_list(interfaces);
    out.types = to_list(types);
    out.fields = to_list(fields);
    out.type_positions = to_list(type_positions);
    out.enum_values = to_list(enum_values);
  }
};

class SchemaBuilder {
 public:
  using Result = std::optional<Fault>;

  SchemaBuilder(SchemaDocument& tree, Arena& arena, Schema& schema)
      : tree_(tree), arena_(arena), schema_(schema) {}

  Result build() {
    using Step = Result (SchemaBuilder::*)();
    constexpr Step steps[] = {
        &SchemaBuilder::add_types,
        &SchemaBuilder::extend_types,
        &SchemaBuilder::add_possible,
        &SchemaBuilder::add_directives,
        &SchemaBuilder::extend_directives,
        &SchemaBuilder::add_roots,
        &SchemaBuilder::check,
        &SchemaBuilder::infer_roots,
        &SchemaBuilder::check_roots,
    };
    for (Step step : steps)
      if (Result fault = (this->*step)()) return fault;
    add_introspection();
    return std::nullopt;
  }

 private:
  struct Root {
    std::string_view operation, default_name, message;
    Ref<Definition> Schema::*type;
  };
  static constexpr Root roots[] = {
      {"query", "Query", "Query root type must be Object type, it cannot be ", &Schema::query},
      {"mutation", "Mutation", "Mutation root type must be Object type if provided, it cannot be ",
       &Schema::mutation},
      {"subscription", "Subscription",
       "Subscription root type must be Object type if provided, it cannot be ",
       &Schema::subscription},
  };

  Result add_types() {
    definitions_ = with_built_in(arena_, prelude().definitions, tree_.definitions);
    for (Ref<Definition> type : definitions_) {
      if (!schema_.types.emplace(type->name, type).second)
        return fault_at(type->position, "Cannot redeclare type " + std::string(type->name) + ".");
    }
    return std::nullopt;
  }

  Result extend_types() {
    ArenaVector<Ref<Definition>> definitions(arena_);
    append(definitions, definitions_);
    std::unordered_map<Definition*, Extended> extended;
    for (Ref<Definition> extension : tree_.extensions) {
      Ref<Definition>& type = schema_.types[extension->name];
      if (!type) {
        type = new_type(*extension);
        definitions.push_back(type);
      }
      if (type->kind != extension->kind) return wrong_extension(*extension, *type);
      extended.try_emplace(type.get(), arena_, *type).first->second.add(*extension);
    }
    for (auto& [type, parts] : extended) parts.store(*type);
    definitions_ = to_list(definitions);
    return std::nullopt;
  }

  /// The definition that an extension of an undefined type creates.
  Ref<Definition> new_type(const Definition& extension) {
    Ref<Definition> out = make_node<Definition>(arena_);
    out->kind = extension.kind;
    out->name = extension.name;
    out->position = extension.position;
    return out;
  }

  static Fault wrong_extension(const Definition& extension, const Definition& type) {
    return fault_at(extension.position, "Cannot extend type " + std::string(extension.name) +
                                            " because the base type is a " +
                                            std::string(type.kind) + ", not " +
                                            std::string(extension.kind) + ".");
  }

  Result add_possible() {
    for (Ref<Definition> type : definitions_) {
      auto& possible = schema_.possible_types;
      bool has_fields = type->kind == kinds::object || type->kind == kinds::input_object;
      if (type->kind == kinds::union_type) {
        for (std::string_view member : type->types)
          possible[type->name].push_back(schema_.type(member));
      } else if (has_fields || type->kind == kinds::interface) {
        for (std::string_view interface : type->interfaces) possible[interface].push_back(type);
      }
      if (has_fields) possible[type->name].push_back(type);
    }
    return std::nullopt;
  }

  /// Those that are built in may be declared again.
  Result add_directives() {
    const SchemaDocument& built_in = prelude();
    for (Ref<DirectiveDefinition> directive :
         with_built_in(arena_, built_in.directives, tree_.directives)) {
      Ref<DirectiveDefinition>& known = schema_.directives[directive->name];
      if (known && !schema_.names.find(built_in.directives, directive->name)) {
        return fault_at(directive->position,
                        "Cannot redeclare directive " + std::string(directive->name) + ".");
      }
      known = directive;
      remove_repeated_locations(*directive);
    }
    return std::nullopt;
  }

  void remove_repeated_locations(DirectiveDefinition& directive) {
    if (directive.locations.size() <= most_locations) return;
    std::set<std::string_view> locations(directive.locations.begin(), directive.locations.end());
    ArenaVector<std::string_view> out(arena_, locations.size());
    for (std::string_view location : locations) out.push_back(location);
    directive.locations = to_list(out);
  }

  Result extend_directives() {
    for (Ref<DirectiveDefinition> extension : tree_.directive_extensions) {
      Ref<DirectiveDefinition> directive = schema_.directive(extension->name);
      if (!directive) {
        return fault_at(extension->position, "Cannot extend directive @" +
                                                 std::string(extension->name) +
                                                 " because it is not defined.");
      }
      directive->directives = concatenate(arena_, directive->directives, extension->directives);
    }
    return std::nullopt;
  }

  Result add_roots() {
    if (tree_.schema.size() > 1) {
      return fault_at(
          tree_.schema[1]->position,
          "Cannot have multiple schema entry points, consider schema extensions instead.");
    }
    for (Ref<SchemaDefinition> schema : tree_.schema)
      if (Result fault = add_roots_of(*schema)) return fault;
    for (Ref<SchemaDefinition> extension : tree_.schema_extensions)
      if (Result fault = add_roots_of(*extension)) return fault;
    return std::nullopt;
  }

  Result add_roots_of(SchemaDefinition& schema) {
    for (Ref<OperationTypeDefinition> root : schema.operation_types)
      if (Result fault = add_root(*root)) return fault;
    return check_schema_directives(schema_, schema.directives);
  }

  Result add_root(OperationTypeDefinition& root) {
    std::string operation(root.operation);
    if (!root_positions_.emplace(root.operation, root.position).second)
      return fault_at(root.position, "There can be only one " + operation + " type in schema.");
    Ref<Definition> type = schema_.type(root.type);
    if (!type) {
      return fault_at(root.position, "Schema root " + operation + " refers to a type " +
                                         std::string(root.type) + " that does not exist.");
    }
    for (const Root& row : roots)
      if (row.operation == root.operation) schema_.*row.type = type;
    return std::nullopt;
  }

  Result check() {
    if (Result fault = check_types(schema_)) return fault;
    if (Result fault = check_input_cycles(schema_)) return fault;
    return check_directive_definitions(schema_);
  }

  /// Without a schema definition, the types of the usual names are the roots.
  Result infer_roots() {
    for (const Root& row : roots) {
      if (tree_.schema.empty() && !(schema_.*row.type))
        schema_.*row.type = schema_.type(row.default_name);
    }
    return std::nullopt;
  }

  Result check_roots() {
    for (const Root& row : roots) {
      Ref<Definition> type = schema_.*row.type;
      if (!type || type->kind == kinds::object) continue;
      auto position = root_positions_.find(row.operation);
      return fault_at(position == root_positions_.end() ? type->position : position->second,
                      std::string(row.message) + std::string(type->name) + ".");
    }
    return std::nullopt;
  }

  Ref<Type> named_type(std::string_view name, bool non_null) {
    Ref<Type> out = make_node<Type>(arena_);
    out->name = name;
    out->non_null = non_null;
    return out;
  }

  Ref<FieldDefinition> new_field(std::string_view name, Ref<Type> type) {
    Ref<FieldDefinition> out = make_node<FieldDefinition>(arena_);
    out->name = name;
    out->type = type;
    return out;
  }

  /// The fields __schema and __type of queries.
  void add_introspection() {
    if (!schema_.query) return;
    Ref<ArgumentDefinition> name = make_node<ArgumentDefinition>(arena_);
    name->name = "name";
    name->type = named_type("String", true);
    ArenaVector<Ref<ArgumentDefinition>> arguments(arena_);
    arguments.push_back(name);
    ArenaVector<Ref<FieldDefinition>> fields(arena_);
    append(fields, schema_.query->fields);
    fields.push_back(new_field("__schema", named_type("__Schema", true)));
    fields.push_back(new_field("__type", named_type("__Type", false)));
    fields.back()->arguments = to_list(arguments);
    schema_.query->fields = to_list(fields);
  }

  SchemaDocument& tree_;
  Arena& arena_;
  Schema& schema_;
  Nodes<Definition> definitions_;
  std::unordered_map<std::string_view, Position> root_positions_;
};

}  // namespace

Ref<Definition> Schema::type(std::string_view name) const {
  auto found = types.find(name);
  return found == types.end() ? Ref<Definition>() : found->second;
}

Ref<DirectiveDefinition> Schema::directive(std::string_view name) const {
  auto found = directives.find(name);
  return found == directives.end() ? Ref<DirectiveDefinition>() : found->second;
}

const std::vector<Ref<Definition>>& Schema::possible(std::string_view type) const {
  static const std::vector<Ref<Definition>> none;
  auto found = possible_types.find(type);
  return found == possible_types.end() ? none : found->second;
}

std::string_view type_name(Ref<Type> type) {
  while (type->name.empty()) type = type->element;
  return type->name;
}

std::string type_text(const Type& type) {
  std::string out =
      type.name.empty() ? "[" + type_text(*type.element) + "]" : std::string(type.name);
  return type.non_null ? out + "!" : out;
}

bool is_compatible(const Type& actual, const Type& wanted) {
  if (actual.name != wanted.name) return false;
  if (actual.element && !wanted.element) return false;
  if (actual.element && !is_compatible(*actual.element, *wanted.element)) return false;
  return actual.non_null || !wanted.non_null;
}

Fault fault_at(const Position& position, std::string message) {
  if (position.known && position.source) return {std::move(message), position};
  if (position.known) throw MissingNode{};
  return {std::move(message), Position{.line = -1, .column = -1}};
}

std::optional<Fault> build_schema(SchemaDocument& tree, Arena& arena, Schema& schema) {
  return SchemaBuilder(tree, arena, schema).build();
}

}  // namespace lictor::builtins::graphql
