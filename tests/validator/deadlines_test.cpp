// Calls in mode local that end by their own deadline or stop, or by the configured deadline, while
// a policy is being decided that would take minutes.
#include <gtest/gtest.h>

#include <future>

#include "folder.hpp"
#include "lictor/validator/validator.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::Folder;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* slow_ticket = R"({"ticket_id":"t","risk_band":"low","slow":true})";
constexpr const char* slow_unknown = R"({"ticket_id":"t","risk_band":"none","slow":true})";
constexpr const char* slow_input = R"({"resource":{"slow":true}})";

class Deadlines : public testing::TestWithParam<bool> {
 protected:
  Deadlines() {
    folder_.write("slow.rego", R"rego(package slow

import rego.v1

n := numbers.range(1, 100000)

default pairs := 0

pairs := count([1 | some i in n; some j in n; i + j == 7]) if input.resource.slow

result := {"allow": true, "violations": [pair | some pair in [pairs]; pair > 0]}
)rego");
    folder_.write("other.rego",
                  "package other\n\nresult := {\"allow\": true, \"violations\": []}\n");
    folder_.write("flags.rego", "package flags\n\nresult := {\"on\": true}\n");
    configuration_.policies = folder_.path();
    configuration_.resource_limits = "slow";
    configuration_.sla_enforcement = "other";
    configuration_.feature_flags = "flags";
    configuration_.reload = milliseconds(0);
    configuration_.instructions = 1'000'000'000'000;
    configuration_.deadline = seconds(300);
    configuration_.fail_open = GetParam();
  }

  /// A ticket without answers in time is rejected, or passes with warnings under fail-open.
  void expect_unchecked(const ValidationResult& result, const std::string& reason) {
    EXPECT_EQ(result.valid, configuration_.fail_open);
    EXPECT_GE(configuration_.fail_open ? result.warnings.size() : result.violations.size(), 2u);
    std::string text = to_json_text(result);
    EXPECT_NE(text.find(reason), std::string::npos) << text;
  }

  Folder folder_;
  Configuration configuration_;
};

TEST_P(Deadlines, of_a_call_end_it) {
  PolicyClient client(configuration_);
  ASSERT_TRUE(client.initialize().empty());
  PolicyValidator validator(client);
  CallOptions soon;
  soon.deadline = milliseconds(50);
  Clock::time_point start = Clock::now();
  expect_unchecked(validator.validate_execution_ticket(slow_ticket, {}, soon), "deadline");
  expect_unchecked(validator.validate_cognitive_plan(slow_ticket, {}, soon), "deadline");
  EXPECT_FALSE(validator.validate_execution_ticket(slow_unknown, {}, soon).valid);
  EXPECT_FALSE(validator.validate_execution_ticket("{\"slow\":", {}, soon).valid);
  soon.host.context = R"({"total_tickets":1})";
  expect_unchecked(validator.validate_execution_ticket(slow_ticket, {}, soon), "deadline");
  Evaluation late = client.evaluate_policy("slow", slow_input, soon);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error->kind, PolicyErrorKind::timeout);
  EXPECT_TRUE(late.error->is_callers);
  EXPECT_LT(Clock::now() - start, seconds(20));
  EXPECT_TRUE(client.evaluate_policy("other", "{}", {}).ok());
}

TEST_P(Deadlines, of_a_batch_are_one_for_all) {
  PolicyClient client(configuration_);
  client.initialize();
  CallOptions soon;
  soon.deadline = milliseconds(100);
  Clock::time_point start = Clock::now();
  auto answers = client.evaluate_batch(std::vector<Question>(50, {"slow", slow_input}), soon);
  EXPECT_LT(Clock::now() - start, seconds(4));  // not 50 times as long
  for (const Evaluation& answer : answers) {
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error->kind, PolicyErrorKind::timeout);
  }
}

TEST_P(Deadlines, a_stop_ends_a_call_before_and_while_it_is_decided) {
  PolicyClient client(configuration_);
  client.initialize();
  PolicyValidator validator(client);
  std::stop_source source;
  CallOptions options;
  options.stop = source.get_token();
  auto call = std::async(std::launch::async, [&] {
    return validator.validate_execution_ticket(slow_ticket, {}, options);
  });
  std::this_thread::sleep_for(milliseconds(50));
  source.request_stop();
  expect_unchecked(call.get(), "cancelled");
  expect_unchecked(validator.validate_execution_ticket(slow_ticket, {}, options), "cancelled");
  EXPECT_EQ(client.evaluate_policy("other", "{}", options).error->kind, PolicyErrorKind::cancelled);
  EXPECT_TRUE(validator.validate_execution_ticket(R"({"risk_band":"low"})").valid);
}

TEST_P(Deadlines, of_the_configuration_bound_every_call) {
  configuration_.deadline = milliseconds(100);
  PolicyClient client(configuration_);
  client.initialize();
  PolicyValidator validator(client);
  CallOptions later;
  later.deadline = seconds(300);
  Clock::time_point start = Clock::now();
  expect_unchecked(validator.validate_execution_ticket(slow_ticket, {}, later),
                   "OPA_DEADLINE_SECONDS");
  EXPECT_LT(Clock::now() - start, seconds(10));
}

INSTANTIATE_TEST_SUITE_P(Each, Deadlines, testing::Bool(),
                         [](const auto& info) { return info.param ? "fail_open" : "fail_closed"; });

}  // namespace
