// Numbers: a decimal text that keeps its spelling, with OPA's arithmetic on it.
// In: JSON number texts. Out: Values of kind number (int64 where the text is canonical, else the
// text). Integers are exact at any size; other arithmetic is a binary float with a 64-bit mantissa,
// rounded half to even and printed with the fewest digits that read back (Go's big.Float at its
// default precision). Source: OPA v1/topdown/arithmetic.go, v1/ast/compare.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/multiprecision/cpp_int.hpp>

#include "base/arena.hpp"
#include "lictor/value.hpp"

namespace lictor {

using BigInt = boost::multiprecision::cpp_int;

/// value = (-1)^negative * mantissa * 2^exponent; the mantissa's top bit is set unless it is zero.
struct BigFloat {
  bool negative = false;
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  unsigned precision = 64;  // bits that the last operation rounded to
};

/// A float between integers, of an absolute value from 2^-14 to 2^63, and its text.
/// INVARIANT: one thread spells a number that arithmetic made; constants are spelled already.
struct FloatNumber {
  BigFloat value;
  mutable std::uint32_t size = 0;  // of the text; 0 until it is made
  mutable char text[48];
};

/// True if `text` has the form of a JSON number.
bool is_number_text(std::string_view text);
/// Why OPA refuses a number text, in its words: "invalid float" or "number too big"; null if it
/// does not. Only exponents, and some 30,000 digits, are too much.
const char* number_fault(std::string_view text);
/// As above for numbers in JSON, which may have any number of digits: "invalid number: …".
const char* json_number_fault(std::string_view text);
/// Makes a number of a JSON number text; copies the text into `arena` unless it is an int64.
Value make_number(Arena& arena, std::string_view text);
/// As above, for a text that outlives the value.
Value view_number(std::string_view text);
Value make_number(Arena& arena, const BigInt& value);
Value make_number(Arena& arena, const BigFloat& value);
/// The same number, with its float made ahead where it has one.
Value prepare_number(Arena& arena, const Value& number);
/// Makes a number of a double, spelled with the fewest digits as Go's 'g' format.
Value make_number(Arena& arena, double value);

/// The number's text as OPA prints it.
std::string number_text(const Value& number);

/// The most bytes that the text of an int64 has.
inline constexpr std::size_t longest_integer = 20;

int compare_numbers(const Value& a, const Value& b);

std::optional<BigInt> to_big_int(const Value& number);
/// The value as int64 where it is spelled as an integer, or with a fraction of zeros: 1 and 1.0,
/// but not 1e0. That is what OPA takes for an index or a count.
std::optional<std::int64_t> to_int64(const Value& number);
/// The place of an array's item that a text names in a path of base documents, whose parts are all
/// texts: "1", "+1", "01" and "1.0" name the same. Source: OPA v1/util/performance.go, Atoi64.
std::optional<std::int64_t> array_index(std::string_view text);
/// The value as int64 where it is spelled as a plain integer.
std::optional<std::int64_t> to_plain_int64(const Value& number);
BigFloat to_big_float(const Value& number, unsigned precision = 64);
double to_double(const Value& number);

/// The product of two numbers as floats.
Value multiply_floats(Arena& arena, const Value& a, const Value& b);
BigFloat add(const BigFloat& a, const BigFloat& b, unsigned precision = 64);
BigFloat multiply(const BigFloat& a, const BigFloat& b, unsigned precision = 64);
/// `b` is not zero.
BigFloat divide(const BigFloat& a, const BigFloat& b);
BigFloat negate(BigFloat value);
/// True for what is no integer and spelled without an exponent.
bool is_plain_fraction(const Value& number);
bool is_integer(const BigFloat& value);
/// The whole part where it fits an int64, and whether something is left of it.
std::optional<std::int64_t> small_truncate(const BigFloat& value, bool& fraction);
/// Writes 0.0001 <= |value| < 2^63 with a fraction as format_shortest does, into a buffer of 64
/// bytes; returns the number of bytes, 0 for other values.
std::size_t format_small(const BigFloat& value, char* buffer);
/// Truncates towards zero.
BigInt truncate(const BigFloat& value);
/// Rounds to as many bits as the integer needs, at least 64, as Go's SetInt does.
std::string format_fixed(const BigFloat& value);
std::string format_shortest(const BigFloat& value);

/// A number's first significant digits and where the decimal point stands: 0.d1d2d3… × 10^point.
struct Decimal {
  bool negative = false;
  std::string digits;
  int point = 0;
};
/// Go's %e, %f and %g over digits that are already rounded. A negative precision means "as many as
/// there are".
std::string format_decimal(const Decimal& decimal, char verb, int precision, bool shortest);
/// The fewest digits that read back as `value`.
Decimal shortest_decimal(double value);

}  // namespace lictor
