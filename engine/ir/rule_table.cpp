// A hash table of the constants. Of prefixes, or suffixes, the longest that fits is looked up,
// length by length; its rules include those of the shorter ones.
#include "ir/rule_table.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "value/compare.hpp"

namespace lictor::ir {
namespace {

template <typename Item, typename Less = std::less<Item>>
void sort_distinct(std::vector<Item>& items, Less less = {}) {
  std::sort(items.begin(), items.end(), less);
  auto same = [&](const Item& a, const Item& b) { return !less(a, b); };  // as they are in order
  items.erase(std::unique(items.begin(), items.end(), same), items.end());
}

std::vector<std::uint32_t> rules_without(const RuleTable::Allowed& allowed) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t rule = 0; rule < allowed.size(); ++rule) {
    if (!allowed[rule]) out.push_back(rule);
  }
  return out;
}

std::vector<Value> constants_of(const RuleTable::Allowed& allowed) {
  std::vector<Value> out;
  for (const auto& values : allowed) {
    if (values) out.insert(out.end(), values->begin(), values->end());
  }
  sort_distinct(out, ValueLess());
  return out;
}

std::vector<std::uint32_t> lengths_of(const std::vector<Value>& texts) {
  std::vector<std::uint32_t> out;
  for (const Value& text : texts) out.push_back(text.size());
  sort_distinct(out, std::greater<>());
  return out;
}

/// By constant the rules.
KeyTable table_of(Arena& arena, const std::vector<std::pair<std::uint32_t, Value>>& choices) {
  std::vector<Value> constants;
  std::vector<std::uint32_t> rules;
  for (const auto& [rule, constant] : choices) {
    rules.push_back(rule);
    constants.push_back(constant);
  }
  return {arena, 1, constants, rules};
}

}  // namespace

RuleTable::RuleTable(Arena& arena, Test test, const Allowed& allowed)
    : starts(allowed.size()),
      test_(test),
      others_(rules_without(allowed)),
      constants_(constants_of(allowed)),
      lengths_(test == Test::equals ? std::vector<std::uint32_t>() : lengths_of(constants_)),
      rules_(table_of(arena, choices_of(allowed))) {}

/// Rules ascend. Those of what a constant starts or ends with are its own too.
std::vector<RuleTable::Choice> RuleTable::choices_of(const Allowed& allowed) const {
  std::vector<Choice> out;
  for (std::uint32_t rule = 0; rule < allowed.size(); ++rule) {
    for (std::size_t i = 0; allowed[rule] && i < allowed[rule]->size(); ++i)
      out.emplace_back(rule, (*allowed[rule])[i]);
  }
  if (!lengths_.empty()) {
    Arena scratch;
    const KeyTable own = table_of(scratch, out);
    for (const Value& constant : constants_) {
      for (std::uint32_t length : lengths_) {
        if (length >= constant.size()) continue;
        Value shorter = Value::string(part(constant.as_string(), length));
        for (std::uint32_t rule : own.find(&shorter)) out.emplace_back(rule, constant);
      }
    }
  }
  sort_distinct(out, [](const Choice& a, const Choice& b) {
    return a.first != b.first ? a.first < b.first : ValueLess()(a.second, b.second);
  });
  return out;
}

std::vector<std::pair<Value, std::vector<std::uint32_t>>> RuleTable::choices() const {
  std::vector<std::pair<Value, std::vector<std::uint32_t>>> out;
  for (const Value& constant : constants_) {
    std::span<const std::uint32_t> rules = rules_.find(&constant);
    out.emplace_back(constant, std::vector<std::uint32_t>(rules.begin(), rules.end()));
  }
  return out;
}

RuleTable::Cursor RuleTable::find(const Value& value) const {
  std::span<const std::uint32_t> found;
  if (test_ == Test::equals) {
    if (!value.is_undefined()) found = rules_.find(&value);
  } else if (value.is(Kind::string)) {
    std::string_view text = value.as_string();
    for (std::size_t i = 0; i < lengths_.size() && found.empty(); ++i) {
      if (lengths_[i] > text.size()) continue;
      Value looked_up = Value::string(part(text, lengths_[i]));
      found = rules_.find(&looked_up);
    }
  }
  return {found.data(), found.data() + found.size(), 0};
}

std::uint32_t RuleTable::take(Cursor& cursor) const {
  std::uint32_t own = cursor.next != cursor.end ? *cursor.next : none;
  std::uint32_t other = cursor.next_other < others_.size() ? others_[cursor.next_other] : none;
  if (own < other)
    ++cursor.next;
  else if (other != none)
    ++cursor.next_other;
  return std::min(own, other);
}

}  // namespace lictor::ir
