// What has no family of its own: opa.runtime, trace, print.
#include <cstdio>

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

Value runtime(Call& call) { return make_object(call.arena, nullptr, 0, true); }

Value trace(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  return Value::boolean(true);
}

/// Prints the operands, each a set of at most one value, on one line.
Value print(Call& call) {
  if (!call.environment.print) return Value::boolean(true);
  std::string line;
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Value& operand = call[0].items()[i];
    if (i != 0) line += ' ';
    if (operand.size() == 0)
      line += "<undefined>";
    else if (operand.items()[0].is(Kind::string))
      line += operand.items()[0].as_text();
    else
      json::append_rego(line, operand.items()[0]);
  }
  const Listener* listener = call.environment.listener;
  if (listener && listener->print)
    listener->print(line);
  else
    std::fprintf(stderr, "%s\n", line.c_str());
  return Value::boolean(true);
}

Value test_case(Call& call) {
  const Listener* listener = call.environment.listener;
  if (listener && listener->test_case) listener->test_case(json::to_json(call[0]));
  return Value::boolean(true);
}

constexpr Builtin table[] = {
    {"internal.print", "(array[set[any]]) => ???", print, Trait::heard},
    {"internal.test_case", "(array[any]) => ???", test_case, Trait::heard},
    {"opa.runtime", "() => output: object[string: any]", runtime, Trait::nondeterministic},
    {"trace", "(note: string) => result: boolean", trace, Trait::heard},
};

}  // namespace

std::span<const Builtin> misc_builtins() { return table; }

}  // namespace lictor::builtins
