// Modules laid out by lictor and by OPA: the texts must be the same, or both refuse a module. All
// modules of OPA's published cases and of its formatter's own tests, as they are; then some of them
// with line breaks, blank lines and comments where there were blanks, from a seed. What the layout
// changes is compared as well, as `fmt --diff` prints it.
// Usage: layout ORACLE CASES LAYOUTS [--seed N] [--count N] [--show N]
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>
#include <random>
#include <set>

#include <nlohmann/json.hpp>

#include "lictor/lictor.hpp"
#include "modules.hpp"
#include "reference.hpp"
#include "text_difference.hpp"

namespace {

using lictor::tests::Reference;

using Module = lictor::tests::ModuleText;

struct Counts {
  std::size_t equal = 0, refused = 0, faults = 0, different = 0, unlike = 0;
};

bool parses(Reference& opa, const std::string& text, bool v0) {
  nlohmann::json request = {{"mode", "parse"}, {"modules", {text}}, {"v0", v0}};
  return opa.ask(request.dump()).contains("value");
}

/// What the layout changes, as OPA prints it.
std::string difference(Reference& opa, const Module& module) {
  nlohmann::json request = {{"mode", "difference"}, {"modules", {module.text}}, {"v0", module.v0}};
  return opa.ask(request.dump())["value"].get<std::string>();
}

void compare(Reference& opa, const Module& module, std::size_t most, Counts& counts) {
  nlohmann::json request = {{"mode", "format"}, {"modules", {module.text}}, {"v0", module.v0}};
  nlohmann::json answer = opa.ask(request.dump());
  lictor::FormatOptions options;
  options.v0_compatible = module.v0;
  auto mine = lictor::formatted("m0.rego", module.text, options);
  bool accepted = answer.contains("value");
  std::string theirs = accepted ? answer["value"].get<std::string>()
                                : answer["errors"][0]["message"].get<std::string>();
  if (!mine && !accepted) {
    ++counts.refused;
  } else if (mine && accepted && *mine == theirs) {
    bool same = *mine == module.text ||
                lictor::cli::colored_difference(module.text, *mine) == difference(opa, module);
    ++(same ? counts.equal : counts.unlike);
    if (!same && counts.unlike <= most) std::cout << "--- another --diff\n" << module.text << "\n";
  } else if (accepted && !parses(opa, theirs, module.v0)) {
    ++counts.faults;  // OPA has left a part of the text out
  } else if (counts.different++ < most) {
    std::cout << "--- " << (module.v0 ? "v0 " : "") << "module\n"
              << module.text << "\n--- OPA\n"
              << theirs << "\n--- lictor\n"
              << (mine ? *mine : mine.error().render()) << "\n";
  }
}

/// The blanks of a text that are in no string and no comment.
std::vector<std::size_t> blanks(const std::string& text) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (text[i] == '`') {
      i = std::min(text.find('`', i + 1), text.size());
    } else if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
    } else if (std::isspace(static_cast<unsigned char>(text[i]))) {
      out.push_back(i);
    }
  }
  return out;
}

/// Takes or adds a few line breaks and comments.
std::string disturbed(std::string text, std::mt19937_64& random) {
  static const char* const instead[] = {"\n", "\n\n", " # c\n", "\n# c\n", " ", "\n\n# c\n\n"};
  for (std::size_t changes = 1 + random() % 5; changes > 0; --changes) {
    std::vector<std::size_t> places = blanks(text);
    if (places.empty()) break;
    text.replace(places[random() % places.size()], 1, instead[random() % std::size(instead)]);
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4)
    return std::fprintf(stderr,
                        "usage: layout ORACLE CASES LAYOUTS [--seed N] [--count N] [--show N]\n"),
           2;
  std::size_t seed = 1, count = 600, most = 3;
  for (int i = 4; i + 1 < argc; i += 2) {
    std::string flag = argv[i];
    (flag == "--seed" ? seed : flag == "--count" ? count : most) = std::stoul(argv[i + 1]);
  }
  Reference opa(argv[1]);
  std::set<Module> modules;
  lictor::tests::read_modules(argv[2], modules);
  lictor::tests::read_modules(argv[3], modules);
  Counts written, changed;
  for (const Module& module : modules) compare(opa, module, most, written);
  std::vector<Module> all(modules.begin(), modules.end());
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < count; ++i) {
    const Module& module = all[random() % all.size()];
    compare(opa, {disturbed(module.text, random), module.v0}, most, changed);
  }
  auto print = [](const char* what, const Counts& counts) {
    std::printf(
        "layouts: %s, %zu equal to OPA's, %zu refused by both, %zu that OPA spoils, %zu "
        "different, %zu with another --diff\n",
        what, counts.equal, counts.refused, counts.faults, counts.different, counts.unlike);
  };
  print("modules as they are", written);
  print("modules with other blanks and comments", changed);
  bool enough = written.equal >= 4600 && changed.equal * 2 >= count;
  bool same = written.different + changed.different + written.unlike + changed.unlike == 0;
  return same && enough ? 0 : 1;
}
