// Lookup and construction of objects and sets.
#include "value/object.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "value/compare.hpp"
#include "value/hash.hpp"
#include "value/number.hpp"

namespace lictor {
namespace {

constexpr std::uint32_t scan_limit = 12;

bool key_less(const Member& a, const Member& b) { return compare(a.key, b.key) < 0; }

/// Sorts stably; few items without any memory of its own.
template <typename T, typename Less>
void stable_sort(T* items, std::size_t size, Less less) {
  if (size > 32) return std::stable_sort(items, items + size, less);
  for (std::size_t i = 1; i < size; ++i) {
    T moving = items[i];
    std::size_t j = i;
    for (; j > 0 && less(moving, items[j - 1]); --j) items[j] = items[j - 1];
    items[j] = moving;
  }
}

void sort_members(Member* members, std::size_t size) {
  if (size < 2 || std::is_sorted(members, members + size, key_less)) return;
  stable_sort(members, size, key_less);
}

/// The member of that key, or null.
const Member* find_sorted(const Member* members, std::size_t size, const Value& key) {
  const Member* end = members + size;
  const Member* at = std::lower_bound(
      members, end, key, [](const Member& m, const Value& k) { return compare(m.key, k) < 0; });
  return at != end && compare(at->key, key) == 0 ? at : nullptr;
}

std::uint64_t place_of(const Value& key, std::uint64_t mask) {
  std::uint64_t hashed = hash(key);
  return (hashed ^ hashed >> 32) & mask;
}

/// Keys whose hashes collide on purpose make no index: they are found by their order.
void index_members(Arena& arena, const LargeObject& body) {
  constexpr int most_steps = 64;
  std::size_t count = 2 * fewest_large;
  while (count < std::size_t{2} * body.size) count *= 2;
  auto* places = arena.allocate<std::uint32_t>(count);
  std::fill(places, places + count, 0);
  body.mask = count - 1;
  for (std::uint32_t i = 0; i < body.size; ++i) {
    std::uint64_t at = place_of(body.members[i].key, body.mask);
    for (int steps = 0; places[at] != 0; ++steps) {
      if (steps == most_steps) return;
      at = (at + 1) & body.mask;
    }
    places[at] = i + 1;
  }
  body.places = places;
}

const Member* find_indexed(const LargeObject& body, const Value& key) {
  for (std::uint64_t at = place_of(key, body.mask);; at = (at + 1) & body.mask) {
    std::uint32_t place = body.places[at];
    if (place == 0) return nullptr;
    const Member& member = body.members[place - 1];
    if (equal(member.key, key)) return &member;
  }
}

/// The member of that key in an object that is too large to be gone through, or null.
const Member* find_key(const Value& object, const Value& key) {
  const Object* body = object.as_object();
  const auto* large = body->is_large ? static_cast<const LargeObject*>(body) : nullptr;
  if (large && large->places) return find_indexed(*large, key);
  return find_sorted(sorted_members(object), body->size, key);
}

/// Most texts differ in size, which is cheap to see.
inline bool is_text(const Value& value, std::string_view text) {
  return value.size() == text.size() && value.is(Kind::string) &&
         same_text(value.as_string(), text);
}

const Value* find_text(const Object& body, std::string_view key) {
  const Member* end = body.members + body.size;
  for (const Member* at = body.members; at != end; ++at) {
    if (is_text(at->key, key)) return &at->value;
  }
  return nullptr;
}

const Value* find_member(const Value& object, const Value& key) {
  const Object* body = object.as_object();
  if (body->size > scan_limit) {
    const Member* found = find_key(object, key);
    return found ? &found->value : nullptr;
  }
  if (key.is(Kind::string)) return find_text(*body, key.as_string());
  for (std::uint32_t i = 0; i < body->size; ++i) {
    if (equal(body->members[i].key, key)) return &body->members[i].value;
  }
  return nullptr;
}

/// Out of the way of objects of few members, which nearly all lookups are in.
[[gnu::noinline]] const Value* find_anywhere(const Value& collection, const Value& key) {
  switch (collection.kind()) {
    case Kind::object:
      return find_member(collection, key);
    case Kind::array: {
      if (!key.is(Kind::number)) return nullptr;
      std::optional<std::int64_t> index = to_int64(key);
      bool there = index && *index >= 0 && *index < collection.size();
      return there ? &collection.items()[*index] : nullptr;
    }
    case Kind::set: {
      const Value* end = collection.items() + collection.size();
      const Value* at = std::lower_bound(
          collection.items(), end, key,
          [](const Value& item, const Value& wanted) { return compare(item, wanted) < 0; });
      return at != end && compare(*at, key) == 0 ? at : nullptr;
    }
    default:
      return nullptr;
  }
}

bool has_text(const Value& items, std::string_view wanted) {
  const Value* end = items.items() + items.size();
  for (const Value* at = items.items(); at != end; ++at) {
    if (is_text(*at, wanted)) return true;
  }
  return false;
}

[[gnu::noinline]] bool has_anywhere(const Value& collection, const Value& wanted) {
  auto is_wanted = [&](const Value& value) { return equal(value, wanted); };
  switch (collection.kind()) {
    case Kind::set:
      return find(collection, wanted) != nullptr;
    case Kind::array:
      return std::any_of(collection.items(), collection.items() + collection.size(), is_wanted);
    case Kind::object: {
      const Member* members = collection.as_object()->members;
      return std::any_of(members, members + collection.size(),
                         [&](const Member& member) { return is_wanted(member.value); });
    }
    default:
      return false;
  }
}

}  // namespace

const Value* find(const Value& collection, const Value& key) {
  if (collection.is(Kind::object) && key.is(Kind::string)) {
    const Object& body = *collection.as_object();
    if (body.size <= scan_limit) return find_text(body, key.as_string());
  }
  return find_anywhere(collection, key);
}

Value lookup(const Value& collection, const Value& key) {
  const Value* found = find(collection, key);
  return found ? *found : Value();
}

Value lookup(const Value& object, std::string_view key) {
  if (!object.is(Kind::object)) return Value();
  const Object& body = *object.as_object();
  const Value* found =
      body.size <= scan_limit ? find_text(body, key) : find_anywhere(object, Value::string(key));
  return found ? *found : Value();
}

bool has_value(const Value& collection, const Value& wanted) {
  bool is_scanned =
      collection.is(Kind::array) || (collection.is(Kind::set) && collection.size() <= scan_limit);
  if (is_scanned && wanted.is(Kind::string)) return has_text(collection, wanted.as_string());
  return has_anywhere(collection, wanted);
}

void sort_members(const Object& object) {
  sort_members(object.members, object.size);
  object.sorted = true;
}

Member object_member(const Value& object, std::uint32_t index) {
  return sorted_members(object)[index];
}

Value empty_object() {
  static const Object none{nullptr, 0, true};
  return Value::object(&none, 0);
}

void freeze(Arena& arena, const Value& value) {
  if (value.is(Kind::object)) {
    const Member* members = sorted_members(value);
    const Object* body = value.as_object();
    const auto* large = body->is_large ? static_cast<const LargeObject*>(body) : nullptr;
    if (large && large->places == nullptr) index_members(arena, *large);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      freeze(arena, members[i].key);
      freeze(arena, members[i].value);
    }
  } else if (value.is(Kind::array) || value.is(Kind::set)) {
    for (std::uint32_t i = 0; i < value.size(); ++i) freeze(arena, value.items()[i]);
  }
}

