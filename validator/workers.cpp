// A queue and its threads.
#include "workers.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <system_error>

namespace lictor::validator {
namespace {

/// A list that several threads work off. Threads that come late find nothing left and touch the
/// work, which is the caller's, no more.
struct Share {
  Share(std::size_t count, const std::function<void(std::size_t)>* work)
      : count(count), work(work) {}

  const std::size_t count;
  const std::function<void(std::size_t)>* work;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable all_done;
  std::size_t done = 0;  // guarded by the mutex

  void take_part() {
    for (std::size_t i; (i = next.fetch_add(1)) < count;) {
      (*work)(i);
      std::lock_guard lock(mutex);
      if (++done == count) all_done.notify_all();
    }
  }
};

}  // namespace

void Workers::run(Task task) {
  std::unique_lock lock(mutex_);
  if (stopped_) {
    lock.unlock();
    task();
    return;
  }
  tasks_.push_back(std::move(task));
  if (running_.size() < threads_) add_thread();
  if (running_.empty()) {
    task = std::move(tasks_.back());
    tasks_.pop_back();
    lock.unlock();
    task();
    return;
  }
  changed_.notify_one();
}

/// The system may be out of threads; those that there are, or callers, do the work then.
void Workers::add_thread() {
  try {
    running_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
  }
}

void Workers::run_all(std::size_t count, const std::function<void(std::size_t)>& work) {
  auto share = std::make_shared<Share>(count, &work);
  for (std::size_t i = 1; i < std::min(count, threads_); ++i) run([share] { share->take_part(); });
  share->take_part();
  std::unique_lock lock(share->mutex);
  share->all_done.wait(lock, [&] { return share->done >= count; });
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

void Workers::start() {
  std::lock_guard lock(mutex_);
  stopped_ = false;
}

void Workers::stop() {
  std::vector<std::thread> ending;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    ending.swap(running_);
  }
  changed_.notify_all();
  for (std::thread& thread : ending) thread.join();
}

}  // namespace lictor::validator
