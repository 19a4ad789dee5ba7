// The syntax trees of all modules of OPA's published cases beside OPA's own, byte by byte.
// Usage: syntax_tree ORACLE CASES [MOST_SHOWN]
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
  std::size_t equal = 0, refused = 0, failed = 0, different = 0;
};

/// The tree, or "CODE: MESSAGE" of the first error.
std::string ours(const std::string& module, bool v0) {
  auto tree = lictor::syntax_tree("m0.rego", module, v0);
  if (tree) return *tree;
  return std::string(lictor::code_name(tree.error().code)) + ": " + tree.error().message;
}

void compare(Reference& opa, const std::string& module, bool v0, std::size_t most, Counts& counts) {
  nlohmann::json request = {{"mode", "parse"}, {"modules", {module}}, {"v0", v0}};
  nlohmann::json answer = opa.ask(request.dump());
  std::string theirs;
  if (answer.contains("value")) {
    theirs = answer["value"];
  } else {
    const nlohmann::json& error = answer["errors"][0];
    theirs = error["code"].get<std::string>() + ": " + error["message"].get<std::string>();
  }
  std::string mine = ours(module, v0);
  // OPA reads `.5`, and then cannot write it as JSON.
  if (theirs.find("error calling MarshalJSON") != std::string::npos) {
    ++counts.failed;
    return;
  }
  bool equal = mine == theirs;
  if (equal) {
    ++(answer.contains("value") ? counts.equal : counts.refused);
    return;
  }
  if (counts.different++ >= most) return;
  std::size_t at = 0;
  while (at < mine.size() && at < theirs.size() && mine[at] == theirs[at]) ++at;
  at = at < 60 ? 0 : at - 60;
  std::cout << "--- " << (v0 ? "v0 " : "") << "module\n"
            << module.substr(0, 400) << "\nOPA:    " << theirs.substr(at, 200)
            << "\nlictor: " << mine.substr(at, 200) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: syntax_tree ORACLE CASES [MOST_SHOWN]\n"), 2;
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
  std::printf(
      "syntax trees: %zu modules, %zu equal to OPA's, %zu refused as by OPA, %zu that OPA cannot "
      "write, %zu different\n",
      seen.size(), counts.equal, counts.refused, counts.failed, counts.different);
  return counts.different == 0 && counts.equal >= 4000 ? 0 : 1;
}
