// The breaker: its walk in a table, random events against a small model, and many threads.
#include "lictor/validator/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace {

using lictor::validator::BreakerState;
using lictor::validator::CircuitBreaker;
using Ended = CircuitBreaker::Ended;
using Clock = CircuitBreaker::Clock;
using std::chrono::seconds;

/// Another way to say the same: what happened since the last change of state decides.
class Model {
 public:
  Model(int threshold, Clock::duration reset) : threshold_(threshold), reset_(reset) {}

  bool admit(int call, Clock::time_point now) {
    if (state == BreakerState::open && now >= since_ + reset_) change(BreakerState::half_open, now);
    bool may =
        state == BreakerState::closed || (state == BreakerState::half_open && under_way_.empty());
    if (may) under_way_.push_back(call);
    return may;
  }

  void report(int call, Ended ended, Clock::time_point now) {
    auto at = std::find(under_way_.begin(), under_way_.end(), call);
    if (at == under_way_.end()) return;  // admitted before the last change
    under_way_.erase(at);
    if (ended == Ended::neutral) return;
    failures = ended == Ended::failure ? failures + 1 : 0;
    if (state == BreakerState::half_open)
      change(ended == Ended::failure ? BreakerState::open : BreakerState::closed, now);
    else if (failures >= threshold_)
      change(BreakerState::open, now);
  }

  BreakerState state = BreakerState::closed;
  int failures = 0;

 private:
  void change(BreakerState to, Clock::time_point now) {
    state = to;
    since_ = now;
    under_way_.clear();
    if (to == BreakerState::closed) failures = 0;
  }

  int threshold_;
  Clock::duration reset_;
  Clock::time_point since_{};
  std::vector<int> under_way_;
};

TEST(CircuitBreaker, does_what_the_model_does_on_random_events) {
  std::mt19937 random(1);
  int opened = 0, probes = 0;
  for (int round = 0; round < 2000; ++round) {
    int threshold = 1 + static_cast<int>(random() % 5);
    CircuitBreaker breaker(threshold, seconds(60));
    Model model(threshold, seconds(60));
    Clock::time_point now{};
    std::vector<std::pair<int, CircuitBreaker::Admission>> under_way;
    for (int step = 0; step < 100; ++step) {
      now += seconds(random() % 25);
      if (random() % 2 == 0) {
        std::optional<CircuitBreaker::Change> change;
        BreakerState before = breaker.state();
        auto admission = breaker.admit(now, change);
        ASSERT_EQ(admission.has_value(), model.admit(step, now));
        ASSERT_EQ(change.has_value(), before != breaker.state());
        if (admission) under_way.emplace_back(step, *admission);
        probes += admission && admission->probe;
      } else if (!under_way.empty()) {
        std::size_t at = random() % under_way.size();
        auto [call, admission] = under_way[at];
        under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(at));
        auto ended = static_cast<Ended>(random() % 3);
        BreakerState before = breaker.state();
        auto change = breaker.report(admission, ended, now);
        model.report(call, ended, now);
        ASSERT_EQ(change.has_value(), before != breaker.state());
        opened += breaker.state() == BreakerState::open && change;
      }
      ASSERT_EQ(breaker.state(), model.state);
      ASSERT_EQ(breaker.failures(), model.failures);
    }
  }
  EXPECT_GT(opened, 1000);
  EXPECT_GT(probes, 1000);
}

struct Step {
  char call;  // s, f, n: a call that ends so; r: a call is refused; w: 60 seconds pass
  BreakerState after;
};

TEST(CircuitBreaker, walks_from_closed_to_open_to_half_open_to_closed) {
  constexpr auto closed = BreakerState::closed, open = BreakerState::open;
  const Step steps[] = {{'f', closed},
                        {'f', closed},
                        {'s', closed},
                        {'f', closed},
                        {'n', closed},
                        {'f', closed},
                        {'f', open},
                        {'r', open},
                        {'w', open},
                        {'f', open},
                        {'r', open},
                        {'w', open},
                        {'n', BreakerState::half_open},
                        {'s', closed},
                        {'f', closed}};
  CircuitBreaker breaker(3, seconds(60));
  Clock::time_point now{};
  int number = 0;
  for (const Step& step : steps) {
    SCOPED_TRACE(++number);
    std::optional<CircuitBreaker::Change> change;
    if (step.call == 'w') {
      now += seconds(60);
    } else {
      auto admission = breaker.admit(now, change);
      ASSERT_EQ(admission.has_value(), step.call != 'r');
      if (admission)
        breaker.report(*admission,
                       step.call == 's'   ? Ended::success
                       : step.call == 'f' ? Ended::failure
                                          : Ended::neutral,
                       now);
    }
    EXPECT_EQ(breaker.state(), step.after);
  }
}

TEST(CircuitBreaker, lets_one_probe_through_to_32_threads) {
  CircuitBreaker breaker(1, std::chrono::microseconds(50));
  std::mutex mutex;
  std::atomic<int> probing{0}, probes{0}, worst{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 32; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 2000; ++i) {
        std::optional<CircuitBreaker::Change> change;
        std::optional<CircuitBreaker::Admission> admission;
        {
          std::lock_guard lock(mutex);
          admission = breaker.admit(Clock::now(), change);
        }
        if (!admission) continue;
        if (admission->probe) {
          ++probes;
          int now = ++probing;
          if (now > worst) worst = now;
        }
        std::this_thread::yield();
        if (admission->probe) --probing;
        std::lock_guard lock(mutex);
        breaker.report(*admission, random() % 3 == 0 ? Ended::success : Ended::failure,
                       Clock::now());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(worst, 1);
  EXPECT_GT(probes, 0);
}

}  // namespace
