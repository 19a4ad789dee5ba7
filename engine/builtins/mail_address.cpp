#include "builtins/mail_address.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/go_address.hpp"
#include "base/unicode.hpp"

namespace lictor::builtins {
namespace {

bool is_blank(std::uint32_t c) { return c == ' ' || c == '\t'; }
bool is_visible(std::uint32_t c) { return c > ' ' && c != 0x7F; }
bool is_word_character(std::uint32_t c, bool with_dots) {
  if (c == '.') return with_dots;
  constexpr std::string_view marks = "()<>[]:;@\\,\"";
  return is_visible(c) && (c > 0x7F || marks.find(static_cast<char>(c)) == marks.npos);
}

bool is_base64(std::string_view text) {
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string_view digits = text.substr(0, text.size() - padding);
  return text.size() % 4 == 0 && std::all_of(digits.begin(), digits.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/';
         });
}

/// The encoding of "=?UTF-8?q?a=20b?=", in which a hexadecimal number follows each "=".
bool is_quoted_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '=') {
      bool whole = i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                   std::isxdigit(static_cast<unsigned char>(text[i + 2]));
      if (!whole) return false;
      i += 2;
    } else if (!(c >= ' ' && c <= '~') && c != '\n' && c != '\r' && c != '\t') {
      return false;
    }
  }
  return true;
}

/// What an encoded word is: a text as it is, one that can be decoded, or one of a character set
/// that nobody knows.
enum class Encoding { none, known, unknown };

