// Against a real OPA server: the same results locally and remotely, and its ways to fail.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"

namespace {

using namespace lictor::validator;
using lictor::cli::OpaProcess;
using Json = nlohmann::json;
using std::chrono::milliseconds;

const std::string policies = LICTOR_SOURCE "/policies/orchestrator";
const std::string opa = LICTOR_OPA;

Configuration configuration_for(Mode mode, std::uint16_t port) {
  Configuration out;
  out.mode = mode;
  out.host = "127.0.0.1";
  out.port = port;
  out.policies = policies;
  out.reload = milliseconds(0);
  out.feature_flags_json =
      R"({"burst_capacity_enabled": true, "burst_threshold": 0.50, "premium_tenants": ["t1"],)"
      R"( "auto_scaling_enabled": true, "intelligent_scheduler_enabled": true,)"
      R"( "scheduler_namespaces": ["production"]})";
  return out;
}

/// Tickets and plans with fields that are right, wrong, odd or missing.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string ticket() {
    std::string out =
        "{" + field("risk_band", {"\"critical\"", "\"high\"", "\"medium\"", "\"low\""}, 95);
    out += object("sla",
                  {field("timeout_ms", {"120000", "900001", "60000.5", "1E6", "7200000"}, 80),
                   field("deadline", {"1700000000000", "1699900001000", "1800000000000", "1"}, 70),
                   field("max_retries", {"0", "1", "3", "9"}, 70)});
    out +=
        object("qos", {field("delivery_mode",
                             {"\"EXACTLY_ONCE\"", "\"AT_LEAST_ONCE\"", "[\"AT_MOST_ONCE\"]"}, 80),
                       field("consistency", {"\"STRONG\"", "\"EVENTUAL\"", "[]"}, 80)});
    out += field("priority", {"\"CRITICAL\"", "\"LOW\"", "\"NORMAL\""}, 70);
    out += field("estimated_duration_ms", {"60000", "500", "119999", "1.0e3"}, 70);
    out += field("required_capabilities", {"[\"testing\"]", "[\"root\",\"testing\"]", "[]"}, 70);
    out += field("namespace", {"\"production\"", "\"dev\"", "\"staging\""}, 70);
    out += field("tenant_id", {"\"t1\"", "\"t2\""}, 50);
    out += field("current_load", {"0.3", "0.50", "0.9"}, 50);
    out += field("queue_depth", {"10", "150", "100.0"}, 50);
    out += field("total_tickets", {"5", "100", "101"}, 50);
    return finish(out);
  }

  std::string plan() {
    std::string out = "{" + field("risk_band", {"\"critical\"", "\"high\"", "\"low\""}, 95);
    std::string tasks;
    for (std::size_t i = random_() % 4; i > 0; --i)
      tasks += finish("{" + field("timeout_ms", {"30000", "60000", "4000000", "1.5"}, 80) +
                      field("estimated_duration_ms", {"1000", "500", "40000"}, 60) +
                      field("required_capabilities", {"[\"testing\"]", "[\"root\"]", "7"}, 50)) +
               ",";
    if (!tasks.empty()) tasks.pop_back();
    out += "\"tasks\":[" + tasks + "],";
    out += field("namespace", {"\"production\"", "\"dev\""}, 70);
    out += field("priority", {"\"CRITICAL\"", "\"LOW\""}, 50);
    return finish(out);
  }

 private:
  std::string field(const char* name, std::vector<std::string> values, unsigned percent) {
    static const std::vector<std::string> odd{"null",
                                              "true",
                                              "-1",
                                              "\"\"",
                                              "{}",
                                              "[1]",
                                              "1e400",
                                              "12345678901234567890",
                                              "\"\\u00e9<\\ud83d\\ude00\""};
    if (random_() % 100 >= percent) return "";
    const auto& from = random_() % 20 == 0 ? odd : values;
    return "\"" + std::string(name) + "\":" + from[random_() % from.size()] + ",";
  }
  std::string object(const char* name, const std::vector<std::string>& fields) {
    if (random_() % 10 == 0) return "";
    std::string out = "{";
    for (const std::string& item : fields) out += item;
    return "\"" + std::string(name) + "\":" + finish(out) + ",";
  }
  static std::string finish(std::string text) {
    if (text.back() == ',') text.pop_back();
    return text + "}";
  }

  std::mt19937 random_;
};

/// The result's text without its times, so that spelling counts.
std::string timeless(ValidationResult result) {
  result.evaluated_at = {};
  result.evaluation_duration_ms = 0;
  return to_json_text(result);
}

TEST(RealOpa, gives_the_results_that_the_engine_gives) {
  auto server = OpaProcess::start(opa, {policies}, false);
  ASSERT_TRUE(server) << server.error().render();
  PolicyClient local_client(configuration_for(Mode::local, server->port()));
  PolicyClient remote_client(configuration_for(Mode::remote, server->port()));
  EXPECT_TRUE(local_client.initialize().empty());
  EXPECT_TRUE(remote_client.initialize().empty());
  EXPECT_TRUE(remote_client.health());
  PolicyValidator local(local_client), remote(remote_client);
  Generator generator(1);
  constexpr std::int64_t now = 1699900000000;
  int valid = 0, rejected = 0;
  for (int i = 0; i < 1200; ++i) {
    bool plan = i % 3 == 0;
    std::string text = plan ? generator.plan() : generator.ticket();
    auto check = [&](PolicyValidator& validator) {
      return plan ? validator.validate_cognitive_plan(text, now)
                  : validator.validate_execution_ticket(text, now);
    };
    ValidationResult here = check(local), there = check(remote);
    ASSERT_EQ(timeless(here), timeless(there)) << text;
    ++(here.valid ? valid : rejected);
  }
  EXPECT_GT(valid, 50);
  EXPECT_GT(rejected, 200);
}

