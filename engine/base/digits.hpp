// Digits: ASCII's, those of all scripts, and Go's underscores between them.
#pragma once

#include <string_view>

namespace lictor {

inline bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

/// As Go's unicode.IsDigit.
bool is_decimal_digit(char32_t code);

/// True if each underscore of a number in Go's notation is between digits; the letter of a base
/// (0x, 0b, 0o) counts as one.
bool separates_digits(std::string_view number);

}  // namespace lictor
