#include "reference.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

extern char** environ;

namespace lictor::tests {

Reference::Reference(std::string binary, std::vector<std::string> arguments)
    : binary_(std::move(binary)), arguments_(std::move(arguments)) {
  std::signal(SIGPIPE, SIG_IGN);  // a process that stopped is noticed by its missing answer
  start();
}

void Reference::start() {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  std::vector<char*> argv = {binary_.data()};
  for (std::string& argument : arguments_) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (posix_spawn(&child_, binary_.c_str(), &actions, nullptr, argv.data(), environ) != 0)
    child_ = -1;
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
}

void Reference::stop() {
  if (to_) std::fclose(to_);
  if (from_) std::fclose(from_);
  if (child_ > 0) ::waitpid(child_, nullptr, 0);
  to_ = from_ = nullptr;
  child_ = -1;
}

nlohmann::json Reference::ask(const std::string& request) {
  std::fputs((request + "\n").c_str(), to_);
  std::fflush(to_);
  char* line = nullptr;
  std::size_t capacity = 0;
  nlohmann::json answer;
  if (::getline(&line, &capacity, from_) > 0) {
    answer = nlohmann::json::parse(line, nullptr, false);
    // The details of an error may have a number that no double can hold.
    if (answer.is_discarded()) answer = nullptr;
  }
  std::free(line);
  if (answer.is_null()) {
    stop();
    start();
  }
  return answer;
}

}  // namespace lictor::tests
