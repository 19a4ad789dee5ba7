// JSON text → Value, or → input slots: one walk over the tokens that structure.hpp finds. Slots of
// plain texts are filled by quick_read.hpp, which is faster and leaves all others to this walk.
// The document is read once and checked whole, also where nothing is built. Strings without escapes
// point into the reader's copy of the text, so values live until the reader reads again or is
// destroyed. A duplicate key: the last one wins. Lone surrogates and bad UTF-8 become U+FFFD, as in
// OPA.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "json/shape.hpp"
#include "lictor/error.hpp"
#include "lictor/value.hpp"

namespace lictor::json {

/// Nesting beyond this is refused with ErrorCode::limit_depth, as in OPA; also from plain_depth on
/// where the stack has no room for all of it.
constexpr int max_depth = 10000;
constexpr int plain_depth = 1000;

class Reader {
 public:
  Reader();
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  /// From now on values do not depend on the reader: they point into copies of the texts in
  /// `arena`.
  void keep_texts_in(Arena& arena);

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
