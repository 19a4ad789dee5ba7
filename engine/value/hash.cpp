// Structural hashing of values.
#include "value/hash.hpp"

#include <bit>
#include <functional>
#include <string_view>

#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor {
namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  a ^= b + 0x9E3779B97F4A7C15u + (a << 6) + (a >> 2);
  return a * 0xBF58476D1CE4E5B9u;
}

}  // namespace

std::uint64_t hash(const Value& value) {
  auto kind = static_cast<std::uint64_t>(value.kind());
  switch (value.kind()) {
    case Kind::number:
      return mix(kind, std::bit_cast<std::uint64_t>(to_double(value) + 0.0));
    case Kind::string:
      return mix(kind, std::hash<std::string_view>{}(value.as_text()));
    case Kind::boolean:
      return mix(kind, value.as_boolean());
    case Kind::array:
    case Kind::set: {
      std::uint64_t out = kind;
      for (std::uint32_t i = 0; i < value.size(); ++i) out = mix(out, hash(value.items()[i]));
      return out;
    }
    case Kind::object: {
      std::uint64_t out = kind;
      const Member* members = sorted_members(value);
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        out = mix(mix(out, hash(members[i].key)), hash(members[i].value));
      }
      return out;
    }
    default:
      return kind;
  }
}

}  // namespace lictor
