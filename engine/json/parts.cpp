#include "json/parts.hpp"

#include "value/compare.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::json {
namespace {

/// Digits, a point and digits: what nearly all numbers are that are no integers.
bool is_plain_decimal(std::string_view token) {
  if (token.size() < 3) return false;
  std::size_t first = token[0] == '-' ? 1 : 0, i = first;
  while (i < token.size() && is_digit(token[i])) ++i;
  bool whole = i > first && (token[first] != '0' || i == first + 1);
  if (!whole || i + 1 >= token.size() || token[i] != '.') return false;
  while (++i < token.size() && is_digit(token[i])) continue;
  return i == token.size();
}

bool has_duplicates(ArenaVector<Member>& members) {
  for (std::size_t i = 1; i < members.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (same_text(members[i].key.as_string(), members[j].key.as_string())) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<Value> number_of(std::string_view token) {
  if (is_plain_decimal(token)) return Value::number_text(token);
  if (!is_number_text(token) || json_number_fault(token)) return std::nullopt;
  return view_number(token);
}

Value object_of(Arena& arena, ArenaVector<Member>& members) {
  members.shrink();
  bool unsure = members.size() > 12 || has_duplicates(members);
  return unsure ? make_unique_object(arena, members.data(), members.size(), Duplicates::last_wins)
                : make_object(arena, members.data(), members.size(), false);
}

}  // namespace lictor::json