Value make_string(Arena& arena, std::string_view text) {
  std::string_view copy = arena.copy(text);
  return valid_utf8(copy) ? Value::utf8_string(copy) : Value::string(copy);
}

Value make_array(Arena& arena, const Value* items, std::size_t size) {
  Value* copy = arena.allocate<Value>(size);
  std::copy(items, items + size, copy);
  return Value::array(copy, static_cast<std::uint32_t>(size));
}

Value make_set(Value* items, std::size_t size) {
  ValueLess less;
  bool distinct = true;
  for (std::size_t i = 1; i < size && distinct; ++i) distinct = less(items[i - 1], items[i]);
  if (!distinct) {
    stable_sort(items, size, less);
    auto same = [](const Value& a, const Value& b) { return equal(a, b); };
    size = static_cast<std::size_t>(std::unique(items, items + size, same) - items);
  }
  return Value::set(items, static_cast<std::uint32_t>(size));
}

Value make_set(Arena& arena, const Value* items, std::size_t size) {
  Value* copy = arena.allocate<Value>(size);
  std::copy(items, items + size, copy);
  return make_set(copy, size);
}

Value merge_objects(Arena& arena, const Value& under, const Value& over) {
  if (under.size() == 0) return over;
  if (over.size() == 0) return under;
  ArenaVector<Member> members(arena);
  for (std::uint32_t i = 0; i < under.size(); ++i) {
    const Member& member = sorted_members(under)[i];
    Value other = lookup(over, member.key);
    bool both = member.value.is(Kind::object) && other.is(Kind::object);
    members.push_back({member.key, other.is_undefined() ? member.value
                                   : both               ? merge_objects(arena, member.value, other)
                                                        : other});
  }
  for (std::uint32_t i = 0; i < over.size(); ++i) {
    const Member& member = sorted_members(over)[i];
    if (lookup(under, member.key).is_undefined()) members.push_back(member);
  }
  return make_object(arena, members.data(), members.size(), false);
}

