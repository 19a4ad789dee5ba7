// Named source texts and positions in them. A Span is a byte range of one source; locate() turns an
// offset into row, column and line for an Error. Sources outlive every Span into them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/error.hpp"
#include "lictor/trace.hpp"

namespace lictor {

struct Source {
  std::string name;
  std::string text;
};

/// A byte range in `source`; a null source means "made by lictor, nowhere in the text".
struct Span {
  const Source* source = nullptr;
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  std::string_view text() const {
    return source ? std::string_view(source->text).substr(first, last - first) : std::string_view();
  }
};

struct Place {
  std::uint32_t row = 0;
  std::uint32_t col = 0;
  std::string_view line;
};

/// Finds the 1-based row and column, in characters as OPA counts them, of `offset` in bytes.
Place locate(std::string_view text, std::size_t offset);

/// The range of `written`, which stands at a place of a source.
TextRange range_of(const Source& source, const Place& place, std::string_view written);

/// Finds many places: the lines of a source are counted once.
class Places {
 public:
  /// `span` has a source.
  Place of(const Span& span);

 private:
  std::map<const Source*, std::vector<std::size_t>> starts_;  // of the lines
};

/// Makes an Error that points at the start of `span`.
Error error_at(ErrorCode code, const Span& span, std::string message, std::string hint = {});

}  // namespace lictor
