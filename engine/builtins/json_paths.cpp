// Parts of documents by their paths: json.filter, json.remove and json.patch. Source: OPA
// v1/topdown/json.go.
#include <map>
#include <vector>

#include "builtins/edit_tree.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

using Path = std::vector<Value>;

// ---- Reading paths ----

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t i = text.find(from); i != text.npos; i = text.find(from)) {
    out.append(text.substr(0, i)).append(to);
    text.remove_prefix(i + from.size());
  }
  return out.append(text);
}

/// Splits "/a/b~1c" into its keys; any number of slashes may precede the first one.
void parse_pointer(Call& call, std::string_view text, Path& out) {
  if (text.empty()) return;
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  for (bool more = true; more;) {
    std::size_t end = text.find('/');
    more = end != text.npos;
    std::string_view part = text.substr(0, end);
    out.push_back(call.text(replace_all(replace_all(part, "~1", "/"), "~0", "~")));
    if (more) text.remove_prefix(end + 1);
  }
}

/// Reads a path, a JSON pointer or an array of keys; returns false after an error.
bool parse_path(Call& call, const Value& given, Path& out) {
  out.clear();
  if (given.is(Kind::array)) {
    out.assign(given.items(), given.items() + given.size());
  } else if (given.is(Kind::string)) {
    parse_pointer(call, given.as_string(), out);
  } else {
    call.type_error(
        "operand 2 must be one of {set, array} containing string paths or array of path segments "
        "but got " +
        std::string(kind_name(given.kind())));
  }
  return !call.failed;
}

// ---- Filtering and removing ----

/// Paths, merged: the leaf of one hides what is below it in others.
struct PathTree {
  std::map<Value, PathTree, ValueLess> children;
  bool is_leaf = false;

  void add(const Path& path) {
    PathTree* node = this;
    for (const Value& key : path) {
      if (node->is_leaf) return;
      node = &node->children[key];
    }
    node->is_leaf = true;
    node->children.clear();
  }

  using Entry = std::map<Value, PathTree, ValueLess>::const_iterator;
  Entry end() const { return children.end(); }
  Entry find(const Value& key) const { return children.find(key); }
  /// Items of arrays are named by texts.
  Entry find_index(std::uint32_t index) const {
    std::string text = std::to_string(index);
    return children.find(Value::string(text));
  }
};

/// Reads the operands of json.filter and json.remove; returns false after an error.
bool parse_operands(Call& call, PathTree& out) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object"), false;
  if (!call.is(1, Kind::array) && !call.is(1, Kind::set))
    return call.wrong_type(1, "one of {set, array}"), false;
  Path path;
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    if (!parse_path(call, call[1].items()[i], path)) return false;
    if (!path.empty()) out.add(path);
  }
  return true;
}

/// Keeps what the paths name, or else removes it; a scalar that a path goes through stays.
class PathEdit {
 public:
  PathEdit(Arena& arena, bool keeps) : arena_(arena), keeps_(keeps) {}

  Value apply(const Value& value, const PathTree& paths) const {
    if (!value.is_collection()) return value;
    return value.is(Kind::object) ? members(value, paths) : items(value, paths);
  }

 private:
  /// What is left of a part that `named` is for, or of one that no path names; undefined if nothing
  /// is.
  Value part(const Value& value, const PathTree* named) const {
    if (!named || named->is_leaf) return keeps_ == (named != nullptr) ? value : Value();
    return apply(value, *named);
  }

  Value members(const Value& value, const PathTree& paths) const {
    ArenaVector<Member> out(arena_);
    bool their_spelling = keeps_ && value.size() < paths.children.size();  // of equal numbers
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Member& member = sorted_members(value)[i];
      auto found = paths.find(member.key);
      bool is_named = found != paths.end();
      Value left = part(member.value, is_named ? &found->second : nullptr);
      if (!left.is_undefined())
        out.push_back({is_named && their_spelling ? found->first : member.key, left});
    }
    return make_object(arena_, out.data(), out.size(), true);
  }

  Value items(const Value& value, const PathTree& paths) const {
    ArenaVector<Value> out(arena_);
    bool array = value.is(Kind::array);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Value& item = value.items()[i];
      auto found = array ? paths.find_index(i) : paths.find(item);
      Value left = part(item, found != paths.end() ? &found->second : nullptr);
      if (!left.is_undefined()) out.push_back(left);
    }
    if (!array) return make_set(out.data(), out.size());
    return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
  }

  Arena& arena_;
  bool keeps_;
};

