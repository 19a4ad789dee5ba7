// Documents that are refused before they are read, and who has the last word on what a ticket says
// of its context.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lictor/validator/validator.hpp"

namespace {

using namespace lictor::validator;
using Json = nlohmann::json;

Configuration local_configuration() {
  Configuration out;
  out.policies = LICTOR_SOURCE "/policies/orchestrator";
  out.reload = std::chrono::milliseconds(0);
  return out;
}

TEST(Documents, are_bounded_with_errors_that_say_so) {
  PolicyClient client(local_configuration());
  client.initialize();
  PolicyValidator validator(client);
  auto only = [&](const Document& document) {
    ValidationResult result = validator.validate_execution_ticket(document);
    EXPECT_FALSE(result.valid);
    return result.violations.size() == 1 ? result.violations[0].rule_name : "";
  };
  std::string low = R"({"risk_band":"low","x":)";
  EXPECT_EQ(only(low + "\"" + std::string(2 << 20, 'x') + "\"}"), "document_too_large");
  for (std::size_t depth : {64, 1000, 100000, 400000})
    EXPECT_EQ(only(low + std::string(depth, '[') + std::string(depth, ']') + "}"),
              "document_too_deep");
  Json deep = 1;
  for (int i = 0; i < 100000; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(only(Document(Json{{"risk_band", "low"}, {"x", std::move(deep)}})),
            "document_too_deep");
  // Brackets in texts and side by side are no depth.
  EXPECT_TRUE(
      validator.validate_execution_ticket(low + "\"" + std::string(500, '[') + "\"}").valid);
  std::string many;
  for (int i = 0; i < 500; ++i) many += "[],";
  EXPECT_TRUE(validator.validate_execution_ticket(low + "[" + many + "1]}").valid);
}

TEST(Documents, very_many_violations_are_counted) {
  Configuration configuration = local_configuration();
  configuration.violations = 10;
  PolicyClient client(configuration);
  client.initialize();
  PolicyValidator validator(client);
  std::string list;
  for (int i = 0; i < 900; ++i) list += (i ? ",\"c" : "\"c") + std::to_string(i) + "\"";
  ValidationResult result = validator.validate_execution_ticket(
      R"({"risk_band":"critical","qos":{"consistency":"WEAK"},"required_capabilities":[)" + list +
      "]}");
  EXPECT_FALSE(result.valid);
  ASSERT_EQ(result.violations.size(), 10u);
  EXPECT_EQ(result.violations_omitted, 891u);
  EXPECT_EQ(result.violations[0].rule_name, "qos_mismatch_risk_band");
  EXPECT_EQ(to_json(result)["violations_omitted"], 891);
}

TEST(Documents, the_hosts_context_wins_and_a_bad_one_is_refused) {
  PolicyClient client(local_configuration());
  client.initialize();
  PolicyValidator validator(client);
  auto valid = [&](const char* ticket, const char* context) {
    CallOptions options;
    options.host.context = context;
    return validator.validate_execution_ticket(ticket, std::nullopt, options).valid;
  };
  EXPECT_FALSE(
      valid(R"({"risk_band":"low","total_tickets":1000,"context":{"total_tickets":1}})", ""));
  EXPECT_FALSE(valid(R"({"risk_band":"low","total_tickets":1})", R"({"total_tickets":1000})"));
  EXPECT_TRUE(valid(R"({"risk_band":"low","total_tickets":1000})", R"({"total_tickets":1})"));
  for (const char* context : {"[]", "7", "{", "{} {}", "{\"a\":1},\"subject\":{}"})
    EXPECT_FALSE(valid(R"({"risk_band":"low"})", context)) << context;
  for (const char* ticket :
       {"{\"risk_band\":\"low\"},\"host\":{}", "{}", "{\"risk_band\":\"low\"}}"})
    EXPECT_FALSE(valid(ticket, R"({"risk_band":"low"})")) << ticket;
}

TEST(Documents, are_not_believed_without_trust) {
  Configuration configuration = local_configuration();
  configuration.trust_ticket_context = false;
  configuration.require_fields = true;
  PolicyClient client(configuration);
  client.initialize();
  PolicyValidator validator(client);
  ValidationResult result = validator.validate_execution_ticket(
      R"({"risk_band":"critical","sla":{"timeout_ms":1},"namespace":"dev","total_tickets":5,)"
      R"("context":{"namespace":"dev"},"flags":{"burst_capacity_enabled":true}})");
  EXPECT_TRUE(result.valid) << to_json_text(result);
  EXPECT_FALSE(result.flag("enable_experimental_features"));
  EXPECT_FALSE(validator.validate_execution_ticket(R"({"risk_band":"low"})").valid);
  EXPECT_FALSE(
      validator.validate_cognitive_plan(R"({"risk_band":"low","sla":{"timeout_ms":1}})").valid);
}

}  // namespace
