// Builds shapes and fills their slots from values.
#include "json/shape.hpp"

#include <algorithm>

#include "value/object.hpp"

namespace lictor::json {
namespace {

/// Puts the places where their hashes say; returns how many found theirs taken.
int place_children(Shape::Node& node, const std::vector<Shape::Place>& places) {
  int collisions = 0;
  std::fill(node.table.begin(), node.table.end(), Shape::Place{});
  for (const Shape::Place& place : places) {
    std::size_t at = (place.print.hash() * node.multiplier) >> node.shift;
    if (!node.table[at].is_empty()) ++collisions;
    while (!node.table[at].is_empty()) at = (at + 1) & node.mask;
    node.table[at] = place;
  }
  return collisions;
}

}  // namespace

std::uint32_t Shape::at(const std::vector<std::string>& path) {
  std::uint32_t node = 0;
  for (const std::string& key : path) {
    auto& children = nodes[node].children;
    auto found = std::find_if(children.begin(), children.end(),
                              [&](const Child& child) { return child.key == key; });
    if (found != children.end()) {
      node = found->node;
      continue;
    }
    auto added = static_cast<std::uint32_t>(nodes.size());
    children.push_back({key, added});
    nodes.emplace_back();
    node = added;
  }
  return node;
}

void Shape::number_slots() {
  slot_count = 0;
  number(0);
  for (Node& node : nodes) make_table(node);
}

/// With a multiplier under which no two keys collide, if one is found.
void Shape::make_table(Node& node) {
  std::vector<Place> places;
  for (std::uint32_t k = 0; k < node.children.size(); ++k) {
    const Child& child = node.children[k];
    std::string padded = child.key + std::string(sizeof(std::uint64_t), '\0');
    KeyPrint print(std::string_view(padded).substr(0, child.key.size()));
    const Node& below = nodes[child.node];
    places.push_back({print, k, below.children.empty() ? below.slot : no_slot});
  }
  unsigned bits = 1;
  while ((std::size_t{1} << bits) < 4 * places.size()) ++bits;
  node.table.resize(std::size_t{1} << bits);
  node.mask = node.table.size() - 1;
  node.shift = 64 - bits;
  constexpr int tries = 100;
  node.multiplier = 0x9E3779B97F4A7C15u;
  for (int i = 0; i < tries && place_children(node, places) != 0; ++i)
    node.multiplier = node.multiplier * 6364136223846793005u + 2;
}

void Shape::number(std::uint32_t at) {
  nodes[at].first_slot = slot_count;
  if (nodes[at].whole) nodes[at].slot = slot_count++;
  for (const Child& child : nodes[at].children) number(child.node);
  nodes[at].last_slot = slot_count;
}

void fill_slots_below(const Shape& shape, std::uint32_t at, const Value& value, Value* slots) {
  const Shape::Node& node = shape.nodes[at];
  if (!value.is(Kind::object) || value.size() == 0) {
    std::fill(slots + node.first_slot + (node.whole ? 1 : 0), slots + node.last_slot, Value());
    return;
  }
  for (const Shape::Child& child : node.children)
    fill_slots_at(shape, child.node, lookup(value, child.key), slots);
}

void fill_slots_at(const Shape& shape, std::uint32_t at, const Value& value, Value* slots) {
  const Shape::Node& node = shape.nodes[at];
  if (node.whole) slots[node.slot] = value;
  if (!node.children.empty()) fill_slots_below(shape, at, value, slots);
}

void fill_slots(const Shape& shape, const Value& root, Value* slots) {
  std::fill(slots, slots + shape.slot_count, Value());
  fill_slots_at(shape, 0, root, slots);
}

}  // namespace lictor::json
