// The rules of one document by the value that they test: which of many can hold at all.
// In: for each rule the constants that its test allows, or none if it has no such test; rules of
// one code may be one here. Out: the rules to evaluate for a value, in order of declaration.
// Immutable once built; shared by threads.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lictor/value.hpp"
#include "value/key_table.hpp"

namespace lictor::ir {

class RuleTable {
 public:
  enum class Test : std::uint8_t {
    equals,       // the value is one of the constants
    starts_with,  // it is a string that starts with one of them, which are strings
    ends_with,    // the same for its end
  };
  /// By rule; nullopt if the rule may hold for any value. The values outlive the table.
  using Allowed = std::vector<std::optional<std::vector<Value>>>;

  RuleTable(Arena& arena, Test test, const Allowed& allowed);

  /// The rules left to evaluate.
  struct Cursor {
    const std::uint32_t* next = nullptr;  // of those that test the value
    const std::uint32_t* end = nullptr;   // behind the last of them
    std::uint32_t next_other = 0;         // of those that do not
  };
  /// `value` may be undefined.
  Cursor find(const Value& value) const;

  static constexpr std::uint32_t none = ~0u;
  /// The next rule, or none.
  std::uint32_t take(Cursor& cursor) const;

  Test test() const { return test_; }
  /// The constants in order, each with the rules that allow it.
  std::vector<std::pair<Value, std::vector<std::uint32_t>>> choices() const;
  /// The rules without the test.
  const std::vector<std::uint32_t>& others() const { return others_; }

  std::vector<std::uint32_t> starts;  // by rule: the instruction where it begins

 private:
  /// A rule and a constant that it allows.
  using Choice = std::pair<std::uint32_t, Value>;

  std::vector<Choice> choices_of(const Allowed& allowed) const;
  /// The part of a text of that length which is looked up.
  std::string_view part(std::string_view text, std::size_t length) const {
    return test_ == Test::ends_with ? text.substr(text.size() - length) : text.substr(0, length);
  }

  Test test_;
  std::vector<std::uint32_t> others_;   // rules without the test, ascending
  std::vector<Value> constants_;        // ascending
  std::vector<std::uint32_t> lengths_;  // of those that texts start or end with, descending
  KeyTable rules_;                      // by constant
};

}  // namespace lictor::ir
