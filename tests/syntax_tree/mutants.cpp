// Modules with misplaced tokens, and modules of every form in every layout, read by lictor and by
// OPA: the syntax trees must be the same, or the lists of errors. What parses is laid out by both,
// too. Usage: mutants ORACLE CASES LAYOUTS [--seed N] [--count N] [--show N] [--generated 0|1]
#include <cstdio>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "lictor/lictor.hpp"
#include "modules.hpp"
#include "reference.hpp"

namespace {

using namespace lictor::tests;

nlohmann::json ask(Reference& opa, const char* mode, const ModuleText& module) {
  nlohmann::json request = {{"mode", mode}, {"modules", {module.text}}, {"v0", module.v0}};
  return opa.ask(request.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore));
}

/// What a side says of a module: a text, or a line for each error.
struct Verdict {
  bool accepted = false;
  std::string text;

  bool operator==(const Verdict&) const = default;
};

std::string line(const std::string& code, std::uint32_t row, std::uint32_t col,
                 const std::string& message, const nlohmann::json& details) {
  return std::to_string(row) + ":" + std::to_string(col) + " " + code + ": " + message + " " +
         (details.is_null()
              ? ""
              : details.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)) +
         "\n";
}

Verdict theirs(const nlohmann::json& answer) {
  if (answer.contains("value")) return {true, answer["value"].get<std::string>()};
  Verdict out;
  for (const nlohmann::json& error : answer["errors"]) {
    if (error["code"] == "") {  // a single error without a place
      out.text += error["message"].get<std::string>() + "\n";
      continue;
    }
    nlohmann::json details =
        error.contains("details") ? error["details"]["json"] : nlohmann::json();
    out.text += line(error["code"], error.value("row", 0U), error.value("col", 0U),
                     error["message"], details);
  }
  return out;
}

/// With U+FFFD for what is no UTF-8, as in JSON.
std::string valid(const std::string& text) {
  return nlohmann::json::parse(
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Verdict ours(const lictor::Result<std::string>& result) {
  if (result) return {true, *result};
  Verdict out;
  for (const lictor::Error& error : result.errors()) {
    if (error.row == 0) {
      out.text += (error.code == lictor::ErrorCode::load ? error.message : error.summary()) + "\n";
      continue;
    }
    nlohmann::json details;
    if (!error.details_json.empty())
      details = nlohmann::json::parse(error.details_json, nullptr, false);
    out.text +=
        line(lictor::code_name(error.code), error.row, error.col, valid(error.message), details);
  }
  return out;
}

struct Difference {
  const char* what = nullptr;
  Verdict theirs, ours;
};

/// What a module shows to be different; nothing if both sides agree.
Difference difference(Reference& opa, const ModuleText& module, bool layout) {
  nlohmann::json answer = ask(opa, "parse", module);
  if (answer.is_null()) return {};  // OPA itself has stopped
  Verdict opa_says = theirs(answer),
          we_say = ours(lictor::syntax_tree("m0.rego", module.text, module.v0));
  // OPA cannot write `.5`, and takes `&.x` for a ref whose name is empty where `and` is a keyword.
  bool unwritable = opa_says.text.find("error calling MarshalJSON") != std::string::npos ||
                    opa_says.text.find(R"({"type":"var","value":""})") != std::string::npos;
  if (unwritable) return {};
  if (opa_says != we_say) return {"parse", opa_says, we_say};
  if (!layout || !opa_says.accepted) return {};
  nlohmann::json laid_out = ask(opa, "format", module);
  if (laid_out.is_null()) return {};
  lictor::FormatOptions options;
  options.v0_compatible = module.v0;
  Verdict opa_writes = theirs(laid_out),
          we_write = ours(lictor::formatted("m0.rego", module.text, options));
  if (opa_writes == we_write) return {};
  bool spoiled =
      opa_writes.accepted && ask(opa, "parse", {opa_writes.text, module.v0}).contains("errors");
  if (spoiled || (!opa_writes.accepted && !we_write.accepted)) return {};
  return {"format", opa_writes, we_write};
}

/// The same for a query, of which the parse errors count.
Difference query_difference(Reference& opa, const ModuleText& query) {
  nlohmann::json request = {
      {"mode", "eval"}, {"query", query.text}, {"v0", query.v0}, {"input", {{"x", 1}}}};
  nlohmann::json answer =
      opa.ask(request.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore));
  if (answer.is_null()) return {};
  lictor::EngineOptions options;
  options.v0_compatible = query.v0;
  lictor::Engine engine(options);
  auto policy = engine.prepare(query.text);
  Verdict opa_says, we_say;
  bool theirs_parse =
      answer.contains("errors") && answer["errors"][0]["code"] != "rego_parse_error";
  bool ours_parse = !policy && policy.error().code != lictor::ErrorCode::parse;
  if (answer.contains("errors") && !theirs_parse) opa_says = theirs(answer);
  if (!policy && !ours_parse) we_say = ours(lictor::Result<std::string>(policy.errors()));
  if (opa_says == we_say) return {};
  return {"query", opa_says, we_say};
}

/// Takes away tokens as long as the difference stays.
ModuleText shrunk(Reference& opa, ModuleText module, const char* what) {
  auto differs = [&](const std::string& text) {
    ModuleText less{text, module.v0};
    bool query = std::string(what) == "query";
    const char* still = (query ? query_difference(opa, less) : difference(opa, less, true)).what;
    return still && std::string(still) == what;
  };
  std::vector<std::string> all = tokens(module.text);
  for (std::size_t size = all.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at + size <= all.size();) {
      std::vector<std::string> less = all;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(at),
                 less.begin() + static_cast<std::ptrdiff_t>(at + size));
      if (differs(joined(less)))
        all = std::move(less);
      else
        at += size;
    }
  }
  module.text = joined(all);
  return module;
}