TEST(RealOpa, is_asked_over_tls_with_a_token) {
  std::string folder = testing::TempDir() + "lictor-tls-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ofstream(folder + "/authz.rego")
      << "package system.authz\n\ndefault allow := false\n\n"
         "allow if input.identity == \"secret\"\n\nallow if input.path == [\"health\"]\n";
  auto server = OpaProcess::start(
      opa, {policies, folder + "/authz.rego"}, false, 0,
      {"--tls-cert-file=" + folder + "/cert.pem", "--tls-private-key-file=" + folder + "/key.pem",
       "--authentication=token", "--authorization=basic"});
  ASSERT_TRUE(server) << server.error().render();
  Configuration configuration = configuration_for(Mode::remote, server->port());
  configuration.attempts = 1;
  configuration.tls = true;
  configuration.ca_file = folder + "/cert.pem";
  configuration.token = "secret";
  auto ask = [&](const Configuration& with) {
    PolicyClient client(with);
    client.initialize();
    return client.evaluate_policy("neuralhive/orchestrator/resource_limits", "{}");
  };
  EXPECT_TRUE(ask(configuration).ok());
  Configuration wrong = configuration;
  wrong.token = "guess";
  EXPECT_EQ(ask(wrong).error->kind, PolicyErrorKind::evaluation);  // 401
  wrong = configuration;
  wrong.ca_file.clear();
  EXPECT_EQ(ask(wrong).error->kind, PolicyErrorKind::connection);  // an unknown authority
  wrong = configuration;
  wrong.tls = false;
  EXPECT_FALSE(ask(wrong).ok());
  std::filesystem::remove_all(folder);
}

class Faults : public testing::Test {
 protected:
  static Configuration configuration(std::uint16_t port) {
    Configuration out = configuration_for(Mode::remote, port);
    out.attempts = 2;
    out.first_backoff = milliseconds(20);
    out.attempt_timeout = milliseconds(250);
    out.deadline = milliseconds(700);
    out.breaker_threshold = 3;
    out.breaker_reset = milliseconds(400);
    out.cache_size = 0;
    return out;
  }

  /// A call that must return in time; true if the ticket passed.
  static bool passes(PolicyValidator& validator) {
    auto start = std::chrono::steady_clock::now();
    ValidationResult result = validator.validate_execution_ticket(good_ticket, 1699900000000);
    EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
    return result.valid;
  }

  static constexpr const char* good_ticket =
      R"({"risk_band":"low","sla":{"timeout_ms":60000,"max_retries":1},"estimated_duration_ms":20000})";
};

TEST_F(Faults, a_stopped_server_opens_the_breaker_and_a_started_one_closes_it) {
  std::uint16_t port = lictor::cli::free_port();
  PolicyClient client(configuration(port));
  client.initialize();
  PolicyValidator validator(client);
  {
    auto server = OpaProcess::start(opa, {policies}, false, port);
    ASSERT_TRUE(server) << server.error().render();
    EXPECT_TRUE(passes(validator));
    EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::closed);
  }
  EXPECT_FALSE(passes(validator));
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::open);
  EXPECT_FALSE(passes(validator));
  std::this_thread::sleep_for(milliseconds(450));
  EXPECT_FALSE(passes(validator));  // the probe fails
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::open);
  auto server = OpaProcess::start(opa, {policies}, false, port);
  ASSERT_TRUE(server) << server.error().render();
  std::this_thread::sleep_for(milliseconds(450));
  EXPECT_TRUE(passes(validator));  // the probe succeeds, and what waits behind it goes on
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::closed);
}

TEST_F(Faults, a_paused_server_is_waited_for_no_longer_than_the_deadline) {
  auto server = OpaProcess::start(opa, {policies}, false);
  ASSERT_TRUE(server) << server.error().render();
  PolicyClient client(configuration(server->port()));
  client.initialize();
  PolicyValidator validator(client);
  EXPECT_TRUE(passes(validator));
  server->pause();
  EXPECT_FALSE(passes(validator));
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::open);
  server->resume();
  std::this_thread::sleep_for(milliseconds(450));
  EXPECT_TRUE(passes(validator));
}

TEST_F(Faults, a_slow_server_is_waited_for_no_longer_than_the_deadline) {
  auto server = OpaProcess::start(opa, {policies}, false);
  ASSERT_TRUE(server) << server.error().render();
  lictor::tests::SlowProxy proxy(server->port(), milliseconds(10));
  PolicyClient client(configuration(proxy.port()));
  client.initialize();
  PolicyValidator validator(client);
  EXPECT_TRUE(passes(validator));
  proxy.set_delay(milliseconds(600));
  EXPECT_FALSE(passes(validator));
  proxy.set_delay(milliseconds(10));
  std::this_thread::sleep_for(milliseconds(1100));
  EXPECT_TRUE(passes(validator));
}

}  // namespace
