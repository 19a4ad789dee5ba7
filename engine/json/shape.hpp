// The paths of a document that a program reads, as a tree of keys with a slot for each value
// wanted. In: paths, from plan/. Out: numbered slots, and a table in each node that finds a key's
// child. INVARIANT: after number_slots() the slots of a node and of all below it lie behind each
// other.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/value.hpp"

namespace lictor::json {

/// A key as two words and a length, by which most keys differ at once.
struct KeyPrint {
  std::uint64_t first = 0;  // the first eight bytes, or all of a shorter key
  std::uint64_t last = 0;   // the last eight bytes of a key of eight or more
  std::uint64_t size = 0;

  KeyPrint() = default;
  /// Reads eight bytes from the key's start on, also where the key is shorter.
  explicit KeyPrint(std::string_view key) : size(key.size()) {
    std::memcpy(&first, key.data(), sizeof first);
    if (size < sizeof first) {
      first &= (std::uint64_t{1} << (8 * size)) - 1;
    } else {
      std::memcpy(&last, key.data() + size - sizeof last, sizeof last);
    }
  }
  bool operator==(const KeyPrint& other) const {
    return first == other.first && last == other.last && size == other.size;
  }
  std::uint64_t hash() const { return (first ^ (last << 23 | last >> 41)) + size; }
};

struct Shape {
  static constexpr std::uint32_t no_slot = ~0u;

  struct Child {
    std::string key;
    std::uint32_t node = 0;
  };
  /// A place in the table of a node: what is asked about each key of an input, in one read.
  struct Place {
    KeyPrint print = empty();
    std::uint32_t child = 0;
    std::uint32_t leaf_slot = no_slot;  // of a child that has no children

    static KeyPrint empty() {
      KeyPrint out;
      out.size = ~std::uint64_t{0};
      return out;
    }
    bool is_empty() const { return print.size == ~std::uint64_t{0}; }
  };
  struct Node {
    std::vector<Child> children;
    bool whole = false;      // build the value at this path into `slot`
    bool kind_only = false;  // whole, but any object serves for an object
    std::uint32_t slot = 0;
    std::uint32_t first_slot = 0;  // the slots of this node and all below it are [first, last)
    std::uint32_t last_slot = 0;
    // The children by the hash of their keys: a power of two of places, at least half of them free.
    std::vector<Place> table;
    std::size_t mask = 0;
    std::uint64_t multiplier = 0;
    unsigned shift = 0;

    /// The place of the child that is called `key`, or null. Reads as KeyPrint does.
    const Place* find(std::string_view key) const {
      KeyPrint print(key);
      for (std::size_t at = (print.hash() * multiplier) >> shift;; ++at) {
        const Place& place = table[at & mask];
        if (place.print == print && (print.size <= 16 || children[place.child].key == key))
          return &place;
        if (place.is_empty()) return nullptr;
      }
    }
  };
  std::vector<Node> nodes{1};
  std::uint32_t slot_count = 0;

  /// Returns the node at `path` below node 0, adding what is missing.
  std::uint32_t at(const std::vector<std::string>& path);
  /// Numbers the slots and makes the tables; call once after the last at().
  void number_slots();

 private:
  void number(std::uint32_t at);
  void make_table(Node& node);
};

/// Fills the slots of `shape` from a value that exists already.
void fill_slots(const Shape& shape, const Value& root, Value* slots);

/// As above, for node `at` of the shape and what is below it; `value` is what stands there.
void fill_slots_at(const Shape& shape, std::uint32_t at, const Value& value, Value* slots);

/// As above, for what is below the node alone.
void fill_slots_below(const Shape& shape, std::uint32_t at, const Value& value, Value* slots);

}  // namespace lictor::json
