#include "builtins/edit_tree.hpp"

#include <algorithm>
#include <utility>

#include "json/write.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::builtins {
namespace {

std::string shown(const Value& value) {
  return value.is_undefined() ? "<nil>" : json::to_rego(value);
}

/// The name of the type that has a scalar in OPA's program, which its errors show.
const char* type_name(const Value& scalar) {
  switch (scalar.kind()) {
    case Kind::null_value:
      return "ast.Null";
    case Kind::boolean:
      return "ast.Boolean";
    case Kind::number:
      return "ast.Number";
    default:
      return "ast.String";
  }
}

std::string found_scalar(const Value& scalar) {
  return "found value: " + shown(scalar) + " (type: " + type_name(scalar) + ")";
}

/// A path of one key, in which a text has no quotes.
std::string shown_path(const Value& key) {
  return key.is(Kind::string) ? std::string(key.as_string()) : shown(key);
}

}  // namespace

EditTree::EditTree(Arena& arena, const Value& root) : arena_(arena), root_(make(root)) {}

std::nullptr_t EditTree::fail(std::string text) {
  error_ = std::move(text);
  return nullptr;
}

EditTree::Node* EditTree::make(const Value& value) {
  nodes_.emplace_back();
  reset(nodes_.back(), value);
  return &nodes_.back();
}

void EditTree::reset(Node& node, const Value& value) {
  node.value = value;
  node.children.clear();
  node.slots.clear();
  if (!value.is(Kind::array)) return;
  node.slots.resize(value.size());
  for (std::uint32_t i = 0; i < value.size(); ++i) node.slots[i].original = i;
}

bool EditTree::insert(Path path, const Value& value) {
  if (value.is_undefined()) return fail("cannot insert nil value into EditTree") != nullptr;
  if (path.empty()) {
    reset(*root_, value);
    return true;
  }
  Node* parent = unfold(*root_, path.first(path.size() - 1));
  return parent && insert_child(*parent, path.back(), value);
}

bool EditTree::remove(Path path) {
  if (!path.empty()) {
    Node* parent = unfold(*root_, path.first(path.size() - 1));
    return parent && remove_child(*parent, path.back());
  }
  if (root_->value.is_undefined()) fail("deleted node encountered during delete operation");
  reset(*root_, Value());
  return !failed();
}

bool EditTree::render(Path path, Value& out) {
  const Node* node = unfold(*root_, path);
  if (node) out = render(*node);
  return node;
}

Value EditTree::render() { return render(*root_); }

// ---- The index of an item ----

std::optional<std::int64_t> EditTree::index(const Node& node, const Value& key) {
  std::optional<std::int64_t> out;
  if (key.is(Kind::string)) return index(node, key.as_string());
  if (key.is(Kind::number)) out = to_int64(key);
  if (!out)
    fail(key.is(Kind::number) ? "invalid number type for indexing" : "invalid type for indexing");
  return out;
}

std::optional<std::int64_t> EditTree::index(const Node& node, std::string_view key) {
  if (key == "-") return static_cast<std::int64_t>(node.slots.size());
  std::optional<std::int64_t> out;
  if (!key.empty()) out = to_int64(Value::number_text(key));
  if (!out) {
    fail("invalid string for indexing");
  } else if (key != "0" && key.starts_with('0')) {
    fail("leading zeros are not allowed in JSON paths");
    out = std::nullopt;
  }
  return out;
}

// ---- Unfolding: the node at a path; what is not yet edited becomes a child ----

EditTree::Node* EditTree::unfold(Node& from, Path path) {
  if (path.empty()) return &from;
  switch (from.value.kind()) {
    case Kind::undefined:
      return fail("nil value encountered where composite value was expected");
    case Kind::object:
      return unfold_object(from, path);
    case Kind::set:
      return unfold_set(from, path);
    case Kind::array:
      return unfold_array(from, path);
    default:
      return fail("expected composite type for path " + shown(path[0]) + ", " +
                  found_scalar(from.value));
  }
}

EditTree::Node* EditTree::unfold_object(Node& node, Path path) {
  const Value& key = path[0];
  if (auto found = node.children.find(key); found != node.children.end()) {
    if (found->second.node) return unfold(*found->second.node, path.subspan(1));
    return fail("cannot unfold the already deleted " +
                std::string(found->second.composite ? "composite" : "scalar") + " node for key " +
                shown(key));
  }
  Value value = lookup(node.value, key);
  if (value.is_undefined())
    return fail("path " + shown(key) + " does not exist in object term " + shown(node.value));
  return unfold(*insert_member(node, key, value), path.subspan(1));
}

EditTree::Node* EditTree::unfold_set(Node& node, Path path) {
  const Value& key = path[0];
  if (key.is_collection()) {
    collapse(node);
  } else if (auto found = node.children.find(key); found != node.children.end()) {
    if (found->second.node) return unfold(*found->second.node, path.subspan(1));
    return fail("cannot unfold the already deleted scalar node for key " + shown(key));
  }
  if (lookup(node.value, key).is_undefined())
    return fail("path " + shown_path(key) + " does not exist in set term " + shown(node.value));
  return unfold(*insert_child(node, key, key), path.subspan(1));
}

