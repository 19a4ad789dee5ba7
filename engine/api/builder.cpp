// Values that an embedding program makes.
#include "lictor/builder.hpp"

#include <algorithm>
#include <cmath>

#include "base/arena.hpp"
#include "json/read.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor {

Builder::Builder() : own_(std::make_unique<Arena>()), arena_(own_.get()) {}
Builder::Builder(Arena& arena) : arena_(&arena) {}
Builder::Builder(Builder&&) noexcept = default;
Builder& Builder::operator=(Builder&&) noexcept = default;
Builder::~Builder() = default;

Value Builder::string(std::string_view text) { return make_string(*arena_, text); }

Value Builder::number(double number) {
  return std::isfinite(number) ? make_number(*arena_, number) : Value();
}

Value Builder::number(std::string_view text) {
  bool valid = is_number_text(text) && json_number_fault(text) == nullptr;
  return valid ? make_number(*arena_, text) : Value();
}

Value Builder::array(std::span<const Value> items) {
  return make_array(*arena_, items.data(), items.size());
}

Value Builder::set(std::span<const Value> items) {
  return make_set(*arena_, items.data(), items.size());
}

Value Builder::object(std::span<const Member> members) {
  auto* copy = arena_->allocate<Member>(members.size());
  std::copy(members.begin(), members.end(), copy);
  return make_unique_object(*arena_, copy, members.size(), Duplicates::last_wins);
}

Result<Value> Builder::from_json(std::string_view text) { return json::read_owned(text, *arena_); }

Value Builder::copy(const Value& value) { return deep_copy(*arena_, value); }

void Builder::clear() { arena_->reset(); }

}  // namespace lictor
