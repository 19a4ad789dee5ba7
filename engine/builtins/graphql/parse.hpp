// GraphQL text → syntax tree. In: a query's or a schema's text. Out: its tree, whose strings are
// views into the text, or the first error. Source: gqlparser v2 parser/.
#pragma once

#include <optional>
#include <string>

#include "builtins/graphql/tree.hpp"

namespace lictor::builtins::graphql {

/// An error in GraphQL; without a line, it has no place.
struct Fault {
  std::string message;
  std::optional<Position> position;
};

/// The tree, or null after an error.
Ref<QueryDocument> parse_query(std::string_view text, Arena& arena, Fault& fault);
Ref<SchemaDocument> parse_schema(std::string_view text, Arena& arena, Fault& fault);
/// As above, for a text whose definitions are built in.
Ref<SchemaDocument> parse_built_in_schema(std::string_view name, std::string_view text,
                                          Arena& arena, Fault& fault);

}  // namespace lictor::builtins::graphql
