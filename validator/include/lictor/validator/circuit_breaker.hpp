// Whether a remote call may be made: a state machine of three states, in which time is an argument.
//
//   closed ── threshold failures in a row ──► open ── reset time over ──► half_open
//   half_open ── the probe succeeds ──► closed          half_open ── it fails ──► open
//
// admit() requests a call; report() records how an admitted one ended, exactly once each. In
// half_open exactly one call, the probe, is let through at a time. A neutral end (the policy does
// not exist) changes no count; after a neutral probe the next call is the probe.
// INVARIANT: what ends a call that was admitted before a change of state is not counted in the new
// one. One thread at a time: the policy client holds a lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace lictor::validator {

enum class BreakerState { closed, open, half_open };

const char* state_name(BreakerState state) noexcept;

class CircuitBreaker {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Ended { success, failure, neutral };

  /// What admit() handed out, to be given back to report().
  struct Admission {
    std::uint64_t period;  // the number of changes of state before it
    bool probe = false;    // until it is reported, others are refused
  };

  struct Change {
    BreakerState from;
    BreakerState to;
  };

  CircuitBreaker(int threshold, Clock::duration reset) : threshold_(threshold), reset_(reset) {}

  /// An admission, or nothing when the call is refused; `change` is set when the state changed.
  std::optional<Admission> admit(Clock::time_point now, std::optional<Change>& change);
  std::optional<Change> report(const Admission& admission, Ended ended, Clock::time_point now);

  /// True if admit() would refuse any call now.
  bool is_refusing(Clock::time_point now) const {
    return state_ == BreakerState::open && now - opened_ < reset_;
  }
  /// The state at a time: open becomes half_open with the next call after the reset time.
  BreakerState state() const { return state_; }
  int failures() const { return failures_; }

 private:
  Change enter(BreakerState state, Clock::time_point now);

  int threshold_;
  Clock::duration reset_;
  BreakerState state_ = BreakerState::closed;
  int failures_ = 0;  // in a row
  bool probing_ = false;
  Clock::time_point opened_{};
  std::uint64_t period_ = 0;
};

}  // namespace lictor::validator
