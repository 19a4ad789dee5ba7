#include "worker.hpp"

#include <unistd.h>

#include <iostream>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/unicode.hpp"
#include "builtins/table.hpp"
#include "json/write.hpp"
#include "lictor/lictor.hpp"

namespace lictor::builtin_calls {
namespace {

constexpr unsigned seconds_a_call = 10;
constexpr int decoded_levels = 5;

/// value_N(x) is x with sets, objects and bytes decoded, down to N levels.
std::string decoder() {
  std::string out;
  for (int level = 1; level <= decoded_levels; ++level) {
    std::string head = "value_" + std::to_string(level) + "(x) := ";
    std::string inner = level == 1 ? "" : "value_" + std::to_string(level - 1);
    out += head + "{" + inner + "(y) | some y in x[\"$set\"]} if x[\"$set\"]\n";
    out += "else := hex.decode(x[\"$hex\"]) if x[\"$hex\"]\n";
    out += "else := {" + inner + "(k): " + inner +
           "(v) | some [k, v] in x[\"$object\"]} if x[\"$object\"]\n";
    out += "else := [" + inner + "(y) | some y in x] if is_array(x)\n";
    out += "else := {k: " + inner + "(v) | some k, v in x} if is_object(x)\n";
    out += "else := x\n\n";
  }
  return out;
}

using Key = std::pair<std::string, std::string>;  // name and mode

std::optional<Policy> compiled(const Key& key, std::string& problem) {
  EngineOptions options;
  options.v0_compatible = true;
  options.strict_builtin_errors = key.second.ends_with('s');
  options.limits.instructions = 20'000'000;
  Engine engine(options);
  Mode mode = {key.second[0] == 'e', key.second[1] == 'm', key.second[2] == 's'};
  engine.add_module("m0.rego",
                    module_text(key.first, builtins::Table::standard()->arity(key.first), mode));
  Result<Policy> policy = engine.compile("data.calls.result");
  if (policy) return *policy;
  problem = std::string(code_name(policy.error().code)) + ": " + policy.error().message;
  return std::nullopt;
}

std::string outcome(const Policy& policy, std::string_view input) {
  Result<Decision> decision = policy.eval(input);
  if (!decision)  // as JSON shows it
    return std::string(code_name(decision.error().code)) + ": " +
           repair_utf8(decision.error().message);
  if (decision->is_undefined()) return "undefined";
  return json::to_rego(decision->value()) + "\n" + json::to_json(decision->value(), false);
}

std::string answer(const std::string& line, std::map<Key, Policy>& policies) {
  std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
  Key key = {line.substr(0, first), line.substr(first + 1, second - first - 1)};
  auto found = policies.find(key);
  if (found == policies.end()) {
    std::string problem;
    std::optional<Policy> policy = compiled(key, problem);
    if (!policy) return problem;
    found = policies.emplace(key, *policy).first;
  }
  std::string out = outcome(found->second, std::string_view(line).substr(second + 1));
  return valid_utf8(out) ? out : "output that is not UTF-8";
}

}  // namespace

std::string module_text(const std::string& name, int arity, Mode mode) {
  std::string operands, parameters;
  for (int i = 0; i < arity; ++i) {
    std::string operand = "input[" + std::to_string(i) + "]", comma = i == 0 ? "" : ", ";
    operands +=
        comma +
        (mode.encoded ? "value_" + std::to_string(decoded_levels) + "(" + operand + ")" : operand);
    parameters += comma + "a" + std::to_string(i);
  }
  std::string call = (mode.mocked ? "replaced(" : name + "(") + operands;
  std::string value = name == "walk" ? "[x | " + call + ", x)]" : call + ")";
  std::string rules = "result := " + value + "\n\n";
  if (mode.mocked) {
    rules = "result := x if x := " + value + " with replaced as " + name + "\n\n";
    rules += "replaced(" + parameters + ") := 0\n\n";
  }
  return "package calls\n\nimport future.keywords\n\n" + rules + (mode.encoded ? decoder() : "");
}

int serve() {
  std::map<Key, Policy> policies;
  for (std::string line; std::getline(std::cin, line);) {
    alarm(seconds_a_call);
    std::string text = answer(line, policies);
    alarm(0);
    std::cout << nlohmann::json(text).dump() << std::endl;
  }
  return 0;
}

}  // namespace lictor::builtin_calls
