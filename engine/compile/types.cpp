// Unions, selections and comparisons of types, and the reader of signatures.
#include "compile/types.hpp"

#include <algorithm>
#include <array>

#include "base/digits.hpp"
#include "json/go_decoder.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {

using syntax::Term;
using syntax::TermKind;

namespace {

bool before(const Property& a, const Property& b) { return syntax::compare(*a.key, *b.key) < 0; }

const Property* find_property(const Type& object, const Term& key) {
  auto at = std::lower_bound(object.properties.begin(), object.properties.end(),
                             Property{&key, nullptr}, before);
  bool found = at != object.properties.end() && syntax::compare(*at->key, key) == 0;
  return found ? &*at : nullptr;
}

int order(TypeRef type) { return type == nullptr ? -1 : static_cast<int>(type->kind); }

template <typename T>
int compare_lengths(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

int compare_items(const std::vector<TypeRef>& a, const std::vector<TypeRef>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (int out = compare(a[i], b[i])) return out;
  }
  return compare_lengths(a, b);
}

int compare_objects(const Type& a, const Type& b) {
  if (a.open != b.open) return a.open ? 1 : -1;
  if (int out = compare(a.key, b.key)) return out;
  if (int out = compare(a.value, b.value)) return out;
  for (std::size_t i = 0; i < std::min(a.properties.size(), b.properties.size()); ++i) {
    if (int out = syntax::compare(*a.properties[i].key, *b.properties[i].key)) return out;
    if (int out = compare(a.properties[i].value, b.properties[i].value)) return out;
  }
  return compare_lengths(a.properties, b.properties);
}

bool contains(TypeRef set, TypeRef type) {
  if (!is(set, TypeKind::any)) return compare(set, type) == 0;
  if (is(type, TypeKind::function)) return false;
  return set->items.empty() ||
         std::any_of(set->items.begin(), set->items.end(),
                     [&](TypeRef member) { return compare(member, type) == 0; });
}

/// True if a constant is of one of the types of keys.
bool admits(TypeRef keys, const Term& constant) {
  Types scratch;
  return contains(keys, scratch.of_constant(constant));
}

bool any_unifies(const Type& any, TypeRef other) {
  if (is(other, TypeKind::function)) return false;
  return any.items.empty() || std::any_of(any.items.begin(), any.items.end(),
                                          [&](TypeRef member) { return unifies(member, other); });
}

TypeRef element(const Type& array, std::size_t at) {
  return at < array.items.size() ? array.items[at] : array.value;
}

bool arrays_unify(const Type& a, const Type& b) {
  std::size_t length = std::max(a.items.size(), b.items.size());
  for (std::size_t i = 0; i < length; ++i) {
    if (!unifies(element(a, i), element(b, i))) return false;
  }
  return a.value == nullptr || b.value == nullptr || unifies(a.value, b.value);
}

/// The type that a key has in an object, as far as its kind of key goes.
TypeRef property_type(const Type& object, const Term& key) {
  if (const Property* property = find_property(object, key)) return property->value;
  return object.open && admits(object.key, key) ? object.value : nullptr;
}

bool properties_unify(const Type& a, const Type& b) {
  for (const Property& property : a.properties) {
    TypeRef other = property_type(b, *property.key);
    if (other == nullptr) {
      bool open = (a.open && a.value != nullptr) || (b.open && b.value != nullptr);
      if (!open) return false;
    } else if (!unifies(property.value, other)) {
      return false;
    }
  }
  return true;
}

bool objects_unify(const Type& a, const Type& b) {
  if (!properties_unify(a, b) || !properties_unify(b, a)) return false;
  return a.value == nullptr || b.value == nullptr || unifies(a.value, b.value);
}

/// A parameter that may come any number of times does not count.
std::size_t arity(const Type& function) {
  return function.items.size() - (function.variadic ? 1 : 0);
}

bool functions_unify(const Type& a, const Type& b) {
  if (arity(a) != arity(b)) return false;
  for (std::size_t i = 0; i < arity(a); ++i) {
    if (!unifies(a.items[i], b.items[i])) return false;
  }
  return true;
}

/// Constants that are no strings, but would read as plain names.
bool is_constant_word(std::string_view text) {
  return text == "true" || text == "false" || text == "null";
}

/// Reads the notation of types that signatures are written in. After a fault, what it returns means
/// nothing.
class SignatureReader {
 public:
  SignatureReader(Types& types, std::deque<Term>& keys, std::string_view text)
      : types_(types), keys_(keys), text_(text), rest_(text) {}

