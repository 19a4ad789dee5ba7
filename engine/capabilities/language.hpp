// What capabilities mean to the parser and the checker. In: a set of capabilities. Out: the part of
// the language that it allows. Source: OPA v1/ast/parser.go, Parse, and v1/ast/compile.go.
#pragma once

#include "lictor/capabilities.hpp"
#include "syntax/parse.hpp"

namespace lictor::capabilities {

syntax::Language language_of(const Capabilities& capabilities, syntax::Dialect dialect);

}  // namespace lictor::capabilities
