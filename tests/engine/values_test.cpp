// Values as the host's types, and inputs that are values: decided as the same text is.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "lictor/lictor.hpp"
#include "requests.hpp"

namespace {

using lictor::Builder;
using lictor::Value;

TEST(Values, are_taken_as_the_hosts_types) {
  Builder builder;
  auto read = builder.from_json(
      R"({"t": true, "s": "x", "i": [7, 7.0, 70e-1, 7.5, 9223372036854775807, 9223372036854775808,
          1e400], "o": {"p": {"q": 1}}})");
  ASSERT_TRUE(read);
  Value value = *read;
  EXPECT_EQ(lictor::boolean_of(find_path(value, {"t"})), true);
  EXPECT_EQ(lictor::boolean_of(find_path(value, {"s"})), std::nullopt);
  EXPECT_EQ(lictor::string_of(find_path(value, {"s"})), "x");
  EXPECT_EQ(lictor::string_of(find_path(value, {"t"})), std::nullopt);
  const Value* numbers = lictor::lookup(value, "i").items();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(lictor::integer_of(numbers[i]), 7) << i;
  EXPECT_EQ(lictor::integer_of(numbers[3]), std::nullopt);
  EXPECT_EQ(lictor::integer_of(numbers[4]), INT64_MAX);
  EXPECT_EQ(lictor::integer_of(numbers[5]), std::nullopt);
  EXPECT_EQ(lictor::integer_of(numbers[6]), std::nullopt);
  EXPECT_EQ(lictor::double_of(numbers[3]), 7.5);
  EXPECT_EQ(lictor::double_of(find_path(value, {"s"})), std::nullopt);
  EXPECT_EQ(lictor::integer_of(find_path(value, {"o", "p", "q"})), 1);
  EXPECT_TRUE(find_path(value, {"o", "q", "p"}).is_undefined());
  EXPECT_TRUE(find_path(value, {"s", "q"}).is_undefined());
}

lictor::Policy orchestrator_policy(lictor::bench::PolicyName name) {
  std::string short_name(lictor::bench::name_of(name));
  std::string path = std::string(LICTOR_SOURCE) + "/policies/orchestrator/" + short_name + ".rego";
  std::ifstream file(path);
  lictor::Engine engine;
  engine.add_module(path, std::string(std::istreambuf_iterator<char>(file), {}));
  return *engine.compile("neuralhive/orchestrator/" + short_name + "/result");
}

TEST(NativeInput, is_decided_as_its_text_is) {
  for (lictor::bench::PolicyName name : lictor::bench::all_policies) {
    lictor::Evaluator evaluator(orchestrator_policy(name));
    Builder builder;
    std::string from_text, from_value;
    for (const std::string& input : make_inputs(name, 256)) {
      builder.clear();
      auto value = builder.from_json(input);
      ASSERT_TRUE(value);
      ASSERT_EQ(evaluator.decide(*value, from_value), nullptr);
      ASSERT_EQ(evaluator.decide(input, from_text), nullptr);
      EXPECT_EQ(from_value, from_text) << input;
    }
  }
}

TEST(NativeInput, may_be_undefined) {
  lictor::Engine engine;
  engine.add_module("a.rego", "package a\np if not input");
  lictor::Evaluator evaluator(*engine.compile("a/p"));
  std::string out;
  ASSERT_EQ(evaluator.decide(Value(), out), nullptr);
  EXPECT_EQ(out, "true");
  ASSERT_EQ(evaluator.decide(Value::integer(1), out), nullptr);
  EXPECT_EQ(out, "");
}

TEST(NativeInput, is_what_errors_are_about) {
  lictor::Engine engine;
  engine.add_module("a.rego", "package a\np := x if some x in input\n");
  lictor::Evaluator evaluator(*engine.compile("a/p"));
  Builder builder;
  Value items[] = {Value::integer(1), Value::integer(2)};
  std::string out;
  const lictor::Error* error = evaluator.decide(builder.array(items), out);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code, lictor::ErrorCode::eval_conflict);
  ASSERT_EQ(evaluator.decide(builder.array({items, 1}), out), nullptr);
  EXPECT_EQ(out, "1");
}

TEST(EvaluatorLimits, are_those_of_the_decisions_that_follow) {
  lictor::Engine engine;
  engine.add_module("a.rego", "package a\np := count([1 | numbers.range(1, input)[_]])");
  lictor::Evaluator evaluator(*engine.compile("a/p"));
  std::string out;
  lictor::Limits limits;
  limits.instructions = 100;
  evaluator.set_limits(limits);
  const lictor::Error* error = evaluator.decide("1000", out);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code, lictor::ErrorCode::limit_instructions);
  evaluator.set_limits({});
  ASSERT_EQ(evaluator.decide("1000", out), nullptr);
  EXPECT_EQ(out, "1000");
}

}  // namespace
