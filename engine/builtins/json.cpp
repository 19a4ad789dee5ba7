// JSON documents: marshal, unmarshal, filter, remove and patch; reading YAML. Source: OPA
// v1/topdown/json.go, encoding.go (1.22.2).
#include <algorithm>

#include "builtins/families.hpp"
#include "json/go_decoder.hpp"
#include "json/read.hpp"
#include "json/yaml.hpp"
#include "lictor/yaml.hpp"

namespace lictor::builtins {
namespace {

Value marshal(Call& call) { return call.text(json::to_json(call[0])); }

Value unmarshal(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Result<Value> value = json::read_owned(call[0].as_text(), call.arena);
  if (value) return *value;
  if (value.error().code != ErrorCode::input) return call.fail(value.error().message);
  json::GoDecoding go = json::go_decoding(call[0].as_text());
  if (!go.error.empty()) return call.fail(go.error);
  value = json::read_owned(go.first, call.arena);
  return value ? *value : call.fail(value.error().message);
}

Value is_valid(Call& call) {
  if (!call.is(0, Kind::string)) return Value::boolean(false);
  Arena scratch;
  return Value::boolean(json::read_owned(call[0].as_text(), scratch).has_value());
}

Value yaml_unmarshal(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Result<std::string> json = yaml_to_json(call[0].as_string());
  if (!json) return call.fail(json.error().message);
  Result<Value> value = json::read_owned(*json, call.arena);
  if (!value) return call.fail(value.error().message);
  return *value;
}

Value yaml_marshal(Call& call) {
  Result<std::string> out = json::to_yaml(call[0]);
  return out ? call.text(*out) : call.fail(out.error().message);
}

Value yaml_is_valid(Call& call) {
  return Value::boolean(call.is(0, Kind::string) && yaml_to_json(call[0].as_string()).has_value());
}

void append_lines(std::string& out, const Value& value, std::string_view prefix,
                  std::string_view indent, int level) {
  auto new_line = [&](int depth) {
    out += '\n';
    out += prefix;
    for (int i = 0; i < depth; ++i) out += indent;
  };
  bool is_object = value.is(Kind::object);
  if (!value.is_collection() || value.size() == 0) return json::append_json(out, value);
  out += is_object ? '{' : '[';
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (i != 0) out += ',';
    new_line(level + 1);
    if (is_object) {
      const Member& member = sorted_members(value)[i];
      json::append_quoted(
          out, member.key.is(Kind::string) ? member.key.as_text() : json::to_json(member.key),
          true);
      out += ": ";
      append_lines(out, member.value, prefix, indent, level + 1);
    } else {
      append_lines(out, value.items()[i], prefix, indent, level + 1);
    }
  }
  new_line(level);
  out += is_object ? '}' : ']';
}

Value marshal_with_options(Call& call) {
  if (!call.is(1, Kind::object)) return call.wrong_type(1, "object");
  Value prefix = lookup(call[1], "prefix"), indent = lookup(call[1], "indent"),
        pretty = lookup(call[1], "pretty");
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    const Member& member = sorted_members(call[1])[i];
    std::string_view key = member.key.as_text();
    const char* wanted = key == "pretty"                      ? "boolean"
                         : key == "prefix" || key == "indent" ? "string"
                                                              : nullptr;
    if (wanted == nullptr) {
      return call.type_error("operand 2 object contained unknown key \"" + std::string(key) + "\"");
    }
    if (std::string_view(kind_name(member.value.kind())) != wanted) {
      return call.type_error("key \"" + std::string(key) + "\" failed cast to " +
                             (key == "pretty" ? "bool" : "string"));
    }
  }
  bool lines = pretty.is_undefined() ? call[1].size() > 0 : pretty.is_true();
  if (!lines) return marshal(call);
  std::string out(prefix.is(Kind::string) ? prefix.as_text() : std::string_view());
  append_lines(out, call[0], prefix.is(Kind::string) ? prefix.as_text() : std::string_view(),
               indent.is(Kind::string) ? indent.as_text() : std::string_view("\t"), 0);
  return call.text(out);
}

// ---- Paths ----

using Path = std::vector<Value>;

