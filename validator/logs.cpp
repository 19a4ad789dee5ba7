// Writes events.
#include "logs.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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

void Logs::evaluated(const std::string& package, const Evaluation& evaluation) const {
  auto level = evaluation.ok() ? spdlog::level::info : spdlog::level::warn;
  if (!logger_ || !logger_->should_log(level)) return;
  nlohmann::ordered_json event{{"event", "opa_evaluation"},
                               {"policy_path", package},
                               {"duration_ms", milliseconds_of(evaluation.duration)},
                               {"cache_hit", evaluation.source == Source::cache},
                               {"source", source_name(evaluation.source)}};
  if (evaluation.ok()) {
    // The decision is JSON text already; it keeps its spelling.
    std::string line = text_of(event);
    line.pop_back();
    logger_->log(level, line + ",\"result\":" + evaluation.decision + "}");
    return;
  }
  event["error"] = {{"type", kind_name(evaluation.error->kind)},
                    {"message", evaluation.error->message}};
  logger_->log(level, text_of(event));
}

void Logs::breaker_changed(const CircuitBreaker::Change& change, int failures) const {
  if (!logger_) return;
  nlohmann::ordered_json event{{"event", "opa_circuit_breaker_state_change"},
                               {"old_state", state_name(change.from)},
                               {"new_state", state_name(change.to)},
                               {"failure_count", failures},
                               {"timestamp", timestamp(std::chrono::system_clock::now())}};
  logger_->warn(text_of(event));
}

void Logs::policies_loaded(bool accepted, const std::vector<PolicyProblem>& problems) const {
  if (!logger_) return;
  nlohmann::ordered_json event{
      {"event", accepted ? "lictor_policies_loaded" : "lictor_policies_refused"},
      {"problems", nlohmann::ordered_json::array()}};
  for (const PolicyProblem& problem : problems)
    event["problems"].push_back({{"policy", problem.policy}, {"reason", problem.reason}});
  logger_->log(problems.empty() ? spdlog::level::info : spdlog::level::warn, text_of(event));
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
