// What initialize(), close(), destruction, deadlines, stops and fork() do, with calls in flight and
// without, against servers that hang and a resolver that hangs.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>

#include <cstring>
#include <future>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"
#include "remote_configuration.hpp"

namespace {

constexpr const char* stuck_host = "stuck.invalid";
std::atomic<bool> resolver_is_stuck{false};

}  // namespace

/// libcurl resolves names by this one: one name is never resolved while the resolver is stuck.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** out) {
  using Function = decltype(&getaddrinfo);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!node || std::strcmp(node, stuck_host) != 0) return real(node, service, hints, out);
  while (resolver_is_stuck) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return EAI_NONAME;
}

namespace {

using namespace lictor::validator;
using lictor::tests::FakeOpa;
using lictor::tests::remote_configuration;
using Mood = FakeOpa::Mood;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string policies = LICTOR_SOURCE "/policies/orchestrator";
constexpr const char* ticket = R"({"risk_band":"low"})";
constexpr const char* policy = "neuralhive/orchestrator/resource_limits";

/// A server that never answers is asked for an hour.
Configuration patient_configuration(std::uint16_t port) {
  Configuration out = remote_configuration(port);
  out.attempt_timeout = seconds(300);
  out.deadline = seconds(3600);
  return out;
}

Configuration configuration_for(Mode mode, std::uint16_t port) {
  Configuration out = patient_configuration(port);
  out.mode = mode;
  return out;
}

class Modes : public testing::TestWithParam<Mode> {
 protected:
  FakeOpa server_;
  Configuration configuration_ = configuration_for(GetParam(), server_.port());
};

std::string mode_of(const testing::TestParamInfo<Mode>& info) { return mode_name(info.param); }

INSTANTIATE_TEST_SUITE_P(Each, Modes, testing::Values(Mode::local, Mode::remote, Mode::fallback),
                         mode_of);

/// A ticket is checked; without a decision it is rejected with words of the cause.
void expect_refused(PolicyClient& client, const std::string& why) {
  PolicyValidator validator(client);
  ValidationResult result = validator.validate_execution_ticket(ticket);
  EXPECT_FALSE(result.valid);
  ASSERT_EQ(result.violations.size(), 3u);
  EXPECT_NE(result.violations[0].message.find(why), std::string::npos)
      << result.violations[0].message;
  Evaluation evaluation = client.evaluate_policy(policy, "{}");
  ASSERT_TRUE(evaluation.error);
  EXPECT_EQ(evaluation.error->kind, PolicyErrorKind::connection);
  EXPECT_FALSE(client.health());
  EXPECT_FALSE(client.reload());
}

bool passes(PolicyClient& client) {
  return PolicyValidator(client).validate_execution_ticket(ticket).valid &&
         client.evaluate_policy(policy, "{}").ok();
}

TEST_P(Modes, calls_are_refused_before_initialize_and_after_close_and_again_and_again) {
  PolicyClient client(configuration_);
  expect_refused(client, "not initialized");
  client.close();
  expect_refused(client, "not initialized");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.initialize().empty());
    EXPECT_TRUE(passes(client));
    EXPECT_TRUE(client.initialize().empty());
    EXPECT_TRUE(passes(client));
    EXPECT_TRUE(client.health());
    client.close();
    client.close();
    expect_refused(client, "closed");
  }
}

TEST_P(Modes, a_refused_subject_without_a_known_band_is_rejected_under_fail_open_too) {
  configuration_.fail_open = true;
  PolicyClient client(configuration_);
  PolicyValidator validator(client);
  EXPECT_TRUE(validator.validate_execution_ticket(ticket).valid);
  for (const char* document : {"{}", "{", "[]", ""})
    EXPECT_FALSE(validator.validate_execution_ticket(document).valid) << document;
}

TEST_P(Modes, the_watch_starts_and_ends_with_the_client) {
  configuration_.reload = milliseconds(1);
  for (int i = 0; i < 5; ++i) {
    PolicyClient client(configuration_);
    client.initialize();
    client.initialize();
    if (i % 2 == 0) client.close();
    if (i % 3 == 0) client.initialize();
  }
}

