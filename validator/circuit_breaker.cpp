// The transitions of the breaker.
#include "lictor/validator/circuit_breaker.hpp"

namespace lictor::validator {

const char* state_name(BreakerState state) noexcept {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "closed";
}

CircuitBreaker::Change CircuitBreaker::enter(BreakerState state, Clock::time_point now) {
  Change change{state_, state};
  state_ = state;
  probing_ = false;
  ++period_;
  if (state == BreakerState::open) opened_ = now;
  if (state == BreakerState::closed) failures_ = 0;
  return change;
}

std::optional<CircuitBreaker::Admission> CircuitBreaker::admit(Clock::time_point now,
                                                               std::optional<Change>& change) {
  if (state_ == BreakerState::open) {
    if (now - opened_ < reset_) return std::nullopt;
    change = enter(BreakerState::half_open, now);
  }
  if (state_ == BreakerState::half_open) {
    if (probing_) return std::nullopt;
    probing_ = true;
  }
  return Admission{period_, probing_};
}

std::optional<CircuitBreaker::Change> CircuitBreaker::report(const Admission& admission,
                                                             Ended ended, Clock::time_point now) {
  if (admission.period != period_) return std::nullopt;
  switch (ended) {
    case Ended::neutral:
      probing_ = false;
      return std::nullopt;
    case Ended::success:
      failures_ = 0;
      if (state_ == BreakerState::half_open) return enter(BreakerState::closed, now);
      return std::nullopt;
    case Ended::failure:
      ++failures_;
      if (state_ == BreakerState::half_open || failures_ >= threshold_)
        return enter(BreakerState::open, now);
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace lictor::validator
