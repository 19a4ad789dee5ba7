// Tickets and plans of an attacker: fields of every type, absent, twice, escaped, too large, beside
// names of the request around them, in texts that are no JSON. The reasons of a rejection are
// compared with the rules as they are stated here; whole results among the engine, a real OPA, a
// server that decides with the engine, and both fallbacks. Without a server none passes.
// LICTOR_TICKETS=N tries N tickets.
#include <gtest/gtest.h>

#include <cstdlib>
#include <lictor/lictor.hpp>
#include <lictor/load.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "fake_opa.hpp"
#include "folder.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"
#include "remote_configuration.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::Folder;
using Json = nlohmann::json;
using Names = std::set<std::string>;

constexpr std::int64_t now = 1700000000000;
constexpr double largest = 9007199254740991;
constexpr std::size_t most_bytes = 100000;
constexpr int most_levels = 64;

// ---- The rules, stated apart from the policies ----

struct Band {
  double timeout, retries;
  Names modes, consistencies, priorities;
};

const std::map<std::string, Band> bands{
    {"critical", {7200000, 5, {"EXACTLY_ONCE"}, {"STRONG"}, {"CRITICAL"}}},
    {"high", {3600000, 3, {"EXACTLY_ONCE"}, {"STRONG"}, {"CRITICAL", "HIGH"}}},
    {"medium",
     {1800000, 2, {"AT_LEAST_ONCE"}, {"STRONG", "EVENTUAL"}, {"CRITICAL", "HIGH", "NORMAL"}}},
    {"low",
     {900000,
      1,
      {"AT_LEAST_ONCE", "AT_MOST_ONCE"},
      {"STRONG", "EVENTUAL", "WEAK"},
      {"CRITICAL", "HIGH", "NORMAL", "LOW"}}}};

const Names capabilities{"code_generation", "deployment", "testing", "validation"};

const Json* find(const Json& object, const std::string& name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? &*found : nullptr;
}

bool are_allowed(const Json& values, const Names& allowed) {
  return std::all_of(values.begin(), values.end(), [&](const Json& value) {
    return value.is_string() && allowed.contains(value.get<std::string>());
  });
}

/// What the rules say of one document: "rule field" for each violation.
class Rules {
 public:
  Rules(const Json& given, Subject subject, const Json& host_context)
      : given_(given), is_plan_(subject == Subject::plan) {
    check_types();
    if (is_plan_) take_tasks();
    check_amounts(host_context);
    check_band();
  }

  const Names& reasons() const { return reasons_; }

 private:
  void say(const std::string& rule, const std::string& field) {
    reasons_.insert(rule + " " + field);
  }
  void say_if(bool is_wrong, const std::string& rule, const std::string& field) {
    if (is_wrong) say(rule, field);
  }

  void check_types() {
    for (const char* field : {"sla", "qos", "context", "flags"}) {
      const Json* found = find(given_, field);
      say_if(found && !found->is_object(), "invalid_field", field);
    }
    for (const char* field : {"risk_band", "priority"}) {
      const Json* found = find(given_, field);
      say_if(found && !found->is_string(), "invalid_field", field);
    }
  }

  /// A number that is there, even one out of range; what is no amount is said.
  std::optional<double> amount(const Json& object, const std::string& name,
                               const std::string& field) {
    const Json* found = find(object, name);
    if (!found) return std::nullopt;
    bool is_amount =
        found->is_number() && found->get<double>() >= 0 && found->get<double>() <= largest;
    say_if(!is_amount, "invalid_field", field);
    if (!found->is_number()) return std::nullopt;
    return found->get<double>();
  }

  /// A plan needs the longest of its tasks' times. Its own is kept if it is no number from 0 up.
  static void derive(Json& object, const char* field, const std::vector<double>& of_tasks) {
    const Json* own = find(object, field);
    bool counts = own == nullptr || (own->is_number() && own->get<double>() >= 0);
    if (!counts || of_tasks.empty()) return;
    double longest = *std::max_element(of_tasks.begin(), of_tasks.end());
    object[field] = std::max(own ? own->get<double>() : 0, longest);
  }

