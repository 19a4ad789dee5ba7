// Values as the host's types.
#include "lictor/value.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor {

Value find_path(Value value, std::initializer_list<std::string_view> path) {
  for (std::string_view key : path) value = lookup(value, key);
  return value;
}

std::optional<bool> boolean_of(const Value& value) {
  if (!value.is(Kind::boolean)) return std::nullopt;
  return value.as_boolean();
}

std::optional<std::int64_t> integer_of(const Value& value) {
  if (value.is_integer()) return value.as_integer();
  if (!value.is(Kind::number)) return std::nullopt;
  bool fraction = false;
  std::optional<std::int64_t> whole = small_truncate(to_big_float(value), fraction);
  bool same = whole && compare_numbers(value, Value::integer(*whole)) == 0;
  return same ? whole : std::nullopt;
}

std::optional<double> double_of(const Value& value) {
  if (!value.is(Kind::number)) return std::nullopt;
  return to_double(value);
}

std::optional<std::string_view> string_of(const Value& value) {
  if (!value.is(Kind::string)) return std::nullopt;
  return value.as_string();
}

}  // namespace lictor
