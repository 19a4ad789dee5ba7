// The errors of OPA's own parser, which show the line that it stood on.
// Source: OPA v1/ast/parser_ext.go, newParserErrorDetail.
#pragma once

#include <string>

#include "base/source.hpp"

namespace lictor::syntax {

/// An error at the start of `span`, with the details that the parser gives.
Error parse_error_at(const Span& span, std::string message, std::string hint = {});

}  // namespace lictor::syntax