  TypeRef function() {
    std::vector<TypeRef> parameters;
    std::vector<std::string> names;
    bool variadic = false;
    expect("(");
    list(")", [&] {
      names.push_back(name());
      parameters.push_back(type());
      variadic |= accept("...");
    });
    expect(" => ");
    names.push_back(name());
    TypeRef result = accept("???") ? nullptr : type();
    if (!rest_.empty()) fail("nothing more");
    return types_.function(std::move(parameters), result, variadic, std::move(names));
  }

  /// What was expected where, if the text is no signature.
  const std::optional<std::string>& fault() const { return fault_; }

 private:
  void fail(std::string_view wanted) {
    if (fault_) return;
    fault_ = "expected " + std::string(wanted) + " at character " +
             std::to_string(text_.size() - rest_.size() + 1) + " of the signature " +
             std::string(text_);
  }

  bool accept(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  /// What precedes ": ", if that comes before anything of a type.
  std::string_view label() const {
    std::size_t end = rest_.find_first_of(":,<>[](){}\"");
    bool found = end != std::string_view::npos && rest_.substr(end).starts_with(": ");
    return found ? rest_.substr(0, end) : std::string_view();
  }

  void expect(std::string_view token) {
    if (!accept(token)) fail("\"" + std::string(token) + "\"");
  }

  std::string name() {
    std::string out(label());
    if (!out.empty()) rest_.remove_prefix(out.size() + 2);
    return out;
  }

  /// Items with commas between them, up to a closing token.
  template <typename Item>
  void list(std::string_view end, Item&& item) {
    if (accept(end)) return;
    do {
      item();
    } while (!fault_ && accept(", "));
    expect(end);
  }

  std::vector<TypeRef> types() {
    std::vector<TypeRef> out;
    list(">", [&] { out.push_back(type()); });
    return out;
  }

  TypeRef type() {
    constexpr int deepest = 100;
    if (depth_ == deepest) fail("types that are nested less deeply");
    if (fault_) return any_type();
    ++depth_;
    TypeRef out = type_here();
    --depth_;
    return out;
  }

  TypeRef type_here() {
    if (accept("string")) return scalar_type(TypeKind::string);
    if (accept("number")) return scalar_type(TypeKind::number);
    if (accept("boolean")) return scalar_type(TypeKind::boolean);
    if (accept("null")) return scalar_type(TypeKind::null_value);
    if (accept("array")) return array();
    if (accept("object")) return object();
    if (accept("set")) return types_.set(bracketed());
    if (!accept("any")) fail("a type");
    return accept("<") ? types_.any_of(types()) : any_type();
  }

  TypeRef bracketed() {
    if (!accept("[")) return nullptr;
    TypeRef out = type();
    expect("]");
    return out;
  }

  TypeRef array() {
    std::vector<TypeRef> items;
    if (accept("<")) items = types();
    return types_.array(std::move(items), bracketed());
  }

  TypeRef object() {
    std::vector<Property> properties;
    if (accept("<")) list(">", [&] { properties.push_back(property()); });
    if (!accept("[")) return types_.object(std::move(properties), false, nullptr, nullptr);
    TypeRef key = type();
    expect(": ");
    TypeRef value = type();
    expect("]");
    return types_.object(std::move(properties), true, key, value);
  }

  /// A plain name is a string; other keys are JSON.
  Property property() {
    if (is_plain_key(label())) {
      Term& key = keys_.emplace_back();
      key.kind = TermKind::string;
      key.text = name();
      return {&key, type()};
    }
    std::string_view key = json::go_decoding(rest_).first;
    Arena scratch;
    Result<Value> value = json::read_owned(key, scratch);
    if (!value) {
      fail("a key");
      return {types_.constant(Value::null()), any_type()};
    }
    rest_.remove_prefix(static_cast<std::size_t>(key.data() + key.size() - rest_.data()));
    expect(": ");
    return {types_.constant(*value), type()};
  }

  Types& types_;
  std::deque<Term>& keys_;
  std::string_view text_;
  std::string_view rest_;
  std::optional<std::string> fault_;
  int depth_ = 0;
};

}  // namespace

bool is_plain_key(std::string_view text) {
  auto is_letter = [](char c) {
    return c == '_' || is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
  };
  return !text.empty() && !is_digit(text[0]) && !is_constant_word(text) &&
         std::all_of(text.begin(), text.end(), is_letter);
}

TypeRef scalar_type(TypeKind kind) {
  static const std::array<Type, 4> scalars = [] {
    std::array<Type, 4> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i].kind = static_cast<TypeKind>(i);
    return out;
  }();
  return &scalars[static_cast<std::size_t>(kind)];
}

