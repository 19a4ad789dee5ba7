// What becomes of a plan or a ticket when its policies cannot be decided: every cause, under both
// strategies, with the whole result.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"
#include "remote_configuration.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::FakeOpa;
using Mood = FakeOpa::Mood;
using Json = nlohmann::json;
using std::chrono::milliseconds;

struct Cause {
  const char* name;
  std::optional<Mood> mood;  // nothing: no server listens
  const char* text;          // what the result says, between which the server's words may stand
  bool breaker_open = false;
  const char* only = "";  // the part of a path that meets the mood
};

const Cause causes[] = {
    {"connection_refused", std::nullopt, "Falha de conexão com o OPA (OPA cannot be reached: "},
    {"timeout", Mood::silent, "Tempo esgotado (OPA did not answer in time: "},
    {"status_500", Mood::status_500,
     "Erro de avaliação (OPA answered with status 500: internal_error: out of order (127.0.0.1:"},
    {"status_404", Mood::status_404, "Política não encontrada (OPA has no document data."},
    {"empty", Mood::empty, "Política não encontrada (OPA has no document data."},
    {"garbage", Mood::garbage, "Erro de avaliação (OPA's answer is not JSON (127.0.0.1:"},
    {"truncated", Mood::truncated, "Falha de conexão com o OPA (OPA cannot be reached: "},
    {"slow_body", Mood::slow_body, "Tempo esgotado (OPA did not answer in time: "},
    {"redirect", Mood::redirect,
     "Erro de avaliação (OPA answered with status 301, and redirects are not followed (127.0.0.1:"},
    {"huge", Mood::huge,
     "Erro de avaliação (OPA's answer exceeds OPA_MAX_RESPONSE_BYTES (127.0.0.1:"},
    {"malformed", Mood::malformed, "Erro de avaliação (o resultado da política não "},
    {"evaluation_conflict", Mood::conflict,
     "Erro de avaliação (internal_error: error(s) occurred while evaluating query "
     "(eval_conflict_error: two values) (127.0.0.1:"},
    {"breaker_open", std::nullopt, "Circuit breaker aberto", true},
    {"one_bad_of_three", Mood::status_500,
     "Erro de avaliação (OPA answered with status 500: internal_error: out of order (127.0.0.1:",
     false, "sla_enforcement"},
};

struct Row {
  Subject subject;
  bool open;
  Cause cause;
};

std::vector<Row> rows() {
  std::vector<Row> out;
  for (const Cause& cause : causes) {
    for (Subject subject : {Subject::plan, Subject::ticket}) {
      for (bool open : {false, true}) out.push_back({subject, open, cause});
    }
  }
  return out;
}

std::string name_of(const testing::TestParamInfo<Row>& info) {
  return std::string(info.param.cause.name) +
         (info.param.subject == Subject::plan ? "_plan" : "_ticket") +
         (info.param.open ? "_open" : "_closed");
}

Configuration configuration_for(const Row& row, std::uint16_t port) {
  Configuration out = lictor::tests::remote_configuration(port);
  out.attempts = 2;
  out.attempt_timeout = milliseconds(200);
  out.response_bytes = 50000;
  out.breaker_threshold = row.cause.breaker_open ? 1 : 100;
  out.fail_open = row.open;
  out.policies = "no-such-folder";
  return out;
}

class FailStrategy : public testing::TestWithParam<Row> {};