TEST_P(Modes, threads_may_initialize_close_and_call_in_any_order) {
  configuration_.reload = milliseconds(1);
  configuration_.attempt_timeout = seconds(2);
  PolicyClient client(configuration_);
  std::atomic<int> passed{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        if (t == 0 && i % 2 == 0) client.initialize();
        if (t == 1 && i % 4 == 0) client.close();
        if (t == 2) client.health();
        ++(PolicyValidator(client).validate_execution_ticket(ticket).valid ? passed : refused);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed + refused, 240);
  client.initialize();
  EXPECT_TRUE(passes(client));
}

/// Runs calls that hang, of which some ask the same, then an action that must make them end;
/// returns how long that took. All calls have begun by then if each asks another question.
template <typename Action>
milliseconds time_to_end(PolicyClient& client, FakeOpa& server, int questions, Action action) {
  server.set(Mood::silent);
  int before = server.requests();
  std::vector<std::future<ValidationResult>> calls;
  for (int i = 0; i < 8; ++i) {
    std::string document =
        R"({"risk_band":"low","current_load":0.)" + std::to_string(i % questions) + "}";
    calls.push_back(std::async(std::launch::async, [&client, document] {
      return PolicyValidator(client).validate_execution_ticket(document);
    }));
  }
  for (int i = 0; server.requests() < before + 3 * questions && i < 2000; ++i)
    std::this_thread::sleep_for(milliseconds(5));
  Clock::time_point start = Clock::now();
  action();
  milliseconds out = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
  for (auto& call : calls) {
    ValidationResult result = call.get();
    EXPECT_FALSE(result.valid);
    EXPECT_FALSE(result.violations.empty());
  }
  return out;
}

TEST(LifeCycle, close_cancels_calls_in_flight_and_waits_for_them) {
  FakeOpa server;
  PolicyClient client(patient_configuration(server.port()));
  client.initialize();
  EXPECT_LT(time_to_end(client, server, 4, [&] { client.close(); }), seconds(5));
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::closed);
  server.set(Mood::good);
  client.initialize();
  EXPECT_TRUE(passes(client));
}

TEST(LifeCycle, destruction_ends_calls_in_flight) {
  FakeOpa server;
  auto client = std::make_unique<PolicyClient>(patient_configuration(server.port()));
  client->initialize();
  EXPECT_LT(time_to_end(*client, server, 8, [&] { client = nullptr; }), seconds(5));
}

/// Closes a client when it writes of an evaluation, once.
class ClosingSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  PolicyClient* client = nullptr;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string_view text(message.payload.data(), message.payload.size());
    if (client && text.find("opa_evaluation") != text.npos) std::exchange(client, nullptr)->close();
  }
  void flush_() override {}
};

TEST(LifeCycle, a_logger_may_close_the_client) {
  FakeOpa server;
  auto sink = std::make_shared<ClosingSink>();
  PolicyClient client(remote_configuration(server.port()),
                      {nullptr, std::make_shared<spdlog::logger>("t", sink)});
  client.initialize();
  sink->client = &client;
  client.evaluate_policy("a/b", "{}");
  expect_refused(client, "closed");
  client.initialize();
  EXPECT_TRUE(passes(client));
}

TEST(LifeCycle, a_call_ends_by_its_own_deadline_or_stop_without_opening_the_breaker) {
  FakeOpa server;
  server.set(Mood::silent);
  Configuration configuration = patient_configuration(server.port());
  configuration.breaker_threshold = 1;
  PolicyClient client(configuration);
  client.initialize();
  PolicyValidator validator(client);
  Clock::time_point start = Clock::now();
  CallOptions soon;
  soon.deadline = milliseconds(50);
  Evaluation late = client.evaluate_policy("a/b", "{}", soon);
  EXPECT_EQ(late.error->kind, PolicyErrorKind::timeout);
  EXPECT_FALSE(validator.validate_execution_ticket(ticket, {}, soon).valid);
  std::stop_source source;
  CallOptions stoppable;
  stoppable.stop = source.get_token();
  auto call = std::async(std::launch::async,
                         [&] { return client.evaluate_policy("a/b", "{}", stoppable); });
  std::this_thread::sleep_for(milliseconds(50));
  source.request_stop();
  EXPECT_EQ(call.get().error->kind, PolicyErrorKind::cancelled);
  EXPECT_EQ(client.evaluate_policy("a/b", "{}", stoppable).error->kind, PolicyErrorKind::cancelled);
  EXPECT_LT(Clock::now() - start, seconds(5));
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::closed);
}

