// lictor fmt: policies in OPA's layout.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "lictor/file_url.hpp"
#include "load.hpp"
#include "output.hpp"
#include "text_difference.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct FmtFlags {
  std::vector<std::string> paths;
  bool write = false, list = false, diff = false, fail = false;
  bool v0 = false, v1 = false, both = false, drop_imports = false, check_result = true;
};

/// What ends the command, and its exit status.
struct Stop {
  int status;
  std::string message;
};

Result<std::string> laid_out(const std::string& name, const std::string& text,
                             const FmtFlags& flags) {
  FormatOptions options;
  options.v0_compatible = flags.v0 || (flags.both && !flags.v1);
  options.for_both = flags.both;
  options.drop_imports = flags.drop_imports;
  return formatted(name, text, options);
}

std::string trimmed(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// The constants of a template string are text like the rest of it.
void join_constants(nlohmann::json& parts) {
  nlohmann::json out = nlohmann::json::array();
  for (nlohmann::json& part : parts) {
    std::string type = part.value("type", "");
    bool constant = type == "string" || type == "number" || type == "boolean" || type == "null";
    if (!constant) {
      out.push_back(std::move(part));
      continue;
    }
    std::string text = type == "null"     ? "null"
                       : type == "string" ? part["value"].get<std::string>()
                                          : part["value"].dump();
    bool joins = !out.empty() && out.back().is_string();
    out.push_back(joins ? out.back().get<std::string>() + text : text);
    if (joins) out.erase(out.size() - 2);
  }
  parts = std::move(out);
}

/// `plus(x, 1, y)` is laid out as `y = x + 1`.
void move_result(nlohmann::json& terms) {
  static const std::set<std::string> operators = {
      "plus", "minus", "mul", "div", "rem", "and", "or", "equal", "neq", "lt", "lte", "gt", "gte"};
  if (!terms.is_array() || terms.size() != 4) return;
  const nlohmann::json& name = terms[0]["value"];
  bool infix = name.is_array() && name.size() == 1 && name[0]["value"].is_string() &&
               operators.contains(name[0]["value"].get<std::string>());
  if (!infix) return;
  nlohmann::json equality = terms[0], call = {{"type", "call"}, {"value", terms}};
  call["value"].erase(3);
  equality["value"][0]["value"] = "eq";
  terms = nlohmann::json::array({equality, terms[3], call});
}

/// Takes out of a tree what a layout may change: how heads are written, numbers of wildcards.
void normalize(nlohmann::json& tree) {
  if (tree.is_object()) {
    for (const char* name : {"assign", "generated"}) tree.erase(name);
    bool head = tree.contains("ref") && tree.contains("value");
    if (head) tree.erase("key");
    if (head) tree.erase("name");
    bool wildcard = tree.value("type", nlohmann::json()) == "var" && tree["value"].is_string() &&
                    tree["value"].get_ref<const std::string&>().starts_with('$');
    if (wildcard) tree["value"] = "$";
    if (tree.contains("parts") && tree["parts"].is_array()) join_constants(tree["parts"]);
    if (tree.contains("terms")) move_result(tree["terms"]);
  }
  if (tree.is_structured()) {
    for (nlohmann::json& inner : tree) normalize(inner);
  }
}

/// What a layout has lost, or "". OPA's, which is ours, leaves out parts of collections with
/// comments in unusual places, and parentheses around some memberships.
std::string loss(const std::string& before, const std::string& after_tree, const FmtFlags& flags) {
  if (flags.both) return "";
  Result<std::string> before_tree = syntax_tree("before", before, flags.v0, false);
  if (!before_tree) return "";
  nlohmann::json old_tree = nlohmann::json::parse(*before_tree);
  nlohmann::json new_tree = nlohmann::json::parse(after_tree);
  auto comments = [](const nlohmann::json& tree) {
    return tree.contains("comments") ? tree["comments"].size() : 0;
  };
  if (comments(new_tree) < comments(old_tree)) return "a comment would be lost";
  for (nlohmann::json* tree : {&old_tree, &new_tree}) normalize((*tree)["rules"]);
  return old_tree["rules"] == new_tree["rules"] ? "" : "the policy would say something else";
}

/// Why a layout cannot take its policy's place, or "".
std::string fault_of(const std::string& before, const std::string& after, const FmtFlags& flags) {
  Result<std::string> tree = syntax_tree("formatted", after, flags.v0 || flags.both, false);
  if (!tree) return trimmed(errors_text(tree.errors()));
  return flags.write && before != after ? loss(before, *tree, flags) : "";
}

/// OPA has no list of errors for a module without statements.
std::string refusal(const Errors& errors) {
  const Error& first = errors.front();
  bool empty = first.code == ErrorCode::parse && first.row == 0;
  return empty ? first.summary() : trimmed(errors_text(errors));
}

std::optional<Stop> format_file(const std::string& path, const FmtFlags& flags) {
  Result<std::string> text = read_file(path);
  if (!text) return Stop{2, "failed to open file: " + text.error().message};
  Result<std::string> after = laid_out(path, *text, flags);
  if (!after) {
    return Stop{2, "failed to format Rego source file: " + refusal(after.errors())};
  }
  std::string fault = flags.check_result ? fault_of(*text, *after, flags) : "";
  if (!fault.empty()) {
    return Stop{2, path + " was successfully formatted, but the result is invalid: " + fault +
                       "\n\nTo inspect the formatted Rego, you can turn off this check with "
                       "--check-result=false."};
  }
  bool changed = *after != *text;
  std::optional<Stop> unexpected;
  if (changed && flags.fail) unexpected = Stop{2, "unexpected diff"};
  if (flags.list) {
    if (changed) std::cout << path << "\n";
    return unexpected;
  }
  if (flags.diff) {
    if (changed) std::cout << colored_difference(*text, *after) << "\n";
    return unexpected;
  }
  if (unexpected) return unexpected;
  if (!flags.write) {
    std::cout << *after;
    return std::nullopt;
  }
  if (!changed) return std::nullopt;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << *after;
  file.close();
  if (!file) return Stop{2, "failed writing formatted contents: " + path};
  return std::nullopt;
}

/// All policies at a path, in the order of their names.
std::optional<Stop> format_path(const std::filesystem::path& path, const FmtFlags& flags) {
  std::error_code error;
  auto status = std::filesystem::symlink_status(path, error);
  if (!std::filesystem::exists(status))
    return Stop{1, "lstat " + path.string() + ": no such file or directory"};
  if (!std::filesystem::is_directory(status)) {
    if (path.extension() != ".rego") return std::nullopt;
    return format_file(path.string(), flags);
  }
  std::vector<std::filesystem::path> entries;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    entries.push_back(entry.path().lexically_normal());
  if (error) return Stop{1, "open " + path.string() + ": " + error.message()};
  std::sort(entries.begin(), entries.end());
  for (const auto& entry : entries) {
    if (std::optional<Stop> stop = format_path(entry, flags)) return stop;
  }
  return std::nullopt;
}

int run(const FmtFlags& flags) {
  if (flags.paths.empty()) {
    FmtFlags all_imports = flags;  // as in OPA, where standard input keeps them
    all_imports.drop_imports = false;
    Result<std::string> after = laid_out("stdin", read_standard_input(), all_imports);
    if (!after) {
      std::cerr << refusal(after.errors()) << "\n";
      return 1;
    }
    std::cout << *after;
    return 0;
  }
  for (const std::string& path : flags.paths) {
    Result<std::string> local = local_path(path);
    std::optional<Stop> stop = local ? format_path(*local, flags) : Stop{1, local.error().message};
    if (!stop) continue;
    std::cerr << stop->message << "\n";
    return stop->status;
  }
  return 0;
}

}  // namespace

