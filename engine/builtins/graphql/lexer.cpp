// One function a kind of token. Strings are views into the text unless escapes change them.
#include "builtins/graphql/lexer.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/unicode.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr std::size_t most_braced_digits = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }
bool is_scalar(char32_t code) { return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF); }
bool is_leading(char32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_trailing(char32_t code) { return code >= 0xDC00 && code <= 0xDFFF; }

std::optional<char32_t> hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<char32_t> hex_number(std::string_view digits) {
  char32_t out = 0;
  for (char c : digits) {
    std::optional<char32_t> digit = hex_digit(c);
    if (!digit) return std::nullopt;
    out = out << 4 | *digit;
  }
  return out;
}

/// A byte as OPA shows it: as the code point of that number.
std::string byte_as_rune(char c) {
  std::string out;
  append_rune(out, static_cast<unsigned char>(c));
  return out;
}

std::string unicode_escape(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  return std::string("\"\\u00") + digits[byte >> 4] + digits[byte & 15] + '"';
}

/// Lone surrogates become U+FFFD.
void append_code(std::string& out, char32_t code) {
  append_rune(out, is_scalar(code) ? code : replacement_rune);
}

/// The index of a line's first non-blank character; npos if there is none.
std::size_t indent_of(std::string_view line) { return line.find_first_not_of(" \t"); }

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0;;) {
    std::size_t end = text.find('\n', at);
    out.push_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return out;
    at = end + 1;
  }
}

/// Removes the common indentation, and blank lines at both ends.
std::string block_string_value(std::string_view raw) {
  std::vector<std::string_view> lines = split_lines(raw);
  std::size_t indent = std::string_view::npos;
  for (std::string_view line : lines) indent = std::min(indent, indent_of(line));
  if (indent != std::string_view::npos) {
    for (std::size_t i = 1; i < lines.size(); ++i)
      lines[i].remove_prefix(std::min(indent, lines[i].size()));
  }
  auto is_blank = [](std::string_view line) { return indent_of(line) == std::string_view::npos; };
  auto first = std::find_if_not(lines.begin(), lines.end(), is_blank);
  auto last = lines.end();
  while (last != first && is_blank(last[-1])) --last;
  std::string out;
  for (auto line = first; line != last; ++line) {
    if (line != first) out += '\n';
    out += *line;
  }
  return out;
}

struct Punctuator {
  char character;
  TokenKind kind;
};

constexpr Punctuator punctuators[] = {
    {'!', TokenKind::bang},          {'$', TokenKind::dollar},      {'&', TokenKind::amp},
    {'(', TokenKind::paren_left},    {')', TokenKind::paren_right}, {':', TokenKind::colon},
    {'=', TokenKind::equals},        {'@', TokenKind::at},          {'[', TokenKind::bracket_left},
    {']', TokenKind::bracket_right}, {'{', TokenKind::brace_left},  {'}', TokenKind::brace_right},
    {'|', TokenKind::pipe},
};

constexpr std::string_view symbols[] = {
    "<Invalid>", "<EOF>", "!", "$", "&", "(",    ")",   "...",   ":",      "=",           "@",
    "[",         "]",     "{", "}", "|", "Name", "Int", "Float", "String", "BlockString", "Comment",
};

}  // namespace

std::string_view symbol(TokenKind kind) { return symbols[static_cast<std::size_t>(kind)]; }

std::string Token::describe() const {
  std::string out(symbol(kind));
  if (text.empty()) return out;
  out += ' ';
  append_go_quoted(out, text);
  return out;
}

Token Lexer::token(TokenKind kind, std::string_view text) const {
  return {kind, text, line_, start_rune_ - line_start_rune_ + 1};
}

Token Lexer::invalid(std::string error) {
  error_ = std::move(error);
  return {TokenKind::invalid, {}, line_, end_rune_ - line_start_rune_ + 1};
}

