#include "json/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "base/base64.hpp"
#include "base/digits.hpp"
#include "json/yaml_parser.hpp"
#include "value/number.hpp"

namespace lictor::yaml {
namespace {

using Kind = Scalar::Kind;

template <std::size_t Count>
bool is_one_of(std::string_view text, const std::string_view (&words)[Count]) {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

// ---- Numbers ----

/// The value of digits in a base; nothing if one is none, or 64 bits do not hold it.
std::optional<std::uint64_t> digits_value(std::string_view digits, unsigned base) {
  std::uint64_t value = 0;
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, static_cast<int>(base));
  bool whole = !digits.empty() && end == digits.data() + digits.size() && error == std::errc();
  return whole ? std::optional(value) : std::nullopt;
}

/// Takes "0x", "0b", "0o" or a leading zero off the front.
unsigned take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  char letter = static_cast<char>(digits[1] | 0x20);
  unsigned base = digits.size() < 3 ? 0
                  : letter == 'x'   ? 16
                  : letter == 'b'   ? 2
                  : letter == 'o'   ? 8
                                    : 0;
  digits.remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

Scalar integer(std::int64_t value) {
  Scalar out;
  out.kind = Kind::integer;
  out.integer = value;
  return out;
}

/// An int64 with its sign, or without one also a uint64.
std::optional<Scalar> signed_value(std::string_view text, std::optional<unsigned> base = {}) {
  bool negative = text.starts_with('-'), has_sign = negative || text.starts_with('+');
  std::string_view digits = text.substr(has_sign ? 1 : 0);
  std::optional<std::uint64_t> value = digits_value(digits, base ? *base : take_base(digits));
  if (!value) return std::nullopt;
  constexpr std::uint64_t least = std::uint64_t{1} << 63;
  if (negative && *value <= least) return integer(static_cast<std::int64_t>(-*value));
  if (!negative && *value < least) return integer(static_cast<std::int64_t>(*value));
  if (has_sign) return std::nullopt;
  Scalar out;
  out.kind = Kind::unsigned_integer;
  out.unsigned_integer = *value;
  return out;
}

/// After "0b" and "0o" another sign is taken.
std::optional<Scalar> signed_after_prefix(std::string_view text) {
  bool negative = text.starts_with('-');
  std::string_view rest = text.substr(negative ? 1 : 0);
  bool binary = rest.starts_with("0b");
  if (!binary && !rest.starts_with("0o")) return std::nullopt;
  rest.remove_prefix(2);
  unsigned base = binary ? 2 : 8;
  return negative ? signed_value("-" + std::string(rest), base) : signed_value(rest, base);
}

/// [-+]? ( .digits | digits [ . digits? ] ) [ e [-+]? digits ]
bool is_float(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  std::size_t whole = 0, fraction = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) ++whole;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i) ++fraction;
  }
  if (whole + fraction == 0) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  if (++i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  std::size_t first = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i == text.size() && i > first;
}

Scalar floating(double value) {
  Scalar out;
  out.kind = Kind::floating;
  out.floating = value;
  return out;
}

std::optional<Scalar> float_value(const std::string& text) {
  if (!is_float(text)) return std::nullopt;
  double value = std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(value)) return std::nullopt;
  return floating(value);
}

std::optional<Scalar> number_value(const std::string& text) {
  std::string plain = text;
  std::erase(plain, '_');
  if (text[0] == '.') return separates_digits(text) ? float_value(plain) : std::nullopt;
  if (plain.empty()) return std::nullopt;
  if (auto value = signed_value(plain)) return value;
  if (auto value = float_value(plain)) return value;
  return signed_after_prefix(plain);
}

// ---- Words ----

