#include "compile/schema.hpp"

#include <algorithm>
#include <optional>

#include "base/hex.hpp"
#include "json/read.hpp"
#include "value/object.hpp"

namespace lictor::compile {
namespace {

constexpr int most_depth = 200;

constexpr std::string_view type_names[] = {"array", "boolean", "integer", "number",
                                           "null",  "object",  "string"};

/// A schema's keywords that make its type. `allOf` changes copies of it.
struct Shape {
  std::vector<std::string> types;
  std::vector<std::pair<std::string, Value>> properties;
  std::vector<Value> items;
  bool one_item_type = false;
  std::optional<std::string> ref;
  std::vector<Value> any_of, all_of;

  bool is(std::string_view type) const {
    return std::find(types.begin(), types.end(), type) != types.end();
  }
  std::string types_text() const {
    if (types.empty()) return "Undefined";
    if (types.size() == 1) return types[0];
    std::string out;
    for (const std::string& type : types) out += (out.empty() ? "[" : ",") + type;
    return out + "]";
  }
};

[[noreturn]] void refuse(const std::string& why) {
  throw SchemaError{"unable to compile the schema: " + why};
}

[[noreturn]] void wrong_type(const std::string& expected, const std::string& keyword) {
  refuse("Invalid type. Expected: " + expected + ", given: " + keyword);
}

Value member(const Value& schema, std::string_view name) {
  return schema.is(Kind::object) ? lookup(schema, name) : Value();
}

void add_type(Shape& shape, const Value& name) {
  if (!name.is(Kind::string)) wrong_type("type", "string/Array Of Strings");
  std::string type(name.as_string());
  if (std::find(std::begin(type_names), std::end(type_names), type) == std::end(type_names)) {
    std::string known;
    for (std::string_view one : type_names) known += (known.empty() ? "" : " ") + std::string(one);
    refuse("has a primitive type that is NOT VALID -- given: /" + type +
           "/ Expected valid values are:[" + known + "]");
  }
  if (shape.is(type)) refuse(type + " type is duplicated");
  shape.types.push_back(std::move(type));
}

void read_types(Shape& shape, const Value& type) {
  if (type.is_undefined()) return;
  if (type.is(Kind::string)) return add_type(shape, type);
  if (!type.is(Kind::array)) wrong_type("type", "string/Array Of Strings");
  for (std::uint32_t i = 0; i < type.size(); ++i) add_type(shape, type.items()[i]);
}

bool is_schema(const Value& value) { return value.is(Kind::object) || value.is(Kind::boolean); }

void read_items(Shape& shape, const Value& items) {
  if (items.is_undefined()) return;
  shape.one_item_type = is_schema(items);
  if (shape.one_item_type) return shape.items.push_back(items);
  if (!items.is(Kind::array)) wrong_type("Valid Schema/Array Of Schemas", "items");
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    if (!is_schema(items.items()[i])) wrong_type("Valid Schema/Array Of Schemas", "items");
    shape.items.push_back(items.items()[i]);
  }
}

void read_list(std::vector<Value>& out, const Value& list, const char* keyword) {
  if (list.is_undefined()) return;
  if (!list.is(Kind::array)) refuse(std::string(keyword) + " must be of an array");
  for (std::uint32_t i = 0; i < list.size(); ++i) out.push_back(list.items()[i]);
}

Shape read_shape(const Value& schema) {
  Shape out;
  if (schema.is(Kind::boolean)) return out;
  if (!schema.is(Kind::object)) refuse("Expected: Valid Schema, given: Invalid JSON");
  Value ref = member(schema, "$ref");
  if (!ref.is_undefined()) {
    if (!ref.is(Kind::string)) wrong_type("string", "$ref");
    out.ref = std::string(ref.as_string());
    return out;
  }
  read_types(out, member(schema, "type"));
  Value properties = member(schema, "properties");
  if (!properties.is_undefined() && !properties.is(Kind::object))
    refuse("Properties must be of type object");
  for (std::uint32_t i = 0; !properties.is_undefined() && i < properties.size(); ++i) {
    Member property = object_member(properties, i);
    out.properties.emplace_back(property.key.as_string(), property.value);
  }
  read_items(out, member(schema, "items"));
  read_list(out.any_of, member(schema, "anyOf"), "anyOf");
  read_list(out.all_of, member(schema, "allOf"), "allOf");
  return out;
}

class SchemaReader {
 public:
  SchemaReader(const Value& root, Types& types, syntax::Ast& ast)
      : root_(root), types_(types), ast_(ast) {}