Token Lexer::next() {
  skip_blanks();
  start_ = end_;
  start_rune_ = end_rune_;
  if (at_end()) return token(TokenKind::end);
  char first = current();
  if (is_name_start(first)) return name();
  if (is_digit(first) || first == '-') return number();
  if (first == '#') return comment();
  if (first == '"') return starts_with(R"(""")") ? block_string() : string();
  return punctuator_or_invalid(first);
}

Token Lexer::punctuator_or_invalid(char first) {
  if (starts_with("...")) {
    advance(3);
    return token(TokenKind::spread, {});
  }
  for (const Punctuator& punctuator : punctuators) {
    if (punctuator.character != first) continue;
    advance(1);
    return token(punctuator.kind, {});
  }
  return unexpected_character();
}

Token Lexer::unexpected_character() {
  char c = current();
  if (is_control(c)) return invalid("Cannot contain the invalid character " + unicode_escape(c));
  if (c == '\'') {
    return invalid(
        "Unexpected single quote character ('), did you mean to use a double quote (\")?");
  }
  return invalid("Cannot parse the unexpected character \"" + byte_as_rune(c) + "\".");
}

void Lexer::new_line() {
  ++line_;
  line_start_rune_ = end_rune_;
}

void Lexer::skip_blanks() {
  for (; !at_end();) {
    char c = current();
    if (c == '\t' || c == ' ' || c == ',') {
      advance(1);
    } else if (c == '\n' || c == '\r') {
      advance(1);
      new_line();
      if (c == '\r' && !at_end() && current() == '\n') advance(1);
    } else if (starts_with("\uFEFF")) {
      advance(3, 1);
    } else {
      return;
    }
  }
}

/// Copies the character to `copy`, if there is one.
void Lexer::advance_rune(std::string* copy) {
  Rune rune = decode_rune(text_, end_);
  advance(rune.size, 1);
  if (copy) append_rune(*copy, rune.code);
}

Token Lexer::comment() {
  while (!at_end() && (!is_control(current()) || current() == '\t')) advance_rune(nullptr);
  return token(TokenKind::comment);
}

Token Lexer::name() {
  while (!at_end() && is_name_part(current())) advance(1);
  return token(TokenKind::name);
}

bool Lexer::accept(std::string_view letters) {
  if (at_end() || letters.find(current()) == std::string_view::npos) return false;
  advance(1);
  return true;
}

std::size_t Lexer::accept_digits() {
  std::size_t before = end_;
  while (!at_end() && is_digit(current())) advance(1);
  return end_ - before;
}

std::string Lexer::describe_next() const {
  return at_end() ? "<EOF>" : '"' + byte_as_rune(current()) + '"';
}

Token Lexer::number() {
  auto missing_digit = [&] {
    return invalid("Invalid number, expected digit but got: " + describe_next() + ".");
  };
  accept("-");
  if (accept("0")) {
    if (!at_end() && is_digit(current()))
      return invalid("Invalid number, unexpected digit after 0: " + describe_next() + ".");
  } else if (accept_digits() == 0) {
    return missing_digit();
  }
  bool fraction = accept(".");
  if (fraction && accept_digits() == 0) return missing_digit();
  bool exponent = accept("eE");
  if (exponent) accept("+-");
  if (exponent && accept_digits() == 0) return missing_digit();
  return token(fraction || exponent ? TokenKind::floating : TokenKind::integer);
}

Token Lexer::string() {
  advance(1);
  start_ = end_;
  start_rune_ = end_rune_;
  std::string value;
  bool changed = false;
  while (!at_end() && current() != '\n' && current() != '\r') {
    char c = current();
    if (is_control(c) && c != '\t')
      return invalid("Invalid character within String: " + unicode_escape(c) + ".");
    if (c == '"') return finish_string(changed ? &value : nullptr);
    if (c != '\\') {
      advance_rune(changed ? &value : nullptr);
      continue;
    }
    if (!changed) value = text_.substr(start_, end_ - start_);
    changed = true;
    if (!read_escape(value)) return invalid(std::move(error_));
  }
  return invalid("Unterminated string.");
}

