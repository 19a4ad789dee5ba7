// Every environment variable: what it sets, its default, and the error that names it.
#include "lictor/validator/configuration.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <stdexcept>

#include "lictor/validator/policy_client.hpp"

namespace {

using namespace lictor::validator;

const std::string policies = LICTOR_SOURCE "/policies/orchestrator";

std::optional<ConfigurationErrors> read(const std::map<std::string, std::string>& variables,
                                        Configuration& out) {
  return read_configuration(
      [&](const char* name) -> std::optional<std::string> {
        auto found = variables.find(name);
        if (found != variables.end()) return found->second;
        return std::string_view(name) == "LICTOR_POLICIES" ? std::optional(policies) : std::nullopt;
      },
      out);
}

TEST(Configuration, has_the_defaults_of_the_guide) {
  Configuration configuration;
  EXPECT_FALSE(read({}, configuration));
  EXPECT_EQ(Configuration().policies, "policies");
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
        Wrong{"LICTOR_POLICIES", "/no/such/folder"}, Wrong{"LICTOR_LOG_LEVEL", "loud"},
        Wrong{"LICTOR_METRICS_HOST", "localhost"}, Wrong{"LICTOR_METRICS_HOST", ""},
        Wrong{"LICTOR_METRICS_HOST", "127.0.0.1:1"}, Wrong{"LICTOR_LANGUAGE", "fr"},
        Wrong{"LICTOR_THREADS", "257"}, Wrong{"OPA_HOST", " "}, Wrong{"OPA_HOST", "http://opa"},
        Wrong{"OPA_HOST", "opa:8181"}, Wrong{"OPA_HOST", "opa/v1"}, Wrong{"OPA_HOST", "a@b"},
        Wrong{"OPA_HOST", "a?b"}, Wrong{"OPA_HOST", "a#b"}, Wrong{"OPA_HOST", "a b"},
        Wrong{"OPA_HOST", "a..b"}, Wrong{"OPA_HOST", ".a"}, Wrong{"OPA_HOST", "-a"},
        Wrong{"OPA_HOST", "a\r\nX: 1"}, Wrong{"OPA_HOST", "127.1"}, Wrong{"OPA_HOST", "256.0.0.1"},
        Wrong{"OPA_HOST", "opa.0x7f"}, Wrong{"OPA_HOST", "::g"}, Wrong{"OPA_HOST", "[::1"},
        Wrong{"OPA_HOST", "[opa]"}, Wrong{"OPA_HOST", "[]"}, Wrong{"OPA_HOST", "\xc3\xb3pa"},
        Wrong{"OPA_HOST", "%6fpa"}, Wrong{"OPA_PORT", "0"}, Wrong{"OPA_PORT", "65536"},
        Wrong{"OPA_PORT", "81a"}, Wrong{"OPA_TLS", "maybe"}, Wrong{"OPA_PORT", "-1"},
        Wrong{"OPA_PORT", "1.5"}, Wrong{"OPA_PORT", "1e99"},
        Wrong{"OPA_PORT", "tcp://10.0.0.1:8181"}, Wrong{"OPA_CA_FILE", ""},
        Wrong{"OPA_CA_FILE", "/no/such/file"}, Wrong{"OPA_CA_FILE", "/"},
        Wrong{"OPA_CA_FILE", LICTOR_SOURCE "/README.md"}, Wrong{"OPA_TOKEN", ""},
        Wrong{"OPA_TOKEN", "a\r\nX-Evil: 1"}, Wrong{"OPA_TOKEN", "a\nb"},
        Wrong{"OPA_TOKEN", "a\tb"}, Wrong{"OPA_TOKEN", "a\x7f"}, Wrong{"OPA_TOKEN", "a\x01"},
        Wrong{"OPA_TOKEN", "\xc3\xa9"}, Wrong{"OPA_TIMEOUT_SECONDS", "0"},
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
        Wrong{"OPA_POLICY_FEATURE_FLAGS", "a/../b"}, Wrong{"OPA_POLICY_FEATURE_FLAGS", "a\r\nb"},
        Wrong{"OPA_POLICY_FEATURE_FLAGS", "neuralhive/orchestrator/resource_limits"},
        Wrong{"OPA_POLICY_FEATURE_FLAGS", "data.neuralhive.orchestrator.sla_enforcement"},
        Wrong{"OPA_POLICY_SLA_ENFORCEMENT", "/neuralhive/orchestrator/resource_limits"},
        Wrong{"OPA_POLICIES", "{}"}, Wrong{"OPA_POLICIES", "["}, Wrong{"OPA_POLICIES", "[1]"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "path": "a/b"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "path": "a/b", "role": "both"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "path": "a/../b", "role": "flags"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "", "path": "a/b", "role": "flags"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "path": "a/b", "role": "flags", "x": "y"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "path": "a/b", "role": "flags", "plans": 1}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "feature_flags", "path": "a/b", "role": "verdict"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "role": "flags",
                                  "path": "neuralhive/orchestrator/resource_limits"}])"},
        Wrong{"OPA_POLICIES", R"([{"name": "a", "path": "a/b", "role": "flags"},
                                  {"name": "b", "path": "data.a.b", "role": "verdict"}])"},
        Wrong{"OPA_ALLOWED_CAPABILITIES", "[1]"}, Wrong{"OPA_ALLOWED_CAPABILITIES", "a,\xff"},
        Wrong{"OPA_RESOURCE_LIMITS", "[]"}, Wrong{"OPA_RESOURCE_LIMITS", "{\"a\": \"\xff\"}"},
        Wrong{"OPA_FEATURE_FLAGS", "{"}));

