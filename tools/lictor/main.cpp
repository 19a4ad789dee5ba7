// The command `lictor`, with the verbs and flags of `opa`. Exit statuses are those of `opa`: 1 for
// a wrong command line.
#include <iostream>

#include "verbs.hpp"

int main(int argc, char** argv) {
  CLI::App app{
      "lictor decides Rego policies as OPA does, in-process.\n\n"
      "  lictor eval -d policies -i input.json 'data.authz.allow'\n"
      "  lictor check policies\n"
      "  lictor test policies\n"
      "  lictor conform policies/authz.rego --generate 1000"};
  app.name("lictor");
  app.require_subcommand(1);
  int status = 0;
  lictor::cli::add_eval(app, status);
  lictor::cli::add_parse(app, status);
  lictor::cli::add_check(app, status);
  lictor::cli::add_fmt(app, status);
  lictor::cli::add_test(app, status);
  lictor::cli::add_dump(app, status);
  lictor::cli::add_conform(app, status);
  lictor::cli::add_bench(app, status);
  lictor::cli::add_validate(app, status);
  lictor::cli::add_capabilities(app, status);
  lictor::cli::add_version(app, status);
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
