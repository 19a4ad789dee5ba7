// Turns byte offsets into rows, columns and lines.
#include "base/source.hpp"

#include <algorithm>

#include "base/unicode.hpp"

namespace lictor {

Place locate(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t start = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  start = start == std::string_view::npos ? 0 : start + 1;
  std::size_t end = std::min(text.find('\n', offset), text.size());
  auto row = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), '\n') + 1;
  std::string_view line = text.substr(start, std::max(end, start) - start);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  auto before = static_cast<std::uint32_t>(count_runes(text.substr(start, offset - start)));
  return {static_cast<std::uint32_t>(row), before + 1, line};
}

Error error_at(ErrorCode code, const Span& span, std::string message, std::string hint) {
  Error error{code, std::move(message), {}, 0, 0, {}, std::move(hint)};
  if (span.source == nullptr) return error;
  Place place = locate(span.source->text, span.first);
  error.file = span.source->name;
  error.row = place.row;
  error.col = place.col;
  error.line = place.line;
  return error;
}

}  // namespace lictor
