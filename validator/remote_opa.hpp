// Requests to a remote OPA over libcurl's multi interface, all on one thread of its own with one
// pool of kept-alive connections. In: packages and inputs. Out: decisions or errors, by a deadline,
// or at once when the call is stopped.
// One request: POST /v1/data/PACKAGE/result, repeated while the transport fails, up to the
// configured number of attempts. Redirects are not followed; answers beyond the size cap are
// refused. INVARIANT: nothing that a server or a resolver does makes a call or the destructor wait
// for it. Safe for many threads.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "lictor/validator/configuration.hpp"
#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

class RemoteOpa {
 public:
  using Clock = std::chrono::steady_clock;

  /// When a call must return.
  struct Limits {
    Clock::time_point deadline;
    std::stop_token stop;     // the caller's
    std::stop_token closed;   // the client's
    bool is_callers = false;  // the deadline is the caller's, and sooner than the configured one

    bool is_stopped() const { return stop.stop_requested() || closed.stop_requested(); }
    bool is_over() const { return is_stopped() || Clock::now() >= deadline; }
  };

  struct Request {
    std::string package;  // a/b, without a slash in front
    std::string input;    // JSON text
  };

  explicit RemoteOpa(const Configuration& configuration);
  ~RemoteOpa();
  RemoteOpa(const RemoteOpa&) = delete;
  RemoteOpa& operator=(const RemoteOpa&) = delete;

  /// Runs all requests side by side, with retries; the answers are in the order of the requests.
  std::vector<Evaluation> evaluate(const std::vector<Request>& requests, const Limits& limits);
  /// What becomes of a call that its limits end.
  static Evaluation ended_by(const Limits& limits);
  /// Host and port in brackets, as all errors end.
  const std::string& where() const noexcept;
  /// True if the server answers /health with 200.
  bool health(const Limits& limits);

 private:
  class Journey;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The pause before an attempt; the second attempt is number 2. It is `first`, then 2, 4 and 8
/// times that and no longer; `jitter` from 0 to 1 takes up to half of it away.
std::chrono::milliseconds backoff(std::chrono::milliseconds first, int attempt, double jitter);

}  // namespace lictor::validator
