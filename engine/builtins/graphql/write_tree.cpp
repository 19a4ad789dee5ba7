// One overload of value() for each type that a node's members have.
#include "builtins/graphql/write_tree.hpp"

#include "base/unicode.hpp"
#include "value/object.hpp"

namespace lictor::builtins::graphql {
namespace {

/// Makes values of what nodes consist of; undefined: nothing to show.
class TreeWriter {
 public:
  explicit TreeWriter(Arena& arena) : arena_(arena) {}

  template <class T>
  Value object(T& node) {
    Member members[16];
    std::uint32_t count = 0;
    node.each_member([&](const char* name, auto& member, const char* = "") {
      Value out = value(member);
      if (!out.is_undefined()) members[count++] = {Value::utf8_string(name), out};
    });
    if (count == 0) return Value();
    Member* copy = arena_.allocate<Member>(count);
    std::copy(members, members + count, copy);
    return make_object(arena_, copy, count, true);
  }

 private:
  Value value(std::string_view text) {
    if (valid_utf8(text)) return Value::utf8_string(text);
    return Value::utf8_string(arena_.copy(repair_utf8(text)));
  }
  Value value(bool flag) { return Value::boolean(flag); }
  Value value(std::int64_t number) { return Value::integer(number); }
  Value value(const Position&) { return Value(); }
  Value value(const Selection& selection) {
    return std::visit([&](auto& node) { return value(node); }, selection);
  }
  template <class T>
  Value value(const Ref<T>& node) {
    return node ? object(*node) : Value();
  }
  template <class T>
  Value value(const List<T>& list) {
    ArenaVector<Value> items(arena_, list.size());
    for (const T& item : list) {
      Value out = value(item);
      if (!out.is_undefined()) items.push_back(out);
    }
    if (items.empty()) return Value();
    return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
  }

  Arena& arena_;
};

template <class T>
Value write(Arena& arena, T& tree) {
  Value out = TreeWriter(arena).object(tree);
  return out.is_undefined() ? make_object(arena, nullptr, 0, true) : out;
}

}  // namespace

Value write_tree(Arena& arena, QueryDocument& tree) { return write(arena, tree); }
Value write_tree(Arena& arena, SchemaDocument& tree) { return write(arena, tree); }

}  // namespace lictor::builtins::graphql