TypeRef any_type() {
  static const Type any;
  return &any;
}

TypeRef Types::keep(Type type) {
  constexpr std::uint32_t deepest = 200;
  constexpr std::uint64_t largest = 1'000'000;
  auto add = [&](TypeRef part) {
    type.unknown |= type.kind != TypeKind::any && is_unknown(part);
    if (part == nullptr) return;
    type.depth = std::max(type.depth, part->depth + 1);
    type.size += part->size;
  };
  for (TypeRef item : type.items) add(item);
  for (const Property& property : type.properties) add(property.value);
  if (type.open) add(type.key);
  if (type.open || type.value != nullptr || type.kind == TypeKind::set ||
      type.kind == TypeKind::function)
    add(type.value);
  if (type.depth > deepest || type.size > largest) return any_type();
  return &types_.emplace_back(std::move(type));
}

TypeRef Types::array(std::vector<TypeRef> items, TypeRef rest) {
  Type out;
  out.kind = TypeKind::array;
  out.items = std::move(items);
  out.value = rest;
  return keep(std::move(out));
}

TypeRef Types::set(TypeRef elements) {
  Type out;
  out.kind = TypeKind::set;
  out.value = elements;
  return keep(std::move(out));
}

TypeRef Types::object(std::vector<Property> properties, bool open, TypeRef key, TypeRef value) {
  Type out;
  out.kind = TypeKind::object;
  out.properties = std::move(properties);
  std::stable_sort(out.properties.begin(), out.properties.end(), before);
  out.open = open;
  out.key = key;
  out.value = value;
  return keep(std::move(out));
}

TypeRef Types::function(std::vector<TypeRef> parameters, TypeRef result, bool variadic,
                        std::vector<std::string> names) {
  Type out;
  out.kind = TypeKind::function;
  out.names = std::move(names);
  out.names.resize(parameters.size() + 1);
  out.variadic = variadic;
  out.items = std::move(parameters);
  out.value = result;
  return keep(std::move(out));
}

TypeRef Types::builtin(std::string_view name) {
  auto found = builtins_.find(name);
  if (found != builtins_.end()) return found->second;
  if (name == "print") return function({any_type()}, nullptr, true);
  const builtins::Builtin* known = table_.get(name);
  TypeRef out = known ? SignatureReader(*this, keys_, known->signature).function() : nullptr;
  builtins_.emplace(name, out);
  return out;
}

TypeRef Types::signature(std::string_view text) {
  return SignatureReader(*this, keys_, text).function();
}

TypeRef Types::any_of(std::vector<TypeRef> members) {
  std::stable_sort(members.begin(), members.end(),
                   [](TypeRef a, TypeRef b) { return compare(a, b) < 0; });
  return united(std::move(members));
}

Term* Types::constant(const Value& json) {
  Term& out = keys_.emplace_back();
  switch (json.kind()) {
    case Kind::boolean:
      out.kind = TermKind::boolean;
      out.flag = json.as_boolean();
      break;
    case Kind::number:
      out.kind = TermKind::number;
      out.text = json::to_json(json);
      break;
    case Kind::string:
      out.kind = TermKind::string;
      out.text = json.as_string();
      break;
    case Kind::array:
      out.kind = TermKind::array;
      for (std::uint32_t i = 0; i < json.size(); ++i)
        out.items.push_back(constant(json.items()[i]));
      break;
    case Kind::object:
      out.kind = TermKind::object;
      for (std::uint32_t i = 0; i < json.size(); ++i) {
        Member member = object_member(json, i);
        out.items.push_back(constant(member.key));
        out.items.push_back(constant(member.value));
      }
      break;
    default:
      out.kind = TermKind::null_value;
  }
  return &out;
}

std::optional<std::string> signature_fault(std::string_view signature) {
  Types types;
  std::deque<Term> keys;
  SignatureReader reader(types, keys, signature);
  reader.function();
  return reader.fault();
}

TypeRef Types::united(std::vector<TypeRef> members) {
  constexpr std::size_t most_members = 1000;  // each member that joins a union copies the others
  if (members.size() > most_members) return any_type();
  Type out;
  out.items = std::move(members);
  return keep(std::move(out));
}

