// AST → the JSON that OPA gives a module: `opa parse --format json`, rego.parse_module.
// In: a module that was parsed without errors, before any other stage changed it. Out: compact
// JSON. INVARIANT: names and the order of fields are OPA's. Source: OPA
// v1/ast/{policy,term}_json.go.
#pragma once

#include <string>

#include "syntax/ast.hpp"

namespace lictor::syntax {

std::string module_json(const Module& module, Dialect parsed_as);
/// A term's value, as it stands within a module; a ref's is an array of terms.
std::string value_json(const Term& term);

}  // namespace lictor::syntax
