// The properties of code points that Go's packages unicode and strconv know, as generated tables.
// INVARIANT: ranges and starts are sorted. A start is a code point shifted left by 8, with the
// index of a name: the property of all code points up to the next start.
#pragma once

#include <cstdint>

#include "base/rune_set.hpp"

namespace lictor::unicode {

/// What is added to a code point for its upper and its lower case. Both are `alternating` where
/// each upper-case letter, the first one included, is followed by its lower-case letter.
struct CaseRange {
  char32_t first, last;
  std::int32_t to_upper, to_lower;
};
constexpr std::int32_t alternating = 0x110000;

struct FoldStep {
  char32_t from, to;
};

struct CategoryAlias {
  const char* name;
  const char* category;
};

#include "base/unicode_tables.inc"

}  // namespace lictor::unicode
