// lictor dump ast|checked|ir and lictor version: what the stages make of a policy.
#include <iostream>
#include <memory>

#include "load.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct DumpFlags {
  std::string entrypoint = "data";
  bool v0 = false;
};

/// `arguments` are the stage and the paths.
int run(const DumpFlags& flags, const std::vector<std::string>& arguments) {
  const std::string& stage = arguments[0];
  std::vector<std::string> paths(arguments.begin() + 1, arguments.end());
  EngineOptions options;
  options.v0_compatible = flags.v0;
  Engine engine(options);
  auto report = [](const Errors& errors) {
    std::cerr << errors_text(errors);
    return 1;
  };
  if (Errors errors = load_paths(paths, Contents::all, engine); !errors.empty())
    return report(errors);
  if (stage == "ir") {
    Result<Policy> policy = engine.compile(flags.entrypoint);
    if (!policy) return report(policy.errors());
    std::cout << policy->dump_ir();
    return 0;
  }
  Result<std::string> text = engine.dump(stage);
  if (!text) return report(text.errors());
  std::cout << *text;
  return 0;
}

}  // namespace

Command dump_command() {
  auto flags = std::make_shared<DumpFlags>();
  Command out{"dump", "ast|checked|ir <path> [path [...]]",
              "Print what a stage makes of a policy.\n\n"
              "  lictor dump ast policy.rego\n"
              "  lictor dump ir policy.rego -e data.authz.allow"};
  out.is_opas = false;
  out.flags.text("-e, --entrypoint", flags->entrypoint, "the document that the program answers");
  out.flags.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  out.check = [](const Flags& given) -> std::string {
    const Command::Arguments& arguments = given.arguments();
    bool known = !arguments.empty() &&
                 (arguments[0] == "ast" || arguments[0] == "checked" || arguments[0] == "ir");
    if (!known) return "name a stage: ast, checked or ir";
    return arguments.size() < 2 ? "specify at least one file" : "";
  };
  out.run = [flags](const Command::Arguments& arguments) { return run(*flags, arguments); };
  return out;
}

Command version_command() {
  Command out{"version", "", "Print the version."};
  out.run = [](const Command::Arguments&) {
    std::cout << "Version: " << version() << "\nRego Version: v1\nReference: OPA " << opa_version()
              << "\n";
    return 0;
  };
  return out;
}

}  // namespace lictor::cli
