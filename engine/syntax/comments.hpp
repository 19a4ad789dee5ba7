// The comments of a module's text, which the grammar skips.
// In: a source that was parsed without errors. Out: its comments in order.
#pragma once

#include <string_view>
#include <vector>

#include "base/source.hpp"

namespace lictor::syntax {

struct Comment {
  Span span;              // from the sharp sign on, without the line's end
  std::uint32_t row = 0;  // 1-based
  std::uint32_t col = 0;  // 1-based, in characters

  /// What stands behind the sharp sign.
  std::string_view text() const { return span.text().substr(1); }
};

std::vector<Comment> comments(const Source& source);

}  // namespace lictor::syntax
