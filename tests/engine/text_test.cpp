// Texts that are not UTF-8, and patterns in Go's syntax.
#include <gtest/gtest.h>

#include "base/find_text.hpp"
#include "base/rune_set.hpp"
#include "base/unicode.hpp"
#include "builtins/go_regex.hpp"
#include "json/write.hpp"
#include "lictor/lictor.hpp"

namespace lictor {
namespace {

TEST(Text, json_is_utf8_wherever_a_byte_is_not) {
  for (std::string_view special :
       {"\xFF", "\xC3", "\xC3\xA9", "\xE2\x82\xAC", "\xE2\x82", "\xF0\x9F\x98\x80", "\xC0\x80",
        "\xED\xA0\x80", "\xC3\xC3\xA9", "\xA9", "\xE2\x80\xA8", "<", "\n", "é\xE2\x80\xA9"}) {
    for (std::size_t size = 0; size < 40; ++size) {
      for (std::size_t at = 0; at <= size; ++at) {
        std::string text(size, 'x');
        text.insert(at, special);
        std::string expected;
        json::append_quoted(expected, repair_utf8(text), true);
        EXPECT_EQ(json::to_json(Value::string(text)), expected) << size << " " << at;
        if (!valid_utf8(text)) continue;
        EXPECT_EQ(json::to_json(Value::utf8_string(text)), expected) << size << " " << at;
      }
    }
  }
}

TEST(Text, two_characters_of_two_bytes_are_checked_over_block_ends) {
  for (std::size_t first = 0; first < 34; ++first) {
    for (std::size_t second = first; second < 34; ++second) {
      std::string text(34, 'x');
      text.insert(second, "é").insert(first, "é");
      EXPECT_EQ(json::to_json(Value::string(text)), '"' + text + '"');
      std::string cut = text.substr(0, text.size() - 34 + second);
      EXPECT_TRUE(valid_utf8(json::to_json(Value::string(cut))));
    }
  }
}

TEST(Text, occurrences_may_overlap) {
  std::vector<std::size_t> found;
  each_occurrence("aabaabaab", "aabaab", [&](std::size_t at) { found.push_back(at); });
  EXPECT_EQ(found, (std::vector<std::size_t>{0, 3}));
}

TEST(Text, formatted_wildcards_that_clauses_share_have_names) {
  const std::pair<const char*, const char*> rows[] = {
      {"f(_, [_]) := 1 if { 1 } else := 2", "f(_, [_1]) := 1 if 1\n\nelse := 2\n"},
      {"f([1 | some _, v; v]) if { 1 } else := _", "f([1 | some _0, v; v]) if 1\n\nelse := _\n"},
      {"g(_) := 1\nf := [_] if { _ } { _ }", "g(_) := 1\nf := [_1] if _\n\nf := [_1] if _\n"},
      {"f([_]) := 1\nf([_]) := 2", "f([_]) := 1\nf([_]) := 2\n"},
      {"r[{a > 1 + b: 1 | 1}] := 1", "r[{(a > (1 + b)): 1 | 1}] := 1\n"},
  };
  for (const auto& [rule, expected] : rows) {
    Result<std::string> text = formatted("p.rego", std::string("package p\n\n") + rule);
    ASSERT_TRUE(text) << rule;
    EXPECT_EQ(*text, std::string("package p\n\n") + expected);
  }
}

TEST(RuneSet, negation_and_folding) {
  RuneSet set({{'a', 'c'}, {'d', 'd'}, {'k', 'k'}});
  EXPECT_EQ(set.ranges().size(), 2U);
  EXPECT_TRUE(set.folded().contains(0x212A)) << "the sign of Kelvin";
  EXPECT_FALSE(set.negated().contains('b'));
  EXPECT_TRUE(set.negated().negated().contains('b'));
  EXPECT_FALSE(unicode_class("nope"));
  EXPECT_TRUE(unicode_class("uppercase_letter")->contains('A'));
}

TEST(GoRegex, reports_gos_errors) {
  const std::pair<const char*, const char*> rows[] = {
      {"\\C", "invalid escape sequence: `\\C`"},
      {"(?P<\u00e9>a)", "invalid named capture: `(?P<\u00e9>`"},
      {"a{1001}", "invalid repeat count: `{1001}`"},
      {"(a{100}){11}", "invalid repeat count: `{11}`"},
      {"a**", "invalid nested repetition operator: `**`"},
      {"|*", "missing argument to repetition operator: `*`"},
      {"(?i-)", "invalid or unsupported Perl syntax: `(?i-)`"},
      {"[z-a]", "invalid character class range: `z-a`"},
      {"[[:nope:]]", "invalid character class range: `[:nope:]`"},
      {"[a", "missing closing ]: `[a`"},
      {"a)", "unexpected ): `a)`"},
      {"(a", "missing closing ): `(a`"},
      {"a\\", "trailing backslash at end of expression: ``"},
      {"(?:aaaaaaaaaaaaaaaa){1000}", ""},
  };
  for (const auto& [pattern, fault] : rows) {
    std::string expected = *fault == 0 ? "" : "error parsing regexp: " + std::string(fault);
    EXPECT_EQ(builtins::translate_go_regex(pattern).error, expected) << pattern;
  }
}

TEST(GoRegex, limits_the_height_of_a_pattern) {
  auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_EQ(builtins::translate_go_regex(nested(999)).error, "");
  std::string deep = nested(1000);
  EXPECT_EQ(builtins::translate_go_regex(deep).error,
            "error parsing regexp: expression nests too deeply: `" + deep + "`");
}

}  // namespace
}  // namespace lictor