std::optional<Scalar> word_value(std::string_view text) {
  constexpr std::string_view nulls[] = {"", "~", "null", "Null", "NULL"};
  constexpr std::string_view trues[] = {"true", "True", "TRUE"};
  constexpr std::string_view falses[] = {"false", "False", "FALSE"};
  constexpr std::string_view nans[] = {".nan", ".NaN", ".NAN"};
  constexpr std::string_view infinities[] = {".inf", ".Inf", ".INF"};
  if (is_one_of(text, nulls)) return Scalar{};
  if (is_one_of(text, trues) || is_one_of(text, falses)) {
    Scalar out;
    out.kind = Kind::boolean;
    out.boolean = is_one_of(text, trues);
    return out;
  }
  if (is_one_of(text, nans)) return floating(std::numeric_limits<double>::quiet_NaN());
  bool has_sign = text.starts_with('-') || text.starts_with('+');
  if (!is_one_of(text.substr(has_sign ? 1 : 0), infinities)) return std::nullopt;
  return floating(text[0] == '-' ? -HUGE_VAL : HUGE_VAL);
}

Scalar text_value(const std::string& text) {
  Scalar out;
  out.kind = Kind::text;
  out.text = text;
  return out;
}

/// What a text is by itself. Timestamps count only where no other tag is wanted.
Scalar implicit_value(const std::string& text, bool with_timestamps) {
  if (auto value = word_value(text)) return *value;
  bool number = is_digit(text[0]) || text[0] == '+' || text[0] == '-' || text[0] == '.';
  if (!number) return text_value(text);
  if (with_timestamps) {
    if (auto moment = parse_timestamp(text)) {
      Scalar out;
      out.kind = Kind::timestamp;
      out.timestamp = *moment;
      return out;
    }
  }
  if (auto value = number_value(text)) return *value;
  return text_value(text);
}

const char* tag_of(const Scalar& scalar) {
  switch (scalar.kind) {
    case Kind::null:
      return "!!null";
    case Kind::boolean:
      return "!!bool";
    case Kind::integer:
    case Kind::unsigned_integer:
      return "!!int";
    case Kind::floating:
      return "!!float";
    case Kind::timestamp:
      return "!!timestamp";
    case Kind::text:
      break;
  }
  return "!!str";
}

// ---- Timestamps ----

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// Takes a number of `least` to `most` digits.
bool take_number(std::string_view& text, std::size_t least, std::size_t most, int& out) {
  std::size_t count = 0;
  for (out = 0; count < most && count < text.size() && is_digit(text[count]); ++count)
    out = out * 10 + (text[count] - '0');
  text.remove_prefix(count);
  return count >= least;
}

int days_in(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool take_date(std::string_view& text, Timestamp& out) {
  bool read = take_number(text, 4, 4, out.year) && take(text, '-') &&
              take_number(text, 1, 2, out.month) && take(text, '-') &&
              take_number(text, 1, 2, out.day);
  return read && out.month >= 1 && out.month <= 12 && out.day >= 1 &&
         out.day <= days_in(out.year, out.month);
}

/// Any number of digits after a point or a comma, of which nine count.
void take_fraction(std::string_view& text, int& nanosecond) {
  bool point = text.size() > 1 && (text[0] == '.' || text[0] == ',') && is_digit(text[1]);
  if (!point) return;
  text.remove_prefix(1);
  int count = 0;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1)) {
    if (count++ < 9) nanosecond = nanosecond * 10 + (text[0] - '0');
  }
  for (; count < 9; ++count) nanosecond *= 10;
}

bool take_clock(std::string_view& text, Timestamp& out) {
  bool read = take_number(text, 1, 2, out.hour) && take(text, ':') &&
              take_number(text, 1, 2, out.minute) && take(text, ':') &&
              take_number(text, 1, 2, out.second);
  if (!read || out.hour > 23 || out.minute > 59 || out.second > 59) return false;
  take_fraction(text, out.nanosecond);
  return true;
}

