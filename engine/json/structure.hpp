// JSON text → the places of its tokens, found by simdjson's first stage on the machine's widest
// vectors. In: a text with padding behind it. Out: for each of { } [ ] : , and for the first byte
// of each string or other scalar its offset. The stage has checked that the text is UTF-8, that
// strings are closed and that they hold no control characters; everything else is the reader's to
// check. This is the one file below simdjson's public interface, which offers no tokens: reading
// them takes half the instructions of its On-Demand walk. tests/engine/json_twin_test.cpp holds
// both against each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace lictor::json {

class Structure {
 public:
  /// Bytes behind a text that are read, though they do not count.
  static constexpr std::size_t padding = 64;

  Structure();
  ~Structure();
  Structure(Structure&&) noexcept;
  Structure& operator=(Structure&&) noexcept;

  /// Finds the tokens of a text; null, or what is wrong with it.
  const char* find(const char* text, std::size_t size);
  /// The offsets, and behind the last of them the size of the text. Valid until the next find().
  const std::uint32_t* tokens() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// True if a text is UTF-8; as base/unicode.hpp says, but on vectors.
bool is_utf8(std::string_view text);

}  // namespace lictor::json
