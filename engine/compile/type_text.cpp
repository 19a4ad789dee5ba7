#include "compile/type_text.hpp"

#include <algorithm>
#include <map>

#include "base/unicode.hpp"
#include "json/write.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

using syntax::Term;
using syntax::TermKind;
using Texts = std::vector<std::string>;
using Pair = std::pair<std::string, std::string>;

constexpr const char* elision = "...";

std::string joined(const Texts& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string composite(const char* name, const Texts& fixed, const std::string& open) {
  std::string out = name;
  if (!fixed.empty()) out += "<" + joined(fixed) + ">";
  if (!open.empty()) out += "[" + open + "]";
  return out;
}

std::string function_text(const Texts& parameters, const std::string& result) {
  return "(" + joined(parameters) + ") => " + result;
}

/// A constant as Go prints it.
std::string key_text(const Term& key) {
  std::string out;
  switch (key.kind) {
    case TermKind::null_value:
      return "<nil>";
    case TermKind::array:
      for (const Term* item : key.items) out += (out.empty() ? "" : " ") + key_text(*item);
      return "[" + out + "]";
    case TermKind::object: {
      std::map<std::string, std::string> members;
      for (std::size_t i = 0; i < key.items.size(); i += 2)
        members[key_text(*key.items[i])] = key_text(*key.items[i + 1]);
      for (const auto& [name, value] : members)
        out += (out.empty() ? "" : " ") + name + ":" + value;
      return "map[" + out + "]";
    }
    default:
      return key.kind == TermKind::string ? key.text : syntax::to_text(key);
  }
}

std::string property_text(const Term& key, const std::string& value) {
  return key_text(key) + ": " + value;
}

/// A type without what is nested deeper than `depth`; all of it if that is negative.
std::string text_to_depth(TypeRef type, int depth);

Texts texts_to_depth(const std::vector<TypeRef>& types, int depth) {
  if (depth == 0) return types.empty() ? Texts() : Texts{elision};
  Texts out;
  for (TypeRef type : types) out.push_back(text_to_depth(type, depth - 1));
  return out;
}

std::string object_text(const Type& type, int depth) {
  Texts fixed;
  for (const Property& property : type.properties)
    fixed.push_back(property_text(*property.key, text_to_depth(property.value, depth - 1)));
  if (depth == 0 && !fixed.empty()) fixed = {elision};
  std::string open;
  if (type.open) {
    open = depth == 0
               ? elision
               : text_to_depth(type.key, depth - 1) + ": " + text_to_depth(type.value, depth - 1);
  }
  return composite("object", fixed, open);
}

std::string function_text(const Type& type, int depth) {
  Texts parameters = texts_to_depth(type.items, depth);
  if (type.variadic && depth != 0) parameters.back() += elision;
  bool hidden = depth == 0 && type.value != nullptr;
  return function_text(parameters, hidden ? elision : text_to_depth(type.value, depth - 1));
}

std::string text_to_depth(TypeRef type, int depth) {
  if (type == nullptr) return "???";
  auto open = [&] { return depth == 0 ? elision : text_to_depth(type->value, depth - 1); };
  switch (type->kind) {
    case TypeKind::null_value:
      return "null";
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::number:
      return "number";
    case TypeKind::string:
      return "string";
    case TypeKind::array:
      return composite("array", texts_to_depth(type->items, depth), type->value ? open() : "");
    case TypeKind::object:
      return object_text(*type, depth);
    case TypeKind::set:
      return type->value ? "set[" + open() + "]" : "set";
    case TypeKind::any:
      return composite("any", texts_to_depth(type->items, depth), "");
    case TypeKind::function:
      return function_text(*type, depth);
  }
  return {};
}

// ---- Signatures ----

Texts signature_texts(const std::vector<TypeRef>& types) {
  Texts out;
  for (TypeRef type : types) out.push_back(signature_text(type));
  return out;
}

std::string constant_json(const Term& constant);

std::string object_signature(const Type& type) {
  Texts fixed;
  for (const Property& property : type.properties) {
    const Term& key = *property.key;
    bool plain = key.kind == TermKind::string && is_plain_key(key.text);
    fixed.push_back((plain ? key.text : constant_json(key)) + ": " +
                    signature_text(property.value));
  }
  std::string open;
  if (type.open) open = signature_text(type.key) + ": " + signature_text(type.value);
  return composite("object", fixed, open);
}

// ---- Two types beside each other ----

constexpr int deepest_difference = 8;

Pair difference(TypeRef a, TypeRef b, int depth);

Pair elided(TypeRef a, TypeRef b) { return {elided_text(a), elided_text(b)}; }

/// Types are told apart by what a reader sees of them.
bool look_same(TypeRef a, TypeRef b) { return to_text(a) == to_text(b); }

std::pair<Texts, Texts> differences(const std::vector<TypeRef>& a, const std::vector<TypeRef>& b,
                                    int depth) {
  std::pair<Texts, Texts> out;
  for (std::size_t i = 0; i < a.size(); ++i) {
    Pair pair = difference(a[i], b[i], depth);
    out.first.push_back(pair.first);
    out.second.push_back(pair.second);
  }
  return out;
}

Pair array_difference(const Type& a, const Type& b, int depth) {
  bool open = a.value != nullptr;
  if (a.items.size() != b.items.size() || open != (b.value != nullptr))
    return {text_to_depth(&a, 1), text_to_depth(&b, 1)};
  auto [left, right] = differences(a.items, b.items, depth + 1);
  Pair rest = open ? difference(a.value, b.value, depth + 1) : Pair();
  return {composite("array", left, rest.first), composite("array", right, rest.second)};
}

/// Properties that are the same on both sides say nothing about why the types differ.
Pair object_difference(const Type& a, const Type& b, int depth) {
  Texts left, right;
  bool hidden = false;
  auto alone = [](Texts& side, const Property& property) {
    side.push_back(property_text(*property.key, elided_text(property.value)));
  };
  auto one = a.properties.begin(), other = b.properties.begin();
  while (one != a.properties.end() || other != b.properties.end()) {
    int order = one == a.properties.end()     ? 1
                : other == b.properties.end() ? -1
                                              : syntax::compare(*one->key, *other->key);
    if (order < 0) {
      alone(left, *one++);
    } else if (order > 0) {
      alone(right, *other++);
    } else {
      if (look_same(one->value, other->value)) {
        hidden = true;
      } else {
        Pair pair = difference(one->value, other->value, depth + 1);
        left.push_back(property_text(*one->key, pair.first));
        right.push_back(property_text(*other->key, pair.second));
      }
      ++one;
      ++other;
    }
  }
  for (Texts* side : {&left, &right}) {
    if (hidden) side->push_back(elision);
  }
  Pair open;
  auto pair_text = [](const Type& type) {
    return elided_text(type.key) + ": " + elided_text(type.value);
  };
  if (a.open && b.open) {
    Pair keys = difference(a.key, b.key, depth + 1),
         values = difference(a.value, b.value, depth + 1);
    open = {keys.first + ": " + values.first, keys.second + ": " + values.second};
  } else if (a.open) {
    open.first = pair_text(a);
  } else if (b.open) {
    open.second = pair_text(b);
  }
  return {composite("object", left, open.first), composite("object", right, open.second)};
}

Pair union_difference(const Type& a, const Type& b) {
  auto has = [](const Type& any, TypeRef type) {
    return std::any_of(any.items.begin(), any.items.end(),
                       [&](TypeRef member) { return look_same(member, type); });
  };
  Texts left, right;
  bool hidden = false;
  for (TypeRef type : a.items) {
    if (has(b, type))
      hidden = true;
    else
      left.push_back(elided_text(type));
  }
  for (TypeRef type : b.items) {
    if (!has(a, type)) right.push_back(elided_text(type));
  }
  for (Texts* side : {&left, &right}) {
    if (hidden) side->push_back(elision);
  }
  return {composite("any", left, ""), composite("any", right, "")};
}

Pair function_difference(const Type& a, const Type& b, int depth) {
  auto [left, right] = differences(a.items, b.items, depth + 1);
  if (a.variadic) left.back() += elision;
  if (b.variadic) right.back() += elision;
  Pair result = difference(a.value, b.value, depth + 1);
  return {function_text(left, result.first), function_text(right, result.second)};
}

Pair difference(TypeRef a, TypeRef b, int depth) {
  bool alike = a != nullptr && b != nullptr && a->kind == b->kind;
  if (!alike || depth >= deepest_difference || look_same(a, b)) return elided(a, b);
  switch (a->kind) {
    case TypeKind::set: {
      if (a->value == nullptr || b->value == nullptr) return elided(a, b);
      Pair of = difference(a->value, b->value, depth + 1);
      return {"set[" + of.first + "]", "set[" + of.second + "]"};
    }
    case TypeKind::array:
      return array_difference(*a, *b, depth);
    case TypeKind::object:
      return object_difference(*a, *b, depth);
    case TypeKind::any:
      return union_difference(*a, *b);
    case TypeKind::function:
      if (a->items.size() != b->items.size() || a->variadic != b->variadic) return elided(a, b);
      return function_difference(*a, *b, depth);
    default:
      return elided(a, b);
  }
}

// ---- JSON ----

const char* kind_name(TypeKind kind) {
  static constexpr const char* names[] = {"null",   "boolean", "number", "string",  "array",
                                          "object", "set",     "any",    "function"};
  return names[static_cast<std::size_t>(kind)];
}

std::string json_string(std::string_view text) {
  std::string out;
  json::append_quoted(out, text, true);
  return out;
}

std::string list(const Texts& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return "[" + out + "]";
}

std::string constant_json(const Term& constant) {
  switch (constant.kind) {
    case TermKind::string:
      return json_string(constant.text);
    case TermKind::array: {
      Texts items;
      for (const Term* item : constant.items) items.push_back(constant_json(*item));
      return list(items);
    }
    case TermKind::object: {
      std::map<std::string, std::string> members;
      for (std::size_t i = 0; i < constant.items.size(); i += 2) {
        const Term& key = *constant.items[i];
        members[key.kind == TermKind::string ? key.text : constant_json(key)] =
            constant_json(*constant.items[i + 1]);
      }
      std::string out;
      for (const auto& [key, value] : members)
        out += (out.empty() ? "" : ",") + json_string(key) + ":" + value;
      return "{" + out + "}";
    }
    default:
      return syntax::to_text(constant);
  }
}

std::string list(const std::vector<TypeRef>& types) {
  Texts items;
  for (TypeRef type : types) items.push_back(to_json(type));
  return list(items);
}

std::string pair_json(const std::string& key, TypeRef value) {
  return "{\"key\":" + key + ",\"value\":" + to_json(value) + "}";
}

}  // namespace

