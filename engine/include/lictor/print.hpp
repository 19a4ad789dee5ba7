// Values as text: JSON in OPA's order and spelling, and Rego's notation.
#pragma once

#include <string>
#include <string_view>

#include "lictor/value.hpp"

namespace lictor {

/// Compact JSON. Sets print as sorted arrays, keys that are not strings as their JSON text.
std::string to_json(const Value& value);
/// JSON with two spaces a level; `level` is that of the line it starts on.
std::string to_pretty_json(const Value& value, int level = 0);
/// Rego's notation: {"a": {1, 2}}, set().
std::string to_rego(const Value& value);

/// The columns of a terminal that a text takes, as OPA counts them for tables.
std::size_t display_width(std::string_view text);

}  // namespace lictor
