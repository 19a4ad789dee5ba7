// Counts forks in the child.
#include "process.hpp"

#include <pthread.h>

namespace lictor::validator {

std::atomic<unsigned> ProcessMark::forks{0};

ProcessMark::ProcessMark() {
  static const int registered =
      ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
  made_ = forks.load(std::memory_order_relaxed);
}

}  // namespace lictor::validator
