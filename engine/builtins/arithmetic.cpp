// Arithmetic: exact on integers, Go's big.Float otherwise.
// Source: OPA v1/topdown/arithmetic.go, numbers.go.
#include "builtins/families.hpp"
#include "builtins/watch.hpp"

namespace lictor::builtins {
namespace {

bool numbers(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.is(i, Kind::number)) {
      call.wrong_type(i, "number");
      return false;
    }
  }
  return true;
}

bool may_be_integers(Call& call) {
  return !is_plain_fraction(call[0]) && !is_plain_fraction(call[1]);
}

Value plus(Call& call) {
  if (!numbers(call)) return Value();
  std::int64_t sum = 0;
  if (call[0].is_integer() && call[1].is_integer() &&
      !__builtin_add_overflow(call[0].as_integer(), call[1].as_integer(), &sum)) {
    return Value::integer(sum);
  }
  if (may_be_integers(call)) {
    auto a = to_big_int(call[0]), b = to_big_int(call[1]);
    if (a && b) return make_number(call.arena, BigInt(*a + *b));
  }
  return make_number(call.arena, add(to_big_float(call[0]), to_big_float(call[1])));
}

Value minus(Call& call) {
  if (call.is(0, Kind::set) && call.is(1, Kind::set)) {
    return set_difference(call.arena, call[0], call[1]);
  }
  if (!call.is(0, Kind::number) && !call.is(0, Kind::set))
    return call.wrong_type(0, "one of {number, set}");
  if (call[0].kind() != call[1].kind()) {
    return call.wrong_type(1, call.is(1, Kind::number) ? "set" : "number");
  }
  std::int64_t difference = 0;
  if (call[0].is_integer() && call[1].is_integer() &&
      !__builtin_sub_overflow(call[0].as_integer(), call[1].as_integer(), &difference)) {
    return Value::integer(difference);
  }
  if (may_be_integers(call)) {
    auto a = to_big_int(call[0]), b = to_big_int(call[1]);
    if (a && b) return make_number(call.arena, BigInt(*a - *b));
  }
  return make_number(call.arena, add(to_big_float(call[0]), negate(to_big_float(call[1]))));
}

Value times(Call& call) {
  if (!numbers(call)) return Value();
  std::int64_t product = 0;
  if (call[0].is_integer() && call[1].is_integer() &&
      !__builtin_mul_overflow(call[0].as_integer(), call[1].as_integer(), &product)) {
    return Value::integer(product);
  }
  if (may_be_integers(call)) {
    auto a = to_big_int(call[0]), b = to_big_int(call[1]);
    if (a && b) return make_number(call.arena, BigInt(*a * *b));
  }
  return multiply_floats(call.arena, call[0], call[1]);
}

bool is_small(const Value& number) {
  std::optional<std::int64_t> value = to_plain_int64(number);
  return value && *value >= INT32_MIN && *value <= INT32_MAX;
}

Value divide_(Call& call) {
  if (!numbers(call)) return Value();
  if (call[0].is_integer() && call[1].is_integer()) {
    std::int64_t a = call[0].as_integer(), b = call[1].as_integer();
    if (b > 0 && a != 0 && a % b == 0) return Value::integer(a / b);
  }
  BigFloat divisor = to_big_float(call[1]);
  if (divisor.mantissa == 0) return call.fail("divide by zero");
  return make_number(call.arena, divide(to_big_float(call[0]), divisor));
}

Value remainder(Call& call) {
  if (!numbers(call)) return Value();
  if (call[0].is_integer() && call[1].is_integer() && call[1].as_integer() > 0) {
    return Value::integer(call[0].as_integer() % call[1].as_integer());
  }
  auto a = to_big_int(call[0]), b = to_big_int(call[1]);
  if (!a || !b) return call.fail("modulo on floating-point number");
  if (*b == 0) return call.fail("modulo by zero");
  return make_number(call.arena, BigInt(*a % *b));
}

bool number(Call& call) {
  if (call.is(0, Kind::number)) return true;
  call.wrong_type(0, "number");
  return false;
}