  void take_tasks() {
    const Json* tasks = find(given_, "tasks");
    if (!tasks) return;
    if (!tasks->is_array()) return say("invalid_field", "tasks");
    std::vector<double> timeouts, estimates;
    Json needed = Json::array();
    for (std::size_t i = 0; i < tasks->size(); ++i) {
      const Json& task = (*tasks)[i];
      std::string prefix = "tasks[" + std::to_string(i) + "]";
      if (!task.is_object()) {
        say("invalid_field", prefix);
        continue;
      }
      if (auto value = amount(task, "timeout_ms", prefix + ".timeout_ms"))
        timeouts.push_back(*value);
      if (auto value = amount(task, "estimated_duration_ms", prefix + ".estimated_duration_ms"))
        estimates.push_back(*value);
      const Json* list = find(task, "required_capabilities");
      if (list && list->is_array()) needed.insert(needed.end(), list->begin(), list->end());
      say_if(list && (!list->is_array() || list->size() > 1000), "invalid_field",
             prefix + ".required_capabilities");
    }
    Json sla = given_.value("sla", Json::object());
    if (sla.is_object()) {
      derive(sla, "timeout_ms", timeouts);
      if (!sla.empty()) given_["sla"] = sla;
    }
    derive(given_, "estimated_duration_ms", estimates);
    take_capabilities(needed);
  }

  void take_capabilities(const Json& needed) {
    const Json* own = find(given_, "required_capabilities");
    if (needed.empty() || (own && !own->is_array())) return;
    std::set<Json> all(needed.begin(), needed.end());
    if (own) all.insert(own->begin(), own->end());
    given_["required_capabilities"] = all;
  }

  void check_amounts(const Json& host_context) {
    Json sla = given_.value("sla", Json::object()), context = given_.value("context", Json());
    if (!context.is_object()) context = Json::object();
    if (const Json* total = find(given_, "total_tickets")) context["total_tickets"] = *total;
    context.update(host_context);
    timeout_ = amount(sla, "timeout_ms", "sla.timeout_ms");
    retries_ = amount(sla, "max_retries", "sla.max_retries");
    std::optional<double> deadline = amount(sla, "deadline", "sla.deadline");
    std::optional<double> estimate =
        amount(given_, "estimated_duration_ms", "estimated_duration_ms");
    std::optional<double> total = amount(context, "total_tickets", "context.total_tickets");
    say_if(total > 100, "concurrent_tickets_limit", "context.total_tickets");
    say_if(deadline && *deadline < now, "deadline_in_past", "sla.deadline");
    say_if(deadline && *deadline - now > 604800000, "deadline_too_far", "sla.deadline");
    say_if(estimate && (*estimate < 1000 || (timeout_ && *estimate >= *timeout_)),
           "estimated_duration_unrealistic", "estimated_duration_ms");
    say_if(estimate && timeout_ && *timeout_ < 1.5 * *estimate, "timeout_insufficient",
           "sla.timeout_ms");
    check_capabilities();
  }

  void check_capabilities() {
    const Json* list = find(given_, "required_capabilities");
    if (!list) return;
    bool is_valid = list->is_array() && list->size() <= 1000;
    say_if(!is_valid, "invalid_field", "required_capabilities");
    say_if(is_valid && !are_allowed(*list, capabilities), "capabilities_not_allowed",
           "required_capabilities");
  }

  void check_qos(const char* field, const Names& allowed, bool has_band) {
    const Json qos = given_.value("qos", Json());
    const Json* value = find(qos, field);
    if (!value) return;
    std::string name = std::string("qos.") + field;
    bool is_list = value->is_array();
    bool is_valid =
        value->is_string() || (is_list && value->size() <= 100 &&
                               std::all_of(value->begin(), value->end(),
                                           [](const Json& item) { return item.is_string(); }));
    say_if(!is_valid, "invalid_field", name);
    bool fits = is_list ? !value->empty() && are_allowed(*value, allowed)
                        : are_allowed(Json::array({*value}), allowed);
    say_if(has_band && !fits, "qos_mismatch_risk_band", name);
  }

