// Where rules and base documents meet: conflicts of their paths, and what of data is seen.
#include <gtest/gtest.h>

#include "query.hpp"

namespace {

using lictor::Engine;
using lictor::EngineOptions;

std::string answer_with(const char* data, const std::string& query, const char* module = nullptr,
                        EngineOptions options = {}) {
  Engine engine(options);
  if (module) engine.add_module("test.rego", module);
  engine.add_data(data);
  return lictor::testing::answer(engine, query);
}

TEST(Documents, a_rule_at_the_path_of_a_base_document_is_refused) {
  const char* data = R"({"p": {"allow": true, "leaf": 1}})";
  const std::string refused =
      "test.rego:2: rego_compile_error: conflicting rule for data path p/allow found";
  EXPECT_EQ(answer_with(data, "data.p.allow", "package p\nallow := false"), refused);
  EXPECT_EQ(answer_with(data, "data.q", "package p\nallow(x) := x"), refused);
  EXPECT_EQ(answer_with(data, "data.q", "package p\nallow[k] := k if some k in [1]"), refused);
  EXPECT_EQ(answer_with(data, "data.q", "package p.leaf.below\nallow := 1"),
            "test.rego:2: rego_compile_error: conflicting rule for data path p/leaf/below/allow "
            "found");
  EXPECT_EQ(answer_with(data, "data.p.other", "package p\nother := data.p.allow"), "true");
  EXPECT_EQ(answer_with("{\"p\": {\"1\": 1}}", "data.p.r[1]", "package p\nr[1] := 2"), "2");
}

TEST(Documents, data_that_comes_after_the_policies_may_conflict_too) {
  Engine engine;
  engine.add_module("test.rego", "package p\nallow := false");
  EXPECT_EQ(lictor::testing::answer(engine, "data.p.allow"), "false");
  engine.add_data(R"({"q": 1})");
  EXPECT_EQ(lictor::testing::answer(engine, "data.p.allow"), "false");
  engine.add_data(R"({"p": {"allow": true}})");
  auto policy = engine.compile("data.p.allow");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().message, "conflicting rule for data path p/allow found");
}

TEST(Documents, conflicts_of_paths_go_unnoticed_where_a_program_says_so) {
  EngineOptions options;
  options.path_conflicts = false;
  EXPECT_EQ(answer_with(R"({"p": {"q": 1}})", "data.p.q", "package p\nq := 2", options), "2");
}

TEST(Documents, with_hides_a_base_document_at_its_path_and_is_merged_above_it) {
  const char* data = R"({"q": {"a": {"n": 1}, "b": {"n": 2}}})";
  const std::string with = " with data.q.a as {\"z\": 1}";
  EXPECT_EQ(answer_with(data, "x := data.q" + with), R"({"a":{"n":1,"z":1},"b":{"n":2}})");
  EXPECT_EQ(answer_with(data, "x := data.q.a" + with), R"({"z":1})");
  EXPECT_EQ(answer_with(data, "x := [v | v := data.q[k]]" + with), R"([{"z":1},{"n":2}])");
  EXPECT_EQ(answer_with(data, "x := [v | some v in data.q]" + with), R"([{"z":1},{"n":2}])");
}

TEST(Documents, data_system_is_seen_by_its_name_alone) {
  const char* data = R"({"system": {"flag": true}, "u": {"flag": true}})";
  EXPECT_EQ(answer_with(data, "data"), R"({"u":{"flag":true}})");
  EXPECT_EQ(answer_with(data, "data.system.flag"), "true");
  EXPECT_EQ(answer_with(data, "x := [k | data[k].flag]"), R"(["u"])");
  EXPECT_EQ(answer_with(data, "x := [v | k := \"system\"; v := data[k].flag]"), "[true]");
  EXPECT_EQ(answer_with(data, "x := [p | walk(data, [p, true])]"), R"([["u","flag"]])");
  EXPECT_EQ(answer_with(data, "x := data with data.a as 1"), R"({"a":1,"u":{"flag":true}})");
  EXPECT_EQ(answer_with(data, "x := data with data.system.a as 1"),
            R"({"system":{"a":1},"u":{"flag":true}})");
  EXPECT_EQ(answer_with(data, "x := data with data as {\"system\": 2}"), R"({"system":2})");
  const char* module = "package system.log\nmask := 1";
  EXPECT_EQ(answer_with(data, "data", module), R"({"u":{"flag":true}})");
  EXPECT_EQ(answer_with(data, "data.system", module), R"({"flag":true,"log":{"mask":1}})");
  EXPECT_EQ(answer_with(data, "x := {k | data[k]}", module), R"(["system","u"])");
}

}  // namespace
