// A TreeReader corresponds to one call of Go's decoder, whose errors give the root type and the
// path.
#include "builtins/graphql/read_tree.hpp"

#include <algorithm>
#include <vector>

#include "base/letters.hpp"
#include "base/unicode.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr std::string_view package = "ast.";

template <class T>
concept HasOwnReader = requires(T node) {
  node.each_read_member([](auto&&...) {});
};

/// The JSON type of a value, as errors name it.
std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return "bool";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::object:
      return "object";
    default:
      return "array";
  }
}

std::string_view without_package(std::string_view type) {
  return type.starts_with(package) ? type.substr(package.size()) : type;
}

/// The least code point among those that differ from `code` only in case.
char32_t folded(char32_t code) {
  char32_t least = code;
  for (char32_t next = next_fold(code); next != code; next = next_fold(next))
    least = std::min(least, next);
  return least;
}

bool equal_folded(std::string_view a, std::string_view b) {
  if (a == b) return true;
  std::u32string x = to_runes(a), y = to_runes(b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](char32_t c, char32_t d) { return folded(c) == folded(d); });
}

class TreeReader {
 public:
  TreeReader(Arena& arena, std::string_view root) : arena_(arena), root_(root) {}

  const std::string& error() const { return error_; }
  bool failed() const { return !error_.empty(); }

  void read(const Value& value, std::string_view& out, std::string_view type) {
    if (value.is(Kind::null_value)) return;
    if (!value.is(Kind::string)) return fail(json_kind(value), type);
    std::string_view text = value.as_string();
    out = valid_utf8(text) ? text : arena_.copy(repair_utf8(text));
  }

  void read(const Value& value, bool& out, std::string_view type) {
    if (value.is(Kind::null_value)) return;
    if (!value.is(Kind::boolean)) return fail(json_kind(value), type);
    out = value.as_boolean();
  }

  void read(const Value& value, std::int64_t& out, std::string_view type) {
    if (value.is(Kind::null_value)) return;
    if (!value.is(Kind::number)) return fail(json_kind(value), type);
    if (!value.is_integer()) return fail("number " + number_text(value), type);
    out = value.as_integer();
  }

  void read(const Value& value, Position& out) {
    out.known = !value.is(Kind::null_value);
    if (out.known) read_struct(value, out);
  }

  template <class T>
  void read(const Value& value, Ref<T>& out) {
    if (value.is(Kind::null_value)) {
      out = {};
      return;
    }
    if (!out) out = make_node<T>(arena_);
    read_struct(value, *out);
  }

  /// Merges into the items that the list already has, as Go does.
  template <class T>
  void read(const Value& value, List<T>& out, std::string_view type) {
    if (value.is(Kind::null_value)) {
      out = {};
      return;
    }
    if (!is_list(value)) return fail(json_kind(value), type);
    ArenaVector<T> items(arena_, value.size());
    for (std::uint32_t i = 0; i < value.size() && !failed(); ++i) {
      T item = i < out.size() ? out[i] : T();
      path_.push_back(std::to_string(i));
      read_item(value.items()[i], item, type);
      path_.pop_back();
      items.push_back(item);
    }
    out = to_list(items);
  }

  /// Drops items that are not selections.
  void read(const Value& value, SelectionSet& out) {
    out = {};
    if (value.is(Kind::null_value)) return;
    if (!is_list(value)) return fail(json_kind(value), "[]jsontext.Value");
    ArenaVector<Selection> items(arena_, value.size());
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Value& item = value.items()[i];
      if (!add_selection<Field>(item, items) && !add_selection<FragmentSpread>(item, items))
        add_selection<InlineFragment>(item, items);
    }
    out = to_list(items);
  }

 private:
  static bool is_list(const Value& value) { return value.is(Kind::array) || value.is(Kind::set); }

  void read_item(const Value& value, std::string_view& out, std::string_view list_type) {
    read(value, out, list_type.substr(2));  // without its []
  }
  template <class T>
  void read_item(const Value& value, Ref<T>& out, std::string_view) {
    read(value, out);
  }

  template <class T>
  bool add_selection(const Value& value, ArenaVector<Selection>& out) {
    TreeReader reader(arena_, without_package(T::go_type));
    Ref<T> node = make_node<T>(arena_);
    if (!value.is(Kind::null_value)) reader.read_struct(value, *node);
    if (!reader.failed()) out.push_back(node);
    return !reader.failed();
  }

  template <class T>
  void read_struct(const Value& value, T& out) {
    if constexpr (HasOwnReader<T>) {
      read_own_members(value, out);
    } else {
      read_members(value, out);
    }
  }

  /// Reads the members whose names match a field, ignoring case.
  template <class T>
  void read_members(const Value& value, T& out) {
    if (!value.is(Kind::object)) return fail(json_kind(value), T::go_type);
    for (std::uint32_t i = 0; i < value.size() && !failed(); ++i) {
      Member found = object_member(value, i);
      if (!found.key.is(Kind::string)) continue;
      std::string_view key = found.key.as_string();
      out.each_member([&](std::string_view name, auto& member, auto... type) {
        if (failed() || !equal_folded(name, key)) return;
        path_.emplace_back(key);
        read(found.value, member, type...);
        path_.pop_back();
      });
    }
  }

  /// Reads each member by a separate call of the decoder, as OPA does for these nodes.
  template <class T>
  void read_own_members(const Value& value, T& out) {
    if (!value.is(Kind::object)) {
      error_ = "json: cannot unmarshal " + std::string(json_kind(value)) +
               " into Go value of type map[string]jsontext.Value";
      return;
    }
    out.each_read_member([&](std::string_view name, auto& member, auto... type) {
      Value found = lookup(value, name);
      if (failed() || found.is_undefined()) return;
      TreeReader reader(arena_, without_package(first_or_empty(type...)));
      reader.read(found, member, type...);
      error_ = reader.error();
    });
  }

  static std::string_view first_or_empty() { return {}; }
  static std::string_view first_or_empty(std::string_view type) { return type; }

  void fail(std::string_view value, std::string_view type) {
    error_ = "json: cannot unmarshal " + std::string(value) + " into ";
    if (path_.empty()) {
      error_ += "Go value";
    } else {
      bool is_index = path_.back().find_first_not_of("0123456789") == std::string::npos;
      error_ += (is_index ? "" : "Go struct field ") + std::string(root_);
      for (const std::string& step : path_) error_ += "." + step;
    }
    error_ += " of type " + std::string(type);
  }

  Arena& arena_;
  std::string_view root_;
  std::vector<std::string> path_;
  std::string error_;
};

template <class T>
Ref<T> read_document(const Value& object, Arena& arena, std::string& error) {
  TreeReader reader(arena, without_package(T::go_type));
  Ref<T> out;
  reader.read(object, out);
  if (!reader.failed()) return out;
  error = reader.error();
  return {};
}

}  // namespace

Ref<QueryDocument> read_query_tree(const Value& object, Arena& arena, std::string& error) {
  return read_document<QueryDocument>(object, arena, error);
}

Ref<SchemaDocument> read_schema_tree(const Value& object, Arena& arena, std::string& error) {
  return read_document<SchemaDocument>(object, arena, error);
}

}  // namespace lictor::builtins::graphql