  void check_band() {
    Json risk_band = given_.value("risk_band", Json());
    bool is_known = risk_band.is_string() && bands.contains(risk_band.get<std::string>());
    say_if(!is_known, "risk_band_unknown", "");
    const Band band = is_known ? bands.at(risk_band.get<std::string>()) : Band{};
    check_qos("delivery_mode", band.modes, is_known);
    check_qos("consistency", band.consistencies, is_known);
    if (!is_known) return;
    say_if(timeout_ > band.timeout, "timeout_exceeds_maximum", "sla.timeout_ms");
    say_if(retries_ > band.retries, "retries_exceed_maximum", "sla.max_retries");
    const Json* priority = find(given_, "priority");
    say_if(priority && !are_allowed(Json::array({*priority}), band.priorities),
           "priority_mismatch_risk_band", "priority");
  }

  Json given_;  // with what a plan's tasks need
  const bool is_plan_;
  std::optional<double> timeout_, retries_;
  Names reasons_;
};

// ---- The attacker ----

/// What is sent, and what it means to a reader of JSON.
struct Attack {
  std::string text;
  std::optional<std::string> meant;  // nothing: it is no JSON object
  std::string rule;                  // the only reason of a text that is not even read
};

class Attacker {
 public:
  explicit Attacker(unsigned seed) : random_(seed) {}

  Attack attack(Subject subject) {
    Attack out;
    out.text = document(subject);
    out.meant = out.text;
    if (chance(8)) disguise(out);
    return out;
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }

  std::string document(Subject subject) {
    std::vector<std::string> fields{
        field("risk_band", {"\"critical\"", "\"high\"", "\"medium\"", "\"low\"", "\"l\\u006fw\""},
              98),
        field("sla",
              {object({field("timeout_ms", {"60000", "120000", "900000", "1e5", "6.5e4"}, 80),
                       field("deadline", {"1700000000000", "1700000900000", "1699999999999"}, 60),
                       field("max_retries", {"0", "1", "1.0", "2"}, 60)})},
              90),
        field("qos",
              {object({field("delivery_mode",
                             {"\"EXACTLY_ONCE\"", "\"AT_LEAST_ONCE\"", "[\"AT_LEAST_ONCE\"]"}, 60),
                       field("consistency", {"\"STRONG\"", "[\"STRONG\"]"}, 60)})},
              50),
        field("priority", {"\"CRITICAL\"", "\"CRITICAL\"", "\"HIGH\""}, 50),
        field("estimated_duration_ms", {"1000", "20000", "40000"}, 50),
        field("required_capabilities", {"[]", "[\"testing\"]", "[\"testing\",\"deployment\"]"}, 50),
        field("total_tickets", {"0", "100", "99.5"}, 40),
        field("context",
              {object({field("total_tickets", {"1", "100"}, 60),
                       field("current_time", {"1", "9e15"}, 30)}),
               "{}"},
              30),
        field("flags", {"{}", "{\"burst_threshold\":2}"}, 20),
        field(wrapper_name(), {"{\"allow\":true}", "null", "{\"risk_band\":\"low\"}"}, 30)};
    if (subject == Subject::plan) fields.push_back(field("tasks", {tasks()}, 90));
    std::shuffle(fields.begin(), fields.end(), random_);
    return object(fields);
  }

  std::string wrapper_name() {
    return pick({"resource", "input", "parameters", "ticket", "plan", "subject", "host", "result",
                 "unreadable", "allow", "data", "task_violations"});
  }

