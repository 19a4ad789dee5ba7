#include "exchange.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <tuple>
#include <vector>

#include "response_reader.hpp"

namespace lictor::http {
namespace {

using std::chrono::milliseconds;

/// A host and its port, which may be empty.
struct Place {
  std::string host, port;  // an IPv6 address without brackets
};

Place place_of(const std::string& authority) {
  std::size_t close = authority.rfind(']'), colon = authority.rfind(':');
  bool has_port = colon != authority.npos && (close == authority.npos || colon > close);
  Place out{authority.substr(0, has_port ? colon : authority.npos),
            has_port ? authority.substr(colon + 1) : ""};
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

/// An address and a port as Go shows them: 127.0.0.1:80, [::1]:80.
std::string shown(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    const auto* ip = reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &ip->sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(ip->sin_port));
  }
  if (address->sa_family != AF_INET6) return "";
  const auto* ip = reinterpret_cast<const sockaddr_in6*>(address);
  inet_ntop(AF_INET6, &ip->sin6_addr, text, sizeof text);
  return "[" + std::string(text) + "]:" + std::to_string(ntohs(ip->sin6_port));
}

std::string system_words(long code) {
  std::string out = std::strerror(static_cast<int>(code));
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

/// What OpenSSL says, and what Go says instead.
struct TlsWords {
  std::string_view openssl, go;
};

constexpr TlsWords tls_words[] = {
    {"wrong version number", "http: server gave HTTP response to HTTPS client"},
    {"packet length too long", "tls: first record does not look like a TLS handshake"},
    {"alert certificate required", "remote error: tls: certificate required"},
    {"alert bad certificate", "remote error: tls: bad certificate"},
    {"alert handshake failure", "remote error: tls: handshake failure"},
    {"alert unknown ca", "remote error: tls: unknown certificate authority"},
    {"alert protocol version", "remote error: tls: protocol version not supported"},
    {"alert unrecognized name", "remote error: tls: unrecognized name"},
    {"unrecognized name", "remote error: tls: unrecognized name"},
    {"alert internal error", "remote error: tls: internal error"},
    {"unexpected eof", "EOF"}};

/// False for what would change the meaning of a URL in which it is the host.
bool is_host_name(const std::string& name) {
  unsigned char address[16];
  if (inet_pton(AF_INET6, name.c_str(), address) == 1) return true;
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

/// The proxy that the environment names, as Go reads it; libcurl heeds NO_PROXY.
std::string proxy_for(const Uri& url, const std::string& host) {
  if (is_loopback(host)) return "";
  bool tls = url.scheme == "https";
  for (const char* name :
       {tls ? "HTTPS_PROXY" : "HTTP_PROXY", tls ? "https_proxy" : "http_proxy"}) {
    const char* value = std::getenv(name);
    if (value && *value) return value;
  }
  return "";
}

/// The path and query that a request names.
std::string target_of(const Uri& url) {
  std::string out = url.opaque.empty() ? url.escaped_path : url.opaque;
  if (out.empty()) out = "/";
  return url.has_query ? out + "?" + url.query : out;
}

/// One exchange that libcurl works on.
class Transfer {
 public:
  Transfer(CURL* handle, const Message& message, const Bounds& bounds, Response& out)
      : handle_(handle),
        message_(message),
        bounds_(bounds),
        place_(place_of(message.url.host)),
        server_(message.tls, server_name()),
        reader_(out, bounds) {}
  ~Transfer() {
    curl_easy_reset(handle_);
    curl_slist_free_all(headers_);
    curl_slist_free_all(route_);
  }

  /// What makes a request impossible.
  std::optional<Broken> prepare();
  std::optional<Broken> run(CURLM* multi);

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handle_, option, value);
  }
  std::string server_name() const {
    bool named = message_.tls && !message_.tls->server_name.empty();
    return named ? message_.tls->server_name : place_.host;
  }

  void set_place();
  void set_callbacks();
  void set_headers();
  void add_header(const std::string& name, const std::string& value);
  void set_body();
  std::optional<Broken> interruption() const;
  std::optional<Broken> outcome(CURLcode code);
  Broken connect_fault() const;
  Broken stream_fault(const char* verb) const;
  std::string words(CURLcode code) const;

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  static CURLcode on_tls(CURL*, void* context, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address);

  CURL* handle_;
  const Message& message_;
  const Bounds& bounds_;
  Place place_;
  ServerCheck server_;
  ResponseReader reader_;
  curl_slist* headers_ = nullptr;
  curl_slist* route_ = nullptr;
  std::string first_address_;  // that it connected to
  std::string junk_;           // bytes that came in place of a status line
  bool asks_for_gzip_ = false;
  char detail_[CURL_ERROR_SIZE] = "";
};

std::size_t Transfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
  return static_cast<Transfer*>(self)->reader_.take_line({data, size}) ? size : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.reader_.has_headers()) return transfer.reader_.take_body({data, size}) ? size : 0;
  transfer.junk_.append(data, size);
  bool enough = transfer.junk_.find('\n') != std::string::npos ||
                transfer.junk_.size() > transfer.bounds_.max_header_bytes;
  return enough ? 0 : size;
}

