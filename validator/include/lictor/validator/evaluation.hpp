// The outcome of one policy on one input: its decision, or why there is none. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace lictor::validator {

/// The kind of document that a validation checks.
enum class Subject { ticket, plan };

const char* subject_name(Subject subject) noexcept;

/// The outcome of a validation.
enum class Outcome {
  valid,
  rejected,   // every policy answered, and one denied; or the document's band is unknown
  unchecked,  // a policy has no decision, whatever the fail strategy made of it
  malformed   // the document is no JSON object
};

const char* outcome_name(Outcome outcome) noexcept;

/// A policy that is decided by an older version than its files have, and why.
struct StalePolicy {
  std::string policy;  // a package
  std::string reason;
  std::chrono::system_clock::time_point since;
};

enum class PolicyErrorKind {
  connection,        // the server cannot be reached, or the circuit breaker refused the call
  policy_not_found,  // there is no such policy, or it has no `result`
  evaluation,        // the policy answered with an error, or the answer cannot be read
  timeout,           // an attempt or the whole call took too long
  cancelled          // the caller stopped the call, or closed the client
};

/// As metrics and logs spell it: connection_error, policy_not_found, evaluation_error, timeout,
/// cancelled.
const char* kind_name(PolicyErrorKind kind) noexcept;

/// The text of a connection error when the breaker refused the call.
inline constexpr const char* breaker_open_message = "Circuit breaker aberto";

struct PolicyError {
  PolicyErrorKind kind = PolicyErrorKind::connection;
  std::string message;
  bool breaker_open = false;  // refused by the circuit breaker, without a call
  bool is_answer = false;     // the policy's own answer: its evaluation ended with an error
  bool is_callers = false;    // the caller's own deadline or stop ended it
};

/// Who answered.
enum class Source { local, remote, cache, none };

const char* source_name(Source source) noexcept;

struct Evaluation {
  std::string decision;  // the document `result` as JSON text, exactly as OPA writes it
  std::optional<PolicyError> error;
  Source source = Source::none;
  std::chrono::nanoseconds duration{0};

  bool ok() const noexcept { return !error.has_value(); }
};

}  // namespace lictor::validator
