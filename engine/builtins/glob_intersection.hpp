// Whether some text matches two globs of regex.globs_match: characters, `.`, sets in brackets, each
// perhaps with + or *. In: two globs. Out: yes or no, or what is wrong with a glob.
// Source: OPA v1/topdown/regex.go over glob-intersection 0.2.0, whose way of deciding is
// kept, also where it says no to globs that do meet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor::builtins {

/// Nothing if a glob is malformed, or if deciding would take too long; `error` says why.
std::optional<bool> globs_intersect(std::string_view a, std::string_view b, std::string& error);

}  // namespace lictor::builtins
