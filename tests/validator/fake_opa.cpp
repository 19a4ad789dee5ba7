// Blocking sockets, a thread a connection.
#include "fake_opa.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "opa_process.hpp"

namespace lictor::tests {
bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string read_request(int socket, std::string& rest) {
  char buffer[65536];
  for (;;) {
    std::size_t head = rest.find("\r\n\r\n");
    if (head != std::string::npos) {
      std::size_t length = 0, at = rest.find("Content-Length: ");
      if (at < head) length = std::stoul(rest.substr(at + 16));
      std::size_t size = head + 4 + length;
      if (rest.size() >= size) {
        std::string out = rest.substr(0, size);
        rest.erase(0, size);
        return out;
      }
    }
    ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) return "";
    rest.append(buffer, static_cast<std::size_t>(got));
  }
}

namespace {

using cli::loopback;

std::string http(int status, std::string_view body, std::string_view headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: application/json\r\n" +
         std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace

Listener::Listener(Serve serve) : serve_(std::move(serve)) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(socket_, 128) != 0 ||
      ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

Listener::Listener(int socket, Serve serve) : serve_(std::move(serve)), socket_(socket) {
  acceptor_ = std::thread([this] { accept_all(); });
}

Listener::~Listener() {
  stopping_ = true;
  ::shutdown(socket_, SHUT_RDWR);
  acceptor_.join();
  {
    std::lock_guard lock(mutex_);
    for (int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(socket_);
}

void Listener::accept_all() {
  while (!stopping_) {
    int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    std::lock_guard lock(mutex_);
    open_.insert(socket);
    threads_.emplace_back([this, socket] {
      serve_(socket);
      std::lock_guard closing(mutex_);
      open_.erase(socket);
      ::close(socket);
    });
  }
}

std::string FakeOpa::answer(const std::string& path, Mood mood) const {
  bool flags = path.find("feature_flags") != std::string::npos;
  switch (mood) {
    case Mood::status_500:
      return http(500, R"({"code":"internal_error","message":"out of order"})");
    case Mood::conflict:
      return http(500,
                  R"({"code":"internal_error","message":"error(s) occurred while evaluating)"
                  R"( query","errors":[{"code":"eval_conflict_error","message":"two values"}]})");
    case Mood::status_404:
      return http(404, R"({"code":"resource_not_found","message":"no such path"})");
    case Mood::empty:
      return http(200, "{}");
    case Mood::garbage:
      return http(200, "<html>");
    case Mood::truncated:
      return "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"result\":{\"allow\":true";
    case Mood::redirect:
      return http(301, "", "Location: /elsewhere\r\n");
    case Mood::huge:
      return http(200, "{\"result\":\"" + std::string(100000, 'x') + "\"}");
    case Mood::malformed:
      return http(200, flags ? R"({"result":[]})" : R"({"result":{"violations":[]}})");
    default:
      for (const auto& [end, body] : bodies_) {
        if (path.find(end + " ") != std::string::npos || path.find(end + "?") != std::string::npos)
          return http(200, body);
      }
      return http(200, flags ? R"({"result":{"enable_auto_scaling":false}})"
                             : R"({"result":{"allow":true,"violations":[],"warnings":[]}})");
  }
}

void FakeOpa::serve(int socket) {
  std::string rest;
  for (;;) {
    std::string request = read_request(socket, rest);
    if (request.empty()) return;
    ++requests_;
    std::string path = request.substr(0, request.find("\r\n"));
    bool is_good =
        path.find("/health") != std::string::npos || path.find(only_) == std::string::npos;
    Mood mood = is_good ? Mood::good : mood_.load();
    if (mood == Mood::silent) {
      while (!listener_.is_stopping() && !read_request(socket, rest).empty()) continue;
      return;
    }
    std::string text = answer(path, mood == Mood::slow_body ? Mood::good : mood);
    if (mood == Mood::slow_body) {
      for (char c : text) {
        if (listener_.is_stopping() || !send_all(socket, {&c, 1})) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      continue;
    }
    if (!send_all(socket, text) || mood == Mood::truncated) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
  }
}

void SlowProxy::serve(int socket) {
  int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(target_);
  if (::connect(target, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    pollfd ends[] = {{socket, POLLIN, 0}, {target, POLLIN, 0}};
    char buffer[65536];
    for (bool open = true; open && !listener_.is_stopping();) {
      if (::poll(ends, 2, 100) <= 0) continue;
      for (int from : {0, 1}) {
        if ((ends[from].revents & (POLLIN | POLLHUP)) == 0) continue;
        ssize_t got = ::recv(ends[from].fd, buffer, sizeof buffer, 0);
        if (from == 1) std::this_thread::sleep_for(delay_.load());
        open = open && got > 0 &&
               send_all(ends[1 - from].fd,
                        {buffer, static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
      }
    }
  }
  ::close(target);
}

}  // namespace lictor::tests
