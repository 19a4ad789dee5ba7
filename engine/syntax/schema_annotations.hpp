// The schemas that METADATA declares for documents. In: a block. Out: each path with its schema.
#pragma once

#include <string>
#include <vector>

#include "syntax/ast.hpp"

namespace lictor::syntax {

/// What METADATA says of a document's type: a schema by name, or inline.
struct SchemaAnnotation {
  Terms path;              // of the document
  Terms schema;            // a ref; empty if the schema is inline
  std::string definition;  // JSON; empty if the schema is named
};

/// Their terms are in `ast`.
std::vector<SchemaAnnotation> schemas_of(const Annotations& block, Ast& ast);

}  // namespace lictor::syntax