bool take_zone(std::string_view& text, Timestamp& out) {
  if (take(text, 'Z')) return true;
  bool negative = text.starts_with('-');
  int hours = 0, minutes = 0;
  bool read = (take(text, '-') || take(text, '+')) && take_number(text, 2, 2, hours) &&
              take(text, ':') && take_number(text, 2, 2, minutes);
  if (!read || hours > 24 || minutes > 60) return false;
  out.zoned = true;
  out.offset = (hours * 60 + minutes) * (negative ? -1 : 1);
  return true;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Timestamp out;
  if (!take_date(text, out)) return std::nullopt;
  if (text.empty()) return out;
  bool zoned = take(text, 'T') || take(text, 't');
  if (!zoned && !take(text, ' ')) return std::nullopt;
  // Go's formats take any number of blanks for one.
  while (!zoned && take(text, ' ')) continue;
  if (!take_clock(text, out) || (zoned && !take_zone(text, out)) || !text.empty())
    return std::nullopt;
  return out;
}

std::string to_rfc3339(const Timestamp& moment) {
  int offset = std::abs(moment.offset);
  // 24:00 and more is no offset of RFC 3339.
  if (offset >= 24 * 60)
    throw Refused{
        "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: timezone hour "
        "outside of range [0,23]"};
  std::array<char, 64> buffer{};
  int size =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", moment.year,
                    moment.month, moment.day, moment.hour, moment.minute, moment.second);
  std::string out(buffer.data(), static_cast<std::size_t>(size));
  if (moment.nanosecond != 0) {
    std::snprintf(buffer.data(), buffer.size(), ".%09d", moment.nanosecond);
    out += buffer.data();
    out.erase(out.find_last_not_of('0') + 1);
  }
  if (offset == 0) return out + "Z";
  std::snprintf(buffer.data(), buffer.size(), "%c%02d:%02d", moment.offset < 0 ? '-' : '+',
                offset / 60, offset % 60);
  return out + buffer.data();
}

std::string float32_text(double value) {
  auto narrow = static_cast<float>(value);
  if (std::isnan(narrow)) return ".nan";
  if (std::isinf(narrow)) return narrow < 0 ? "-.inf" : ".inf";
  std::array<char, 64> buffer{};
  char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), narrow,
                            std::chars_format::scientific)
                  .ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  std::size_t e = text.find('e');
  for (char c : text.substr(0, e)) {
    if (is_digit(c)) decimal.digits += c;
  }
  if (decimal.digits == "0") decimal.digits.clear();
  decimal.point = decimal.digits.empty() ? 0 : std::atoi(text.data() + e + 1) + 1;
  return format_decimal(decimal, 'g', -1, true);
}

std::string short_tag(std::string_view tag) {
  if (!tag.starts_with(long_tag_prefix)) return std::string(tag);
  return "!!" + std::string(tag.substr(long_tag_prefix.size()));
}

std::string implicit_tag(const std::string& text) { return tag_of(implicit_value(text, true)); }

Scalar resolve(const std::string& tag, const std::string& text) {
  constexpr std::string_view typed[] = {"!!bool", "!!int", "!!float", "!!null", "!!timestamp"};
  if (!is_one_of(tag, typed)) return text_value(text);
  Scalar out = text == "<<" ? text_value(text) : implicit_value(text, tag == "!!timestamp");
  const char* found = text == "<<" ? "!!merge" : tag_of(out);
  if (tag == found) return out;
  if (tag == "!!float" && out.kind == Kind::integer)
    return floating(static_cast<double>(out.integer));
  throw Refused{"yaml: cannot decode " + std::string(found) + " `" + text + "` as a " + tag};
}

std::string decode_binary(std::string_view text) {
  std::string digits, out;
  for (char c : text) {
    if (c != '\r' && c != '\n') digits += c;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < digits.size() && digits[digits.size() - 1 - padding] == '=')
    ++padding;
  bool valid = digits.size() % 4 == 0;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; valid && i < digits.size(); ++i) {
    bool pad = i >= digits.size() - padding;
    std::size_t value = pad ? 0 : base64_standard.find(digits[i]);
    valid = value != std::string_view::npos;
    bits = bits << 6 | static_cast<std::uint32_t>(value & 63);
    if (i % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
    bits = 0;
  }
  if (!valid) throw Refused{"yaml: !!binary value contains invalid base64 data"};
  out.resize(out.size() - padding);
  return out;
}

}  // namespace lictor::yaml
