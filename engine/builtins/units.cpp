// Amounts with a unit, such as "10K" and "0.5GiB". Numbers are exact rationals in units.parse and
// Go's big.Float in units.parse_bytes.
// Source: OPA v1/topdown/parse_units.go, parse_bytes.go.
#include <algorithm>

#include "base/digits.hpp"
#include "base/letters.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// As Go's strings.ToLower, which replaces bytes that are not UTF-8 where a text has any beyond
/// ASCII.
std::string lower_text(std::string_view text) {
  std::u32string runes = to_runes(text);
  for (char32_t& rune : runes) rune = to_lower(rune);
  return from_runes(runes);
}

struct Amount {
  std::string number;
  std::string unit;
};

/// Splits where the first byte stands that can be no part of a number; an 'e' belongs to the number
/// if a digit or a sign follows it. False when the exponent has more than six digits.
bool split(const std::string& text, Amount& out) {
  std::size_t end = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool exponent = c == 'e' || c == 'E';
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    bool in_number = is_digit(c) || c == '.' || c == '+' || c == '-';
    if (exponent && !is_digit(next) && next != '+' && next != '-') exponent = false;
    if (!in_number && !exponent) {
      end = i;
      break;
    }
    if (!exponent) continue;
    if (!is_digit(next)) ++i;
    std::size_t last = i + 1;
    while (last < text.size() && is_digit(text[last])) ++last;
    if (last - i - 1 > 6) return false;
  }
  out = {text.substr(0, end), text.substr(end)};
  return true;
}

/// A number as Go reads it: sign, digits with a point anywhere among them, exponent.
bool is_amount(const std::string& text) {
  std::size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  std::size_t digits = 0, points = 0;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    points += text[i] == '.';
    digits += text[i] != '.';
  }
  if (digits == 0 || points > 1) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  ++i;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  std::size_t first = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i == text.size() && i > first;
}

std::uint64_t power(std::uint64_t base, int exponent) {
  std::uint64_t out = 1;
  for (int i = 0; i < exponent; ++i) out *= base;
  return out;
}

/// What a prefix multiplies by, such as "k", "ki"; 0 for what is none.
std::uint64_t multiple(std::string_view prefix) {
  constexpr std::string_view letters = "kmgtpe";
  if (prefix.empty()) return 1;
  std::size_t at = letters.find(prefix[0]);
  if (at == std::string_view::npos || prefix.size() > 2 || (prefix.size() == 2 && prefix[1] != 'i'))
    return 0;
  return power(prefix.size() == 2 ? 1024 : 1000, static_cast<int>(at) + 1);
}

/// The operand without quotes, split; false after a failure.
bool read_amount(Call& call, bool lower_case, Amount& out) {
  if (!call.has_strings(1)) return false;
  std::string text(call[0].as_string());
  std::erase(text, '"');
  if (lower_case) text = lower_text(text);
  std::string name = lower_case ? "units.parse_bytes: " : "units.parse: ";
  const char* wrong = nullptr;
  if (text.find(' ') != std::string::npos)
    wrong = "spaces not allowed in resource strings";
  else if (!split(text, out))
    wrong = "exponent too large";
  else if (out.number.empty())
    wrong = lower_case ? "no byte amount provided" : "no amount provided";
  if (wrong) call.fail(name + wrong);
  return wrong == nullptr;
}

