// Every environment variable: what it sets, its default, and the error that names it.
#include "lictor/validator/configuration.hpp"

#include <gtest/gtest.h>

#include <map>

namespace {

using namespace lictor::validator;

std::optional<ConfigurationErrors> read(const std::map<std::string, std::string>& variables,
                                        Configuration& out) {
  return read_configuration(
      [&](const char* name) -> std::optional<std::string> {
        auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      out);
}

TEST(Configuration, has_the_defaults_of_the_guide) {
  Configuration configuration;
  EXPECT_FALSE(read({}, configuration));
  EXPECT_EQ(configuration.host, "localhost");
  EXPECT_EQ(configuration.port, 8181);
  EXPECT_EQ(configuration.attempt_timeout.count(), 2000);
  EXPECT_EQ(configuration.attempts, 3);
  EXPECT_TRUE(configuration.breaker_enabled);
  EXPECT_EQ(configuration.breaker_threshold, 5);
  EXPECT_EQ(configuration.breaker_reset.count(), 60000);
  EXPECT_EQ(configuration.cache_ttl.count(), 30000);
  EXPECT_EQ(configuration.cache_size, 1000u);
  EXPECT_FALSE(configuration.fail_open);
  EXPECT_EQ(configuration.connections, 100);
  EXPECT_EQ(configuration.connections_per_host, 30);
  EXPECT_EQ(configuration.resource_limits, "neuralhive/orchestrator/resource_limits");
  EXPECT_EQ(configuration.max_concurrent_tickets, 100);
  EXPECT_EQ(configuration.allowed_capabilities.size(), 4u);
  EXPECT_EQ(configuration.mode, Mode::local);
}

TEST(Configuration, reads_every_variable) {
  Configuration c;
  auto errors = read({{"LICTOR_MODE", "fallback"},
                      {"LICTOR_POLICIES", "/etc/policies"},
                      {"LICTOR_RELOAD_MS", "0"},
                      {"OPA_HOST", "opa"},
                      {"OPA_PORT", "9000"},
                      {"OPA_TIMEOUT_SECONDS", "0.5"},
                      {"OPA_RETRY_ATTEMPTS", "1"},
                      {"OPA_DEADLINE_SECONDS", "3"},
                      {"OPA_CIRCUIT_BREAKER_ENABLED", "False"},
                      {"OPA_CIRCUIT_BREAKER_FAILURE_THRESHOLD", "7"},
                      {"OPA_CIRCUIT_BREAKER_RESET_TIMEOUT", "1.5"},
                      {"OPA_CACHE_TTL_SECONDS", "0"},
                      {"OPA_FAIL_OPEN", "true"},
                      {"OPA_POLICY_FEATURE_FLAGS", "/mine/flags"},
                      {"OPA_MAX_CONCURRENT_TICKETS", "5"},
                      {"OPA_ALLOWED_CAPABILITIES", "a, b"},
                      {"OPA_RESOURCE_LIMITS", "{\"max_cpu\": \"1\"}"},
                      {"OPA_FEATURE_FLAGS", "{\"auto_scaling_enabled\": true}"}},
                     c);
  ASSERT_FALSE(errors) << errors->messages[0];
  EXPECT_EQ(c.mode, Mode::fallback);
  EXPECT_EQ(c.policies, "/etc/policies");
  EXPECT_EQ(c.reload.count(), 0);
  EXPECT_EQ(c.host, "opa");
  EXPECT_EQ(c.port, 9000);
  EXPECT_EQ(c.attempt_timeout.count(), 500);
  EXPECT_EQ(c.attempts, 1);
  EXPECT_EQ(c.deadline.count(), 3000);
  EXPECT_FALSE(c.breaker_enabled);
  EXPECT_EQ(c.breaker_threshold, 7);
  EXPECT_EQ(c.breaker_reset.count(), 1500);
  EXPECT_EQ(c.cache_ttl.count(), 0);
  EXPECT_TRUE(c.fail_open);
  EXPECT_EQ(c.feature_flags, "mine/flags");
  EXPECT_EQ(c.max_concurrent_tickets, 5);
  EXPECT_EQ(c.allowed_capabilities, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(c.feature_flags_json, "{\"auto_scaling_enabled\": true}");
}

TEST(Configuration, reads_lists_as_json_too) {
  Configuration c;
  EXPECT_FALSE(read({{"OPA_ALLOWED_CAPABILITIES", R"(["a,b", "c"])"}}, c));
  EXPECT_EQ(c.allowed_capabilities, (std::vector<std::string>{"a,b", "c"}));
}

struct Wrong {
  const char* name;
  const char* value;
};

class WrongVariable : public testing::TestWithParam<Wrong> {};

TEST_P(WrongVariable, is_refused_with_its_name) {
  Configuration c;
  auto errors = read({{GetParam().name, GetParam().value}}, c);
  ASSERT_TRUE(errors);
  ASSERT_EQ(errors->messages.size(), 1u);
  EXPECT_TRUE(errors->messages[0].starts_with(std::string(GetParam().name) + " must be "))
      << errors->messages[0];
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongVariable,
    testing::Values(
        Wrong{"LICTOR_MODE", "both"}, Wrong{"LICTOR_POLICIES", ""}, Wrong{"LICTOR_RELOAD_MS", "-1"},
        Wrong{"LICTOR_INSTRUCTION_LIMIT", "0"}, Wrong{"LICTOR_METRICS_PORT", "70000"},
        Wrong{"LICTOR_LOG_LEVEL", "loud"}, Wrong{"OPA_HOST", " "}, Wrong{"OPA_PORT", "0"},
        Wrong{"OPA_PORT", "65536"}, Wrong{"OPA_PORT", "81a"}, Wrong{"OPA_TLS", "maybe"},
        Wrong{"OPA_CA_FILE", ""}, Wrong{"OPA_TOKEN", ""}, Wrong{"OPA_TIMEOUT_SECONDS", "0"},
        Wrong{"OPA_TIMEOUT_SECONDS", "nan"}, Wrong{"OPA_RETRY_ATTEMPTS", "0"},
        Wrong{"OPA_RETRY_ATTEMPTS", "1.5"}, Wrong{"OPA_RETRY_BACKOFF_SECONDS", "61"},
        Wrong{"OPA_DEADLINE_SECONDS", "0"}, Wrong{"OPA_MAX_RESPONSE_BYTES", "0"},
        Wrong{"OPA_MAX_CONNECTIONS", "0"}, Wrong{"OPA_MAX_CONNECTIONS_PER_HOST", "0"},
        Wrong{"OPA_CIRCUIT_BREAKER_ENABLED", "2"},
        Wrong{"OPA_CIRCUIT_BREAKER_FAILURE_THRESHOLD", "0"},
        Wrong{"OPA_CIRCUIT_BREAKER_RESET_TIMEOUT", "0"}, Wrong{"OPA_CACHE_TTL_SECONDS", "-1"},
        Wrong{"OPA_CACHE_MAX_SIZE", "1e8"}, Wrong{"OPA_FAIL_OPEN", "perhaps"},
        Wrong{"OPA_POLICY_RESOURCE_LIMITS", "/"}, Wrong{"OPA_POLICY_SLA_ENFORCEMENT", "a b"},
        Wrong{"OPA_POLICY_FEATURE_FLAGS", "a?b"}, Wrong{"OPA_MAX_CONCURRENT_TICKETS", "0"},
        Wrong{"OPA_ALLOWED_CAPABILITIES", "[1]"}, Wrong{"OPA_RESOURCE_LIMITS", "[]"},
        Wrong{"OPA_FEATURE_FLAGS", "{"}));

TEST(Configuration, names_every_wrong_variable_at_once_and_no_secret) {
  Configuration c;
  auto errors = read({{"OPA_PORT", "x"}, {"OPA_FAIL_OPEN", "x"}, {"OPA_TOKEN", "  "}}, c);
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->messages.size(), 3u);
}

}  // namespace