template <bool keeps>
Value edit(Call& call) {
  PathTree paths;
  return parse_operands(call, paths) ? PathEdit(call.arena, keeps).apply(call[0], paths) : Value();
}

// ---- Patching ----

bool missing(Call& call, std::string_view attribute) {
  call.fail("missing required attribute '" + std::string(attribute) + "'");
  return false;
}

/// Applies one patch; returns false after an error, which is the call's or the tree's.
class Patch {
 public:
  Patch(Call& call, EditTree& tree, const Value& patch) : call_(call), tree_(tree), patch_(patch) {}

  bool apply() {
    Value path = lookup(patch_, "path"), op = lookup(patch_, "op");
    if (path.is_undefined()) return missing(call_, "path");
    if (op.is_undefined()) return missing(call_, "op");
    if (!op.is(Kind::string)) {
      call_.fail("attribute 'op' must be a string but found: " + std::string(kind_name(op.kind())));
      return false;
    }
    return parse_path(call_, path, path_) && apply(op.as_string());
  }

 private:
  bool apply(std::string_view op) {
    if (op == "add") return read_value() && tree_.insert(path_, value_);
    if (op == "remove") return tree_.remove(path_);
    if (op == "replace") return tree_.remove(path_) && read_value() && tree_.insert(path_, value_);
    if (op == "move") return read_from() && tree_.remove(from_) && tree_.insert(path_, value_);
    if (op == "copy") return read_from() && tree_.insert(path_, value_);
    if (op == "test") return test();
    call_.fail("unrecognized op: '" + std::string(op) + "'");
    return false;
  }

  bool read_value() {
    value_ = lookup(patch_, "value");
    return value_.is_undefined() ? missing(call_, "value") : true;
  }

  bool read_from() {
    Value from = lookup(patch_, "from");
    if (from.is_undefined()) return missing(call_, "from");
    return parse_path(call_, from, from_) && tree_.render(from_, value_);
  }

  bool test() {
    Value found;
    if (!tree_.render(path_, found) || !read_value()) return false;
    if (equal(found, value_)) return true;
    call_.fail("value from EditTree != patch value.\n\nExpected: " + json::to_rego(value_) +
               "\n\nFound: " + (found.is_undefined() ? "<nil>" : json::to_rego(found)));
    return false;
  }

  Call& call_;
  EditTree& tree_;
  const Value& patch_;
  Path path_, from_;
  Value value_;
};

Value patch(Call& call) {
  if (!call.is(1, Kind::array)) return call.wrong_type(1, "array");
  EditTree tree(call.arena, call[0]);
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    const Value& item = call[1].items()[i];
    if (!item.is(Kind::object)) {
      return call.fail(
          "must be an array of JSON-Patch objects, but at least one element is not an object");
    }
    if (!Patch(call, tree, item).apply()) return call.failed ? Value() : call.fail(tree.error());
  }
  Value out = tree.render();
  return out.is_undefined() ? call.fail("the whole document was removed") : out;
}

constexpr Builtin table[] = {
    {"json.filter",
     "(object: object[any: any], paths: any<array[any<string, array[any]>], set[any<string, "
     "array[any]>]>) => filtered: object[any: any]",
     edit<true>},
    {"json.remove",
     "(object: object[any: any], paths: any<array[any<string, array[any]>], set[any<string, "
     "array[any]>]>) => output: object[any: any]",
     edit<false>},
    {"json.patch",
     "(target: any, patches: array[object<op: string, path: any>[any: any]]) => output: any",
     patch},
};

}  // namespace

std::span<const Builtin> json_path_builtins() { return table; }

}  // namespace lictor::builtins
