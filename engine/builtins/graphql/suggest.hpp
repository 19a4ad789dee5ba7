// "Did you mean …?": names that are close to a wrong one. Source: gqlparser v2 validator/core.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "builtins/graphql/limits.hpp"

namespace lictor::builtins::graphql {

/// `"A", "B", or "C"`, of at most five.
std::string quoted_or_list(const std::vector<std::string_view>& items);
/// Those of the options that are close to `typed`, the closest first.
std::vector<std::string_view> close_names(std::string_view typed,
                                          const std::vector<std::string_view>& options,
                                          Budget& budget);
/// ` START "A" or "B"?`, or nothing if no option is close.
std::string suggestion(std::string_view start, std::string_view typed,
                       const std::vector<std::string_view>& options, Budget& budget);

}  // namespace lictor::builtins::graphql