Encoding encoding_of(std::string_view word) {
  bool marked = word.size() >= 8 && word.starts_with("=?") && word.ends_with("?=") &&
                std::count(word.begin(), word.end(), '?') == 4;
  if (!marked) return Encoding::none;
  std::string_view rest = word.substr(2, word.size() - 4);
  std::string set(rest.substr(0, rest.find('?')));
  rest.remove_prefix(set.size() + 1);
  std::string_view kind = rest.substr(0, rest.find('?'));
  std::string_view text = rest.substr(kind.size() + 1);
  if (set.empty() || kind.size() != 1) return Encoding::none;
  bool is_good = (kind == "b" || kind == "B")   ? is_base64(text)
                 : (kind == "q" || kind == "Q") ? is_quoted_printable(text)
                                                : false;
  if (!is_good) return Encoding::none;
  std::transform(set.begin(), set.end(), set.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  bool is_known = set == "utf-8" || set == "iso-8859-1" || set == "us-ascii";
  return is_known ? Encoding::known : Encoding::unknown;
}

bool is_ip(std::string_view text, bool with_colons) {
  return address_error(text).empty() && text.find('%') == text.npos &&
         (text.find(':') != text.npos) == with_colons;
}

/// Each function that returns a bool has read what it is named after, or returns false.
class AddressReader {
 public:
  explicit AddressReader(std::string_view text) : rest_(text) {}

  bool single_address() {
    std::size_t addresses = 0;
    return address(true, addresses) && blanks_and_comments() && rest_.empty() && addresses == 1;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (!rest_.empty() && is_blank(static_cast<unsigned char>(rest_[0]))) rest_.remove_prefix(1);
  }

  bool address(bool may_be_group, std::size_t& addresses) {
    skip_blanks();
    if (rest_.empty()) return false;
    if (plain_address()) {
      ++addresses;
      skip_blanks();
      return !rest_.starts_with('(') || name_in_comment();
    }
    if (!rest_.starts_with('<') && !phrase()) return false;
    skip_blanks();
    if (may_be_group && take(':')) return group(addresses);
    if (!take('<') || !plain_address() || !take('>')) return false;
    ++addresses;
    return true;
  }

  bool group(std::size_t& addresses) {
    skip_blanks();
    if (take(';')) return blanks_and_comments();
    for (;;) {
      skip_blanks();
      if (!address(false, addresses) || !blanks_and_comments()) return false;
      if (take(';')) return blanks_and_comments();
      if (!take(',')) return false;
    }
  }

  /// local@domain; nothing is read if it is none.
  bool plain_address() {
    std::string_view start = rest_;
    bool good = local_part() && take('@') && domain();
    if (!good) rest_ = start;
    return good;
  }

  bool local_part() {
    skip_blanks();
    std::size_t length = 0;
    if (rest_.starts_with('"')) return quoted(length) && length > 0;
    return dotted_word();
  }

  bool domain() {
    skip_blanks();
    return rest_.starts_with('[') ? literal() : dotted_word();
  }

  bool dotted_word() {
    std::string_view word;
    return take_word(word) && !word.starts_with('.') && !word.ends_with('.') &&
           word.find("..") == word.npos;
  }

  bool take_word(std::string_view& out) {
    std::size_t at = 0;
    while (at < rest_.size()) {
      Rune rune = decode_rune(rest_, at);
      if (!rune.valid) return false;
      if (!is_word_character(rune.code, true)) break;
      at += rune.size;
    }
    out = rest_.substr(0, at);
    rest_.remove_prefix(at);
    return at > 0;
  }

  bool quoted(std::size_t& length) {
    bool escaped = false;
    for (std::size_t at = 1; at < rest_.size();) {
      Rune rune = decode_rune(rest_, at);
      if (!rune.valid) return false;
      at += rune.size;
      if (!escaped && rune.code == '"') {
        rest_.remove_prefix(at);
        return true;
      }
      if (!is_visible(rune.code) && !is_blank(rune.code)) return false;
      escaped = !escaped && rune.code == '\\';
      length += !escaped;
    }
    return false;
  }

  /// "[127.0.0.1]" or "[IPv6:::1]".
  bool literal() {
    std::size_t close = rest_.find(']');
    if (close == rest_.npos) return false;
    std::string_view text = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    constexpr std::string_view version = "IPv6:";
    if (!text.starts_with(version)) return is_ip(text, false) || is_mapped_ip(text);
    text.remove_prefix(version.size());
    return is_ip(text, true) || is_ip(text, false);
  }

  /// An IPv4 address in IPv6's notation.
  static bool is_mapped_ip(std::string_view text) {
    constexpr std::string_view prefix = "::ffff:";
    if (!is_ip(text, true) || text.size() < prefix.size()) return false;
    return std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
      return a == std::tolower(static_cast<unsigned char>(b));
    });
  }

  /// One word or more; what follows the last one is left.
  bool phrase() {
    std::size_t words = 0;
    bool encoded = false;
    for (;;) {
      if (words > 0 && !blanks_and_comments()) return false;
      skip_blanks();
      if (rest_.empty()) break;
      if (rest_.starts_with('"')) {
        std::size_t length = 0;
        if (!quoted(length)) break;
      } else {
        std::string_view word;
        if (!take_word(word)) break;
        Encoding encoding = encoding_of(word);
        if (encoding == Encoding::unknown) break;
        if (encoding == Encoding::known) {
          encoded = true;
          continue;
        }
      }
      ++words;
    }
    return words > 0 || encoded;
  }

  bool name_in_comment() {
    std::string_view start = rest_.substr(1);
    take('(');
    if (!comment()) return false;
    std::string_view text = start.substr(0, start.size() - rest_.size() - 1);
    while (!text.empty()) {
      std::size_t end = std::min(text.find_first_of(" \t"), text.size());
      if (encoding_of(text.substr(0, end)) == Encoding::unknown) return false;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
  }

  /// What follows an opening parenthesis, up to the one that closes it.
  bool comment() {
    int depth = 1;
    while (depth > 0 && !rest_.empty()) {
      if (rest_[0] == '\\' && rest_.size() > 1)
        rest_.remove_prefix(1);
      else if (rest_[0] == '(')
        ++depth;
      else if (rest_[0] == ')')
        --depth;
      rest_.remove_prefix(1);
    }
    return depth == 0;
  }

  bool blanks_and_comments() {
    skip_blanks();
    while (take('(')) {
      if (!comment()) return false;
      skip_blanks();
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

bool is_mail_address(std::string_view text) { return AddressReader(text).single_address(); }

}  // namespace lictor::builtins
