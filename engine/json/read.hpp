// JSON text → Value, or → input slots. The only folder that includes simdjson.
// The document is read once and checked whole, also where nothing is built. Strings without escapes
// point into the reader's copy of the text, so values live until the reader reads again or is
// destroyed. A duplicate key: the last one wins. Lone surrogates and bad UTF-8 become U+FFFD, as in
// OPA.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "lictor/error.hpp"
#include "lictor/value.hpp"

namespace lictor::json {

/// Nesting beyond this is refused with ErrorCode::limit_depth.
constexpr int max_depth = 1000;

/// Which paths of a document are wanted. Node 0 is the document itself.
struct Shape {
  struct Child {
    std::string key;
    std::uint32_t node;
    // The first bytes of the key and its closing quote as they stand in a document, and which of
    // them count.
    std::uint64_t prefix = 0;
    std::uint64_t mask = 0;
  };
  struct Node {
    std::vector<Child> children;
    bool whole = false;  // build the value at this path into `slot`
    std::uint32_t slot = 0;
    std::uint32_t first_slot = 0;  // the slots of this node and all below it are [first, last)
    std::uint32_t last_slot = 0;
  };
  std::vector<Node> nodes{1};
  std::uint32_t slot_count = 0;

  /// Returns the node at `path` below node 0, adding what is missing.
  std::uint32_t at(const std::vector<std::string>& path);
  /// Numbers the slots; call once after the last at().
  void number_slots();
};

/// Fills the slots of `shape` from a value that exists already.
void fill_slots(const Shape& shape, const Value& root, Value* slots);

class Reader {
 public:
  Reader();
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  /// Reads a whole document; the value's storage is in `arena` and in the reader.
  Result<Value> read(std::string_view text, Arena& arena);
  /// Reads a document into `slots`; paths that are absent become undefined. Null on success.
  const Error* read_slots(std::string_view text, const Shape& shape, Arena& arena, Value* slots);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads a document into `arena` alone, with no reader to outlive it.
Result<Value> read_owned(std::string_view text, Arena& arena, const std::string& name = {});

}  // namespace lictor::json
