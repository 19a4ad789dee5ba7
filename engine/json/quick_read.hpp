// JSON text → input slots in one pass over the text, for documents that look like those before
// them. In: a text with padding behind it, and the shape. Out: the slots, as json/read.cpp fills
// them; or false for a text that is not plain (it is wrong, or has escapes in a key): then the
// slots mean nothing, and the walk over tokens, which knows every text, must read it.
//
// A service sends the same members in the same order again and again. So what stands between two
// values of an object, as `"risk_band":`, is remembered with the place that the value goes to, and
// compared in one step with what stands there in the next document. Where it differs the key is
// looked up, and remembered as what comes next. A list that a service sends with each request, as
// of what is allowed, is remembered as well: where it stands again it is not read again.
// INVARIANT: what is remembered is compared with, and never taken for what the text says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "json/shape.hpp"
#include "lictor/value.hpp"

namespace lictor::json {

/// An array of scalars, as it stood behind a member in an earlier document.
class KnownArray {
 public:
  /// Where the array ends if it stands at `at` as well, where a block more may be read; else null.
  const char* end_at(const char* at);
  /// Valid until the next take().
  const Value& value() const { return value_; }
  /// Remembers another one, as it was read from a text; false if none is worth it any more.
  bool take(std::string_view text, const Value& array);
  bool is_worth_it() const { return patience_ >= 0; }

 private:
  std::optional<Value> kept(const Value& item, std::string_view text) const;

  static constexpr std::size_t longest = 4096;
  // Taking costs patience, and each array that stands there again gives some back: what changes
  // more often than once in 16 documents is soon let alone.
  static constexpr int most_patience = 64, patience_to_take = 16;

  std::string text_ = std::string(16, '\x01');  // behind it NULs up to whole blocks
  std::size_t size_ = 1;                        // of it; no document has what it is at first
  std::vector<Value> items_;                    // point into it
  Value value_;
  int patience_ = most_patience;
};

/// The members of the objects at one node of a shape, as they stood in earlier documents.
class KnownMembers {
 public:
  /// Of a value: none, as it is only checked; one slot; the slots below a node that is not whole,
  /// or of one that is.
  enum class Use : std::uint8_t { none, leaf, node, whole };

  struct alignas(64) Member {
    static constexpr std::size_t longest = 32;
    char text[longest];    // from behind the brace or comma up to the value
    std::uint32_t bytes;   // a bit for each byte of it
    std::uint32_t target;  // the slot of a leaf, or the node
    Member* next;          // what stood behind it the last time
    union {
      KnownMembers* below;  // of a node that is not whole
      KnownArray* array;    // of a leaf; null if none is worth it
    };
    std::uint8_t size;
    Use use;

    /// True if the text at `at`, of which 32 bytes may be read, begins with the member's.
    bool stands_at(const char* at) const;
  };

  explicit KnownMembers(std::uint32_t node);
  KnownMembers(const KnownMembers&) = delete;
  KnownMembers& operator=(const KnownMembers&) = delete;

  /// The number of the shape's node.
  std::uint32_t node() const { return node_; }
  /// What stands before the first member of an object. No text begins with it.
  Member& start() { return members_[0]; }
  /// A member that is to be used once, and is not remembered. No text begins with it.
  Member& once() { return members_[1]; }
  /// The member that a text begins with, or null.
  Member* find(const char* at);
  /// Adds a member with that text; null if it is too long.
  Member* add(std::string_view text);
  /// Where to remember an array behind a member; null for the one that is used once.
  KnownArray* array_behind(const Member& member);

 private:
  static constexpr std::size_t most = 64, first = 2;
  Member members_[most];
  std::unique_ptr<KnownArray> arrays_[most];  // by member, made when first needed
  std::uint32_t node_;
  std::size_t used_ = first;
  std::size_t oldest_ = first;
};

class QuickReader {
 public:
  /// Reads a text that has Structure::padding NULs behind it. The shape outlives the reader, or the
  /// next read by another one.
  bool read(const char* text, std::size_t size, const Shape& shape, Arena& arena, Value* slots);

 private:
  const Shape* shape_ = nullptr;                      // by which the last text was read
  std::vector<std::unique_ptr<KnownMembers>> known_;  // by node, made when first needed
};

}  // namespace lictor::json
