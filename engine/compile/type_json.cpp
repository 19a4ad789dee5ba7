#include "compile/type_json.hpp"

#include <algorithm>
#include <optional>

#include "json/write.hpp"

namespace lictor::compile {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// Reads one declaration; after a fault, what it returns means nothing.
class TypeReader {
 public:
  TypeReader(Types& types, std::string& fault) : types_(types), fault_(fault) {}

  TypeRef function(const Value& json) {
    std::vector<TypeRef> parameters = list(json, "args");
    Value variadic = member_of(json, "variadic"), result = member_of(json, "result");
    if (!variadic.is_undefined()) parameters.push_back(type(variadic));
    TypeRef value = result.is_undefined() ? nullptr : type(result);
    bool both = !variadic.is_undefined() && value != nullptr;
    if (both) return fail("a function of any number of arguments cannot have a result");
    return types_.function(std::move(parameters), value, !variadic.is_undefined());
  }

  /// The name of the type, or "" if there is none.
  std::string name_of(const Value& json) {
    if (!json.is(Kind::object) && !json.is(Kind::null_value)) fail("a type must be an object");
    Value name = member_of(json, "type");
    if (name.is(Kind::string)) return std::string(name.as_string());
    if (!name.is_undefined() && !name.is(Kind::null_value)) fail("a type's name must be a string");
    return "";
  }

  TypeRef fail(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
    return any_type();
  }

 private:
  TypeRef type(const Value& json) {
    constexpr int deepest = 100;
    if (depth_ == deepest) return fail("types are nested too deeply");
    std::string name = name_of(json);
    if (!fault_.empty()) return any_type();
    ++depth_;
    TypeRef out = type_named(name, json);
    --depth_;
    return out;
  }

  TypeRef type_named(const std::string& name, const Value& json) {
    if (name == "null") return scalar_type(TypeKind::null_value);
    if (name == "boolean") return scalar_type(TypeKind::boolean);
    if (name == "number") return scalar_type(TypeKind::number);
    if (name == "string") return scalar_type(TypeKind::string);
    if (name == "array") return types_.array(list(json, "static"), optional_type(json, "dynamic"));
    if (name == "object") return object(json);
    if (name == "set") return types_.set(required_type(json, "of"));
    if (name == "function") return fail("a function cannot be a part of a type");
    if (name != "any") return fail("unsupported type '" + name + "'");
    std::vector<TypeRef> members = list(json, "of");
    return members.empty() ? any_type() : types_.any_of(std::move(members));
  }

  TypeRef optional_type(const Value& json, const char* name) {
    Value part = member_of(json, name);
    return part.is_undefined() ? nullptr : type(part);
  }

  TypeRef required_type(const Value& json, const std::string& name) {
    Value part = member_of(json, name);
    return part.is_undefined() ? fail("a type lacks '" + name + "'") : type(part);
  }

  /// The items of a list that may be missing.
  std::vector<Value> items(const Value& json, const std::string& name) {
    Value list = member_of(json, name);
    if (list.is_undefined() || list.is(Kind::null_value)) return {};
    if (list.is(Kind::array)) return {list.items(), list.items() + list.size()};
    fail("'" + name + "' must be an array");
    return {};
  }

  std::vector<TypeRef> list(const Value& json, const char* name) {
    std::vector<TypeRef> out;
    for (const Value& item : items(json, name)) out.push_back(type(item));
    return out;
  }

  TypeRef object(const Value& json) {
    std::vector<Property> properties;
    for (const Value& item : items(json, "static")) {
      if (!item.is(Kind::object)) return fail("a property must be an object");
      properties.push_back({types_.constant(member_of(item, "key")), required_type(item, "value")});
    }
    Value open = member_of(json, "dynamic");
    bool none = open.is_undefined() || open.is(Kind::null_value);
    if (!none && !open.is(Kind::object)) return fail("'dynamic' must be an object");
    if (none || member_of(open, "key").is_undefined())
      return types_.object(std::move(properties), false, nullptr, nullptr);
    TypeRef key = required_type(open, "key"), value = required_type(open, "value");
    return types_.object(std::move(properties), true, key, value);
  }

  Types& types_;
  std::string& fault_;
  int depth_ = 0;
};

}  // namespace

Value member_of(const Value& object, std::string_view name) {
  if (!object.is(Kind::object)) return Value();
  if (Value exact = lookup(object, name); !exact.is_undefined()) return exact;
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    Member member = object_member(object, i);
    if (same_letters(member.key.as_string(), name)) return member.value;
  }
  return Value();
}

TypeRef read_function_type(const Value& json, Types& types, std::string& fault) {
  TypeReader reader(types, fault);
  std::string name = reader.name_of(json);
  if (name != "function") reader.fail("a declaration must be of type 'function'");
  TypeRef out = fault.empty() ? reader.function(json) : nullptr;
  return fault.empty() ? out : nullptr;
}

}  // namespace lictor::compile
