// Families of metrics, with the series of each policy made once.
#include "lictor/validator/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <mutex>
#include <stdexcept>

#include "process.hpp"

namespace lictor::validator {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries buckets{0.000001, 0.0000025, 0.000005, 0.00001, 0.0001, 0.001,
                                          0.0025,   0.005,     0.01,     0.025,   0.05,   0.1,
                                          0.25,     0.5,       1.0,      2.5,     5.0,    10.0};

/// False for a call that was refused before an attempt: its time does not measure a policy or
/// server.
bool was_attempted(const Evaluation& evaluation) {
  return evaluation.ok() || (evaluation.source != Source::none && !evaluation.error->breaker_open);
}

}  // namespace

struct Metrics::Series {
  Histogram* duration = nullptr;
  Counter* success = nullptr;
  Counter* error = nullptr;
};

struct Metrics::Impl {
  explicit Impl(std::shared_ptr<prometheus::Registry> given)
      : registry(given ? std::move(given) : std::make_shared<prometheus::Registry>()),
        durations(prometheus::BuildHistogram()
                      .Name("opa_evaluation_duration_seconds")
                      .Help("Time of an evaluation")
                      .Register(*registry)),
        evaluations(counters("opa_evaluations_total", "Evaluations by policy and status")),
        errors(counters("opa_errors_total", "Evaluations that failed, by cause")),
        states(
            gauges("opa_circuit_breaker_state", "1 for the state that the circuit breaker is in")),
        cache_hits(
            counters("opa_cache_hits_total", "Decisions that were found in the cache").Add({})),
        cache_requests(
            counters("opa_cache_requests_total", "Decisions that were looked up in the cache")
                .Add({})),
        validations(counters("lictor_validations_total", "Plans and tickets by outcome")),
        stale_since(gauges("lictor_policy_stale_since_seconds",
                           "Since when a policy is decided by an older version than its files")) {
    for (BreakerState state : {BreakerState::closed, BreakerState::open, BreakerState::half_open})
      by_state[state] = &states.Add({{"state", state_name(state)}});
    auto counter = [&](const char* type) { return &errors.Add({{"error_type", type}}); };
    for (PolicyErrorKind kind :
         {PolicyErrorKind::connection, PolicyErrorKind::policy_not_found,
          PolicyErrorKind::evaluation, PolicyErrorKind::timeout, PolicyErrorKind::cancelled})
      by_kind[kind] = counter(kind_name(kind));
    refused = counter("circuit_breaker_open");
    for (Subject subject : {Subject::ticket, Subject::plan}) {
      for (Outcome outcome :
           {Outcome::valid, Outcome::rejected, Outcome::unchecked, Outcome::malformed})
        counter_of(subject, outcome) = &validations.Add(
            {{"subject", subject_name(subject)}, {"outcome", outcome_name(outcome)}});
    }
  }

  Counter*& counter_of(Subject subject, Outcome outcome) {
    return by_outcome[static_cast<std::size_t>(subject)][static_cast<std::size_t>(outcome)];
  }
  Family<Counter>& counters(const char* name, const char* help) const {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry);
  }
  Family<Gauge>& gauges(const char* name, const char* help) const {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry);
  }

  std::shared_ptr<prometheus::Registry> registry;
  Family<Histogram>& durations;
  Family<Counter>& evaluations;
  Family<Counter>& errors;
  Family<Gauge>& states;
  Counter& cache_hits;
  Counter& cache_requests;
  Family<Counter>& validations;
  Family<Gauge>& stale_since;
  std::map<BreakerState, Gauge*> by_state;
  std::map<PolicyErrorKind, Counter*> by_kind;
  Counter* refused = nullptr;
  std::array<std::array<Counter*, 4>, 2> by_outcome{};  // of each subject
  std::mutex mutex;
  std::map<std::string, Gauge*> stale;
  std::map<std::string, std::array<Series, 4>, std::less<>> series;  // by policy and source
  std::unique_ptr<prometheus::Exposer> exposer;
  ProcessMark process;
};

Metrics::Metrics(std::shared_ptr<prometheus::Registry> registry)
    : impl_(std::make_unique<Impl>(std::move(registry))) {
  breaker_entered(BreakerState::closed);
}
Metrics::~Metrics() {
  // A forked process has no thread that serves; waiting for its end would never return.
  if (impl_->process.is_in_child()) static_cast<void>(impl_.release());
}

Metrics::Series& Metrics::series(std::string_view policy, Source source) {
  std::lock_guard lock(impl_->mutex);
  auto at = impl_->series.find(policy);
  if (at == impl_->series.end()) at = impl_->series.try_emplace(std::string(policy)).first;
  Series& out = at->second[static_cast<std::size_t>(source)];
  if (out.duration == nullptr) {
    prometheus::Labels labels{{"policy", std::string(policy)}, {"source", source_name(source)}};
    auto with_status = [&](const char* status) {
      prometheus::Labels all = labels;
      all["status"] = status;
      return &impl_->evaluations.Add(all);
    };
    out = {&impl_->durations.Add(labels, buckets), with_status("success"), with_status("error")};
  }
  return out;
}

void Metrics::evaluated(std::string_view policy, const Evaluation& evaluation) {
  evaluated(series(policy, evaluation.source), evaluation);
}

void Metrics::evaluated(Series& series, const Evaluation& evaluation) {
  if (was_attempted(evaluation))
    series.duration->Observe(std::chrono::duration<double>(evaluation.duration).count());
  (evaluation.ok() ? series.success : series.error)->Increment();
  if (evaluation.ok()) return;
  const PolicyError& error = *evaluation.error;
  (error.breaker_open ? impl_->refused : impl_->by_kind.at(error.kind))->Increment();
}

void Metrics::cache_queried(bool hit) {
  impl_->cache_requests.Increment();
  if (hit) impl_->cache_hits.Increment();
}

void Metrics::breaker_entered(BreakerState state) {
  impl_->by_state.at(state)->Set(1);  // first, so that no scrape finds the breaker in no state
  for (auto& [other, gauge] : impl_->by_state) {
    if (other != state) gauge->Set(0);
  }
}

void Metrics::validated(Subject subject, Outcome outcome) {
  impl_->counter_of(subject, outcome)->Increment();
}

void Metrics::policies_stale(const std::vector<StalePolicy>& stale) {
  std::lock_guard lock(impl_->mutex);
  std::map<std::string, Gauge*> now;
  for (const StalePolicy& policy : stale) {
    Gauge& gauge = impl_->stale_since.Add({{"policy", policy.policy}});
    gauge.Set(std::chrono::duration<double>(policy.since.time_since_epoch()).count());
    now[policy.policy] = &gauge;
  }
  for (auto& [policy, gauge] : impl_->stale) {
    if (!now.contains(policy)) impl_->stale_since.Remove(gauge);
  }
  impl_->stale = std::move(now);
}

std::string Metrics::scrape() const {
  return prometheus::TextSerializer().Serialize(impl_->registry->Collect());
}

void Metrics::serve(std::uint16_t port, const std::string& host) {
  bool is_ipv6 = host.find(':') != std::string::npos;
  std::string address = (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  try {
    impl_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception& error) {
    throw std::runtime_error("cannot serve metrics on " + address +
                             " (LICTOR_METRICS_HOST, LICTOR_METRICS_PORT): " + error.what());
  }
  impl_->exposer->RegisterCollectable(impl_->registry);
}

}  // namespace lictor::validator
