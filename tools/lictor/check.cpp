// lictor check and lictor parse: errors of policies, and their syntax tree.
#include <iostream>
#include <memory>

#include "capabilities_flag.hpp"
#include "host_functions.hpp"
#include "load.hpp"
#include "outline.hpp"
#include "output.hpp"
#include "schemas.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct CheckFlags {
  std::string format = "pretty", schema;
  bool v0 = false;
  bool strict = false;
  std::shared_ptr<const Capabilities> capabilities;
};

int report(const Errors& errors, const std::string& format) {
  std::cerr << (format == "json" ? errors_json(errors) : policy_errors_text(errors));
  return 1;
}

/// What OPA does not mind, but an evaluation will.
void warn(const Errors& warnings, const std::string& format) {
  if (format == "json" && !warnings.empty()) std::cerr << warnings_json(warnings);
  if (format == "json") return;
  for (const Error& warning : warnings)
    std::cerr << "warning: " << warning.file << ":" << warning.row << ": " << warning.message
              << "\n";
}

int run_check(const CheckFlags& flags, const std::vector<std::string>& paths) {
  EngineOptions options;
  options.v0_compatible = flags.v0;
  options.strict = flags.strict;
  options.capabilities = flags.capabilities;
  Engine engine(options);
  add_host_functions(engine, options);
  if (Errors errors = load_paths(paths, Contents::regos, engine); !errors.empty())
    return report(errors, flags.format);
  if (Errors errors = load_schemas(flags.schema, engine); !errors.empty())
    return report(errors, flags.format);
  Errors errors = engine.check();
  if (!errors.empty()) return report(errors, flags.format);
  warn(engine.missing_builtins(), flags.format);
  return 0;
}

/// The tree of one module as JSON, two spaces a level, or as an outline.
int run_parse(const CheckFlags& flags, const std::string& path) {
  Result<std::string> text = read_file(path);
  if (!text) return report(text.errors(), "json");
  Result<std::string> tree = syntax_tree(path, *text, flags.v0);
  if (!tree) return report(tree.errors(), "json");
  std::cout << (flags.format == "json" ? indented(*tree) + "\n" : outline(*tree));
  return 0;
}

std::string one_path(const Flags& given) {
  return given.arguments().empty() ? "specify at least one file" : "";
}

}  // namespace

Command check_command() {
  auto flags = std::make_shared<CheckFlags>();
  Command out{"check", "<path> [path [...]]",
              "Check policies for errors.\n\n  lictor check policies"};
  out.flags.word("-f, --format", flags->format, {"pretty", "json"}, "format of errors");
  out.flags.boolean(
      "-S, --strict", flags->strict,
      "also refuse imports, variables and arguments that are never used, and deprecated builtins");
  out.flags.text("-s, --schema", flags->schema,
                 "JSON schema of input, or a folder of schemas that METADATA names");
  add_capabilities_flag(out.flags, flags->capabilities);
  out.flags.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  out.check = one_path;
  out.run = [flags](const Command::Arguments& paths) { return run_check(*flags, paths); };
  return out;
}

Command parse_command() {
  auto flags = std::make_shared<CheckFlags>();
  Command out{"parse", "<path>",
              "Print the syntax tree of a policy.\n\n  lictor parse policy.rego"};
  out.flags.word("-f, --format", flags->format, {"pretty", "json"},
                 "pretty: an outline; json: the tree as `opa parse` has it");
  out.flags.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  out.check = [](const Flags& given) -> std::string {
    return given.arguments().empty() ? "no source file specified" : "";
  };
  out.run = [flags](const Command::Arguments& paths) { return run_parse(*flags, paths[0]); };
  return out;
}

}  // namespace lictor::cli
