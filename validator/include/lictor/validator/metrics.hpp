// The validator's metrics, in a registry of the host's or of its own.
// Source: the guide's names and labels; `source` (local, remote, cache, none) is added to those of
// evaluations. An evaluation that was refused before an attempt (by the breaker, a closed client,
// or because its input is not JSON) is counted, but its time is not observed. Safe for many
// threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/validator/circuit_breaker.hpp"
#include "lictor/validator/evaluation.hpp"

namespace prometheus {
class Registry;
}

namespace lictor::validator {

class Metrics {
 public:
  /// Registers opa_evaluation_duration_seconds, opa_evaluations_total, opa_errors_total,
  /// opa_circuit_breaker_state, opa_cache_hits_total, opa_cache_requests_total,
  /// lictor_validations_total and lictor_policy_stale_since_seconds. Without a registry it makes
  /// one.
  explicit Metrics(std::shared_ptr<prometheus::Registry> registry = nullptr);
  ~Metrics();

  /// What is counted of one policy and source; lives as long as the Metrics.
  struct Series;
  Series& series(std::string_view policy, Source source);

  void evaluated(std::string_view policy, const Evaluation& evaluation);
  /// As above, where the series is known already.
  void evaluated(Series& series, const Evaluation& evaluation);
  void cache_queried(bool hit);
  void breaker_entered(BreakerState state);
  void validated(Subject subject, Outcome outcome);
  /// All policies that are stale now. The series of those that no longer are is removed.
  void policies_stale(const std::vector<StalePolicy>& stale);

  /// All metrics of the registry in Prometheus' text format.
  std::string scrape() const;
  /// Serves /metrics at an IP address until destruction; 0.0.0.0 is every interface's. Throws
  /// std::runtime_error if it cannot.
  void serve(std::uint16_t port, const std::string& host = "127.0.0.1");

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lictor::validator
