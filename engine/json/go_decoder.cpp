#include "json/go_decoder.hpp"

#include <vector>

#include "base/unicode.hpp"
#include "json/read.hpp"

namespace lictor::json {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// A byte as a character literal; from 0x80 on it is taken for a character of Latin-1.
std::string quoted(char c) {
  if (c == '"') return "'\"'";
  std::string out;
  append_go_quoted(out, from_runes(std::u32string(1, static_cast<unsigned char>(c))), '\'');
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

  bool fail(const char* context) {
    return at_end() ? fail_with("unexpected EOF")
                    : fail_with("invalid character " + quoted(next()) + " " + context);
  }

  /// The beginning of a value, up to its end if it is no collection.
  bool scan_start(std::vector<char>& open, bool& opened) {
    constexpr std::size_t deepest = 10000;
    skip_space();
    if (at_end()) return fail("");
    char c = next();
    bool object = c == '{';
    if (!object && c != '[') return scan_scalar();
    if (open.size() == deepest) return fail("exceeded max depth");
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

  bool scan_digits(const char* context) {
    if (at_end() || !is_digit(next())) return fail(context);
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
      if (!scan_digits("after decimal point in numeric literal")) return false;
    }
    if (at_end() || (next() != 'e' && next() != 'E')) return true;
    ++at_;
    if (!at_end() && (next() == '+' || next() == '-')) ++at_;
    return scan_digits("in exponent of numeric literal");
  }

  bool scan_string() {
    for (++at_; !at_end() && next() != '"'; ++at_) {
      if (static_cast<unsigned char>(next()) < 0x20) return fail("in string literal");
      if (next() == '\\' && !scan_escape()) return false;
    }
    if (at_end()) return fail("");
    ++at_;
    return true;
  }

  /// Ends on the escape's last character.
  bool scan_escape() {
    ++at_;
    if (at_end() || std::string_view("bfnrt\\/\"u").find(next()) == std::string_view::npos)
      return fail("in string escape code");
    if (next() != 'u') return true;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (at_end() || !is_hex(next())) return fail("in \\u hexadecimal character escape");
    }
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
  if (closes) return "invalid character " + quoted(token[0]) + " looking for beginning of value";
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

}  // namespace lictor::json