std::string to_text(TypeRef type) { return text_to_depth(type, -1); }

std::string signature_text(TypeRef type) {
  if (type == nullptr) return "???";
  std::string value = type->value ? signature_text(type->value) : "";
  switch (type->kind) {
    case TypeKind::array:
      return composite("array", signature_texts(type->items), value);
    case TypeKind::object:
      return object_signature(*type);
    case TypeKind::set:
      return composite("set", {}, value);
    case TypeKind::any:
      return composite("any", signature_texts(type->items), "");
    case TypeKind::function: {
      Texts parameters = signature_texts(type->items);
      if (type->variadic) parameters.back() += elision;
      return function_text(parameters, type->value ? value : "???");
    }
    default:
      return to_text(type);
  }
}

std::string elided_text(TypeRef type, const std::string& label) {
  constexpr std::size_t longest = 32;
  std::string full = label + to_text(type);
  return to_runes(full).size() <= longest ? full : label + text_to_depth(type, 0);
}

std::pair<std::string, std::string> differing_texts(TypeRef a, TypeRef b) {
  return difference(a, b, 0);
}

/// The names of the fields are in the order of the alphabet.
std::string to_json(TypeRef type, std::string_view name) {
  if (type == nullptr) return "null";
  std::map<std::string_view, std::string> fields;
  fields["type"] = json_string(kind_name(type->kind));
  if (!name.empty()) fields["name"] = json_string(name);
  switch (type->kind) {
    case TypeKind::array:
      if (!type->items.empty()) fields["static"] = list(type->items);
      if (type->value) fields["dynamic"] = to_json(type->value);
      break;
    case TypeKind::object: {
      Texts properties;
      for (const Property& property : type->properties)
        properties.push_back(pair_json(constant_json(*property.key), property.value));
      if (!properties.empty()) fields["static"] = list(properties);
      if (type->open) fields["dynamic"] = pair_json(to_json(type->key), type->value);
      break;
    }
    case TypeKind::set:
      if (type->value) fields["of"] = to_json(type->value);
      break;
    case TypeKind::any:
      if (!type->items.empty()) fields["of"] = list(type->items);
      break;
    case TypeKind::function: {
      const std::vector<std::string>& names = type->names;
      std::size_t fixed = type->items.size() - (type->variadic ? 1 : 0);
      Texts parameters;
      for (std::size_t i = 0; i < fixed; ++i)
        parameters.push_back(to_json(type->items[i], i < names.size() ? names[i] : ""));
      if (type->variadic) fields["variadic"] = to_json(type->items.back());
      if (!parameters.empty()) fields["args"] = list(parameters);
      if (type->value) fields["result"] = to_json(type->value, names.empty() ? "" : names.back());
      break;
    }
    default:
      break;
  }
  std::string out;
  for (const auto& [field, value] : fields)
    out += (out.empty() ? "" : ",") + json_string(field) + ":" + value;
  return "{" + out + "}";
}

}  // namespace lictor::compile
