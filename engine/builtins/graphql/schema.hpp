// A schema: its definitions with their extensions and those that are built in, by name.
// In: a schema's tree. Out: a valid schema, or the first error. Source: gqlparser v2 validator/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builtins/graphql/names.hpp"
#include "builtins/graphql/parse.hpp"
#include "builtins/graphql/tree.hpp"

namespace lictor::builtins::graphql {

struct Schema {
  Ref<Definition> query, mutation, subscription;
  std::unordered_map<std::string_view, Ref<Definition>> types;
  std::unordered_map<std::string_view, Ref<DirectiveDefinition>> directives;
  std::unordered_map<std::string_view, std::vector<Ref<Definition>>> possible_types;
  Names names;

  Ref<Definition> type(std::string_view name) const;
  Ref<DirectiveDefinition> directive(std::string_view name) const;
  /// The types that a value of the type may have.
  const std::vector<Ref<Definition>>& possible(std::string_view type) const;
};

/// The parts of a message.
template <class... Parts>
std::string join(const Parts&... parts) {
  std::string out;
  (out.append(parts), ...);
  return out;
}

/// The name of a type without its lists.
std::string_view type_name(Ref<Type> type);
/// A type as GraphQL writes it.
std::string type_text(const Type& type);
/// True if a variable of type `actual` may be used where `wanted` is expected.
bool is_compatible(const Type& actual, const Type& wanted);

/// An error at a node; "-1:-1" if its place is not known.
Fault fault_at(const Position& position, std::string message);

/// Makes the schema, and changes the tree's definitions to include their extensions.
std::optional<Fault> build_schema(SchemaDocument& tree, Arena& arena, Schema& schema);

/// What every schema has: its tree, made once. Not to be changed.
SchemaDocument& prelude();

/// The checks of build_schema on types, input objects and directives.
std::optional<Fault> check_types(Schema& schema);
std::optional<Fault> check_input_cycles(Schema& schema);
std::optional<Fault> check_directive_definitions(Schema& schema);
std::optional<Fault> check_schema_directives(Schema& schema, const Nodes<Directive>& directives);

}  // namespace lictor::builtins::graphql
