// Files of policies: what OPA loads is loaded, a mounted ConfigMap once, and what was good stays in
// use, by name.
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "folder.hpp"
#include "lictor/validator/validator.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::Folder;
namespace fs = std::filesystem;

Configuration configuration_for(const std::string& policies) {
  Configuration out;
  out.policies = policies;
  out.reload = std::chrono::milliseconds(0);
  return out;
}

/// The document data.p.result of `opa eval`.
std::string opas_result(const std::string& folder) {
  std::string command =
      std::string(LICTOR_OPA) + " eval -f raw -d " + folder + " data.p.result < /dev/null 2>&1";
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::array<char, 4096> buffer{};
  std::string out(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), pipe.get()));
  return out.substr(0, out.find_last_not_of('\n') + 1);
}

std::string our_result(PolicyClient& client) { return client.evaluate_policy("p", "{}").decision; }

bool has_problem(PolicyClient& client, const std::string& part) {
  for (const PolicyProblem& problem : client.problems()) {
    if (problem.policy.find(part) != std::string::npos) return true;
  }
  return false;
}

constexpr const char* collecting = R"(package p

import rego.v1

result := {"rules": denied, "data": [[v | v := data.a], [v | v := data.b], [v | v := data.k], [v | v := data.n], [v | v := data.x]]}

denied contains "own"
)";

TEST(PolicyFiles, are_those_that_opa_loads) {
  const std::function<void(const Folder&)> layouts[] = {
      [](const Folder&) {},
      [](const Folder& f) { f.write("data.yaml", "a: 1\nb: [x, 2.50]\n"); },
      [](const Folder& f) { f.write("x/y/other.json", "{\"deep\": [1, null]}"); },
      [](const Folder& f) { f.write("x/limits.yml", "low: 1\n"); },
      [](const Folder& f) {
        f.write("a.json", "{\"k\": {\"first\": 1}}");
        f.write("b.json", "{\"k\": {\"two\": 2}}");
      },
      [](const Folder& f) { f.write("x/more.rego", "package p\n\ndenied contains \"more\"\n"); },
      [](const Folder& f) { f.write("q_test.rego", "package p\n\ndenied contains \"test\"\n"); },
      [](const Folder& f) {
        f.write("x/readme.md", "no policy");
        f.write("x/.hidden.rego", "package p\n\ndenied contains \"hidden\"\n");
      },
      [](const Folder& f) {
        static const Folder other;  // until the process ends
        other.write("more.rego", "package p\n\ndenied contains \"linked\"\n");
        other.write("n/data.json", "{\"linked\": true}");
        f.link("more.rego", other.path() + "/more.rego");
        f.link("n", other.path() + "/n");
      },
  };
  for (const auto& layout : layouts) {
    Folder folder;
    folder.write("p.rego", collecting);
    layout(folder);
    PolicyClient client(configuration_for(folder.path()));
    client.initialize();
    std::string ours = our_result(client);
    EXPECT_FALSE(ours.empty());
    EXPECT_EQ(ours, opas_result(folder.path()));
  }
}

/// As Kubernetes writes a version of a mounted ConfigMap.
void mount(const Folder& folder, int version, const std::string& rule) {
  std::string below = "..2026_" + std::to_string(version);
  folder.write(below + "/p.rego", "package p\n\nimport rego.v1\n\nresult := " + rule + "\n");
  folder.write(below + "/data.json", "{\"version\": " + std::to_string(version) + "}");
  folder.link("..data_new", below);
  fs::rename(folder.path() + "/..data_new", folder.path() + "/..data");
  folder.link("p.rego", "..data/p.rego");
  folder.link("data.json", "..data/data.json");
  if (version > 1) folder.remove("..2026_" + std::to_string(version - 1));
}

