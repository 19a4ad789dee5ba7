// JSON's string escapes, which Rego's strings share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor::json {

/// Resolves the escapes of a string's inside; lone surrogates become U+FFFD. nullopt if one is not
/// JSON's, or if there are escapes and control characters: OPA decodes only a string with escapes.
std::optional<std::string> unescape(std::string_view raw);

}  // namespace lictor::json
