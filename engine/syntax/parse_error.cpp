#include "syntax/parse_error.hpp"

#include <algorithm>

#include "json/write.hpp"

namespace lictor::syntax {
namespace {

bool is_newline(char c) { return c == '\n' || c == '\r'; }

/// Go's unicode.IsSpace, of a byte.
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\x85' || c == '\xA0'; }

/// The line of the last character up to `offset` that is no blank, and that character's place in
/// it.
struct ShownLine {
  std::string_view text;
  std::size_t index = 0;
};

ShownLine shown_line(std::string_view text, std::size_t offset) {
  if (text.empty()) return {};
  offset = std::min(offset, text.size() - 1);
  while (offset > 0 && is_space(text[offset])) --offset;
  std::size_t begin = offset, end = offset;
  while (begin > 0 && !is_newline(text[begin])) --begin;
  if (is_newline(text[begin])) ++begin;
  while (end < text.size() && !is_newline(text[end])) ++end;
  begin = std::min(begin, end);
  return {text.substr(begin, end - begin), std::max(offset, begin) - begin};
}

/// The line without the tabs that indent it, and a caret below the byte.
std::vector<std::string> shown_with_caret(const ShownLine& shown) {
  std::size_t tabs = std::min(shown.text.find_first_not_of('\t'), shown.text.size());
  std::size_t indent = shown.index - std::min(shown.index, tabs);
  return {std::string(shown.text.substr(tabs)), std::string(indent, ' ') + "^"};
}

}  // namespace

Error parse_error_at(const Span& span, std::string message, std::string hint) {
  Error out = error_at(ErrorCode::parse, span, std::move(message), std::move(hint));
  ShownLine shown = shown_line(span.source->text, span.first);
  out.line = shown.text;
  out.details = shown_with_caret(shown);
  out.details_json = "{\"line\":";
  json::append_quoted(out.details_json, shown.text, true);
  out.details_json += ",\"idx\":" + std::to_string(shown.index) + "}";
  return out;
}

}  // namespace lictor::syntax
