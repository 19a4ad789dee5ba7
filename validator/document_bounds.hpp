// How deep documents are, without reading them. In: JSON as text or parsed. Out: whether its
// objects and arrays nest deeper than a limit. Texts that are no JSON may count as deeper or not.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace lictor::validator {

/// The most that LICTOR_MAX_DEPTH may be.
inline constexpr std::size_t most_depth = 1000;

bool is_deeper(std::string_view text, std::size_t limit);
bool is_deeper(const nlohmann::json& json, std::size_t limit);

}  // namespace lictor::validator
