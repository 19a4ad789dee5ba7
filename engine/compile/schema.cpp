#include "compile/schema.hpp"

#include <algorithm>

#include "builtins/json_schema.hpp"

namespace lictor::compile {
namespace {

using builtins::Subschema;
using builtins::types_text;

/// The parts of a schema that make its type. `allOf` makes new ones of them.
struct Shape {
  std::vector<std::string_view> types;
  std::vector<Subschema::Named> properties;
  std::vector<const Subschema*> items;
  bool one_item_schema = false;
  std::vector<const Subschema*> any_of, all_of;

  bool is(std::string_view type) const {
    return std::find(types.begin(), types.end(), type) != types.end();
  }
};

Shape shape_of(const Subschema& schema) {
  return {schema.types,           schema.properties, schema.items,
          schema.one_item_schema, schema.any_of,     schema.all_of};
}

class SchemaReader {
 public:
  SchemaReader(Types& types, syntax::Ast& ast) : types_(types), ast_(ast) {}

  TypeRef type_of(const Subschema& schema) {
    return schema.referenced ? referenced(schema) : type_of(shape_of(schema));
  }

 private:
  TypeRef type_of(Shape shape) {
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
      properties.push_back({ast_.string(std::string(name), {}), type_of(*schema)});
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
    if (shape.one_item_schema) return types_.array({}, type_of(*shape.items[0]));
    std::vector<TypeRef> items;
    for (const Subschema* item : shape.items) items.push_back(type_of(*item));
    return types_.array(std::move(items), nullptr);
  }

  TypeRef any_of(Shape shape) {
    TypeRef out = nullptr;
    std::vector<const Subschema*> choices = std::move(shape.any_of);
    shape.any_of.clear();
    if (!shape.types.empty()) {
      TypeRef core = type_of(shape);
      bool closed = is(core, TypeKind::object) && !core->properties.empty() && !core->open;
      if (closed) out = core;
    }
    for (const Subschema* choice : choices) out = types_.either(type_of(*choice), out);
    return out;
  }

  TypeRef all_of(const Shape& shape) {
    std::vector<Shape> parts;
    for (const Subschema* schema : shape.all_of) {
      Shape part = shape_of(followed(*schema));
      bool only_choices = part.types.empty() && !part.any_of.empty() && part.properties.empty() &&
                          part.items.empty();
      if (!only_choices) parts.push_back(std::move(part));
    }
    if (parts.empty()) return any_type();
    Shape all = merged(std::move(parts));
    if (shape.types.empty()) return type_of(all);
    bool nested =
        (shape.is("object") && all.is("object")) || (shape.is("array") && all.is("array"));
    if (!nested && types_text(shape.types) != types_text(all.types))
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
      std::string own = types_text(out.types), other = types_text(part.types);
      if (own != other)
        mismatch("unable to merge these schemas: type mismatch: " + own + " and " + other);
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
      if (types_text(out.items[i]->types) != types_text(part.items[i]->types))
        mismatch("unable to merge these schemas");
    }
  }

  /// Where the references of a schema end; one that leads to itself ends anywhere.
  static const Subschema& followed(const Subschema& schema) {
    constexpr int most_hops = 200;
    const Subschema* out = &schema;
    for (int i = 0; i < most_hops && out->referenced; ++i) out = out->referenced;
    return *out;
  }

  /// The type of what a reference names. Where it names itself, that is put into it a few times;
  /// what lies deeper is anything.
  TypeRef referenced(const Subschema& schema) {
    constexpr int most_rounds = 10;
    constexpr std::uint64_t largest = 10'000;
    if (auto known = known_.find(schema.ref); known != known_.end()) return known->second;
    if (auto inner = open_.find(schema.ref); inner != open_.end()) {
      inner->second.is_recursive = true;
      return inner->second.type;
    }
    TypeRef type = nullptr;
    for (int round = 0; round < most_rounds; ++round) {
      auto& self = open_[schema.ref];
      if (round > 0) self.type = type;
      type = type_of(*schema.referenced);
      bool is_last = !open_[schema.ref].is_recursive || ++rounds_ > most_rounds * most_rounds;
      if (is_last || type->size > largest) break;
    }
    open_.erase(schema.ref);
    if (open_.empty()) known_[schema.ref] = type;
    return type;
  }

  struct Open {
    TypeRef type = any_type();  // what it is taken for inside of itself
    bool is_recursive = false;
  };

  Types& types_;
  syntax::Ast& ast_;
  int rounds_ = 0;
  std::map<std::string, TypeRef> known_;
  std::map<std::string, Open> open_;
};

}  // namespace

TypeRef type_of_schema(std::string_view json, Types& types, syntax::Ast& ast) {
  try {
    auto schema = builtins::compile_schema(json, builtins::Patterns::ignored);
    return SchemaReader(types, ast).type_of(*schema->root);
  } catch (const builtins::SchemaError& wrong) {
    throw SchemaError{"unable to compile the schema: " + wrong.text};
  }
}

}  // namespace lictor::compile
