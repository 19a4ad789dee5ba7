// The verbs of `lictor` that need HTTP. Users call them through `lictor`.
#include "run_app.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) {
  CLI::App app;
  int status = 0;
  lictor::cli::add_conform(app, status);
  lictor::cli::add_validate(app, status);
  return lictor::cli::run_app(app, argc, argv, status);
}