TEST_P(FailStrategy, never_lets_an_unchecked_subject_through_under_fail_closed) {
  const auto& [subject, open, cause] = GetParam();
  FakeOpa server;
  server.set(cause.mood.value_or(Mood::good));
  server.set_only(cause.only);
  PolicyClient client(
      configuration_for(GetParam(), cause.mood ? server.port() : lictor::cli::free_port()));
  client.initialize();
  if (cause.breaker_open) client.evaluate_policy("any/policy", "{}");
  PolicyValidator validator(client);
  const char* document = R"({"risk_band":"low"})";
  Json result = to_json(subject == Subject::plan ? validator.validate_cognitive_plan(document)
                                                 : validator.validate_execution_ticket(document));

  std::vector<std::string> policies{"resource_limits", "sla_enforcement"};
  if (subject == Subject::ticket) policies.push_back("feature_flags");
  Json violations = Json::array(), warnings = Json::array(), decisions = Json::object();
  for (const std::string& policy : policies) {
    if (policy.find(cause.only) == std::string::npos) {
      decisions[policy] =
          policy == "feature_flags"
              ? Json{{"enable_auto_scaling", false}}
              : Json{{"allow", true}, {"violations", Json::array()}, {"warnings", Json::array()}};
    } else if (open) {
      warnings.push_back({{"policy", policy}, {"rule", "policy_unavailable"}});
    } else {
      violations.push_back(
          {{"policy_name", policy}, {"rule_name", "policy_unavailable"}, {"severity", "critical"}});
    }
  }
  // The messages: the cause, the server's words if any, and what became of the check.
  std::string end = open ? " - validação pulada" : " - validação indisponível";
  for (const char* list : {"violations", "warnings"}) {
    for (Json& item : result[list]) {
      const char* key = item.contains("msg") ? "msg" : "message";
      std::string text = item[key];
      EXPECT_TRUE(text.starts_with(cause.text)) << text;
      EXPECT_TRUE(text.ends_with(end)) << text;
      if (cause.breaker_open) {
        EXPECT_EQ(text, std::string("Circuit breaker aberto") + end);
      }
      item.erase(key);
    }
  }
  EXPECT_EQ(result["valid"], open);
  EXPECT_EQ(result["violations"], violations);
  EXPECT_EQ(result["warnings"], warnings);
  EXPECT_EQ(result["policy_decisions"], decisions);
  EXPECT_EQ(result.size(), 6u);
}

INSTANTIATE_TEST_SUITE_P(Each, FailStrategy, testing::ValuesIn(rows()), name_of);

TEST(FailStrategy, has_english_texts_if_asked_for) {
  Configuration configuration = lictor::tests::remote_configuration(lictor::cli::free_port());
  configuration.language = Language::english;
  configuration.breaker_threshold = 1;
  for (bool open : {false, true}) {
    configuration.fail_open = open;
    PolicyClient client(configuration);
    client.initialize();
    PolicyValidator validator(client);
    auto text = [&](const char* document) {
      ValidationResult result = validator.validate_execution_ticket(document);
      return open && result.valid ? result.warnings[0].msg : result.violations[0].message;
    };
    const char* end = open ? " - validation skipped" : " - validation unavailable";
    EXPECT_TRUE(text(R"({"risk_band":"low"})").starts_with("No connection to OPA ("));
    EXPECT_EQ(text(R"({"risk_band":"low"})"), std::string("Circuit breaker open") + end);
    EXPECT_EQ(text("[]"), "The document is not a JSON object");
  }
  FakeOpa server;
  server.set(FakeOpa::Mood::malformed);
  configuration.port = server.port();
  PolicyClient client(configuration);
  client.initialize();
  std::string message = client.evaluate_policy(configuration.resource_limits, "{}").error->message;
  EXPECT_TRUE(message.starts_with("the policy's result does not have allow")) << message;
}

TEST(FailStrategy, rejects_what_is_no_subject_under_both_strategies) {
  for (bool open : {false, true}) {
    FakeOpa server;
    PolicyClient client(configuration_for({Subject::ticket, open, causes[0]}, server.port()));
    client.initialize();
    PolicyValidator validator(client);
    for (const char* text :
         {"", "7", "[]", "null", "{", "{}}", "{\"risk_band\":\"low\"", "{\"risk_band\":\"low\"} {}",
          "{\"risk_band\":\"low\"},\"now\":1", "{}", R"({"risk_band":"lower"})",
          R"({"risk_band":["low"]})", "{\"risk_band\":\"low\",}"}) {
      EXPECT_FALSE(validator.validate_execution_ticket(text).valid) << text;
      EXPECT_FALSE(validator.validate_cognitive_plan(text).valid) << text;
    }
    EXPECT_TRUE(validator.validate_execution_ticket(R"( {"risk_band":"low"} )").valid);
  }
}

}  // namespace
