// What Go's packages unicode and strconv know of a code point: its cases, and whether it is a
// blank. unicode.hpp has is_printable, and rune_set.hpp the classes.
#pragma once

#include <cstddef>

namespace lictor {

/// The upper or lower case of one code point; other code points are their own.
char32_t to_upper(char32_t code);
char32_t to_lower(char32_t code);
/// The next code point of those that differ in case only, which form a ring.
char32_t next_fold(char32_t code);
/// As Go's unicode.IsSpace.
bool is_space(char32_t code);
/// The columns of a terminal that a code point takes in OPA's tables: 0, 1 or 2.
std::size_t display_width(char32_t code);

}  // namespace lictor