TEST(LifeCycle, who_waits_for_anothers_call_is_not_ended_by_that_ones_deadline) {
  FakeOpa server;
  server.set(Mood::silent);
  PolicyClient client(patient_configuration(server.port()));
  client.initialize();
  CallOptions soon;
  soon.deadline = milliseconds(300);
  auto leader =
      std::async(std::launch::async, [&] { return client.evaluate_policy("a/b", "{}", soon); });
  while (server.requests() == 0) std::this_thread::sleep_for(milliseconds(1));
  auto follower =
      std::async(std::launch::async, [&] { return client.evaluate_policy("a/b", "{}"); });
  std::this_thread::sleep_for(milliseconds(50));
  server.set(Mood::good);
  EXPECT_EQ(leader.get().error->kind, PolicyErrorKind::timeout);
  EXPECT_TRUE(follower.get().ok());
}

TEST(LifeCycle, a_resolver_that_hangs_holds_no_call_and_no_destructor) {
  resolver_is_stuck = true;
  Configuration configuration = remote_configuration(1);
  configuration.host = stuck_host;
  configuration.attempt_timeout = milliseconds(100);
  Clock::time_point start = Clock::now();
  {
    PolicyClient client(configuration);
    client.initialize();
    Evaluation evaluation = client.evaluate_policy("a/b", "{}");
    EXPECT_EQ(evaluation.error->kind, PolicyErrorKind::timeout);
    EXPECT_NE(evaluation.error->message.find(stuck_host), std::string::npos);
    EXPECT_FALSE(client.evaluate_policy("a/c", "{}").ok());
    EXPECT_FALSE(client.health());
  }
  EXPECT_LT(Clock::now() - start, seconds(5));
  resolver_is_stuck = false;
  std::this_thread::sleep_for(milliseconds(50));  // its threads end by themselves
}

// ---- fork ----

/// The exit status of a child that runs `body`; -1 if it does not end.
int in_child(const std::function<int()>& body) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  for (int i = 0; i < 2000; ++i) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    std::this_thread::sleep_for(milliseconds(10));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return -1;
}

/// Sanitizers have locks of their own, which stay locked in a child, and TSan allows it no threads.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

bool is_refused_as_forked(PolicyClient& client) {
  ValidationResult result = PolicyValidator(client).validate_execution_ticket(ticket);
  return !result.valid && result.violations[0].message.find("forked") != std::string::npos &&
         !client.evaluate_policy(policy, "{}").ok() && !client.health() && !client.reload() &&
         !client.initialize().empty();
}

TEST_P(Modes, fork_leaves_the_parents_client_alone_and_the_child_makes_its_own) {
  if (!sanitized) configuration_.reload = milliseconds(1);
  auto client = std::make_unique<PolicyClient>(configuration_);
  client->initialize();
  EXPECT_TRUE(passes(*client));
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;  // that hold every lock now and then
  for (int t = 0; t < 3 && !sanitized; ++t) {
    threads.emplace_back([&] {
      while (!stop) passes(*client);
    });
  }
  for (int i = 0; i < 10; ++i) {
    int status = in_child([&] {
      if (!is_refused_as_forked(*client)) return 1;
      client->close();
      client = nullptr;
      if (sanitized) return 0;
      PolicyClient own(configuration_);
      own.initialize();
      return passes(own) ? 0 : 2;
    });
    EXPECT_EQ(status, 0);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(passes(*client));
}

}  // namespace
