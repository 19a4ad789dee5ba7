// Kinds and conversions. Source: OPA v1/topdown/type.go, type_name.go, casts.go (1.22.2).
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

/// is_<kind>: true, or an error that leaves the call undefined.
template <Kind kind>
Value is_kind(Call& call) {
  if (call.is(0, kind)) return Value::boolean(true);
  return Value::boolean(false);
}

Value type_name(Call& call) { return call.text(kind_name(call[0].kind())); }

/// Go reads these as floats, and OPA refuses them by kind rather than by syntax.
bool names_no_number(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c | 32);
  return lower == "inf" || lower == "infinity" || lower == "nan";
}

Value to_number(Call& call) {
  switch (call[0].kind()) {
    case Kind::null_value:
      return Value::integer(0);
    case Kind::boolean:
      return Value::integer(call[0].as_boolean() ? 1 : 0);
    case Kind::number:
      return call[0];
    case Kind::string: {
      std::string_view text = call[0].as_text();
      if (!is_number_text(text) && names_no_number(text)) {
        return call.type_error("operand 1 must be valid number string but got string");
      }
      if (!is_number_text(text)) {
        std::string quoted;
        json::append_quoted(quoted, text, false);
        return call.fail("strconv.ParseFloat: parsing " + quoted + ": invalid syntax");
      }
      if (!exponent_in_range(text)) return call.fail("number too big");
      return make_number(call.arena, text);
    }
    default:
      return call.wrong_type(0, "one of {null, boolean, number, string}");
  }
}

Value cast_array(Call& call) {
  if (call.is(0, Kind::array)) return call[0];
  if (call.is(0, Kind::set)) return make_array(call.arena, call[0].items(), call[0].size());
  return call.wrong_type(0, "one of {array, set}");
}

Value cast_set(Call& call) {
  if (call.is(0, Kind::set)) return call[0];
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "one of {array, set}");
  Value copy = make_array(call.arena, call[0].items(), call[0].size());
  return make_set(const_cast<Value*>(copy.items()), copy.size());
}

template <Kind kind>
Value cast(Call& call) {
  return call.is(0, kind) ? call[0] : call.wrong_type(0, kind_name(kind));
}

constexpr Builtin table[] = {
    {"is_array", "(x: any) => result: boolean", is_kind<Kind::array>},
    {"is_boolean", "(x: any) => result: boolean", is_kind<Kind::boolean>},
    {"is_null", "(x: any) => result: boolean", is_kind<Kind::null_value>},
    {"is_number", "(x: any) => result: boolean", is_kind<Kind::number>},
    {"is_object", "(x: any) => result: boolean", is_kind<Kind::object>},
    {"is_set", "(x: any) => result: boolean", is_kind<Kind::set>},
    {"is_string", "(x: any) => result: boolean", is_kind<Kind::string>},
    {"type_name", "(x: any) => type: string", type_name},
    {"to_number", "(value: any<null, boolean, number, string>) => num: number", to_number},
    {"cast_array", "(any) => array[any]", cast_array, Trait::deprecated},
    {"cast_set", "(any) => set[any]", cast_set, Trait::deprecated},
    {"cast_boolean", "(any) => boolean", cast<Kind::boolean>, Trait::deprecated},
    {"cast_null", "(any) => null", cast<Kind::null_value>, Trait::deprecated},
    {"cast_object", "(any) => object[any: any]", cast<Kind::object>, Trait::deprecated},
    {"cast_string", "(any) => string", cast<Kind::string>, Trait::deprecated},
};

}  // namespace

std::span<const Builtin> type_builtins() { return table; }

}  // namespace lictor::builtins
