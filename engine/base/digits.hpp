// The decimal digits of all scripts.
#pragma once

namespace lictor {

/// As Go's unicode.IsDigit.
bool is_decimal_digit(char32_t code);

}  // namespace lictor
