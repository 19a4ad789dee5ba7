// Aggregates over arrays, sets and (for count) objects and strings.
// Source: OPA v1/topdown/aggregates.go.
#include <algorithm>

#include "base/unicode.hpp"
#include "builtins/families.hpp"
#include "builtins/watch.hpp"

namespace lictor::builtins {
namespace {

bool is_list(Call& call, const char* wanted = "one of {set, array}") {
  if (call.is(0, Kind::array) || call.is(0, Kind::set)) return true;
  call.wrong_type(0, wanted);
  return false;
}

Value count(Call& call) {
  if (call[0].is_collection()) return Value::integer(call[0].size());
  if (call.is(0, Kind::string))
    return Value::integer(static_cast<std::int64_t>(count_runes(call[0].as_text())));
  return call.wrong_type(0, "one of {array, object, set, string}");
}

bool all_numbers(Call& call) {
  if (!is_list(call)) return false;
  Watch watch(call.environment);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    watch.tick();
    const Value& item = call[0].items()[i];
    if (item.is(Kind::number)) continue;
    const char* kind = call.is(0, Kind::array) ? "array" : "set";
    call.type_error("operand 1 must be " + std::string(kind) + " of numbers but got " + kind +
                    " containing " + kind_name(item.kind()));
    return false;
  }
  return true;
}

bool all_integers(const Value& list, Watch& watch) {
  return std::all_of(list.items(), list.items() + list.size(), [&](const Value& item) {
    watch.tick();
    return to_big_int(item).has_value();
  });
}

Value sum(Call& call) {
  if (!all_numbers(call)) return Value();
  const Value& list = call[0];
  Watch watch(call.environment);
  if (all_integers(list, watch)) {
    BigInt total = 0;
    for (std::uint32_t i = 0; i < list.size(); ++i, watch.tick())
      total += *to_big_int(list.items()[i]);
    return make_number(call.arena, total);
  }
  BigFloat total;
  for (std::uint32_t i = 0; i < list.size(); ++i, watch.tick())
    total = add(total, to_big_float(list.items()[i]));
  return make_number(call.arena, total);
}

Value product(Call& call) {
  if (!all_numbers(call)) return Value();
  const Value& list = call[0];
  Watch watch(call.environment);
  if (all_integers(list, watch)) {
    BigInt total = 1;
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      total *= *to_big_int(list.items()[i]);
      watch.tick(1 + total.backend().size());
    }
    return make_number(call.arena, total);
  }
  // OPA starts from a float64's mantissa of 53 bits, which every product is then rounded to.
  BigFloat total{false, std::uint64_t{1} << 63, -63, 53};
  for (std::uint32_t i = 0; i < list.size(); ++i, watch.tick())
    total = multiply(total, to_big_float(list.items()[i]), 53);
  return make_number(call.arena, total);
}

template <typename Better>
Value best(Call& call, Better better) {
  if (!is_list(call)) return Value();
  Value out;
  Watch watch(call.environment);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    watch.tick();
    const Value& item = call[0].items()[i];
    if (out.is_undefined() || better(compare(item, out))) out = item;
  }
  return out;
}

Value max_(Call& call) {
  return best(call, [](int order) { return order >= 0; });
}
Value min_(Call& call) {
  return best(call, [](int order) { return order <= 0; });
}

Value sort(Call& call) {
  if (!is_list(call)) return Value();
  Value out = make_array(call.arena, call[0].items(), call[0].size());
  auto* items = const_cast<Value*>(out.items());
  Watch watch(call.environment);
  sort_values(watch, items, items + out.size());
  return out;
}

Value all_true(Call& call) {
  if (!is_list(call, "one of {array, set}")) return Value();
  return Value::boolean(std::all_of(call[0].items(), call[0].items() + call[0].size(),
                                    [](const Value& item) { return item.is_true(); }));
}

Value any_true(Call& call) {
  if (!is_list(call, "one of {array, set}")) return Value();
  return Value::boolean(std::any_of(call[0].items(), call[0].items() + call[0].size(),
                                    [](const Value& item) { return item.is_true(); }));
}

constexpr Builtin table[] = {
    {"count", "(collection: any<string, array[any], object[any: any], set[any]>) => n: number",
     count},
    {"sum", "(collection: any<array[number], set[number]>) => n: number", sum},
    {"product", "(collection: any<array[number], set[number]>) => n: number", product},
    {"max", "(collection: any<array[any], set[any]>) => n: any", max_},
    {"min", "(collection: any<array[any], set[any]>) => n: any", min_},
    {"sort", "(collection: any<array[any], set[any]>) => n: array[any]", sort},
    {"all", "(any<array[any], set[any]>) => boolean", all_true, Trait::deprecated},
    {"any", "(any<array[any], set[any]>) => boolean", any_true, Trait::deprecated},
};

}  // namespace

std::span<const Builtin> aggregate_builtins() { return table; }

}  // namespace lictor::builtins
