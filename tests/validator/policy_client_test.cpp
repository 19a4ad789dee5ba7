// The client: order of asking, retries, deadlines, cache, reload, metrics and logs.
#include "lictor/validator/validator.hpp"

#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fake_opa.hpp"
#include "folder.hpp"
#include "lictor/validator/policy_validator.hpp"
#include "opa_process.hpp"
#include "remote_configuration.hpp"
#include "remote_opa.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::FakeOpa;
using lictor::tests::Folder;
using lictor::tests::remote_configuration;
using Mood = FakeOpa::Mood;
using Json = nlohmann::json;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

Configuration local(const std::string& policies) {
  Configuration out;
  out.policies = policies;
  out.reload = milliseconds(0);
  return out;
}

TEST(Backoff, doubles_up_to_eight_times_and_takes_up_to_half_away) {
  milliseconds first(500);
  const int wanted[] = {500, 1000, 2000, 4000, 4000, 4000};
  for (int attempt = 2; attempt < 8; ++attempt) {
    EXPECT_EQ(backoff(first, attempt, 0).count(), wanted[attempt - 2]);
    EXPECT_EQ(backoff(first, attempt, 1).count(), wanted[attempt - 2] / 2);
  }
}

TEST(PolicyClient, decides_in_process) {
  PolicyClient client(local(LICTOR_SOURCE "/policies/orchestrator"));
  EXPECT_TRUE(client.initialize().empty());
  EXPECT_TRUE(client.health());
  Evaluation evaluation = client.evaluate_policy("neuralhive/orchestrator/resource_limits",
                                                 R"({"resource":{"sla":{"timeout_ms":1}}})");
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation.decision, R"({"allow":true,"violations":[],"warnings":[]})");
  EXPECT_EQ(evaluation.source, Source::local);
  EXPECT_TRUE(
      client.evaluate_policy("data.neuralhive.orchestrator.resource_limits", Json::object()).ok());
}

TEST(PolicyClient, strips_a_leading_slash_and_says_so_when_the_policy_is_unknown) {
  PolicyClient client(local(LICTOR_SOURCE "/policies/orchestrator"));
  client.initialize();
  EXPECT_TRUE(client.evaluate_policy("/neuralhive/orchestrator/resource_limits", "{}").ok());
  Evaluation unknown = client.evaluate_policy("/no/such", "{}");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error->kind, PolicyErrorKind::policy_not_found);
  EXPECT_NE(unknown.error->message.find("no leading slash"), std::string::npos);
}

TEST(PolicyClient, answers_a_batch_in_its_order_and_side_by_side) {
  FakeOpa server;
  server.set(Mood::status_404);
  server.set_only("/b/");
  PolicyClient client(remote_configuration(server.port()));
  client.initialize();
  auto out = client.evaluate_batch(
      {{"a/feature_flags", "{}"}, {"b/x", "{}"}, {"c/y", "{}"}, {"d/z", "["}});
  ASSERT_EQ(out.size(), 4u);
  EXPECT_EQ(out[0].decision, R"({"enable_auto_scaling":false})");
  EXPECT_EQ(out[1].error->kind, PolicyErrorKind::policy_not_found);
  EXPECT_TRUE(out[2].ok());
  EXPECT_EQ(out[3].error->message, "the input is not JSON");

  server.set(Mood::silent);
  server.set_only("");
  auto start = std::chrono::steady_clock::now();
  client.evaluate_batch({{"a/a", "1"}, {"a/b", "1"}, {"a/c", "1"}, {"a/d", "1"}});
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1000));
}

TEST(PolicyClient, tries_again_after_transport_errors_only) {
  FakeOpa server;
  Configuration configuration = remote_configuration(server.port());
  configuration.attempts = 3;
  configuration.breaker_enabled = false;
  PolicyClient client(configuration);
  client.initialize();
  struct Case {
    Mood mood;
    int requests;
  };
  for (auto [mood, requests] :
       {Case{Mood::truncated, 3}, Case{Mood::status_500, 1}, Case{Mood::conflict, 1},
        Case{Mood::status_404, 1}, Case{Mood::garbage, 1}, Case{Mood::redirect, 1},
        Case{Mood::silent, 3}}) {
    server.set(mood);
    int before = server.requests();
    EXPECT_FALSE(client.evaluate_policy("a/b", "{}").ok());
    EXPECT_EQ(server.requests() - before, requests) << static_cast<int>(mood);
  }
}

