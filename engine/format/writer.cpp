// Lines, indentation and comments.
#include "format/writer.hpp"

#include <algorithm>

namespace lictor::format {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_metadata(const Comment& comment) {
  std::string_view text = comment.text();
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return comment.col == 1 && text.starts_with("METADATA");
}

}  // namespace

Result<std::string> Writer::write() {
  module();
  if (!errors_.empty()) return errors_;
  while (out_.ends_with("\n\n")) out_.pop_back();
  return std::move(out_);
}

void Writer::start_line() {
  inline_ = true;
  for (int i = 0; i < level_; ++i) put("\t");
}

void Writer::end_line() {
  inline_ = false;
  if (before_end_ && !delay_) {
    put(" " + text_of(*before_end_));
    before_end_ = nullptr;
  }
  delay_ = false;
  put("\n");
}

/// Ends the line first, within one.
void Writer::blank_line() {
  if (inline_) end_line();
  put("\n");
}

void Writer::line(std::string_view text) {
  if (!inline_) start_line();
  put(text);
  end_line();
}

void Writer::down() {
  if (level_ > 0) --level_;
}

std::string Writer::text_of(const Comment& comment) {
  return "#" + std::string(trimmed(comment.text()));
}

void Writer::fail(const Location& location, std::string message) {
  Error error{ErrorCode::type, std::move(message), module_.source->name, 0, 0, {}, {}};
  error.row = static_cast<std::uint32_t>(std::max<std::int64_t>(location.row, 0));
  error.col = static_cast<std::uint32_t>(std::max<std::int64_t>(location.col, 0));
  errors_.push_back(std::move(error));
}

Fault Writer::before_line_end(const Comment* comment) {
  if (before_end_ == nullptr) {
    before_end_ = comment;
    return Fault::none;
  }
  if (comment == nullptr) return Fault::none;
  before_end_ = nullptr;
  return Fault::comment;
}

void Writer::write_comments(Comments comments) {
  bool in_metadata = false;
  for (std::size_t i = 0; i < comments.size(); ++i) {
    bool begins = is_metadata(*comments[i]);
    std::uint32_t rows = i > 0 ? comments[i]->row - comments[i - 1]->row : 0;
    bool apart = rows > 1 || (rows == 1 && in_metadata && begins);
    if (apart) blank_line();
    if (rows > 1) in_metadata = false;
    in_metadata = in_metadata || begins;
    line(text_of(*comments[i]));
  }
}

Comments Writer::comments_before(Comments comments, const Location& location) {
  std::size_t count = 0;
  while (count < comments.size() && comments[count]->row < location.row) ++count;
  return comments.first(count);
}

/// Writes what stands on rows before a location; a comment on its row comes to the line's end.
Rest Writer::insert_comments(Comments comments, const Location& location) {
  std::size_t before = comments_before(comments, location).size();
  std::size_t behind = before;
  while (behind < comments.size() && comments[behind]->row == location.row) ++behind;
  write_comments(comments.first(before));
  if (before > 0 && location.row - comments[before - 1]->row > 1) blank_line();
  return {comments.subspan(behind),
          before_line_end(behind > before ? comments[behind - 1] : nullptr)};
}

}  // namespace lictor::format