TEST(Configuration, names_every_wrong_variable_at_once_and_no_secret) {
  Configuration c;
  auto errors = read({{"OPA_PORT", "x"}, {"OPA_FAIL_OPEN", "x"}, {"OPA_TOKEN", "se\ncret"}}, c);
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->messages.size(), 3u);
  for (const std::string& message : errors->messages) {
    EXPECT_EQ(message.find("cret"), std::string::npos);
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(Configuration, takes_every_kind_of_host_and_a_token_that_ends_with_a_line) {
  for (const char* host : {"opa", "opa.svc.cluster.local", "opa.svc.", "o_p-a.x1", "127.0.0.1",
                           "::1", "[::1]", "fe80::1", "1opa.a", "xn--pa-mia"}) {
    Configuration c;
    EXPECT_FALSE(read({{"OPA_HOST", host}}, c)) << host;
  }
  Configuration c;
  EXPECT_FALSE(read({{"OPA_TOKEN", "a.b-c=\r\n"}}, c));
  EXPECT_EQ(c.token, "a.b-c=");
}

TEST(Configuration, reads_other_policies_with_their_roles) {
  Configuration c;
  ASSERT_FALSE(
      read({{"OPA_POLICIES", R"([{"name": "quota", "path": "/acme/quota", "role": "verdict"},
      {"name": "look", "path": "data.acme.look", "role": "flags", "plans": false}])"}},
           c));
  std::vector<ConfiguredPolicy> wanted{{"quota", "acme/quota", Role::verdict, "OPA_POLICIES", true},
                                       {"look", "acme/look", Role::flags, "OPA_POLICIES", false}};
  std::vector<ConfiguredPolicy> all = configured_policies(c);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[2].role, Role::flags);
  EXPECT_EQ(all[3], wanted[0]);
  EXPECT_EQ(all[4], wanted[1]);
}

struct WrongInCode {
  const char* name;  // of the environment's variable
  void (*spoil)(Configuration& out);
};

class WrongSetting : public testing::TestWithParam<WrongInCode> {};

TEST_P(WrongSetting, is_refused_with_its_name_when_it_was_made_in_code) {
  Configuration c;
  c.policies = policies;
  ASSERT_FALSE(check_configuration(c));
  GetParam().spoil(c);
  auto errors = check_configuration(c);
  ASSERT_TRUE(errors);
  ASSERT_EQ(errors->messages.size(), 1u);
  EXPECT_TRUE(errors->messages[0].starts_with(std::string(GetParam().name) + " must be "))
      << errors->messages[0];
  try {
    PolicyClient client(c);
    ADD_FAILURE() << "the client took " << GetParam().name;
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(error.what(), errors->messages[0]);
  }
}

using C = Configuration;
using std::chrono::milliseconds;

