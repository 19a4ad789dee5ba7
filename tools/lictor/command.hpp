// A verb of the command: its flags, and what it does. Entry point: run_command().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flags.hpp"

namespace lictor::cli {

struct Command {
  using Arguments = std::vector<std::string>;

  std::string name;
  std::string synopsis;  // what follows the name, such as "<query>"
  std::string help;
  bool is_opas = true;  // `opa` has it too, so its flags may come from variables OPA_VERB_FLAG
  Flags flags = {};
  /// Returns what is wrong with the flags and arguments together, or nothing.
  std::function<std::string(const Flags&)> check = nullptr;
  /// Returns the exit status.
  std::function<int(const Arguments&)> run = nullptr;
};

/// Reads what follows the verb, and runs it. Exit status 1 for a wrong command line.
int run_command(Command command, const std::vector<std::string>& arguments);

/// The exit status of a process that has written its output: 2 if output was lost.
int status_after_output(int status);

}  // namespace lictor::cli
