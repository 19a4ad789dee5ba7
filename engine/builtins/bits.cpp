// Bitwise operations on integers of any size, as Go's big.Int has them (two's complement).
#include <algorithm>

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

bool integers(Call& call, std::size_t count, BigInt* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<BigInt> value = call.big_integer(i);
    if (!value) return false;
    out[i] = *value;
  }
  return true;
}

BigInt complement(const BigInt& value) { return BigInt(-value - 1); }

/// Combines two's complements: -x is ~(x-1), so the operations on negatives follow from those on
/// the rest.
BigInt bit_and(const BigInt& a, const BigInt& b) {
  if (a >= 0 && b >= 0) return BigInt(a & b);
  if (a < 0 && b < 0) return complement(BigInt(complement(a) | complement(b)));
  const BigInt& positive = a < 0 ? b : a;
  BigInt mask = complement(a < 0 ? a : b);
  return BigInt(positive - (positive & mask));
}

BigInt bit_or(const BigInt& a, const BigInt& b) {
  return complement(bit_and(complement(a), complement(b)));
}

Value and_(Call& call) {
  BigInt in[2];
  return integers(call, 2, in) ? make_number(call.arena, bit_and(in[0], in[1])) : Value();
}
Value or_(Call& call) {
  BigInt in[2];
  return integers(call, 2, in) ? make_number(call.arena, bit_or(in[0], in[1])) : Value();
}
Value xor_(Call& call) {
  BigInt in[2];
  if (!integers(call, 2, in)) return Value();
  return make_number(call.arena, BigInt(bit_or(in[0], in[1]) - bit_and(in[0], in[1])));
}
Value negate_(Call& call) {
  BigInt in[1];
  return integers(call, 1, in) ? make_number(call.arena, complement(in[0])) : Value();
}

bool shift_operands(Call& call, BigInt* in) {
  if (!integers(call, 2, in)) return false;
  if (in[1] < 0) {
    call.type_error("operand 2 must be an unsigned integer number but got a negative integer");
    return false;
  }
  return true;
}

constexpr std::uint64_t most_bits = 1'000'000;

/// OPA shifts by the low 64 bits of a number.
std::uint64_t low_bits(const BigInt& value) {
  return static_cast<std::uint64_t>(BigInt(value & UINT64_MAX));
}

Value shift_left(Call& call) {
  BigInt in[2];
  if (!shift_operands(call, in)) return Value();
  std::uint64_t by = low_bits(in[1]);
  if (in[0] == 0) by = 0;
  if (by > most_bits) return call.fail("shift is too large");
  return make_number(call.arena, BigInt(in[0] << static_cast<unsigned>(by)));
}

Value shift_right(Call& call) {
  BigInt in[2];
  if (!shift_operands(call, in)) return Value();
  auto by = static_cast<unsigned>(std::min(low_bits(in[1]), most_bits));
  if (in[0] >= 0) return make_number(call.arena, BigInt(in[0] >> by));
  return make_number(call.arena, complement(BigInt(complement(in[0]) >> by)));
}

constexpr Builtin table[] = {
    {"bits.and", "(x: number, y: number) => z: number", and_},
    {"bits.or", "(x: number, y: number) => z: number", or_},
    {"bits.xor", "(x: number, y: number) => z: number", xor_},
    {"bits.negate", "(x: number) => z: number", negate_},
    {"bits.lsh", "(x: number, s: number) => z: number", shift_left},
    {"bits.rsh", "(x: number, s: number) => z: number", shift_right},
};

}  // namespace

std::span<const Builtin> bit_builtins() { return table; }

}  // namespace lictor::builtins
