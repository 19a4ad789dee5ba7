// Prints floats with the fewest decimal digits that read back, in Go's %e, %f and %g layouts.
// The digits come from the exact decimal expansions of the value and of the midpoints to its
// neighbours.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "value/number.hpp"

namespace lictor {
namespace {

/// Writes mantissa * 2^exponent exactly in decimal.
Decimal exact_decimal(const BigInt& mantissa, std::int64_t exponent) {
  Decimal out;
  if (exponent >= 0) {
    out.digits = BigInt(mantissa << static_cast<unsigned>(exponent)).str();
    out.point = static_cast<int>(out.digits.size());
  } else {
    // m / 2^k = m * 5^k / 10^k
    auto k = static_cast<unsigned>(-exponent);
    out.digits = BigInt(mantissa * boost::multiprecision::pow(BigInt(5), k)).str();
    out.point = static_cast<int>(out.digits.size()) - static_cast<int>(k);
  }
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  return out;
}

void round_up(Decimal& decimal, std::size_t count) {
  for (std::size_t i = count; i-- > 0;) {
    if (decimal.digits[i] < '9') {
      ++decimal.digits[i];
      decimal.digits.resize(i + 1);
      return;
    }
  }
  decimal.digits = "1";
  ++decimal.point;
}

void round_down(Decimal& decimal, std::size_t count) {
  decimal.digits.resize(std::min(count, decimal.digits.size()));
  while (!decimal.digits.empty() && decimal.digits.back() == '0') decimal.digits.pop_back();
}

void round_to(Decimal& decimal, std::size_t count) {
  if (count >= decimal.digits.size()) return;
  bool up =
      decimal.digits[count] > '5' ||
      (decimal.digits[count] == '5' && (count + 1 < decimal.digits.size() ||
                                        (count > 0 && (decimal.digits[count - 1] - '0') % 2 == 1)));
  if (up)
    round_up(decimal, count);
  else
    round_down(decimal, count);
}

char digit_at(const Decimal& decimal, std::size_t i) {
  return i < decimal.digits.size() ? decimal.digits[i] : '0';
}

/// Cuts the exact digits at the first place where the result still lies between the midpoints.
Decimal shortest(const BigInt& mantissa, std::int64_t exponent, bool inclusive) {
  Decimal value = exact_decimal(mantissa, exponent);
  Decimal lower = exact_decimal(mantissa * 2 - 1, exponent - 1);
  Decimal upper = exact_decimal(mantissa * 2 + 1, exponent - 1);
  for (std::size_t i = 0; i < value.digits.size(); ++i) {
    char low = digit_at(lower, i);
    char mid = digit_at(value, i);
    char high = digit_at(upper, i);
    bool ok_down = low != mid || (inclusive && i + 1 == lower.digits.size());
    bool past_upper = i >= upper.digits.size();  // its digits from here on are zeros
    bool ok_up = mid != high && (inclusive || mid + 1 < high || i + 1 < upper.digits.size() ||
                                 (past_upper && mid < '9'));
    if (ok_down && ok_up) {
      round_to(value, i + 1);
      return value;
    }
    if (ok_down) {
      round_down(value, i + 1);
      return value;
    }
    if (ok_up) {
      round_up(value, i + 1);
      return value;
    }
  }
  return value;
}

Decimal shortest_decimal(const BigFloat& value) {
  Decimal out;
  if (value.mantissa != 0) {
    unsigned unused = 64 - value.precision;
    std::uint64_t mantissa = value.mantissa >> unused;
    out = shortest(BigInt(mantissa), value.exponent + unused, (mantissa & 1) == 0);
  }
  out.negative = value.negative;
  return out;
}

std::string layout_fixed(const Decimal& decimal, int precision) {
  std::string out;
  auto digits = [&](int i) {
    return i >= 0 && i < static_cast<int>(decimal.digits.size())
               ? decimal.digits[static_cast<std::size_t>(i)]
               : '0';
  };
  if (decimal.point > 0) {
    for (int i = 0; i < decimal.point; ++i) out += digits(i);
  } else {
    out += '0';
  }
  if (precision > 0) {
    out += '.';
    for (int i = 0; i < precision; ++i) out += digits(decimal.point + i);
  }
  return out;
}

std::string layout_exponent(const Decimal& decimal, int precision, char letter) {
  std::string out(1, decimal.digits.empty() ? '0' : decimal.digits[0]);
  if (precision > 0) {
    out += '.';
    for (int i = 1; i <= precision; ++i) out += digit_at(decimal, static_cast<std::size_t>(i));
  }
  int exponent = decimal.digits.empty() ? 0 : decimal.point - 1;
  out += letter;
  out += exponent < 0 ? '-' : '+';
  std::string digits = std::to_string(std::abs(exponent));
  if (digits.size() < 2) digits.insert(0, 1, '0');
  return out + digits;
}

}  // namespace

std::string format_decimal(const Decimal& given, char verb, int precision, bool shortest) {
  Decimal decimal = given;
  int count = static_cast<int>(decimal.digits.size());
  std::string sign = decimal.negative ? "-" : "";
  switch (verb) {
    case 'e':
    case 'E':
      if (precision < 0) precision = std::max(count - 1, 0);
      round_to(decimal, static_cast<std::size_t>(precision + 1));
      return sign + layout_exponent(decimal, precision, verb);
    case 'f':
    case 'F':
      if (precision < 0) precision = std::max(count - decimal.point, 0);
      if (decimal.point + precision < 0)
        decimal.digits.clear();
      else
        round_to(decimal, static_cast<std::size_t>(decimal.point + precision));
      return sign + layout_fixed(decimal, precision);
    default:
      break;
  }
  if (precision == 0) precision = 1;
  if (precision > 0) round_to(decimal, static_cast<std::size_t>(precision));
  count = static_cast<int>(decimal.digits.size());
  int threshold = precision < 0 ? 6 : precision;
  if (threshold > count && count >= decimal.point) threshold = count;
  if (shortest) threshold = 6;
  int exponent = decimal.digits.empty() ? 0 : decimal.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    return sign + layout_exponent(decimal, std::max(count - 1, 0), verb == 'G' ? 'E' : 'e');
  }
  return sign + layout_fixed(decimal, std::max(count - decimal.point, 0));
}

