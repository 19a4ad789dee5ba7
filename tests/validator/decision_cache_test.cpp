// The cache: time to live, bound, single flight.
#include "decision_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using namespace lictor::validator;
using Clock = DecisionCache::Clock;
using std::chrono::seconds;

Evaluation decision(const std::string& text) {
  Evaluation out;
  out.decision = text;
  return out;
}

void put(DecisionCache& cache, const std::string& key, Clock::time_point now) {
  auto found = cache.find(key, now);
  ASSERT_TRUE(found.leads);
  cache.land(key, found.flight, decision("decision of " + key), now);
}

bool has(DecisionCache& cache, const std::string& key, Clock::time_point now) {
  auto found = cache.find(key, now);
  if (found.leads) cache.land(key, found.flight, {{}, PolicyError{}, Source::none, {}}, now);
  return found.decision != nullptr;
}

TEST(DecisionCache, forgets_after_the_time_to_live) {
  DecisionCache cache(seconds(30), 10);
  put(cache, "a", Clock::time_point(seconds(0)));
  EXPECT_TRUE(has(cache, "a", Clock::time_point(seconds(29))));
  EXPECT_FALSE(has(cache, "a", Clock::time_point(seconds(30))));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(DecisionCache, drops_what_was_used_least_recently) {
  DecisionCache cache(seconds(30), 2);
  Clock::time_point now{};
  put(cache, "a", now);
  put(cache, "b", now);
  EXPECT_TRUE(has(cache, "a", now));
  put(cache, "c", now);
  EXPECT_TRUE(has(cache, "a", now));
  EXPECT_FALSE(has(cache, "b", now));
  EXPECT_TRUE(has(cache, "c", now));
  EXPECT_EQ(cache.size(), 2u);
}

TEST(DecisionCache, never_keeps_an_error) {
  DecisionCache cache(seconds(30), 10);
  EXPECT_FALSE(has(cache, "a", {}));
  EXPECT_FALSE(has(cache, "a", {}));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(DecisionCache, keeps_nothing_when_it_is_off) {
  for (auto [ttl, size] : {std::pair(0, 10), std::pair(30, 0)}) {
    DecisionCache cache(seconds(ttl), static_cast<std::size_t>(size));
    put(cache, "a", {});
    EXPECT_FALSE(has(cache, "a", {}));
  }
}

TEST(DecisionCache, shares_one_flight_among_many_threads) {
  DecisionCache cache(seconds(30), 10);
  std::atomic<int> led{0}, shared{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        std::string key = std::to_string(i);
        auto found = cache.find(key, {});
        if (found.leads) {
          ++led;
          std::this_thread::yield();
          cache.land(key, found.flight, decision(key), {});
        } else if (found.flight) {
          Evaluation got;
          ASSERT_TRUE(DecisionCache::wait(*found.flight, Clock::now() + seconds(10), {}, got));
          ASSERT_EQ(got.decision, key);
          ++shared;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Ten keys are kept; those dropped meanwhile may be led again.
  EXPECT_GE(led, 200);
}

TEST(DecisionCache, waits_no_longer_than_the_deadline) {
  DecisionCache cache(seconds(30), 10);
  auto leader = cache.find("a", {});
  auto follower = cache.find("a", {});
  EXPECT_TRUE(leader.leads);
  EXPECT_FALSE(follower.leads);
  Evaluation got;
  EXPECT_FALSE(DecisionCache::wait(*follower.flight, Clock::now(), {}, got));
}

}  // namespace
