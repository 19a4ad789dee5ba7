#include "json/go_decoder.hpp"

#include <algorithm>
#include <vector>

#include "base/digits.hpp"
#include "base/unicode.hpp"
#include "json/read.hpp"

namespace lictor::json {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// The first character of a text as Go's character literal; a byte that is not UTF-8 in
/// hexadecimal.
std::string quoted_rune(std::string_view text) {
  if (text[0] == '"') return "'\"'";
  std::string_view first = text.substr(0, decode_rune(text, 0).size);
  std::string out;
  append_go_quoted(out, first, '\'');
  return out;
}

/// An escape sequence between backquotes, or as Go's string literal if that would not show it.
std::string quoted_escape(std::string_view text) {
  bool plain = valid_utf8(text);
  for (std::size_t i = 0; plain && i < text.size();) {
    Rune rune = decode_rune(text, i);
    plain = rune.code != '`' && rune.code != ' ' && is_printable(rune.code);
    i += rune.size;
  }
  if (plain) return "`" + std::string(text) + "`";
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// Finds the end of one value. Each scan_* is false once there is an error.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  const std::string& error() const { return error_; }
  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  char next() const { return text_[at_]; }

  void skip_space() {
    while (!at_end() && is_space(next())) ++at_;
  }

  bool scan_value() {
    skip_space();
    if (at_end()) return fail_with("EOF");
    std::vector<char> open;  // what closes each collection that is open
    while (true) {
      bool opened = false;
      if (!scan_start(open, opened)) return false;
      if (!opened && !scan_ends(open)) return false;
      if (!opened && open.empty()) return true;
    }
  }

 private:
  bool fail_with(std::string error) {
    error_ = std::move(error);
    return false;
  }

  std::string_view rest() const { return text_.substr(at_); }

  bool fail(const char* context) {
    return at_end() ? fail_with("unexpected EOF")
                    : fail_with("invalid character " + quoted_rune(rest()) + " " + context);
  }

  /// The beginning of a value, up to its end if it is no collection.
  bool scan_start(std::vector<char>& open, bool& opened) {
    constexpr std::size_t deepest = 10000;
    skip_space();
    if (at_end()) return fail("");
    char c = next();
    bool object = c == '{';
    if (!object && c != '[') return scan_scalar();
    if (open.size() == deepest) return fail_with("exceeded max depth");
    open.push_back(object ? '}' : ']');
    ++at_;
    skip_space();
    bool empty = !at_end() && next() == open.back();
    opened = !empty;
    if (empty) {
      open.pop_back();
      ++at_;
      return true;
    }
    return object ? scan_key() : true;
  }

  bool scan_key() {
    skip_space();
    if (at_end() || next() != '"') return fail("looking for beginning of object key string");
    if (!scan_string()) return false;
    skip_space();
    if (at_end() || next() != ':') return fail("after object key");
    ++at_;
    return true;
  }

  /// What stands behind a value, up to the next one.
  bool scan_ends(std::vector<char>& open) {
    while (!open.empty()) {
      skip_space();
      bool object = open.back() == '}';
      const char* context = object ? "after object key:value pair" : "after array element";
      if (at_end()) return fail(context);
      if (next() == ',') {
        ++at_;
        return object ? scan_key() : true;
      }
      if (next() != open.back()) return fail(context);
      ++at_;
      open.pop_back();
    }
    return true;
  }

  bool scan_scalar() {
    switch (next()) {
      case '"':
        return scan_string();
      case 't':
        return scan_word("true");
      case 'f':
        return scan_word("false");
      case 'n':
        return scan_word("null");
      default:
        if (next() == '-' || is_digit(next())) return scan_number();
        return fail("looking for beginning of value");
    }
  }

  bool scan_word(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
      if (!at_end() && next() == word[i]) continue;
      std::string context = "in literal " + std::string(word) + " (expecting '" + word[i] + "')";
      return fail(context.c_str());
    }
    return true;
  }

  void skip_digits() {
    while (!at_end() && is_digit(next())) ++at_;
  }

  bool scan_digits() {
    if (at_end() || !is_digit(next())) return fail("in numeric literal");
    skip_digits();
    return true;
  }

  bool scan_number() {
    if (next() == '-') ++at_;
    if (at_end() || !is_digit(next())) return fail("in numeric literal");
    if (next() == '0')
      ++at_;
    else
      skip_digits();
    if (!at_end() && next() == '.') {
      ++at_;
      if (!scan_digits()) return false;
    }
    if (at_end() || (next() != 'e' && next() != 'E')) return true;
    ++at_;
    if (!at_end() && (next() == '+' || next() == '-')) ++at_;
    return scan_digits();
  }

  bool scan_string() {
    for (++at_; !at_end() && next() != '"'; ++at_) {
      if (static_cast<unsigned char>(next()) < 0x20) return fail("in string");
      if (next() == '\\' && !scan_escape()) return false;
    }
    if (at_end()) return fail("");
    ++at_;
    return true;
  }

  bool fail_escape(std::size_t size) {
    return fail_with("invalid escape sequence " + quoted_escape(rest().substr(0, size)) +
                     " in string");
  }

  /// Starts at a backslash; ends on the escape's last character.
  bool scan_escape() {
    constexpr std::size_t size = 6;  // of \u0000
    std::string_view escape = rest().substr(0, size);
    if (escape.size() == 1) return fail_with("unexpected EOF");
    if (std::string_view("bfnrt\\/\"u").find(escape[1]) == std::string_view::npos)
      return fail_escape(2);
    if (escape[1] != 'u') {
      ++at_;
      return true;
    }
    if (!std::all_of(escape.begin() + 2, escape.end(), is_hex)) return fail_escape(size);
    if (escape.size() < size) return fail_with("unexpected EOF");
    at_ += size - 1;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

/// A token as Go formats it with %s.
std::string token_text(std::string_view token) {
  if (token == "true" || token == "false") return "%!s(bool=" + std::string(token) + ")";
  if (token[0] != '"') return std::string(token);
  Arena scratch;
  Result<Value> value = read_owned(token, scratch);
  return value ? std::string(value->as_text()) : std::string(token);
}

/// What is wrong with the text behind the first value: only its first token counts.
std::string error_behind(std::string_view rest) {
  Scanner scanner(rest);
  scanner.skip_space();
  if (scanner.at_end()) return {};
  std::size_t start = scanner.at();
  std::string token(1, scanner.next());
  bool closes = std::string_view("]},:").find(token[0]) != std::string_view::npos;
  if (closes) return "invalid character " + quoted_rune(token) + " looking for beginning of value";
  bool opens = token[0] == '[' || token[0] == '{';
  if (!opens) {
    if (!scanner.scan_value()) return scanner.error();
    token = rest.substr(start, scanner.at() - start);
    if (token == "null") return {};
  }
  return "error: invalid character '" + token_text(token) + "' after top-level value";
}

}  // namespace

GoDecoding go_decoding(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.scan_value()) return {{}, scanner.error()};
  return {text.substr(0, scanner.at()), error_behind(text.substr(scanner.at()))};
}

bool is_go_json(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.scan_value()) return false;
  scanner.skip_space();
  return scanner.at_end();
}

}  // namespace lictor::json
