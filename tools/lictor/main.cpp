// The command `lictor`, with the verbs and flags of `opa`. Exit statuses are those of `opa`: 1 for
// a wrong command line, 2 where output cannot be written.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include "lictor/print.hpp"
#include "verbs.hpp"

namespace {

using namespace lictor::cli;

struct Verb {
  const char* name;
  const char* summary;
  Command (*make)();
};

constexpr Verb verbs[] = {
    {"bench", "Time one decision", bench_command},
    {"capabilities", "Print what versions of OPA allow policies to use", capabilities_command},
    {"check", "Check policies for errors", check_command},
    {"dump", "Print what a stage makes of a policy", dump_command},
    {"eval", "Evaluate a Rego query", eval_command},
    {"fmt", "Lay out policies", fmt_command},
    {"parse", "Print the syntax tree of a policy", parse_command},
    {"test", "Run the tests of policies", test_command},
    {"version", "Print the version", version_command}};

constexpr const char* only_in_opa[] = {"build",  "deps",     "exec", "inspect",
                                       "oracle", "refactor", "run",  "sign"};

/// Becomes lictor-remote, which is installed in the same folder; returns if there is none.
void become_remote(char** argv) {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return;
  std::string remote = (self.parent_path() / "lictor-remote").string();
  ::execv(remote.c_str(), argv);
}

/// Ends the process without destructors, which take longer than the system does.
[[noreturn]] void end(int status) {
  status = status_after_output(status);
  std::cerr.flush();
  std::fflush(nullptr);
  std::_Exit(status);
}

constexpr const char* introduction =
    "lictor decides Rego policies as OPA does, in-process.\n\n"
    "  lictor eval -d policies -i input.json 'data.authz.allow'\n"
    "  lictor check policies\n"
    "  lictor test policies\n"
    "  lictor conform policies/authz.rego --generate 1000\n\n";

std::string usage() {
  std::string out = "Usage:\n  lictor [command]\n\nAvailable Commands:\n";
  auto add = [&](const std::string& name, const char* summary) {
    out += "  " + name + std::string(14 - name.size(), ' ') + summary + "\n";
  };
  for (const Verb& verb : verbs) add(verb.name, verb.summary);
  add("conform", "Compare decisions with a real OPA's");
  add("validate", "Check a plan or a ticket against the orchestrator's policies");
  return out + "\nUse \"lictor [command] --help\" for more information about a command.\n";
}

/// The position of the verb: the first argument that is no flag, nor the value of one.
std::size_t verb_position(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") break;
    if (!argument.empty() && argument[0] != '-') return i;
    bool is_flag = argument.starts_with("--") || argument.size() == 2;
    bool takes_next = is_flag && argument != "--help" && argument != "-h" &&
                      argument.find('=') == std::string::npos;
    if (takes_next) ++i;
  }
  return arguments.size();
}

/// How many letters must be dropped, added or changed to make one word of another.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = a[i - 1] == b[j - 1] ? diagonal : 1 + std::min({above, row[j - 1], diagonal});
      diagonal = above;
    }
  }
  return row[b.size()];
}

int unknown_verb(const std::string& name) {
  if (std::find(std::begin(only_in_opa), std::end(only_in_opa), name) != std::end(only_in_opa)) {
    std::cerr << "Error: lictor has no command \"" << name << "\", which is OPA's\n"
              << "Run 'lictor --help' for usage.\n";
    return 1;
  }
  std::string quoted = lictor::to_json(lictor::Value::string(name)), suggestions;
  for (const Verb& verb : verbs) {
    if (distance(name, verb.name) <= 2 || std::string_view(verb.name).starts_with(name))
      suggestions += "\t" + std::string(verb.name) + "\n";
  }
  if (!suggestions.empty()) suggestions = "\n\nDid you mean this?\n" + suggestions;
  std::cerr << "Error: unknown command " << quoted << " for \"lictor\"" << suggestions << "\n"
            << "Run 'lictor --help' for usage.\n";
  return 1;
}

/// What the flags say where there is no verb.
int without_verb(const std::vector<std::string>& arguments) {
  Flags flags;
  if (auto wrong = flags.parse(arguments)) {
    std::cerr << "Error: " << *wrong << "\n" << usage();
    return 1;
  }
  std::cout << introduction << usage();
  return 0;
}

int run_verb(const std::string& name, const std::vector<std::string>& arguments, char** argv) {
  for (const Verb& verb : verbs)
    if (name == verb.name) return run_command(verb.make(), arguments);
  for (const char* remote : remote_verbs) {
    if (name != remote) continue;
    become_remote(argv);
    std::cerr << "error: `lictor " << name
              << "` needs lictor-remote, which is missing beside lictor; install both\n";
    return 2;
  }
  return unknown_verb(name);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::size_t verb = verb_position(arguments);
  if (verb == arguments.size()) end(without_verb(arguments));
  std::string name = arguments[verb];
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(verb));
  if (name != "help") end(run_verb(name, arguments, argv));
  verb = verb_position(arguments);
  if (verb == arguments.size()) end(without_verb({}));
  end(run_verb(arguments[verb], {"--help"}, argv));
}
