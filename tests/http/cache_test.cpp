// Answers that are kept between evaluations: how long, at what size, for which requests, and how
// often they are asked for by many threads.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "asker.hpp"
#include "behavior.hpp"
#include "cache.hpp"

namespace {

using namespace lictor::tests;
using nlohmann::json;

/// The time that `date` names.
constexpr std::int64_t some_time = 1'700'000'000'000'000'000;  // 2023-11-14T22:13:20Z
constexpr std::int64_t second = 1'000'000'000;
const std::string date = "&date=" + percent_escaped("Tue, 14 Nov 2023 22:13:20 GMT");

/// One thread's decisions, at times of the test's own.
class Times {
 public:
  explicit Times(const Asker& asker) : evaluator_(asker.policy()) {}
  json ask(const json& request, std::int64_t seconds) {
    evaluator_.set_time(some_time + seconds * second);
    std::string out;
    const lictor::Error* error = evaluator_.decide(request.dump(), out);
    return error ? json(error->message) : json::parse(out);
  }
  int count(const json& request, std::int64_t seconds) {
    json got = ask(request, seconds);
    return got.contains("body") ? got["body"]["n"].get<int>() : -1;
  }

 private:
  lictor::Evaluator evaluator_;
};

class HttpCache : public testing::Test {
 protected:
  json request(const std::string& target, json more = json::object()) const {
    json out = {{"method", "get"}, {"url", server_.url(target)}};
    out.update(more);
    return out;
  }