Token Lexer::finish_string(const std::string* changed) {
  Token out = token(TokenKind::string);
  if (changed) out.text = arena_->copy(*changed);
  advance(1);
  return out;
}

bool Lexer::wrong_escape(std::string_view shown) {
  advance(1);
  error_ = "Invalid character escape sequence: \\" + std::string(shown) + ".";
  return false;
}

/// Reads an escape; false, with the error, if it is wrong.
bool Lexer::read_escape(std::string& out) {
  if (end_ + 1 >= text_.size()) {
    advance(1);
    error_ = "Invalid character escape sequence.";
    return false;
  }
  char letter = text_[end_ + 1];
  if (letter != 'u') return read_simple_escape(letter, out);
  return starts_with("\\u{") ? read_braced_escape(out) : read_hex_escape(out);
}

bool Lexer::read_simple_escape(char letter, std::string& out) {
  constexpr std::string_view letters = "\"/\\bfnrt", meanings = "\"/\\\b\f\n\r\t";
  std::size_t index = letters.find(letter);
  if (index == std::string_view::npos) return wrong_escape(byte_as_rune(letter));
  out += meanings[index];
  advance(2);
  return true;
}

bool Lexer::read_braced_escape(std::string& out) {
  std::string_view rest = text_.substr(end_ + 3);
  std::size_t size = 0;
  while (size < rest.size() && size <= most_braced_digits && hex_digit(rest[size])) ++size;
  bool closed = size < rest.size() && size <= most_braced_digits && rest[size] == '}';
  std::optional<char32_t> code = hex_number(rest.substr(0, size));
  if (closed && size > 0 && is_scalar(*code)) {
    append_rune(out, *code);
    advance(3 + size + 1);
    return true;
  }
  return wrong_escape(text_.substr(end_ + 1, 2 + size + (closed ? 1 : 0)));
}

/// Reads \uXXXX, with the trailing surrogate that belongs to a leading one.
bool Lexer::read_hex_escape(std::string& out) {
  if (end_ + 6 >= text_.size()) return wrong_escape(text_.substr(end_ + 1));
  std::optional<char32_t> code = hex_number(text_.substr(end_ + 2, 4));
  if (!code) return wrong_escape(text_.substr(end_ + 1, 5));
  advance(6);
  if (is_leading(*code) && end_ + 6 < text_.size() && starts_with("\\u")) {
    std::optional<char32_t> next = hex_number(text_.substr(end_ + 2, 4));
    if (next && is_trailing(*next)) {
      code = 0x10000 + ((*code - 0xD800) << 10) + (*next - 0xDC00);
      advance(6);
    }
  }
  append_code(out, *code);
  return true;
}

Token Lexer::block_string() {
  advance(3);
  start_ = end_;
  start_rune_ = end_rune_;
  std::string value;
  while (!at_end()) {
    char c = current();
    if (c == '"') {
      std::size_t quotes = std::min(text_.find_first_not_of('"', end_), text_.size()) - end_;
      if (quotes >= 3) return finish_block_string(quotes, value);
    }
    if (is_control(c) && c != '\t' && c != '\n' && c != '\r')
      return invalid("Invalid character within String: " + unicode_escape(c) + ".");
    read_block_character(value);
  }
  return invalid("Unterminated string.");
}

void Lexer::read_block_character(std::string& out) {
  char c = current();
  if (starts_with(R"(\""")")) {
    out += R"(""")";
    advance(4);
  } else if (c == '\r') {
    advance(starts_with("\r\n") ? 2 : 1);
    out += '\n';
    new_line();
  } else {
    advance_rune(&out);
    if (c == '\n') new_line();
  }
}

/// The last three quotes close the string.
Token Lexer::finish_block_string(std::size_t quotes, std::string& value) {
  value.append(quotes - 3, '"');
  Token out = token(TokenKind::block_string, arena_->copy(block_string_value(value)));
  advance(quotes);
  return out;
}

}  // namespace lictor::builtins::graphql
