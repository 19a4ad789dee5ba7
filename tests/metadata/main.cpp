// Modules with generated METADATA, read by lictor and OPA: their syntax trees, the values of their
// rules, and all errors. In: an oracle's binary, the first seed and how many. Out: each difference,
// shrunk; exit 1 when there is one, or when nothing ran.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "generate.hpp"
#include "json/write.hpp"
#include "lictor/lictor.hpp"
#include "reference.hpp"

namespace {

using lictor::tests::Reference;

constexpr std::uint64_t most_shown = 5;
constexpr const char* query = "base64.encode(json.marshal(data.p))";

std::string place(const std::string& code, const std::string& message, std::uint32_t row,
                  std::uint32_t col) {
  return "error: " + code + ": " + message + " @" + std::to_string(row) + ":" +
         std::to_string(col) + "\n";
}

std::string opa_outcome(Reference& opa, const char* mode, const std::string& module) {
  nlohmann::json answer = opa.ask(nlohmann::json{
      {"mode", mode},
      {"query", query},
      {"modules", {module}},
      {"input", {{"n", 1}}}}.dump());
  if (answer.is_null()) return "stopped";
  if (!answer.contains("errors")) return answer["value"];
  std::string out;
  for (const nlohmann::json& error : answer["errors"]) {
    out += place(error["code"], error["message"], error.value("row", 0u), error.value("col", 0u));
    if (!error.contains("details")) continue;
    auto lines = error["details"].value("lines", std::vector<std::string>());
    for (const std::string& line : lines) out += "  " + line + "\n";
  }
  return out;
}

std::string errors_text(const lictor::Errors& errors) {
  std::string out;
  for (const lictor::Error& error : errors) {
    out += place(lictor::code_name(error.code), error.message, error.row, error.col);
    for (const std::string& line : error.details) out += "  " + line + "\n";
  }
  return out;
}

std::string tree(const std::string& module) {
  auto tree = lictor::syntax_tree("m0.rego", module);
  return tree ? *tree : errors_text(tree.errors());
}

std::string value(const std::string& module) {
  lictor::Engine engine;
  engine.add_module("m0.rego", module);
  auto prepared = engine.prepare(query);
  if (!prepared) return errors_text(prepared.errors());
  std::string_view input = R"({"n": 1})";
  auto result = prepared->eval(&input);
  if (!result) return errors_text(result.errors());
  if (result->rows().empty()) return "";
  return lictor::json::to_rego(result->rows()[0].expressions.back().value);
}

/// Not counted: modules whose custom fields OPA cannot print, and what it reads in the order of a
/// Go map.
bool is_excepted(const std::string& opa) {
  return opa.find("error calling Marshal") != opa.npos || opa == "stopped";
}

bool differs(Reference& opa, const std::string& module) {
  std::string parsed = opa_outcome(opa, "parse", module);
  if (is_excepted(parsed)) return false;
  if (parsed != tree(module)) return true;
  std::string evaluated = opa_outcome(opa, "eval", module);
  return evaluated != value(module) && !is_excepted(evaluated);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != text.npos; start = end + 1)
    out.push_back(text.substr(start, end + 1 - start));
  return out;
}

/// Drops lines as long as the two differ.
std::string shrunk(Reference& opa, const std::string& module) {
  std::vector<std::string> lines = lines_of(module);
  auto text = [](const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& line : all) out += line;
    return out;
  };
  for (std::size_t i = 0; i < lines.size();) {
    std::vector<std::string> less = lines;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    if (differs(opa, text(less)))
      lines = less;
    else
      ++i;
  }
  return text(lines);
}

void show(Reference& opa, std::uint64_t seed, const std::string& module) {
  std::string parsed = opa_outcome(opa, "parse", module);
  bool trees = parsed != tree(module);
  std::cout << "---- seed " << seed << "\n"
            << module << "# OPA:\n"
            << (trees ? parsed : opa_outcome(opa, "eval", module)) << "\n# lictor:\n"
            << (trees ? tree(module) : value(module)) << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 1, count = 1000, valid = 0, differences = 0;
  for (int i = 2; i + 1 < argc; i += 2) {
    std::string flag = argv[i];
    (flag == "--seed" ? seed : count) = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if (argc < 2) {
    std::cerr << "usage: metadata ORACLE [--seed N] [--count N]\n";
    return 2;
  }
  Reference opa(argv[1]);
  for (std::uint64_t i = 0; i < count && differences < most_shown; ++i) {
    std::string module = lictor::tests::metadata_module(seed + i);
    if (!tree(module).starts_with("error: ")) ++valid;
    if (!differs(opa, module)) continue;
    ++differences;
    show(opa, seed + i, shrunk(opa, module));
  }
  std::cout << "metadata: " << count << " modules, " << valid << " valid, " << differences
            << " differences" << std::endl;
  return differences == 0 && valid > 0 ? 0 : 1;
}
