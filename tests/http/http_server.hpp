// A server of the tests' own, over TCP, TLS or a Unix domain socket, whose answers are bytes that
// the test chooses. A thread a connection; it stops when it is destroyed.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "fake_opa.hpp"

namespace lictor::tests {

struct Incoming {
  std::string method, target, path;
  std::map<std::string, std::string> query;    // unescaped
  std::map<std::string, std::string> headers;  // by name in lower case
  std::string body;

  /// A value of the query, or another one.
  std::string get(const std::string& key, const std::string& otherwise = "") const;
};

/// One connection.
class Wire {
 public:
  Wire(int socket, SSL* tls, const std::function<bool()>& is_stopping)
      : socket_(socket), tls_(tls), is_stopping_(is_stopping) {}
  /// False if the other end does not take all of it.
  bool send(std::string_view bytes);
  /// Bytes that came; "" at the end.
  std::string receive();
  /// False if the server is stopped meanwhile.
  bool sleep(int milliseconds) const;

 private:
  int socket_;
  SSL* tls_;
  const std::function<bool()>& is_stopping_;
};

/// Certificates for a server; a client has to show one of `client_authority`, if there is one.
struct ServerTls {
  std::string certificate_file, key_file, client_authority;
};

class HttpServer {
 public:
  /// Returns whether the connection stays open.
  using Answer = std::function<bool(const Incoming&, Wire&)>;

  explicit HttpServer(Answer answer);
  HttpServer(Answer answer, const ServerTls& tls);
  HttpServer(Answer answer, const std::string& socket_path);
  ~HttpServer();

  std::uint16_t port() const { return listener_->port(); }
  std::string url(const std::string& target = "/") const;
  int requests() const { return requests_; }
  int connections() const { return connections_; }

 private:
  void serve(int socket);
  void serve_requests(Wire& wire);

  Answer answer_;
  SSL_CTX* context_ = nullptr;
  std::atomic<int> requests_{0}, connections_{0};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Listener> listener_;
};

/// A response with a body and its length.
std::string response(int status, std::string_view body, std::string_view headers = "");

/// "a b" → "a%20b"
std::string percent_escaped(std::string_view text);

}  // namespace lictor::tests
