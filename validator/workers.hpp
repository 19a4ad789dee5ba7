// Threads for lists of documents and asynchronous calls.
// In: tasks. Out: each runs once, on one of a fixed number of threads, which start with the first
// tasks. stop() runs what still waits, then ends the threads. Before start() and after stop() a
// task runs on the caller's thread. Safe for many threads; stop() must not be called by a task.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lictor::validator {

class Workers {
 public:
  using Task = std::function<void()>;

  explicit Workers(std::size_t threads) : threads_(threads) {}
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void run(Task task);
  /// Calls work(i) for each i below `count`, by the workers and the caller; returns when all are
  /// done. May be called by a task.
  void run_all(std::size_t count, const std::function<void(std::size_t)>& work);
  void start();
  void stop();

 private:
  void add_thread();
  void work();

  const std::size_t threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::vector<std::thread> running_;
  bool stopped_ = true;
};

}  // namespace lictor::validator
