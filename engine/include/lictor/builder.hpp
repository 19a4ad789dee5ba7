// Makes values without JSON text: inputs, data, and the results of host functions.
//
// Values are handles: scalars need no Builder (Value::integer, Value::boolean, Value::null, and
// Value::string for text that outlives the value). What a Builder makes lives as long as its
// memory: until the Builder is destroyed or clear() is called, or, for the Builder of a HostCall,
// as long as the evaluation's answer. A Builder belongs to one thread. In the steady state it does
// not allocate from the heap.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "lictor/error.hpp"
#include "lictor/value.hpp"

namespace lictor {

class Arena;

class Builder {
 public:
  Builder();
  Builder(Builder&&) noexcept;
  Builder& operator=(Builder&&) noexcept;
  ~Builder();

  /// A string with a copy of `text`, which should be UTF-8.
  Value string(std::string_view text);
  /// The shortest decimal that reads back as `number`; undefined for infinities and NaN, which JSON
  /// does not have.
  Value number(double number);
  /// A number of any size and precision, from its JSON spelling; undefined if that is not one.
  Value number(std::string_view text);
  /// An array of `items`, in order. INVARIANT of this and the next two: no part is undefined.
  Value array(std::span<const Value> items);
  /// A set of `items`, in any order; duplicates are dropped.
  Value set(std::span<const Value> items);
  /// An object of `members`, in any order; of equal keys, the last one's value stays.
  Value object(std::span<const Member> members);
  /// What a JSON text holds.
  Result<Value> from_json(std::string_view text);
  /// A copy of `value` and everything it refers to.
  Value copy(const Value& value);

  /// Frees everything made so far; the memory is used again.
  void clear();

  /// For the library itself: values in an arena that belongs to someone else.
  explicit Builder(Arena& arena);

 private:
  std::unique_ptr<Arena> own_;
  Arena* arena_;
};

}  // namespace lictor
