// Kinds and conversions. Source: OPA v1/topdown/type.go, type_name.go, casts.go.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/digits.hpp"
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

/// What Go's ParseFloat reads in decimal, without underscores, as JSON has it: without a plus and
/// leading zeros, and with digits on both sides of the point. Nothing for what it does not read.
std::optional<std::string> json_spelling(std::string_view text) {
  std::string out;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (text[0] == '-') out = "-";
    text.remove_prefix(1);
  }
  std::size_t at = 0;
  bool sound = true;
  auto digits = [&] {
    std::string run;
    for (; at < text.size() && is_digit(text[at]); ++at) run += text[at];
    return run;
  };
  std::string whole = digits(), fraction;
  bool point = at < text.size() && text[at] == '.';
  if (point) {
    ++at;
    fraction = digits();
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  out += whole.empty() ? "0" : whole;
  if (point) out += "." + (fraction.empty() ? "0" : fraction);
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    out += text[at++];
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) out += text[at++];
    std::string exponent = digits();
    sound = sound && !exponent.empty();
    out += exponent;
  }
  if (!sound || at != text.size()) return std::nullopt;
  return out;
}

bool is_hexadecimal(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text.starts_with("0x") || text.starts_with("0X");
}

/// A float in hexadecimal, whose exponent is not optional.
std::optional<double> hexadecimal_value(const std::string& plain) {
  char* end = nullptr;
  double value = std::strtod(plain.c_str(), &end);
  bool exponent = plain.find_first_of("pP") != std::string::npos;
  if (!exponent || end != plain.c_str() + plain.size()) return std::nullopt;
  return value;
}

Value number_of(Call& call, const std::string& text) {
  auto fail = [&](const char* why) {
    std::string quoted;
    append_go_quoted(quoted, text);
    return call.fail("strconv.ParseFloat: parsing " + quoted + ": " + why);
  };
  if (names_no_number(text))
    return call.type_error("operand 1 must be valid number string but got string");
  if (!separates_digits(text)) return fail("invalid syntax");
  std::string plain = text;
  std::erase(plain, '_');
  if (is_hexadecimal(plain)) {
    std::optional<double> value = hexadecimal_value(plain);
    if (!value) return fail("invalid syntax");
    return std::isinf(*value) ? fail("value out of range") : make_number(call.arena, *value);
  }
  std::optional<std::string> spelled = json_spelling(plain);
  if (!spelled) return fail("invalid syntax");
  bool integer = spelled->find_first_of(".eE") == std::string::npos && spelled->size() < 300;
  if (!integer && std::isinf(std::strtod(spelled->c_str(), nullptr)))
    return fail("value out of range");
  if (const char* fault = json_number_fault(*spelled)) return call.fail(fault);
  return make_number(call.arena, *spelled);
}

Value to_number(Call& call) {
  switch (call[0].kind()) {
    case Kind::null_value:
      return Value::integer(0);
    case Kind::boolean:
      return Value::integer(call[0].as_boolean() ? 1 : 0);
    case Kind::number:
      return call[0];
    case Kind::string:
      return number_of(call, std::string(call[0].as_text()));
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
  return make_set(call.arena, call[0].items(), call[0].size());
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
