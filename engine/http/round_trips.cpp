#include "round_trips.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/unicode.hpp"
#include "lictor/engine.hpp"

namespace lictor::http {
namespace {

using Reason = Failure::Reason;
using std::chrono::duration_cast;

std::string quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// "POST" → "Post", as Go's url.Error names what was done.
std::string operation_of(const std::string& method) {
  return method.empty() ? "Get" : method.substr(0, 1) + lower_case(method.substr(1));
}

/// The URL as errors show it: without a password.
std::string shown(const Uri& url) {
  if (!url.user || url.user->find(':') == url.user->npos) return to_text(url);
  Uri hidden = url;
  hidden.user = url.user->substr(0, url.user->find(':')) + ":***";
  return to_text(hidden);
}

std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escape = text[i] == '%' && i + 2 < text.size();
    out +=
        escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    i += escape ? 2 : 0;
  }
  return out;
}

/// The Authorization header that a URL's user and password make.
std::string basic_authorization(const std::string& user) {
  std::size_t colon = std::min(user.find(':'), user.size());
  std::string password = user.substr(std::min(colon + 1, user.size()));
  return "Basic " +
         encode_base64(without_escapes(user.substr(0, colon)) + ":" + without_escapes(password),
                       base64_standard, true);
}

std::string user_agent() {
#if defined(__aarch64__)
  constexpr const char* architecture = "arm64";
#else
  constexpr const char* architecture = "amd64";
#endif
  return std::string("Open-Policy-Agent/") + opa_version() + " (linux, " + architecture + ")";
}

Message first_message(const Request& request, const std::map<std::string, std::string>& more) {
  Message out;
  out.method = request.method;
  out.url = request.url;
  out.headers = request.headers;
  if (!out.headers.count("User-Agent"))
    out.headers["User-Agent"] = out.headers.empty() ? "Go-http-client/1.1" : user_agent();
  for (const auto& [name, value] : more) out.headers[name] = value;
  out.body = request.body;
  out.socket = request.socket;
  out.tls = request.tls.get();
  out.keeps_alive = !request.tls && !request.socket;
  return out;
}

/// What keeps a message from being sent; "" if nothing does.
std::string message_fault(const Message& message) {
  const std::string& scheme = message.url.scheme;
  if (scheme != "http" && scheme != "https") return "unsupported protocol scheme " + quoted(scheme);
  for (const auto& [name, value] : message.headers) {
    if (!is_token(name)) return "net/http: invalid header field name " + quoted(name);
    if (!is_header_value(value)) return "net/http: invalid header field value for " + quoted(name);
  }
  return message.url.host.empty() ? "http: no Host in request URL" : "";
}

std::string host_name(const Uri& url) {
  std::string out = lower_case(url.host);
  std::size_t colon = out.rfind(':');
  bool has_port = colon != out.npos && out.find(']', colon) == out.npos;
  return has_port ? out.substr(0, colon) : out;
}

