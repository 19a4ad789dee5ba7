// How an answer comes about: OPA's steps, and the stack of an error.
#include <gtest/gtest.h>

#include "query.hpp"

namespace {

using lictor::Engine;
using lictor::EngineOptions;
using lictor::ErrorCode;
using lictor::QueryResult;
using lictor::Result;
using lictor::TraceEvent;
using lictor::TraceOptions;

const char* policy =
    "package a\n"
    "p if { some x in input.xs; q(x) }\n"
    "q(x) if x / input.n > 1\n"
    "r := 1 if input.xs[_] == 1\n"
    "r := 2 if input.n == 0\n";

Result<QueryResult> traced(const std::string& query, const std::string& module,
                           const std::string& input,
                           const std::function<void(const TraceEvent&)>& hear = nullptr) {
  EngineOptions options;
  options.strict_builtin_errors = true;
  Engine engine(options);
  engine.add_module("test.rego", module);
  std::string_view text = input;
  TraceOptions tracing;
  tracing.hear = hear;
  return engine.trace(query, {}, &text, tracing);
}

std::string stack(const lictor::Error& error) {
  std::string out;
  for (const lictor::StackFrame& frame : error.stack_trace)
    out += std::to_string(frame.query_id) + " " + frame.summary() + "\n";
  return out;
}

TEST(Trace, an_error_has_the_queries_that_were_being_evaluated) {
  auto result = traced("data.a.p", policy, R"({"xs": [3, 4], "n": 0})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().summary(), "test.rego:3: eval_builtin_error: div: divide by zero");
  EXPECT_EQ(stack(result.error()), "2 test.rego:3: 3 / 0\n1 test.rego:2: q(3)\n0 1:1: data.a.p\n");
  auto conflict = traced("data.a.r", policy, R"({"xs": [3, 1], "n": 0})");
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().code, ErrorCode::eval_conflict);
  EXPECT_EQ(stack(conflict.error()), "2 test.rego:5: input.n == 0\n0 1:1: data.a.r\n");
}

TEST(Trace, the_answer_is_that_of_an_evaluation) {
  auto result = traced("x := data.a.r", policy, R"({"xs": [3, 1], "n": 2})");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->rows().size(), 1U);
  EXPECT_EQ(result->rows()[0].bindings[0].first, "x");
  EXPECT_EQ(lictor::to_json(result->rows()[0].bindings[0].second), "1");
}

TEST(Trace, a_listener_hears_each_step) {
  std::string heard;
  auto hear = [&](const TraceEvent& event) {
    constexpr const char* names[] = {"enter", "eval", "fail", "exit", "redo"};
    heard += std::to_string(event.query_id) + " " + names[static_cast<int>(event.kind)] + " " +
             std::to_string(event.range.row) + "\n";
  };
  ASSERT_TRUE(traced("data.a.r", policy, R"({"xs": [1], "n": 2})", hear));
  EXPECT_EQ(heard,
            "0 enter 1\n0 eval 1\n1 enter 4\n1 eval 4\n1 exit 4\n0 exit 1\n0 redo 1\n0 redo 1\n"
            "1 redo 4\n1 redo 4\n");
}

TEST(Trace, what_is_too_long_is_given_up) {
  auto result = traced("data.a.p",
                       "package a\np if { some x in numbers.range(1, 5000); some y in "
                       "numbers.range(1, 5000); x + y < 0 }",
                       "{}");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::limit_instructions);
}

TEST(Trace, an_engine_traces_queries_in_turn_and_data_that_came_between) {
  Engine engine;
  engine.add_module("test.rego", "package a\np[x] := y if some x, y in data.xs\nq := count(p)");
  auto value_of = [&](const char* query) {
    auto result = engine.trace(query, {}, nullptr, {});
    if (!result) return result.error().summary();
    std::string out;
    for (const auto& row : result->rows()) out += lictor::to_json(row.expressions[0].value);
    return out;
  };
  EXPECT_EQ(value_of("data.a.q"), "0");
  engine.add_data(R"({"xs": [5, 6]})");
  EXPECT_EQ(value_of("data.a.q"), "2");
  EXPECT_EQ(value_of("[y | y := data.a.p[_]]"), "[5,6]");
  EXPECT_EQ(value_of("1 / 0 == 1"), "");
  engine.add_data(R"({"ys": 1})");
  EXPECT_EQ(value_of("data.a.q + data.ys"), "3");
}

TEST(Trace, long_bodies_find_room) {
  std::string module = "package a\np if {\n";
  for (int i = 0; i < 1000; ++i) module += "input.xs[_]\n";
  auto result = traced("data.a.p", module + "}\n", R"({"xs": [1]})");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->rows().size(), 1U);
}

}  // namespace
