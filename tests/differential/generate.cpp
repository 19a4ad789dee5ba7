// Modules and queries: what a program is made of, and how its modules refer to one another.
#include "generate.hpp"

#include "generator.hpp"

namespace lictor::differential {

Generator::Generator(std::uint64_t seed, const Form& form) : random_(seed), wide_(form.wide) {
  if (form.plain || chance(25)) return;
  style_.hostile_names = chance(30) ? between(10, 60) : 0;
  style_.odd_terms = chance(60) ? between(3, 20) : 0;
  style_.odd_elses = chance(25) ? 50 : 0;
  style_.prints = chance(20) ? between(5, 25) : 0;
  style_.mocks = chance(25) ? between(5, 30) : 0;
  style_.metadata = chance(15) ? 40 : 0;
  style_.layouts = chance(25) ? 50 : 0;
  style_.tests = chance(8) ? 50 : 0;
  style_.overlaps = chance(10) ? 50 : 0;
  style_.odd_numbers = chance(20);
  style_.odd_queries = chance(30);
  style_.strict_errors = chance(15);
  style_.modules = chance(20) ? between(2, 3) : 1;
  style_.v0 = chance(12);
}

std::string Generator::fresh() {
  static constexpr const char* names[] = {
      "k",          "x",     "v0",    "v1",          "r0",         "r1", "r2", "count", "upper",
      "a",          "users", "i",     "__local0__",  "__local1__", "_x", "tt", "t",     "v1_1",
      "__local2__", "y",     "print", "__localq0__", "contains",   "m0", "s"};
  if (chance(style_.hostile_names)) return pick(names);
  return "v" + std::to_string(variables_++);
}

/// Packages whose paths are prefixes of one another, or of rules.
std::string Generator::package(int index) {
  static constexpr const char* packages[] = {"data.t",    "data.t.a",     "data.u",
                                             "data.t.r0", "data.t.a.b",   "data.system",
                                             "data.m",    "data.system.x"};
  if (index == 0) return "data.t";
  return chance(30) ? "data.t" : pick(packages);
}

void Generator::start_module(int index) {
  package_ = package(index);
  imports_.clear();
  import_roots_.clear();
  style_.keywords = style_.logical = true;
  if (style_.v0) style_.keywords = chance(50);
  style_.v1_import = style_.v0 && style_.keywords && chance(50);
  style_.templates = !style_.v0 || chance(3);
  style_.logical = !style_.v0 && style_.odd_terms > 0 && chance(20);
}

/// Imports of keywords, and of what is above, under names that meet others.
std::string Generator::import_lines() {
  static constexpr const char* aliases[] = {"x", "k", "r1", "tt", "v0", "a", "count", "users"};
  static constexpr const char* keywords[] = {"if", "contains", "every", "in", "not"};
  static constexpr const char* versions[] = {"import rego.v1\n", "import future.keywords\n",
                                             "import future.keywords.in\n"};
  std::string out;
  if (style_.v0 && style_.keywords)
    out += chance(50) ? "import rego.v1\n" : "import future.keywords\n";
  if (!style_.v0 && chance(10)) out += pick(versions);
  if (style_.logical)
    out +=
        chance(50)
            ? "import rego.v2\n"
            : "import future.keywords.not\nimport future.keywords.and\nimport future.keywords.or\n";
  if (style_.modules == 1 && !chance(style_.hostile_names)) return out;
  for (int i = between(0, 2); i > 0; --i) {
    std::string path = chance(40) ? "input.m" : "data.users";
    if (chance(60) && !names_.empty()) {
      const RuleName& rule = names_[below(names_.size())];
      path = chance(50) ? rule.package : rule.package + "." + rule.name;
    }
    std::string alias = path.substr(path.rfind('.') + 1);
    out += "import " + path;
    if (chance(60)) out += " as " + (alias = chance(4) ? pick(keywords) : pick(aliases));
    out += "\n";
    imports_.emplace_back(path, alias);
    if (path == "input.m" || path == "data.users") import_roots_.push_back(alias);
  }
  return out;
}

Node Generator::module(int index) {
  start_module(index);
  std::string head = "package " + package_.substr(5) + "\n\n";
  if (std::string imports = import_lines(); !imports.empty()) head += imports + "\n";
  if (chance(style_.metadata / 2)) head = "# METADATA\n# title: package\n" + head;
  std::vector<Node> rules;
  int count = wide_ ? between(1, 2) : between(1, style_.modules > 1 ? 3 : 4);
  for (int i = 0; i < count; ++i) {
    for (Node& rule : rule_group(groups_++)) rules.push_back(std::move(rule));
  }
  return list(Sort::fixed, 1, head, "\n\n", "\n", std::move(rules));
}

/// Puts data at the path of a rule, above it or below it.
Node Generator::overlap() {
  const RuleName& rule = names_[below(names_.size())];
  std::string path = rule.package.substr(5) + "." + rule.name;
  if (chance(25)) path = rule.package.substr(5) + ".other";
  if (chance(25)) path += "." + key();
  std::string head = "", tail = "";
  for (std::size_t start = 0, end = 0; end != std::string::npos; start = end + 1) {
    end = path.find('.', start);
    head += (start == 0 ? "\"" : "{\"") + path.substr(start, end - start) + "\": ";
    if (start > 0) tail += "}";
  }
  return node(Sort::fixed, head, "", tail, {json(2)});
}

std::string Generator::query() {
  static constexpr const char* queries[] = {"data.t[x]",
                                            "data[x].r0",
                                            "x := data.t.r0; y = x",
                                            "data.t with input as {}",
                                            "not data.t.r0",
                                            "data.t.r0; data.t.r1",
                                            "data",
                                            "data[_]",
                                            "some x in data.t; x",
                                            "data.t[x][y]",
                                            "x = data.t.r1\ny = data.t.r0",
                                            "{x | data.t[x]}",
                                            "every x in data.t { x }",
                                            "data.t.r0 = x",
                                            "data.t; 1 == 1",
                                            "data.system",
                                            "x = [y | y = data.t[_]]",
                                            "data.t[\"r0\"]",
                                            "-data.t.r0",
                                            "$\"{data.t.r0}\"",
                                            "data.t.r0[_]",
                                            "input.m[x]",
                                            "data.users[i].name = n",
                                            "1; 2",
                                            "data.t.r0()",
                                            "data.t.r1(1)",
                                            "x = 1; data.t.r1(x, y)",
                                            "print(data.t.r0)",
                                            "walk(data.t, [p, v])",
                                            "data.t.r0 with data.t.r1 as 1"};
  const RuleName& last = names_[below(names_.size())];
  if (style_.odd_queries && chance(70)) return pick(queries);
  return is_function(last) || chance(60) ? last.package : last.package + "." + last.name;
}

Program Generator::program() {
  Program out;
  std::vector<Node> modules;
  for (int i = 0; i < style_.modules; ++i) modules.push_back(module(i));
  out.modules = list(Sort::fixed, 1, "", "\n", "", std::move(modules));
  out.data = document(true);
  if (chance(style_.overlaps)) out.data.children.push_back(overlap());
  if (chance(style_.overlaps / 3)) out.data.children.push_back(member("system", json(1)));
  out.input = document(false);
  out.query = query();
  out.v0 = style_.v0;
  out.strict_errors = style_.strict_errors;
  return out;
}

Program generate(std::uint64_t seed, const Form& form) { return Generator(seed, form).program(); }

}  // namespace lictor::differential
