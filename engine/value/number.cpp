// Number texts, comparison, and conversions between the representations.
#include "value/number.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/digits.hpp"

namespace lictor {
namespace {

/// The exact value of a number text: (-1)^negative * digits * 10^exponent.
struct Parsed {
  bool negative = false;
  std::string digits;  // no leading zeros; empty means zero
  std::int64_t exponent = 0;
};

Parsed parse_text(std::string_view text) {
  Parsed out;
  std::size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) out.negative = text[i++] == '-';
  bool fraction = false;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      fraction = true;
      continue;
    }
    if (!out.digits.empty() || text[i] != '0') out.digits += text[i];
    if (fraction) --out.exponent;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    std::int64_t exponent = 0;
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (error == std::errc::result_out_of_range) exponent = text[i] == '-' ? -1000000 : 1000000;
    out.exponent += exponent;
  }
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  if (out.digits.empty()) out.exponent = 0;
  return out;
}

int compare_magnitude(const Parsed& a, const Parsed& b) {
  std::int64_t lead_a = static_cast<std::int64_t>(a.digits.size()) + a.exponent;
  std::int64_t lead_b = static_cast<std::int64_t>(b.digits.size()) + b.exponent;
  if (lead_a != lead_b) return lead_a < lead_b ? -1 : 1;
  int order = a.digits.compare(b.digits);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

std::string text_of(const Value& number) {
  return number.is_integer() ? std::to_string(number.as_integer()) : std::string(number.as_text());
}

using Wide = unsigned __int128;
using SignedWide = __int128;

constexpr std::uint64_t powers_of_ten[] = {1u,
                                           10u,
                                           100u,
                                           1000u,
                                           10000u,
                                           100000u,
                                           1000000u,
                                           10000000u,
                                           100000000u,
                                           1000000000u,
                                           10000000000u,
                                           100000000000u,
                                           1000000000000u,
                                           10000000000000u,
                                           100000000000000u,
                                           1000000000000000u,
                                           10000000000000000u,
                                           100000000000000000u,
                                           1000000000000000000u,
                                           10000000000000000000u};

/// mantissa / 10^scale with at most 15 digits: the numbers that requests hold.
struct SmallDecimal {
  std::int64_t mantissa = 0;
  int scale = 0;
};

bool read_small(const Value& number, SmallDecimal& out) {
  constexpr std::int64_t most = 999'999'999'999'999;
  if (number.is_integer()) {
    out = {number.as_integer(), 0};
    return out.mantissa <= most && out.mantissa >= -most;
  }
  std::string_view text = number.as_text();
  bool negative = text[0] == '-';
  constexpr std::size_t longest = 15 + 2;  // digits, a sign and a point
  if (text.size() > longest) return false;
  const char *first = text.data() + negative, *end = text.data() + text.size(), *at = first;
  std::int64_t mantissa = 0;
  for (; at != end && is_digit(*at); ++at) mantissa = mantissa * 10 + (*at - '0');
  const char* point = at;
  if (at != end && *at == '.') {
    for (++at; at != end && is_digit(*at); ++at) mantissa = mantissa * 10 + (*at - '0');
  }
  if (at != end || mantissa > most) return false;
  out.mantissa = negative ? -mantissa : mantissa;
  out.scale = point == end ? 0 : static_cast<int>(end - point - 1);
  return true;
}

int compare_small(const SmallDecimal& a, const SmallDecimal& b) {
  int scale = std::max(a.scale, b.scale);
  SignedWide x = SignedWide(a.mantissa) * powers_of_ten[scale - a.scale];
  SignedWide y = SignedWide(b.mantissa) * powers_of_ten[scale - b.scale];
  return x < y ? -1 : x > y ? 1 : 0;
}

int leading_zeros(Wide value) {
  auto high = static_cast<std::uint64_t>(value >> 64);
  return high != 0 ? __builtin_clzll(high)
                   : 64 + __builtin_clzll(static_cast<std::uint64_t>(value));
}

/// Rounds value * 2^exponent, whose top bit is set, to 64 bits, half to even; `sticky`: there is
/// something more below.
BigFloat round_half_even(Wide value, std::int64_t exponent, bool negative, bool sticky) {
  auto kept = static_cast<std::uint64_t>(value >> 64);
  auto rest = static_cast<std::uint64_t>(value);
  constexpr std::uint64_t half = std::uint64_t{1} << 63;
  bool up = rest > half || (rest == half && (sticky || (kept & 1) != 0));
  exponent += 64;
  if (up && ++kept == 0) {
    kept = half;
    ++exponent;
  }
  return BigFloat{negative, kept, exponent, 64};
}

/// As above, for any value.
BigFloat round_wide(Wide value, std::int64_t exponent, bool negative, bool sticky) {
  if (value == 0) return BigFloat{negative, 0, 0, 64};
  int zeros = leading_zeros(value);
  return round_half_even(value << zeros, exponent - zeros, negative, sticky);
}

/// mantissa / 10^scale for scale < 20, with one division of 128 bits by 64.
BigFloat short_quotient(std::uint64_t mantissa, int scale, bool negative) {
  if (mantissa == 0) return BigFloat{negative, 0, 0, 64};
  std::uint64_t divisor = powers_of_ten[scale];
  int up = __builtin_clzll(mantissa), down = __builtin_clzll(divisor);
  mantissa <<= up;
  divisor <<= down;
  // So that the quotient has 64 bits.
  int shift = mantissa < divisor ? 64 : 63;
  Wide dividend = Wide(mantissa) << shift;
  auto quotient = static_cast<std::uint64_t>(dividend / divisor);
  Wide rest = Wide(static_cast<std::uint64_t>(dividend % divisor)) * 2;
  BigFloat out{negative, quotient, down - up - shift, 64};
  bool rounds_up = rest > divisor || (rest == divisor && (quotient & 1) != 0);
  if (rounds_up && ++out.mantissa == 0) {
    out.mantissa = std::uint64_t{1} << 63;
    ++out.exponent;
  }
  return out;
}

/// mantissa / 10^scale for scale < 28.
BigFloat small_quotient(Wide mantissa, int scale, bool negative) {
  if (mantissa >> 64 == 0 && scale < 20)
    return short_quotient(static_cast<std::uint64_t>(mantissa), scale, negative);
  int shift = leading_zeros(mantissa) - 1;
  Wide divisor =
      scale < 20 ? Wide(powers_of_ten[scale]) : Wide(powers_of_ten[19]) * powers_of_ten[scale - 19];
  Wide dividend = mantissa << shift;
  Wide quotient = dividend / divisor, rest = dividend % divisor;
  std::int64_t exponent = -shift;
  if (quotient >> 95 == 0) {
    quotient = (quotient << 32) | ((rest << 32) / divisor);
    rest = (rest << 32) % divisor;
    exponent -= 32;
  }
  return round_wide(quotient, exponent, negative, rest != 0);
}

/// Reads a plain decimal text of up to 37 digits, 27 of them behind the point.
bool read_plain(std::string_view text, BigFloat& out) {
  SmallDecimal small;
  if (text.size() <= 15 && read_small(Value::number_text(text), small)) {
    bool negative = text[0] == '-';
    out = short_quotient(static_cast<std::uint64_t>(negative ? -small.mantissa : small.mantissa),
                         small.scale, negative);
    return true;
  }
  bool negative = !text.empty() && text[0] == '-';
  bool fraction = false;
  int digits = 0, scale = 0;
  Wide mantissa = 0;
  for (char c : text.substr(negative)) {
    if (c == '.') {
      fraction = true;
    } else if (is_digit(c)) {
      mantissa = mantissa * 10 + static_cast<unsigned>(c - '0');
      scale += fraction;
      if (++digits > 37 || scale > 27) return false;
    } else {
      return false;
    }
  }
  out = small_quotient(mantissa, scale, negative);
  return true;
}

/// A number as its digits before and behind the point, without zeros at the outer ends.
struct PlainDecimal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  char buffer[24];

  bool is_zero() const { return whole.empty() && fraction.empty(); }
};

