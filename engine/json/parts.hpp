// What the readers make of the parts of a document: its numbers and objects.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/arena.hpp"
#include "base/digits.hpp"
#include "lictor/value.hpp"

namespace lictor::json {

inline bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Eight bytes of a text and how many digits they begin with, all found at once.
class EightBytes {
 public:
  explicit EightBytes(const char* at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    digits_ = bytes ^ 0x3030303030303030;
    std::uint64_t others = ((digits_ + 0x7676767676767676) | digits_) & 0x8080808080808080;
    count_ = others == 0 ? 8 : static_cast<unsigned>(__builtin_ctzll(others)) / 8;
  }
  /// From 0 to 8.
  unsigned digit_count() const { return count_; }
  /// The number that the digits spell; there is one at least.
  std::uint64_t number() const {
    std::uint64_t sum = digits_ << (64 - 8 * count_);
    sum = sum * 10 + (sum >> 8);
    return (((sum & 0x000000FF000000FF) * 0x000F424000000064 +
             ((sum >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >>
            32) &
           0xFFFFFFFF;
  }

 private:
  std::uint64_t digits_;
  unsigned count_;
};

/// Reads digits that spell an integer of up to 16 digits and stand before another byte than a
/// digit; returns where they end, or null for any others. Eight bytes behind the text may be read.
inline const char* small_integer(const char* at, std::uint64_t& out) {
  static constexpr std::uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                             100000, 1000000, 10000000, 100000000};
  EightBytes first(at);
  unsigned count = first.digit_count();
  if (count == 0 || (*at == '0' && count > 1)) return nullptr;
  out = first.number();
  if (count < 8) return at + count;
  EightBytes second(at + 8);
  count = second.digit_count();
  if (count == 0) return at + 8;
  out = out * powers[count] + second.number();
  return is_digit(at[8 + count]) ? nullptr : at + 8 + count;
}

/// Reads what stands behind an integer if it is a point and up to 7 digits before another byte;
/// null for anything else. Eight bytes behind the text may be read.
inline const char* small_fraction(const char* at) {
  unsigned count = *at == '.' ? EightBytes(at + 1).digit_count() : 0;
  return count == 0 || count == 8 ? nullptr : at + 1 + count;
}

/// The number that a whole token spells, whose value may point into it; nullopt if it is none.
std::optional<Value> number_of(std::string_view token);

/// The object of the members of a document, in which the last one of a key counts.
Value object_of(Arena& arena, ArenaVector<Member>& members);

}  // namespace lictor::json
