// The command `lictor`, with the verbs and flags of `opa`. Exit statuses are those of `opa`: 1 for
// a wrong command line.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <iostream>

#include "run_app.hpp"
#include "verbs.hpp"

namespace {

using namespace lictor::cli;

constexpr RemoteVerb remote_verbs[] = {conform_verb, validate_verb};

/// Becomes lictor-remote, which stands beside this program; returns if there is none.
void become_remote(char** argv) {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return;
  std::string remote = (self.parent_path() / "lictor-remote").string();
  ::execv(remote.c_str(), argv);
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
  add_eval(app, status);
  add_parse(app, status);
  add_check(app, status);
  add_fmt(app, status);
  add_test(app, status);
  add_dump(app, status);
  for (const RemoteVerb& verb : remote_verbs) {
    app.add_subcommand(verb.name, verb.description);
    if (argc < 2 || std::strcmp(argv[1], verb.name) != 0) continue;
    become_remote(argv);
    std::cerr << "error: there is no lictor-remote beside lictor, which `lictor " << verb.name
              << "` needs; install both\n";
    return 2;
  }
  add_bench(app, status);
  add_capabilities(app, status);
  add_version(app, status);
  return run_app(app, argc, argv, status);
}