/// False for exponents, and for fractions that end in a zero: those have a rule of their own.
bool read_plain_decimal(const Value& number, PlainDecimal& out) {
  std::string_view text;
  if (number.is_integer()) {
    auto end = std::to_chars(out.buffer, out.buffer + sizeof out.buffer, number.as_integer()).ptr;
    text = {out.buffer, static_cast<std::size_t>(end - out.buffer)};
  } else {
    text = number.as_text();
  }
  out.negative = text[0] == '-';
  if (out.negative) text.remove_prefix(1);
  if (text.find_first_of("eE") != std::string_view::npos) return false;
  std::size_t point = text.find('.');
  out.whole = text.substr(0, point);
  if (point != std::string_view::npos) out.fraction = text.substr(point + 1);
  while (!out.whole.empty() && out.whole[0] == '0') out.whole.remove_prefix(1);
  return out.fraction.empty() || out.fraction.back() != '0';
}

int compare_plain(const PlainDecimal& a, const PlainDecimal& b) {
  if (a.is_zero() && b.is_zero()) return 0;
  if (a.is_zero()) return b.negative ? 1 : -1;
  if (b.is_zero()) return a.negative ? -1 : 1;
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int order = a.whole.size() != b.whole.size() ? (a.whole.size() < b.whole.size() ? -1 : 1)
                                               : a.whole.compare(b.whole);
  if (order == 0) order = a.fraction.compare(b.fraction);
  return a.negative ? -order : order;
}