/// Free-format digits (Steele and White): the whole part, then digits of the fraction until what is
/// left is less than half a unit in the last place of the mantissa.
std::size_t format_small(const BigFloat& value, char* buffer) {
  if (value.precision != 64 || value.mantissa == 0 || value.exponent > -1 || value.exponent < -77)
    return 0;
  auto bits = static_cast<unsigned>(-value.exponent);
  unsigned __int128 one = static_cast<unsigned __int128>(1) << bits;
  unsigned __int128 rest = value.mantissa & (one - 1);
  if (rest == 0) return 0;
  bool inclusive = (value.mantissa & 1) == 0;
  // Twice the values, so that half a unit is a whole number.
  rest *= 2;
  one *= 2;
  unsigned __int128 half = 1;
  char digits[64];
  auto end = std::to_chars(digits, digits + 24, bits < 64 ? value.mantissa >> bits : 0).ptr;
  auto whole = static_cast<int>(end - digits);
  for (;;) {
    rest *= 10;
    half *= 10;
    auto digit = static_cast<char>('0' + static_cast<int>(rest >> (bits + 1)));
    rest &= one - 1;
    bool low = inclusive ? rest <= half : rest < half;
    bool high = inclusive ? rest + half >= one : rest + half > one;
    *end++ = digit;
    if (!low && !high) continue;
    bool up = high && (!low || rest * 2 > one || (rest * 2 == one && (digit - '0') % 2 == 1));
    for (char* at = end - 1; up; --at) {
      if (at < digits) return 0;
      up = *at == '9';
      *at = up ? '0' : static_cast<char>(*at + 1);
    }
    break;
  }
  while (end > digits + whole && end[-1] == '0') --end;
  if (end == digits + whole) return 0;
  // Below 0.0001 the layout has an exponent.
  if (bits >= 64 && std::string_view(digits + 1, 4) == "0000") return 0;
  char* out = buffer;
  if (value.negative) *out++ = '-';
  bool exponential = whole > 6;
  out = std::copy(digits, digits + (exponential ? 1 : whole), out);
  *out++ = '.';
  out = std::copy(digits + (exponential ? 1 : whole), end, out);
  if (exponential) {
    *out++ = 'e';
    *out++ = '+';
    *out++ = static_cast<char>('0' + (whole - 1) / 10);
    *out++ = static_cast<char>('0' + (whole - 1) % 10);
  }
  return static_cast<std::size_t>(out - buffer);
}

std::string format_fixed(const BigFloat& value) {
  return format_decimal(shortest_decimal(value), 'f', -1, true);
}

std::string format_shortest(const BigFloat& value) {
  return format_decimal(shortest_decimal(value), 'g', -1, true);
}

Decimal shortest_decimal(double value) {
  Decimal out;
  out.negative = std::signbit(value);
  if (value == 0 || !std::isfinite(value)) return out;
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value),
                                    std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  std::size_t e = text.find('e');
  for (char c : text.substr(0, e)) {
    if (c != '.') out.digits += c;
  }
  out.point = std::atoi(std::string(text.substr(e + 1)).c_str()) + 1;
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  return out;
}

}  // namespace lictor
