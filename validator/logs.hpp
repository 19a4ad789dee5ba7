// Events as JSON objects, one a line, to a logger of the host's. Without one nothing is written.
// The pattern of the logger should be "%v", so that its lines are JSON. Safe for many threads if
// the logger is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lictor/validator/circuit_breaker.hpp"
#include "lictor/validator/evaluation.hpp"
#include "local_policies.hpp"

namespace spdlog {
class logger;
}

namespace lictor::validator {

class Logs {
 public:
  explicit Logs(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

  /// opa_evaluation: policy_path, duration_ms, cache_hit, source, and result or error.
  void evaluated(const std::string& package, const Evaluation& evaluation) const;
  /// opa_circuit_breaker_state_change: old_state, new_state, failure_count, timestamp.
  void breaker_changed(const CircuitBreaker::Change& change, int failures) const;
  /// lictor_policies_loaded or lictor_policies_refused: problems.
  void policies_loaded(bool accepted, const std::vector<PolicyProblem>& problems) const;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

/// A time as 2024-11-16T10:30:00.123Z.
std::string timestamp(std::chrono::system_clock::time_point time);

/// The logger that LICTOR_LOG_LEVEL asks for: to standard error; null for "off".
std::shared_ptr<spdlog::logger> make_logger(const std::string& level);

}  // namespace lictor::validator
