// Requests from a seed, sent by lictor and by a real OPA to two servers that behave alike: the same
// answers and errors. LICTOR_HTTP_REQUESTS=100000 for more, LICTOR_HTTP_SEED for others.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "asker.hpp"
#include "behavior.hpp"
#include "folder.hpp"
#include "real_opa.hpp"

namespace {

using namespace lictor::tests;
using nlohmann::json;

/// Requests as JSON, with PORT for the server's port.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  json request() {
    json out = {{"url", url()}, {"method", pick(methods_)}};
    if (one_in(3)) out["raise_error"] = pick(booleans_);
    if (one_in(3)) out["headers"] = headers();
    if (one_in(4)) out["body"] = pick(values_);
    if (one_in(8)) out["raw_body"] = pick(texts_);
    if (one_in(3)) out["enable_redirect"] = pick(booleans_);
    if (one_in(5)) out["force_json_decode"] = pick(booleans_);
    if (one_in(5)) out["force_yaml_decode"] = pick(booleans_);
    if (one_in(3)) out["cache"] = pick(booleans_);
    if (one_in(6)) force_cache(out);
    if (one_in(8)) out["caching_mode"] = pick(modes_);
    if (one_in(6)) out["cache_ignored_headers"] = pick(ignored_);
    if (one_in(8)) out["timeout"] = pick(timeouts_);
    if (one_in(10)) out["max_retry_attempts"] = pick(attempts_);
    if (one_in(10)) out[pick(tls_keys_)] = pick(tls_values_);
    if (one_in(25)) out[pick(keys_)] = pick(values_);
    if (one_in(40)) out.erase(pick(keys_));
    // OPA cannot send a body twice.
    if (out.value("max_retry_attempts", json()) == 1) {
      out.erase("body");
      out.erase("raw_body");
    }
    // libcurl shows no body that is not to be there, so no junk in the place of a status line.
    if (out["method"] == "head" && out["url"].dump().find("/raw?") != std::string::npos)
      out["method"] = "get";
    return out;
  }

 private:
  using List = std::vector<json>;

  bool one_in(unsigned n) { return random_() % n == 0; }
  const json& pick(const List& list) { return list[random_() % list.size()]; }
  std::string pick(const std::vector<std::string>& list) { return list[random_() % list.size()]; }

  std::string url() {
    const std::string base = "http://127.0.0.1:PORT";
    switch (random_() % 8) {
      case 0:
        return base + "/echo" + pick(echo_suffixes_);
      case 1:
        return base + say();
      case 2:
        return base + "/go?status=" + pick(redirects_) + "&to=" + percent_escaped(pick(places_));
      case 3:
        return base + "/raw?bytes=" + percent_escaped(pick(answers_));
      case 4:
        return pick(odd_urls_);
      case 5: {
        std::string answer = pick(answers_);
        return base + "/raw?bytes=" + percent_escaped(answer.substr(0, cut(answer)));
      }
      default:
        return base + count();
    }
  }

  /// Where an answer breaks off: anywhere in its body, or after a line of its headers or chunks, as
  /// libcurl shows no part of one.
  std::size_t cut(const std::string& answer) {
    if (answer.starts_with("HTTP/1.1 100")) return answer.size();
    std::size_t at = random_() % (answer.size() + 1), body = answer.find("\r\n\r\n");
    bool in_body = body != answer.npos && at >= body + 4;
    if (in_body && answer.find("chunked") == answer.npos) return at;
    // Go has odd words for trailers that break off.
    if (at > answer.find("\r\n0\r\n")) return answer.size();
    std::size_t end = answer.find('\n', at);
    return end == answer.npos ? answer.size() : end + 1;
  }

  std::string say() {
    std::string out = "/say?body=" + percent_escaped(pick(bodies_)) + "&status=" + pick(statuses_);
    return out + "&content-type=" + percent_escaped(pick(types_));
  }

  std::string count() {
    std::string out = "/count?id=" + std::to_string(random_() % 2);
    if (one_in(2)) out += "&cache-control=" + percent_escaped(pick(cache_controls_));
    if (one_in(2)) out += "&date=" + percent_escaped(pick(dates_));
    if (one_in(3)) out += "&expires=" + percent_escaped(pick(dates_));
    if (one_in(3)) out += "&etag=" + percent_escaped(pick(std::vector<std::string>{"\"a\"", "b"}));
    if (one_in(4)) out += "&last-modified=" + percent_escaped(pick(dates_));
    if (one_in(5)) out += "&renew=never";
    if (one_in(6)) out += "&status=" + pick(statuses_);
    return out;
  }

  json headers() {
    if (one_in(12)) return pick(no_headers_);
    json out = json::object();
    for (auto i = random_() % 3; i-- > 0;) out[pick(names_)] = pick(texts_);
    if (one_in(6)) out["Host"] = pick(hosts_);
    // Of several wrong ones, OPA reports any.
    if (one_in(8)) out = {{pick(wrong_names_), pick(texts_)}};
    if (one_in(8)) out = {{"X", "a\nb"}};
    if (one_in(8)) out["X-Wrong"] = pick(values_);
    return out;
  }

  void force_cache(json& out) {
    out["force_cache"] = pick(booleans_);
    if (!one_in(5)) out["force_cache_duration_seconds"] = pick(seconds_);
  }

  std::mt19937 random_;
  const List methods_ = {"get",     "get", "GET", "post", "put",     "delete", "head", "patch",
                         "options", "",    "x y", "é",    "\"get\"", 1,        nullptr};
  const List booleans_ = {true, true, true, false, false, 0, 1, "true", nullptr, 2};
  const List values_ = {1,
                        1.5,
                        "a",
                        "<b>\u2028",
                        nullptr,
                        true,
                        json::array({1, "a", nullptr}),
                        json::object(),
                        {{"b", {{"c", "é"}}}, {"a", 1e30}},
                        json::array()};
  const List no_headers_ = {1, "a", nullptr, json::array(), {{"b", {{"c", "é"}, {"d", nullptr}}}}};
  const List hosts_ = {"", "a.example", "a b", "a:1", "x/y", " pad ", "::1", "127.0.0.1"};
  const List modes_ = {"serialized", "deserialized", "other", 1};
  const List ignored_ = {json::array(), json::array({"X-A"}), json::array({"x-a", "X-B"}),
                         "X-A",         json::array({1}),     nullptr};
  const List timeouts_ = {
      "5s", 5000000000, "5000000000", "1m", "0",  0,   -1,   "-5s",         "",
      "5",  "5x",       "1.5.s",      "é",  true, 1.5, 1e30, json::array(), "9999999999999999999"};
  const List attempts_ = {0, 1, -1, 1.5, "1", nullptr, 1e30};
  const List seconds_ = {1000, 1000, 0, -1, "1000", 1.5, 3000000000, nullptr, true};
  const std::vector<std::string> tls_keys_ = {"tls_ca_cert",
                                              "tls_ca_cert_file",
                                              "tls_ca_cert_env_variable",
                                              "tls_client_cert",
                                              "tls_client_key",
                                              "tls_client_cert_file",
                                              "tls_client_key_file",
                                              "tls_server_name",
                                              "tls_insecure_skip_verify",
                                              "tls_use_system_certs",
                                              "tls_client_cert_env_variable"};
  const List tls_values_ = {"",
                            "x",
                            "/none",
                            true,
                            1,
                            nullptr,
                            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
  const std::vector<std::string> keys_ = {"url",   "method",          "unknown", "Method", "",
                                          "cache", "tls_server_name", "timeout", "é"};
  const std::vector<std::string> names_ = {
      "X-A",    "x-b",     "accept",        "Content-Type", "user-agent", "content-length",
      "cookie", "referer", "Authorization", "range"};
  const std::vector<std::string> wrong_names_ = {"a b", "é", "", "a:", "a\n"};
  const std::vector<std::string> texts_ = {"v", "",           "\"q\"",     "a b",
                                           "é", "text/plain", "bytes=0-1", " pad "};
  const std::vector<std::string> echo_suffixes_ = {
      "", "?a=b c", "/../x", "?", "#f", "?a=%2F&b", "/a%2fb", "/é", "/%41", "?\u00e9"};
  const std::vector<std::string> redirects_ = {"301", "302", "303", "307", "308", "304", "300"};
  const std::vector<std::string> places_ = {"/echo",
                                            "./echo?x=1#f",
                                            "",
                                            "http://[::1",
                                            "ftp://127.0.0.1/x",
                                            "//127.0.0.1:PORT/echo",
                                            "http://user:pw@127.0.0.1:PORT/echo",
                                            "?a=b",
                                            "/go?to=%2Fecho",
                                            "http://localhost:PORT/echo",
                                            ":",
                                            "http://127.0.0.1:1/",
                                            "/%zz",
                                            "../../echo"};
  const std::vector<std::string> statuses_ = {"200", "200", "200", "203", "404", "500",
                                              "301", "418", "501", "299", "206"};
  const std::vector<std::string> types_ = {"application/json",
                                           "application/json; charset=utf-8",
                                           "application/vnd.x+json",
                                           "text/json",
                                           "application/yaml",
                                           "application/x-yaml",
                                           "text/yaml; application/yaml",
                                           "Application/JSON",
                                           "application/json;",
                                           "application/json; a",
                                           "application/json; a=1; a=2",
                                           "text/plain",
                                           "",
                                           "application/json; a=\"b;c\"",
                                           "application/jsonx",
                                           "application/ json",
                                           "application/json; a*0=x; a*1=y"};
  const std::vector<std::string> bodies_ = {"{\"a\": 1}",
                                            "[1, 2.50, 1e3, 1E400, -0]",
                                            "{\"a\":1} trailing",
                                            "{\"a\":1",
                                            "12abc",
                                            "12]",
                                            "",
                                            " ",
                                            "null",
                                            "\"\\ud800\"",
                                            "\"x\" y",
                                            "a: 1\nb: [x, y]",
                                            "- é\n- 0x10\n- yes",
                                            "a: b: c",
                                            "{\"a\": 1, \"a\": 2}",
                                            "\xff\xfe",
                                            "\xef\xbb\xbf{\"a\": 1}",
                                            "{'a': 1}",
                                            "tru",
                                            "truefalse",
                                            "-",
                                            "01",
                                            "1.",
                                            "{\"\xff\": \"\xc3\"}",
                                            "[[[[[[]]]]]",
                                            "// c\n1",
                                            "a\tb\x01",
                                            "{\"<\": \"\\u2028>&\"}",
                                            "1e",
                                            "--- 1\n--- 2\n",
                                            "&a [*a]"};
  const std::vector<std::string> cache_controls_ = {"max-age=100000000",
                                                    "max-age=0",
                                                    "no-store",
                                                    "no-cache",
                                                    "max-age=x",
                                                    "max-age=",
                                                    "public, max-age=100000000",
                                                    "max-age = 5",
                                                    "max-age=5=6",
                                                    "max-age=99999999999",
                                                    "max-age",
                                                    "MAX-AGE=100",
                                                    "max-age=-1",
                                                    "private, max-age=100000000, no-store",
                                                    ",,max-age=100000000,"};
  const std::vector<std::string> dates_ = {"Tue, 01 Jan 2030 00:00:00 GMT",
                                           "Sat, 01 Jan 2000 00:00:00 GMT",
                                           "Tuesday, 01-Jan-30 00:00:00 GMT",
                                           "Tue Jan  1 00:00:00 2030",
                                           "never",
                                           "Tue, 1 Jan 2030 00:00:00 GMT",
                                           "Thu, 31 Feb 2030 00:00:00 GMT",
                                           ""};
  const std::vector<std::string> answers_ = {
      "",
      "garbage here\r\nmore",
      "garbage\r\n",
      "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nabcdefghijklmn",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-T: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: b\r\n  c\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA : b\r\nX(Y): z\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nx-a: 1\r\nX-A:\t2 \r\nX-B:\r\nContent-Length: 1\r\n\r\nab",
      "HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nbody",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nPragma: no-cache\r\n\r\nx",
      "HTTP/1.1 204 None\r\nContent-Length: 3\r\n\r\n",
      "HTTP/1.1 200   Much  Room \r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nTrailer: X-T\r\nConnection: close\r\n\r\nx"};
  const std::vector<std::string> odd_urls_ = {"",
                                              "foo",
                                              "http://",
                                              "http://[::1",
                                              "ftp://a/",
                                              "http://127.0.0.1:1/x y?q#f",
                                              "http://u:p@127.0.0.1:1/",
                                              "http://127.0.0.1:99999/",
                                              "unix://localhost/a",
                                              "unix://localhost/a?socket=%2Fnone%2Fs",
                                              "unix://localhost/a?socket=",
                                              "unix://h/?socket=%zz",
                                              "HTTP://127.0.0.1:PORT/echo",
                                              "http://127.0.0.1:PORT",
                                              "http://127.0.0.1:PORT?a=b",
                                              "http:127.0.0.1",
                                              "http://a b/",
                                              "http://127.0.0.1:x/",
                                              "://x",
                                              "http://%41/",
                                              "\"http://127.0.0.1:1/\"",
                                              "http://127.0.0.1:PORT//echo",
                                              "http:///echo",
                                              "http://127.0.0.1:1/\x01",
                                              "*"};
};

