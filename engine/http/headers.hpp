// HTTP headers as Go's http.Header has them. In: names and values as written. Out: values by name,
// in any case of letters.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lictor::http {

/// The headers of a response by their names in lower case; values in order.
using Headers = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The first value of a header, or "".
std::string_view first_value(const Headers& headers, std::string_view lower_name);

std::string lower_case(std::string_view text);
/// "content-type" → "Content-Type"; a name with other characters than a token's stays as it is.
std::string canonical_name(std::string_view name);
/// True for the names of headers and methods (RFC 9110, token).
bool is_token(std::string_view text);
/// True if no byte ends the header or is another control character.
bool is_header_value(std::string_view text);
/// True for "application/json" and "application/…+json" in a well-formed Content-Type.
/// Source: Go's mime.ParseMediaType.
bool is_json_type(std::string_view content_type);

/// Without blanks at both ends.
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

}  // namespace lictor::http
