// Comparison as values: ==, !=, <, <=, >, >=. In conditions, the planner uses instructions instead.
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

Value equal_(Call& call) { return Value::boolean(equal(call[0], call[1])); }
Value not_equal(Call& call) { return Value::boolean(!equal(call[0], call[1])); }
Value less(Call& call) { return Value::boolean(compare(call[0], call[1]) < 0); }
Value less_equal(Call& call) { return Value::boolean(compare(call[0], call[1]) <= 0); }
Value greater(Call& call) { return Value::boolean(compare(call[0], call[1]) > 0); }
Value greater_equal(Call& call) { return Value::boolean(compare(call[0], call[1]) >= 0); }

Value member(Call& call) { return Value::boolean(has_value(call[1], call[0])); }

Value member_with_key(Call& call) {
  if (!call[2].is_collection()) return Value::boolean(false);
  Value found = lookup(call[2], call[0]);
  return Value::boolean(!found.is_undefined() && equal(found, call[1]));
}

constexpr Builtin table[] = {
    {"equal", "(x: any, y: any) => result: boolean", equal_},
    {"neq", "(x: any, y: any) => result: boolean", not_equal},
    {"lt", "(x: any, y: any) => result: boolean", less},
    {"lte", "(x: any, y: any) => result: boolean", less_equal},
    {"gt", "(x: any, y: any) => result: boolean", greater},
    {"gte", "(x: any, y: any) => result: boolean", greater_equal},
    {"internal.member_2", "(any, any) => boolean", member},
    {"internal.member_3", "(any, any, any) => boolean", member_with_key},
};

}  // namespace

std::span<const Builtin> comparison_builtins() { return table; }

}  // namespace lictor::builtins
