// Static types, as OPA's checker has them: what is known about a term's value without running
// anything. In: terms and signatures of builtins. Out: types, and whether two can have a value in
// common. INVARIANT: types are immutable, and live as long as their Types; a null TypeRef is a type
// of which nothing is known yet, which is less than `any`. Source of the rules: OPA v1/types and
// v1/ast/check.go.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builtins/table.hpp"
#include "lictor/value.hpp"
#include "syntax/ast.hpp"

namespace lictor::compile {

struct Type;
using TypeRef = const Type*;

/// The order is the one in which the members of a union stand.
enum class TypeKind : std::uint8_t {
  null_value,
  boolean,
  number,
  string,
  array,     // items: its first elements; value: those behind them, or null
  object,    // properties; open: has further ones, of `key` and `value`
  set,       // value: its elements; null: it is empty
  any,       // items: one of these, in order; none: whatever
  function,  // items: its parameters; value: its result, or null; names: theirs
};

struct Property {
  const syntax::Term* key;  // a constant
  TypeRef value;
};

struct Type {
  TypeKind kind = TypeKind::any;
  bool open = false;      // object
  bool variadic = false;  // function: the last parameter may come any number of times
  std::vector<TypeRef> items;
  std::vector<Property> properties;  // in order of their keys
  TypeRef key = nullptr;
  TypeRef value = nullptr;
  std::vector<std::string> names;  // function: of the parameters, then the result; "" is none
  bool unknown = false;            // some part of it is
  std::uint32_t depth = 0;         // of nesting
  std::uint64_t size = 1;          // of its text, roughly
};

inline bool is(TypeRef type, TypeKind kind) { return type != nullptr && type->kind == kind; }

/// `any` without members: whatever.
inline bool is_anything(TypeRef type) { return is(type, TypeKind::any) && type->items.empty(); }

/// null, boolean, number or string.
TypeRef scalar_type(TypeKind kind);
TypeRef any_type();

/// Makes types and owns them. A type that would be nested too deeply, or be too large, is `any`.
class Types {
 public:
  /// Knows the types of these builtins, which must outlive it.
  explicit Types(const builtins::Table& builtins = *builtins::Table::standard())
      : table_(builtins) {}
  Types(const Types&) = delete;
  Types& operator=(const Types&) = delete;

  TypeRef array(std::vector<TypeRef> items, TypeRef rest);
  TypeRef set(TypeRef elements);
  TypeRef object(std::vector<Property> properties, bool open, TypeRef key, TypeRef value);
  TypeRef function(std::vector<TypeRef> parameters, TypeRef result, bool variadic = false,
                   std::vector<std::string> names = {});
  /// What a builtin's signature says, or null if there is no such builtin.
  TypeRef builtin(std::string_view name);
  /// What a signature says.
  TypeRef signature(std::string_view text);
  /// A union of exactly these types, also where one of them is `any`.
  TypeRef any_of(std::vector<TypeRef> members);
  /// A JSON document as a constant.
  syntax::Term* constant(const Value& json);

  /// The union of two types.
  TypeRef either(TypeRef a, TypeRef b);
  /// The union of what two rules of one document make.
  TypeRef merged(TypeRef a, TypeRef b);
  /// An object with one more value below it, at a path of constants.
  TypeRef with_path(TypeRef object, const std::vector<const syntax::Term*>& path, std::size_t at,
                    TypeRef value);
  /// The type with `any` in the place of each empty collection.
  TypeRef without_empty(TypeRef type);
  /// The types of keys and of values that a collection may have; null if it is none, or empty.
  TypeRef keys(TypeRef collection);
  TypeRef values(TypeRef collection);
  /// What a constant key selects; null if nothing.
  TypeRef select(TypeRef collection, const syntax::Term& key);
  /// The type of a constant.
  TypeRef of_constant(const syntax::Term& constant);

 private:
  TypeRef keep(Type type);
  TypeRef united(std::vector<TypeRef> members);
  TypeRef joined_functions(TypeRef a, TypeRef b);

  const builtins::Table& table_;
  std::deque<Type> types_;
  std::deque<syntax::Term> keys_;  // of objects in signatures
  std::map<std::string, TypeRef, std::less<>> builtins_;
};

/// True if signatures have the text as the key of an object without quotes.
bool is_plain_key(std::string_view text);

/// Why a text is no signature of a function, as "(x: number, y: any<null, set[string]>) => z: any"
/// is; nothing if it is one.
std::optional<std::string> signature_fault(std::string_view signature);

int compare(TypeRef a, TypeRef b);
/// True if some part of the type is unknown.
inline bool is_unknown(TypeRef type) { return type == nullptr || type->unknown; }
/// True if a value of both types can exist.
bool unifies(TypeRef a, TypeRef b);
/// An object, array or set that can hold nothing.
bool is_empty_collection(TypeRef type);
/// True if such a one occurs anywhere in the type.
bool has_empty_collection(TypeRef type);

}  // namespace lictor::compile
