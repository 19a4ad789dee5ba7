#include "behavior.hpp"

#include <nlohmann/json.hpp>

namespace lictor::tests {
namespace {

/// "name: value" lines of the parameters that are not the server's own.
std::string headers_in(const Incoming& request) {
  std::string out;
  for (const auto& [name, value] : request.query) {
    if (name.find('-') != name.npos || name == "date" || name == "expires" || name == "etag")
      out += name + ": " + value + "\r\n";
  }
  return out;
}

}  // namespace

bool Behavior::operator()(const Incoming& request, Wire& wire) {
  if (request.path == "/echo") return echo(request, wire);
  if (request.path == "/say") return say(request, wire);
  if (request.path == "/count") return count(request, wire);
  if (request.path == "/go") return redirect(request, wire);
  if (request.path == "/raw") return raw(request, wire);
  if (request.path == "/slow") return slow(request, wire);
  if (request.path == "/endless") return endless(request, wire);
  return wire.send(response(404, "none"));
}

/// /echo: what was asked, as JSON.
bool Behavior::echo(const Incoming& request, Wire& wire) const {
  nlohmann::json out = {{"method", request.method},
                        {"target", request.target},
                        {"headers", request.headers},
                        {"body", request.body}};
  std::string body = out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (request.method == "HEAD") body.clear();
  return wire.send(response(200, body, "Content-Type: application/json\r\n"));
}

/// /say?body=…&status=…&HEADER=…: that. Headers are the parameters with a dash in their names.
bool Behavior::say(const Incoming& request, Wire& wire) const {
  int status = std::stoi(request.get("status", "200"));
  std::string body = request.method == "HEAD" ? "" : request.get("body");
  return wire.send(response(status, body, headers_in(request)));
}

/// /count?etag=…&cache-control=…: how often exactly this was asked; 304 for who knows the etag.
bool Behavior::count(const Incoming& request, Wire& wire) {
  int number = 0;
  {
    std::lock_guard lock(mutex_);
    number = ++counts_[request.target];
  }
  auto known = request.headers.find("if-none-match");
  auto since = request.headers.find("if-modified-since");
  bool current = (known != request.headers.end() && known->second == request.get("etag")) ||
                 (since != request.headers.end() && since->second == request.get("last-modified"));
  std::string headers = headers_in(request) + "X-Count: " + std::to_string(number) + "\r\n";
  int wait = std::stoi(request.get("wait", "0"));
  if (wait > 0 && !wire.sleep(wait)) return false;
  if (current && request.get("renew") != "never")
    return wire.send("HTTP/1.1 304 Not Modified\r\n" + headers + "\r\n");
  std::string body = "{\"n\": " + std::to_string(number) + "}";
  int status = std::stoi(request.get("status", "200"));
  return wire.send(response(status, body, headers + "Content-Type: application/json\r\n"));
}

/// /go?to=URL&status=…: a redirect.
bool Behavior::redirect(const Incoming& request, Wire& wire) const {
  int status = std::stoi(request.get("status", "302"));
  std::string to = request.get("to");
  return wire.send(response(status, "moved", to.empty() ? "" : "Location: " + to + "\r\n"));
}

/// /raw?bytes=…: those, then the end of the connection.
bool Behavior::raw(const Incoming& request, Wire& wire) const {
  wire.send(request.get("bytes"));
  return false;
}

/// /slow?before=MS&within=MS: waits before the headers, and within the body.
bool Behavior::slow(const Incoming& request, Wire& wire) const {
  if (!wire.sleep(std::stoi(request.get("before", "0")))) return false;
  if (!wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")) return false;
  return wire.sleep(std::stoi(request.get("within", "0"))) && wire.send("cd");
}

/// /endless?part=BYTES&start=BYTES: a start, and the part until nobody wants it any more.
bool Behavior::endless(const Incoming& request, Wire& wire) const {
  std::string part = request.get("part", "x"), chunk;
  while (chunk.size() < 16384) chunk += part;
  if (!wire.send(request.get("start"))) return false;
  while (wire.send(chunk)) continue;
  return false;
}

}  // namespace lictor::tests
