// What has no family of its own: opa.runtime, trace, test cases.
#include "builtins/families.hpp"
#include "json/read.hpp"

namespace lictor::builtins {
namespace {

Value runtime(Call& call) {
  std::string_view given = call.environment.runtime;
  Result<Value> out = json::read_owned(given.empty() ? "{}" : given, call.arena);
  return out ? *out : call.fail(out.error().message);
}

Value trace(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  return Value::boolean(true);
}

Value test_case(Call& call) {
  const Listener* listener = call.environment.listener;
  if (listener && listener->test_case) listener->test_case(json::to_json(call[0]));
  return Value::boolean(true);
}

constexpr Builtin table[] = {
    {"internal.test_case", "(array[any]) => ???", test_case, Trait::has_side_effect},
    {"opa.runtime", "() => output: object[string: any]", runtime, Trait::nondeterministic},
    {"trace", "(note: string) => result: boolean", trace, Trait::has_side_effect},
};

}  // namespace

std::span<const Builtin> misc_builtins() { return table; }

}  // namespace lictor::builtins