BigInt power_of_ten(std::int64_t exponent) {
  return boost::multiprecision::pow(BigInt(10), static_cast<unsigned>(exponent));
}

}  // namespace

bool is_number_text(std::string_view text) {
  std::size_t i = 0;
  auto digits = [&] {
    std::size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  std::size_t whole = i;
  if (!digits()) return false;
  if (text[whole] == '0' && i > whole + 1) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

namespace {

/// The exponent after "e", or nothing if 64 bits are too few for it.
std::optional<std::int64_t> exponent_of(std::string_view digits) {
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t out = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return error == std::errc() ? std::optional(out) : std::nullopt;
}

/// The binary logarithm of digits, of which some follow a point; nothing of zero.
std::optional<long double> log2_of_digits(std::string_view digits) {
  constexpr int most_read = 19;  // that a long double has exactly
  long double leading = 0;
  std::int64_t read = 0, more = 0;
  for (char c : digits) {
    if (!is_digit(c)) continue;
    if (read == 0 && c == '0') continue;
    if (read == most_read) {
      ++more;
      continue;
    }
    leading = leading * 10 + (c - '0');
    ++read;
  }
  if (read == 0) return std::nullopt;
  return std::log2(leading) + static_cast<long double>(more) * std::log2(10.0L);
}

}  // namespace

const char* number_fault(std::string_view text) {
  constexpr long double most = 1e5L;  // of the exponent to the base 2
  std::size_t e = std::min(text.find_first_of("eE"), text.size());
  if (e == text.size() && e < 30000) return nullptr;
  std::optional<std::int64_t> exponent = e == text.size() ? 0 : exponent_of(text.substr(e + 1));
  if (!exponent) return "invalid float";
  std::string_view digits = text.substr(0, e);
  std::optional<long double> log2 = log2_of_digits(digits);
  if (!log2) return nullptr;
  std::size_t point = std::min(digits.find('.'), e - 1);
  long double power = static_cast<long double>(*exponent) - static_cast<long double>(e - 1 - point);
  // Go's big.Float has powers of 2 apart from those of 5, and 32 bits for their exponent.
  long double power_of_two = std::floor(*log2) + 1 + power;
  if (power_of_two > 2147483647.0L || power_of_two < -2147483648.0L) return "invalid float";
  long double binary = std::floor(*log2 + power * std::log2(10.0L)) + 1;
  return binary > most || binary < -most ? "number too big" : nullptr;
}

const char* json_number_fault(std::string_view text) {
  const char* fault =
      text.find_first_of("eE") == std::string_view::npos ? nullptr : number_fault(text);
  if (!fault) return nullptr;
  return fault[0] == 'i' ? "invalid number: invalid float" : "invalid number: number too big";
}

Value view_number(std::string_view text) {
  std::int64_t integer = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error == std::errc() && end == text.data() + text.size() && text != "-0") {
    return Value::integer(integer);
  }
  return Value::number_text(text);
}

Value make_number(Arena& arena, std::string_view text) {
  Value view = view_number(text);
  return view.is_integer() ? view : Value::number_text(arena.copy(text));
}

Value make_number(Arena& arena, const BigInt& value) { return make_number(arena, value.str()); }

namespace {

/// For these the text is short, so that it can be made later into the number itself.
bool has_deferred_text(const BigFloat& value) {
  return value.precision == 64 && value.mantissa != 0 && value.exponent < 0 &&
         value.exponent >= -77 && !is_integer(value);
}

[[gnu::noinline]] Value make_spelled(Arena& arena, const BigFloat& value) {
  return make_number(arena, is_integer(value) ? format_fixed(value) : format_shortest(value));
}

}  // namespace

std::string_view Value::float_text() const noexcept {
  const FloatNumber& number = *float_;
  if (number.size == 0) {
    std::size_t size = format_small(number.value, number.text);
    if (size == 0) size = format_shortest(number.value).copy(number.text, sizeof number.text);
    number.size = static_cast<std::uint32_t>(size);
  }
  return {number.text, number.size};
}

Value prepare_number(Arena& arena, const Value& number) {
  if (!number.is(Kind::number) || !is_plain_fraction(number)) return number;
  std::string_view text = number.as_text();
  BigFloat value = to_big_float(number);
  if (text.size() > sizeof FloatNumber::text || !has_deferred_text(value)) return number;
  auto* prepared = arena.allocate<FloatNumber>(1);
  prepared->value = value;
  prepared->size = static_cast<std::uint32_t>(text.copy(prepared->text, text.size()));
  return Value::number_float(prepared);
}

namespace {

inline Value number_of_float(Arena& arena, const BigFloat& value) {
  if (value.precision == 64 && value.exponent < 0 && value.mantissa != 0 && is_integer(value)) {
    auto whole = static_cast<std::int64_t>(value.mantissa >> -value.exponent);
    return Value::integer(value.negative ? -whole : whole);
  }
  if (has_deferred_text(value)) {
    auto* number = arena.allocate<FloatNumber>(1);
    number->value = value;
    number->size = 0;
    return Value::number_float(number);
  }
  return make_spelled(arena, value);
}

}  // namespace

Value make_number(Arena& arena, const BigFloat& value) { return number_of_float(arena, value); }

Value make_number(Arena& arena, double value) {
  return make_number(arena, format_decimal(shortest_decimal(value), 'g', -1, true));
}

std::string number_text(const Value& number) { return text_of(number); }

namespace {

int compare_with_integer(const BigFloat& value, std::int64_t integer) {
  bool fraction = false;
  std::int64_t whole = *small_truncate(value, fraction);
  if (whole != integer) return whole < integer ? -1 : 1;
  return value.negative ? -1 : 1;
}

/// Bytes of a text as a number, the first one highest.
template <typename Word>
Word bytes_at(const char* text) {
  Word out;
  std::memcpy(&out, text, sizeof out);
  if constexpr (std::endian::native == std::endian::big) return out;
  return sizeof out == 2 ? __builtin_bswap16(static_cast<std::uint16_t>(out))
                         : __builtin_bswap32(out);
}

/// A number with a point as a word whose bytes are its characters, the first one highest, and zeros
/// behind them: of two that have their points at the same place the greater one says more.
struct ShortFraction {
  std::uint64_t word = 0;
  int point = 0;  // how many bits stand in front of it
};

/// False for what is longer than a word, negative, an integer, or written with an exponent.
bool read_short_fraction(std::string_view text, ShortFraction& out) {
  std::size_t size = text.size();
  if (size < 4 || size > 8) {
    if (size != 3) return false;
    out.word = std::uint64_t{bytes_at<std::uint16_t>(text.data())} << 48 |
               std::uint64_t{static_cast<unsigned char>(text[2])} << 40;
  } else {
    std::uint64_t first = bytes_at<std::uint32_t>(text.data());
    std::uint64_t last = bytes_at<std::uint32_t>(text.data() + size - 4);
    out.word = first << 32 | static_cast<std::uint32_t>(last << (8 * (8 - size)));
  }
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t points = out.word ^ each * '.';
  std::uint64_t found = (points - each) & ~points & each * 0x80;
  char lead = static_cast<char>(out.word >> 56);
  if (found == 0 || (out.word & each * 0x40) != 0 || !is_digit(lead)) return false;
  out.point = __builtin_clzll(found);
  if (lead == '0' && out.point != 8) return false;  // more zeros, as to_number() may leave them
  out.word |= each * '0' >> (4 * size) >> (4 * size);
  return true;
}

[[gnu::noinline]] int compare_others(const Value& a, const Value& b) {
  SmallDecimal small_a, small_b;
  if (read_small(a, small_a) && read_small(b, small_b)) return compare_small(small_a, small_b);
  PlainDecimal plain_a, plain_b;
  if (read_plain_decimal(a, plain_a) && read_plain_decimal(b, plain_b)) {
    return compare_plain(plain_a, plain_b);
  }
  std::string text_a = text_of(a);
  std::string text_b = text_of(b);
  if (text_a == text_b) return 0;
  Parsed x = parse_text(text_a);
  Parsed y = parse_text(text_b);
  if (x.digits.empty() && y.digits.empty()) return 0;
  if (x.digits.empty()) return y.negative ? 1 : -1;
  if (y.digits.empty()) return x.negative ? -1 : 1;
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order = compare_magnitude(x, y);
  if (order != 0 && (x.digits.size() > 15 || y.digits.size() > 15)) {
    // OPA compares long fractions that end in zeros as doubles first.
    auto padded = [](const Parsed& number, const std::string& text) {
      return number.exponent < 0 && text.back() == '0' &&
             text.find_first_of("eE") == std::string::npos;
    };
    if (padded(x, text_a) && padded(y, text_b) && to_double(a) == to_double(b)) return 0;
  }
  return x.negative ? -order : order;
}

}  // namespace

int compare_numbers(const Value& a, const Value& b) {
  auto order = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (a.is_integer() && b.is_integer()) return order(a.as_integer(), b.as_integer());
  // No integer lies between a float and its text.
  if (a.is_integer() && b.as_float())
    return -compare_with_integer(b.as_float()->value, a.as_integer());
  if (b.is_integer() && a.as_float())
    return compare_with_integer(a.as_float()->value, b.as_integer());
  ShortFraction x, y;
  bool fractions = !a.is_integer() && !b.is_integer() && read_short_fraction(a.as_text(), x) &&
                   read_short_fraction(b.as_text(), y);
  if (!fractions) return compare_others(a, b);
  return x.point != y.point ? order(x.point, y.point) : order(x.word, y.word);
}

std::optional<BigInt> to_big_int(const Value& number) {
  if (number.is_integer()) return BigInt(number.as_integer());
  Parsed parsed = parse_text(number.as_text());
  if (parsed.digits.empty()) return BigInt(0);
  if (parsed.exponent < 0 || parsed.exponent > 400000) return std::nullopt;
  BigInt out = BigInt(parsed.digits) * power_of_ten(parsed.exponent);
  return parsed.negative ? BigInt(-out) : out;
}

std::optional<std::int64_t> to_plain_int64(const Value& number) {
  if (number.is_integer()) return number.as_integer();
  if (!number.as_float() && number.as_text() == "-0") return 0;
  return std::nullopt;
}

namespace {

/// The digits before a decimal point, which only zeros may follow; anything else is no integer.
std::optional<std::uint64_t> whole_part(std::string_view text) {
  std::string_view whole = text.substr(0, text.find('.'));
  std::string_view fraction = text.substr(std::min(whole.size() + 1, text.size()));
  if (fraction.find_first_not_of('0') != fraction.npos) return std::nullopt;
  std::uint64_t out = 0;
  for (char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

/// An integer of at most 19 characters besides its sign. Source: OPA v1/util/performance.go,
/// Atoi64.
std::optional<std::int64_t> decimal_int64(std::string_view text) {
  constexpr std::size_t longest = 19;
  constexpr std::uint64_t bound = std::uint64_t{1} << 63;
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > longest) return std::nullopt;
  std::optional<std::uint64_t> out = whole_part(text);
  if (!out || *out > bound || (*out == bound && !negative)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? std::uint64_t{0} - *out : *out);
}

}  // namespace

std::optional<std::int64_t> array_index(std::string_view text) {
  std::optional<std::int64_t> out = decimal_int64(text);
  return out && *out >= 0 ? out : std::nullopt;
}

std::optional<std::int64_t> to_int64(const Value& number) {
  if (std::optional<std::int64_t> plain = to_plain_int64(number)) return plain;
  if (number.as_float()) return std::nullopt;  // it lies between integers
  return decimal_int64(number.as_text());
}

double to_double(const Value& number) {
  if (number.is_integer()) return static_cast<double>(number.as_integer());
  return std::strtod(std::string(number.as_text()).c_str(), nullptr);
}

namespace {

/// Rounds an integer (times 2^exponent, plus "something more" when sticky) to `precision` bits.
BigFloat round_big(const BigInt& magnitude, std::int64_t exponent, bool negative, bool sticky,
                   unsigned precision) {
  BigFloat out;
  out.negative = negative;
  out.precision = precision;
  if (magnitude == 0) return out;
  auto bits = static_cast<std::int64_t>(boost::multiprecision::msb(magnitude)) + 1;
  std::int64_t drop = bits - static_cast<std::int64_t>(precision);
  if (drop > 0) {
    auto shift = static_cast<unsigned>(drop);
    BigInt kept = magnitude >> shift;
    bool half = boost::multiprecision::bit_test(magnitude, shift - 1);
    bool below = sticky || (shift > 1 && boost::multiprecision::lsb(magnitude) < shift - 1);
    exponent += drop;
    if (half && (below || boost::multiprecision::bit_test(kept, 0))) ++kept;
    if (boost::multiprecision::msb(kept) + 1 > precision) {
      kept >>= 1;
      ++exponent;
    }
    out.mantissa = static_cast<std::uint64_t>(kept);
  } else {
    out.mantissa = static_cast<std::uint64_t>(magnitude);
  }
  int shift = __builtin_clzll(out.mantissa);
  out.mantissa <<= shift;
  out.exponent = exponent - shift;
  return out;
}

BigInt mantissa_of(const BigFloat& value) { return BigInt(value.mantissa); }

}  // namespace

namespace {

BigFloat to_float(std::int64_t value) {
  auto magnitude =
      value < 0 ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  int zeros = value == 0 ? 0 : __builtin_clzll(magnitude);
  return BigFloat{value < 0, magnitude << zeros, -zeros, 64};
}

BigFloat multiply_rounded(const BigFloat& a, const BigFloat& b) {
  // Both mantissas have their top bit set, so the product has 127 bits or 128.
  Wide product = Wide(a.mantissa) * b.mantissa;
  int shift = (product >> 127) == 0 ? 1 : 0;
  product <<= shift;
  return round_half_even(product, a.exponent + b.exponent - shift, a.negative != b.negative, false);
}

[[gnu::noinline]] Value multiply_any(Arena& arena, const Value& a, const Value& b) {
  return make_number(arena, multiply(to_big_float(a), to_big_float(b)));
}

}  // namespace

Value multiply_floats(Arena& arena, const Value& a, const Value& b) {
  if (a.is_integer() && a.as_integer() != 0 && b.as_float())
    return number_of_float(arena, multiply_rounded(to_float(a.as_integer()), b.as_float()->value));
  return multiply_any(arena, a, b);
}

BigFloat to_big_float(const Value& number, unsigned precision) {
  BigFloat small;
  if (precision == 64 && number.as_float()) return number.as_float()->value;
  if (precision == 64 && number.is_integer()) return to_float(number.as_integer());
  if (precision == 64 && read_plain(number.as_text(), small)) return small;
  Parsed parsed = parse_text(text_of(number));
  if (parsed.digits.empty()) return BigFloat{parsed.negative, 0, 0, precision};
  BigInt digits(parsed.digits);
  if (parsed.exponent >= 0) {
    return round_big(digits * power_of_ten(parsed.exponent), 0, parsed.negative, false, precision);
  }
  BigInt scale = power_of_ten(-parsed.exponent);
  auto shift = static_cast<unsigned>(boost::multiprecision::msb(scale) + 70);
  BigInt quotient, remainder;
  boost::multiprecision::divide_qr(BigInt(digits << shift), scale, quotient, remainder);
  return round_big(quotient, -static_cast<std::int64_t>(shift), parsed.negative, remainder != 0,
                   precision);
}

BigFloat add(const BigFloat& a, const BigFloat& b, unsigned precision) {
  if (a.mantissa == 0 && b.mantissa == 0)
    return BigFloat{a.negative && b.negative, 0, 0, precision};
  if (a.mantissa == 0) return round_big(mantissa_of(b), b.exponent, b.negative, false, precision);
  if (b.mantissa == 0) return round_big(mantissa_of(a), a.exponent, a.negative, false, precision);
  std::int64_t exponent = std::min(a.exponent, b.exponent);
  BigInt x = mantissa_of(a) << static_cast<unsigned>(a.exponent - exponent);
  BigInt y = mantissa_of(b) << static_cast<unsigned>(b.exponent - exponent);
  BigInt sum = (a.negative ? BigInt(-x) : x) + (b.negative ? BigInt(-y) : y);
  return round_big(boost::multiprecision::abs(sum), exponent, sum < 0, false, precision);
}

bool is_plain_fraction(const Value& number) {
  if (number.is_integer()) return false;
  if (number.as_float()) return true;
  std::string_view text = number.as_text();
  if (text.back() == '0') return false;
  bool point = false;
  for (char c : text) {
    if (c == 'e' || c == 'E') return false;
    point |= c == '.';
  }
  return point;
}

BigFloat multiply(const BigFloat& a, const BigFloat& b, unsigned precision) {
  if (precision == 64 && a.mantissa != 0 && b.mantissa != 0) {
    return multiply_rounded(a, b);
  }
  return round_big(mantissa_of(a) * mantissa_of(b), a.exponent + b.exponent,
                   a.negative != b.negative, false, precision);
}

BigFloat divide(const BigFloat& a, const BigFloat& b) {
  Wide dividend = Wide(a.mantissa) << 64;
  Wide quotient = dividend / b.mantissa, rest = dividend % b.mantissa;
  quotient = (quotient << 8) | ((rest << 8) / b.mantissa);
  rest = (rest << 8) % b.mantissa;
  return round_wide(quotient, a.exponent - b.exponent - 72, a.negative != b.negative, rest != 0);
}

std::optional<std::int64_t> small_truncate(const BigFloat& value, bool& fraction) {
  fraction = false;
  if (value.mantissa == 0) return 0;
  if (value.exponent >= 0) return std::nullopt;
  auto shift = static_cast<unsigned>(std::min<std::int64_t>(-value.exponent, 64));
  std::uint64_t whole = shift == 64 ? 0 : value.mantissa >> shift;
  fraction = shift == 64 || (value.mantissa & ((std::uint64_t{1} << shift) - 1)) != 0;
  auto magnitude = static_cast<std::int64_t>(whole);
  return value.negative ? -magnitude : magnitude;
}

BigFloat negate(BigFloat value) {
  value.negative = !value.negative;
  return value;
}

bool is_integer(const BigFloat& value) {
  if (value.mantissa == 0 || value.exponent >= 0) return true;
  return value.exponent > -64 &&
         (value.mantissa & ((std::uint64_t{1} << -value.exponent) - 1)) == 0;
}

BigInt truncate(const BigFloat& value) {
  BigInt out = mantissa_of(value);
  if (value.exponent >= 0) {
    out <<= static_cast<unsigned>(value.exponent);
  } else {
    out >>= static_cast<unsigned>(std::min<std::int64_t>(-value.exponent, 64));
  }
  return value.negative ? BigInt(-out) : out;
}

}  // namespace lictor
