// Rego's one total order and equality over values. Numbers are compared as numbers, not as texts.
// Source: OPA v1/ast/compare.go (1.22.2).
#pragma once

#include "lictor/value.hpp"

namespace lictor {

/// Returns a negative number, 0 or a positive number.
int compare(const Value& a, const Value& b);
bool equal_slow(const Value& a, const Value& b);

inline bool equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  if (a.is(Kind::string)) return a.as_text() == b.as_text();
  return equal_slow(a, b);
}

}  // namespace lictor