std::string unescape_pointer(std::string part) {
  for (const auto& [from, to] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}}) {
    for (std::size_t at = part.find(from); at != std::string::npos; at = part.find(from, at + 1))
      part.replace(at, 2, to);
  }
  return part;
}

/// A path is a string "a/b" or an array of keys.
bool parse_path(Call& call, const Value& given, Path& out) {
  if (given.is(Kind::array)) {
    out.assign(given.items(), given.items() + given.size());
    return true;
  }
  if (!given.is(Kind::string)) {
    call.type_error(
        "operand 2 must be one of {set, array} containing string paths or array of path segments "
        "but got " +
        std::string(kind_name(given.kind())));
    return false;
  }
  std::string text(given.as_text());
  if (text.empty()) return true;
  std::size_t start = text.find_first_not_of('/');
  if (start == std::string::npos) start = text.size();
  if (text[0] == '/') start = 1;
  for (;;) {
    std::size_t end = text.find('/', start);
    out.push_back(call.text(unescape_pointer(text.substr(start, end - start))));
    if (end == std::string::npos) return true;
    start = end + 1;
  }
}

bool parse_paths(Call& call, std::vector<Path>& out) {
  if (!call.is(1, Kind::array) && !call.is(1, Kind::set)) {
    call.wrong_type(1, "one of {set, array}");
    return false;
  }
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    Path path;
    if (!parse_path(call, call[1].items()[i], path)) return false;
    out.push_back(std::move(path));
  }
  return true;
}

/// The index that a path's part names in an array, or -1.
std::int64_t index_of(const Value& part, std::uint32_t size) {
  if (part.is(Kind::number)) return to_int64(part).value_or(-1);
  if (!part.is(Kind::string)) return -1;
  std::string_view text = part.as_text();
  if (text.empty() || text.size() > 9 || (text.size() > 1 && text[0] == '0')) return -1;
  std::int64_t index = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    index = index * 10 + (c - '0');
  }
  return index <= size ? index : -1;
}

Value keep(Arena& arena, const Value& value, const std::vector<const Path*>& paths,
           std::size_t depth) {
  for (const Path* path : paths) {
    if (path->size() == depth) return value;
  }
  auto below = [&](const Value& key, bool index) {
    std::vector<const Path*> out;
    for (const Path* path : paths) {
      const Value& part = (*path)[depth];
      bool same = index ? Value::integer(index_of(part, ~0u)).as_integer() == key.as_integer()
                        : equal(part, key);
      if (same) out.push_back(path);
    }
    return out;
  };
  if (value.is(Kind::object)) {
    ArenaVector<Member> members(arena);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Member& member = sorted_members(value)[i];
      auto wanted = below(member.key, false);
      if (wanted.empty()) continue;
      Value kept = keep(arena, member.value, wanted, depth + 1);
      if (!kept.is_undefined()) members.push_back({member.key, kept});
    }
    return make_object(arena, members.data(), members.size(), true);
  }
  if (value.is(Kind::array)) {
    ArenaVector<Value> items(arena);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      auto wanted = below(Value::integer(i), true);
      if (wanted.empty()) continue;
      Value kept = keep(arena, value.items()[i], wanted, depth + 1);
      if (!kept.is_undefined()) items.push_back(kept);
    }
    return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
  }
  if (value.is(Kind::set)) {
    ArenaVector<Value> items(arena);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      auto wanted = below(value.items()[i], false);
      if (!wanted.empty()) items.push_back(value.items()[i]);
    }
    return make_set(items.data(), items.size());
  }
  return Value();
}

Value drop(Arena& arena, const Value& value, const Path& path, std::size_t depth) {
  const Value& part = path[depth];
  bool last = depth + 1 == path.size();
  if (value.is(Kind::object)) {
    ArenaVector<Member> members(arena);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      const Member& member = sorted_members(value)[i];
      if (!equal(member.key, part))
        members.push_back(member);
      else if (!last)
        members.push_back({member.key, drop(arena, member.value, path, depth + 1)});
    }
    return make_object(arena, members.data(), members.size(), true);
  }
  if (value.is(Kind::array)) {
    std::int64_t index = index_of(part, value.size());
    ArenaVector<Value> items(arena);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (i != index)
        items.push_back(value.items()[i]);
      else if (!last)
        items.push_back(drop(arena, value.items()[i], path, depth + 1));
    }
    return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
  }
  if (value.is(Kind::set) && last) {
    ArenaVector<Value> items(arena);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (!equal(value.items()[i], part)) items.push_back(value.items()[i]);
    }
    return make_set(items.data(), items.size());
  }
  return value;
}

