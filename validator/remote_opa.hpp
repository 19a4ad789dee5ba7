// Requests to a remote OPA over libcurl's multi interface, all on one thread of its own with one
// pool of kept-alive connections. In: packages and inputs. Out: decisions or errors, by a deadline.
// One request: POST /v1/data/PACKAGE/result, again while the transport fails, as often as the
// number of attempts says. Redirects are not followed; answers beyond the size cap are refused.
// Safe for many threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "lictor/validator/configuration.hpp"
#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

class RemoteOpa {
 public:
  using Clock = std::chrono::steady_clock;

  struct Request {
    std::string package;  // a/b, without a slash in front
    std::string input;    // JSON text
  };

  explicit RemoteOpa(const Configuration& configuration);
  ~RemoteOpa();
  RemoteOpa(const RemoteOpa&) = delete;
  RemoteOpa& operator=(const RemoteOpa&) = delete;

  /// Runs all requests side by side, with retries; the answers stand in the order of the requests.
  /// Returns by the deadline, whatever the server does.
  std::vector<Evaluation> evaluate(const std::vector<Request>& requests,
                                   Clock::time_point deadline);
  /// True if the server answers /health with 200.
  bool health(Clock::time_point deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The pause before an attempt; the second attempt is number 2. It is `first`, then 2, 4 and 8
/// times that and no longer; `jitter` from 0 to 1 takes up to half of it away.
std::chrono::milliseconds backoff(std::chrono::milliseconds first, int attempt, double jitter);

}  // namespace lictor::validator
