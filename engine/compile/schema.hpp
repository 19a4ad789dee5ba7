// JSON schemas → types. In: the text of a schema, whose references stay inside it. Out: the
// type of the documents that it describes, as OPA's type checker takes it, or a thrown SchemaError
// in OPA's words. Source: OPA v1/ast/schema.go
// and compile.go, over its internal/gojsonschema.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <vector>

#include "compile/check.hpp"
#include "compile/types.hpp"
#include "syntax/ast.hpp"
#include "syntax/schema_annotations.hpp"

namespace lictor::compile {

/// JSON texts by the names below `schema`; the one with no name is the type of `input`.
using Schemas = std::map<std::vector<std::string>, std::string>;

struct SchemaError {
  std::string text;
};

/// The keys of the type are terms in `ast`.
TypeRef type_of_schema(std::string_view json, Types& types, syntax::Ast& ast);

/// The schemas that METADATA declares for each rule, the outermost first.
using SchemaAnnotations = std::map<const Rule*, std::vector<syntax::SchemaAnnotation>>;
SchemaAnnotations schema_annotations(const std::vector<Module*>& modules, Ast& ast);

/// Finds the types of all documents. Without `schemas`, those that METADATA names count for
/// nothing.
void check_types(Checked& checked, const SchemaAnnotations& annotations, const Schemas* schemas,
                 Errors& errors);

/// check(), with schemas.
Result<Checked> check(std::vector<Module*> modules, const CheckOptions& options,
                      const Schemas* schemas, Ast& ast, const HasData& has_data);

}  // namespace lictor::compile
