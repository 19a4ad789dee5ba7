// Sets: &, |, intersection, union and set_diff. Difference stands with the numbers' minus.
#include "builtins/families.hpp"
#include "builtins/watch.hpp"

namespace lictor::builtins {
namespace {

bool both_sets(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (call.is(i, Kind::set)) continue;
    call.wrong_type(i, "set");
    return false;
  }
  return true;
}

Value intersect(Call& call, const Value& a, const Value& b) {
  ArenaVector<Value> kept(call.arena);
  Watch watch(call.environment);
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    watch.tick(4);
    if (!lookup(b, a.items()[i]).is_undefined()) kept.push_back(a.items()[i]);
  }
  return Value::set(kept.data(), static_cast<std::uint32_t>(kept.size()));
}

Value unite(Call& call, const Value* sets, std::size_t count) {
  ArenaVector<Value> all(call.arena);
  for (std::size_t s = 0; s < count; ++s) {
    for (std::uint32_t i = 0; i < sets[s].size(); ++i) all.push_back(sets[s].items()[i]);
  }
  return make_watched_set(call.environment, all.data(), all.size());
}

Value and_(Call& call) { return both_sets(call) ? intersect(call, call[0], call[1]) : Value(); }
Value or_(Call& call) { return both_sets(call) ? unite(call, call.args.data(), 2) : Value(); }

bool set_of_sets(Call& call) {
  if (!call.is(0, Kind::set)) {
    call.wrong_type(0, "set");
    return false;
  }
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    if (call[0].items()[i].is(Kind::set)) continue;
    call.type_error("operand 1 must be set but got " +
                    std::string(kind_name(call[0].items()[i].kind())));
    return false;
  }
  return true;
}

Value union_(Call& call) {
  if (!set_of_sets(call)) return Value();
  return unite(call, call[0].items(), call[0].size());
}

Value intersection(Call& call) {
  if (!set_of_sets(call)) return Value();
  if (call[0].size() == 0) return Value::set(nullptr, 0);
  Value out = call[0].items()[0];
  for (std::uint32_t i = 1; i < call[0].size(); ++i) out = intersect(call, out, call[0].items()[i]);
  return out;
}

Value set_diff(Call& call) {
  return both_sets(call) ? set_difference(call.arena, call[0], call[1]) : Value();
}

constexpr Builtin table[] = {
    {"and", "(x: set[any], y: set[any]) => z: set[any]", and_},
    {"or", "(x: set[any], y: set[any]) => z: set[any]", or_},
    {"union", "(xs: set[set[any]]) => y: set[any]", union_},
    {"intersection", "(xs: set[set[any]]) => y: set[any]", intersection},
    {"set_diff", "(set[any], set[any]) => set[any]", set_diff, Trait::deprecated},
};

}  // namespace

std::span<const Builtin> set_builtins() { return table; }

}  // namespace lictor::builtins
