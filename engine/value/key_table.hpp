// Which numbers go with which keys: a hash table of what indexes find rules and rows by.
// In: keys of one width, which are so many values in turn, each with a number. Out: the numbers of
// a key, ascending. Immutable once built; shared by threads.
// Short keys stand in the table itself, so that a search touches one line of memory.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "lictor/value.hpp"

namespace lictor {

class KeyTable {
 public:
  /// The key of numbers[i] is at keys[i * width]. Numbers ascend and are below 2^31. The values
  /// outlive the table, and so does the arena.
  KeyTable(Arena& arena, std::size_t width, std::span<const Value> keys,
           std::span<const std::uint32_t> numbers);

  /// `key` has as many values as the table is wide, none of them undefined. The numbers live as
  /// long as the table.
  std::span<const std::uint32_t> find(const Value* key) const;

 private:
  /// The values of a key if they are short, else the place of its values in long_keys_.
  using Words = std::array<std::uint64_t, 3>;
  struct Packed {
    Words words;
    std::uint32_t hash;
  };
  struct alignas(32) Slot {
    std::uint32_t hash;
    std::uint32_t number;  // or `in_list` with the place of their count in lists_; or `free_slot`
    Words words;
  };
  static constexpr std::uint32_t free_slot = ~0u, in_list = 1u << 31;

  Packed packed(const Value* key) const;
  Slot& claim(const Value* key);
  std::size_t place_of(const Packed& wanted, const Value* key) const;
  bool has(const Slot& slot, const Packed& wanted, const Value* key) const;

  std::size_t width_;
  std::span<Slot> slots_;             // open addressing, a power of two
  std::vector<Value> long_keys_;      // one behind another
  std::vector<std::uint32_t> lists_;  // of keys with several numbers: their count, then they
};

}  // namespace lictor
