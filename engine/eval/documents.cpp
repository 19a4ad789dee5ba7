// Documents made of paths: partial rules with several keys, and replacements by `with`.
#include <algorithm>
#include <charconv>

#include "eval/state.hpp"
#include "value/compare.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::eval {
namespace {

/// An entry of a list is an array [how, value, key...]. How it is true for a member of a set, false
/// for any other value, and null for an empty collection that stands if nothing else does.
struct Entries {
  Value* first;
  std::size_t size;
  std::size_t depth;  // keys consumed
};

std::size_t key_count(const Value& entry) { return entry.size() - 2; }
const Value& key_at(const Value& entry, std::size_t i) { return entry.items()[2 + i]; }
bool is_member(const Value& entry) { return entry.items()[0].is_true(); }
bool is_place(const Value& entry) { return entry.items()[0].is(Kind::null_value); }
const Value& value_of(const Value& entry) { return entry.items()[1]; }

Value make_members(Arena& arena, const Entries& entries) {
  Value* items = arena.allocate<Value>(entries.size);
  for (std::size_t i = 0; i < entries.size; ++i) items[i] = value_of(entries.first[i]);
  return make_set(items, entries.size);
}

Value build(Arena& arena, Entries entries, bool& conflicts);

Value build_leaf(const Entries& entries, bool& conflicts) {
  const Value& first = value_of(entries.first[0]);
  for (std::size_t i = 1; i < entries.size; ++i)
    conflicts = conflicts || !equal(value_of(entries.first[i]), first);
  return first;
}

Value build_object(Arena& arena, const Entries& entries, bool& conflicts) {
  std::stable_sort(entries.first, entries.first + entries.size,
                   [&](const Value& a, const Value& b) {
                     return compare(key_at(a, entries.depth), key_at(b, entries.depth)) < 0;
                   });
  ArenaVector<Member> members(arena);
  for (std::size_t i = 0; i < entries.size;) {
    const Value& key = key_at(entries.first[i], entries.depth);
    std::size_t end = i + 1;
    while (end < entries.size && equal(key_at(entries.first[end], entries.depth), key)) ++end;
    members.push_back(
        {key, build(arena, {entries.first + i, end - i, entries.depth + 1}, conflicts)});
    i = end;
  }
  return make_object(arena, members.data(), members.size(), true);
}

/// Takes places away that end here, unless nothing else is left.
Entries without_places(Entries entries) {
  auto ends_here = [&](const Value& entry) {
    return is_place(entry) && key_count(entry) == entries.depth;
  };
  Value* end = entries.first + entries.size;
  Value* rest = std::partition(entries.first, end, ends_here);
  if (rest == entries.first) return entries;
  if (rest == end) return {entries.first, 1, entries.depth};
  return {rest, static_cast<std::size_t>(end - rest), entries.depth};
}

Value build(Arena& arena, Entries entries, bool& conflicts) {
  entries = without_places(entries);
  std::size_t ended = 0, members = 0;
  for (std::size_t i = 0; i < entries.size; ++i) {
    if (key_count(entries.first[i]) != entries.depth) continue;
    ++ended;
    if (is_member(entries.first[i])) ++members;
  }
  if (ended == 0) return build_object(arena, entries, conflicts);
  if (ended != entries.size || (members != 0 && members != ended)) {
    conflicts = true;
    return value_of(entries.first[0]);
  }
  return members != 0 ? make_members(arena, entries) : build_leaf(entries, conflicts);
}

}  // namespace

Value make_tree(Arena& arena, List& list, int empty, bool& conflicts) {
  if (list.values.size() != 0)
    return build(arena, {list.values.data(), list.values.size(), 0}, conflicts);
  if (empty == 1) return make_object(arena, nullptr, 0, true);
  return empty == 2 ? Value::set(nullptr, 0) : Value();
}

namespace {

Value item_at(const Value& array, std::string_view text) {
  std::optional<std::int64_t> at = array_index(text);
  return at && *at < array.size() ? array.items()[*at] : Value();
}

}  // namespace

Value merged(Arena& arena, const Value& a, const Value& b) {
  if (a.is_undefined() || b.is_undefined()) return a.is_undefined() ? b : a;
  bool both = a.is(Kind::object) && b.is(Kind::object);
  return both ? merge_objects(arena, b, a) : a;
}

Value shown_data(Arena& arena, const Value& root) {
  if (lookup(root, Value::string(ir::hidden_document)).is_undefined()) return root;
  Member* members = arena.allocate<Member>(root.size());
  const Member* from = sorted_members(root);
  Member* end = std::copy_if(from, from + root.size(), members, [](const Member& member) {
    return !(member.key.is(Kind::string) && member.key.as_string() == ir::hidden_document);
  });
  return make_object(arena, members, static_cast<std::size_t>(end - members), true);
}

Value lookup_path(const Value& root, const std::vector<std::string>& path) {
  Value found = root;
  for (const std::string& part : path) {
    found = found.is(Kind::array) ? item_at(found, part) : lookup(found, part);
  }
  return found;
}

Value lookup_base(const Value& document, const Value& key) {
  if (!key.is(Kind::string) && !key.is(Kind::number)) return Value();
  char digits[24];
  std::string_view text;
  if (key.is_integer())
    text = {digits, std::to_chars(digits, digits + sizeof digits, key.as_integer()).ptr};
  else
    text = key.as_text();
  return document.is(Kind::array) ? item_at(document, text) : lookup(document, text);
}

bool is_at_or_above(const Replaced& by, const std::vector<std::string>& slot, const Value* keys,
                    std::size_t count) {
  if (by.size > slot.size() + count) return false;
  for (std::size_t k = 0; k < by.size; ++k) {
    bool same = k < slot.size() ? by.path[k].as_text() == slot[k]
                                : equal(by.path[k], keys[k - slot.size()]);
    if (!same) return false;
  }
  return true;
}

Value put(Arena& arena, const Value& root, const Value* path, std::size_t size,
          const Value& value) {
  if (size == 0) return value;
  bool fresh = !root.is(Kind::object);
  const Member* from = fresh ? nullptr : sorted_members(root);
  std::uint32_t count = fresh ? 0 : root.size();
  Member* members = arena.allocate<Member>(count + 1);
  std::copy(from, from + count, members);
  Member* at = std::find_if(members, members + count,
                            [&](const Member& member) { return equal(member.key, path[0]); });
  bool added = at == members + count;
  Value below = put(arena, added ? Value() : at->value, path + 1, size - 1, value);
  if (below.is_undefined()) {
    if (added) return root;
    std::copy(at + 1, members + count, at);
    return make_object(arena, members, count - 1, true);
  }
  *at = {added ? path[0] : at->key, below};
  return make_object(arena, members, count + (added ? 1 : 0), !added);
}

}  // namespace lictor::eval