TEST(PolicyFiles, of_a_mounted_configmap_are_loaded_once_and_watched) {
  Folder folder;
  mount(folder, 1, "data.version");
  Configuration configuration = configuration_for(folder.path());
  configuration.reload = std::chrono::milliseconds(5);
  PolicyClient client(configuration);
  client.initialize();
  EXPECT_EQ(our_result(client), "1");
  for (int version = 2; version < 6; ++version) {
    mount(folder, version, "data.version");
    for (int i = 0; i < 500 && our_result(client) != std::to_string(version); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(our_result(client), std::to_string(version));
  }
}

struct Change {
  const char* name;
  void (*make)(const Folder& folder);
  bool accepted;
  const char* decision;  // of p, which is 2 before
  const char* other;     // of q, which is {"v":"one"} before
  const char* problem;   // a part of what is reported; "" for nothing
};

const Change changes[] = {
    {"nothing", [](const Folder&) {}, false, "2", "{\"v\":\"one\"}", ""},
    {"one_good", [](const Folder& f) { f.write("p.rego", "package p\n\nresult := 3\n"); }, true,
     "3", "{\"v\":\"one\"}", ""},
    {"one_bad", [](const Folder& f) { f.write("p.rego", "package p\n\nresult := {\n"); }, false,
     "2", "{\"v\":\"one\"}", "p.rego"},
    {"one_bad_one_good",
     [](const Folder& f) {
       f.write("p.rego", "package p\n\nresult := no_such(1)\n");
       f.write("q.rego", "package q\n\nresult := {\"v\": \"two\"}\n");
     },
     true, "2", "{\"v\":\"two\"}", "p.rego"},
    {"a_package_renamed", [](const Folder& f) { f.write("q.rego", "package z\n\nresult := 1\n"); },
     false, "2", "{\"v\":\"one\"}", "q"},
    {"a_file_renamed",
     [](const Folder& f) {
       f.remove("q.rego");
       f.write("new.rego", "package q\n\nresult := {\"v\": \"new\"}\n");
     },
     true, "2", "{\"v\":\"new\"}", ""},
    {"a_file_gone", [](const Folder& f) { f.remove("q.rego"); }, false, "2", "{\"v\":\"one\"}",
     "q.rego"},
    {"a_helper_gone", [](const Folder& f) { f.remove("lib/lib.rego"); }, false, "2",
     "{\"v\":\"one\"}", "lib.rego"},
    {"data_gone", [](const Folder& f) { f.remove("data.json"); }, false, "2", "{\"v\":\"one\"}",
     "data.json"},
    {"data_changed", [](const Folder& f) { f.write("data.json", "{\"n\": 7}"); }, true, "8",
     "{\"v\":\"one\"}", ""},
    {"data_bad", [](const Folder& f) { f.write("data.json", "{\"n\": 7"); }, false, "2",
     "{\"v\":\"one\"}", "data.json"},
    {"data_moved",
     [](const Folder& f) {
       f.remove("data.json");
       f.write("moved.yaml", "n: 5\n");
     },
     true, "6", "{\"v\":\"one\"}", ""},
    {"another_file_bad", [](const Folder& f) { f.write("x.rego", "package x\n\ny := {\n"); }, false,
     "2", "{\"v\":\"one\"}", "x.rego"},
    {"the_folder_gone", [](const Folder& f) { fs::remove_all(f.path()); }, false, "2",
     "{\"v\":\"one\"}", "lictor-files-"},
};

class Reload : public testing::TestWithParam<Change> {};

TEST_P(Reload, keeps_what_was_good) {
  const Change& change = GetParam();
  Folder folder;
  folder.write("p.rego", "package p\n\nresult := data.lib.next(data.n)\n");
  folder.write("q.rego", "package q\n\nresult := {\"v\": \"one\"}\n");
  folder.write("lib/lib.rego", "package lib\n\nnext(n) := n + 1\n");
  folder.write("data.json", "{\"n\": 1}");
  Configuration configuration = configuration_for(folder.path());
  configuration.more_policies = {{"q", "q", Role::flags, "OPA_POLICIES", true}};
  PolicyClient client(configuration);
  client.initialize();
  std::size_t before = client.problems().size();
  change.make(folder);
  EXPECT_EQ(client.reload(), change.accepted);
  EXPECT_FALSE(client.reload());
  EXPECT_EQ(our_result(client), change.decision);
  EXPECT_EQ(client.evaluate_policy("q", "{}").decision, change.other);
  EXPECT_FALSE(client.health());  // the guide's policies are not here
  if (*change.problem == '\0') {
    EXPECT_EQ(client.problems().size(), before);
    return;
  }
  EXPECT_TRUE(has_problem(client, change.problem));
  for (const PolicyProblem& problem : client.problems())
    EXPECT_GT(problem.since.time_since_epoch().count(), 0) << problem.policy;
}

std::string name_of(const testing::TestParamInfo<Change>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Each, Reload, testing::ValuesIn(changes), name_of);

TEST(PolicyFiles, health_says_when_a_version_is_stale) {
  Folder folder;
  for (const char* name : {"resource_limits", "sla_enforcement", "feature_flags"})
    fs::copy(std::string(LICTOR_SOURCE "/policies/orchestrator/") + name + ".rego", folder.path());
  PolicyClient client(configuration_for(folder.path()));
  EXPECT_TRUE(client.initialize().empty());
  EXPECT_TRUE(client.health());
  folder.write("resource_limits.rego",
               "package neuralhive.orchestrator.resource_limits\n\nresult :=\n");
  EXPECT_FALSE(client.reload());
  EXPECT_FALSE(client.health());
  std::vector<PolicyProblem> stale = client.problems();
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_NE(stale[0].reason.find("the last good version is used"), std::string::npos);
  folder.write("other.txt", "not a policy");
  folder.write("data.json", "{}");
  client.reload();
  ASSERT_EQ(client.problems().size(), 1u);
  EXPECT_EQ(client.problems()[0].since, stale[0].since);
  EXPECT_TRUE(client.evaluate_policy("neuralhive/orchestrator/resource_limits", "{}").ok());
  fs::copy(LICTOR_SOURCE "/policies/orchestrator/resource_limits.rego", folder.path(),
           fs::copy_options::overwrite_existing);
  client.reload();
  EXPECT_TRUE(client.health());
}

TEST(PolicyFiles, that_are_pipes_or_devices_are_reported_and_hold_nothing) {
  Folder folder;
  for (const char* name : {"resource_limits", "sla_enforcement", "feature_flags"})
    fs::copy(std::string(LICTOR_SOURCE "/policies/orchestrator/") + name + ".rego", folder.path());
  PolicyClient client(configuration_for(folder.path()));
  EXPECT_TRUE(client.initialize().empty());
  ASSERT_EQ(::mkfifo((folder.path() + "/pipe.rego").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", folder.path() + "/zero.json");
  EXPECT_FALSE(client.reload());
  EXPECT_TRUE(has_problem(client, "pipe.rego"));
  EXPECT_TRUE(has_problem(client, "zero.json"));
  EXPECT_TRUE(client.evaluate_policy("neuralhive/orchestrator/resource_limits", "{}").ok());
}

/// Two values of a complete rule conflict in every evaluation: the policy would be lost.
TEST(PolicyFiles, that_conflict_in_every_evaluation_are_refused_and_reported_once) {
  Folder folder;
  for (const char* name : {"resource_limits", "sla_enforcement", "feature_flags"})
    fs::copy(std::string(LICTOR_SOURCE "/policies/orchestrator/") + name + ".rego", folder.path());
  PolicyClient client(configuration_for(folder.path()));
  EXPECT_TRUE(client.initialize().empty());
  folder.write("more.rego",
               "package neuralhive.orchestrator.resource_limits\n\n"
               "result := {\"allow\": true, \"violations\": []}\n");
  EXPECT_FALSE(client.reload());
  ASSERT_EQ(client.problems().size(), 1u);
  EXPECT_EQ(client.problems()[0].policy, "neuralhive/orchestrator/resource_limits");
  EXPECT_NE(client.problems()[0].reason.find("eval_conflict_error"), std::string::npos);
  EXPECT_NE(client.problems()[0].reason.find("stay as they are"), std::string::npos);
  EXPECT_TRUE(client.evaluate_policy("neuralhive/orchestrator/resource_limits", "{}").ok());
}

/// True once a condition holds; false if it does not within ten seconds.
bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// The watch sees a file that breaks, goes and is mended; so do the gauge and the log.
TEST(PolicyFiles, that_are_stale_are_shown_by_the_gauge_and_the_log_until_they_are_mended) {
  Folder folder;
  folder.write("p.rego", "package p\n\nresult := {\"allow\": true, \"violations\": []}\n");
  folder.write("flags.rego", "package flags\n\nresult := {}\n");
  folder.write("sla.rego", "package sla\n\nresult := {\"allow\": true, \"violations\": []}\n");
  Configuration configuration = configuration_for(folder.path());
  configuration.resource_limits = "p";
  configuration.sla_enforcement = "sla";
  configuration.feature_flags = "flags";
  configuration.reload = std::chrono::milliseconds(20);
  Observers observers;
  observers.metrics = std::make_shared<Metrics>();
  std::ostringstream lines;
  observers.logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  observers.logger->set_pattern("%v");
  std::string gauge = "lictor_policy_stale_since_seconds{policy=\"" + folder.path() + "/p.rego\"}";
  auto is_stale = [&] { return observers.metrics->scrape().find(gauge) != std::string::npos; };
  {
    PolicyClient client(configuration, observers);
    client.initialize();
    EXPECT_FALSE(is_stale());
    folder.write("p.rego", "package p\n\nresult := \n");
    EXPECT_TRUE(comes_true(is_stale));
    EXPECT_FALSE(client.health());
    folder.write("p.rego",
                 "package p\n\nresult := {\"allow\": true, \"violations\": [], \"x\": 1}\n");
    EXPECT_TRUE(comes_true([&] { return !is_stale(); }));
    EXPECT_TRUE(client.health());
    folder.remove("p.rego");
    EXPECT_TRUE(comes_true(is_stale));
    folder.write("p.rego", "package p\n\nresult := {\"allow\": true, \"violations\": []}\n");
    EXPECT_TRUE(comes_true([&] { return !is_stale(); }));
  }
  std::vector<std::size_t> counts;
  std::istringstream events(lines.str());
  for (std::string line; std::getline(events, line);) {
    nlohmann::json event = nlohmann::json::parse(line);
    if (event["event"] != "lictor_policies_stale") continue;
    for (const auto& policy : event["policies"]) {
      EXPECT_EQ(policy["policy"], folder.path() + "/p.rego");
      EXPECT_FALSE(policy["reason"].get<std::string>().empty());
      EXPECT_FALSE(policy["since"].get<std::string>().empty());
    }
    std::size_t count = event["policies"].size();
    // The watch may see a file that is being written, which is a state of its own.
    if (counts.empty() || counts.back() != count) counts.push_back(count);
  }
  EXPECT_EQ(counts, (std::vector<std::size_t>{1, 0, 1, 0}));
}

/// A file that is bad from the start has no earlier version, but is reported all the same.
TEST(PolicyFiles, that_are_bad_from_the_start_are_shown_at_once) {
  Folder folder;
  folder.write("p.rego", "package p\n\nresult := \n");
  Observers observers;
  observers.metrics = std::make_shared<Metrics>();
  PolicyClient client(configuration_for(folder.path()), observers);
  client.initialize();
  EXPECT_NE(observers.metrics->scrape().find("{policy=\"" + folder.path() + "/p.rego\"}"),
            std::string::npos);
}

TEST(PolicyFiles, are_not_read_where_a_server_decides) {
  Folder folder;
  folder.write("p.rego", "package p\n\nresult := \n");
  Observers observers;
  observers.metrics = std::make_shared<Metrics>();
  Configuration configuration = configuration_for(folder.path());
  configuration.mode = Mode::remote;
  PolicyClient client(configuration, observers);
  EXPECT_TRUE(client.initialize().empty());
  EXPECT_FALSE(client.reload());
  EXPECT_EQ(observers.metrics->scrape().find("lictor_policy_stale_since_seconds{"),
            std::string::npos);
}

}  // namespace
