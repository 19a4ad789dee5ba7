// Asks policies for decisions: in-process, from a remote OPA, or the one with the other as
// fallback.
//
// A policy is named by its package (neuralhive/orchestrator/resource_limits); its decision is the
// package's document `result`. Calls are synchronous and return by a deadline. The order is: the
// in-process engine (modes local and fallback), then, for remote calls, the cache, the circuit
// breaker, and the server. Nothing here throws but the constructor.
//
// Threads: all calls may run side by side.
//
// Life cycle. Calls before initialize() and after close() are refused with connection errors.
// - initialize() while the client is open looks at the files again, as reload() does; after close()
//   it opens the client anew.
// - close() refuses new calls, cancels those that wait for a server (kind cancelled), waits for
//   those that are being decided, and ends the threads. Within a call (in a callback, or in a
//   logger that a call uses) it does not wait: the next close() or the destructor does. It may be
//   called at any time and by many threads.
// - The destructor closes the client; calls in flight end first. It must not run within a call.
// - fork(): the parent's clients work on. In the child, calls of a client that was made before are
//   refused with connection errors, its metrics and logger must not be used, and its destructor
//   does nothing (its memory is not freed); a client that the child makes works.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/validator/circuit_breaker.hpp"
#include "lictor/validator/configuration.hpp"
#include "lictor/validator/evaluation.hpp"
#include "lictor/validator/metrics.hpp"
#include "lictor/value.hpp"

namespace spdlog {
class logger;
}

namespace lictor::validator {

/// A policy or a file that cannot be used in-process, and why. Where an earlier version is used in
/// its place, the reason says so.
struct PolicyProblem {
  std::string
      policy;  // a package, a file, or the variable of a policy with an answer of another role
  std::string reason;
  std::chrono::system_clock::time_point since{};
};

/// Where events go. What is null is made by the client, or left out.
struct Observers {
  std::shared_ptr<Metrics> metrics;
  std::shared_ptr<spdlog::logger> logger;
};

struct CircuitBreakerStatus {
  bool enabled = true;
  BreakerState state = BreakerState::closed;
  int failure_count = 0;
  std::optional<std::chrono::system_clock::time_point> last_failure_time;
};

/// {"enabled", "state", "failure_count", "last_failure_time"}; the time is null or ISO 8601.
nlohmann::json to_json(const CircuitBreakerStatus& status);

/// A JSON document as callers have it: text, which must outlive the Document, or a parsed one.
class Document {
 public:
  Document(std::string_view text) : text_(text) {}
  Document(const std::string& text) : text_(text) {}
  Document(const char* text) : text_(text) {}
  Document(const nlohmann::json& json);

  std::string_view text() const noexcept { return written_.empty() ? text_ : written_; }

 private:
  std::string written_;
  std::string_view text_;
};

/// What the calling program knows, as JSON objects; "" for nothing. It wins over what operators
/// configure and over the ticket's own fields.
struct HostContext {
  std::string context;     // such as {"total_tickets": 40, "current_load": 0.5, "namespace": "a"}
  std::string parameters;  // such as {"allowed_capabilities": ["testing"]}
  std::string flags;       // such as {"burst_capacity_enabled": true}
};

/// How one call is made.
struct CallOptions {
  /// Of validations.
  HostContext host;
  /// From the call's begin; OPA_DEADLINE_SECONDS where that is sooner.
  std::optional<std::chrono::milliseconds> deadline;
  /// Ends the call when a stop is requested; what has no answer then has an error (cancelled).
  std::stop_token stop;
};

struct ClientParts;

/// One evaluation of a batch.
struct Question {
  std::string policy;
  std::string input;  // JSON text
};

class PolicyClient {
 public:
  /// Throws std::invalid_argument, which names each wrong setting by its variable, and
  /// std::runtime_error if the metrics cannot be served.
  explicit PolicyClient(Configuration configuration, Observers observers = {});
  ~PolicyClient();
  PolicyClient(const PolicyClient&) = delete;
  PolicyClient& operator=(const PolicyClient&) = delete;

  /// Loads the policies and starts to watch their files; returns those that cannot be used, and the
  /// variables whose policy does not answer as its role must.
  std::vector<PolicyProblem> initialize();
  void close();

  Evaluation evaluate_policy(std::string_view policy, const Document& input,
                             const CallOptions& options = {});
  /// Side by side where they are remote; answers in the order of the questions, one deadline for
  /// all.
  std::vector<Evaluation> evaluate_batch(const std::vector<Question>& questions,
                                         const CallOptions& options = {});

  /// The decisions of all policies about a subject; request.rego makes their input.
  struct Answers {
    std::chrono::steady_clock::time_point start, end;  // of the evaluation
    std::vector<Evaluation> evaluations;               // in the order of the policies
    bool is_json = true;
    std::string rule;    // of a subject that was not even read, such as document_too_large
    std::string reason;  // why, as a sentence
    bool known_band = false;
    bool delivered = false;  // every decision was passed to on_decision
  };
  /// Called with each local decision as a value, and the index of its policy, so that its text need
  /// not be parsed again. Decisions of a server come as text only.
  using OnDecision = std::function<void(std::size_t policy, const Value& decision)>;
  Answers evaluate_subject(Subject subject, const Document& document, std::int64_t now_ms,
                           const OnDecision& on_decision, const CallOptions& options = {});
  /// The policies that decide about a subject, in the order of their answers.
  const std::vector<ConfiguredPolicy>& policies_of(Subject subject) const noexcept;

  CircuitBreakerStatus get_circuit_breaker_state() const;
  /// Modes local and fallback: there are no problems(), so that all files are used as they are now.
  /// Mode remote: the server answers /health.
  bool health();
  /// The policies and files that cannot be used now, or are used in an earlier version, and since
  /// when.
  std::vector<PolicyProblem> problems() const;
  /// Looks at the policies' files now, as the watch does; true if a new version of any is used
  /// since.
  bool reload();

  const Configuration& configuration() const noexcept;
  Metrics& metrics() noexcept;
  /// Runs a task on a thread of the client (LICTOR_THREADS), or on this one while the client is not
  /// open. close() waits for it.
  void run(std::function<void()> task);
  /// Calls work(i) for each i below `count` on these threads and this one; returns when all is
  /// done.
  void run_all(std::size_t count, const std::function<void(std::size_t)>& work);
  /// What a validation shares with the client, and may use when the client is no more.
  std::shared_ptr<const ClientParts> parts() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lictor::validator
