// The formats of JSON schemas: "date", "email", "uri" and so on. Entry: has_format().
// Source: OPA internal/gojsonschema/format_checkers.go, over Go's net/mail, net, net/url and time.
#pragma once

#include <string_view>

namespace lictor::builtins {

/// True if a text has the format, and for a format that is not known.
bool has_format(std::string_view text, std::string_view format);

}  // namespace lictor::builtins