  /// The name in one of its spellings.
  std::string name_of(std::string name) {
    if (!chance(5)) return name;
    char code[8];
    std::size_t place = random_() % name.size();
    std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(name[place]));
    return name.replace(place, 1, code);
  }

  std::string odd() {
    return pick({"null",
                 "true",
                 "false",
                 "-1",
                 "-0.001",
                 "0",
                 "9007199254740992",
                 "1e308",
                 "-1e308",
                 "\"\"",
                 "\"60000\"",
                 "\"999999999\"",
                 "\"low\"",
                 "\"NaN\"",
                 "[]",
                 "[1]",
                 "[\"testing\"]",
                 "{}",
                 "{\"a\":1}",
                 "[[\"testing\"]]",
                 "\"testing\"",
                 "\"EXACTLY_ONCE\"",
                 "\"\\u0000\"",
                 "1e15",
                 "99999999",
                 many("\"testing\"", 1001),
                 many("\"STRONG\"", 101)});
  }

  std::string many(const std::string& item, int count) {
    std::string out = "[" + item;
    for (int i = 1; i < count; ++i) out += "," + item;
    return out + "]";
  }

  std::string member(const std::string& name, const std::string& value) {
    return "\"" + name_of(name) + "\":" + value;
  }

  /// A member, or none, or the same name twice, of which the last counts.
  std::string field(const std::string& name, const std::vector<std::string>& values,
                    unsigned percent) {
    if (!chance(percent)) return "";
    std::string out = member(name, chance(6) ? odd() : pick(values));
    if (!chance(3)) return out;
    std::string other = member(name, odd());
    return chance(50) ? out + "," + other : other + "," + out;
  }

  std::string object(const std::vector<std::string>& fields) {
    std::string out;
    for (const std::string& item : fields) {
      if (!item.empty()) out += (out.empty() ? "" : chance(10) ? " ,\n" : ",") + item;
    }
    return "{" + out + "}";
  }

  std::string tasks() {
    std::string out;
    for (std::size_t i = random_() % 4; i > 0; --i) {
      std::string task = chance(3)
                             ? odd()
                             : object({field("timeout_ms", {"30000", "60000"}, 80),
                                       field("estimated_duration_ms", {"1000", "20000"}, 60),
                                       field("required_capabilities", {"[\"testing\"]"}, 50)});
      out += (out.empty() ? "" : ",") + task;
    }
    return "[" + out + "]";
  }

  /// The document with a member more, which no rule reads.
  static std::string with_member(const std::string& text, const std::string& value) {
    return "{\"note\":" + value + (text == "{}" ? "}" : "," + text.substr(1));
  }

  /// Another encoding, size or depth, or what is no JSON at all.
  void disguise(Attack& out) {
    std::string& text = out.text;
    switch (random_() % 11) {
      case 0:  // a byte that is no UTF-8 reads as U+FFFD
        text = with_member(text, "\"\xff\"");
        break;
      case 1:
        text = "\r\n\t " + text + " \n";
        break;
      case 2:
        text = with_member(text, "\"" + std::string(most_bytes, 'x') + "\"");
        out.rule = "document_too_large";
        break;
      case 3:
        text = with_member(text, std::string(most_levels, '[') + std::string(most_levels, ']'));
        out.rule = "document_too_deep";
        break;
      case 4:
        text = with_member(text,
                           std::string(most_levels - 1, '[') + std::string(most_levels - 1, ']'));
        break;
      case 5:
        text = with_member(text, "\"" + std::string(2 * most_levels, '[') + "\"");
        break;
      default:
        out.meant.reset();
        text = no_json(text);
    }
  }

  std::string no_json(const std::string& text) {
    std::string wide = "\xff\xfe";
    for (char c : text) wide += std::string{c, '\0'};
    switch (random_() % 8) {
      case 0:
        return "\xef\xbb\xbf" + text;
      case 1:
        return wide;
      case 2:
        return text + "}";
      case 3:
        return text + text;
      case 4:
        return text.substr(0, random_() % text.size());
      case 5:
        return "[" + text + "]";
      case 6:
        return text + std::string(1, '\0');
      default:
        return with_member(text, pick({"NaN", "'x'", "01", "\"\n\"", "Infinity", "+1", ".5"}));
    }
  }

  std::mt19937 random_;
};

// ---- Who decides ----

/// Answers as OPA does, with decisions of the engine.
class EngineServer {
 public:
  EngineServer() : listener_([this](int socket) { serve(socket); }) {
    lictor::Engine engine;
    EXPECT_TRUE(lictor::load_paths({policies}, lictor::Contents::all, engine).empty());
    for (const char* name : {"resource_limits", "sla_enforcement", "feature_flags"}) {
      std::string path = std::string("neuralhive/orchestrator/") + name + "/result";
      evaluators_.emplace(path, *engine.compile(path));
    }
  }
  std::uint16_t port() const { return listener_.port(); }

