// Spawns `opa run --server`.
#include "opa_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <lictor/engine.hpp>
#include <string_view>
#include <thread>
#include <utility>

extern char** environ;

namespace lictor::cli {
namespace {

Error failure(std::string message, std::string hint = {}) {
  return Error{ErrorCode::load, std::move(message), {}, 0, 0, {}, std::move(hint)};
}

pid_t spawn(const std::string& binary, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(binary.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  int failed = posix_spawnp(&child, binary.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed ? -1 : child;
}

}  // namespace

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(port);
  return out;
}

std::uint16_t free_port() {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  std::uint16_t port = 0;
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  ::close(socket);
  return port;
}

Result<OpaProcess> OpaProcess::start(const std::string& binary,
                                     const std::vector<std::string>& policies, bool v0,
                                     std::uint16_t port, const std::vector<std::string>& more) {
  if (port == 0) port = free_port();
  std::vector<std::string> arguments = {"run", "--server",
                                        "--addr=127.0.0.1:" + std::to_string(port),
                                        "--log-level=error", "--disable-telemetry"};
  if (v0) arguments.push_back("--v0-compatible");
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.insert(arguments.end(), policies.begin(), policies.end());
  OpaProcess out(spawn(binary, arguments), port);
  if (out.child_ < 0) {
    return failure("cannot run the OPA binary " + binary,
                   "install OPA " + std::string(opa_version()) +
                       ", or name it with --opa; tools/test builds one");
  }
  for (int attempt = 0; attempt < 1500; ++attempt) {
    if (!out.is_alive()) {
      return failure("OPA stopped while starting",
                     "try: " + binary + " check " + (policies.empty() ? "" : policies[0]));
    }
    if (out.answers()) return out;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return failure("OPA did not answer within 30 s");
}

OpaProcess::OpaProcess(OpaProcess&& other) noexcept
    : child_(std::exchange(other.child_, -1)), port_(other.port_) {}

OpaProcess::~OpaProcess() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

void OpaProcess::pause() {
  ::kill(child_, SIGSTOP);
  // The signal reaches its threads one after the other: until all stand still, one may answer.
  siginfo_t stopped;
  ::waitid(P_PID, static_cast<id_t>(child_), &stopped, WSTOPPED | WEXITED | WNOWAIT);
}

void OpaProcess::resume() { ::kill(child_, SIGCONT); }

bool OpaProcess::is_alive() {
  if (::waitpid(child_, nullptr, WNOHANG) == 0) return true;
  child_ = -1;
  return false;
}

bool OpaProcess::answers() const {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port_);
  bool good = false;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    constexpr std::string_view request = "GET /health HTTP/1.0\r\n\r\n";
    char answer[16] = {};
    // A TLS server answers a plain request with 400.
    good = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0 &&
           ::recv(socket, answer, sizeof answer - 1, MSG_WAITALL) > 0 &&
           (std::string_view(answer).find(" 200") != std::string_view::npos ||
            std::string_view(answer).find(" 400") != std::string_view::npos);
  }
  ::close(socket);
  return good;
}

}  // namespace lictor::cli