/// The text without what follows `start` in a message.
std::string cut_after(const std::string& text, const std::string& start) {
  std::size_t at = text.find(start);
  if (at == text.npos) return text;
  at += start.size();
  std::size_t end = std::min(text.find("\"},\"status_code\"", at), text.size());
  return text.substr(0, at) + text.substr(end);
}

/// Without what does not follow from the request (ports, where OPA's file is, Go's resolver), and
/// without what libcurl does not say of a wrong header.
std::string comparable(std::string text, int port, const std::string& folder) {
  text = replaced(std::move(text), ":" + std::to_string(port), ":PORT");
  text = replaced(std::move(text), "%3A" + std::to_string(port), "%3APORT");
  text = replaced(std::move(text), folder + "/", "");
  text = cut_after(text, "malformed MIME header");
  static const std::regex resolver(" on [0-9.]+:53"), client("127.0.0.1:[0-9]+->");
  text = std::regex_replace(text, resolver, "");
  return std::regex_replace(text, client, "127.0.0.1:CLIENT->");
}

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atol(text) : otherwise;
}

TEST(Differential, answers_and_errors_are_opas) {
  Folder folder;
  folder.write("t.rego", send_module);
  RealOpa opa(folder.path());
  ASSERT_TRUE(opa.is_running());
  Behavior ours, theirs;
  HttpServer our_server(std::ref(ours)), their_server(std::ref(theirs));
  Asker asker;
  Generator generator(static_cast<unsigned>(setting("LICTOR_HTTP_SEED", 1)));
  int differences = 0;
  for (long i = 0, count = setting("LICTOR_HTTP_REQUESTS", 4000); i < count; ++i) {
    std::string request = generator.request().dump();
    auto at = [&](const HttpServer& server) {
      return replaced(request, "PORT", std::to_string(server.port()));
    };
    auto normal = [&](const std::string& answer, const HttpServer& server) {
      return comparable(answer, server.port(), folder.path());
    };
    std::string got = normal(asker(at(our_server)), our_server);
    std::string want = normal(opa(at(their_server)), their_server);
    if (got == want || want == RealOpa::crash) continue;
    ADD_FAILURE() << request << "\n  lictor: " << got << "\n  OPA:    " << want;
    if (++differences == setting("LICTOR_HTTP_SHOWN", 10)) return;
  }
}

}  // namespace
