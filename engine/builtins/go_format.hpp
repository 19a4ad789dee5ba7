// Go's fmt.Sprintf for builtins. In: a format and values. Out: text. Private to builtins/.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "lictor/value.hpp"

namespace lictor::builtins {

/// A value as a Go program holds it.
struct GoValue {
  enum class Form : std::uint8_t {
    rego,     // as sprintf has it: numbers are int64, float64 or big.Int, all else is text
    json,     // decoded JSON: numbers are texts of type json.Number; undefined is nil
    integer,  // a number of type int
    real      // a number of type float64
  };
  Value value;
  Form form = Form::rego;
};

std::string go_sprintf(std::string_view format, std::span<const GoValue> values);
/// As above, for one value and a verb such as 's'.
std::string go_formatted(const GoValue& value, char verb);

}  // namespace lictor::builtins