  Behavior behavior_;
  HttpServer server_{std::ref(behavior_)};
  Asker asker_;
  Times times_{asker_};
};

TEST_F(HttpCache, keeps_an_answer_for_its_max_age) {
  json asked = request("/count?cache-control=max-age%3D60" + date, {{"cache", true}});
  EXPECT_EQ(times_.count(asked, 0), 1);
  EXPECT_EQ(times_.count(asked, 59), 1);
  EXPECT_EQ(times_.count(asked, 60), 2);
}

TEST_F(HttpCache, keeps_an_answer_until_it_expires) {
  std::string expires = "&expires=" + percent_escaped("Tue, 14 Nov 2023 22:14:20 GMT");
  json asked = request("/count?x=1" + expires, {{"cache", true}});
  EXPECT_EQ(times_.count(asked, 0), 1);
  EXPECT_EQ(times_.count(asked, 59), 1);
  EXPECT_EQ(times_.count(asked, 60), 2);
}

TEST_F(HttpCache, keeps_what_it_is_told_to_keep) {
  json asked = request("/count?cache-control=no-store",
                       {{"force_cache", true}, {"force_cache_duration_seconds", 10}});
  EXPECT_EQ(times_.count(asked, 0), 1);
  EXPECT_EQ(times_.count(asked, 9), 1);
  EXPECT_EQ(times_.count(asked, 10), 2);
}

TEST_F(HttpCache, does_not_keep_what_may_not_be_kept) {
  for (const char* target : {"/count?cache-control=no-store%2C%20max-age%3D60",
                             "/count?cache-control=max-age%3D60&status=500", "/count?plain=1"}) {
    json asked = request(target + date, {{"cache", true}});
    EXPECT_EQ(times_.count(asked, 0), 1) << target;
    EXPECT_EQ(times_.count(asked, 1), 2) << target;
  }
  json uncached = request("/count?cache-control=max-age%3D60&u=1" + date);
  EXPECT_EQ(times_.count(uncached, 0), 1);
  EXPECT_EQ(times_.count(uncached, 0), 2);
}

TEST_F(HttpCache, asks_whether_a_stale_answer_still_holds) {
  json asked = request("/count?cache-control=max-age%3D60&etag=t" + date, {{"cache", true}});
  EXPECT_EQ(times_.count(asked, 0), 1);
  json renewed = times_.ask(asked, 60);
  EXPECT_EQ(renewed["body"]["n"], 1);  // the old body with the new headers
  EXPECT_EQ(renewed["status_code"], 200);
  EXPECT_EQ(renewed["headers"]["x-count"], json::array({"2"}));
  json changed =
      request("/count?cache-control=max-age%3D60&etag=t&renew=never" + date, {{"cache", true}});
  EXPECT_EQ(times_.count(changed, 0), 1);
  EXPECT_EQ(times_.count(changed, 60), 2);
}

TEST_F(HttpCache, renews_by_the_time_of_the_last_change) {
  std::string changed = "&last-modified=" + percent_escaped("Tue, 14 Nov 2023 20:00:00 GMT");
  json asked =
      request("/count?x=2" + changed, {{"force_cache", true}, {"force_cache_duration_seconds", 5}});
  EXPECT_EQ(times_.count(asked, 0), 1);
  EXPECT_EQ(times_.count(asked, 5), 1);
  EXPECT_EQ(server_.requests(), 2);
  EXPECT_EQ(times_.count(asked, 9), 1);
  EXPECT_EQ(server_.requests(), 2);
}

TEST_F(HttpCache, tells_requests_apart_but_for_ignored_headers) {
  json keep = {{"force_cache", true}, {"force_cache_duration_seconds", 60}};
  auto asked = [&](json headers) {
    json more = keep;
    more["headers"] = std::move(headers);
    more["cache_ignored_headers"] = {"trace"};
    return request("/count?k=1", more);
  };
  EXPECT_EQ(times_.count(asked({{"a", "1"}, {"trace", "x"}}), 0), 1);
  EXPECT_EQ(times_.count(asked({{"a", "1"}, {"trace", "y"}}), 0), 1);
  EXPECT_EQ(times_.count(asked({{"a", "1"}}), 0), 1);
  EXPECT_EQ(times_.count(asked({{"a", "2"}}), 0), 2);
}

TEST_F(HttpCache, is_shared_by_the_engines_that_have_the_function) {
  lictor::HostFunction send = lictor::http::send();
  Asker one(send), other(send);
  json asked =
      request("/count?shared=1", {{"force_cache", true}, {"force_cache_duration_seconds", 60}});
  EXPECT_EQ(json::parse(one(asked.dump()))["body"]["n"], 1);
  EXPECT_EQ(json::parse(other(asked.dump()))["body"]["n"], 1);
  EXPECT_EQ(json::parse(asker_(asked.dump()))["body"]["n"], 2);  // of another send()
}

TEST_F(HttpCache, lets_one_of_many_threads_ask) {
  json asked =
      request("/count?wait=50", {{"force_cache", true}, {"force_cache_duration_seconds", 60}});
  std::atomic<int> first{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      json got = json::parse(asker_(asked.dump()));
      if (got["body"]["n"] == 1) ++first;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first, 100);
  EXPECT_EQ(server_.requests(), 1);
}

TEST_F(HttpCache, lets_all_ask_if_the_answer_may_not_be_kept) {
  json asked = request("/count?wait=1&cache-control=no-store", {{"cache", true}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(json::parse(asker_(asked.dump()))["status_code"], 200); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server_.requests(), 20);
}

lictor::http::KeptAnswer answer_of(std::size_t size) {
  lictor::http::KeptAnswer out;
  out.response.body.assign(size, 'x');
  return out;
}

TEST(Cache, drops_the_oldest_answers_for_new_ones) {
  constexpr std::size_t most = 100'000;
  lictor::http::Cache cache(most);
  for (int i = 0; i < 1000; ++i) {
    cache.insert(std::to_string(i), answer_of(static_cast<std::size_t>(i) * 7 % 5000));
    ASSERT_LE(cache.bytes(), most);
    ASSERT_TRUE(cache.find(std::to_string(i)));
  }
  EXPECT_FALSE(cache.find("0"));
  EXPECT_TRUE(cache.find("995"));
  cache.insert("large", answer_of(most));
  EXPECT_FALSE(cache.find("large"));
  EXPECT_TRUE(cache.find("999"));
  for (int i = 0; i < 1000; ++i) cache.erase(std::to_string(i));
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(Cache, replaces_an_answer) {
  lictor::http::Cache cache(100'000);
  cache.insert("a", answer_of(1000));
  std::size_t once = cache.bytes();
  cache.insert("a", answer_of(1000));
  EXPECT_EQ(cache.bytes(), once);
  auto held = cache.find("a");
  cache.erase("a");
  EXPECT_EQ(held->response.body.size(), 1000u);  // who has it keeps it
}

}  // namespace
