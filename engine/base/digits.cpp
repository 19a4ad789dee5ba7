// Decimal digits come in runs of ten, from zero to nine, as of Go 1.27.
#include "base/digits.hpp"

#include <algorithm>
#include <iterator>

#include "base/hex.hpp"

namespace lictor {
namespace {

/// The zeros from U+0080 on.
constexpr char32_t zeros[] = {
    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,
    0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,
    0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
    0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x10D40, 0x11066,
    0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA,
    0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130,
    0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
    0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0};

}  // namespace

bool is_decimal_digit(char32_t code) {
  if (code < 0x80) return code >= '0' && code <= '9';
  auto after = std::upper_bound(std::begin(zeros), std::end(zeros), code);
  return after != std::begin(zeros) && code < *(after - 1) + 10;
}

bool separates_digits(std::string_view number) {
  if (number.starts_with('-') || number.starts_with('+')) number.remove_prefix(1);
  std::size_t digits = 0;
  char base = number.size() > 1 && number[0] == '0' ? static_cast<char>(number[1] | 0x20) : '\0';
  if (base == 'x' || base == 'b' || base == 'o') digits = 2;
  auto is_digit_at = [&](std::size_t at) {
    if (at >= number.size()) return false;
    return base == 'x' ? hex_digit(number[at]) >= 0 : is_digit(number[at]);
  };
  for (std::size_t i = number.find('_'); i != number.npos; i = number.find('_', i + 1)) {
    bool follows = i > 0 && (i == digits || is_digit_at(i - 1));
    if (!follows || !is_digit_at(i + 1)) return false;
  }
  return true;
}

}  // namespace lictor