  /// Refuses what is no schema, in all of it.
  void check(const Value& schema, int depth = 0) {
    if (depth > most_depth) refuse("nested too deeply");
    if (schema.is(Kind::boolean)) return;
    if (!schema.is(Kind::object)) refuse("Expected: Valid Schema, given: Invalid JSON");
    check_members(member(schema, "definitions"), depth, "Array Of Schemas", "definitions");
    for (const char* keyword : {"title", "description"}) check_text(schema, keyword);
    Shape shape = read_shape(schema);
    if (shape.ref) {
      target_of(*shape.ref);
      return;
    }
    for (const auto& [name, property] : shape.properties) check(property, depth + 1);
    check_inner(schema, "additionalProperties", depth);
    for (const Value& item : shape.items) check(item, depth + 1);
    check_inner(schema, "additionalItems", depth);
    check_limits(schema);
    check_required(member(schema, "required"));
    std::vector<Value> one_of, values;
    read_list(values, member(schema, "enum"), "enum");
    read_list(one_of, member(schema, "oneOf"), "oneOf");
    for (const std::vector<Value>* list : {&one_of, &shape.any_of, &shape.all_of}) {
      for (const Value& item : *list) check(item, depth + 1);
    }
    Value negated = member(schema, "not");
    if (negated.is_undefined()) return;
    if (!is_schema(negated)) refuse("not must be of an object");
    check(negated, depth + 1);
  }

  TypeRef type_of(const Value& schema) { return type_of(read_shape(schema)); }

 private:
  static void check_text(const Value& schema, const char* keyword) {
    Value text = member(schema, keyword);
    if (!text.is_undefined() && !text.is(Kind::string)) wrong_type("string", keyword);
  }

  void check_members(const Value& map, int depth, const char* expected, const char* keyword) {
    if (map.is_undefined()) return;
    if (!map.is(Kind::object)) wrong_type(expected, keyword);
    for (std::uint32_t i = 0; i < map.size(); ++i) {
      Value inner = object_member(map, i).value;
      if (!is_schema(inner)) wrong_type(expected, keyword);
      check(inner, depth + 1);
    }
  }

  void check_inner(const Value& schema, const char* keyword, int depth) {
    Value inner = member(schema, keyword);
    if (inner.is_undefined()) return;
    if (!is_schema(inner)) wrong_type("boolean/Valid Schema", keyword);
    check(inner, depth + 1);
  }

  static void check_limits(const Value& schema) {
    for (const char* keyword : {"minimum", "maximum"}) {
      Value limit = member(schema, keyword);
      if (!limit.is_undefined() && !limit.is(Kind::number))
        refuse(std::string(keyword) + " must be of a Number");
    }
    for (const char* keyword : {"minLength", "maxLength"}) check_count(schema, keyword);
    for (const char* keyword : {"pattern", "format"}) check_text(schema, keyword);
    for (const char* keyword : {"minProperties", "maxProperties"}) check_count(schema, keyword);
  }

  static void check_count(const Value& schema, const char* keyword) {
    Value count = member(schema, keyword);
    if (count.is_undefined()) return;
    if (!count.is_integer()) refuse(std::string(keyword) + " must be of an integer");
    if (count.as_integer() < 0)
      refuse(std::string(keyword) + " must be greater than or equal to 0");
  }

  static void check_required(const Value& required) {
    std::vector<Value> names;
    read_list(names, required, "required");
    for (const Value& name : names) {
      if (!name.is(Kind::string)) wrong_type("string", "required");
    }
  }

  TypeRef type_of(Shape shape) {
    if (shape.ref) return referenced(*shape.ref);
    if (!shape.any_of.empty()) return any_of(shape);
    if (!shape.all_of.empty()) return all_of(shape);
    if (shape.types.empty() && !shape.properties.empty()) shape.types.push_back("object");
    if (shape.types.empty() && !shape.items.empty()) shape.types.push_back("array");
    if (shape.is("boolean")) return scalar_type(TypeKind::boolean);
    if (shape.is("string")) return scalar_type(TypeKind::string);
    if (shape.is("integer") || shape.is("number")) return scalar_type(TypeKind::number);
    if (shape.is("object")) return object_type(shape);
    return shape.is("array") ? array_type(shape) : any_type();
  }

  TypeRef object_type(const Shape& shape) {
    if (shape.properties.empty()) return types_.object({}, true, any_type(), any_type());
    std::vector<Property> properties;
    for (const auto& [name, schema] : shape.properties)
      properties.push_back({ast_.string(name, {}), type_of(schema)});
    // Objects have their keys in order, and each once; of repeated ones the last counts.
    std::stable_sort(
        properties.begin(), properties.end(),
        [](const Property& a, const Property& b) { return a.key->text < b.key->text; });
    std::vector<Property> unique;
    for (Property& property : properties) {
      if (!unique.empty() && unique.back().key->text == property.key->text) unique.pop_back();
      unique.push_back(property);
    }
    return types_.object(std::move(unique), false, nullptr, nullptr);
  }

  TypeRef array_type(const Shape& shape) {
    if (shape.items.empty()) return types_.array({}, any_type());
    if (shape.one_item_type) return types_.array({}, type_of(shape.items[0]));
    std::vector<TypeRef> items;
    for (const Value& item : shape.items) items.push_back(type_of(item));
    return types_.array(std::move(items), nullptr);
  }

