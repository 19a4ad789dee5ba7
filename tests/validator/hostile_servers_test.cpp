// A table of hostile servers: what they answer, how, and when × modes × strategies × with and
// without local files. Under fail-closed nothing passes that a good answer did not let pass, and
// each rejection names its cause and the server. LICTOR_HOSTILE_ROUNDS=N tries N bodies from a
// seed.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <random>

#include "fake_opa.hpp"
#include "lictor/validator/validator.hpp"
#include "opa_process.hpp"
#include "remote_configuration.hpp"

namespace {

using namespace lictor::validator;
using lictor::tests::Listener;
using lictor::tests::read_request;
using lictor::tests::send_all;
using Json = nlohmann::json;
using std::chrono::milliseconds;

enum class Ending { close, hang, reset };

struct Kind {
  std::string name;
  /// The bytes of the answer to a request whose good answer has this body.
  std::function<std::string(const std::string& good)> reply;
  bool passes = false;  // the answer is a good one
  Ending ending = Ending::close;
  bool drips = false;  // a byte each 20 ms
};

std::string http(const std::string& status, const std::string& body,
                 const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunked(const std::string& chunks) {
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

std::string hex(std::size_t size) {
  char out[20];
  std::snprintf(out, sizeof out, "%zx", size);
  return out;
}

using Text = const std::string&;

void add_statuses(std::vector<Kind>& out) {
  for (const char* status :
       {"201", "202", "203", "204", "205", "206", "226", "300", "301", "302", "303", "304",
        "307", "308", "400", "401", "402", "403", "404", "405", "406", "408", "409", "410",
        "413", "414", "415", "418", "421", "422", "425", "426", "429", "431", "451", "500",
        "501", "502", "503", "504", "505", "507", "511", "599", "999", "000"})
    out.push_back({std::string("status ") + status, [status](Text good) {
                     return http(status, good, "Location: /v1/data/other\r\n");
                   }});
}

void add_bodies(std::vector<Kind>& out) {
  for (const char* body : {"",
                           " ",
                           "null",
                           "[]",
                           "1",
                           "\"x\"",
                           "true",
                           "{}",
                           "{\"result\":null}",
                           "{\"result\":true}",
                           "{\"result\":\"allow\"}",
                           "{\"result\":[]}",
                           "{\"result\":[{\"allow\":true}]}",
                           "{\"result\":{\"allow\":\"true\",\"violations\":[]}}",
                           "{\"result\":{\"allow\":1,\"violations\":[]}}",
                           "{\"result\":{\"allow\":true}}",
                           "{\"result\":{\"allow\":null,\"violations\":[]}}",
                           "{\"result\":{\"violations\":[]}}",
                           "{\"result\":{\"allow\":true,\"violations\":null}}",
                           "{\"result\":{\"allow\":true,\"violations\":{}}}",
                           "{\"result\":{\"allow\":true,\"violations\":\"\"}}",
                           "{\"result\":{\"allow\":false,\"violations\":[]}}",
                           "{\"result\":{\"allow\":true,\"violations\":[{}]}}",
                           "{\"result\":{\"allow\":true,\"violations\":[null]}}",
                           "{\"result\":{\"Allow\":true,\"violations\":[]}}",
                           "{\"errors\":[{\"message\":\"x\"}]}",
                           "{\"warning\":{\"code\":\"api_usage_warning\"}}",
                           "<html>ok</html>",
                           "allow",
                           "NaN",
                           "{'result':{'allow':true,'violations':[]}}",
                           "\xff\xfe{",
                           "{\"result\":{\"allow\":tru"})
    out.push_back({std::string("body ") + body, [body](Text) { return http("200 OK", body); }});
  auto add = [&](const char* name, std::function<std::string(Text)> body) {
    out.push_back({name, [body](Text good) { return http("200 OK", body(good)); }});
  };
  add("garbage after the answer", [](Text good) { return good + "x"; });
  add("two answers", [](Text good) { return good + good; });
  add("half an answer", [](Text good) { return good.substr(0, good.size() / 2); });
  add("an answer in UTF-16", [](Text good) {
    std::string wide = "\xff\xfe";
    for (char c : good) wide += std::string{c, '\0'};
    return wide;
  });
  add("a result in a result", [](Text good) { return "{\"result\":" + good + "}"; });
  add("an answer in a list", [](Text good) { return "[" + good + "]"; });
  add("deep lists", [](Text) { return "{\"result\":" + std::string(20000, '['); });
  add("too many bytes", [](Text good) { return good + std::string(100000, ' '); });
}

void add_encodings(std::vector<Kind>& out) {
  out.push_back({"good", [](Text good) { return http("200 OK", good); }, true});
  out.push_back(
      {"good in chunks",
       [](Text good) { return chunked(hex(good.size()) + "\r\n" + good + "\r\n0\r\n\r\n"); },
       true});
  out.push_back(
      {"good without a length", [](Text good) { return "HTTP/1.1 200 OK\r\n\r\n" + good; }, true});
  auto add = [&](const char* name, std::function<std::string(Text)> reply,
                 Ending ending = Ending::close) {
    out.push_back({name, reply, false, ending});
  };
  add("a chunk without an end",
      [](Text good) { return chunked(hex(good.size()) + "\r\n" + good.substr(1)); });
  add("a chunk of no number", [](Text good) { return chunked("zz\r\n" + good + "\r\n"); });
  add("a huge chunk", [](Text good) { return chunked("ffffffffffffffff\r\n" + good); });
  add("a length that is too short",
      [](Text good) { return "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + good; });
  add("a length that is too long",
      [](Text good) { return "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + good; });
  add("a negative length",
      [](Text good) { return "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + good.substr(1); });
  add("gzip that is none",
      [](Text) { return http("200 OK", "\x1f\x8b\x08garbage", "Content-Encoding: gzip\r\n"); });
  add("no HTTP", [](Text good) { return good; });
  add("an unknown version", [](Text good) { return "HTTP/7.7 200 OK\r\n\r\n" + good; });
  add("another protocol", [](Text) { return std::string("SSH-2.0-OpenSSH_9.2\r\n"); });
  add("no end of headers", [](Text) { return std::string("HTTP/1.1 200 OK\r\nX: "); });
  add("endless headers", [](Text good) {
    std::string headers;
    while (headers.size() < 200000) headers += "X: " + std::string(1000, 'x') + "\r\n";
    return http("200 OK", good, headers);
  });
  add("informational answers only", [](Text) {
    std::string all;
    for (int i = 0; i < 50; ++i) all += "HTTP/1.1 100 Continue\r\n\r\n";
    return all;
  });
  add("another protocol from now on",
      [](Text good) { return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + good; });
}

void add_timings(std::vector<Kind>& out) {
  auto add = [&](const char* name, Ending ending, std::function<std::string(Text)> reply) {
    out.push_back({name, reply, false, ending});
  };
  add("closed at once", Ending::close, [](Text) { return std::string(); });
  add("reset at once", Ending::reset, [](Text) { return std::string(); });
  add("silent", Ending::hang, [](Text) { return std::string(); });
  add("silent after the status", Ending::hang,
      [](Text) { return std::string("HTTP/1.1 200 OK\r\n"); });
  add("silent after the headers", Ending::hang,
      [](Text good) { return http("200 OK", good).substr(0, 60); });
  add("silent before the last byte", Ending::hang, [](Text good) {
    std::string all = http("200 OK", good);
    return all.substr(0, all.size() - 1);
  });
  add("reset before the last byte", Ending::reset, [](Text good) {
    std::string all = http("200 OK", good);
    return all.substr(0, all.size() - 1);
  });
  out.push_back({"a byte at a time", [](Text good) { return http("200 OK", good); }, false,
                 Ending::close, true});
}

std::vector<Kind> kinds() {
  std::vector<Kind> out;
  add_statuses(out);
  add_bodies(out);
  add_encodings(out);
  add_timings(out);
  return out;
}

/// Answers as the kind that it is set to; a connection for each request.
class HostileServer {
 public:
  HostileServer() : listener_([this](int socket) { serve(socket); }) {}

  std::uint16_t port() const { return listener_.port(); }
  void set(const Kind& kind) {
    std::lock_guard lock(mutex_);
    kind_ = kind;
  }
  int requests() const { return requests_; }

 private:
  void serve(int socket) {
    std::string rest, request = read_request(socket, rest);
    if (request.empty()) return;
    ++requests_;
    bool flags = request.substr(0, request.find('\r')).find("feature_flags") != std::string::npos;
    Kind kind;
    {
      std::lock_guard lock(mutex_);
      kind = kind_;
    }
    send(socket, kind,
         kind.reply(flags ? R"({"result":{"enable_auto_scaling":false}})"
                          : R"({"result":{"allow":true,"violations":[],"warnings":[]}})"));
    if (kind.ending == Ending::hang) read_request(socket, rest);
    linger reset{1, 0};
    if (kind.ending == Ending::reset)
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    else
      ::shutdown(socket, SHUT_RDWR);
  }

  void send(int socket, const Kind& kind, const std::string& text) {
    if (!kind.drips) {
      send_all(socket, text);
      return;
    }
    for (char c : text) {
      if (listener_.is_stopping() || !send_all(socket, {&c, 1})) return;
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  std::mutex mutex_;
  Kind kind_;
  std::atomic<int> requests_{0};
  Listener listener_;
};

/// A folder without policies.
std::string empty_folder() {
  std::string out = testing::TempDir() + "lictor-empty-" + std::to_string(::getpid());
  std::filesystem::create_directories(out);
  return out;
}

struct Cell {
  Mode mode;
  bool open;
  bool files;
};

Configuration configuration_for(const Cell& cell, std::uint16_t port) {
  Configuration out = lictor::tests::remote_configuration(port);
  out.mode = cell.mode;
  out.fail_open = cell.open;
  if (!cell.files) out.policies = empty_folder();
  out.attempt_timeout = milliseconds(150);
  out.response_bytes = 50000;
  out.breaker_enabled = false;
  out.cache_size = 0;
  return out;
}

constexpr const char* ticket =
    R"({"ticket_id":"t","risk_band":"low","sla":{"timeout_ms":60000,"max_retries":1}})";

std::size_t count_unavailable(const ValidationResult& result) {
  std::size_t out = 0;
  for (const Violation& violation : result.violations)
    out += violation.rule_name == "policy_unavailable";
  for (const Warning& warning : result.warnings) out += warning.rule == "policy_unavailable";
  return out;
}

/// A rejection says what failed and where; a pass without a check is announced.
void check_unchecked(const ValidationResult& result, bool open, const std::string& where,
                     const std::string& name) {
  for (const Violation& violation : result.violations) {
    EXPECT_FALSE(violation.message.empty()) << name;
    bool says_where = violation.message.find(where) != std::string::npos;
    EXPECT_TRUE(violation.rule_name != "policy_unavailable" || says_where)
        << name << ": " << violation.message;
  }
  if (!open) {
    EXPECT_FALSE(result.valid) << name << " passes unchecked";
    EXPECT_FALSE(result.violations.empty()) << name;
  }
  EXPECT_TRUE(!result.valid || count_unavailable(result) > 0) << name << " passes in silence";
}

class Hostile : public testing::TestWithParam<Cell> {};

TEST_P(Hostile, servers_let_nothing_pass_unchecked) {
  const Cell& cell = GetParam();
  HostileServer server;
  server.set(kinds()[0]);
  PolicyClient client(configuration_for(cell, server.port()));
  client.initialize();
  PolicyValidator validator(client);
  bool here = cell.files && cell.mode != Mode::remote;  // decided in-process
  std::string where = "127.0.0.1:" + std::to_string(server.port());
  for (const Kind& kind : kinds()) {
    server.set(kind);
    int before = server.requests();
    ValidationResult result = validator.validate_execution_ticket(ticket);
    if (here || (cell.mode != Mode::local && kind.passes))
      EXPECT_TRUE(result.valid && count_unavailable(result) == 0)
          << kind.name << to_json_text(result);
    else
      check_unchecked(result, cell.open, cell.mode == Mode::local ? "" : where, kind.name);
    bool asked = server.requests() > before;
    EXPECT_EQ(asked, !here && cell.mode != Mode::local) << kind.name;
  }
}

std::vector<Cell> cells() {
  std::vector<Cell> out;
  for (Mode mode : {Mode::local, Mode::remote, Mode::fallback}) {
    for (bool open : {false, true}) {
      for (bool files : {false, true}) out.push_back({mode, open, files});
    }
  }
  return out;
}

std::string cell_name(const testing::TestParamInfo<Cell>& info) {
  return std::string(mode_name(info.param.mode)) + (info.param.open ? "_open" : "_closed") +
         (info.param.files ? "_with_files" : "_without_files");
}

INSTANTIATE_TEST_SUITE_P(Each, Hostile, testing::ValuesIn(cells()), cell_name);

TEST(HostileServers, are_of_many_kinds) { EXPECT_GE(kinds().size(), 68u); }

TEST(HostileServers, behind_a_name_a_port_or_tls_that_is_wrong_let_nothing_pass) {
  HostileServer server;
  for (const Kind& kind : kinds()) {
    if (kind.name == "good") server.set(kind);
  }
  auto reason = [&](const std::function<void(Configuration&)>& change) {
    Configuration configuration = configuration_for({Mode::remote, false, false}, server.port());
    change(configuration);
    PolicyClient client(configuration);
    client.initialize();
    ValidationResult result = PolicyValidator(client).validate_execution_ticket(ticket);
    check_unchecked(result, false, std::to_string(configuration.port), configuration.host);
    return result.violations.empty() ? "" : result.violations[0].message;
  };
  EXPECT_NE(reason([](Configuration& c) { c.port = lictor::cli::free_port(); }).find("connect"),
            std::string::npos);
  EXPECT_NE(reason([](Configuration& c) {
              c.host = "no-such-host.invalid";
            }).find("no-such-host.invalid"),
            std::string::npos);
  EXPECT_NE(reason([](Configuration& c) { c.tls = true; }).find("TLS"), std::string::npos);
}

/// One direction of what a verdict is, stated apart from the engine.
bool is_good_verdict(const std::string& body) {
  Json json = Json::parse(body, nullptr, false);
  return json.is_object() && json.contains("result") && json["result"].is_object() &&
         json["result"].value("allow", Json()) == true &&
         json["result"].value("violations", Json()) == Json::array();
}

TEST(HostileServers, with_bodies_from_a_seed_pass_nothing_that_is_no_verdict) {
  const char* given = std::getenv("LICTOR_HOSTILE_ROUNDS");
  int rounds = given ? std::atoi(given) : 300;
  std::mt19937 random(26);
  HostileServer server;
  PolicyClient client(configuration_for({Mode::remote, false, false}, server.port()));
  client.initialize();
  PolicyValidator validator(client);
  const std::string pieces = R"({}[]",:0 tfn\allowtruefalsenull)";
  int passed = 0;
  for (int i = 0; i < rounds; ++i) {
    std::string body = R"({"result":{"allow":true,"violations":[]}})";
    for (std::size_t n = random() % 3; n > 0; --n) {
      std::size_t at = random() % body.size();
      char piece = pieces[random() % pieces.size()];
      if (random() % 3 == 0)
        body.erase(at, 1 + random() % 3);
      else if (random() % 2 == 0)
        body[at] = piece;
      else
        body.insert(at, 1, piece);
    }
    server.set({"seeded", [body](Text good) {
                  return http("200 OK", good.find("allow") == std::string::npos ? good : body);
                }});
    bool valid = validator.validate_execution_ticket(ticket).valid;
    passed += valid;
    EXPECT_TRUE(!valid || is_good_verdict(body)) << body;
  }
  EXPECT_GT(passed, rounds / 10);
  EXPECT_LT(passed, rounds);
}

}  // namespace
