// Arrays. Source: OPA v1/topdown/array.go.
#include <algorithm>

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

Value concat(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.is(i, Kind::array)) return call.wrong_type(i, "array");
  }
  ArenaVector<Value> items(call.arena);
  items.reserve(call[0].size() + call[1].size());
  for (std::size_t part = 0; part < 2; ++part) {
    for (std::uint32_t i = 0; i < call[part].size(); ++i) items.push_back(call[part].items()[i]);
  }
  return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
}

Value flatten(Call& call) {
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  ArenaVector<Value> items(call.arena);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Value& item = call[0].items()[i];
    if (!item.is(Kind::array)) {
      items.push_back(item);
      continue;
    }
    for (std::uint32_t j = 0; j < item.size(); ++j) items.push_back(item.items()[j]);
  }
  return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
}

Value reverse(Call& call) {
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  Value out = make_array(call.arena, call[0].items(), call[0].size());
  auto* items = const_cast<Value*>(out.items());
  std::reverse(items, items + out.size());
  return out;
}

Value slice(Call& call) {
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  std::int64_t bounds[2];
  for (std::size_t i = 0; i < 2; ++i) {
    if (!call.is(i + 1, Kind::number)) return call.wrong_type(i + 1, "number");
    std::optional<std::int64_t> bound = to_int64(call[i + 1]);
    if (!bound)
      return call.type_error("operand " + std::to_string(i + 2) +
                             " must be integer number but got floating-point number");
    bounds[i] = std::clamp<std::int64_t>(*bound, 0, call[0].size());
  }
  std::int64_t start = std::min(bounds[0], bounds[1]);
  return Value::array(call[0].items() + start, static_cast<std::uint32_t>(bounds[1] - start));
}

constexpr Builtin table[] = {
    {"array.concat", "(x: array[any], y: array[any]) => z: array[any]", concat},
    {"array.flatten", "(arr: array[any]) => flattened: array[any]", flatten},
    {"array.reverse", "(arr: array[any]) => rev: array[any]", reverse},
    {"array.slice", "(arr: array[any], start: number, stop: number) => slice: array[any]", slice},
};

}  // namespace

std::span<const Builtin> array_builtins() { return table; }

}  // namespace lictor::builtins
