// The order of values: by kind first, then by content.
#include "value/compare.hpp"

#include <algorithm>

#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor {
namespace {

int compare_text(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size() ? 0 : a.compare(b);
}

int compare_items(const Value& a, const Value& b) {
  std::uint32_t common = std::min(a.size(), b.size());
  for (std::uint32_t i = 0; i < common; ++i) {
    if (int order = compare(a.items()[i], b.items()[i])) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

int compare_objects(const Value& a, const Value& b) {
  const Member* x = sorted_members(a);
  const Member* y = sorted_members(b);
  std::uint32_t common = std::min(a.size(), b.size());
  // Objects that one term makes have the very same keys.
  auto same_text = [](const Value& k, const Value& l) {
    return k.is(Kind::string) && l.is(Kind::string) &&
           k.as_string().data() == l.as_string().data() && k.size() == l.size();
  };
  for (std::uint32_t i = 0; i < common; ++i) {
    if (!same_text(x[i].key, y[i].key)) {
      if (int order = compare(x[i].key, y[i].key)) return order;
    }
    if (int order = compare(x[i].value, y[i].value)) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

}  // namespace

int compare(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind() ? -1 : 1;
  switch (a.kind()) {
    case Kind::boolean:
      return static_cast<int>(a.as_boolean()) - static_cast<int>(b.as_boolean());
    case Kind::number:
      return compare_numbers(a, b);
    case Kind::string:
      return compare_text(a.as_string(), b.as_string());
    case Kind::array:
    case Kind::set:
      return compare_items(a, b);
    case Kind::object:
      return compare_objects(a, b);
    case Kind::null_value:
    case Kind::undefined:
      return 0;
  }
  return 0;
}

bool equal_slow(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::array:
    case Kind::set:
    case Kind::object:
      return a.size() == b.size() && compare(a, b) == 0;
    default:
      return compare(a, b) == 0;
  }
}

const char* kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::null_value:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
    case Kind::set:
      return "set";
    case Kind::undefined:
      return "undefined";
  }
  return "undefined";
}

}  // namespace lictor
