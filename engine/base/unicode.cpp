// UTF-8 decoding with Go's rules: an invalid byte is one replacement rune of width one.
#include "base/unicode.hpp"

namespace lictor {

Rune decode_rune(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const Rune bad{replacement_rune, 1, false};
  unsigned b0 = byte(0);
  if (b0 < 0x80) return {b0, 1, true};
  if (b0 < 0xC2 || b0 > 0xF4) return bad;
  if (b0 < 0xE0) return tail(1) ? Rune{((b0 & 0x1F) << 6) | (byte(1) & 0x3F), 2, true} : bad;
  if (b0 < 0xF0) {
    char32_t code = ((b0 & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    bool ok = tail(1) && tail(2) && code >= 0x800 && (code < 0xD800 || code > 0xDFFF);
    return ok ? Rune{code, 3, true} : bad;
  }
  char32_t code =
      ((b0 & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F);
  bool ok = tail(1) && tail(2) && tail(3) && code >= 0x10000 && code <= 0x10FFFF;
  return ok ? Rune{code, 4, true} : bad;
}

void append_rune(std::string& out, char32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = replacement_rune;
  auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

std::size_t count_runes(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) i += decode_rune(text, i).size;
  return count;
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    Rune rune = decode_rune(text, i);
    if (!rune.valid) return false;
    i += rune.size;
  }
  return true;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    Rune rune = decode_rune(text, i);
    append_rune(out, rune.code);
    i += rune.size;
  }
  return out;
}

std::u32string to_runes(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    Rune rune = decode_rune(text, i);
    out.push_back(rune.code);
    i += rune.size;
  }
  return out;
}

std::string from_runes(std::u32string_view runes) {
  std::string out;
  for (char32_t rune : runes) append_rune(out, rune);
  return out;
}

namespace {

void append_escape(std::string& out, char32_t code, bool byte) {
  constexpr char digits[] = "0123456789abcdef";
  int count = byte || code < 0x80 ? 2 : code < 0x10000 ? 4 : 8;
  out += count == 2 ? "\\x" : count == 4 ? "\\u" : "\\U";
  for (int shift = 4 * (count - 1); shift >= 0; shift -= 4) out += digits[(code >> shift) & 15];
}

}  // namespace

void append_go_quoted(std::string& out, std::string_view text, char mark, bool ascii) {
  constexpr std::string_view controls = "\a\b\f\n\r\t\v", letters = "abfnrtv";
  out += mark;
  for (std::size_t at = 0; at < text.size();) {
    Rune rune = decode_rune(text, at);
    std::string_view whole = text.substr(at, rune.size);
    at += rune.size;
    std::size_t control = whole.size() == 1 ? controls.find(whole[0]) : controls.npos;
    if (!rune.valid) {
      append_escape(out, static_cast<unsigned char>(whole[0]), true);
    } else if (whole[0] == mark || whole[0] == '\\') {
      out += '\\';
      out += whole;
    } else if (control != controls.npos) {
      out += '\\';
      out += letters[control];
    } else if (is_printable(rune.code) && !(ascii && rune.code >= 0x80)) {
      out += whole;
    } else {
      append_escape(out, rune.code, false);
    }
  }
  out += mark;
}

}  // namespace lictor
