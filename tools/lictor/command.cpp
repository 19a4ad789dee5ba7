// Runs one verb, with the messages of `opa` for a wrong command line.
#include "command.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>

namespace lictor::cli {
namespace {

std::string usage(const Command& command) {
  return "Usage:\n  lictor " + command.name + (command.synopsis.empty() ? "" : " ") +
         command.synopsis + " [flags]\n\nFlags:\n" + command.flags.usage();
}

int refuse(const Command& command, const std::string& why) {
  std::cerr << "Error: " << why << "\n" << usage(command) << "\n";
  return 1;
}

std::string environment_prefix(const std::string& verb) {
  std::string out = "OPA_";
  for (char c : verb) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out + "_";
}

}  // namespace

int run_command(Command command, const std::vector<std::string>& arguments) {
  Flags& flags = command.flags;
  if (auto wrong = flags.parse(arguments)) return refuse(command, *wrong);
  if (flags.wants_help()) {
    std::cout << command.help << "\n\n" << usage(command);
    return 0;
  }
  std::string wrong = command.check ? command.check(flags) : "";
  if (!wrong.empty()) return refuse(command, wrong);
  if (command.is_opas) {
    if (auto failed = flags.read_environment(environment_prefix(command.name)))
      return refuse(command, *failed);
  }
  return command.run(flags.arguments());
}

int status_after_output(int status) {
  std::cout.flush();
  if (std::cout) return status;
  std::cerr << "error: standard output cannot be written: " << std::strerror(errno) << "\n";
  return 2;
}

}  // namespace lictor::cli