TypeRef Types::joined_functions(TypeRef a, TypeRef b) {
  if (a->items.size() != b->items.size() || a->variadic != b->variadic) return nullptr;
  std::vector<TypeRef> parameters;
  for (std::size_t i = 0; i < a->items.size(); ++i)
    parameters.push_back(either(a->items[i], b->items[i]));
  return function(std::move(parameters), either(a->value, b->value));
}

TypeRef Types::either(TypeRef a, TypeRef b) {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  bool function_a = is(a, TypeKind::function), function_b = is(b, TypeKind::function);
  if (function_a && function_b) return joined_functions(a, b);
  if (function_a || function_b) return nullptr;
  if (is_anything(a)) return a;
  if (is_anything(b)) return b;
  auto less = [](TypeRef x, TypeRef y) { return compare(x, y) < 0; };
  std::vector<TypeRef> left{a}, right{b}, members;
  if (is(a, TypeKind::any)) left = a->items;
  if (is(b, TypeKind::any)) right = b->items;
  std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(members),
                 less);
  if (members.size() == 1) return members[0];
  if (is(a, TypeKind::any) && members.size() == left.size()) return a;
  if (is(b, TypeKind::any) && members.size() == right.size()) return b;
  return united(std::move(members));
}

TypeRef Types::merged(TypeRef a, TypeRef b) {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (is(a, TypeKind::object) && a->properties.empty()) {
    if (is(b, TypeKind::object) && b->properties.empty()) {
      if (!a->open) return b;
      if (!b->open) return a;
      return object({}, true, either(a->key, b->key), merged(a->value, b->value));
    }
    if (is(b, TypeKind::any) && a->open) {
      for (std::size_t i = 0; i < b->items.size(); ++i) {
        TypeRef member = b->items[i];
        bool joins = is(member, TypeKind::object) && member->properties.empty() && member->open;
        if (!joins) continue;
        std::vector<TypeRef> members = b->items;
        members[i] = object({}, true, either(member->key, a->key), either(member->value, a->value));
        return united(std::move(members));
      }
    }
  }
  if (is(a, TypeKind::set) && is(b, TypeKind::set)) return set(either(a->value, b->value));
  if (is(a, TypeKind::any) && !is(b, TypeKind::any)) return merged(b, a);
  return either(a, b);
}

TypeRef Types::with_path(TypeRef object, const std::vector<const Term*>& path, std::size_t at,
                         TypeRef value) {
  if (at == path.size()) return object;
  TypeRef inner = value;
  if (at + 1 < path.size())
    inner = with_path(this->object({}, false, nullptr, nullptr), path, at + 1, value);
  TypeRef key = of_constant(*path[at]);
  bool open = object->open;
  return this->object(object->properties, true, open ? either(object->key, key) : key,
                      open ? either(object->value, inner) : inner);
}

TypeRef Types::keys(TypeRef collection) {
  if (collection == nullptr) return nullptr;
  TypeRef out = nullptr;
  switch (collection->kind) {
    case TypeKind::array:
      return scalar_type(TypeKind::number);
    case TypeKind::object:
      for (const Property& property : collection->properties)
        out = either(out, of_constant(*property.key));
      return collection->open ? either(out, collection->key) : out;
    case TypeKind::set:
      return collection->value;
    case TypeKind::any:
      if (collection->items.empty()) return collection;
      for (TypeRef member : collection->items) out = either(keys(member), out);
      return out;
    default:
      return nullptr;
  }
}

TypeRef Types::values(TypeRef collection) {
  if (collection == nullptr) return nullptr;
  TypeRef out = nullptr;
  switch (collection->kind) {
    case TypeKind::array:
      for (TypeRef item : collection->items) out = either(out, item);
      return either(out, collection->value);
    case TypeKind::object:
      for (const Property& property : collection->properties) out = either(out, property.value);
      return collection->open ? either(out, collection->value) : out;
    case TypeKind::set:
      return collection->value;
    case TypeKind::any:
      if (collection->items.empty()) return collection;
      for (TypeRef member : collection->items) out = either(values(member), out);
      return out;
    default:
      return nullptr;
  }
}

TypeRef Types::select(TypeRef collection, const Term& key) {
  if (collection == nullptr) return nullptr;
  switch (collection->kind) {
    case TypeKind::array: {
      bool index = key.kind == TermKind::number &&
                   key.text.find_first_not_of("0123456789") == std::string::npos &&
                   key.text.size() < 10;
      return index ? element(*collection, std::stoul(key.text)) : nullptr;
    }
    case TypeKind::object: {
      if (const Property* property = find_property(*collection, key)) return property->value;
      return collection->open && admits(collection->key, key) ? collection->value : nullptr;
    }
    case TypeKind::set: {
      TypeRef type = of_constant(key);
      if (compare(collection->value, type) == 0) return collection->value;
      bool member = is(collection->value, TypeKind::any) && contains(collection->value, type);
      return member ? type : nullptr;
    }
    case TypeKind::any: {
      if (collection->items.empty()) return collection;
      TypeRef out = nullptr;
      for (TypeRef member : collection->items) out = either(select(member, key), out);
      return out;
    }
    default:
      return nullptr;
  }
}

