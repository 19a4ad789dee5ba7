// Servers of the tests' own on loopback: one that answers as a test wants, and a proxy that makes
// another server slow. Both stop when they are destroyed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace lictor::tests {

/// False if the other end does not take all of it.
bool send_all(int socket, std::string_view text);
/// One HTTP request with its body; "" at the end of the connection. `rest` is what came after it.
std::string read_request(int socket, std::string& rest);

/// Accepts connections and runs a function for each on a thread of its own.
class Listener {
 public:
  using Serve = std::function<void(int socket)>;

  explicit Listener(Serve serve);
  /// As above, on a socket that listens already and is closed with the Listener; it has no port.
  Listener(int socket, Serve serve);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  bool is_stopping() const { return stopping_; }

 private:
  void accept_all();

  Serve serve_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::set<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

class FakeOpa {
 public:
  enum class Mood {
    good,  // a decision that allows, and five flags that are off
    status_500,
    conflict,  // 500, as OPA tells of an evaluation error
    status_404,
    empty,      // 200 {}
    garbage,    // 200 and no JSON
    truncated,  // fewer bytes than promised
    slow_body,  // a byte every 50 ms
    silent,     // no answer at all
    redirect,
    huge,      // more bytes than are taken
    malformed  // a result without allow
  };

  FakeOpa() : listener_([this](int socket) { serve(socket); }) {}

  std::uint16_t port() const { return listener_.port(); }
  void set(Mood mood) { mood_ = mood; }
  /// Only requests whose path holds `part` meet the mood; the others are answered well.
  void set_only(std::string part) { only_ = std::move(part); }
  /// What a request is answered in mood good whose path ends in one of the keys.
  void set_bodies(std::map<std::string, std::string> bodies) { bodies_ = std::move(bodies); }
  int requests() const { return requests_; }

 private:
  void serve(int socket);
  std::string answer(const std::string& path, Mood mood) const;

  std::atomic<Mood> mood_{Mood::good};
  std::string only_;
  std::map<std::string, std::string> bodies_;
  std::atomic<int> requests_{0};
  Listener listener_;
};

/// Passes bytes on to a port, answers after a delay.
class SlowProxy {
 public:
  SlowProxy(std::uint16_t target, std::chrono::milliseconds delay)
      : target_(target), delay_(delay), listener_([this](int socket) { serve(socket); }) {}

  std::uint16_t port() const { return listener_.port(); }
  void set_delay(std::chrono::milliseconds delay) { delay_ = delay; }

 private:
  void serve(int socket);

  std::uint16_t target_;
  std::atomic<std::chrono::milliseconds> delay_;
  Listener listener_;
};

}  // namespace lictor::tests
