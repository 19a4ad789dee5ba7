// Objects and sets: how they are stored, looked up and built.
// In: members in any order. Out: values whose keys are distinct; iteration is in key order.
// INVARIANT: a shared value (data, constants) is frozen, so that no thread sorts it in place.
#pragma once

#include <string>
#include <vector>

#include "base/arena.hpp"
#include "lictor/value.hpp"

namespace lictor {

/// The JSON of an object, as far as it is known ahead: texts, and between them the members whose
/// values are written where they stand.
struct Layout {
  struct Piece {
    std::string before;
    std::uint32_t member;
  };
  std::vector<Piece> pieces;
  std::string after;
};

struct Object {
  Member* members;
  std::uint32_t size;
  mutable bool sorted;
  bool is_record = false;  // it is a RecordObject
  bool is_large = false;   // it is a LargeObject
};

/// An object without members.
Value empty_object();

/// Members of an object that is worth an index.
inline constexpr std::size_t fewest_large = 64;

/// An object of many members: once it is frozen, they are found by the hash of their keys.
struct LargeObject : Object {
  /// A power of two of places, at least half of them free: the index of a member plus one, or 0.
  mutable const std::uint32_t* places = nullptr;
  mutable std::uint64_t mask = 0;
};

/// An object whose JSON is known but for its values.
struct RecordObject : Object {
  const Layout* layout;  // outlives the object
};

/// Returns where the value at `key` is, or null. On a set, that is the member itself; on an array,
/// the item.
const Value* find(const Value& collection, const Value& key);
/// The value, or undefined.
Value lookup(const Value& collection, const Value& key);

/// True if a value in the collection equals `wanted`; false for what is no collection.
bool has_value(const Value& collection, const Value& wanted);

void sort_members(const Object& object);
/// Returns the members of an object in key order.
inline const Member* sorted_members(const Value& object) {
  const Object* body = object.as_object();
  if (!body->sorted) sort_members(*body);
  return body->members;
}

/// Sorts every object inside `value`, and indexes the large ones, so that it may be shared. Does
/// nothing to what was frozen before.
void freeze(Arena& arena, const Value& value);

/// A string of a copy of the text; it knows whether it is UTF-8.
Value make_string(Arena& arena, std::string_view text);
Value make_array(Arena& arena, const Value* items, std::size_t size);
/// Sorts and removes duplicates in place; the first spelling of equal members stays.
Value make_set(Value* items, std::size_t size);
/// As above, of a copy.
Value make_set(Arena& arena, const Value* items, std::size_t size);
/// The keys of both, objects below them merged too; otherwise what `over` has counts.
Value merge_objects(Arena& arena, const Value& under, const Value& over);
/// The members of set `a` that are not in set `b`.
Value set_difference(Arena& arena, const Value& a, const Value& b);
Value make_object(Arena& arena, Member* members, std::size_t size, bool sorted);
/// As above, for members in key order whose JSON `layout` describes; it may be null.
inline Value make_record(Arena& arena, Member* members, std::size_t size, const Layout* layout) {
  if (layout == nullptr) return make_object(arena, members, size, true);
  auto* body = arena.allocate<RecordObject>(1);
  *body = {{members, static_cast<std::uint32_t>(size), true, true, false}, layout};
  return Value::object(body, body->size);
}

/// What to do when a key is inserted twice.
enum class Duplicates { last_wins, first_key_last_value };
/// Sorts and removes duplicate keys in place.
Value make_unique_object(Arena& arena, Member* members, std::size_t size, Duplicates duplicates);
/// As above, but returns undefined when one key has two values.
Value make_consistent_object(Arena& arena, Member* members, std::size_t size);

/// The object in which each key has all values that stand with it, in order: an array, a set, or an
/// object of [key, value] pairs, of which the last of a key stays. Indexed if it is large.
Value make_groups(Arena& arena, Member* members, std::size_t size, Kind group);

/// Copies a value and everything it refers to.
Value deep_copy(Arena& arena, const Value& value);

}  // namespace lictor
