#include "http_server.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace lictor::tests {
namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escape = text[i] == '%' && i + 2 < text.size();
    out += escape ? static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16))
                  : text[i];
    i += escape ? 2 : 0;
  }
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void parse_target(Incoming& out) {
  std::size_t mark = std::min(out.target.find('?'), out.target.size());
  out.path = out.target.substr(0, mark);
  for (std::size_t at = mark + 1; at < out.target.size();) {
    std::size_t end = std::min(out.target.find('&', at), out.target.size());
    std::string item = out.target.substr(at, end - at);
    std::size_t sign = std::min(item.find('='), item.size());
    out.query[unescaped(item.substr(0, sign))] =
        unescaped(item.substr(std::min(sign + 1, item.size())));
    at = end + 1;
  }
}

/// Takes a request's head off `rest`.
Incoming parse_head(std::string_view head) {
  Incoming out;
  std::size_t end = head.find("\r\n");
  std::string first(head.substr(0, end));
  std::size_t blank = first.find(' '), last = first.rfind(' ');
  out.method = first.substr(0, blank);
  out.target = first.substr(blank + 1, last - blank - 1);
  parse_target(out);
  while (end != head.npos && end + 2 < head.size()) {
    std::size_t next = head.find("\r\n", end + 2);
    std::string line(head.substr(end + 2, next - end - 2));
    std::size_t colon = line.find(':');
    std::size_t value = line.find_first_not_of(" \t", colon + 1);
    if (colon != line.npos)
      out.headers[lower(line.substr(0, colon))] = value == line.npos ? "" : line.substr(value);
    end = next;
  }
  return out;
}

}  // namespace

std::string Incoming::get(const std::string& key, const std::string& otherwise) const {
  auto at = query.find(key);
  return at == query.end() ? otherwise : at->second;
}

bool Wire::send(std::string_view bytes) {
  if (!tls_) return send_all(socket_, bytes);
  return bytes.empty() || SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0;
}

std::string Wire::receive() {
  char buffer[65536];
  auto got =
      tls_ ? SSL_read(tls_, buffer, sizeof buffer) : ::recv(socket_, buffer, sizeof buffer, 0);
  return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : "";
}

bool Wire::sleep(int milliseconds) const {
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (!is_stopping_() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return !is_stopping_();
}

HttpServer::HttpServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = std::make_unique<Listener>([this](int socket) { serve(socket); });
}

HttpServer::HttpServer(Answer answer, const ServerTls& tls) : answer_(std::move(answer)) {
  std::signal(SIGPIPE, SIG_IGN);
  context_ = SSL_CTX_new(TLS_server_method());
  bool good = SSL_CTX_use_certificate_chain_file(context_, tls.certificate_file.c_str()) == 1 &&
              SSL_CTX_use_PrivateKey_file(context_, tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!tls.client_authority.empty()) {
    good &= SSL_CTX_load_verify_locations(context_, tls.client_authority.c_str(), nullptr) == 1;
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (!good) throw std::runtime_error("the server's certificates cannot be used");
  listener_ = std::make_unique<Listener>([this](int socket) { serve(socket); });
}

HttpServer::HttpServer(Answer answer, const std::string& socket_path) : answer_(std::move(answer)) {
  int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket, 128) != 0)
    throw std::runtime_error("cannot listen at " + socket_path);
  listener_ = std::make_unique<Listener>(socket, [this](int client) { serve(client); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  listener_.reset();
  if (context_) SSL_CTX_free(context_);
}

std::string HttpServer::url(const std::string& target) const {
  return std::string(context_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port()) +
         target;
}

void HttpServer::serve(int socket) {
  ++connections_;
  std::function<bool()> is_stopping = [this] { return stopping_.load(); };
  SSL* tls = nullptr;
  if (context_) {
    tls = SSL_new(context_);
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) != 1) {
      SSL_free(tls);
      ::shutdown(socket, SHUT_WR);
      // What is not read would reset the connection before the client has read why.
      for (char buffer[4096]; ::recv(socket, buffer, sizeof buffer, 0) > 0;) continue;
      return;
    }
  }
  Wire wire(socket, tls, is_stopping);
  serve_requests(wire);
  if (tls) {
    SSL_shutdown(tls);
    SSL_free(tls);
  }
  ::shutdown(socket, SHUT_WR);
}

void HttpServer::serve_requests(Wire& wire) {
  for (std::string rest;;) {
    std::size_t head = 0;
    while ((head = rest.find("\r\n\r\n")) == rest.npos) {
      std::string more = wire.receive();
      if (more.empty()) return;
      rest += more;
    }
    Incoming request = parse_head(std::string_view(rest).substr(0, head));
    std::size_t length = 0;
    auto stated = request.headers.find("content-length");
    if (stated != request.headers.end()) length = std::stoul(stated->second);
    while (rest.size() < head + 4 + length) {
      std::string more = wire.receive();
      if (more.empty()) return;
      rest += more;
    }
    request.body = rest.substr(head + 4, length);
    rest.erase(0, head + 4 + length);
    ++requests_;
    if (!answer_(request, wire)) return;
  }
}

std::string response(int status, std::string_view body, std::string_view headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string percent_escaped(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte)) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace lictor::tests
