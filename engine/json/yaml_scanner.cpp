#include "json/yaml_scanner.hpp"

#include <algorithm>
#include <cstdint>

#include "base/unicode.hpp"

namespace lictor::yaml {
namespace {

constexpr std::size_t window_size = 512;    // bytes that are loaded at a time
constexpr int look_ahead = 512;             // for a comment, in bytes
constexpr std::size_t longest_key = 1024;   // in characters
constexpr std::size_t most_levels = 10000;  // of flow collections, and of indentation
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

unsigned char byte(char c) { return static_cast<unsigned char>(c); }

std::size_t width_of(unsigned char first) {
  if (first < 0x80) return 1;
  if ((first & 0xE0) == 0xC0) return 2;
  if ((first & 0xF0) == 0xE0) return 3;
  return (first & 0xF8) == 0xF0 ? 4 : 0;
}

bool is_allowed(char32_t code) {
  return code == 0x09 || code == 0x0A || code == 0x0D || (code >= 0x20 && code <= 0x7E) ||
         code == 0x85 || (code >= 0xA0 && code <= 0xD7FF) || (code >= 0xE000 && code <= 0xFFFD) ||
         (code >= 0x10000 && code <= 0x10FFFF);
}

[[noreturn]] void unreadable(const char* why) {
  throw Problem{Problem::Stage::reader, why, {}, {}};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_one_of(char c, std::string_view set) {
  return c != '\0' && set.find(c) != std::string_view::npos;
}

}  // namespace

// ---- Characters ----

bool Characters::is_break(std::size_t offset) const {
  char c = peek(offset);
  if (c == '\r' || c == '\n') return true;
  if (c == '\xC2') return peek(offset + 1) == '\x85';
  return c == '\xE2' && peek(offset + 1) == '\x80' &&
         (peek(offset + 2) == '\xA8' || peek(offset + 2) == '\xA9');
}

bool Characters::is_word() const {
  char c = peek();
  return is_digit() || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

bool Characters::at_marker(char c) const {
  return mark_.column == 0 && peek() == c && peek(1) == c && peek(2) == c && ends_word(3);
}

bool Characters::at_document_marker() const { return at_marker('-') || at_marker('.'); }

bool Characters::piece_starts_with_mark() const {
  return text_.compare(std::min(piece_, text_.size()), byte_order_mark.size(), byte_order_mark) ==
         0;
}

void Characters::skip() {
  if (!is_blank()) new_lines_ = 0;
  ++mark_.index;
  ++mark_.column;
  --unread_;
  place_ += width_of(byte(peek()));
}

void Characters::end_line() {
  if (mark_.column == 0) return;
  mark_.column = 0;
  ++mark_.line;
}

void Characters::skip_line() {
  std::string ignored;
  read_line_to(ignored);
}

void Characters::read_to(std::string& out) {
  std::size_t from = place_;
  skip();
  out.append(text_, from, place_ - from);
}

void Characters::read_line_to(std::string& out) {
  if (!is_break()) return;
  bool pair = peek() == '\r' && peek(1) == '\n';
  std::size_t size = pair ? 2 : width_of(byte(peek()));
  if (size == 3)
    out.append(text_, place_, size);
  else
    out += '\n';
  place_ += size;
  mark_.index += pair ? 2 : 1;
  unread_ -= pair ? 2 : 1;
  mark_.column = 0;
  ++mark_.line;
  ++new_lines_;
}

void Characters::load() {
  if (raw_end_ == raw_.size()) loaded_all_ = true;
  std::size_t room = window_size - (raw_end_ - raw_begin_);
  raw_end_ += std::min(room, raw_.size() - raw_end_);
}

void Characters::find_encoding() {
  while (!loaded_all_ && raw_end_ - raw_begin_ < 3) load();
  encoding_ = Encoding::utf8;
  if (raw_.starts_with("\xFF\xFE"))
    encoding_ = Encoding::utf16_little;
  else if (raw_.starts_with("\xFE\xFF"))
    encoding_ = Encoding::utf16_big;
  if (encoding_ != Encoding::utf8)
    raw_begin_ = 2;
  else if (raw_.starts_with(byte_order_mark))
    raw_begin_ = 3;
}

void Characters::fill(int count) {
  if (encoding_ == Encoding::unknown) find_encoding();
  piece_ = place_;
  for (bool first = true; unread_ < count; first = false) {
    if (!first || raw_begin_ == raw_end_) load();
    decode();
    if (!loaded_all_) continue;
    ++unread_;  // the NUL at the end
    return;
  }
}

/// Decodes what is loaded, but for a character whose end is not loaded yet.
void Characters::decode() {
  while (raw_begin_ < raw_end_) {
    char32_t code = 0;
    std::size_t size = 0;
    bool whole = encoding_ == Encoding::utf8 ? decode_utf8(code, size) : decode_utf16(code, size);
    if (!whole) return;
    if (!is_allowed(code)) unreadable("control characters are not allowed");
    raw_begin_ += size;
    append_rune(text_, code);
    ++unread_;
  }
}

bool Characters::decode_utf8(char32_t& code, std::size_t& size) const {
  unsigned char first = byte(raw_[raw_begin_]);
  size = width_of(first);
  if (size == 0) unreadable("invalid leading UTF-8 octet");
  if (raw_begin_ + size > raw_end_) {
    if (loaded_all_) unreadable("incomplete UTF-8 octet sequence");
    return false;
  }
  constexpr unsigned masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  code = first & masks[size];
  for (std::size_t i = 1; i < size; ++i) {
    unsigned char next = byte(raw_[raw_begin_ + i]);
    if ((next & 0xC0) != 0x80) unreadable("invalid trailing UTF-8 octet");
    code = code << 6 | (next & 0x3F);
  }
  if (code < least[size]) unreadable("invalid length of a UTF-8 sequence");
  if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
    unreadable("invalid Unicode character");
  return true;
}

bool Characters::decode_utf16(char32_t& code, std::size_t& size) const {
  std::size_t loaded = raw_end_ - raw_begin_;
  auto unit = [&](std::size_t at) -> char32_t {
    unsigned char a = byte(raw_[raw_begin_ + at]), b = byte(raw_[raw_begin_ + at + 1]);
    return encoding_ == Encoding::utf16_little ? b << 8 | a : a << 8 | b;
  };
  if (loaded < 2) {
    if (loaded_all_) unreadable("incomplete UTF-16 character");
    return false;
  }
  code = unit(0);
  size = 2;
  if ((code & 0xFC00) == 0xDC00) unreadable("unexpected low surrogate area");
  if ((code & 0xFC00) != 0xD800) return true;
  size = 4;
  if (loaded < 4) {
    if (loaded_all_) unreadable("incomplete UTF-16 surrogate pair");
    return false;
  }
  char32_t low = unit(2);
  if ((low & 0xFC00) != 0xDC00) unreadable("expected low surrogate area");
  code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
  return true;
}

// ---- The queue of tokens ----

void Scanner::fail(const Mark& context, std::string text) const {
  throw Problem{Problem::Stage::scanner, std::move(text), context, in_.mark()};
}

void Scanner::skip() {
  available_ = false;
  ++parsed_;
  tokens_.pop_front();
}

/// Two tokens are scanned beyond the first, and more while the first may prove to be a key.
void Scanner::fetch_more() {
  while (true) {
    if (tokens_.size() > 2) {
      auto known = keys_by_token_.find(parsed_);
      if (known == keys_by_token_.end() || !is_valid(keys_[known->second])) break;
    }
    fetch_next();
  }
  available_ = true;
}

/// Inserts before the token of that number, or appends if it was taken off the queue already.
void Scanner::insert(std::size_t number, Token token) {
  std::size_t place = number < parsed_ ? tokens_.size() : number - parsed_;
  tokens_.insert(tokens_.begin() + static_cast<std::ptrdiff_t>(place), std::move(token));
}

void Scanner::append_indicator(Kind kind, int width) {
  Token token;
  token.kind = kind;
  token.start = in_.mark();
  in_.skip(width);
  token.end = in_.mark();
  append(std::move(token));
}

void Scanner::fetch_next() {
  in_.need(1);
  Mark before = in_.mark();
  skip_to_token();
  unroll_indent(in_.mark().column, before);
  in_.need(4);
  if (in_.is_end()) return fetch_stream_end();
  if (in_.mark().column == 0 && in_.peek() == '%') return fetch_directive();
  if (in_.at_marker('-')) return fetch_document_marker(Kind::document_start);
  if (in_.at_marker('.')) return fetch_document_marker(Kind::document_end);
  fetch_content();
  if (tokens_.back().kind != Kind::block_entry) skip_line_comment();
}

void Scanner::fetch_content() {
  char c = in_.peek();
  bool alone = in_.ends_word(1);
  switch (c) {
    case '[':
      return fetch_flow_start(Kind::flow_sequence_start);
    case '{':
      return fetch_flow_start(Kind::flow_mapping_start);
    case ']':
      return fetch_flow_end(Kind::flow_sequence_end);
    case '}':
      return fetch_flow_end(Kind::flow_mapping_end);
    case ',':
      return fetch_flow_entry();
    default:
      break;
  }
  if (c == '-' && alone) return fetch_block_entry();
  if (c == '?' && (in_flow() || alone)) return fetch_key();
  if (c == ':' && (in_flow() || alone)) return fetch_value();
  if ((c == '|' || c == '>') && !in_flow()) {
    remove_simple_key();
    key_allowed_ = true;
    return append(scan_block_scalar(c == '|'));
  }
  bool other = is_one_of(c, "*&!'\"");
  if (!other && !starts_plain()) fail(in_.mark(), "found character that cannot start any token");
  save_simple_key();
  key_allowed_ = false;
  if (c == '*' || c == '&')
    append(scan_anchor(c == '*' ? Kind::alias : Kind::anchor));
  else if (c == '!')
    append(scan_tag());
  else
    append(other ? scan_quoted(c == '\'') : scan_plain());
}

bool Scanner::starts_plain() const {
  char c = in_.peek();
  if (c == '-') return !in_.is_blank(1);
  if (c == '?' || c == ':') return !in_flow() && !in_.ends_word(1);
  return !in_.ends_word() && !is_one_of(c, ",[]{}#&*!|>'\"%@`");
}

void Scanner::fetch_stream_end() {
  in_.end_line();
  unroll_indent(-1, in_.mark());
  remove_simple_key();
  key_allowed_ = false;
  append_indicator(Kind::stream_end, 0);
}

void Scanner::fetch_directive() {
  unroll_indent(-1, in_.mark());
  remove_simple_key();
  key_allowed_ = false;
  append(scan_directive());
}

void Scanner::fetch_document_marker(Kind kind) {
  unroll_indent(-1, in_.mark());
  remove_simple_key();
  key_allowed_ = false;
  append_indicator(kind, 3);
}

void Scanner::fetch_flow_start(Kind kind) {
  save_simple_key();
  SimpleKey key;
  key.token = next_number();
  key.mark = in_.mark();
  keys_.push_back(key);
  if (static_cast<std::size_t>(++flow_level_) > most_levels)
    fail(key.mark, "exceeded max depth of " + std::to_string(most_levels));
  key_allowed_ = true;
  append_indicator(kind);
}

void Scanner::fetch_flow_end(Kind kind) {
  remove_simple_key();
  if (in_flow()) {
    --flow_level_;
    forget(keys_.back());
    keys_.pop_back();
  }
  key_allowed_ = false;
  append_indicator(kind);
}

void Scanner::fetch_flow_entry() {
  remove_simple_key();
  key_allowed_ = true;
  append_indicator(Kind::flow_entry);
}

void Scanner::fetch_block_entry() {
  if (!in_flow()) {
    if (!key_allowed_) fail(in_.mark(), "block sequence entries are not allowed in this context");
    roll_indent(in_.mark().column, next_number(), Kind::block_sequence_start, in_.mark());
  }
  remove_simple_key();
  key_allowed_ = true;
  append_indicator(Kind::block_entry);
}

void Scanner::fetch_key() {
  if (!in_flow()) {
    if (!key_allowed_) fail(in_.mark(), "mapping keys are not allowed in this context");
    roll_indent(in_.mark().column, next_number(), Kind::block_mapping_start, in_.mark());
  }
  remove_simple_key();
  key_allowed_ = !in_flow();
  append_indicator(Kind::key);
}

void Scanner::fetch_value() {
  SimpleKey& key = keys_.back();
  if (is_valid(key)) {
    Token token;
    token.kind = Kind::key;
    token.start = token.end = key.mark;
    insert(key.token, std::move(token));
    roll_indent(key.mark.column, key.token, Kind::block_mapping_start, key.mark);
    key.possible = false;
    forget(key);
    key_allowed_ = false;
  } else {
    if (!in_flow()) {
      if (!key_allowed_) fail(in_.mark(), "mapping values are not allowed in this context");
      roll_indent(in_.mark().column, next_number(), Kind::block_mapping_start, in_.mark());
    }
    key_allowed_ = !in_flow();
  }
  append_indicator(Kind::value);
}

// ---- Keys without '?' and indentation ----

bool Scanner::is_valid(SimpleKey& key) const {
  if (!key.possible) return false;
  if (key.mark.line >= in_.mark().line && key.mark.index + longest_key >= in_.mark().index)
    return true;
  if (key.required) fail(key.mark, "could not find expected ':'");
  key.possible = false;
  return false;
}

void Scanner::save_simple_key() {
  if (!key_allowed_) return;
  bool required = !in_flow() && indent_ == in_.mark().column;
  remove_simple_key();
  keys_.back() = {true, required, next_number(), in_.mark()};
  keys_by_token_[keys_.back().token] = keys_.size() - 1;
}

void Scanner::remove_simple_key() {
  SimpleKey& key = keys_.back();
  if (!key.possible) return;
  if (key.required) fail(key.mark, "could not find expected ':'");
  key.possible = false;
  forget(key);
}

void Scanner::roll_indent(int column, std::size_t number, Kind kind, const Mark& mark) {
  if (in_flow() || indent_ >= column) return;
  indents_.push_back(indent_);
  indent_ = column;
  if (indents_.size() > most_levels)
    fail(keys_.back().mark, "exceeded max depth of " + std::to_string(most_levels));
  Token token;
  token.kind = kind;
  token.start = token.end = mark;
  insert(number, std::move(token));
}

void Scanner::unroll_indent(int column, Mark mark) {
  if (in_flow()) return;
  for (; indent_ > column; indents_.pop_back()) {
    Token token;
    token.kind = Kind::block_end;
    token.start = token.end = mark;
    append(std::move(token));
    indent_ = indents_.back();
  }
}

// ---- Blanks and comments ----

void Scanner::skip_to_token() {
  while (true) {
    in_.need(1);
    if (in_.mark().column == 0 && in_.piece_starts_with_mark()) in_.skip();
    in_.need(1);
    while (in_.is_space() || ((in_flow() || !key_allowed_) && in_.is_tab())) {
      in_.skip();
      in_.need(1);
    }
    if (in_.peek() == '#') skip_comments();
    if (!in_.is_break()) return;
    in_.need(2);
    in_.skip_line();
    if (!in_flow()) key_allowed_ = true;
  }
}

/// Looks for '#' after blanks, and after line breaks too if `from` is not 0.
bool Scanner::find_comment(int& offset, int from) {
  for (offset = from; offset < look_ahead; ++offset) {
    try {
      in_.need(offset + 1);
    } catch (const Problem& problem) {
      if (!has_pending_) pending_ = problem;
      has_pending_ = true;
      return false;
    }
    auto place = static_cast<std::size_t>(offset);
    if (in_.is_blank(place) || (from != 0 && in_.is_break(place))) continue;
    return in_.peek(place) == '#';
  }
  return false;
}

/// Skips to the end of the line of the comment that begins at `offset`.
void Scanner::skip_comment_at(int offset) {
  std::size_t start = in_.mark().index + static_cast<std::size_t>(offset);
  while (true) {
    in_.need(1);
    if (in_.is_break_or_end()) {
      if (in_.mark().index >= start) return;
      in_.need(2);
      in_.skip_line();
    } else {
      in_.skip();
    }
  }
}

void Scanner::skip_comments() {
  int offset = 0;
  do skip_comment_at(offset);
  while (find_comment(offset, 1));
}

void Scanner::skip_line_comment() {
  int offset = 0;
  if (in_.new_lines() == 0 && find_comment(offset, 0)) skip_comment_at(offset);
}

void Scanner::skip_blanks() {
  in_.need(1);
  while (in_.is_blank()) {
    in_.skip();
    in_.need(1);
  }
}

void Scanner::skip_rest_of_line(const Mark& start) {
  skip_blanks();
  if (in_.peek() == '#') skip_comment_at(0);
  if (!in_.is_break_or_end()) fail(start, "did not find expected comment or line break");
  if (!in_.is_break()) return;
  in_.need(2);
  in_.skip_line();
}

// ---- Directives, anchors and tags ----

Token Scanner::scan_directive() {
  Token token;
  token.start = in_.mark();
  in_.skip();
  std::string name;
  for (in_.need(1); in_.is_word(); in_.need(1)) in_.read_to(name);
  if (name.empty()) fail(token.start, "could not find expected directive name");
  if (!in_.ends_word()) fail(token.start, "found unexpected non-alphabetical character");
  if (name == "YAML") {
    token.kind = Kind::version_directive;
    skip_blanks();
    token.major = scan_version_number(token.start);
    if (in_.peek() != '.') fail(token.start, "did not find expected digit or '.' character");
    in_.skip();
    token.minor = scan_version_number(token.start);
  } else if (name == "TAG") {
    token.kind = Kind::tag_directive;
    scan_tag_directive(token);
  } else {
    fail(token.start, "found unknown directive name");
  }
  token.end = in_.mark();
  skip_rest_of_line(token.start);
  return token;
}

int Scanner::scan_version_number(const Mark& start) {
  int value = 0, length = 0;
  for (in_.need(1); in_.is_digit(); in_.need(1)) {
    if (++length > 2) fail(start, "found extremely long version number");
    value = value * 10 + (in_.peek() - '0');
    in_.skip();
  }
  if (length == 0) fail(start, "did not find expected version number");
  return value;
}

void Scanner::scan_tag_directive(Token& token) {
  skip_blanks();
  token.text = scan_tag_handle(true, token.start);
  in_.need(1);
  if (!in_.is_blank()) fail(token.start, "did not find expected whitespace");
  skip_blanks();
  token.suffix = scan_tag_uri({}, token.start);
  in_.need(1);
  if (!in_.ends_word()) fail(token.start, "did not find expected whitespace or line break");
}

Token Scanner::scan_anchor(Kind kind) {
  Token token;
  token.kind = kind;
  token.start = in_.mark();
  in_.skip();
  for (in_.need(1); in_.is_word(); in_.need(1)) in_.read_to(token.text);
  token.end = in_.mark();
  bool ended = in_.ends_word() || is_one_of(in_.peek(), "?:,]}%@`");
  if (token.text.empty() || !ended)
    fail(token.start, "did not find expected alphabetic or numeric character");
  return token;
}

Token Scanner::scan_tag() {
  Token token;
  token.kind = Kind::tag;
  token.start = in_.mark();
  in_.need(2);
  if (in_.peek(1) == '<') {
    in_.skip(2);
    token.suffix = scan_tag_uri({}, token.start);
    if (in_.peek() != '>') fail(token.start, "did not find the expected '>'");
    in_.skip();
  } else {
    token.text = scan_tag_handle(false, token.start);
    if (token.text.size() > 1 && token.text.back() == '!') {
      token.suffix = scan_tag_uri({}, token.start);
    } else {
      token.suffix = scan_tag_uri(token.text, token.start);
      token.text = "!";
      if (token.suffix.empty()) token.text.swap(token.suffix);
    }
  }
  in_.need(1);
  if (!in_.ends_word()) fail(token.start, "did not find expected whitespace or line break");
  token.end = in_.mark();
  return token;
}

std::string Scanner::scan_tag_handle(bool directive, const Mark& start) {
  in_.need(1);
  if (in_.peek() != '!') fail(start, "did not find expected '!'");
  std::string out;
  in_.read_to(out);
  for (in_.need(1); in_.is_word(); in_.need(1)) in_.read_to(out);
  if (in_.peek() == '!')
    in_.read_to(out);
  else if (directive && out != "!")
    fail(start, "did not find expected '!'");
  return out;
}

/// A tag after its handle; `head` was read as a handle and is none.
std::string Scanner::scan_tag_uri(std::string_view head, const Mark& start) {
  std::string out(head.substr(std::min<std::size_t>(head.size(), 1)));
  bool found = !head.empty();
  for (in_.need(1); in_.is_word() || is_one_of(in_.peek(), ";/?:@&=+$,.!~*'()[]%"); in_.need(1)) {
    if (in_.peek() == '%')
      scan_uri_escapes(out, start);
    else
      in_.read_to(out);
    found = true;
  }
  if (!found) fail(start, "did not find expected tag URI");
  return out;
}

/// The escapes of one character.
void Scanner::scan_uri_escapes(std::string& out, const Mark& start) {
  std::size_t left = 0;
  for (bool first = true; first || left > 0; first = false, --left) {
    in_.need(3);
    int high = hex_value(in_.peek(1)), low = hex_value(in_.peek(2));
    if (in_.peek() != '%' || high < 0 || low < 0) fail(start, "did not find URI escaped octet");
    auto octet = static_cast<unsigned char>(high << 4 | low);
    if (first) {
      left = width_of(octet);
      if (left == 0) fail(start, "found an incorrect leading UTF-8 octet");
    } else if ((octet & 0xC0) != 0x80) {
      fail(start, "found an incorrect trailing UTF-8 octet");
    }
    out += static_cast<char>(octet);
    in_.skip(3);
  }
}

// ---- Block scalars ----

int Scanner::scan_indentation_digit(const Mark& start) {
  if (!in_.is_digit()) return 0;
  int digit = in_.peek() - '0';
  if (digit == 0) fail(start, "found an indentation indicator equal to 0");
  in_.skip();
  return digit;
}

/// What follows '|' or '>': how the end is kept, and the indentation, in either order.
void Scanner::scan_block_header(int& chomping, int& increment, const Mark& start) {
  auto scan_chomping = [&] {
    if (in_.peek() != '+' && in_.peek() != '-') return;
    chomping = in_.peek() == '+' ? 1 : -1;
    in_.skip();
  };
  in_.need(1);
  increment = scan_indentation_digit(start);
  if (increment > 0) in_.need(1);
  scan_chomping();
  if (increment > 0 || chomping == 0) return;
  in_.need(1);
  increment = scan_indentation_digit(start);
}

Token Scanner::scan_block_scalar(bool literal) {
  Token token;
  token.kind = Kind::scalar;
  token.style = Token::Style::block;
  token.start = in_.mark();
  in_.skip();
  int chomping = 0, increment = 0;
  scan_block_header(chomping, increment, token.start);
  skip_rest_of_line(token.start);
  int indent = increment == 0 ? 0 : std::max(indent_, 0) + increment;
  std::string first_break, more_breaks;
  scan_block_breaks(indent, more_breaks, token.start);
  in_.need(1);
  for (bool blank_before = false; in_.mark().column == indent && !in_.is_end();) {
    bool blank = in_.is_blank();
    bool folds = !literal && !blank_before && !blank && first_break == "\n";
    if (!folds)
      token.text += first_break;
    else if (more_breaks.empty())
      token.text += ' ';
    token.text += more_breaks;
    first_break.clear();
    more_breaks.clear();
    blank_before = blank;
    for (; !in_.is_break_or_end(); in_.need(1)) in_.read_to(token.text);
    in_.need(2);
    in_.read_line_to(first_break);
    scan_block_breaks(indent, more_breaks, token.start);
  }
  if (chomping != -1) token.text += first_break;
  if (chomping == 1) token.text += more_breaks;
  token.end = in_.mark();
  return token;
}

/// Empty lines and indentation, which is found out if `indent` is 0.
void Scanner::scan_block_breaks(int& indent, std::string& breaks, const Mark& start) {
  int deepest = 0;
  while (true) {
    in_.need(1);
    auto indents = [&] { return indent == 0 || in_.mark().column < indent; };
    for (; indents() && in_.is_space(); in_.need(1)) in_.skip();
    deepest = std::max(deepest, in_.mark().column);
    if (indents() && in_.is_tab())
      fail(start, "found a tab character where an indentation space is expected");
    if (!in_.is_break()) break;
    in_.need(2);
    in_.read_line_to(breaks);
  }
  if (indent == 0) indent = std::max({deepest, indent_ + 1, 1});
}

// ---- Scalars in quotes and plain ones ----

void Scanner::Gap::fold_into(std::string& out) {
  if (!new_line) {
    out += blanks;
  } else if (first_break != "\n") {
    out += first_break + more_breaks;
  } else {
    out += more_breaks.empty() ? " " : more_breaks;
  }
  *this = {};
}

/// Reads blanks and breaks. In a plain scalar a tab may not indent a line.
void Scanner::scan_gap(Gap& gap, int indent, const Mark* plain_start) {
  for (; in_.is_blank() || in_.is_break(); in_.need(1)) {
    if (in_.is_break()) {
      in_.need(2);
      if (!gap.new_line) gap.blanks.clear();
      in_.read_line_to(gap.new_line ? gap.more_breaks : gap.first_break);
      gap.new_line = true;
      continue;
    }
    if (plain_start && gap.new_line && in_.mark().column < indent && in_.is_tab())
      fail(*plain_start, "found a tab character that violates indentation");
    if (gap.new_line)
      in_.skip();
    else
      in_.read_to(gap.blanks);
  }
}

Token Scanner::scan_quoted(bool single) {
  Token token;
  token.kind = Kind::scalar;
  token.style = Token::Style::quoted;
  token.start = in_.mark();
  in_.skip();
  while (true) {
    in_.need(4);
    if (in_.at_document_marker()) fail(token.start, "found unexpected document indicator");
    if (in_.is_end()) fail(token.start, "found unexpected end of stream");
    Gap gap;
    gap.new_line = scan_quoted_word(token.text, single, token.start);
    in_.need(1);
    if (in_.peek() == (single ? '\'' : '"')) break;
    // After an escaped line break nothing is left of the break itself.
    bool escaped = gap.new_line;
    scan_gap(gap, 0, nullptr);
    if (escaped)
      token.text += gap.more_breaks;
    else
      gap.fold_into(token.text);
  }
  in_.skip();
  token.end = in_.mark();
  return token;
}

/// Reads up to a blank, a break or the quote; returns whether an escaped line break ended it.
bool Scanner::scan_quoted_word(std::string& out, bool single, const Mark& start) {
  for (; !in_.ends_word(); in_.need(2)) {
    char c = in_.peek();
    if (single && c == '\'' && in_.peek(1) == '\'') {
      out += '\'';
      in_.skip(2);
    } else if (c == (single ? '\'' : '"')) {
      return false;
    } else if (!single && c == '\\' && in_.is_break(1)) {
      in_.need(3);
      in_.skip();
      in_.skip_line();
      return true;
    } else if (!single && c == '\\') {
      scan_escape(out, start);
    } else {
      in_.read_to(out);
    }
  }
  return false;
}

void Scanner::scan_escape(std::string& out, const Mark& start) {
  constexpr std::string_view letters = "0abt\tnvfre \"'\\N_LP";
  constexpr char32_t codes[] = {0,    7,   8,   '\t', '\t', '\n', 11,   12,     '\r',
                                0x1B, ' ', '"', '\'', '\\', 0x85, 0xA0, 0x2028, 0x2029};
  char c = in_.peek(1);
  int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  std::size_t known = c == '\0' ? letters.npos : letters.find(c);
  if (digits == 0 && known == letters.npos) fail(start, "found unknown escape character");
  if (digits == 0) append_rune(out, codes[known]);
  in_.skip(2);
  if (digits != 0) scan_code(out, digits, start);
}

void Scanner::scan_code(std::string& out, int digits, const Mark& start) {
  in_.need(digits);
  std::uint64_t code = 0;
  for (int i = 0; i < digits; ++i) {
    int digit = hex_value(in_.peek(static_cast<std::size_t>(i)));
    if (digit < 0) fail(start, "did not find expected hexdecimal number");
    code = code << 4 | static_cast<unsigned>(digit);
  }
  if ((code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF)
    fail(start, "found invalid Unicode character escape code");
  append_rune(out, static_cast<char32_t>(code));
  in_.skip(digits);
}

bool Scanner::ends_plain() const {
  if (in_.peek() == ':' && in_.ends_word(1)) return true;
  return in_flow() && is_one_of(in_.peek(), ",?[]{}");
}

Token Scanner::scan_plain() {
  Token token;
  token.kind = Kind::scalar;
  token.start = token.end = in_.mark();
  int indent = indent_ + 1;
  Gap gap;
  while (true) {
    in_.need(4);
    if (in_.at_document_marker() || in_.peek() == '#') break;
    for (; !in_.ends_word() && !ends_plain(); in_.need(2)) {
      if (gap.new_line || !gap.blanks.empty()) gap.fold_into(token.text);
      in_.read_to(token.text);
      token.end = in_.mark();
    }
    if (!in_.is_blank() && !in_.is_break()) break;
    in_.need(1);
    scan_gap(gap, indent, &token.start);
    if (!in_flow() && in_.mark().column < indent) break;
  }
  if (gap.new_line) key_allowed_ = true;
  return token;
}

}  // namespace lictor::yaml
