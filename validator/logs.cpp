// Writes events.
#include "logs.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

namespace lictor::validator {
namespace {

double milliseconds_of(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string text_of(const nlohmann::ordered_json& event) {
  return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::ordered_json event_of(const char* name) {
  return {{"event", name}, {"timestamp", timestamp(std::chrono::system_clock::now())}};
}

/// The event with more members, given as a JSON object.
std::string joined(const nlohmann::ordered_json& event, std::string_view members) {
  std::string out = text_of(event);
  if (members == "{}") return out;
  out.back() = ',';
  return out.append(members.substr(1));
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point time) {
  auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  std::time_t seconds = static_cast<std::time_t>(since.count() / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char day[32], out[48];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out, sizeof out, "%s.%03dZ", day, static_cast<int>(since.count() % 1000));
  return out;
}

void Logs::write_evaluated(const std::string& package, const Evaluation& evaluation,
                           const DocumentIds& ids) const {
  auto level = evaluation.ok() ? spdlog::level::info : spdlog::level::warn;
  if (!logger_->should_log(level)) return;
  nlohmann::ordered_json event = event_of("opa_evaluation");
  event["policy_path"] = package;
  event["duration_ms"] = milliseconds_of(evaluation.duration);
  event["cache_hit"] = evaluation.source == Source::cache;
  event["source"] = source_name(evaluation.source);
  if (!evaluation.ok()) {
    event["error"] = {{"type", kind_name(evaluation.error->kind)},
                      {"message", evaluation.error->message}};
    logger_->log(level, joined(event, ids.json()));
    return;
  }
  // The decision is JSON text already and is written unchanged.
  logger_->log(level, joined(event, "{\"result\":" + evaluation.decision +
                                        (ids.json() == "{}" ? "}" : "," + ids.json().substr(1))));
}

void Logs::write_validated(Subject subject, Outcome outcome, const ValidationResult& result,
                           std::string_view document) const {
  constexpr std::size_t most = 20;
  if (!logger_->should_log(spdlog::level::warn)) return;
  nlohmann::ordered_json event = event_of("lictor_validation");
  event["subject"] = subject_name(subject);
  event["outcome"] = outcome_name(outcome);
  event["valid"] = result.valid;
  event["document_bytes"] = document.size();
  event["violation_count"] = result.violations.size();
  event["violations"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < std::min(most, result.violations.size()); ++i)
    event["violations"].push_back(result.violations[i].policy_name + "." +
                                  result.violations[i].rule_name);
  event["unchecked"] = nlohmann::ordered_json::array();
  for (const Warning& warning : result.warnings) {
    if (warning.rule == "policy_unavailable") event["unchecked"].push_back(warning.policy);
  }
  for (const Violation& violation : result.violations) {
    if (violation.rule_name == "policy_unavailable")
      event["unchecked"].push_back(violation.policy_name);
  }
  logger_->warn(joined(event, DocumentIds(document, DocumentIds::Kind::subject).json()));
}

void Logs::breaker_changed(const CircuitBreaker::Change& change, int failures) const {
  if (!logger_) return;
  nlohmann::ordered_json event = event_of("opa_circuit_breaker_state_change");
  event["old_state"] = state_name(change.from);
  event["new_state"] = state_name(change.to);
  event["failure_count"] = failures;
  logger_->warn(text_of(event));
}

void Logs::policies_loaded(bool accepted, const std::vector<PolicyProblem>& problems) const {
  if (!logger_) return;
  nlohmann::ordered_json event =
      event_of(accepted ? "lictor_policies_loaded" : "lictor_policies_refused");
  event["problems"] = nlohmann::ordered_json::array();
  for (const PolicyProblem& problem : problems)
    event["problems"].push_back({{"policy", problem.policy}, {"reason", problem.reason}});
  logger_->log(problems.empty() ? spdlog::level::info : spdlog::level::warn, text_of(event));
}

void Logs::policies_stale(const std::vector<StalePolicy>& stale) const {
  if (!logger_) return;
  nlohmann::ordered_json event = event_of("lictor_policies_stale");
  event["policies"] = nlohmann::ordered_json::array();
  for (const StalePolicy& policy : stale)
    event["policies"].push_back(
        {{"policy", policy.policy}, {"since", timestamp(policy.since)}, {"reason", policy.reason}});
  logger_->log(stale.empty() ? spdlog::level::info : spdlog::level::warn, text_of(event));
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& level) {
  if (level == "off") return nullptr;
  auto out =
      std::make_shared<spdlog::logger>("lictor", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  out->set_pattern("%v");
  out->set_level(spdlog::level::from_str(level));
  return out;
}

}  // namespace lictor::validator