/// A number too long to be written out in a reasonable time.
bool is_enormous(const BigFloat& value) { return value.exponent > 400'000; }

Value parse_bytes(Call& call) {
  Amount amount;
  if (!read_amount(call, true, amount)) return Value();
  std::string prefix = amount.unit;
  if (prefix.size() > 1 && prefix.back() == 'b') prefix.pop_back();
  std::uint64_t factor = multiple(prefix);
  if (factor == 0)
    return call.fail("units.parse_bytes: byte unit " + amount.unit + " not recognized");
  if (!is_amount(amount.number))
    return call.fail("units.parse_bytes: could not parse byte amount to a number");
  BigFloat number = to_big_float(Value::number_text(amount.number));
  if (is_enormous(number)) return call.fail("units.parse_bytes: number too big");
  BigFloat scale{false, factor << __builtin_clzll(factor), -__builtin_clzll(factor), 64};
  return make_number(call.arena, truncate(multiply(number, scale)));
}

struct Rational {
  BigInt numerator;
  BigInt denominator;  // positive
};

BigInt ten_to(std::size_t exponent) {
  return boost::multiprecision::pow(BigInt(10), static_cast<unsigned>(exponent));
}

Rational exact(const std::string& number) {
  std::string digits;
  std::int64_t exponent = 0;
  std::size_t e = std::min(number.find_first_of("eE"), number.size());
  if (e < number.size()) exponent = std::stoll(number.substr(e + 1));
  bool fraction = false;
  for (char c : number.substr(0, e)) {
    fraction |= c == '.';
    if (!is_digit(c)) continue;
    digits += c;
    exponent -= fraction;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  BigInt value(digits);
  if (number[0] == '-') value = -value;
  if (exponent < 0) return {value, ten_to(static_cast<std::size_t>(-exponent))};
  return {value * ten_to(static_cast<std::size_t>(exponent)), 1};
}

/// Ten digits behind the point, halves rounded away from zero; none for an integer.
std::string text_of(const Rational& value) {
  constexpr std::size_t places = 10;
  if (value.numerator % value.denominator == 0)
    return BigInt(value.numerator / value.denominator).str();
  BigInt magnitude = boost::multiprecision::abs(value.numerator) * ten_to(places);
  BigInt quotient = magnitude / value.denominator, rest = magnitude % value.denominator;
  if (rest * 2 >= value.denominator) ++quotient;
  std::string out = quotient.str();
  if (out.size() <= places) out.insert(0, places + 1 - out.size(), '0');
  out.insert(out.size() - places, 1, '.');
  return (value.numerator < 0 ? "-" : "") + out;
}

/// Makes a large exponent smaller, so that no large number is computed. Returns the zeros that are
/// then missing at the end of the amount, which is an integer also in thousandths; an amount that
/// is next to nothing stays so.
std::string take_zeros(std::string& number) {
  constexpr std::int64_t least = 1000;
  std::size_t e = number.find_first_of("eE");
  if (e == std::string::npos) return "";
  std::int64_t exponent = std::stoll(number.substr(e + 1));
  auto kept = least + static_cast<std::int64_t>(e);  // more than digits before and after the point
  if (std::abs(exponent) <= kept) return "";
  bool is_zero = number.substr(0, e).find_first_of("123456789") == std::string::npos;
  number = number.substr(0, e + 1) + std::to_string(exponent < 0 ? -kept : kept);
  return exponent < 0 || is_zero ? "" : std::string(static_cast<std::size_t>(exponent - kept), '0');
}

/// Only "m" and "M" differ by the case of the first letter.
Value parse(Call& call) {
  Amount amount;
  if (!read_amount(call, false, amount)) return Value();
  std::string unit = amount.unit;
  if (unit.size() > 1) unit = unit[0] + lower_text(std::string_view(unit).substr(1));
  bool milli = unit == "m";
  std::string prefix = unit;
  if (!prefix.empty()) prefix[0] = lower(prefix[0]);
  std::uint64_t factor = milli ? 1 : multiple(prefix);
  if (factor == 0) return call.fail("units.parse: unit " + unit + " not recognized");
  if (!is_amount(amount.number))
    return call.fail("units.parse: could not parse amount to a number");
  std::string zeros = take_zeros(amount.number);
  Rational value = exact(amount.number);
  value.numerator *= factor;
  if (milli) {
    // 0.001 as the double that is nearest to it: this mantissa times 2^-62.
    value.numerator *= 4611686018427388;
    value.denominator <<= 62;
  }
  return make_number(call.arena, text_of(value) + zeros);
}

constexpr Builtin table[] = {
    {"units.parse", "(x: string) => y: number", parse},
    {"units.parse_bytes", "(x: string) => y: number", parse_bytes},
};

}  // namespace

std::span<const Builtin> unit_builtins() { return table; }

}  // namespace lictor::builtins