CURLcode Transfer::on_tls(CURL*, void* context, void* self) {
  bool good = static_cast<Transfer*>(self)->server_.prepare(static_cast<SSL_CTX*>(context));
  return good ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& first = static_cast<Transfer*>(self)->first_address_;
  if (first.empty()) first = shown(&address->addr);
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Transfer::set_place() {
  bool tls = message_.url.scheme == "https";
  std::string port = place_.port.empty() ? (tls ? "443" : "80") : place_.port;
  auto bracketed = [](const std::string& host) {
    return host.find(':') == host.npos ? host : "[" + host + "]";
  };
  std::string host = place_.host.empty() ? "127.0.0.1" : bracketed(place_.host);
  // The name of the server in TLS is the one in the URL; what it is connected to is not.
  std::string name = server_name();
  if (tls && name != place_.host && is_host_name(name)) {
    route_ = curl_slist_append(route_, ("::" + host + ":" + port).c_str());
    set(CURLOPT_CONNECT_TO, route_);
    host = bracketed(name);
  }
  std::string proxy = message_.socket ? "" : proxy_for(message_.url, place_.host);
  std::string target = target_of(message_.url);
  bool names_all = !proxy.empty() && !tls;  // a proxy wants the whole URL
  std::string base = message_.url.scheme + "://" + host + ":" + port;
  set(CURLOPT_URL, (base + (names_all ? target : "/")).c_str());
  set(CURLOPT_PROXY, proxy.c_str());
  if (!names_all) set(CURLOPT_REQUEST_TARGET, target.c_str());
  if (!message_.socket) return;
  bool is_abstract = message_.socket->starts_with('@');
  set(is_abstract ? CURLOPT_ABSTRACT_UNIX_SOCKET : CURLOPT_UNIX_SOCKET_PATH,
      message_.socket->c_str() + (is_abstract ? 1 : 0));
}

void Transfer::set_callbacks() {
  auto* self = static_cast<void*>(this);
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, self);
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, self);
  set(CURLOPT_OPENSOCKETFUNCTION, on_socket);
  set(CURLOPT_OPENSOCKETDATA, self);
  set(CURLOPT_SSL_CTX_FUNCTION, on_tls);
  set(CURLOPT_SSL_CTX_DATA, self);
  set(CURLOPT_ERRORBUFFER, detail_);
}

void Transfer::add_header(const std::string& name, const std::string& value) {
  std::string sent(trimmed(value));
  // libcurl takes a name alone as a header that is not to be sent.
  std::string line = sent.empty() ? name + ";" : name + ": " + sent;
  headers_ = curl_slist_append(headers_, line.c_str());
}

/// Go sends no host rather than a wrong one.
std::string host_header(const Message& message) {
  auto given = message.headers.find("Host");
  bool named = given != message.headers.end() && !given->second.empty();
  const std::string& host = named ? given->second : message.url.host;
  bool valid = std::all_of(host.begin(), host.end(), [](char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    constexpr std::string_view marks = "!$%&()*+,-.:;=@[]'_~";
    return letter || static_cast<unsigned char>(c) >= 0x80 || marks.find(c) != marks.npos;
  });
  return valid ? host : "";
}

void Transfer::set_headers() {
  constexpr std::string_view ours[] = {"Content-Length", "Host", "Trailer", "Transfer-Encoding"};
  const auto& given = message_.headers;
  add_header("Host", host_header(message_));
  for (const auto& [name, value] : given) {
    bool is_ours = std::find(std::begin(ours), std::end(ours), name) != std::end(ours);
    bool is_unset = name == "User-Agent" && value.empty();
    if (!is_ours && !is_unset) add_header(name, value);
  }
  for (const char* name : {"Accept", "Expect", "Content-Type", "User-Agent"}) {
    if (!given.count(name))
      headers_ = curl_slist_append(headers_, (std::string(name) + ":").c_str());
  }
  asks_for_gzip_ =
      !given.count("Accept-Encoding") && !given.count("Range") && message_.method != "HEAD";
  if (asks_for_gzip_) add_header("Accept-Encoding", "gzip");
  if (!message_.keeps_alive && !given.count("Connection")) add_header("Connection", "close");
  set(CURLOPT_HTTPHEADER, headers_);
}

