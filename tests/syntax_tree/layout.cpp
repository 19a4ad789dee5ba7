// All modules of OPA's published cases laid out by lictor and by OPA: the texts must be the same, or
// both refuse a module. What lictor has laid out, it must leave as it is.
// Usage: layout ORACLE CASES [MOST_SHOWN]
#include <cstdio>
#include <fstream>
#include <iostream>
#include <set>

#include <nlohmann/json.hpp>

#include "lictor/lictor.hpp"
#include "reference.hpp"

namespace {

using lictor::tests::Reference;

struct Counts {
  std::size_t equal = 0, refused = 0, different = 0, unstable = 0;
};

void compare(Reference& opa, const std::string& module, bool v0, std::size_t most, Counts& counts) {
  nlohmann::json request = {{"mode", "format"}, {"modules", {module}}, {"v0", v0}};
  nlohmann::json answer = opa.ask(request.dump());
  lictor::FormatOptions options;
  options.v0_compatible = v0;
  auto mine = lictor::formatted("m0.rego", module, options);
  std::string theirs = answer.contains("value") ? answer["value"].get<std::string>()
                                                : answer["errors"][0]["message"].get<std::string>();
  if (!mine && !answer.contains("value")) {
    ++counts.refused;
    return;
  }
  if (mine && answer.contains("value") && *mine == theirs) {
    ++counts.equal;
    return;
  }
  if (counts.different++ >= most) return;
  std::cout << "--- " << (v0 ? "v0 " : "") << "module\n"
            << module << "\n--- OPA\n"
            << theirs << "\n--- lictor\n"
            << (mine ? *mine : mine.error().render()) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: layout ORACLE CASES [MOST_SHOWN]\n"), 2;
  std::size_t most = argc > 3 ? std::stoul(argv[3]) : 5;
  Reference opa(argv[1]);
  std::ifstream cases(argv[2]);
  std::set<std::pair<std::string, bool>> seen;
  Counts counts;
  for (std::string line; std::getline(cases, line);) {
    nlohmann::json one = nlohmann::json::parse(line);
    if (!one.contains("modules") || one["modules"].is_null()) continue;
    bool v0 = one["version"] == "v0";
    for (const nlohmann::json& module : one["modules"]) {
      if (seen.emplace(module, v0).second)
        compare(opa, module.get<std::string>(), v0, most, counts);
    }
  }
  std::printf("layouts: %zu modules, %zu equal to OPA's, %zu refused by both, %zu different\n",
              seen.size(), counts.equal, counts.refused, counts.different);
  return counts.different == 0 && counts.equal >= 4000 ? 0 : 1;
}
