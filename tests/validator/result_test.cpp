// Results are JSON in both forms, whatever was checked.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include <lictor/lictor.hpp>

#include "lictor/validator/validator.hpp"

namespace {

using namespace lictor::validator;
using Json = nlohmann::json;

/// Values of fields, each of which comes back in a violation's `actual` or message.
const std::string values[] = {
    "1e400",
    "-1e400",
    "1e999999",
    "123456789012345678901234567890123456789012345678901234567890",
    "0.1000000000000000055511151231257827021181583404541015625",
    "\"\\u0000\\ud800\\\"\\\\\"",
    "\"\xff\xfe\"",
    "\"\xed\xa0\x80\"",
    "\"1e400 \\\"1e400\"",
    "null",
    "[1e400,{\"a\":[-1e400,\"1e400\"]}]",
    "{\"\\u0000\":1E+400,\"\xc3\x28\":2}",
    std::string(60, '[') + std::string(60, ']'),
};

std::string random_ticket(std::mt19937& random) {
  auto any = [&] { return values[random() % std::size(values)]; };
  return "{\"risk_band\":" + (random() % 4 == 0 ? any() : "\"low\"") +
         ",\"sla\":{\"timeout_ms\":" + any() + ",\"max_retries\":" + any() +
         ",\"deadline\":" + any() + "},\"qos\":{\"delivery_mode\":" + any() +
         ",\"consistency\":" + any() + "},\"priority\":" + any() + ",\"required_capabilities\":[" +
         any() + "," + any() + "],\"estimated_duration_ms\":" + any() +
         ",\"total_tickets\":" + any() + ",\"tasks\":[{\"timeout_ms\":" + any() + "}]}";
}

TEST(Result, is_json_in_both_forms_for_any_document) {
  Configuration configuration;
  configuration.policies = LICTOR_SOURCE "/policies/orchestrator";
  configuration.reload = std::chrono::milliseconds(0);
  PolicyClient client(configuration);
  client.initialize();
  PolicyValidator validator(client);
  std::mt19937 random(1);
  int with_violations = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string ticket = random_ticket(random);
    ValidationResult result = i % 2 == 0 ? validator.validate_execution_ticket(ticket)
                                         : validator.validate_cognitive_plan(ticket);
    std::string text = to_json_text(result);
    Json json = to_json(result);
    ASSERT_TRUE(json.is_object() && json.size() == 6) << text;
    ASSERT_NO_THROW(json.dump()) << text;
    ASSERT_EQ(json["violations"].size(), result.violations.size());
    // The text is JSON too, to a reader that keeps numbers as they are spelled.
    lictor::Engine engine;
    ASSERT_FALSE(engine.load_data_at({"result"}, text, "result")) << text;
    for (const Violation& violation : result.violations)
      ASSERT_TRUE(to_json(violation).is_object()) << text;
    with_violations += !result.violations.empty();
  }
  EXPECT_GT(with_violations, 1000);
}

TEST(Result, is_json_for_any_name_of_a_policy) {
  ValidationResult result;
  result.policy_decisions[R"(a"b\c)"] = R"({"f":true})";
  Json json = to_json(result);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["policy_decisions"][R"(a"b\c)"]["f"], true);
  EXPECT_EQ(Json::parse(to_json_text(result)), json);
}

TEST(Result, keeps_what_no_double_can_hold_as_a_string) {
  Violation violation;
  violation.actual = R"([1e400,-1E999,1e308,"1e400 \" 1e400",0])";
  EXPECT_EQ(to_json(violation)["actual"],
            Json::parse(R"(["1e400","-1E999",1e308,"1e400 \" 1e400",0])"));
}

}  // namespace
