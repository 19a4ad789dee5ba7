// Random configurations, whose policies answer anything: a result in which a policy that was asked
// says `allow: false` is never valid, and under fail-closed nothing else than what every role's own
// answer allows is valid.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "remote_configuration.hpp"

namespace {

using namespace lictor::validator;
using Json = nlohmann::json;
namespace fs = std::filesystem;

const char* const packages[] = {"a/limits",          "b/limits",          "a/feature_flags",
                                "b/resource_limits", "c/sla_enforcement", "flags"};

const char* const answers[] = {
    R"({"allow":true,"violations":[],"warnings":[]})",
    R"({"allow":true,"violations":[]})",
    R"({"allow":false,"violations":[{"rule":"r","severity":"low","msg":"m"}],"warnings":[]})",
    R"({"allow":false,"violations":[]})",
    R"({"allow":true,"violations":[{"rule":"r","severity":"odd"}]})",
    R"({"allow":true,"violations":["text",7,null]})",
    R"({"allow":"false","violations":[]})",
    R"({"allow":null,"violations":[]})",
    R"({"allow":false})",
    R"({"allow":true})",
    R"({"allow":true,"violations":{}})",
    R"({"violations":[]})",
    R"({})",
    R"([])",
    R"("allow")",
    R"({"enable_auto_scaling":true})",
    R"({"enable_auto_scaling":true,"allow":false})",
    R"({"enable_auto_scaling":true,"allow":true})",
    R"({"enable_auto_scaling":true,"nested":{"allow":false}})",
    R"({"Allow":true,"zzz":"\"allow\":false"})",
};

template <typename T, std::size_t N>
const T& pick(std::mt19937& random, const T (&items)[N]) {
  return items[random() % N];
}

/// What a policy of each role may answer, stated apart from the validator.
bool fits(Role role, const Json& answer) {
  if (!answer.is_object()) return false;
  if (role == Role::flags) return !answer.contains("allow") && !answer.contains("violations");
  return answer.contains("allow") && answer["allow"].is_boolean() &&
         answer.contains("violations") && answer["violations"].is_array();
}

bool denies(const Json& answer) {
  if (!answer.is_object()) return false;
  Json violations = answer.value("violations", Json());
  return answer.value("allow", Json()) == false || (violations.is_array() && !violations.empty());
}

struct World {
  Configuration configuration;
  std::map<std::string, std::string> answers;  // of all packages
};

World make_world(std::mt19937& random) {
  World out;
  for (const char* package : packages)
    out.answers[package] = random() % 2 == 0 ? answers[random() % 2] : pick(random, answers);
  if (random() % 2 == 0) out.answers["flags"] = R"({"enable_auto_scaling":true})";
  out.configuration.resource_limits = pick(random, packages);
  out.configuration.sla_enforcement = pick(random, packages);
  out.configuration.feature_flags = random() % 2 == 0 ? "flags" : pick(random, packages);
  out.configuration.fail_open = random() % 2 == 0;
  return out;
}

/// Whether the configured policies let a subject pass, stated apart from the validator.
bool expected_valid(const World& world, Subject subject) {
  bool out = true;
  for (const ConfiguredPolicy& policy : configured_policies(world.configuration)) {
    if (subject == Subject::plan && !policy.checks_plans) continue;
    Json answer = Json::parse(world.answers.at(policy.package));
    bool allows =
        policy.role == Role::flags ||
        (fits(policy.role, answer) && answer["allow"] == true && answer["violations"].empty());
    bool unchecked = !fits(policy.role, answer);
    out = out && !denies(answer) && (unchecked ? world.configuration.fail_open : allows);
  }
  return out;
}

/// True for a configuration that gives one policy two roles, which no client may take.
bool is_refused(const World& world) {
  std::vector<ConfiguredPolicy> all = configured_policies(world.configuration);
  bool out = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) out = out || all[i].package == all[j].package;
  }
  EXPECT_EQ(out, check_configuration(world.configuration).has_value());
  if (out) {
    EXPECT_THROW(PolicyClient client(world.configuration), std::invalid_argument);
  }
  return out;
}

