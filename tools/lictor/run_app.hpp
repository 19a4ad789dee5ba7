// Reads a command line and runs the verb that it names.
#pragma once

#include <CLI/CLI.hpp>
#include <iostream>

namespace lictor::cli {

/// The exit status: that of the verb, which `status` gets; 1 for a wrong command line.
inline int run_app(CLI::App& app, int argc, char** argv, const int& status) {
  app.name("lictor");
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "lictor: " << error.what() << "\n";
    return 2;
  }
  return status;
}

}  // namespace lictor::cli
