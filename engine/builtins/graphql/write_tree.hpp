// Syntax tree → value, as OPA shows it: without positions, nulls, and lists and objects that are
// empty. Source: OPA v1/topdown/graphql.go pruneIrrelevantGraphQLASTNodes.
#pragma once

#include "builtins/graphql/tree.hpp"
#include "lictor/value.hpp"

namespace lictor::builtins::graphql {

/// INVARIANT: the value's strings may be views into the text that the tree was parsed from.
Value write_tree(Arena& arena, QueryDocument& tree);
Value write_tree(Arena& arena, SchemaDocument& tree);

}  // namespace lictor::builtins::graphql
