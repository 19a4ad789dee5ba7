// lictor dump ast|checked|ir and lictor version: what the stages make of a policy.
#include <iostream>
#include <memory>

#include "load.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct DumpFlags {
  std::string stage, entrypoint = "data";
  std::vector<std::string> data;
  bool v0 = false;
};

int run(const DumpFlags& flags) {
  EngineOptions options;
  options.v0_compatible = flags.v0;
  Engine engine(options);
  auto report = [](const Errors& errors) {
    std::cerr << errors_text(errors);
    return 1;
  };
  if (Errors errors = load_paths(flags.data, Contents::all, engine); !errors.empty())
    return report(errors);
  if (flags.stage == "ir") {
    Result<Policy> policy = engine.compile(flags.entrypoint);
    if (!policy) return report(policy.errors());
    std::cout << policy->dump_ir();
    return 0;
  }
  Result<std::string> text = engine.dump(flags.stage);
  if (!text) return report(text.errors());
  std::cout << *text;
  return 0;
}

}  // namespace

void add_dump(CLI::App& app, int& status) {
  auto flags = std::make_shared<DumpFlags>();
  CLI::App* verb = app.add_subcommand("dump",
                                      "Print what a stage makes of a policy\n\n"
                                      "  lictor dump ast policy.rego\n"
                                      "  lictor dump ir policy.rego -e data.authz.allow");
  verb->add_option("stage", flags->stage, "ast, checked or ir")
      ->required()
      ->check(CLI::IsMember({"ast", "checked", "ir"}));
  verb->add_option("path", flags->data, "policy files or folders")->required();
  verb->add_option("-e,--entrypoint", flags->entrypoint, "the document that the program answers");
  verb->add_flag("--v0-compatible,--v0-compat", flags->v0, "read policies as Rego v0");
  verb->callback([flags, &status] { status = run(*flags); });
}

void add_version(CLI::App& app, int& status) {
  CLI::App* verb = app.add_subcommand("version", "Print the version");
  verb->callback([&status] {
    std::cout << "Version: " << version() << "\nRego Version: v1\nReference: OPA " << opa_version()
              << "\n";
    status = 0;
  });
}

}  // namespace lictor::cli
