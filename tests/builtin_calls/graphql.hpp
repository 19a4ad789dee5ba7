// Writes GraphQL queries and schemas, right and wrong ones, as texts or as syntax trees.
#pragma once

#include <random>

#include "node.hpp"

namespace lictor::builtin_calls {

/// A JSON string, or with `may_be_tree` also an object, that mostly fits the schemas of this file.
differential::Node graphql_query(std::mt19937_64& random, bool may_be_tree);
differential::Node graphql_schema(std::mt19937_64& random, bool may_be_tree);

}  // namespace lictor::builtin_calls
