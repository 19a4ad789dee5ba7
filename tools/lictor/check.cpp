// lictor check and lictor parse: errors of policies, and their syntax tree.
#include <iostream>
#include <memory>

#include "load.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct CheckFlags {
  std::vector<std::string> paths;
  std::string format = "pretty";
  bool v0 = false;
  bool strict = false;
};

int report(const Errors& errors, const std::string& format) {
  std::cerr << (format == "json" ? errors_json(errors) : policy_errors_text(errors));
  return 1;
}

int run_check(const CheckFlags& flags) {
  EngineOptions options;
  options.v0_compatible = flags.v0;
  options.strict = flags.strict;
  Engine engine(options);
  if (Errors errors = load_paths(flags.paths, Contents::regos, engine); !errors.empty())
    return report(errors, flags.format);
  Errors errors = engine.check();
  return errors.empty() ? 0 : report(errors, flags.format);
}

/// The JSON of one module, two spaces a level.
int print_tree(const CheckFlags& flags) {
  const std::string& path = flags.paths.front();
  Result<std::string> text = read_file(path);
  if (!text) return report(text.errors(), "json");
  Result<std::string> tree = syntax_tree(path, *text, flags.v0);
  if (!tree) return report(tree.errors(), "json");
  std::cout << indented(*tree) << "\n";
  return 0;
}

int run_parse(const CheckFlags& flags) {
  if (flags.format == "json") return print_tree(flags);
  EngineOptions options;
  options.v0_compatible = flags.v0;
  Engine engine(options);
  if (Errors errors = load_paths(flags.paths, Contents::regos, engine); !errors.empty())
    return report(errors, flags.format);
  Result<std::string> tree = engine.dump("ast");
  if (!tree) return report(tree.errors(), flags.format);
  std::cout << *tree;
  return 0;
}

CLI::App* add(CLI::App& app, const char* name, const char* help,
              const std::shared_ptr<CheckFlags>& flags) {
  CLI::App* verb = app.add_subcommand(name, help);
  verb->add_option("path", flags->paths, "policy files or folders")->required();
  verb->add_flag("--v0-compatible,--v0-compat", flags->v0, "read policies as Rego v0");
  return verb;
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* verb = add(app, "check", "Check policies for errors\n\n  lictor check policies", flags);
  verb->add_option("-f,--format", flags->format, "format of errors")
      ->check(CLI::IsMember({"pretty", "json"}));
  verb->add_flag(
      "-S,--strict", flags->strict,
      "also refuse imports, variables and arguments that are never used, and deprecated builtins");
  verb->callback([flags, &status] { status = run_check(*flags); });
}

void add_parse(CLI::App& app, int& status) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* verb =
      add(app, "parse", "Print the syntax tree of a policy\n\n  lictor parse policy.rego", flags);
  verb->add_option("-f,--format", flags->format,
                   "pretty: an outline; json: the tree as `opa parse` has it")
      ->check(CLI::IsMember({"pretty", "json"}));
  verb->callback([flags, &status] { status = run_parse(*flags); });
}

}  // namespace lictor::cli