TEST(PolicyClient, returns_by_its_deadline) {
  FakeOpa server;
  server.set(Mood::silent);
  Configuration configuration = remote_configuration(server.port());
  configuration.attempts = 10;
  configuration.attempt_timeout = milliseconds(200);
  configuration.first_backoff = milliseconds(100);
  configuration.deadline = milliseconds(500);
  PolicyClient client(configuration);
  client.initialize();
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(client.evaluate_policy("a/b", "{}").error->kind, PolicyErrorKind::timeout);
  auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, milliseconds(400));
  EXPECT_LT(took, milliseconds(900));
}

TEST(PolicyClient, counts_a_call_with_its_retries_once_and_a_missing_policy_never) {
  FakeOpa server;
  Configuration configuration = remote_configuration(server.port());
  configuration.attempts = 3;
  configuration.breaker_threshold = 2;
  configuration.breaker_reset = milliseconds(100);
  PolicyClient client(configuration);
  client.initialize();
  server.set(Mood::truncated);
  Evaluation first = client.evaluate_policy("a/b", "{}");
  EXPECT_EQ(client.get_circuit_breaker_state().failure_count, 1);
  server.set(Mood::status_404);
  client.evaluate_policy("a/b", "{}");
  EXPECT_EQ(client.get_circuit_breaker_state().failure_count, 1);
  server.set(Mood::truncated);
  Evaluation trips = client.evaluate_policy("a/b", "{}");
  EXPECT_FALSE(trips.error->breaker_open);
  EXPECT_NE(trips.error->message, breaker_open_message);
  Json state = to_json(client.get_circuit_breaker_state());
  EXPECT_EQ(state["state"], "open");
  EXPECT_TRUE(state["last_failure_time"].is_string());
  int before = server.requests();
  Evaluation refused = client.evaluate_policy("a/b", "{}");
  EXPECT_EQ(refused.error->message, "Circuit breaker aberto");
  EXPECT_EQ(refused.error->kind, PolicyErrorKind::connection);
  EXPECT_EQ(server.requests(), before);
  std::this_thread::sleep_for(milliseconds(120));
  server.set(Mood::good);
  EXPECT_TRUE(client.evaluate_policy("a/b", "{}").ok());
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::closed);
}

TEST(PolicyClient, asks_the_cache_before_the_breaker) {
  FakeOpa server;
  Configuration configuration = remote_configuration(server.port());
  configuration.breaker_threshold = 1;
  PolicyClient client(configuration);
  client.initialize();
  EXPECT_EQ(client.evaluate_policy("a/b", R"({"x":1})").source, Source::remote);
  server.set(Mood::truncated);
  client.evaluate_policy("a/b", R"({"x":2})");
  EXPECT_EQ(client.get_circuit_breaker_state().state, BreakerState::open);
  EXPECT_EQ(client.evaluate_policy("a/b", R"( {"x": 1} )").source, Source::cache);
}

TEST(PolicyClient, serves_from_the_cache_what_was_asked_with_the_whole_same_input) {
  FakeOpa server;
  PolicyClient client(remote_configuration(server.port()));
  client.initialize();
  std::string policy = "neuralhive/orchestrator/resource_limits";
  auto ask = [&](const std::string& input) { return client.evaluate_policy(policy, input).source; };
  EXPECT_EQ(ask(R"({"context":{"current_time":1},"resource":{"risk_band":"low"}})"),
            Source::remote);
  EXPECT_EQ(ask(R"({ "resource": {"risk_band":"l\u006fw"}, "context": {"current_time": 1} })"),
            Source::cache);
  // The server's policy may read more than the file here: any difference is another question.
  for (const char* input :
       {R"({"context":{"current_time":2},"resource":{"risk_band":"low"}})",
        R"({"context":{"current_time":1},"resource":{"risk_band":"low","x":2}})",
        R"({"resource":{"risk_band":"high"}})", R"({})", R"({"resource":{"risk_band":null}})",
        R"({"resource":{"risk_band":false}})"})
    EXPECT_EQ(ask(input), Source::remote) << input;
}

