// How the benchmarks take time: on one clock, in nanoseconds, as medians.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace lictor::bench {

using clock = std::chrono::steady_clock;

inline double since(clock::time_point start) {
  return std::chrono::duration<double, std::nano>(clock::now() - start).count();
}

/// Of one value at least.
inline double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace lictor::bench
