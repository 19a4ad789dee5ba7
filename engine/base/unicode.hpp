// UTF-8 in small pieces: decode one code point, encode one, count, and repair bad bytes as Go does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lictor {

constexpr char32_t replacement_rune = 0xFFFD;

struct Rune {
  char32_t code;
  std::uint32_t size;  // bytes consumed; 1 for an invalid byte, whose code is replacement_rune
  bool valid;
};

/// Decodes the code point that starts at text[at]; `at` is inside the text.
Rune decode_rune(std::string_view text, std::size_t at);
void append_rune(std::string& out, char32_t code);
std::size_t count_runes(std::string_view text);
bool valid_utf8(std::string_view text);
/// Replaces each invalid byte by U+FFFD.
std::string repair_utf8(std::string_view text);
/// Splits into code points; each invalid byte is one U+FFFD.
std::u32string to_runes(std::string_view text);
std::string from_runes(std::u32string_view runes);
/// As Go's strconv.IsPrint.
bool is_printable(char32_t code);
/// Appends `text` as Go's strconv.Quote writes it, between `mark`s; with `ascii`, in ASCII alone.
void append_go_quoted(std::string& out, std::string_view text, char mark = '"', bool ascii = false);

}  // namespace lictor
