// A hash table of the constants. Of prefixes, or suffixes, the longest that fits is looked up,
// length by length; its rules include those of the shorter ones.
#include "ir/rule_table.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "value/compare.hpp"
#include "value/hash.hpp"

namespace lictor::ir {
namespace {

struct Less {
  bool operator()(const Value& a, const Value& b) const { return compare(a, b) < 0; }
};

std::uint32_t short_hash(const Value& value) {
  return static_cast<std::uint32_t>(hash(value) >> 20);
}

}  // namespace

RuleTable::RuleTable(Test test, const Allowed& allowed) : starts(allowed.size()), test_(test) {
  std::map<Value, std::set<std::uint32_t>, Less> rules;
  for (std::uint32_t rule = 0; rule < allowed.size(); ++rule) {
    if (!allowed[rule]) {
      others_.push_back(rule);
      continue;
    }
    for (const Value& value : *allowed[rule]) rules[value].insert(rule);
  }
  if (test != Test::equals) {
    std::set<std::uint32_t> lengths;
    for (const auto& [text, own] : rules)
      lengths.insert(static_cast<std::uint32_t>(text.as_text().size()));
    lengths_.assign(lengths.rbegin(), lengths.rend());
    for (auto& [constant, own] : rules) {
      std::string_view text = constant.as_text();
      for (std::uint32_t length : lengths) {
        if (length >= text.size()) break;
        auto shorter = rules.find(Value::string(part(text, length)));
        if (shorter != rules.end()) own.insert(shorter->second.begin(), shorter->second.end());
      }
    }
  }
  slots_.assign(std::bit_ceil(rules.size() + rules.size() / 2 + 1), Choice());
  for (const auto& [value, own] : rules) add_choice(value, {own.begin(), own.end()});
}

void RuleTable::add_choice(const Value& value, const std::vector<std::uint32_t>& rules) {
  std::uint32_t hash = short_hash(value);
  std::size_t mask = slots_.size() - 1, slot = hash & mask;
  while (!slots_[slot].value.is_undefined()) slot = (slot + 1) & mask;
  if (rules.size() == 1) {
    slots_[slot] = {value, hash, rules[0]};
    return;
  }
  slots_[slot] = {value, hash, static_cast<std::uint32_t>(rules_.size()) | several};
  rules_.push_back(static_cast<std::uint32_t>(rules.size()));
  rules_.insert(rules_.end(), rules.begin(), rules.end());
}

std::vector<std::pair<Value, std::vector<std::uint32_t>>> RuleTable::choices() const {
  std::vector<std::pair<Value, std::vector<std::uint32_t>>> out;
  for (const Choice& choice : slots_) {
    if (choice.value.is_undefined()) continue;
    auto& [value, rules] = out.emplace_back(choice.value, std::vector<std::uint32_t>());
    Cursor cursor = behind(choice);
    cursor.next_other = static_cast<std::uint32_t>(others_.size());
    for (std::uint32_t rule = take(cursor); rule != none; rule = take(cursor))
      rules.push_back(rule);
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  return out;
}

const RuleTable::Choice* RuleTable::choice(const Value& value) const {
  std::uint32_t hash = short_hash(value);
  std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const Choice& found = slots_[slot];
    if (found.value.is_undefined()) return nullptr;
    if (found.hash == hash && equal(found.value, value)) return &found;
  }
}

RuleTable::Cursor RuleTable::behind(const Choice& choice) const {
  if ((choice.rules & several) == 0) return {choice.rules, single, 0};
  std::uint32_t number = choice.rules & ~several;
  return {number + 1, number + 1 + rules_[number], 0};
}

RuleTable::Cursor RuleTable::find(const Value& value) const {
  const Choice* found = nullptr;
  if (value.is_undefined()) return {};
  if (test_ == Test::equals) {
    found = choice(value);
  } else if (value.is(Kind::string)) {
    std::string_view text = value.as_text();
    for (std::size_t i = 0; i < lengths_.size() && found == nullptr; ++i) {
      if (lengths_[i] <= text.size()) found = choice(Value::string(part(text, lengths_[i])));
    }
  }
  return found ? behind(*found) : Cursor{};
}

std::uint32_t RuleTable::take(Cursor& cursor) const {
  bool alone = cursor.end == single;
  std::uint32_t own = alone ? cursor.next : cursor.next < cursor.end ? rules_[cursor.next] : none;
  std::uint32_t other = cursor.next_other < others_.size() ? others_[cursor.next_other] : none;
  if (own == none && other == none) return none;
  if (own < other) {
    if (alone)
      cursor.next = cursor.end = 0;
    else
      ++cursor.next;
    return own;
  }
  ++cursor.next_other;
  return other;
}

}  // namespace lictor::ir
