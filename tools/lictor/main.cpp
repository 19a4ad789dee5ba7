// The command `lictor`, with the verbs and flags of `opa`. Exit statuses are those of `opa`: 1 for
// a wrong command line.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "run_app.hpp"
#include "verbs.hpp"

namespace {

using namespace lictor::cli;

struct Verb {
  const char* name;
  void (*add)(CLI::App& app, int& status);
};

constexpr Verb verbs[] = {{"eval", add_eval},      {"parse", add_parse},
                          {"check", add_check},    {"fmt", add_fmt},
                          {"test", add_test},      {"dump", add_dump},
                          {"bench", add_bench},    {"capabilities", add_capabilities},
                          {"version", add_version}};

constexpr RemoteVerb remote_verbs[] = {conform_verb, validate_verb};

/// Becomes lictor-remote, which stands beside this program; returns if there is none.
void become_remote(char** argv) {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return;
  std::string remote = (self.parent_path() / "lictor-remote").string();
  ::execv(remote.c_str(), argv);
}

/// Ends the process at once: what it holds, the system takes back sooner than destructors do.
[[noreturn]] void end(int status) {
  std::cout.flush();
  std::cerr.flush();
  std::fflush(nullptr);
  std::_Exit(status);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "lictor decides Rego policies as OPA does, in-process.\n\n"
      "  lictor eval -d policies -i input.json 'data.authz.allow'\n"
      "  lictor check policies\n"
      "  lictor test policies\n"
      "  lictor conform policies/authz.rego --generate 1000"};
  int status = 0;
  std::string_view called = argc < 2 ? "" : argv[1];
  for (const Verb& verb : verbs) {
    if (called != verb.name) continue;
    verb.add(app, status);
    end(run_app(app, argc, argv, status));
  }
  for (const RemoteVerb& verb : remote_verbs) {
    if (called != verb.name) continue;
    become_remote(argv);
    std::cerr << "error: there is no lictor-remote beside lictor, which `lictor " << verb.name
              << "` needs; install both\n";
    return 2;
  }
  // No verb: what is said of that, or of all of them.
  for (const Verb& verb : verbs) verb.add(app, status);
  for (const RemoteVerb& verb : remote_verbs) app.add_subcommand(verb.name, verb.description);
  return run_app(app, argc, argv, status);
}