Command fmt_command() {
  auto flags = std::make_shared<FmtFlags>();
  Command out{"fmt", "[path [...]]",
              "Lay out policies as `opa fmt` does. Without a path, reads standard input.\n\n"
              "  lictor fmt policy.rego\n"
              "  lictor fmt --list --fail policies\n"
              "  lictor fmt --write policies"};
  out.flags.boolean("-w, --write", flags->write, "overwrite the files");
  out.flags.boolean("-l, --list", flags->list, "list the files that would change");
  out.flags.boolean("-d, --diff", flags->diff, "show what would change");
  out.flags.boolean("--fail", flags->fail, "exit with 2 if a file would change");
  out.flags.boolean("--v0-compatible", flags->v0, "read and write Rego v0");
  out.flags.boolean("--v1-compatible", flags->v1, "read Rego v1, also with --v0-v1");
  out.flags.hide();
  out.flags.boolean("--v0-v1", flags->both, "write what is the same in Rego v0 and v1");
  out.flags.boolean("--rego-v1", flags->both, "write what is the same in Rego v0 and v1");
  out.flags.hide();
  out.flags.boolean("--check-result", flags->check_result,
                    "check that what was written can be read");
  out.flags.boolean("--drop-v0-imports", flags->drop_imports,
                    "drop imports of `rego.v1` and `future.keywords`");
  out.run = [flags](const Command::Arguments& paths) {
    flags->paths = paths;
    return run(*flags);
  };
  return out;
}

}  // namespace lictor::cli
