// Servers that hang, break off, send too much or send garbage, and evaluations that end while a
// request is under way: an error each, in bounded time and memory, which says nothing of secrets.
#include <gtest/gtest.h>

#include <zlib.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "asker.hpp"
#include "behavior.hpp"

namespace {

using namespace lictor::tests;
using nlohmann::json;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::string compressed(const std::string& text) {
  std::string out(text.size() / 100 + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class Hostile : public testing::Test {
 protected:
  static lictor::http::Options options() {
    lictor::http::Options out;
    out.max_body_bytes = 100'000;
    out.max_header_bytes = 50'000;
    return out;
  }
  json ask(const std::string& target, json more = json::object()) const {
    json request = {{"method", "get"}, {"url", server_.url(target)}, {"raise_error", false}};
    request.update(more);
    return json::parse(asker_(request.dump()));
  }
  std::string message(const std::string& target, json more = json::object()) const {
    json got = ask(target, std::move(more));
    return got.contains("error") ? got["error"]["message"].get<std::string>() : got.dump();
  }
  void expect(const std::string& target, const std::string& part) const {
    std::string got = message(target);
    EXPECT_NE(got.find(part), std::string::npos) << target << "\n" << got;
  }
  std::string gzip(const std::string& bytes) const {
    return "/raw?bytes=" +
           percent_escaped("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + bytes);
  }

  Behavior behavior_;
  HttpServer server_{std::ref(behavior_)};
  Asker asker_{options()};
};

TEST_F(Hostile, bodies_without_end_are_cut) {
  const std::string head = percent_escaped("HTTP/1.1 200 OK\r\n\r\n");
  expect("/endless?start=" + head, "server response body exceeded 100000 bytes; aborted");
  const std::string chunks =
      percent_escaped("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  expect("/endless?start=" + chunks + "&part=" + percent_escaped("1\r\nx\r\n"),
         "server response body exceeded 100000 bytes; aborted");
}

TEST_F(Hostile, a_small_body_that_becomes_a_large_one_is_cut) {
  expect(gzip(compressed(std::string(50'000'000, 'x'))),
         "server response body exceeded 100000 bytes; aborted");
}

TEST_F(Hostile, headers_without_end_are_cut) {
  const std::string head = percent_escaped("HTTP/1.1 200 OK\r\n");
  expect("/endless?start=" + head + "&part=" + percent_escaped("a: b\r\n"),
         "server response headers exceeded");
  expect("/endless?start=" + head + "&part=x", "server response headers exceeded");
  expect("/endless?start=" + percent_escaped("HTTP/1.1 100 Continue\r\n\r\n") +
             "&part=" + percent_escaped("HTTP/1.1 100 Continue\r\n\r\n"),
         "server response headers exceeded");
  expect("/endless?part=x", "malformed HTTP response");
}

TEST_F(Hostile, bad_gzip_is_an_error) {
  std::string whole = compressed("some text that is compressed");
  EXPECT_EQ(ask(gzip(whole))["raw_body"], "some text that is compressed");
  EXPECT_EQ(ask(gzip(whole + whole))["raw_body"].get<std::string>().size(), 56u);
  expect(gzip(whole.substr(0, whole.size() / 2)), "unexpected EOF");
  expect(gzip("no gzip at all"), "gzip: invalid header");
  expect(gzip(whole + "trailing garbage"), "gzip: invalid header");
  std::string broken = whole;
  broken[broken.size() - 6] = static_cast<char>(broken[broken.size() - 6] ^ 1);
  expect(gzip(broken), "gzip: invalid checksum");
}

TEST_F(Hostile, every_cut_of_an_answer_is_an_error_or_an_answer) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    json got = ask("/raw?bytes=" + percent_escaped(whole.substr(0, size)));
    EXPECT_EQ(got["status_code"], 0) << size << got;
  }
  EXPECT_EQ(ask("/raw?bytes=" + percent_escaped(whole))["body"], json({{"a", 1}}));
}

TEST_F(Hostile, servers_that_hang_end_with_the_timeout) {
  json soon = {{"timeout", "500ms"}};
  std::string url = server_.url("/slow?before=60000");
  EXPECT_EQ(message("/slow?before=60000", soon),
            "Get \"" + url +
                "\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
  EXPECT_NE(message("/slow?within=60000", soon)
                .find("http.send: context deadline exceeded (Client.Timeout or context "
                      "cancellation while reading body)"),
            std::string::npos);
  json raised = {{"method", "get"}, {"url", url}, {"timeout", "500ms"}};
  EXPECT_EQ(asker_(raised.dump()),
            "eval_builtin_error: http.send: Get " + url + ": request timed out");
}

/// How long after a moment something returned.
template <typename Call>
milliseconds delay_after(Clock::time_point moment, const Call& call) {
  call();
  return std::chrono::duration_cast<milliseconds>(Clock::now() - moment);
}

// Long before the server would answer, also where the machine is loaded.
constexpr milliseconds soon{20'000};

TEST_F(Hostile, the_deadline_of_the_evaluation_ends_a_request) {
  lictor::Limits limits;
  limits.time = milliseconds(50);
  Asker asker(lictor::http::Options(), limits);
  for (const char* target : {"/slow?before=60000", "/slow?within=60000"}) {
    json request = {{"method", "get"}, {"url", server_.url(target)}, {"timeout", "1h"}};
    std::string got;
    EXPECT_LT(delay_after(Clock::now() + limits.time, [&] { got = asker(request.dump()); }), soon);
    EXPECT_EQ(got.substr(0, got.find(':')), "eval_cancel_error") << got;
  }
}

TEST_F(Hostile, cancellation_ends_a_request_a_delay_and_a_turn) {
  std::atomic<bool> cancelled{false};
  std::function<bool()> is_cancelled = [&] { return cancelled.load(); };
  HttpServer closing([](const Incoming&, Wire&) { return false; });
  json slow = {{"method", "get"}, {"url", server_.url("/slow?before=60000")}, {"timeout", "1h"}};
  json again = {{"method", "get"}, {"url", closing.url()}, {"max_retry_attempts", 1000}};
  json kept = slow;
  kept["cache"] = true;
  for (const json& request : {slow, again, kept}) {
    cancelled = false;
    Clock::time_point moment;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        lictor::Evaluator evaluator(asker_.policy());
        evaluator.set_cancel(&is_cancelled);
        std::string out;
        EXPECT_TRUE(evaluator.decide(request.dump(), out));
      });
    }
    std::this_thread::sleep_for(milliseconds(60));
    moment = Clock::now();
    cancelled = true;
    EXPECT_LT(delay_after(moment,
                          [&] {
                            for (std::thread& t : threads) t.join();
                          }),
              soon);
  }
}

TEST_F(Hostile, errors_say_nothing_of_secrets) {
  const std::string secret = "hunter2";
  json headers = {{"Authorization", "Bearer " + secret}, {"Cookie", secret}};
  std::string user = "http://me:" + secret + "@127.0.0.1:1/";
  for (json more : {json({{"headers", headers}}), json({{"url", user}}),
                    json({{"tls_client_cert", secret}, {"tls_client_key", secret}}),
                    json({{"tls_ca_cert", secret}}), json({{"body", secret}}),
                    json({{"headers", headers}, {"timeout", "1ms"}})}) {
    json got = ask("/raw?bytes=garbage%0D%0A", more);
    EXPECT_EQ(got["status_code"], 0);
    EXPECT_EQ(got.dump().find(secret), std::string::npos) << got;
  }
}

TEST_F(Hostile, garbage_of_any_kind_ends) {
  std::uint32_t state = 1;
  auto next = [&] { return state = state * 1664525 + 1013904223; };
  const std::string whole =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
      "Content-Encoding: gzip\r\nX-A: b\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n";
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    for (unsigned i = next() % 4; i-- > 0;)
      bytes[(next() >> 8) % bytes.size()] = static_cast<char>(next() >> 16);
    if (next() % 3 == 0) bytes.erase((next() >> 8) % bytes.size(), (next() >> 16) % 20);
    json got = ask("/raw?bytes=" + percent_escaped(bytes), {{"timeout", "2s"}});
    ASSERT_TRUE(got.contains("status_code"));
  }
}

}  // namespace