Value set_difference(Arena& arena, const Value& a, const Value& b) {
  ArenaVector<Value> kept(arena);
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    if (lookup(b, a.items()[i]).is_undefined()) kept.push_back(a.items()[i]);
  }
  return Value::set(kept.data(), static_cast<std::uint32_t>(kept.size()));
}

Value make_object(Arena& arena, Member* members, std::size_t size, bool sorted) {
  if (size >= fewest_large) {
    LargeObject* body = arena.allocate<LargeObject>(1);
    *body = {{members, static_cast<std::uint32_t>(size), sorted, false, true}};
    return Value::object(body, body->size);
  }
  Object* body = arena.allocate<Object>(1);
  *body = {members, static_cast<std::uint32_t>(size), sorted || size < 2};
  return Value::object(body, body->size);
}

Value make_unique_object(Arena& arena, Member* members, std::size_t size, Duplicates duplicates) {
  sort_members(members, size);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (kept != 0 && equal(members[kept - 1].key, members[i].key)) {
      if (duplicates == Duplicates::last_wins) members[kept - 1].key = members[i].key;
      members[kept - 1].value = members[i].value;
    } else {
      members[kept++] = members[i];
    }
  }
  return make_object(arena, members, kept, true);
}

Value make_consistent_object(Arena& arena, Member* members, std::size_t size) {
  sort_members(members, size);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (kept == 0 || !equal(members[kept - 1].key, members[i].key)) {
      members[kept++] = members[i];
    } else if (!equal(members[kept - 1].value, members[i].value)) {
      return Value();
    }
  }
  return make_object(arena, members, kept, true);
}

namespace {

Value make_group(Arena& arena, Value* items, std::size_t size, Kind group) {
  if (group == Kind::array) return Value::array(items, static_cast<std::uint32_t>(size));
  if (group == Kind::set) return make_set(items, size);
  Member* members = arena.allocate<Member>(size);
  for (std::size_t i = 0; i < size; ++i) members[i] = {items[i].items()[0], items[i].items()[1]};
  return make_unique_object(arena, members, size, Duplicates::first_key_last_value);
}

}  // namespace

Value make_groups(Arena& arena, Member* members, std::size_t size, Kind group) {
  sort_members(members, size);
  Value* items = arena.allocate<Value>(size);
  for (std::size_t i = 0; i < size; ++i) items[i] = members[i].value;
  std::size_t groups = 0;
  for (std::size_t first = 0, end = 0; first < size; first = end) {
    const Value key = members[first].key;
    while (end < size && equal(members[end].key, key)) ++end;
    members[groups++] = {key, make_group(arena, items + first, end - first, group)};
  }
  Value out = make_object(arena, members, groups, true);
  if (groups >= fewest_large)
    index_members(arena, *static_cast<const LargeObject*>(out.as_object()));
  return out;
}

Value deep_copy(Arena& arena, const Value& value) {
  switch (value.kind()) {
    case Kind::number:
      if (value.is_integer()) return value;
      return Value::number_text(arena.copy(value.as_text()));
    case Kind::string:
      return Value::string(arena.copy(value.as_text()));
    case Kind::array:
    case Kind::set: {
      Value* items = arena.allocate<Value>(value.size());
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        items[i] = deep_copy(arena, value.items()[i]);
      }
      return value.is(Kind::array) ? Value::array(items, value.size())
                                   : Value::set(items, value.size());
    }
    case Kind::object: {
      const Member* from = sorted_members(value);
      Member* members = arena.allocate<Member>(value.size());
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        members[i] = {deep_copy(arena, from[i].key), deep_copy(arena, from[i].value)};
      }
      return make_object(arena, members, value.size(), true);
    }
    default:
      return value;
  }
}

}  // namespace lictor
