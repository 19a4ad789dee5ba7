// The verbs of `lictor` that need HTTP. Users call them through `lictor`.
#include <algorithm>
#include <iostream>

#include "verbs.hpp"

int main(int argc, char** argv) {
  using namespace lictor::cli;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (Command command : {conform_command(), validate_command()}) {
    auto verb = std::find(arguments.begin(), arguments.end(), command.name);
    if (verb == arguments.end()) continue;
    arguments.erase(verb);
    return status_after_output(run_command(std::move(command), arguments));
  }
  std::cerr << "Error: lictor-remote has the commands conform and validate\n";
  return 1;
}
