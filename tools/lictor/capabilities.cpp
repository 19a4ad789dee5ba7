// lictor capabilities: what versions of OPA, this one, or a file allow policies to use, as OPA
// prints it; and which builtins this program has. Exit status 1 for an unknown version or file.
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <lictor/lictor.hpp>

#include "host_functions.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct CapabilitiesFlags {
  std::string version, file, format = "pretty";
  bool current = false, v0 = false, builtins = false, missing = false;
};

std::string arity_text(int arity) { return arity < 0 ? "any" : std::to_string(arity); }

void print_table(const std::vector<BuiltinInfo>& builtins) {
  std::size_t width = 0;
  for (const BuiltinInfo& builtin : builtins) width = std::max(width, builtin.name.size());
  for (const BuiltinInfo& builtin : builtins) {
    std::cout << builtin.name << std::string(width + 2 - builtin.name.size(), ' ')
              << arity_text(builtin.arity) << (builtin.available ? "" : "  missing") << "\n";
  }
}

void print_json(const std::vector<BuiltinInfo>& builtins) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const BuiltinInfo& builtin : builtins)
    out.push_back(
        {{"name", builtin.name}, {"arity", builtin.arity}, {"available", builtin.available}});
  std::cout << nlohmann::ordered_json{{"builtins", out}}.dump(2) << "\n";
}

int list(const CapabilitiesFlags& flags) {
  Engine engine;
  add_host_functions(engine, {});
  std::vector<BuiltinInfo> all = engine.builtins(), shown = all;
  auto is_available = [](const BuiltinInfo& builtin) { return builtin.available; };
  if (flags.missing) std::erase_if(shown, is_available);
  if (flags.format == "json") {
    print_json(shown);
    return 0;
  }
  print_table(shown);
  if (flags.missing) return 0;
  std::cout << std::count_if(all.begin(), all.end(), is_available) << " of " << all.size()
            << " builtins are available\n";
  return 0;
}

int print(const Result<Capabilities>& capabilities) {
  if (!capabilities) {
    std::cerr << "error: " << capabilities.error().message << "\n";
    return 1;
  }
  std::cout << indented(capabilities->to_json()) << "\n";
  return 0;
}

Result<Capabilities> from_file(const std::string& path) {
  Result<std::string> text = read_file(path);
  return text ? read_capabilities(*text) : Result<Capabilities>(text.errors());
}

int run(const CapabilitiesFlags& flags) {
  if (flags.builtins || flags.missing) return list(flags);
  if (!flags.version.empty()) return print(capabilities_of(flags.version));
  if (!flags.file.empty()) return print(from_file(flags.file));
  if (flags.current) return print(current_capabilities(flags.v0));
  for (const std::string& version : capabilities_versions()) std::cout << version << "\n";
  return 0;
}

}  // namespace

Command capabilities_command() {
  auto flags = std::make_shared<CapabilitiesFlags>();
  Command out{"capabilities", "",
              "Print what a version of OPA allows policies to use, or the list of versions.\n\n"
              "  lictor capabilities\n"
              "  lictor capabilities --version v0.32.1\n"
              "  lictor capabilities --builtins --missing"};
  Flags& add = out.flags;
  add.boolean("--current", flags->current, "print the capabilities of this version");
  add.text("--version", flags->version, "print the capabilities of a version of OPA");
  add.text("--file", flags->file, "print the capabilities that a file defines");
  add.boolean("--v0-compatible", flags->v0, "print those of Rego v0, with --current");
  add.boolean("--builtins", flags->builtins, "list the builtins that this program has");
  add.boolean("--missing", flags->missing, "list only OPA's builtins that a policy cannot call");
  add.word("-f, --format", flags->format, {"pretty", "json"}, "format of the list of builtins");
  out.run = [flags](const Command::Arguments&) { return run(*flags); };
  return out;
}

}  // namespace lictor::cli
