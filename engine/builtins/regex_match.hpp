// Go's regular expressions for other families than regex.*: whether a text is one, and whether one
// matches. Patterns are compiled once a thread. Entry: matches_regex().
#pragma once

#include <optional>
#include <string_view>

namespace lictor::builtins {

/// True if Go compiles the pattern.
bool is_regex(std::string_view pattern);
/// Whether some part of the text matches; nothing if the pattern is none.
std::optional<bool> matches_regex(std::string_view pattern, std::string_view text);

}  // namespace lictor::builtins