/// An item that was not edited is sought among the original ones at the index that it has now, as
/// OPA does.
EditTree::Node* EditTree::unfold_array(Node& node, Path path) {
  std::optional<std::int64_t> at = index(node, path[0]);
  if (!at) return nullptr;
  auto place = static_cast<std::size_t>(*at);
  if (place < node.slots.size() && node.slots[place].node)
    return unfold(*node.slots[place].node, path.subspan(1));
  if (place >= node.value.size()) {
    return fail("path " + std::to_string(*at) + " does not exist in array term " +
                shown(node.value));
  }
  Value key = Value::integer(*at);
  if (!remove_item(node, key)) return nullptr;
  Node* child = insert_item(node, key, node.value.items()[place]);
  return child ? unfold(*child, path.subspan(1)) : nullptr;
}

// ---- Inserting ----

EditTree::Node* EditTree::insert_child(Node& node, const Value& key, const Value& value) {
  switch (node.value.kind()) {
    case Kind::undefined:
      return fail("deleted node encountered during insert operation");
    case Kind::object:
      return insert_member(node, key, value);
    case Kind::set:
      if (!equal(key, value)) {
        return fail("set key " + shown(key) + " does not equal value to be inserted " +
                    shown(value));
      }
      if (key.is_collection()) collapse(node);
      return insert_member(node, key, value);
    case Kind::array:
      return insert_item(node, key, value);
    default:
      return fail("expected composite type, " + found_scalar(node.value));
  }
}

EditTree::Node* EditTree::insert_member(Node& node, const Value& key, const Value& value) {
  Child& child = node.children[key];
  child = {key, make(value), value.is_collection()};
  return child.node;
}

EditTree::Node* EditTree::insert_item(Node& node, const Value& key, const Value& value) {
  std::optional<std::int64_t> at = index(node, key);
  if (!at) return nullptr;
  if (*at < 0 || static_cast<std::size_t>(*at) > node.slots.size())
    return fail("index for array insertion out of bounds");
  return node.slots.insert(node.slots.begin() + *at, {0, make(value)})->node;
}

// ---- Removing ----

bool EditTree::remove_child(Node& node, const Value& key) {
  switch (node.value.kind()) {
    case Kind::undefined:
      return fail("deleted node encountered during delete operation") != nullptr;
    case Kind::set:
      if (key.is_collection()) collapse(node);
      [[fallthrough]];
    case Kind::object:
      return remove_member(node, key);
    case Kind::array:
      return remove_item(node, key);
    default:
      return fail("expected composite type, " + found_scalar(node.value)) != nullptr;
  }
}

bool EditTree::remove_member(Node& node, const Value& key) {
  auto found = node.children.find(key);
  if (found == node.children.end()) {
    Value value = lookup(node.value, key);
    if (value.is_undefined())
      return fail("cannot delete child key " + shown(key) + " that does not exist") != nullptr;
    node.children[key] = {key, nullptr, value.is_collection()};
    return true;
  }
  if (found->second.node == nullptr) {
    return fail("cannot delete the already deleted " +
                std::string(found->second.composite ? "composite" : "scalar") + " node for key " +
                shown(key)) != nullptr;
  }
  found->second.node = nullptr;
  return true;
}

bool EditTree::remove_item(Node& node, const Value& key) {
  std::optional<std::int64_t> at = index(node, key);
  if (!at) return false;
  if (*at < 0 || static_cast<std::size_t>(*at) >= node.slots.size())
    return fail("index for array delete out of bounds") != nullptr;
  node.slots.erase(node.slots.begin() + *at);
  return true;
}

// ---- Rendering ----

Value EditTree::render(const Node& node) {
  switch (node.value.kind()) {
    case Kind::object:
      return node.children.empty() ? node.value : render_object(node);
    case Kind::set:
      return node.children.empty() ? node.value : render_set(node);
    case Kind::array:
      return render_array(node);
    default:
      return node.value;
  }
}

Value EditTree::render_object(const Node& node) {
  ArenaVector<Member> out(arena_);
  for (const auto& [key, child] : node.children) {
    if (child.node) out.push_back({child.key, render(*child.node)});
  }
  for (std::uint32_t i = 0; i < node.value.size(); ++i) {
    const Member& member = sorted_members(node.value)[i];
    if (!node.children.contains(member.key)) out.push_back(member);
  }
  return make_object(arena_, out.data(), out.size(), false);
}

Value EditTree::render_set(const Node& node) {
  ArenaVector<Value> out(arena_);
  for (const auto& [key, child] : node.children) {
    if (child.node) out.push_back(render(*child.node));
  }
  for (std::uint32_t i = 0; i < node.value.size(); ++i) {
    const Value& item = node.value.items()[i];
    if (!node.children.contains(item)) out.push_back(item);
  }
  return make_set(out.data(), out.size());
}

Value EditTree::render_array(const Node& node) {
  ArenaVector<Value> out(arena_);
  for (const Slot& slot : node.slots)
    out.push_back(slot.node ? render(*slot.node) : node.value.items()[slot.original]);
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

}  // namespace lictor::builtins
