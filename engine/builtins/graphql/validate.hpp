// Validates a query against a schema. In: the query's tree, which validation changes: it records
// at each node what was found for it. Out: all errors, in OPA's order.
// Source: gqlparser v2 validator/.
#pragma once

#include <vector>

#include "builtins/graphql/schema.hpp"

namespace lictor::builtins::graphql {

std::vector<Fault> validate(Schema& schema, QueryDocument& query);

}  // namespace lictor::builtins::graphql
