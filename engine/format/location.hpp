// Where OPA's parser says that a node stands: its first row, and the text that belongs to it. The
// two do not always agree: parentheses around a term belong to its text, but not to its place.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "syntax/ast.hpp"

namespace lictor::format {

struct Location {
  std::int64_t row = -1;  // 1-based; -1 is before everything
  std::int64_t col = 0;   // 1-based, in bytes
  std::string_view text = {};

  /// The row on which the text ends.
  std::int64_t last_row() const;
};

/// The locations of a source's nodes.
class Locations {
 public:
  explicit Locations(const Source& source);

  Location of(const syntax::Term& term) const { return at(term.span.first, term.written()); }
  /// Of a call's operator alone.
  Location of_operator(const syntax::Term& call) const;
  Location of(const syntax::Expr& expr) const;
  Location of(const Span& span) const { return at(span.first, span.text()); }
  /// The place of a byte of the source, and a text.
  Location at(std::size_t offset, std::string_view text) const;

 private:
  const char* end_of_chain(const syntax::Expr& expr, const char* first) const;

  const Source& source_;
  std::vector<std::size_t> starts_;  // of the lines
};

/// The row on which the bracket is closed that a text opens first, behind another pair of brackets
/// if `skip_open` is given; before everything if there is none.
Location closing(const Location& location, char open, char close, char skip_open = '\0',
                 char skip_close = '\0');

}  // namespace lictor::format
