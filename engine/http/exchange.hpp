// One HTTP exchange over libcurl: a request to one URL. In: what to send, and until when. Out: the
// response, or Go's words for what went wrong. The calling thread drives it and asks at least every
// 5 ms whether to stop. Source of the words: Go's net/http (1.27).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/uri.hpp"
#include "headers.hpp"
#include "tls.hpp"

namespace lictor::http {

using Clock = std::chrono::steady_clock;

struct Message {
  std::string method;  // empty: GET
  Uri url;
  std::map<std::string, std::string> headers;  // by canonical name
  std::optional<std::string> body;
  std::optional<std::string> socket;
  const Tls* tls = nullptr;
  bool keeps_alive = true;
};

struct Response {
  std::string status;  // "200 OK"
  int status_code = 0;
  Headers headers;
  std::string body;
};

struct Broken {
  std::string text;
  bool in_body = false;  // the response has begun
  bool timed_out = false;
  bool stopped = false;
};

struct Bounds {
  std::optional<Clock::time_point> deadline;
  std::function<bool()> is_stopped;
  std::size_t max_header_bytes = 0, max_body_bytes = 0;
};

/// Connections that may serve again. Safe for many threads.
class Connections {
 public:
  Connections();
  ~Connections();
  std::optional<Broken> exchange(const Message& message, const Bounds& bounds, Response& out);

 private:
  struct Lane;
  std::unique_ptr<Lane> take();
  void give_back(std::unique_ptr<Lane> lane);
  struct Idle;
  std::unique_ptr<Idle> idle_;
};

}  // namespace lictor::http
