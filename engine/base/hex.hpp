// Hexadecimal digits and bytes.
#pragma once

#include <string>
#include <string_view>

namespace lictor {

/// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Two capital digits.
inline void append_hex_byte(std::string& out, char byte) {
  constexpr char digits[] = "0123456789ABCDEF";
  out += digits[static_cast<unsigned char>(byte) >> 4];
  out += digits[static_cast<unsigned char>(byte) & 15];
}

/// Two small digits a byte, and the separator between bytes.
inline std::string hex_text(std::string_view bytes, std::string_view separator = {}) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) out += separator;
    out += digits[static_cast<unsigned char>(bytes[i]) >> 4];
    out += digits[static_cast<unsigned char>(bytes[i]) & 15];
  }
  return out;
}

}  // namespace lictor