INSTANTIATE_TEST_SUITE_P(
    Each, WrongSetting,
    testing::Values(
        WrongInCode{"LICTOR_MODE", [](C& c) { c.mode = static_cast<Mode>(7); }},
        WrongInCode{"LICTOR_POLICIES", [](C& c) { c.policies = ""; }},
        WrongInCode{"LICTOR_POLICIES", [](C& c) { c.policies = "/no/such/folder"; }},
        WrongInCode{"LICTOR_POLICIES", [](C& c) { c.policies += std::string("\0", 1); }},
        WrongInCode{"LICTOR_RELOAD_MS", [](C& c) { c.reload = milliseconds(-1); }},
        WrongInCode{"LICTOR_INSTRUCTION_LIMIT", [](C& c) { c.instructions = 0; }},
        WrongInCode{"LICTOR_INSTRUCTION_LIMIT", [](C& c) { c.instructions = ~0ull; }},
        WrongInCode{"LICTOR_METRICS_HOST", [](C& c) { c.metrics_host = "0.0.0.0,1"; }},
        WrongInCode{"LICTOR_LOG_LEVEL", [](C& c) { c.log_level = "debug"; }},
        WrongInCode{"LICTOR_LANGUAGE", [](C& c) { c.language = static_cast<Language>(2); }},
        WrongInCode{"LICTOR_THREADS", [](C& c) { c.threads = -1; }},
        WrongInCode{"OPA_HOST", [](C& c) { c.host = ""; }},
        WrongInCode{"OPA_HOST", [](C& c) { c.host = "user@opa"; }},
        WrongInCode{"OPA_HOST", [](C& c) { c.host = std::string("opa\0x", 5); }},
        WrongInCode{"OPA_PORT", [](C& c) { c.port = 0; }},
        WrongInCode{"OPA_CA_FILE", [](C& c) { c.ca_file = "/no/such/file"; }},
        WrongInCode{"OPA_TOKEN", [](C& c) { c.token = "a\r\nX-Evil: 1"; }},
        WrongInCode{"OPA_TOKEN", [](C& c) { c.token = std::string("a\0b", 3); }},
        WrongInCode{"OPA_TOKEN", [](C& c) { c.token = "a "; }},
        WrongInCode{"OPA_TIMEOUT_SECONDS", [](C& c) { c.attempt_timeout = milliseconds(0); }},
        WrongInCode{"OPA_RETRY_ATTEMPTS", [](C& c) { c.attempts = 11; }},
        WrongInCode{"OPA_RETRY_BACKOFF_SECONDS", [](C& c) { c.first_backoff = milliseconds(-1); }},
        WrongInCode{"OPA_DEADLINE_SECONDS", [](C& c) { c.deadline = milliseconds::max(); }},
        WrongInCode{"OPA_MAX_RESPONSE_BYTES", [](C& c) { c.response_bytes = 0; }},
        WrongInCode{"OPA_MAX_CONNECTIONS", [](C& c) { c.connections = -5; }},
        WrongInCode{"OPA_MAX_CONNECTIONS_PER_HOST", [](C& c) { c.connections_per_host = 0; }},
        WrongInCode{"OPA_CIRCUIT_BREAKER_FAILURE_THRESHOLD", [](C& c) { c.breaker_threshold = 0; }},
        WrongInCode{"OPA_CIRCUIT_BREAKER_RESET_TIMEOUT",
                    [](C& c) { c.breaker_reset = milliseconds(0); }},
        WrongInCode{"OPA_CACHE_TTL_SECONDS", [](C& c) { c.cache_ttl = milliseconds(-1); }},
        WrongInCode{"OPA_CACHE_MAX_SIZE", [](C& c) { c.cache_size = 100000000; }},
        WrongInCode{"OPA_POLICY_RESOURCE_LIMITS", [](C& c) { c.resource_limits = ""; }},
        WrongInCode{"OPA_POLICY_SLA_ENFORCEMENT", [](C& c) { c.sla_enforcement = "a/../b"; }},
        WrongInCode{"OPA_POLICY_FEATURE_FLAGS", [](C& c) { c.feature_flags = c.resource_limits; }},
        WrongInCode{"OPA_POLICIES",
                    [](C& c) {
                      c.more_policies = {{"a", c.feature_flags, Role::flags}};
                    }},
        WrongInCode{"OPA_POLICIES",
                    [](C& c) {
                      c.more_policies = {{"", "a", Role::flags}};
                    }},
        WrongInCode{"OPA_POLICIES",
                    [](C& c) {
                      c.more_policies = {{"a", "a", static_cast<Role>(3)}};
                    }},
        WrongInCode{"OPA_MAX_CONCURRENT_TICKETS", [](C& c) { c.max_concurrent_tickets = -1; }},
        WrongInCode{"OPA_ALLOWED_CAPABILITIES", [](C& c) { c.allowed_capabilities = {"\xff"}; }},
        WrongInCode{"OPA_RESOURCE_LIMITS", [](C& c) { c.resource_limits_json = "{"; }},
        WrongInCode{"OPA_FEATURE_FLAGS",
                    [](C& c) {
                      c.feature_flags_json =
                          "{\"a\":" + std::string(500, '[') + std::string(500, ']') + "}";
                    }},
        WrongInCode{"OPA_FEATURE_FLAGS", [](C& c) { c.feature_flags_json = "[]"; }}));

TEST(Configuration, spells_a_package_one_way) {
  for (const char* path : {"a/b/c", "/a/b/c", "a//b/c/", "data/a/b/c", "data.a.b.c", "a.b.c"})
    EXPECT_EQ(package_of(path), "a/b/c") << path;
  EXPECT_EQ(package_of(""), "");
}

TEST(Configuration, refuses_a_policy_with_two_roles_by_the_name_of_the_variable) {
  for (const char* path :
       {"neuralhive/orchestrator/resource_limits", "/neuralhive//orchestrator/resource_limits/",
        "data.neuralhive.orchestrator.resource_limits"}) {
    for (const char* variable : {"OPA_POLICY_FEATURE_FLAGS", "OPA_POLICY_SLA_ENFORCEMENT"}) {
      Configuration configuration;
      auto errors = read({{variable, path}}, configuration);
      ASSERT_TRUE(errors) << variable << " " << path;
      EXPECT_TRUE(errors->messages.at(0).starts_with(std::string(variable) + " must be another"));
    }
  }
  Configuration configuration;
  EXPECT_FALSE(read({{"OPA_POLICY_FEATURE_FLAGS", "acme/resource_limits"}}, configuration));
}

}  // namespace
