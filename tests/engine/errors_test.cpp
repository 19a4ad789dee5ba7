// Bad policies: each is refused with OPA's code and first line, and a place.
#include <gtest/gtest.h>

#include "lictor/lictor.hpp"

namespace {

using lictor::Engine;

struct Row {
  const char* module;
  const char* want;  // the first error's summary
};

class BadPolicy : public ::testing::TestWithParam<Row> {};

TEST_P(BadPolicy, is_refused_with_opas_first_line) {
  Engine engine;
  engine.add_module("p.rego", GetParam().module);
  lictor::Errors errors = engine.check();
  ASSERT_FALSE(errors.empty()) << GetParam().module;
  EXPECT_EQ(errors[0].summary(), GetParam().want);
  EXPECT_NE(errors[0].render().find('^'), std::string::npos) << "a caret shows the place";
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, BadPolicy,
    ::testing::Values(
        Row{"package a\np if {\n  x = \n}", "p.rego:4: rego_parse_error: unexpected } token"},
        Row{"package a\np := [1, 2",
            "p.rego:2: rego_parse_error: unexpected eof token: expected \",\" or \"]\""},
        Row{"package a\np { true }",
            "p.rego:2: rego_parse_error: `if` keyword is required before rule body"},
        Row{"package a\ndefault p := input.x",
            "p.rego:2: rego_parse_error: illegal default rule (value cannot contain ref)"},
        Row{"package a\np := \"abc", "p.rego:2: rego_parse_error: non-terminated string"},
        Row{"package a\np := 1e1000000", "p.rego:2: rego_parse_error: number too big"}));

INSTANTIATE_TEST_SUITE_P(
    Meaning, BadPolicy,
    ::testing::Values(
        Row{"package a\np if x > 1", "p.rego:2: rego_unsafe_var_error: var x is unsafe"},
        Row{"package a\np if not q[x]\nq := [1]",
            "p.rego:2: rego_unsafe_var_error: var x is unsafe"},
        Row{"package a\np if foo(1)", "p.rego:2: rego_type_error: undefined function foo"},
        Row{"package a\np if count(1, 2, 3)", "p.rego:2: rego_type_error: count: arity mismatch"},
        Row{"package a\np if q\nq if p",
            "p.rego:2: rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.q -> "
            "data.a.p"},
        Row{"package a\np := 1\np contains 2",
            "p.rego:2: rego_type_error: conflicting rules data.a.p found"},
        Row{"package a\ndefault p := 1\ndefault p := 2",
            "p.rego:1: rego_type_error: multiple default rules data.a.p found at p.rego:2, "
            "p.rego:3"},
        Row{"package a\np if {\n  y = x\n  x := 1\n}",
            "p.rego:4: rego_compile_error: var x referenced above"},
        Row{"package a\np if {\n  x := 1\n  x := 2\n}",
            "p.rego:4: rego_compile_error: var x assigned above"}));

TEST(BadPolicy, deep_nesting_meets_a_limit) {
  for (auto [open, close] : {std::pair{"(", ")"}, std::pair{"[", "]"}, std::pair{"{", "}"},
                             std::pair{"f(", ")"}, std::pair{"a[", "]"}}) {
    std::string text = "package a\np := ";
    for (int i = 0; i < 100000; ++i) text += open;
    text += "1";
    for (int i = 0; i < 100000; ++i) text += close;
    Engine engine;
    engine.add_module("p.rego", text);
    lictor::Errors errors = engine.check();
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].code, lictor::ErrorCode::parse);
    EXPECT_EQ(errors[0].message, "max recursion depth exceeded");
  }
}

/// A text of many levels, each of which could be read in more than one way.
struct Levels {
  const char* opening;
  const char* inside;
  const char* closing;

  std::string text(const std::string& head, int count, const char* fault) const {
    std::string out = head;
    for (int i = 0; i < count; ++i) out += opening;
    out += inside;
    for (int i = 0; i < count; ++i) out += (i == count / 2 ? fault : "") + std::string(closing);
    return out + " }\n";
  }
};