void Transfer::set_body() {
  const std::string& method = message_.method;
  bool has_body = message_.body && !message_.body->empty();
  bool states_length = method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (has_body || states_length) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(has_body ? message_.body->size() : 0));
    set(CURLOPT_POSTFIELDS, has_body ? message_.body->data() : "");
  }
  if (!method.empty() || has_body)
    set(CURLOPT_CUSTOMREQUEST, method.empty() ? "GET" : method.c_str());
}

std::optional<Broken> Transfer::prepare() {
  constexpr std::size_t longest_socket = sizeof(sockaddr_un::sun_path) - 1;
  if (message_.socket) {
    const std::string& path = *message_.socket;
    if (path.empty()) return Broken{"dial unix: missing address"};
    if (path.size() > longest_socket || path.find('\0') != path.npos)
      return Broken{"dial unix " + path + ": connect: invalid argument"};
  }
  if (place_.port.size() > 5 || std::atoi(place_.port.c_str()) > 65535)
    return Broken{"dial tcp: address " + place_.port + ": invalid port"};
  set_callbacks();
  set_place();
  set_headers();
  set_body();
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_HTTP09_ALLOWED, 1L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  // A resolver that hangs is left to itself; libcurl would wait for its thread otherwise.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // Certificates are loaded and checked by ServerCheck.
  for (CURLoption option : {CURLOPT_CAINFO, CURLOPT_CAPATH})
    set(option, static_cast<char*>(nullptr));
  // A session or a store of another request would bring its trust along.
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
  set(CURLOPT_SSL_VERIFYHOST, 0L);
  set(CURLOPT_SSL_VERIFYPEER, message_.tls && message_.tls->skips_verification ? 0L : 1L);
  set(CURLOPT_FORBID_REUSE, message_.keeps_alive ? 0L : 1L);
  set(CURLOPT_FRESH_CONNECT, message_.keeps_alive ? 0L : 1L);
  constexpr long dial_timeout_ms = 30000;
  set(CURLOPT_CONNECTTIMEOUT_MS, dial_timeout_ms);
  return std::nullopt;
}

std::optional<Broken> Transfer::interruption() const {
  bool in_body = reader_.has_headers();
  if (bounds_.is_stopped && bounds_.is_stopped())
    return Broken{"context canceled", in_body, false, true};
  if (bounds_.deadline && Clock::now() >= *bounds_.deadline)
    return Broken{"context deadline exceeded", in_body, true};
  return std::nullopt;
}

/// Ends with libcurl, the deadline, or the evaluation.
std::optional<Broken> Transfer::run(CURLM* multi) {
  constexpr int longest_nap_ms = 5;
  curl_multi_add_handle(multi, handle_);
  std::optional<Broken> out;
  for (bool done = false; !done;) {
    out = interruption();
    if (out) break;
    int running = 0, left = 0;
    curl_multi_perform(multi, &running);
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      out = outcome(message->data.result);
      done = true;
    }
    if (!done) curl_multi_poll(multi, nullptr, 0, longest_nap_ms, nullptr);
  }
  curl_multi_remove_handle(multi, handle_);
  return out;
}

Broken Transfer::connect_fault() const {
  long code = 0;
  curl_easy_getinfo(handle_, CURLINFO_OS_ERRNO, &code);
  std::string where = message_.socket ? "unix " + *message_.socket : "tcp " + first_address_;
  if (code == 0) return Broken{"dial " + where + ": " + words(CURLE_COULDNT_CONNECT)};
  return Broken{"dial " + where + ": connect: " + system_words(code)};
}

/// "read tcp 127.0.0.1:40000->127.0.0.1:80: read: connection reset by peer"
Broken Transfer::stream_fault(const char* verb) const {
  char* local = nullptr;
  char* remote = nullptr;
  long local_port = 0, remote_port = 0, code = 0;
  curl_easy_getinfo(handle_, CURLINFO_LOCAL_IP, &local);
  curl_easy_getinfo(handle_, CURLINFO_PRIMARY_IP, &remote);
  curl_easy_getinfo(handle_, CURLINFO_LOCAL_PORT, &local_port);
  curl_easy_getinfo(handle_, CURLINFO_PRIMARY_PORT, &remote_port);
  curl_easy_getinfo(handle_, CURLINFO_OS_ERRNO, &code);
  std::string reason = code == 0 ? "connection reset by peer" : system_words(code);
  return Broken{std::string(verb) + " tcp " + (local ? local : "") + ":" +
                    std::to_string(local_port) + "->" + (remote ? remote : "") + ":" +
                    std::to_string(remote_port) + ": " + verb + ": " + reason,
                reader_.has_headers()};
}