void show(const ModuleText& module, const Difference& found) {
  std::cout << "--- " << (module.v0 ? "v0 " : "") << found.what << "\n"
            << module.text << "\n--- OPA\n"
            << found.theirs.text << "\n--- lictor\n"
            << found.ours.text << "\n"
            << std::flush;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4)
    return std::fprintf(stderr,
                        "usage: mutants ORACLE CASES LAYOUTS [--seed N] [--count N] [--show N]\n"),
           2;
  std::size_t seed = 1, count = 3000, most = 5, generated = 2;
  for (int i = 4; i + 1 < argc; i += 2) {
    std::string flag = argv[i];
    (flag == "--seed"    ? seed
     : flag == "--count" ? count
     : flag == "--show"  ? most
                         : generated) = std::stoul(argv[i + 1]);
  }
  Reference opa(argv[1]);
  std::set<ModuleText> modules;
  read_modules(argv[2], modules);
  read_modules(argv[3], modules);
  std::vector<ModuleText> all(modules.begin(), modules.end());
  Random random(seed);
  std::size_t accepted = 0, different = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bool made = generated == 2 ? random() % 2 == 0 : generated == 1;
    ModuleText module = made ? generated_module(random) : all[random() % all.size()];
    if (!made || random() % 2 == 0) module.text = mutated(module.text, random);
    if (random() % 16 == 0) module.v0 = !module.v0;
    Difference found = difference(opa, module, true);
    accepted += lictor::syntax_tree("m0.rego", module.text, module.v0).has_value();
    if (!found.what || different++ >= most) continue;
    module = shrunk(opa, module, found.what);
    show(module, difference(opa, module, true));
  }
  for (std::size_t i = 0; i < count / 3; ++i) {
    ModuleText query{generated_query(random), random() % 4 == 0};
    if (random() % 2 == 0) query.text = mutated(query.text, random);
    Difference found = query_difference(opa, query);
    if (!found.what || different++ >= most) continue;
    query = shrunk(opa, query, found.what);
    show(query, query_difference(opa, query));
  }
  std::printf("mutants: %zu modules, %zu accepted, %zu different\n", count, accepted, different);
  return different == 0 && accepted * 20 > count && accepted < count ? 0 : 1;
}
