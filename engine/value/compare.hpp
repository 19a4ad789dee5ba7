// Rego's one total order and equality over values. Numbers are compared as numbers, not as texts.
// Source: OPA v1/ast/compare.go.
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
  if (a.size() != b.size()) return false;
  auto differ = [&]<typename Word>(Word x, std::size_t at) {
    Word y;
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    return x != y;
  };
  std::size_t size = a.size();
  constexpr std::uint64_t word = 0;
  constexpr std::uint32_t half = 0;
  if (size < sizeof half) {
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  if (size < sizeof word) return !differ(half, 0) && !differ(half, size - sizeof half);
  for (std::size_t at = 0; at + sizeof word < size; at += sizeof word) {
    if (differ(word, at)) return false;
  }
  return !differ(word, size - sizeof word);
}

inline bool equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_integer() && b.is_integer()) return a.as_integer() == b.as_integer();
  if (a.is(Kind::string)) return same_text(a.as_string(), b.as_string());
  if (a.is(Kind::boolean)) return a.as_boolean() == b.as_boolean();
  return equal_slow(a, b);
}

struct ValueLess {
  bool operator()(const Value& a, const Value& b) const { return compare(a, b) < 0; }
};

}  // namespace lictor