/// libcurl's words, in Go's manner.
std::string Transfer::words(CURLcode code) const {
  std::string out = curl_easy_strerror(code);
  if (out.size() > 1 && out[0] >= 'A' && out[0] <= 'Z' && out[1] >= 'a')
    out[0] = static_cast<char>(out[0] + 32);
  return out;
}

std::optional<Broken> Transfer::outcome(CURLcode code) {
  bool in_body = reader_.has_headers();
  std::string_view detail = detail_;
  auto says = [&](std::string_view text) { return detail.find(text) != detail.npos; };
  if (!junk_.empty()) {
    std::string_view line = std::string_view(junk_).substr(0, junk_.find('\n'));
    while (line.ends_with('\r')) line.remove_suffix(1);
    return Broken{status_line_fault(line)};
  }
  if (!reader_.fault().empty()) return Broken{reader_.fault(), in_body};
  constexpr std::string_view broken = "net/http: HTTP/1.x transport connection broken: ";
  if (code == CURLE_OK && !in_body) return Broken{std::string(broken) + "unexpected EOF"};
  if (code == CURLE_OK) {
    std::string wrong = reader_.finish(asks_for_gzip_, message_.method == "HEAD");
    if (wrong.empty()) return std::nullopt;
    return Broken{wrong, true};
  }
  if (!server_.fault().empty())
    return Broken{"tls: failed to verify certificate: " + server_.fault()};
  // libcurl is out of the memory that it has for one header.
  bool flooded = code == CURLE_OUT_OF_MEMORY && !in_body;
  if (flooded || says("Too large response headers")) {
    return Broken{std::string(broken) + "net/http: server response headers exceeded " +
                  std::to_string(CURL_MAX_HTTP_HEADER) + " bytes; aborted"};
  }
  if (says("hexadecimal")) return Broken{"invalid byte in chunk length", in_body};
  if (says("chunked-encoding")) return Broken{"malformed chunked encoding", in_body};
  for (const TlsWords& known : tls_words) {
    if (says(known.openssl)) return Broken{std::string(known.go), in_body};
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_URL_MALFORMAT:
      return Broken{"dial tcp: lookup " + place_.host + ": no such host"};
    case CURLE_COULDNT_CONNECT:
      return connect_fault();
    case CURLE_OPERATION_TIMEDOUT:
      return Broken{"dial tcp " + first_address_ + ": i/o timeout", in_body};
    case CURLE_GOT_NOTHING:
      return Broken{"EOF"};
    case CURLE_PARTIAL_FILE:
      return Broken{std::string(in_body ? "" : broken) + "unexpected EOF", in_body};
    case CURLE_RECV_ERROR:
      return stream_fault("read");
    case CURLE_SEND_ERROR:
      return stream_fault("write");
    case CURLE_SSL_CONNECT_ERROR:
      return Broken{"EOF"};
    case CURLE_WEIRD_SERVER_REPLY:  // libcurl does not pass on what is wrong
      if (says("Content-Length")) return Broken{std::string(broken) + "bad Content-Length"};
      return Broken{std::string(broken) +
                    (says("Header") ? "malformed MIME header" : "malformed HTTP response")};
    default:
      return Broken{words(code), in_body};
  }
}

}  // namespace

/// libcurl's connections for one transfer at a time.
struct Connections::Lane {
  CURLM* multi = curl_multi_init();
  CURL* handle = curl_easy_init();
  Lane() = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() {
    curl_easy_cleanup(handle);
    curl_multi_cleanup(multi);
  }
};

struct Connections::Idle {
  std::mutex mutex;
  std::vector<std::unique_ptr<Lane>> lanes;
};

Connections::Connections() : idle_(std::make_unique<Idle>()) {}
Connections::~Connections() = default;

std::unique_ptr<Connections::Lane> Connections::take() {
  // Not before a request: most programs that link this send none, and it takes half a millisecond.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  std::ignore = ready;
  std::lock_guard lock(idle_->mutex);
  if (idle_->lanes.empty()) return std::make_unique<Lane>();
  std::unique_ptr<Lane> out = std::move(idle_->lanes.back());
  idle_->lanes.pop_back();
  return out;
}

void Connections::give_back(std::unique_ptr<Lane> lane) {
  constexpr std::size_t most_idle = 64;
  std::lock_guard lock(idle_->mutex);
  if (idle_->lanes.size() < most_idle) idle_->lanes.push_back(std::move(lane));
}

std::optional<Broken> Connections::exchange(const Message& message, const Bounds& bounds,
                                            Response& out) {
  std::unique_ptr<Lane> lane = take();
  std::optional<Broken> broken;
  {
    Transfer transfer(lane->handle, message, bounds, out);
    broken = transfer.prepare();
    if (!broken) broken = transfer.run(lane->multi);
  }
  give_back(std::move(lane));
  return broken;
}

}  // namespace lictor::http
