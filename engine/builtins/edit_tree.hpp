// What json.patch edits. In: a value, then edits at paths, one after another. Out: the edited
// value, or the first error, in OPA's words. A node keeps the value that it began with and the
// edits of its children, and errors show the value that it began with: so does OPA's tree.
// INVARIANT: a node of an array keeps, for each item, which original item it is or the node that
// replaced it. Source: OPA internal/edittree.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "lictor/value.hpp"
#include "value/compare.hpp"

namespace lictor::builtins {

class EditTree {
 public:
  EditTree(Arena& arena, const Value& root);

  using Path = std::span<const Value>;

  /// Each returns false after an error.
  bool insert(Path path, const Value& value);
  bool remove(Path path);
  bool render(Path path, Value& out);

  /// The whole value; undefined if the root was removed.
  Value render();
  const std::string& error() const { return error_; }

 private:
  struct Node;
  struct Child {
    Value key;
    Node* node = nullptr;  // null: deleted
    bool composite = false;
  };
  struct Slot {
    std::uint32_t original = 0;  // an item of the node's value, if there is no node
    Node* node = nullptr;
  };
  struct Node {
    Value value;                                 // undefined: deleted
    std::map<Value, Child, ValueLess> children;  // edited members of an object or set
    std::vector<Slot> slots;                     // of an array
  };

  Node* make(const Value& value);
  void reset(Node& node, const Value& value);
  void collapse(Node& node) { reset(node, render(node)); }

  Node* unfold(Node& from, Path path);
  Node* unfold_object(Node& node, Path path);
  Node* unfold_set(Node& node, Path path);
  Node* unfold_array(Node& node, Path path);

  Node* insert_child(Node& node, const Value& key, const Value& value);
  Node* insert_member(Node& node, const Value& key, const Value& value);
  Node* insert_item(Node& node, const Value& key, const Value& value);

  bool remove_child(Node& node, const Value& key);
  bool remove_member(Node& node, const Value& key);
  bool remove_item(Node& node, const Value& key);

  std::optional<std::int64_t> index(const Node& node, const Value& key);
  std::optional<std::int64_t> index(const Node& node, std::string_view key);

  Value render(const Node& node);
  Value render_object(const Node& node);
  Value render_set(const Node& node);
  Value render_array(const Node& node);

  std::nullptr_t fail(std::string text);
  bool failed() const { return !error_.empty(); }

  Arena& arena_;
  std::deque<Node> nodes_;
  Node* root_;
  std::string error_;
};

}  // namespace lictor::builtins