Value filter(Call& call) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object");
  std::vector<Path> paths;
  if (!parse_paths(call, paths)) return Value();
  std::vector<const Path*> wanted;
  for (const Path& path : paths) wanted.push_back(&path);
  if (wanted.empty()) return make_object(call.arena, nullptr, 0, true);
  return keep(call.arena, call[0], wanted, 0);
}

Value remove(Call& call) {
  if (!call.is(0, Kind::object)) return call.wrong_type(0, "object");
  std::vector<Path> paths;
  if (!parse_paths(call, paths)) return Value();
  // Deeper array items go first, so that an index still means what it meant.
  std::sort(paths.begin(), paths.end(), [](const Path& a, const Path& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      std::int64_t x = index_of(a[i], ~0u), y = index_of(b[i], ~0u);
      if (x >= 0 && y >= 0 && x != y) return x > y;
      if (int order = compare(a[i], b[i])) return order > 0;
    }
    return a.size() > b.size();
  });
  Value out = call[0];
  for (const Path& path : paths) {
    if (!path.empty()) out = drop(call.arena, out, path, 0);
  }
  return out;
}

// ---- Patch ----

Value get(const Value& root, const Path& path) {
  Value out = root;
  for (const Value& part : path) {
    out = out.is(Kind::array) ? lookup(out, Value::integer(index_of(part, out.size())))
                              : lookup(out, part);
  }
  return out;
}

enum class Edit : std::uint8_t { add, remove, replace };

Value edit(Arena& arena, const Value& root, const Path& path, std::size_t depth, Edit how,
           const Value& value);

Value edit_array(Arena& arena, const Value& root, const Path& path, std::size_t depth, Edit how,
                 const Value& value) {
  bool last = depth + 1 == path.size();
  const Value& part = path[depth];
  bool append = part.is(Kind::string) && part.as_text() == "-";
  std::int64_t index = append ? root.size() : index_of(part, root.size());
  bool inserts = last && how == Edit::add;
  if (index < 0 || index > root.size() || (index == root.size() && !inserts)) return Value();
  ArenaVector<Value> items(arena);
  for (std::uint32_t i = 0; i <= root.size(); ++i) {
    if (i == index && inserts) items.push_back(value);
    if (i == root.size()) break;
    if (i != index || inserts) {
      items.push_back(root.items()[i]);
    } else if (!last) {
      Value below = edit(arena, root.items()[i], path, depth + 1, how, value);
      if (below.is_undefined()) return below;
      items.push_back(below);
    } else if (how == Edit::replace) {
      items.push_back(value);
    }
  }
  return Value::array(items.data(), static_cast<std::uint32_t>(items.size()));
}

Value edit_object(Arena& arena, const Value& root, const Path& path, std::size_t depth, Edit how,
                  const Value& value) {
  bool last = depth + 1 == path.size(), found = false;
  ArenaVector<Member> members(arena);
  for (std::uint32_t i = 0; i < root.size(); ++i) {
    const Member& member = sorted_members(root)[i];
    if (!equal(member.key, path[depth])) {
      members.push_back(member);
      continue;
    }
    found = true;
    if (last && how == Edit::remove) continue;
    Value below = last ? value : edit(arena, member.value, path, depth + 1, how, value);
    if (below.is_undefined()) return below;
    members.push_back({member.key, below});
  }
  if (!found && !(last && how == Edit::add)) return Value();
  if (!found) members.push_back({path[depth], value});
  return make_object(arena, members.data(), members.size(), false);
}

