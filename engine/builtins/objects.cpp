// Objects. Source: OPA v1/topdown/object.go (1.22.2).
#include <algorithm>

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

bool object(Call& call, std::size_t operand) {
  if (call.is(operand, Kind::object)) return true;
  call.wrong_type(operand, "object");
  return false;
}

Value union_(Call& call) {
  return object(call, 0) && object(call, 1) ? merge_objects(call.arena, call[0], call[1]) : Value();
}

Value union_n(Call& call) {
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  Value out = make_object(call.arena, nullptr, 0, true);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Value& item = call[0].items()[i];
    if (!item.is(Kind::object)) {
      return call.type_error("operand 1 must be array of objects but got array containing " +
                             std::string(kind_name(item.kind())));
    }
    out = merge_objects(call.arena, out, item);
  }
  return out;
}

/// The keys given as an array, a set, or the keys of an object.
bool keys_of(Call& call, std::size_t operand, std::vector<Value>& out) {
  const Value& keys = call[operand];
  if (!keys.is_collection()) {
    call.wrong_type(operand, "one of {object, set, array}");
    return false;
  }
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    out.push_back(keys.is(Kind::object) ? sorted_members(keys)[i].key : keys.items()[i]);
  }
  return true;
}

Value select(Call& call, bool keep) {
  std::vector<Value> keys;
  if (!object(call, 0) || !keys_of(call, 1, keys)) return Value();
  ArenaVector<Member> members(call.arena);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Member& member = sorted_members(call[0])[i];
    bool named = std::any_of(keys.begin(), keys.end(),
                             [&](const Value& key) { return equal(key, member.key); });
    if (named == keep) members.push_back(member);
  }
  return make_object(call.arena, members.data(), members.size(), true);
}

Value filter(Call& call) { return select(call, true); }
Value remove(Call& call) { return select(call, false); }

Value get(Call& call) {
  if (!object(call, 0)) return Value();
  if (!call.is(1, Kind::array)) {
    Value found = lookup(call[0], call[1]);
    return found.is_undefined() ? call[2] : found;
  }
  Value found = call[0];
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    found = lookup(found, call[1].items()[i]);
    if (found.is_undefined()) return call[2];
  }
  return found;
}

Value keys(Call& call) {
  if (!object(call, 0)) return Value();
  Value* items = call.arena.allocate<Value>(call[0].size());
  for (std::uint32_t i = 0; i < call[0].size(); ++i) items[i] = sorted_members(call[0])[i].key;
  return Value::set(items, call[0].size());
}

bool array_contains(const Value& super, const Value& sub) {
  if (sub.size() == 0) return true;
  for (std::uint32_t start = 0; start + sub.size() <= super.size(); ++start) {
    std::uint32_t i = 0;
    while (i < sub.size() && equal(super.items()[start + i], sub.items()[i])) ++i;
    if (i == sub.size()) return true;
  }
  return false;
}

bool is_subset(const Value& super, const Value& sub) {
  if (sub.is(Kind::object)) {
    for (std::uint32_t i = 0; i < sub.size(); ++i) {
      const Member& member = sorted_members(sub)[i];
      Value found = lookup(super, member.key);
      if (found.is_undefined()) return false;
      bool nested = member.value.is_collection() && found.kind() == member.value.kind();
      if (nested ? !is_subset(found, member.value) : !equal(found, member.value)) return false;
    }
    return true;
  }
  if (sub.is(Kind::array)) return array_contains(super, sub);
  return std::all_of(sub.items(), sub.items() + sub.size(),
                     [&](const Value& item) { return !lookup(super, item).is_undefined(); });
}

Value subset(Call& call) {
  const Value &super = call[0], &sub = call[1];
  if (super.is(Kind::array) && sub.is(Kind::set)) {
    return Value::boolean(
        std::all_of(sub.items(), sub.items() + sub.size(), [&](const Value& wanted) {
          return std::any_of(super.items(), super.items() + super.size(),
                             [&](const Value& item) { return equal(item, wanted); });
        }));
  }
  if (super.kind() != sub.kind() || !super.is_collection()) {
    return call.type_error(
        "both arguments object.subset must be of the same type or array and set");
  }
  return Value::boolean(is_subset(super, sub));
}

constexpr Builtin table[] = {
    {"object.union", "(a: object[any: any], b: object[any: any]) => output: object[any: any]",
     union_},
    {"object.union_n", "(objects: array[object[any: any]]) => output: object[any: any]", union_n},
    {"object.filter",
     "(object: object[any: any], keys: any<array[any], object[any: any], set[any]>) => filtered: "
     "object[any: any]",
     filter},
    {"object.remove",
     "(object: object[any: any], keys: any<array[any], object[any: any], set[any]>) => output: "
     "object[any: any]",
     remove},
    {"object.get", "(object: object[any: any], key: any, default: any) => value: any", get},
    {"object.keys", "(object: object[any: any]) => value: set[any]", keys},
    {"object.subset",
     "(super: any<array[any], object[any: any], set[any]>, sub: any<array[any], object[any: any], "
     "set[any]>) => result: boolean",
     subset},
};

}  // namespace

std::span<const Builtin> object_builtins() { return table; }

}  // namespace lictor::builtins
