// Lists of documents and asynchronous calls: order, threads, and every callback once.
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "remote_configuration.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::FakeOpa;
using lictor::tests::remote_configuration;
using std::chrono::milliseconds;

Configuration local_configuration(int threads) {
  Configuration out = remote_configuration(1);
  out.mode = Mode::local;
  out.threads = threads;
  return out;
}

std::string ticket(int i) {
  const char* band = i % 3 == 0 ? "low" : i % 3 == 1 ? "high" : "none";
  return R"({"ticket_id":")" + std::to_string(i) + R"(","risk_band":")" + band +
         R"(","sla":{"timeout_ms":)" + std::to_string(100000 * (i % 50) + 60000) +
         R"(,"max_retries":1}})";
}

std::string timeless(ValidationResult result) {
  result.evaluated_at = {};
  result.evaluation_duration_ms = 0;
  return to_json_text(result);
}

TEST(ManyDocuments, have_the_results_of_each_in_their_order) {
  for (int threads : {1, 2, 7}) {
    PolicyClient client(local_configuration(threads));
    client.initialize();
    PolicyValidator validator(client);
    std::vector<std::string> texts;
    for (int i = 0; i < 300; ++i) texts.push_back(ticket(i));
    std::vector<Document> documents(texts.begin(), texts.end());
    std::vector<ValidationResult> tickets = validator.validate_execution_tickets(documents, 1);
    std::vector<ValidationResult> plans = validator.validate_cognitive_plans(documents, 1);
    ASSERT_EQ(tickets.size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(timeless(tickets[i]), timeless(validator.validate_execution_ticket(texts[i], 1)));
      EXPECT_EQ(timeless(plans[i]), timeless(validator.validate_cognitive_plan(texts[i], 1)));
    }
    EXPECT_TRUE(validator.validate_execution_tickets({}).empty());
  }
}

TEST(ManyDocuments, wait_for_a_server_side_by_side) {
  FakeOpa server;
  lictor::tests::SlowProxy proxy(server.port(), milliseconds(50));
  Configuration configuration = remote_configuration(proxy.port());
  configuration.attempt_timeout = std::chrono::seconds(10);
  configuration.threads = 10;
  configuration.policies = "no-such-folder";
  PolicyClient client(configuration);
  client.initialize();
  PolicyValidator validator(client);
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i)
    texts.push_back(R"({"risk_band":"low","queue_depth":)" + std::to_string(i) + "}");
  auto start = std::chrono::steady_clock::now();
  for (const ValidationResult& result :
       validator.validate_execution_tickets({texts.begin(), texts.end()}))
    EXPECT_TRUE(result.valid);
  // One after the other they wait for 40 × 50 ms.
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1500));
}

TEST(AsynchronousCalls, call_back_once_each_however_the_client_ends) {
  for (bool by_destructor : {false, true}) {
    FakeOpa server;
    server.set(FakeOpa::Mood::silent);
    Configuration configuration = remote_configuration(server.port());
    configuration.attempt_timeout = std::chrono::seconds(100);
    configuration.deadline = std::chrono::seconds(100);
    configuration.threads = 3;
    auto client = std::make_unique<PolicyClient>(configuration);
    client->initialize();
    std::mutex mutex;
    std::multiset<int> called;
    {
      PolicyValidator validator(*client);
      for (int i = 0; i < 50; ++i)
        validator.validate_execution_ticket_async(ticket(i), [&, i](ValidationResult result) {
          std::lock_guard lock(mutex);
          called.insert(i);
          EXPECT_FALSE(result.valid);
        });
    }
    if (by_destructor)
      client = nullptr;
    else
      client->close();
    EXPECT_EQ(called.size(), 50u);
    EXPECT_EQ(std::set<int>(called.begin(), called.end()).size(), 50u);
  }
}

TEST(AsynchronousCalls, may_call_and_close_the_client) {
  PolicyClient client(local_configuration(2));
  client.initialize();
  PolicyValidator validator(client);
  std::promise<bool> valid;
  validator.validate_execution_ticket_async(ticket(0), [&](ValidationResult result) {
    bool again = validator.validate_execution_ticket(ticket(0)).valid;
    client.close();
    valid.set_value(result.valid && again);
  });
  EXPECT_TRUE(valid.get_future().get());
  client.close();
  bool called = false;
  validator.validate_cognitive_plan_async(ticket(0), [&](ValidationResult result) {
    called = true;
    EXPECT_FALSE(result.valid);
  });
  EXPECT_TRUE(called);
}

}  // namespace