  TypeRef any_of(Shape shape) {
    TypeRef out = nullptr;
    std::vector<Value> choices = std::move(shape.any_of);
    shape.any_of.clear();
    if (!shape.types.empty()) {
      TypeRef core = type_of(shape);
      bool closed = is(core, TypeKind::object) && !core->properties.empty() && !core->open;
      if (closed) out = core;
    }
    for (const Value& choice : choices) out = types_.either(type_of(choice), out);
    return out;
  }

  TypeRef all_of(const Shape& shape) {
    std::vector<Shape> parts;
    for (const Value& schema : shape.all_of) {
      Shape part = read_shape(schema);
      for (int hops = 0; part.ref && hops < most_depth; ++hops)
        part = read_shape(target_of(*part.ref));
      bool only_choices = part.types.empty() && !part.any_of.empty() && part.properties.empty() &&
                          part.items.empty();
      if (!only_choices) parts.push_back(std::move(part));
    }
    if (parts.empty()) return any_type();
    Shape all = merged(std::move(parts));
    if (shape.types.empty()) return type_of(all);
    bool nested =
        (shape.is("object") && all.is("object")) || (shape.is("array") && all.is("array"));
    if (!nested && shape.types_text() != all.types_text())
      mismatch("unable to merge these schemas");
    if (!nested) return type_of(all);
    Shape own = shape;
    own.all_of.clear();
    return type_of(merged({std::move(all), std::move(own)}));
  }

  [[noreturn]] static void mismatch(const std::string& why) {
    throw SchemaError{"type checking: " + why};
  }

  static Shape merged(std::vector<Shape> parts) {
    for (Shape& part : parts) {
      if (!part.properties.empty() && !part.is("object"))
        part.types.push_back("object");
      else if (part.properties.empty() && !part.items.empty() && !part.is("array"))
        part.types.push_back("array");
    }
    Shape out = std::move(parts[0]);
    for (std::size_t i = 1; i < parts.size(); ++i) {
      Shape& part = parts[i];
      if (out.types_text() != part.types_text())
        mismatch("unable to merge these schemas: type mismatch: " + out.types_text() + " and " +
                 part.types_text());
      if (out.is("object") && !out.properties.empty())
        out.properties.insert(out.properties.end(), part.properties.begin(), part.properties.end());
      else if (out.is("array") && !out.items.empty())
        merge_items(out, part);
    }
    return out;
  }

  static void merge_items(Shape& out, const Shape& part) {
    for (std::size_t i = 0; i < part.items.size(); ++i) {
      if (i >= out.items.size()) out.items.push_back(part.items[i]);
      if (read_shape(out.items[i]).types_text() != read_shape(part.items[i]).types_text())
        mismatch("unable to merge these schemas");
    }
  }

  /// The type of what a reference names; within itself it is anything.
  TypeRef referenced(const std::string& ref) {
    auto [known, added] = known_.try_emplace(ref, any_type());
    if (!added) return known->second;
    TypeRef type = type_of(target_of(ref));
    known_[ref] = type;
    return type;
  }

  /// Follows a pointer into the schema: "#/definitions/x".
  Value target_of(const std::string& ref) const {
    if (!ref.starts_with('#')) refuse("remote reference loading disabled: " + ref);
    Value out = root_;
    std::string_view rest = std::string_view(ref).substr(1);
    while (rest.starts_with('/')) {
      rest.remove_prefix(1);
      std::size_t end = std::min(rest.find('/'), rest.size());
      std::string key = pointer_key(rest.substr(0, end));
      rest.remove_prefix(end);
      Value next = step(out, key);
      if (next.is_undefined()) refuse("Object has no key '" + key + "'");
      out = next;
    }
    if (!is_schema(out)) refuse("Valid Schema must be of type object");
    return out;
  }

  static Value step(const Value& value, const std::string& key) {
    if (!value.is(Kind::array)) return member(value, key);
    bool digits = !key.empty() && key.size() < 9 &&
                  std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
    std::size_t index = digits ? std::stoul(key) : value.size();
    return index < value.size() ? value.items()[index] : Value();
  }

  static std::string pointer_key(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                    hex_digit(text[i + 2]) >= 0;
      if (escape) {
        out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
      } else if (text[i] == '~' && i + 1 < text.size() &&
                 (text[i + 1] == '0' || text[i + 1] == '1')) {
        out += text[++i] == '0' ? '~' : '/';
      } else {
        out += text[i];
      }
    }
    return out;
  }

  const Value& root_;
  Types& types_;
  syntax::Ast& ast_;
  std::map<std::string, TypeRef> known_;
};

}  // namespace

TypeRef type_of_schema(std::string_view json, Types& types, syntax::Ast& ast) {
  Arena arena;
  Result<Value> root = json::read_owned(json, arena);
  if (!root) refuse(root.error().message);
  SchemaReader reader(*root, types, ast);
  reader.check(*root);
  return reader.type_of(*root);
}

}  // namespace lictor::compile
