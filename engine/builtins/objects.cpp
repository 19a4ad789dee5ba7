// Objects. Source: OPA v1/topdown/object.go.
#include <algorithm>
#include <span>
#include <vector>

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

Value merge_all(Arena& arena, std::span<const Value> objects);

/// The value of a key that several objects have: the last one, into which the objects directly
/// before it are merged if it is an object.
Value merge_values(Arena& arena, std::span<const Member> same_key) {
  std::size_t first = same_key.size();
  while (first > 0 && same_key[first - 1].value.is(Kind::object)) --first;
  if (same_key.size() - first < 2) return same_key.back().value;
  std::vector<Value> objects;
  for (const Member& member : same_key.subspan(first)) objects.push_back(member.value);
  return merge_all(arena, objects);
}

/// Merges objects, of which later ones count more, in one pass over their members.
Value merge_all(Arena& arena, std::span<const Value> objects) {
  std::vector<Member> all;
  for (const Value& object : objects) {
    const Member* members = sorted_members(object);
    all.insert(all.end(), members, members + object.size());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Member& a, const Member& b) { return compare(a.key, b.key) < 0; });
  ArenaVector<Member> out(arena);
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    while (end < all.size() && equal(all[first].key, all[end].key)) ++end;
    out.push_back({all[end - 1].key, merge_values(arena, {&all[first], end - first})});
  }
  return make_object(arena, out.data(), out.size(), true);
}

Value union_n(Call& call) {
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  std::span<const Value> objects(call[0].items(), call[0].size());
  for (const Value& item : objects) {
    if (!item.is(Kind::object)) {
      return call.type_error("operand 1 must be array of objects but got array containing " +
                             std::string(kind_name(item.kind())));
    }
  }
  return merge_all(call.arena, objects);
}

/// The keys given as an array, a set, or the keys of an object; undefined after an error.
Value keys_of(Call& call, std::size_t operand) {
  const Value& keys = call[operand];
  if (keys.is(Kind::array)) return make_set(call.arena, keys.items(), keys.size());
  if (keys.is(Kind::set) || keys.is(Kind::object)) return keys;
  return call.wrong_type(operand, "one of {object, set, array}");
}

Value select(Call& call, bool keep) {
  if (!object(call, 0)) return Value();
  Value keys = keys_of(call, 1);
  if (keys.is_undefined()) return keys;
  ArenaVector<Member> members(call.arena);
  for (std::uint32_t i = 0; i < call[0].size(); ++i) {
    const Member& member = sorted_members(call[0])[i];
    bool named = !lookup(keys, member.key).is_undefined();
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

/// For each prefix of `items`, the length of the longest shorter prefix that it ends with.
std::vector<std::uint32_t> borders(const Value& items) {
  std::vector<std::uint32_t> out(items.size(), 0);
  for (std::uint32_t i = 1, length = 0; i < items.size(); ++i) {
    while (length > 0 && !equal(items.items()[i], items.items()[length])) length = out[length - 1];
    if (equal(items.items()[i], items.items()[length])) ++length;
    out[i] = length;
  }
  return out;
}

/// True if the items of `sub` occur in `super`, one after another.
bool array_contains(const Value& super, const Value& sub) {
  if (sub.size() == 0) return true;
  if (sub.size() > super.size()) return false;
  std::vector<std::uint32_t> shorter = borders(sub);
  std::uint32_t matched = 0;
  for (std::uint32_t i = 0; i < super.size(); ++i) {
    while (matched > 0 && !equal(super.items()[i], sub.items()[matched]))
      matched = shorter[matched - 1];
    if (equal(super.items()[i], sub.items()[matched])) ++matched;
    if (matched == sub.size()) return true;
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

/// True if as many items of an array are in a set as it has members: that is what OPA counts, so
/// that an item that occurs twice counts twice, and an empty array has nothing.
bool has_as_many(const Value& array, const Value& set) {
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < array.size(); ++i)
    found += lookup(set, array.items()[i]).is_undefined() ? 0 : 1;
  return array.size() > 0 && found >= set.size();
}

Value subset(Call& call) {
  const Value &super = call[0], &sub = call[1];
  if (super.is(Kind::array) && sub.is(Kind::set)) {
    return Value::boolean(has_as_many(super, sub));
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
