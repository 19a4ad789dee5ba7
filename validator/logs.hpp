// Events as JSON objects, one a line, to a logger of the host's. Without one nothing is written.
// Each has a timestamp. The pattern of the logger should be "%v", so that its lines are JSON. Safe
// for many threads if the logger is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "document_ids.hpp"
#include "lictor/validator/circuit_breaker.hpp"
#include "lictor/validator/evaluation.hpp"
#include "lictor/validator/result.hpp"
#include "local_policies.hpp"

namespace spdlog {
class logger;
}

namespace lictor::validator {

class Logs {
 public:
  explicit Logs(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

  /// opa_evaluation: ticket_id and plan_id if the document has them, policy_path, duration_ms,
  /// cache_hit, source, and result or error.
  void evaluated(const std::string& package, const Evaluation& evaluation,
                 const DocumentIds& ids) const {
    if (logger_) write_evaluated(package, evaluation, ids);
  }
  /// lictor_validation, of all that is not valid: the ids, subject, outcome, valid, document_bytes,
  /// violations (policy and rule of the first 20) and their number, and the policies unchecked.
  void validated(Subject subject, Outcome outcome, const ValidationResult& result,
                 std::string_view document) const {
    if (logger_ && outcome != Outcome::valid) write_validated(subject, outcome, result, document);
  }
  /// opa_circuit_breaker_state_change: old_state, new_state, failure_count.
  void breaker_changed(const CircuitBreaker::Change& change, int failures) const;
  /// lictor_policies_loaded or lictor_policies_refused: problems.
  void policies_loaded(bool accepted, const std::vector<PolicyProblem>& problems) const;
  /// lictor_policies_stale: policies, each with policy, since and reason; empty: none is any
  /// longer.
  void policies_stale(const std::vector<StalePolicy>& stale) const;

 private:
  void write_evaluated(const std::string& package, const Evaluation& evaluation,
                       const DocumentIds& ids) const;
  void write_validated(Subject subject, Outcome outcome, const ValidationResult& result,
                       std::string_view document) const;

  std::shared_ptr<spdlog::logger> logger_;
};

/// A time as 2024-11-16T10:30:00.123Z.
std::string timestamp(std::chrono::system_clock::time_point time);

/// The logger for a LICTOR_LOG_LEVEL, which writes to standard error; null for "off".
std::shared_ptr<spdlog::logger> make_logger(const std::string& level);

}  // namespace lictor::validator