TypeRef Types::of_constant(const Term& constant) {
  switch (constant.kind) {
    case TermKind::null_value:
      return scalar_type(TypeKind::null_value);
    case TermKind::boolean:
      return scalar_type(TypeKind::boolean);
    case TermKind::number:
      return scalar_type(TypeKind::number);
    case TermKind::string:
      return scalar_type(TypeKind::string);
    case TermKind::object: {
      std::vector<Property> properties;
      for (std::size_t i = 0; i < constant.items.size(); i += 2)
        properties.push_back({constant.items[i], of_constant(*constant.items[i + 1])});
      return object(std::move(properties), false, nullptr, nullptr);
    }
    default: {
      std::vector<TypeRef> items;
      for (const Term* item : constant.items) items.push_back(of_constant(*item));
      return array(std::move(items), nullptr);
    }
  }
}

int compare(TypeRef a, TypeRef b) {
  if (a == b) return 0;
  if (order(a) != order(b)) return order(a) < order(b) ? -1 : 1;
  switch (a->kind) {
    case TypeKind::array:
      if ((a->value == nullptr) != (b->value == nullptr)) return a->value != nullptr ? 1 : -1;
      if (int out = compare(a->value, b->value)) return out;
      return compare_items(a->items, b->items);
    case TypeKind::object:
      return compare_objects(*a, *b);
    case TypeKind::set:
      return compare(a->value, b->value);
    case TypeKind::any:
      return compare_items(a->items, b->items);
    case TypeKind::function:
      if (int out = compare_lengths(a->items, b->items)) return out;
      if (int out = compare_items(a->items, b->items)) return out;
      return compare(a->value, b->value);
    default:
      return 0;
  }
}

bool unifies(TypeRef a, TypeRef b) {
  if (a == nullptr || b == nullptr) return false;
  bool any_a = is(a, TypeKind::any), any_b = is(b, TypeKind::any);
  if (any_a && any_unifies(*a, b)) return true;
  if (any_b && any_unifies(*b, a)) return true;
  if (any_a || any_b || a->kind != b->kind) return false;
  switch (a->kind) {
    case TypeKind::array:
      return arrays_unify(*a, *b);
    case TypeKind::object:
      return objects_unify(*a, *b);
    case TypeKind::set:
      return a->value == nullptr || b->value == nullptr || unifies(a->value, b->value);
    case TypeKind::function:
      return functions_unify(*a, *b);
    default:
      return true;
  }
}

bool is_empty_collection(TypeRef type) {
  if (type == nullptr) return false;
  switch (type->kind) {
    case TypeKind::object:
      return type->properties.empty() && !type->open;
    case TypeKind::array:
      return type->items.empty() && type->value == nullptr;
    case TypeKind::set:
      return type->value == nullptr;
    default:
      return false;
  }
}

bool has_empty_collection(TypeRef type) {
  if (type == nullptr || type->kind == TypeKind::function) return false;
  return is_empty_collection(type) || has_empty_collection(type->value) ||
         std::any_of(type->items.begin(), type->items.end(), has_empty_collection) ||
         std::any_of(type->properties.begin(), type->properties.end(),
                     [](const Property& property) { return has_empty_collection(property.value); });
}

TypeRef Types::without_empty(TypeRef type) {
  if (!has_empty_collection(type)) return type;
  if (is_empty_collection(type)) return any_type();
  std::vector<TypeRef> items;
  std::vector<Property> properties;
  for (TypeRef item : type->items) items.push_back(without_empty(item));
  for (const Property& property : type->properties)
    properties.push_back({property.key, without_empty(property.value)});
  TypeRef value = without_empty(type->value);
  switch (type->kind) {
    case TypeKind::array:
      return array(std::move(items), value);
    case TypeKind::set:
      return set(value);
    case TypeKind::object:
      return object(std::move(properties), type->open, type->key, value);
    default:
      return std::any_of(items.begin(), items.end(), is_anything) ? any_type()
                                                                  : united(std::move(items));
  }
}

}  // namespace lictor::compile
