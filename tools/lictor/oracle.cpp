// Runs `opa run --server` and talks to it with libcurl over one kept-alive connection.
#include "oracle.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

extern char** environ;

namespace lictor::cli {
namespace {

Error failure(std::string message, std::string hint = {}) {
  return Error{ErrorCode::load, std::move(message), {}, 0, 0, {}, std::move(hint)};
}

/// A port that was free a moment ago.
int free_port() {
  int socket_fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int port = 0;
  if (::bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  ::close(socket_fd);
  return port;
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

std::size_t collect(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

}  // namespace

struct Oracle::Impl {
  pid_t child = -1;
  std::string base;
  CURL* curl = nullptr;

  ~Impl() {
    if (curl) curl_easy_cleanup(curl);
    if (child <= 0) return;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }

  CURLcode perform(const std::string& url, const std::string* body, std::string& answer) {
    answer.clear();
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (body) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    }
    return curl_easy_perform(curl);
  }

  bool alive() const { return ::waitpid(child, nullptr, WNOHANG) == 0; }
};

Oracle::Oracle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Oracle::Oracle(Oracle&&) noexcept = default;
Oracle& Oracle::operator=(Oracle&&) noexcept = default;
Oracle::~Oracle() = default;

Result<Oracle> Oracle::start(const std::string& binary, const std::vector<std::string>& policies,
                             bool v0) {
  auto impl = std::make_unique<Impl>();
  int port = free_port();
  std::vector<std::string> arguments = {"run", "--server",
                                        "--addr=127.0.0.1:" + std::to_string(port),
                                        "--log-level=error", "--disable-telemetry"};
  if (v0) arguments.push_back("--v0-compatible");
  arguments.insert(arguments.end(), policies.begin(), policies.end());
  impl->child = spawn(binary, arguments);
  if (impl->child < 0) {
    return failure("cannot run the OPA binary " + binary,
                   "install OPA 1.22.2, or name it with --opa; tools/test builds one");
  }
  impl->curl = curl_easy_init();
  impl->base = "http://127.0.0.1:" + std::to_string(port);
  std::string answer;
  for (int attempt = 0; attempt < 600; ++attempt) {
    if (!impl->alive()) {
      impl->child = -1;
      return failure("OPA stopped while starting",
                     "try: " + binary + " check " + (policies.empty() ? "" : policies[0]));
    }
    if (impl->perform(impl->base + "/health", nullptr, answer) == CURLE_OK)
      return Oracle(std::move(impl));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return failure("OPA did not answer within 30 s");
}

Result<std::string> Oracle::ask(const std::string& path, const std::string& input) {
  std::string body = "{\"input\":" + input + "}", answer;
  CURLcode code = impl_->perform(impl_->base + "/v1/data/" + path, &body, answer);
  if (code != CURLE_OK)
    return failure(std::string("OPA does not answer: ") + curl_easy_strerror(code));
  return answer;
}

}  // namespace lictor::cli