  static inline const std::string policies = LICTOR_SOURCE "/policies/orchestrator";

 private:
  void serve(int socket) {
    std::string rest;
    for (;;) {
      std::string request = lictor::tests::read_request(socket, rest);
      if (request.empty()) return;
      std::string body = answer(request);
      if (!lictor::tests::send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: " +
                                               std::to_string(body.size()) + "\r\n\r\n" + body))
        return;
    }
  }

  /// POST /v1/data/PACKAGE/result with {"input": INPUT}.
  std::string answer(const std::string& request) {
    constexpr std::string_view root = "/v1/data/";
    std::size_t begin = request.find(root) + root.size();
    std::string path = request.substr(begin, request.find_first_of(" ?", begin) - begin);
    std::string_view body = std::string_view(request).substr(request.find("\r\n\r\n") + 4);
    std::lock_guard lock(mutex_);
    auto evaluator = evaluators_.find(path);
    std::string decision;
    std::string_view input = body.substr(9, body.size() - 10);
    bool failed = evaluator == evaluators_.end() || evaluator->second.decide(input, decision);
    return failed || decision.empty() ? "{}" : "{\"result\":" + decision + "}";
  }

  std::mutex mutex_;
  std::map<std::string, lictor::Evaluator> evaluators_;
  lictor::tests::Listener listener_;
};

Configuration configuration_for(Mode mode, std::uint16_t port, const std::string& policies) {
  Configuration out = lictor::tests::remote_configuration(port);
  out.mode = mode;
  out.policies = policies;
  out.attempt_timeout = std::chrono::seconds(20);
  out.document_bytes = most_bytes;
  out.document_depth = most_levels;
  out.violations = 2000;  // a list of 1,001 wrong tasks is within the bounds
  return out;
}

struct Decider {
  explicit Decider(const Configuration& configuration) : client(configuration), validator(client) {
    client.initialize();
  }

  ValidationResult check(Subject subject, const std::string& text, const CallOptions& options) {
    return subject == Subject::plan ? validator.validate_cognitive_plan(text, now, options)
                                    : validator.validate_execution_ticket(text, now, options);
  }

  PolicyClient client;
  PolicyValidator validator;
};

/// A result without its times.
std::string timeless(ValidationResult result) {
  result.evaluated_at = {};
  result.evaluation_duration_ms = 0;
  return to_json_text(result);
}

Names reasons_of(const ValidationResult& result) {
  Names out;
  for (const Violation& violation : result.violations)
    out.insert(violation.rule_name + " " + violation.field.value_or(""));
  return out;
}

Names expected_reasons(const Attack& attack, Subject subject, const Json& host_context) {
  if (!attack.rule.empty()) return {attack.rule + " "};
  if (!attack.meant) return {"malformed "};
  return Rules(Json::parse(*attack.meant), subject, host_context).reasons();
}

/// Each violation says what an operator needs to act: who, which rule, which field, why.
void check_texts(const ValidationResult& result) {
  for (const Violation& violation : result.violations) {
    EXPECT_FALSE(violation.policy_name.empty());
    EXPECT_FALSE(violation.message.empty());
    bool is_about_a_field = violation.policy_name != "validator";
    EXPECT_TRUE(!is_about_a_field || (violation.field && violation.actual)) << to_json_text(result);
  }
}

/// Without a server every rejection names what failed, beside what is wrong with the document.
void check_unchecked(const ValidationResult& result, const std::string& where) {
  EXPECT_FALSE(result.valid);
  ASSERT_FALSE(result.violations.empty());
  for (const Violation& violation : result.violations) {
    bool is_server = violation.rule_name == "policy_unavailable";
    EXPECT_TRUE(is_server || violation.policy_name == "validator") << violation.rule_name;
    EXPECT_TRUE(!is_server || violation.message.find(where) != std::string::npos)
        << violation.message;
  }
}

int count_of_tickets() {
  const char* text = std::getenv("LICTOR_TICKETS");
  return text ? std::atoi(text) : 3000;
}

