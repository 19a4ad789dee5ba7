// A real OPA server on loopback, as a child process. In: an `opa` binary and policies. Out: a port
// that answers. The server is killed when the OpaProcess is destroyed.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lictor/error.hpp"

namespace lictor::cli {

/// The address of a port of 127.0.0.1; 0 lets the system choose.
sockaddr_in loopback(std::uint16_t port);

/// A port of loopback that was free a moment ago.
std::uint16_t free_port();

class OpaProcess {
 public:
  /// Starts `opa run --server` and waits until it answers; port 0 takes a free one. `more` stands
  /// in front of the policies; a server with --tls-* there counts as started once it listens.
  static Result<OpaProcess> start(const std::string& binary,
                                  const std::vector<std::string>& policies, bool v0,
                                  std::uint16_t port = 0,
                                  const std::vector<std::string>& more = {});
  OpaProcess(OpaProcess&& other) noexcept;
  OpaProcess& operator=(OpaProcess&&) = delete;
  ~OpaProcess();

  std::uint16_t port() const { return port_; }
  /// SIGSTOP and SIGCONT: connections open, but nothing is answered from the return of pause() to
  /// resume().
  void pause();
  void resume();

 private:
  OpaProcess(pid_t child, std::uint16_t port) : child_(child), port_(port) {}
  bool is_alive();
  bool answers() const;

  pid_t child_;
  std::uint16_t port_;
};

}  // namespace lictor::cli
