// Value → text: JSON as OPA prints it, and Rego's own notation.
// INVARIANT: sets print as sorted arrays and keys that are not strings print as their JSON text;
// the output is UTF-8, as each byte that is not becomes U+FFFD in JSON, \x.. in Rego's notation.
// Source: OPA v1/ast/term.go JSONWithOpt, Go's encoding/json.
#pragma once

#include <string>
#include <string_view>

#include "lictor/value.hpp"

namespace lictor::json {

/// Appends compact JSON. With `escape_html`, <, > and & are written as Go's encoder does.
void append_json(std::string& out, const Value& value, bool escape_html = true);
/// Appends JSON with two spaces a level, as `opa eval` prints.
void append_pretty(std::string& out, const Value& value, int level = 0, bool escape_html = true);
/// Appends Rego's notation: {"a": {1, 2}}, set().
void append_rego(std::string& out, const Value& value);
/// Appends `text` as a JSON string with its quotes.
void append_quoted(std::string& out, std::string_view text, bool escape_html);

std::string to_json(const Value& value, bool escape_html = true);
std::string to_rego(const Value& value);

}  // namespace lictor::json
