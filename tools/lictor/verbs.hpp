// The verbs of the command. Each adds its flags to the command line and, when chosen, sets the exit
// status.
#pragma once

#include <CLI/CLI.hpp>

namespace lictor::cli {

void add_eval(CLI::App& app, int& status);
void add_parse(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_fmt(CLI::App& app, int& status);
void add_test(CLI::App& app, int& status);
void add_dump(CLI::App& app, int& status);
void add_bench(CLI::App& app, int& status);
void add_validate(CLI::App& app, int& status);
void add_version(CLI::App& app, int& status);
void add_conform(CLI::App& app, int& status);
void add_capabilities(CLI::App& app, int& status);

}  // namespace lictor::cli