Value edit_set(Arena& arena, const Value& root, const Path& path, std::size_t depth, Edit how,
               const Value& value) {
  bool last = depth + 1 == path.size();
  Value found = lookup(root, path[depth]);
  bool adds = last && how == Edit::add;
  if (found.is_undefined() && !adds) return Value();
  ArenaVector<Value> items(arena);
  for (std::uint32_t i = 0; i < root.size(); ++i) {
    if (adds || !equal(root.items()[i], path[depth])) items.push_back(root.items()[i]);
  }
  if (!last) {
    Value below = edit(arena, found, path, depth + 1, how, value);
    if (below.is_undefined()) return below;
    items.push_back(below);
  } else if (how != Edit::remove) {
    if (!equal(value, path[depth])) return Value();
    items.push_back(value);
  }
  return make_set(items.data(), items.size());
}

/// Undefined if the path does not lead where the edit can be made.
Value edit(Arena& arena, const Value& root, const Path& path, std::size_t depth, Edit how,
           const Value& value) {
  if (depth == path.size()) return how == Edit::remove ? Value() : value;
  switch (root.kind()) {
    case Kind::object:
      return edit_object(arena, root, path, depth, how, value);
    case Kind::array:
      return edit_array(arena, root, path, depth, how, value);
    case Kind::set:
      return edit_set(arena, root, path, depth, how, value);
    default:
      return Value();
  }
}

Value apply(Call& call, const Value& root, const Value& patch) {
  Value op = lookup(patch, "op"), path_text = lookup(patch, "path"), value = lookup(patch, "value");
  Path path, from;
  if (!op.is(Kind::string)) return call.type_error("attribute 'op' is missing or not a string");
  if (path_text.is_undefined() || !parse_path(call, path_text, path))
    return call.type_error("attribute 'path' is missing");
  std::string_view name = op.as_text();
  bool needs_value = name == "add" || name == "replace" || name == "test";
  if (needs_value && value.is_undefined()) return call.type_error("attribute 'value' is missing");
  if (name == "move" || name == "copy") {
    Value from_text = lookup(patch, "from");
    if (from_text.is_undefined() || !parse_path(call, from_text, from))
      return call.type_error("attribute 'from' is missing");
    value = get(root, from);
    if (value.is_undefined()) return Value();
  }
  if (name == "test") return equal(get(root, path), value) ? root : Value();
  if (name == "add" || name == "copy") return edit(call.arena, root, path, 0, Edit::add, value);
  if (name == "replace") return edit(call.arena, root, path, 0, Edit::replace, value);
  if (name == "remove") return edit(call.arena, root, path, 0, Edit::remove, value);
  if (name == "move") {
    Value without = edit(call.arena, root, from, 0, Edit::remove, value);
    return without.is_undefined() ? without : edit(call.arena, without, path, 0, Edit::add, value);
  }
  return call.type_error("unrecognized op '" + std::string(name) + "'");
}

Value patch(Call& call) {
  if (!call.is(1, Kind::array)) return call.wrong_type(1, "array");
  Value out = call[0];
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    const Value& item = call[1].items()[i];
    if (!item.is(Kind::object))
      return call.fail(
          "must be an array of JSON-Patch objects, but at least one element is not an object");
    out = apply(call, out, item);
    if (out.is_undefined()) return out;
  }
  return out;
}

constexpr Builtin table[] = {
    {"json.marshal", "(x: any) => y: string", marshal},
    {"json.marshal_with_options",
     "(x: any, opts: object<indent: string, prefix: string, pretty: boolean>[string: any]) => y: "
     "string",
     marshal_with_options},
    {"json.unmarshal", "(x: string) => y: any", unmarshal},
    {"json.is_valid", "(x: string) => result: boolean", is_valid},
    {"yaml.marshal", "(x: any) => y: string", yaml_marshal},
    {"yaml.unmarshal", "(x: string) => y: any", yaml_unmarshal},
    {"yaml.is_valid", "(x: string) => result: boolean", yaml_is_valid},
    {"json.filter",
     "(object: object[any: any], paths: any<array[any<string, array[any]>], set[any<string, "
     "array[any]>]>) => filtered: object[any: any]",
     filter},
    {"json.remove",
     "(object: object[any: any], paths: any<array[any<string, array[any]>], set[any<string, "
     "array[any]>]>) => output: object[any: any]",
     remove},
    {"json.patch",
     "(target: any, patches: array[object<op: string, path: any>[any: any]]) => output: any",
     patch},
};

}  // namespace

std::span<const Builtin> json_builtins() { return table; }

}  // namespace lictor::builtins
