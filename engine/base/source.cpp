// Turns byte offsets into rows, columns and lines.
#include "base/source.hpp"

#include <algorithm>

#include "base/unicode.hpp"

namespace lictor {

namespace {

/// The place of `offset` in the line that starts at `start`.
Place place_in_line(std::string_view text, std::size_t start, std::size_t offset, std::size_t row) {
  std::size_t end = std::min(text.find('\n', offset), text.size());
  std::string_view line = text.substr(start, std::max(end, start) - start);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  auto before = static_cast<std::uint32_t>(count_runes(text.substr(start, offset - start)));
  return {static_cast<std::uint32_t>(row), before + 1, line};
}

}  // namespace

Place locate(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  std::size_t start = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  start = start == std::string_view::npos ? 0 : start + 1;
  auto above = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), '\n');
  return place_in_line(text, start, offset, static_cast<std::size_t>(above) + 1);
}

Place Places::of(const Span& span) {
  std::string_view text = span.source->text;
  std::vector<std::size_t>& starts = starts_[span.source];
  if (starts.empty()) {
    starts.push_back(0);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string_view::npos;)
      starts.push_back(++at);
  }
  std::size_t offset = std::min<std::size_t>(span.first, text.size());
  auto behind = std::upper_bound(starts.begin(), starts.end(), offset);
  return place_in_line(text, *(behind - 1), offset,
                       static_cast<std::size_t>(behind - starts.begin()));
}

TextRange range_of(const Source& source, const Place& place, std::string_view written) {
  auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  std::size_t last_line = written.rfind('\n') + 1;  // 0 if there is one only
  auto rows = static_cast<std::uint32_t>(std::count(written.begin(), written.end(), '\n'));
  auto cols = static_cast<std::uint32_t>(std::count_if(
      written.begin() + static_cast<std::ptrdiff_t>(last_line), written.end(), is_character));
  return {source.name, place.row, place.col, place.row + rows, (rows == 0 ? place.col : 1) + cols};
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