TEST(PolicyClient, never_serves_a_decision_about_another_ticket) {
  FakeOpa server;
  PolicyClient client(remote_configuration(server.port()));
  client.initialize();
  PolicyValidator validator(client);
  EXPECT_TRUE(validator.validate_execution_ticket(R"({"risk_band":"low"})", 1).valid);
  server.set_bodies({{"/resource_limits/result", R"({"result":{"allow":false,"violations":[]}})"}});
  EXPECT_FALSE(validator.validate_execution_ticket(R"({"risk_band":"low","owner":"x"})", 1).valid);
}

TEST(PolicyClient, falls_back_for_policies_that_the_engine_cannot_decide) {
  FakeOpa server;
  Folder folder;
  folder.write("good.rego", "package good\n\nresult := {\"allow\": true}\n");
  folder.write("bad.rego", "package bad\n\nresult := no_such_function(1)\n");
  folder.write(
      "slow.rego",
      "package slow\n\nresult := count([x | some x in numbers.range(1, 100000); x > 5])\n");
  folder.write("conflict.rego", "package conflict\n\nresult := 1\n\nresult := 2 if input.x\n");
  folder.write("undefined.rego", "package undefined\n\nresult := 1 if input.x\n");
  Configuration configuration = remote_configuration(server.port());
  configuration.policies = folder.path();
  configuration.mode = Mode::fallback;
  configuration.instructions = 1000;
  PolicyClient client(configuration);
  auto problems = client.initialize();
  bool is_reported = false;
  for (const PolicyProblem& problem : problems)
    is_reported |= problem.policy.ends_with("bad.rego") &&
                   problem.reason.find("no_such_function") != std::string::npos;
  EXPECT_TRUE(is_reported);
  EXPECT_EQ(client.evaluate_policy("good", "{}").source, Source::local);
  EXPECT_EQ(client.evaluate_policy("bad", "{}").source, Source::remote);
  EXPECT_EQ(client.evaluate_policy("slow", "{}").source, Source::remote);
  EXPECT_EQ(client.evaluate_policy("elsewhere", "{}").source, Source::remote);
  Evaluation conflict = client.evaluate_policy("conflict", R"({"x":true})");
  EXPECT_EQ(conflict.source, Source::local);
  EXPECT_TRUE(conflict.error->is_answer);
  EXPECT_EQ(client.evaluate_policy("undefined", "{}").error->kind,
            PolicyErrorKind::policy_not_found);
  EXPECT_EQ(server.requests(), 3);
}

TEST(PolicyClient, reloads_what_compiles_and_keeps_the_old_when_a_file_is_bad) {
  Folder folder;
  folder.write("p/p.rego", "package p\n\nresult := data.p.n + 1\n");
  folder.write("p/data.json", "{\"n\": 1}");
  auto lines = std::make_shared<std::ostringstream>();
  auto logger = std::make_shared<spdlog::logger>(
      "t", std::make_shared<spdlog::sinks::ostream_sink_mt>(*lines));
  logger->set_pattern("%v");
  Configuration configuration = local(folder.path());
  PolicyClient client(configuration, {nullptr, logger});
  client.initialize();
  EXPECT_EQ(client.evaluate_policy("p", "{}").decision, "2");
  EXPECT_FALSE(client.reload());
  folder.write("p/p.rego", "package p\n\nresult := data.p.n + 2\n");
  EXPECT_TRUE(client.reload());
  EXPECT_EQ(client.evaluate_policy("p", "{}").decision, "3");
  folder.write("p/p.rego", "package p\n\nresult := {\n");
  EXPECT_FALSE(client.reload());
  EXPECT_EQ(client.evaluate_policy("p", "{}").decision, "3");
  EXPECT_NE(lines->str().find("lictor_policies_refused"), std::string::npos);
  folder.write("p/data.json", "{\"n\": 5}");
  folder.write("p/p.rego", "package p\n\nresult := data.p.n\n");
  EXPECT_TRUE(client.reload());
  EXPECT_EQ(client.evaluate_policy("p", "{}").decision, "5");
}

