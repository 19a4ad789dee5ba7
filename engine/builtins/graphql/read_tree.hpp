// Value → syntax tree, as Go's JSON decoder reads it into the structs of GraphQL's library. In: an
// object. Out: a tree that may lack any node, or the decoder's error.
// Source: Go encoding/json (1.27), gqlparser v2 ast/decode.go.
#pragma once

#include <string>

#include "builtins/graphql/tree.hpp"
#include "lictor/value.hpp"

namespace lictor::builtins::graphql {

/// The tree, or null and the error.
Ref<QueryDocument> read_query_tree(const Value& object, Arena& arena, std::string& error);
Ref<SchemaDocument> read_schema_tree(const Value& object, Arena& arena, std::string& error);

}  // namespace lictor::builtins::graphql
