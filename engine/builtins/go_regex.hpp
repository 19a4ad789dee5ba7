// A regular expression in Go's syntax → the same in RE2's, or Go's error. The two differ in what
// they accept, in their limits and in their version of Unicode; so characters, classes and flags
// are resolved here, and RE2 gets ranges of code points.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lictor::builtins {

struct GoRegex {
  std::string re2;                       // the groups with names are added, and not the pattern's
  std::vector<std::string> group_names;  // by number from 0; empty for a group without a name
  std::string error;                     // as Go prints it; empty if there is none
};

GoRegex translate_go_regex(std::string_view pattern);

}  // namespace lictor::builtins
