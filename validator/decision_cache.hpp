// Decisions of the remote OPA by policy and input, for a while. In: a key. Out: a decision that is
// known, the duty to make it, or a wait for the caller that makes it. Time is an argument.
// INVARIANT: errors are not kept, but those who wait for a failed call share its error. Safe for
// many threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

class DecisionCache {
 public:
  using Clock = std::chrono::steady_clock;

  /// A call in flight, shared by all callers that want the same decision meanwhile.
  struct Flight {
    std::mutex mutex;
    std::condition_variable landed;
    bool done = false;
    Evaluation evaluation;
  };

  struct Found {
    std::shared_ptr<const std::string> decision;  // set: known
    std::shared_ptr<Flight> flight;               // set: in flight
    bool leads = false;  // the caller makes the decision, then calls land()
  };

  /// A time to live or a size of 0 keeps nothing, but calls in flight are shared still.
  DecisionCache(Clock::duration ttl, std::size_t size) : ttl_(ttl), size_(size) {}

  Found find(const std::string& key, Clock::time_point now);
  /// Ends the caller's flight: a decision is kept, and all who wait get the evaluation.
  void land(const std::string& key, const std::shared_ptr<Flight>& flight,
            const Evaluation& evaluation, Clock::time_point now);
  /// Waits for another's flight; false when the deadline or the stop came first.
  static bool wait(Flight& flight, Clock::time_point deadline, const std::stop_token& stop,
                   Evaluation& out);

  std::size_t size() const;
  void clear();

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const std::string> decision;
    Clock::time_point expires;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void keep(const std::string& key, const std::string& decision, Clock::time_point now);

  Clock::duration ttl_;
  std::size_t size_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> places_;  // keys are views into entries_
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace lictor::validator