/// True if `host` is `parent` or below it.
bool is_within(const std::string& host, const std::string& parent) {
  if (host == parent) return true;
  bool is_name = host.find_first_of(":%") == host.npos;
  return is_name && host.size() > parent.size() && host.ends_with(parent) &&
         host[host.size() - parent.size() - 1] == '.';
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// The messages of one request, each of which follows from the response to the one before.
class Hops {
 public:
  explicit Hops(const Message& first) : first_(first), message_(first) {}

  const Message& message() const { return message_; }
  int count() const { return count_; }
  /// Goes on to where a response leads. Returns what is wrong with that place, or "".
  std::string follow(const Response& response, const std::string& location);

 private:
  void copy_headers();

  const Message& first_;
  Message message_;
  bool keeps_body_ = true, drops_secrets_ = false;
  int count_ = 0;
};

void Hops::copy_headers() {
  constexpr std::string_view secret[] = {
      "Authorization",       "Cookie",          "Cookie2", "Proxy-Authenticate",
      "Proxy-Authorization", "Www-Authenticate"};
  constexpr std::string_view of_body[] = {"Content-Encoding", "Content-Language",
                                          "Content-Location", "Content-Type"};
  auto has = [](const auto& names, const std::string& name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  message_.headers.clear();
  for (const auto& [name, value] : first_.headers) {
    bool dropped = (drops_secrets_ && has(secret, name)) || (!keeps_body_ && has(of_body, name));
    if (!dropped && name != "Host") message_.headers[name] = value;
  }
}

std::string Hops::follow(const Response& response, const std::string& location) {
  Uri reference, base = message_.url;
  try {
    reference = parse_uri(location);
  } catch (const UriError& wrong) {
    return "failed to parse Location header " + quoted(location) + ": " + wrong.text;
  }
  message_.url = resolve_reference(base, reference);
  if (response.status_code < 307) {
    keeps_body_ = false;
    if (message_.method != "HEAD" && !message_.method.empty()) message_.method = "GET";
  }
  if (!keeps_body_) message_.body.reset();
  auto own = message_.headers.find("Host");
  std::string host = own == message_.headers.end() ? "" : own->second;
  if (first_.url.host != message_.url.host)
    drops_secrets_ |= !is_within(host_name(message_.url), host_name(first_.url));
  copy_headers();
  // A Host header of the policy's own stays as long as redirects are relative.
  if (!host.empty() && host != base.host && reference.scheme.empty())
    message_.headers["Host"] = host;
  auto referer = message_.headers.find("Referer");
  bool named = referer != message_.headers.end() && !referer->second.empty();
  if (!named && !(base.scheme == "https" && message_.url.scheme == "http")) {
    base.user.reset();
    message_.headers["Referer"] = to_text(base);
  }
  ++count_;
  return "";
}

/// A failure of Go's kind url.Error.
Failure network(const std::string& method, const std::string& url, const Broken& broken) {
  std::string operation = operation_of(method);
  Failure out{Reason::network, operation + " " + quoted(url) + ": " + broken.text};
  if (!broken.timed_out) return out;
  out.message += " (Client.Timeout exceeded while awaiting headers)";
  out.timeout_message = operation + " " + url + ": request timed out";
  return out;
}

Failure body_failure(const Broken& broken) {
  Failure out{Reason::builtin, broken.text};
  if (broken.timed_out)
    out.message += " (Client.Timeout or context cancellation while reading body)";
  out.in_body = true;
  return out;
}

std::string addressed(Message& message) {
  if (message.url.user && !message.headers.count("Authorization"))
    message.headers["Authorization"] = basic_authorization(*message.url.user);
  return message_fault(message);
}

}  // namespace

std::optional<Failure> RoundTrips::attempt(const Request& request, const Message& first,
                                           Response& out) {
  Bounds bounds{std::nullopt, is_stopped_, options_.max_header_bytes, options_.max_body_bytes};
  if (request.timeout.count() > 0) bounds.deadline = Clock::now() + request.timeout;
  for (Hops hops(first);;) {
    Message message = hops.message();
    std::string wrong = addressed(message);
    bool late = bounds.deadline && Clock::now() >= *bounds.deadline;
    if (!wrong.empty()) return network(first.method, shown(message.url), {wrong, false, late});
    out = Response();
    std::optional<Broken> broken = connections_.exchange(message, bounds, out);
    if (broken && broken->stopped) return Failure{Reason::stopped, broken->text};
    if (broken && !broken->in_body) return network(first.method, shown(message.url), *broken);
    std::string location(first_value(out.headers, "location"));
    bool names_place = is_redirect(out.status_code) && !location.empty();
    // Go reads the place also where the redirect is not followed.
    wrong = names_place ? hops.follow(out, location) : "";
    if (!wrong.empty()) return network(first.method, shown(message.url), {wrong});
    bool moves = names_place && request.follows_redirects;
    if (!moves && broken) return body_failure(*broken);
    if (!moves) return std::nullopt;
    if (auto refused = refusal(options_, to_text(hops.message().url)))
      return network(first.method, location, {*refused});
    if (hops.count() > options_.max_redirects) {
      return network(first.method, location,
                     {"stopped after " + std::to_string(options_.max_redirects) + " redirects"});
    }
  }
}

/// OPA's delay before another attempt; false if the evaluation is over.
bool RoundTrips::wait(std::int64_t attempt) const {
  constexpr double first_ns = 1e8, most_ns = 6e10, factor = 1.6, jitter = 0.2;
  thread_local std::minstd_rand random{std::random_device{}()};
  double delay = attempt == 0 ? 0 : first_ns * std::pow(factor, static_cast<double>(attempt));
  delay = std::min(delay, most_ns) *
          (1 + jitter * std::uniform_real_distribution<double>(-1, 1)(random));
  auto end = Clock::now() + std::chrono::nanoseconds(static_cast<std::int64_t>(delay));
  constexpr std::chrono::milliseconds nap{5};
  while (Clock::now() < end) {
    if (is_stopped_ && is_stopped_()) return false;
    std::this_thread::sleep_for(std::min<Clock::duration>(nap, end - Clock::now()));
  }
  return true;
}

std::optional<Failure> RoundTrips::run(const Request& request, std::int64_t retries,
                                       const std::map<std::string, std::string>& more,
                                       Response& out) {
  Message first = first_message(request, more);
  for (std::int64_t i = 0;; ++i) {
    std::optional<Failure> failure = attempt(request, first, out);
    bool again = failure && failure->reason == Reason::network && i < retries;
    if (!again) return failure;
    if (!wait(i)) return Failure{Reason::stopped, "context canceled"};
  }
}

}  // namespace lictor::http
