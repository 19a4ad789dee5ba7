// What is sent, and what comes back: methods, headers, bodies, redirects, retries, sockets, hosts.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "asker.hpp"
#include "behavior.hpp"
#include "folder.hpp"

namespace {

using namespace lictor::tests;
using nlohmann::json;

class Requests : public testing::Test {
 protected:
  json ask(json request, const Asker& asker) const {
    std::string answer = asker(request.dump());
    return json::accept(answer) ? json::parse(answer) : json(answer);
  }
  json ask(json request) const { return ask(std::move(request), asker_); }
  /// The request as the server saw it.
  json seen(json request) const { return ask(std::move(request))["body"]; }

  Behavior behavior_;
  HttpServer server_{std::ref(behavior_)};
  Asker asker_;
};

TEST_F(Requests, have_the_methods_and_headers_of_a_go_client) {
  json got = seen({{"method", "get"}, {"url", server_.url("/echo?a=b c#d")}});
  EXPECT_EQ(got["method"], "GET");
  EXPECT_EQ(got["target"], "/echo?a=b c");
  json headers = {{"host", "127.0.0.1:" + std::to_string(server_.port())},
                  {"user-agent", "Go-http-client/1.1"},
                  {"accept-encoding", "gzip"}};
  EXPECT_EQ(got["headers"], headers);
}

TEST_F(Requests, send_bodies_as_json_or_as_they_are) {
  json got = seen({{"method", "post"}, {"url", server_.url("/echo")}, {"body", {{"a", "<"}}}});
  EXPECT_EQ(got["body"], "{\"a\":\"\\u003c\"}");
  EXPECT_EQ(got["headers"]["content-length"], "14");
  EXPECT_FALSE(got["headers"].contains("content-type"));
  got = seen({{"method", "put"}, {"url", server_.url("/echo")}, {"body", 1}, {"raw_body", "x=y"}});
  EXPECT_EQ(got["body"], "x=y");
  got = seen({{"method", "post"}, {"url", server_.url("/echo")}});
  EXPECT_EQ(got["headers"]["content-length"], "0");
}

TEST_F(Requests, have_the_policys_headers) {
  json got = seen({{"method", "get"},
                   {"url", server_.url("/echo")},
                   {"headers", {{"host", "a.example"}, {"x-Y", "z"}, {"Empty", ""}}}});
  EXPECT_EQ(got["headers"]["host"], "a.example");
  EXPECT_EQ(got["headers"]["x-y"], "z");
  EXPECT_EQ(got["headers"]["empty"], "");
  EXPECT_EQ(got["headers"]["connection"], "close");
  EXPECT_EQ(got["headers"]["user-agent"].get<std::string>().substr(0, 18), "Open-Policy-Agent/");
}

TEST_F(Requests, carry_the_urls_user) {
  std::string url = "http://us%20er:pw@127.0.0.1:" + std::to_string(server_.port()) + "/echo";
  EXPECT_EQ(seen({{"method", "get"}, {"url", url}})["headers"]["authorization"],
            "Basic dXMgZXI6cHc=");
}

TEST_F(Requests, follow_redirects_only_when_told) {
  std::string url = server_.url("/go?to=" + percent_escaped("./echo?x=1#f"));
  EXPECT_EQ(ask({{"method", "get"}, {"url", url}})["status_code"], 302);
  json got = seen({{"method", "post"},
                   {"url", url},
                   {"enable_redirect", true},
                   {"body", 1},
                   {"headers", {{"content-type", "a/b"}, {"authorization", "k"}}}});
  EXPECT_EQ(got["method"], "GET");
  EXPECT_EQ(got["target"], "/echo?x=1");
  EXPECT_EQ(got["body"], "");
  EXPECT_EQ(got["headers"]["referer"], url);
  EXPECT_EQ(got["headers"]["authorization"], "k");
  EXPECT_FALSE(got["headers"].contains("content-type"));
}

TEST_F(Requests, keep_secrets_from_other_hosts) {
  std::string other = "http://localhost:" + std::to_string(server_.port()) + "/echo";
  json got = seen({{"method", "post"},
                   {"url", server_.url("/go?status=307&to=" + percent_escaped(other))},
                   {"enable_redirect", true},
                   {"raw_body", "b"},
                   {"headers", {{"cookie", "c"}, {"authorization", "k"}, {"x", "y"}}}});
  EXPECT_EQ(got["method"], "POST");
  EXPECT_EQ(got["body"], "b");
  EXPECT_EQ(got["headers"]["x"], "y");
  EXPECT_FALSE(got["headers"].contains("cookie"));
  EXPECT_FALSE(got["headers"].contains("authorization"));
}

TEST_F(Requests, end_a_loop_of_redirects) {
  lictor::http::Options options;
  options.max_redirects = 20;
  std::string url = server_.url("/go?to=" + percent_escaped("/go?to=%2Fgo"));
  HttpServer loop([](const Incoming&, Wire& wire) {
    return wire.send(response(302, "", "Location: /again\r\n"));
  });
  json got = ask(
      {{"method", "get"}, {"url", loop.url()}, {"enable_redirect", true}, {"raise_error", false}},
      Asker(options));
  EXPECT_EQ(got["error"]["message"], "Get \"/again\": stopped after 20 redirects");
  EXPECT_EQ(loop.requests(), 21);
}

TEST_F(Requests, try_again_as_often_as_told) {
  std::atomic<int> left{2};
  HttpServer server([&](const Incoming&, Wire& wire) {
    return left-- <= 0 && wire.send(response(200, "at last"));
  });
  json request = {{"method", "get"}, {"url", server.url()}, {"max_retry_attempts", 3}};
  EXPECT_EQ(ask(request)["raw_body"], "at last");
  EXPECT_EQ(server.requests(), 3);
}

TEST_F(Requests, reach_unix_sockets) {
  Folder folder;
  HttpServer server(std::ref(behavior_), folder.path() + "/s");
  std::string url =
      "unix://localhost/echo?b=2&socket=" + percent_escaped(folder.path() + "/s") + "&a=1";
  json got = seen({{"method", "get"}, {"url", url}});
  EXPECT_EQ(got["target"], "/echo?a=1&b=2");
  EXPECT_EQ(got["headers"]["host"], "localhost");
  std::string none = folder.path() + "/none";
  got = ask({{"method", "get"},
             {"url", "unix://x/?socket=" + percent_escaped(none)},
             {"raise_error", false}});
  EXPECT_EQ(got["error"]["message"],
            "Get \"http://x/\": dial unix " + none + ": connect: no such file or directory");
  got = ask({{"method", "get"}, {"url", "unix://x/?socket="}, {"raise_error", false}});
  EXPECT_EQ(got["error"]["message"], "Get \"http://x/\": dial unix: missing address");
}

TEST_F(Requests, go_to_allowed_hosts_only) {
  lictor::http::Options options;
  options.allow_net = {"127.0.0.1"};
  Asker asker(options);
  EXPECT_EQ(ask({{"method", "get"}, {"url", server_.url("/echo")}}, asker)["status_code"], 200);
  std::string other = "http://localhost:" + std::to_string(server_.port()) + "/echo";
  EXPECT_EQ(ask({{"method", "get"}, {"url", other}}, asker),
            "eval_builtin_error: http.send: disallowed host: localhost");
  std::string url = server_.url("/go?to=" + percent_escaped(other));
  EXPECT_EQ(ask({{"method", "get"}, {"url", url}, {"enable_redirect", true}}, asker),
            "eval_builtin_error: http.send: Get \"" + other + "\": disallowed host: localhost");
}

TEST_F(Requests, reuse_connections) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask({{"method", "get"}, {"url", server_.url("/echo")}})["status_code"], 200);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(Requests, are_made_once_an_evaluation) {
  lictor::Engine engine;
  engine.add_function(lictor::http::send());
  engine.add_module("t.rego",
                    "package t\nr := {\"method\": \"get\", \"url\": input}\n"
                    "p contains http.send(r).body.n\nq contains http.send(r).body.n");
  auto policy = engine.compile("data.t");
  ASSERT_TRUE(policy) << policy.error().render();
  std::string input = json(server_.url("/count")).dump();
  for (int n : {1, 2}) {
    auto decision = policy->eval(input);
    ASSERT_TRUE(decision);
    json got = json::parse(decision->to_json());
    EXPECT_EQ(got["p"], json::array({n}));
    EXPECT_EQ(got["q"], json::array({n}));
  }
}

}  // namespace
