// Rego's one total order and equality over values. Numbers are compared as numbers, not as texts.
// Source: OPA v1/ast/compare.go (1.22.2).
#pragma once

#include <cstring>
#include <string_view>

#include "lictor/value.hpp"

namespace lictor {

/// Returns a negative number, 0 or a positive number.
int compare(const Value& a, const Value& b);
bool equal_slow(const Value& a, const Value& b);

/// Texts of a few words, as most are, are compared here rather than by a call.
inline bool same_text(std::string_view a, std::string_view b) {
  constexpr std::size_t word = sizeof(std::uint64_t);
  if (a.size() != b.size()) return false;
  if (a.size() < word) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  auto differ = [&](std::size_t at) {
    std::uint64_t x, y;
    std::memcpy(&x, a.data() + at, word);
    std::memcpy(&y, b.data() + at, word);
    return x != y;
  };
  for (std::size_t at = 0; at + word < a.size(); at += word) {
    if (differ(at)) return false;
  }
  return !differ(a.size() - word);
}

inline bool equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  if (a.is(Kind::string)) return same_text(a.as_string(), b.as_string());
  return equal_slow(a, b);
}

}  // namespace lictor