constexpr Levels levels_to_backtrack_in[] = {
    {"(", "1", ")"},
    {"{", "1", "}"},
    {"[", "1", "]"},
    {"{\"a\": ", "1", "}"},
    {"{", "1", ": 1}"},
    {"a[", "1", "]"},
    {"f(", "1", ")"},
    {"$\"{", "1", "}\""},
    {"{x | ", "x", "}"},
    {"[x | ", "x", "]"},
    {"{x: 1 | ", "x", "}"},
    {"{", "1", " | true}"},
    {"{1: ", "1", " | true}"},
    {"[", "1", " | true]"},
    {"{1} | {", "1", "}"},
    {"{1 + ", "1", "}"},
    {"{1: ", "1", " + 1}"},
    {"{x | not {", "x", "}}"},
    {"{x | some x in ", "[1]", "}"},
    {"every x in [1] {", "true", "}"},
    {"not (", "x", ")"},
    {"x and (", "x", ")"},
    {"(", "x", " or x)"},
    {"x in ", "xs", ""},
    {"{", "x", "} and {x}"},
    {"{x | x with input as ", "1", "}"},
};

TEST(BadPolicy, no_text_makes_the_parser_backtrack_without_end) {
  const char* heads[] = {"package a\np if { ", "package a\nimport rego.v2\np if { ",
                         "package a\nimport future.keywords\np if { "};
  for (const Levels& levels : levels_to_backtrack_in) {
    for (const char* head : heads) {
      EXPECT_FALSE(lictor::syntax_tree("p.rego", levels.text(head, 100, " % ; "), false))
          << head << levels.opening;
      EXPECT_FALSE(lictor::syntax_tree("p.rego", levels.text(head, 20000, ""), false))
          << head << levels.opening;
    }
  }
}

TEST(BadPolicy, readings_that_double_with_each_level_meet_a_limit) {
  const std::string head = "package a\nimport rego.v2\np if { ";
  for (const Levels& levels : {Levels{"{x | ", "x", "}"}, Levels{"{1} | {", "1", "}"}}) {
    EXPECT_TRUE(lictor::syntax_tree("p.rego", levels.text(head, 16, ""), false));
    auto tree = lictor::syntax_tree("p.rego", levels.text(head, 60, ""), false);
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().message, "expression is too ambiguous");
  }
}

TEST(BadPolicy, endless_rules_meet_a_limit) {
  auto refuse = [](const std::string& module, const char* message) {
    Engine engine;
    engine.add_module("p.rego", module);
    auto policy = engine.compile("data.a.p");
    ASSERT_FALSE(policy);
    EXPECT_EQ(policy.error().message, message);
  };
  std::string body, items, sum = "1";
  for (int i = 0; i < 4500; ++i) {
    std::string n = std::to_string(i);
    if (i < 1500) body += "  input.a" + n + " > lower(input.b" + n + ")\n";
    items += (i == 0 ? "" : ", ") + std::string("input.x") + n;
    sum += " + 1";
  }
  refuse("package a\np if {\n" + body + "}", "rule is too long");
  refuse("package a\np := [" + items + "]", "rule is too long");
  refuse("package a\np := " + sum, "expression is too long");
}

TEST(BadPolicy, text_that_is_no_utf8_is_refused) {
  Engine engine;
  engine.add_module("p.rego", "package a\np := \"\xFF\"");
  ASSERT_FALSE(engine.check().empty());
  EXPECT_EQ(engine.check()[0].message, "illegal utf-8 character");
}

TEST(BadPolicy, a_builtin_that_is_missing_is_named_when_it_is_compiled) {
  Engine engine;
  engine.add_module("p.rego", "package a\np := http.send({})");
  auto policy = engine.compile("data.a.p");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().message, "undefined function http.send");
}

TEST(BadData, is_refused_with_its_name) {
  Engine engine;
  engine.add_data("{\"a\":", "bad.json");
  auto policy = engine.compile("data.a");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().file, "bad.json");
  Engine conflicting;
  conflicting.add_data("{\"a\": 1}");
  conflicting.add_data("{\"a\": 2}");
  EXPECT_FALSE(conflicting.compile("data.a"));
  Engine no_object;
  no_object.add_data("[1]");
  EXPECT_FALSE(no_object.compile("data.a"));
}

}  // namespace
