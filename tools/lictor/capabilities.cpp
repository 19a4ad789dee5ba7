// lictor capabilities: which builtins there are, and which of OPA's are missing. Exit status 0.
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <lictor/lictor.hpp>

#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct CapabilitiesFlags {
  std::string format = "pretty";
  bool missing = false;
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

int run(const CapabilitiesFlags& flags) {
  std::vector<BuiltinInfo> all = list_builtins(), shown = all;
  auto is_available = [](const BuiltinInfo& builtin) { return builtin.available; };
  if (flags.missing) std::erase_if(shown, is_available);
  if (flags.format == "json") {
    print_json(shown);
    return 0;
  }
  print_table(shown);
  std::cout << std::count_if(all.begin(), all.end(), is_available) << " of " << all.size()
            << " builtins are available\n";
  return 0;
}

}  // namespace

Command capabilities_command() {
  auto flags = std::make_shared<CapabilitiesFlags>();
  Command out{"capabilities", "",
              "List OPA's builtins, and which of them are missing here.\n\n"
              "  lictor capabilities --missing"};
  out.flags.boolean("--missing", flags->missing, "only those that a policy cannot call");
  out.flags.word("-f, --format", flags->format, {"pretty", "json"}, "output format");
  out.run = [flags](const Command::Arguments&) { return run(*flags); };
  return out;
}

}  // namespace lictor::cli