Value absolute(Call& call) {
  if (!number(call)) return Value();
  if (is_small(call[0])) return Value::integer(std::abs(*to_plain_int64(call[0])));
  BigFloat value = to_big_float(call[0]);
  value.negative = false;
  return make_number(call.arena, value);
}

/// floor and ceil go wrong between -1 and 1 in OPA, since the sign of a truncated zero is lost; so
/// they do here.
Value ceiling(Call& call) {
  if (!number(call)) return Value();
  if (is_small(call[0])) return Value::integer(*to_plain_int64(call[0]));
  BigFloat value = to_big_float(call[0]);
  bool fraction = false;
  auto small = small_truncate(value, fraction);
  if (small && *small < INT64_MAX)
    return Value::integer(*small + (fraction && *small >= 0 ? 1 : 0));
  BigInt whole = truncate(value);
  if (whole >= 0 && !is_integer(value)) ++whole;
  return make_number(call.arena, whole);
}

Value floor_(Call& call) {
  if (!number(call)) return Value();
  if (is_small(call[0])) return Value::integer(*to_plain_int64(call[0]));
  BigFloat value = to_big_float(call[0]);
  bool fraction = false;
  if (auto small = small_truncate(value, fraction))
    return Value::integer(*small - (fraction && *small < 0 ? 1 : 0));
  BigInt whole = truncate(value);
  if (whole < 0 && !is_integer(value)) --whole;
  return make_number(call.arena, whole);
}

Value round_(Call& call) {
  if (!number(call)) return Value();
  if (is_small(call[0])) return Value::integer(*to_plain_int64(call[0]));
  BigFloat value = to_big_float(call[0]);
  BigFloat half{value.negative, std::uint64_t{1} << 63, -64, 64};
  return make_number(call.arena, truncate(add(value, half)));
}

/// A longer range meets the limit of memory, also where an evaluation has none.
constexpr int most_in_range = 100'000'000;

/// numbers.range(a, b) and numbers.range_step(a, b, step).
Value make_range(Call& call, const BigInt& step) {
  std::optional<BigInt> bounds[2];
  for (std::size_t i = 0; i < 2; ++i) {
    bounds[i] = call.big_integer(i);
    if (!bounds[i]) return Value();
  }
  bool up = *bounds[0] <= *bounds[1];
  BigInt distance = up ? *bounds[1] - *bounds[0] : *bounds[0] - *bounds[1];
  BigInt count = distance / step + 1;
  if (count > most_in_range) throw MemoryLimit{};  // before any of them is made
  ArenaVector<Value> items(call.arena);
  items.reserve(static_cast<std::size_t>(count));
  BigInt stride = up ? step : BigInt(-step), at = *bounds[0];
  Watch watch(call.environment);
  for (std::size_t left = static_cast<std::size_t>(count); left > 0;
       --left, at += stride, watch.tick())
    items.push_back(make_number(call.arena, at));
  return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
}

Value range(Call& call) { return make_range(call, 1); }

Value range_step(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.big_integer(i)) return Value();
  }
  std::optional<BigInt> step = call.big_integer(2);
  if (!step) return Value();
  if (*step <= 0) return call.fail("numbers.range_step: step must be a positive integer");
  return make_range(call, *step);
}

constexpr Builtin table[] = {
    {"plus", "(x: number, y: number) => z: number", plus},
    {"minus", "(x: any<number, set[any]>, y: any<number, set[any]>) => z: any<number, set[any]>",
     minus},
    {"mul", "(x: number, y: number) => z: number", times},
    {"div", "(x: number, y: number) => z: number", divide_},
    {"rem", "(x: number, y: number) => z: number", remainder},
    {"abs", "(x: number) => y: number", absolute},
    {"ceil", "(x: number) => y: number", ceiling},
    {"floor", "(x: number) => y: number", floor_},
    {"round", "(x: number) => y: number", round_},
    {"numbers.range", "(a: number, b: number) => range: array[number]", range},
    {"numbers.range_step", "(a: number, b: number, step: number) => range: array[number]",
     range_step},
};

}  // namespace

std::span<const Builtin> arithmetic_builtins() { return table; }

}  // namespace lictor::builtins
