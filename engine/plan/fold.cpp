// Calls and collections whose operands are all constants → constants. A call that fails, or makes
// much of little, is left to the evaluation, which has its errors and its limits.
#include <algorithm>

#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 10;

/// The value in `arena`; undefined if the call is not to be folded.
Value value_of_call(const builtins::Builtin& builtin, const std::vector<Value>& arguments,
                    Arena& arena) {
  builtins::Environment environment;
  builtins::Call call{builtin, arena, arguments, environment};
  try {
    Value out = builtin.function(call);
    return call.failed ? Value() : out;
  } catch (const MemoryLimit&) {
    return Value();
  }
}

}  // namespace

/// The values of operands, if all are constants and what they make is to be one.
std::optional<std::vector<Value>> FunctionPlanner::known_values(
    const std::vector<Operand>& operands) const {
  std::vector<Value> out;
  if (!planner_.options().optimize) return std::nullopt;
  for (Operand operand : operands) {
    const Value* constant = planner_.constant_at(operand);
    if (constant == nullptr) return std::nullopt;
    out.push_back(*constant);
  }
  return out;
}

/// An array or a set.
std::optional<Operand> FunctionPlanner::folded_collection(Opcode op,
                                                          const std::vector<Operand>& operands) {
  bool is_set = op == Opcode::make_set;
  std::optional<std::vector<Value>> values = known_values(operands);
  if (!values || (!is_set && op != Opcode::make_array)) return std::nullopt;
  Arena& arena = *planner_.program().arena;
  return planner_.constant(is_set ? make_set(arena, values->data(), values->size())
                                  : make_array(arena, values->data(), values->size()));
}

std::optional<Operand> FunctionPlanner::folded_call(const builtins::Builtin& builtin,
                                                    const std::vector<Operand>& operands) {
  std::optional<std::vector<Value>> arguments = known_values(operands);
  if (!arguments || builtin.trait != builtins::Trait::none) return std::nullopt;
  Arena scratch(most_bytes);
  Value value = value_of_call(builtin, *arguments, scratch);
  if (value.is_undefined()) return std::nullopt;
  return planner_.constant(deep_copy(*planner_.program().arena, value));
}

/// Takes what is known into the text of a format.
void FunctionPlanner::fold_into(ir::Format& format, std::vector<Operand>& operands) const {
  for (std::size_t k = operands.size(); k-- > 0;) {
    std::optional<std::vector<Value>> known = known_values({operands[k]});
    if (!known) continue;
    const Value& value = (*known)[0];
    bool text = value.is(Kind::string) && format.verbs[k] != 'd';
    bool integer = value.is_integer() && format.verbs[k] != 's';
    if (!text && !integer) continue;
    format.texts[k] += text ? std::string(value.as_string()) : std::to_string(value.as_integer());
    format.texts[k] += format.texts[k + 1];
    auto at = static_cast<std::ptrdiff_t>(k);
    format.texts.erase(format.texts.begin() + at + 1);
    format.verbs.erase(k, 1);
    operands.erase(operands.begin() + at);
  }
}

}  // namespace lictor::plan
