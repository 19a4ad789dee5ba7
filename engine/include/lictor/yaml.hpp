// YAML documents, for callers that have their data or inputs in YAML. Safe for many threads.
#pragma once

#include <string>
#include <string_view>

#include "lictor/error.hpp"

namespace lictor {

/// The first document of a YAML text as JSON, converted as OPA does: a text in UTF-8, or in UTF-16
/// with a byte-order mark; "null" where there is no document. The error of any document has OPA's
/// message ("yaml: line 2: …") and, where the message names a line, its number in `row`.
Result<std::string> yaml_to_json(std::string_view yaml);

/// The text of an input as JSON: JSON is left as it is, but for a byte order mark; anything else is
/// read as YAML, which allows comments, trailing commas and single quotes.
Result<std::string> document_to_json(std::string text);

}  // namespace lictor
