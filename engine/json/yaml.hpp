// What the YAML reader and the YAML writer know in common, and the writer.
#pragma once

#include <string>

#include "lictor/error.hpp"
#include "lictor/value.hpp"

namespace lictor {

/// True for a text that without quotes is null, a boolean or a number.
bool is_yaml_scalar(const std::string& text);

namespace json {

/// Block style with two spaces a level, as Go's yaml.v3 has it, with the line break at its end;
/// keys in natural order. An error for control characters.
Result<std::string> to_yaml(const Value& value);

}  // namespace json
}  // namespace lictor