void check(const World& world, PolicyClient& client) {
  PolicyValidator validator(client);
  for (Subject subject : {Subject::plan, Subject::ticket}) {
    const char* document = R"({"risk_band":"low","sla":{"timeout_ms":60000},"tasks":[]})";
    ValidationResult result = subject == Subject::plan
                                  ? validator.validate_cognitive_plan(document)
                                  : validator.validate_execution_ticket(document);
    std::string text = to_json_text(result);
    for (const ConfiguredPolicy& policy : configured_policies(world.configuration))
      text += "\n" + policy.name + " " + policy.package + " " + world.answers.at(policy.package);
    EXPECT_EQ(result.valid, expected_valid(world, subject)) << text;
    for (const auto& [name, decision] : result.policy_decisions) {
      EXPECT_FALSE(result.valid && denies(Json::parse(decision))) << text;
    }
  }
}

bool has_problem(const std::vector<PolicyProblem>& problems, const std::string& variable) {
  return std::any_of(problems.begin(), problems.end(),
                     [&](const PolicyProblem& problem) { return problem.policy == variable; });
}

TEST(Verdict, holds_in_process_whatever_is_configured) {
  std::mt19937 random(1);
  fs::path folder = fs::temp_directory_path() / ("lictor-verdict-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  for (int i = 0; i < 120; ++i) {
    World world = make_world(random);
    world.configuration.policies = folder.string();
    world.configuration.reload = std::chrono::milliseconds(0);
    int number = 0;
    for (const auto& [package, answer] : world.answers) {
      std::string path = package;
      std::replace(path.begin(), path.end(), '/', '.');
      std::ofstream(folder / ("p" + std::to_string(number++) + ".rego"))
          << "package " << path << "\n\nresult := " << answer << "\n";
    }
    if (is_refused(world)) continue;
    PolicyClient client(world.configuration);
    std::vector<PolicyProblem> problems = client.initialize();
    for (const ConfiguredPolicy& policy : configured_policies(world.configuration)) {
      if (!fits(policy.role, Json::parse(world.answers.at(policy.package)))) {
        EXPECT_TRUE(has_problem(problems, policy.variable)) << policy.variable;
      }
    }
    check(world, client);
  }
  fs::remove_all(folder);
}

TEST(Verdict, holds_for_a_server_whatever_is_configured) {
  std::mt19937 random(2);
  for (int i = 0; i < 100; ++i) {
    World world = make_world(random);
    lictor::tests::FakeOpa server;
    std::map<std::string, std::string> bodies;
    for (const auto& [package, answer] : world.answers)
      bodies["/" + package + "/result"] = "{\"result\":" + answer + "}";
    server.set_bodies(bodies);
    Configuration configuration = lictor::tests::remote_configuration(server.port());
    configuration.breaker_enabled = false;
    configuration.resource_limits = world.configuration.resource_limits;
    configuration.sla_enforcement = world.configuration.sla_enforcement;
    configuration.feature_flags = world.configuration.feature_flags;
    configuration.fail_open = world.configuration.fail_open;
    world.configuration = configuration;
    if (is_refused(world)) continue;
    PolicyClient client(configuration);
    client.initialize();
    check(world, client);
    check(world, client);  // from the cache, where it keeps anything
  }
}

TEST(Verdict, an_answer_without_a_verdict_is_counted_as_an_error_and_not_cached) {
  lictor::tests::FakeOpa server;
  Configuration configuration = lictor::tests::remote_configuration(server.port());
  configuration.breaker_threshold = 100;
  PolicyClient client(configuration);
  client.initialize();
  const char* policy = "neuralhive/orchestrator/resource_limits";
  int failures = 0;
  for (const char* body : {R"({"result":{}})", R"({"result":[]})", R"({"result":{"allow":true}})",
                           R"({"result":{"allow":1,"violations":[]}})"}) {
    std::string input = R"({"resource":{"risk_band":)" + std::to_string(++failures) + "}}";
    server.set_bodies({{"/resource_limits/result", body}});
    EXPECT_FALSE(client.evaluate_policy(policy, input).ok()) << body;
    EXPECT_EQ(client.get_circuit_breaker_state().failure_count, 1) << body;
    std::string text = client.metrics().scrape();
    for (std::string line :
         {"opa_errors_total{error_type=\"evaluation_error\"} ",
          "opa_evaluations_total{policy=\"resource_limits\",source=\"remote\",status=\"error\"} "})
      EXPECT_NE(text.find(line + std::to_string(failures)), std::string::npos) << text;
    server.set_bodies({});
    EXPECT_EQ(client.evaluate_policy(policy, input).source, Source::remote) << "was cached";
    EXPECT_EQ(client.get_circuit_breaker_state().failure_count, 0) << body;
  }
}

}  // namespace
