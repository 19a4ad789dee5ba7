// A Rego value: a 16-byte handle that owns nothing and may be copied like a pointer.
//
// Lifetime: a value lives as long as what handed it out (a Decision, a Policy, an Arena).
// Threads: values of a Policy or of data may be read by many threads; others belong to one thread.
// INVARIANT: `undefined` never occurs inside an array, object or set.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace lictor {

/// The kinds, in Rego's sort order.
enum class Kind : std::uint8_t {
  null_value,
  boolean,
  number,
  string,
  array,
  object,
  set,
  undefined
};

/// Returns Rego's name of the kind, as type_name() has it.
const char* kind_name(Kind kind) noexcept;

class Value;

/// One key and its value in an object.
struct Member;

/// The storage of an object: distinct keys; in key order once `sorted`.
struct Object;

/// The storage of a number that is known as a float; its text is made when first asked for.
struct FloatNumber;

class Value {
 public:
  Value() noexcept : kind_(Kind::undefined), integer_(0) {}

  static Value null() noexcept { return Value(Kind::null_value, 0, std::int64_t{0}); }
  static Value boolean(bool value) noexcept { return Value(Kind::boolean, 0, std::int64_t{value}); }
  static Value integer(std::int64_t value) noexcept { return Value(Kind::number, 0, value); }
  /// `text` is a JSON number that is not a canonical int64; it must outlive the value.
  static Value number_text(std::string_view text) noexcept {
    return Value(Kind::number, static_cast<std::uint32_t>(text.size()), text.data());
  }
  /// `number` must outlive the value.
  static Value number_float(const FloatNumber* number) noexcept {
    Value out(Kind::number, 1, std::int64_t{0});
    out.form_ = Form::float_number;
    out.float_ = number;
    return out;
  }
  /// `text` must outlive the value. It need not be UTF-8: base64.decode makes any bytes.
  static Value string(std::string_view text) noexcept {
    return Value(Kind::string, static_cast<std::uint32_t>(text.size()), text.data());
  }
  /// As string(), for a text that is UTF-8: writing it then takes no check.
  static Value utf8_string(std::string_view text) noexcept {
    Value out = string(text);
    out.form_ = Form::utf8;
    return out;
  }
  static Value array(const Value* items, std::uint32_t size) noexcept {
    return Value(Kind::array, size, items);
  }
  /// `items` are sorted and distinct.
  static Value set(const Value* items, std::uint32_t size) noexcept {
    return Value(Kind::set, size, items);
  }
  static Value object(const Object* object, std::uint32_t size) noexcept {
    return Value(Kind::object, size, object);
  }

  Kind kind() const noexcept { return kind_; }
  bool is(Kind kind) const noexcept { return kind_ == kind; }
  bool is_undefined() const noexcept { return kind_ == Kind::undefined; }
  bool is_false() const noexcept { return kind_ == Kind::boolean && integer_ == 0; }
  bool is_true() const noexcept { return kind_ == Kind::boolean && integer_ != 0; }
  bool is_collection() const noexcept { return kind_ >= Kind::array && kind_ <= Kind::set; }

  bool as_boolean() const noexcept { return integer_ != 0; }
  /// True for numbers held as int64; other numbers have as_text().
  bool is_integer() const noexcept { return kind_ == Kind::number && size_ == 0; }
  std::int64_t as_integer() const noexcept { return integer_; }
  /// The text of a string.
  std::string_view as_string() const noexcept { return {text_, size_}; }
  /// True for strings that are known to be UTF-8; others may be UTF-8, too.
  bool is_known_utf8() const noexcept { return form_ == Form::utf8; }
  /// The text of a string, or of a number that is not is_integer().
  std::string_view as_text() const noexcept {
    return is_float() ? float_text() : std::string_view(text_, size_);
  }
  /// The float that a number is known as, or null.
  const FloatNumber* as_float() const noexcept { return is_float() ? float_ : nullptr; }
  /// Members of an array, object or set.
  std::uint32_t size() const noexcept { return size_; }
  const Value* items() const noexcept { return items_; }
  const Object* as_object() const noexcept { return object_; }

 private:
  Value(Kind kind, std::uint32_t size, std::int64_t integer) noexcept
      : kind_(kind), size_(size), integer_(integer) {}
  Value(Kind kind, std::uint32_t size, const char* text) noexcept
      : kind_(kind), size_(size), text_(text) {}
  Value(Kind kind, std::uint32_t size, const Value* items) noexcept
      : kind_(kind), size_(size), items_(items) {}
  Value(Kind kind, std::uint32_t size, const Object* object) noexcept
      : kind_(kind), size_(size), object_(object) {}

  /// What is known of the storage beside the kind.
  enum class Form : std::uint8_t {
    other,
    float_number,  // of a number: a FloatNumber
    utf8,          // of a string: UTF-8
  };

  bool is_float() const noexcept { return form_ == Form::float_number; }
  std::string_view float_text() const noexcept;

  Kind kind_;
  Form form_ = Form::other;
  std::uint32_t size_ = 0;
  union {
    std::int64_t integer_;
    const char* text_;
    const Value* items_;
    const Object* object_;
    const FloatNumber* float_;
  };
};

static_assert(sizeof(Value) == 16);

struct Member {
  Value key;
  Value value;
};

/// The member of an object at `index`, in key order; index < object.size().
Member object_member(const Value& object, std::uint32_t index);

/// The value of a key of an object; undefined for any other key, and for what is no object.
Value lookup(const Value& object, std::string_view key);
/// The value that a path of keys leads to, as `find_path(decision, {"limits", "cpu"})`; undefined
/// if there is none.
Value find_path(Value value, std::initializer_list<std::string_view> path);

/// What a value holds, if it is of that kind. An integer is a number that is a whole int64, however
/// it is written; a double is the nearest one to a number.
std::optional<bool> boolean_of(const Value& value);
std::optional<std::int64_t> integer_of(const Value& value);
std::optional<double> double_of(const Value& value);
std::optional<std::string_view> string_of(const Value& value);

}  // namespace lictor
