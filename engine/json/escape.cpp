// Resolves JSON escapes.
#include "json/escape.hpp"

#include "base/hex.hpp"
#include "base/unicode.hpp"

namespace lictor::json {

namespace {

/// Reads the XXXX of \uXXXX; nullopt if it is not four hexadecimal digits.
std::optional<char32_t> read_hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  char32_t code = 0;
  for (char c : text.substr(0, 4)) {
    int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    code = code * 16 + static_cast<char32_t>(digit);
  }
  return code;
}

/// Reads \uXXXX or a pair of them at raw[at]; moves `at` to the last character read.
std::optional<char32_t> read_unicode(std::string_view raw, std::size_t& at) {
  std::optional<char32_t> code = read_hex4(raw.substr(at + 1));
  if (!code) return std::nullopt;
  at += 4;
  if (*code < 0xD800 || *code >= 0xDC00 || raw.substr(at + 1, 2) != "\\u") return code;
  std::optional<char32_t> low = read_hex4(raw.substr(at + 3));
  if (!low || *low < 0xDC00 || *low >= 0xE000) return code;
  at += 6;
  return 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
}

}  // namespace

std::optional<std::string> unescape(std::string_view raw) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (raw.find('\\') == std::string_view::npos) return std::string(raw);
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    bool is_control = static_cast<unsigned char>(raw[i]) < ' ';
    if (is_control) return std::nullopt;
    if (raw[i] != '\\') {
      out += raw[i];
      continue;
    }
    if (++i == raw.size()) return std::nullopt;
    if (raw[i] == 'u') {
      std::optional<char32_t> code = read_unicode(raw, i);
      if (!code) return std::nullopt;
      append_rune(out, *code);
      continue;
    }
    std::size_t letter = letters.find(raw[i]);
    if (letter == std::string_view::npos) return std::nullopt;
    out += meanings[letter];
  }
  return out;
}

}  // namespace lictor::json
