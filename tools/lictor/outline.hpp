// A module's syntax tree as an outline, a line for each node, as `opa parse` prints it.
#pragma once

#include <string>
#include <string_view>

namespace lictor::cli {

/// `tree` is what syntax_tree() returns.
std::string outline(std::string_view tree);

}  // namespace lictor::cli
