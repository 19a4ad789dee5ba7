// Whether this process is a fork of the one that made an object. A forked process has the thread
// that called fork() alone, and locks that other threads held stay locked: code that uses
// threads or locks checks here first. Costs one load.
#pragma once

#include <atomic>

namespace lictor::validator {

class ProcessMark {
 public:
  ProcessMark();
  /// True in a process that was forked after the mark was made.
  bool is_in_child() const noexcept { return made_ != forks.load(std::memory_order_relaxed); }

 private:
  static std::atomic<unsigned> forks;  // that led to this process
  unsigned made_;
};

}  // namespace lictor::validator
