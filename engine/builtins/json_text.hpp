// json.unmarshal, for builtins that find JSON in texts. In: a text. Out: its value, or OPA's error.
#pragma once

#include <string_view>

#include "base/arena.hpp"
#include "lictor/error.hpp"
#include "lictor/value.hpp"

namespace lictor::builtins {

Result<Value> unmarshal_json(std::string_view text, Arena& arena);

}  // namespace lictor::builtins