TEST(PolicyClient, watches_its_files_while_threads_decide) {
  Folder folder;
  folder.write("p.rego", "package p\n\nresult := 1\n");
  Configuration configuration = local(folder.path());
  configuration.reload = milliseconds(5);
  PolicyClient client(configuration);
  client.initialize();
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!stop) failures += !client.evaluate_policy("p", "{}").ok();
    });
  }
  for (int i = 2; i < 12; ++i) {
    folder.write("next", "package p\n\nresult := " + std::to_string(i) + "\n");
    fs::rename(folder.path() + "/next", folder.path() + "/p.rego");
    for (int wait = 0; client.evaluate_policy("p", "{}").decision != std::to_string(i); ++wait) {
      ASSERT_LT(wait, 1000);
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

TEST(PolicyClient, is_used_by_many_threads_while_the_server_changes) {
  FakeOpa server;
  Configuration configuration = remote_configuration(server.port());
  configuration.breaker_threshold = 3;
  configuration.breaker_reset = milliseconds(5);
  configuration.cache_size = 50;
  PolicyClient client(configuration);
  client.initialize();
  std::atomic<int> answered{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        if (t == 0) server.set(i % 3 == 0 ? Mood::truncated : Mood::good);
        Evaluation out =
            client.evaluate_policy("a/b", "{\"x\":" + std::to_string((t * 7 + i) % 90) + "}");
        ++(out.ok() ? answered : refused);
        // A call that is refused costs nothing; time must pass for the breaker to let one through.
        if (!out.ok()) std::this_thread::sleep_for(milliseconds(1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered + refused, 32 * 60);
  EXPECT_GT(answered, 0);
}

TEST(PolicyClient, refuses_calls_after_close) {
  PolicyClient client(local(LICTOR_SOURCE "/policies/orchestrator"));
  client.initialize();
  client.close();
  EXPECT_FALSE(client.health());
  EXPECT_EQ(client.evaluate_policy("neuralhive/orchestrator/resource_limits", "{}").error->kind,
            PolicyErrorKind::connection);
}

TEST(Metrics, have_the_names_and_labels_of_the_guide) {
  FakeOpa server;
  Configuration configuration = remote_configuration(server.port());
  configuration.breaker_threshold = 1;
  auto registry = std::make_shared<prometheus::Registry>();
  PolicyClient client(configuration, {std::make_shared<Metrics>(registry), nullptr});
  client.initialize();
  client.evaluate_policy("n/resource_limits", "{}");
  client.evaluate_policy("n/resource_limits", "{}");
  server.set(Mood::truncated);
  client.evaluate_policy("n/resource_limits", "{\"x\":1}");
  client.evaluate_policy("n/resource_limits", "{\"x\":1}");
  std::string text = client.metrics().scrape();
  for (const char* line :
       {"opa_evaluation_duration_seconds_count{policy=\"resource_limits\",source=\"remote\"} 2",
        "opa_evaluations_total{policy=\"resource_limits\",source=\"remote\",status=\"success\"} 1",
        "opa_evaluations_total{policy=\"resource_limits\",source=\"cache\",status=\"success\"} 1",
        "opa_evaluations_total{policy=\"resource_limits\",source=\"remote\",status=\"error\"} 1",
        "opa_errors_total{error_type=\"connection_error\"} 1",
        "opa_errors_total{error_type=\"circuit_breaker_open\"} 1",
        "opa_circuit_breaker_state{state=\"open\"} 1",
        "opa_circuit_breaker_state{state=\"closed\"} 0", "opa_cache_hits_total 1",
        "opa_cache_requests_total 4"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

TEST(Metrics, are_served) {
  Configuration configuration = local(LICTOR_SOURCE "/policies/orchestrator");
  configuration.metrics_port = lictor::cli::free_port();
  PolicyClient client(configuration);
  client.initialize();
  client.evaluate_policy("neuralhive/orchestrator/sla_enforcement", "{}");
  auto fetch = [&](const std::string& host) {
    std::string command =
        "curl -s http://" + host + ":" + std::to_string(configuration.metrics_port) + "/metrics";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string out(1 << 16, '\0');
    out.resize(std::fread(out.data(), 1, out.size(), pipe));
    ::pclose(pipe);
    return out;
  };
  EXPECT_EQ(fetch("127.0.0.2"), "") << "served elsewhere than on 127.0.0.1";
  std::string text = fetch("127.0.0.1");
  EXPECT_NE(text.find("opa_evaluations_total{policy=\"sla_enforcement\",source=\"local\",status="
                      "\"success\"} 1"),
            std::string::npos)
      << text;
}

TEST(Logs, are_json_objects_a_line_with_the_fields_of_the_guide) {
  FakeOpa server;
  std::ostringstream lines;
  auto logger = std::make_shared<spdlog::logger>(
      "t", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  logger->set_pattern("%v");
  Configuration configuration = remote_configuration(server.port());
  configuration.breaker_threshold = 1;
  PolicyClient client(configuration, {nullptr, logger});
  client.initialize();
  client.evaluate_policy("n/p", R"({"resource": {"ticket_id": "t\"1", "plan_id": 7}})");
  server.set(Mood::truncated);
  client.evaluate_policy("n/p", "{\"x\":1}");
  std::vector<Json> events;
  std::istringstream in(lines.str());
  for (std::string line; std::getline(in, line);) events.push_back(Json::parse(line));
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[1]["event"], "opa_evaluation");
  EXPECT_EQ(events[1]["policy_path"], "n/p");
  EXPECT_TRUE(events[1]["duration_ms"].is_number());
  EXPECT_EQ(events[1]["cache_hit"], false);
  EXPECT_EQ(events[1]["source"], "remote");
  EXPECT_EQ(events[1]["result"]["allow"], true);
  EXPECT_EQ(events[1]["ticket_id"], "t\"1");
  EXPECT_EQ(events[1]["plan_id"], 7);
  for (const Json& event : events) EXPECT_TRUE(event["timestamp"].is_string());
  EXPECT_EQ(events[2]["event"], "opa_circuit_breaker_state_change");
  EXPECT_EQ(events[2]["old_state"], "closed");
  EXPECT_EQ(events[2]["new_state"], "open");
  EXPECT_EQ(events[2]["failure_count"], 1);
  EXPECT_TRUE(events[2]["timestamp"].is_string());
  EXPECT_EQ(events[3]["error"]["type"], "connection_error");
}

/// Whoever decides, refuses or ends a call: each event has the ids of the ticket itself.
TEST(Logs, of_all_evaluations_of_a_document_have_its_ids) {
  constexpr const char* ticket =
      R"({"ticket_id":"t-1","plan_id":"p-1","risk_band":"low","resource":{"ticket_id":"forged"}})";
  Folder empty;
  FakeOpa server;
  for (Mode mode : {Mode::local, Mode::remote, Mode::fallback}) {
    for (const std::string& files :
         {std::string(LICTOR_SOURCE "/policies/orchestrator"), empty.path()}) {
      std::ostringstream lines;
      auto logger = std::make_shared<spdlog::logger>(
          "t", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
      logger->set_pattern("%v");
      Configuration configuration = remote_configuration(server.port());
      configuration.mode = mode;
      configuration.policies = files;
      configuration.breaker_threshold = 1;
      PolicyClient client(configuration, {nullptr, logger});
      PolicyValidator validator(client);
      validator.validate_execution_ticket(ticket);  // before initialize()
      client.initialize();
      CallOptions hosted, over;
      hosted.host.context = "{}";
      over.deadline = milliseconds(0);
      server.set(Mood::good);
      validator.validate_execution_ticket(ticket);
      validator.validate_execution_ticket(ticket, {}, over);
      validator.validate_cognitive_plan(ticket, {}, hosted);
      server.set(Mood::truncated);
      validator.validate_execution_ticket(ticket, 1);
      validator.validate_execution_ticket(ticket, 2);  // the breaker refuses
      client.close();
      validator.validate_cognitive_plan(ticket);
      int evaluations = 0;
      std::istringstream in(lines.str());
      for (std::string line; std::getline(in, line);) {
        Json event = Json::parse(line);
        if (event["event"] != "opa_evaluation" && event["event"] != "lictor_validation") continue;
        EXPECT_EQ(event.value("ticket_id", ""), "t-1") << line;
        EXPECT_EQ(event.value("plan_id", ""), "p-1") << line;
        evaluations += event["event"] == "opa_evaluation";
      }
      EXPECT_EQ(evaluations, 5 * 3 + 2 * 2);
    }
  }
}

TEST(Logs, and_metrics_say_what_became_of_every_document) {
  FakeOpa server;
  std::ostringstream lines;
  auto logger = std::make_shared<spdlog::logger>(
      "t", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::warn);
  Configuration configuration = remote_configuration(server.port());
  configuration.fail_open = true;
  configuration.cache_size = 0;
  PolicyClient client(configuration, {nullptr, logger});
  client.initialize();
  PolicyValidator validator(client);
  validator.validate_execution_ticket(R"({"ticket_id": "good", "risk_band": "low"})");
  validator.validate_execution_ticket(R"({"ticket_id": "no band"})");
  validator.validate_cognitive_plan("{\"plan_id\": ");
  server.set(Mood::truncated);
  validator.validate_execution_ticket(R"({"ticket_id": ")" + std::string(1000, 'x') +
                                      R"(", "risk_band": "low", "namespace": 1})");
  client.close();
  validator.validate_execution_ticket(R"({"ticket_id": {}, "risk_band": "low"})");

  std::vector<Json> events;
  std::istringstream in(lines.str());
  for (std::string line; std::getline(in, line);) {
    Json event = Json::parse(line);
    if (event["event"] == "lictor_validation") events.push_back(event);
  }
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0]["outcome"], "rejected");
  EXPECT_EQ(events[0]["ticket_id"], "no band");
  EXPECT_EQ(events[0]["violations"], Json::array({"validator.risk_band_unknown"}));
  EXPECT_EQ(events[1]["outcome"], "malformed");
  EXPECT_EQ(events[1]["subject"], "plan");
  EXPECT_EQ(events[1]["document_bytes"], 12);
  EXPECT_EQ(events[2]["outcome"], "unchecked");
  EXPECT_EQ(events[2]["valid"], true);
  EXPECT_EQ(events[2]["unchecked"].size(), 3u);
  EXPECT_EQ(events[2]["ticket_id"], std::string(200, 'x'));
  EXPECT_EQ(events[3]["outcome"], "unchecked");
  EXPECT_FALSE(events[3].contains("ticket_id"));
  std::string text = client.metrics().scrape();
  for (const char* line : {"lictor_validations_total{outcome=\"valid\",subject=\"ticket\"} 1",
                           "lictor_validations_total{outcome=\"rejected\",subject=\"ticket\"} 1",
                           "lictor_validations_total{outcome=\"unchecked\",subject=\"ticket\"} 2",
                           "lictor_validations_total{outcome=\"malformed\",subject=\"plan\"} 1",
                           "lictor_validations_total{outcome=\"valid\",subject=\"plan\"} 0"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

TEST(Metrics, show_stale_policies_until_they_are_fresh) {
  Metrics metrics;
  std::chrono::system_clock::time_point since{std::chrono::seconds(1700000000)};
  metrics.policies_stale({{"a/b", "does not compile", since}, {"c/d", "is gone", since}});
  metrics.policies_stale({{"c/d", "is gone", since}});
  std::string text = metrics.scrape();
  EXPECT_EQ(text.find("a/b"), std::string::npos) << text;
  EXPECT_NE(text.find("lictor_policy_stale_since_seconds{policy=\"c/d\"} 1700000000"),
            std::string::npos)
      << text;
}

TEST(Metrics, do_not_observe_the_time_of_calls_that_were_refused) {
  FakeOpa server;
  server.set(Mood::truncated);
  Configuration configuration = remote_configuration(server.port());
  configuration.breaker_threshold = 1;
  PolicyClient client(configuration);
  client.evaluate_policy("n/p", "{}");  // not initialized
  client.initialize();
  for (int i = 0; i < 10; ++i) client.evaluate_policy("n/p", "{\"x\":" + std::to_string(i) + "}");
  client.evaluate_policy("n/p", "{");
  std::string text = client.metrics().scrape();
  const std::string count = "opa_evaluation_duration_seconds_count{policy=\"p\",source=";
  EXPECT_NE(text.find(count + "\"remote\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find(count + "\"none\"} 0\n"), std::string::npos) << text;
}

}  // namespace
