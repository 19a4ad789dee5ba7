// Stops a builtin between the items of its work when the evaluation's deadline has passed or the
// evaluation is cancelled. A loop that may take long has a Watch and counts its turns; nothing is
// read but a counter until enough work has been done to look at the clock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "builtins/builtin.hpp"

namespace lictor::builtins {

/// Thrown when an evaluation is to stop; caught where it started.
struct Stopped {
  const char* message;
};

/// True if an evaluation may be stopped at all.
inline bool is_watched(const Environment& environment) {
  return environment.deadline || environment.is_cancelled;
}

/// Throws Stopped if the evaluation is past its deadline or cancelled.
void stop_if_due(const Environment& environment);

class Watch {
 public:
  explicit Watch(const Environment& environment)
      : environment_(environment), left_(is_watched(environment) ? between_looks : SIZE_MAX) {}

  /// Counts work, of which the unit is a visit of one item.
  void tick(std::size_t work = 1) {
    if (work < left_)
      left_ -= work;
    else
      look();
  }

 private:
  static constexpr std::size_t between_looks = std::size_t{1} << 14;

  [[gnu::noinline, gnu::cold]] void look() {
    stop_if_due(environment_);
    left_ = is_watched(environment_) ? between_looks : SIZE_MAX;
  }

  const Environment& environment_;
  std::size_t left_;
};

/// Sorts values; equal ones keep their order.
inline void sort_values(Watch& watch, Value* first, Value* last) {
  std::stable_sort(first, last, [&](const Value& a, const Value& b) {
    watch.tick();
    return compare(a, b) < 0;
  });
}

/// As make_set, but its sort of many values can be stopped.
inline Value make_watched_set(const Environment& environment, Value* items, std::size_t size) {
  constexpr std::size_t few = std::size_t{1} << 14;
  if (size > few && is_watched(environment)) {
    Watch watch(environment);
    sort_values(watch, items, items + size);
  }
  return make_set(items, size);
}

}  // namespace lictor::builtins