TEST(Tickets, are_rejected_for_what_the_rules_say_here_and_there) {
  auto opa = lictor::cli::OpaProcess::start(LICTOR_OPA, {EngineServer::policies}, false);
  ASSERT_TRUE(opa) << opa.error().render();
  EngineServer engine;
  Folder empty;
  std::uint16_t nowhere = lictor::cli::free_port();
  Decider local(configuration_for(Mode::local, nowhere, EngineServer::policies));
  Decider fallback(configuration_for(Mode::fallback, nowhere, EngineServer::policies));
  std::vector<std::unique_ptr<Decider>> others;
  for (std::uint16_t port : {opa->port(), engine.port()})
    others.push_back(
        std::make_unique<Decider>(configuration_for(Mode::remote, port, empty.path())));
  others.push_back(
      std::make_unique<Decider>(configuration_for(Mode::fallback, opa->port(), empty.path())));
  Configuration down = configuration_for(Mode::remote, nowhere, EngineServer::policies);
  down.breaker_enabled = false;
  Decider unserved(down);
  Attacker attacker(1);
  int valid = 0, rejected = 0;
  for (int i = 0; i < count_of_tickets(); ++i) {
    Subject subject = i % 3 == 0 ? Subject::plan : Subject::ticket;
    Attack attack = attacker.attack(subject);
    CallOptions options;
    Json host = Json::object();
    if (i % 5 == 0) host["total_tickets"] = i % 2 == 0 ? 101 : 7;
    if (i % 5 == 0) options.host.context = host.dump();
    SCOPED_TRACE(attack.text.substr(0, 2000));
    ValidationResult here = local.check(subject, attack.text, options);
    EXPECT_EQ(reasons_of(here), expected_reasons(attack, subject, host)) << to_json_text(here);
    EXPECT_EQ(here.valid, here.violations.empty());
    check_texts(here);
    EXPECT_EQ(timeless(fallback.check(subject, attack.text, options)), timeless(here));
    if (i % 4 == 0) {
      for (auto& other : others)
        EXPECT_EQ(timeless(other->check(subject, attack.text, options)), timeless(here));
      check_unchecked(unserved.check(subject, attack.text, options), std::to_string(nowhere));
    }
    ASSERT_FALSE(HasFailure());
    ++(here.valid ? valid : rejected);
  }
  EXPECT_GT(valid, count_of_tickets() / 20);
  EXPECT_GT(rejected, count_of_tickets() / 20);
}

TEST(Tickets, are_rejected_in_english_where_that_is_configured) {
  auto opa = lictor::cli::OpaProcess::start(LICTOR_OPA, {EngineServer::policies}, false);
  ASSERT_TRUE(opa) << opa.error().render();
  Configuration configuration = configuration_for(Mode::local, 1, EngineServer::policies);
  Decider portuguese(configuration);
  configuration.language = Language::english;
  Decider here(configuration);
  configuration.mode = Mode::remote;
  configuration.port = opa->port();
  Decider there(configuration);
  Attacker attacker(2);
  std::set<std::string> rules;
  for (int i = 0; i < 600; ++i) {
    Subject subject = i % 3 == 0 ? Subject::plan : Subject::ticket;
    std::string text = attacker.attack(subject).text;
    SCOPED_TRACE(text.substr(0, 2000));
    ValidationResult result = here.check(subject, text, {});
    ASSERT_EQ(timeless(there.check(subject, text, {})), timeless(result));
    ValidationResult same = portuguese.check(subject, text, {});
    ASSERT_EQ(same.violations.size(), result.violations.size());
    ASSERT_EQ(same.warnings.size(), result.warnings.size());
    for (const Violation& violation : result.violations) {
      rules.insert(violation.rule_name);
      for (const Violation& other : same.violations) ASSERT_NE(other.message, violation.message);
    }
    for (const Warning& warning : result.warnings) {
      rules.insert(warning.rule);
      for (const Warning& other : same.warnings) ASSERT_NE(other.msg, warning.msg);
    }
  }
  EXPECT_GE(rules.size(), 15u);
}

}  // namespace
