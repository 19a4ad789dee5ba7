// lictor validate: plans and tickets against the orchestrator's policies, as a service checks them.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "lictor/validator/validator.hpp"
#include "load.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

using validator::Configuration;
using validator::PolicyClient;
using validator::PolicyValidator;
using validator::Severity;
using validator::ValidationResult;

struct ValidateFlags {
  std::string subject, file, mode, policies, format = "json";
  std::int64_t now = 0;
  bool lines = false, fail_open = false;
  validator::CallOptions options;
};

/// The environment, and flags over it.
std::optional<Configuration> configure(const ValidateFlags& flags) {
  Configuration out;
  auto lookup = [&](const char* name) -> std::optional<std::string> {
    std::string_view variable = name;
    if (variable == "LICTOR_MODE" && !flags.mode.empty()) return flags.mode;
    if (variable == "LICTOR_POLICIES" && !flags.policies.empty()) return flags.policies;
    if (variable == "OPA_FAIL_OPEN" && flags.fail_open) return "true";
    const char* text = std::getenv(name);
    return text ? std::optional<std::string>(text) : std::nullopt;
  };
  auto errors = validator::read_configuration(lookup, out);
  if (!errors) return out;
  for (const std::string& message : errors->messages) std::cerr << "error: " << message << "\n";
  return std::nullopt;
}

const char* color_of(Severity severity) {
  return severity == Severity::critical || severity == Severity::high ? "\033[31m" : "\033[33m";
}

void print_table(const ValidationResult& result) {
  bool color = ::isatty(1) != 0;
  auto painted = [&](const char* code, const std::string& text) {
    return color ? code + text + "\033[0m" : text;
  };
  std::cout << (result.valid ? painted("\033[32m", "valid") : painted("\033[31m", "rejected"))
            << "\n";
  std::size_t widest = 0;
  for (const auto& violation : result.violations)
    widest = std::max(widest, violation.policy_name.size() + violation.rule_name.size() + 1);
  for (const auto& violation : result.violations) {
    std::string severity = validator::severity_name(violation.severity);
    std::string name = violation.policy_name + "." + violation.rule_name;
    std::cout << "  " << painted(color_of(violation.severity), severity)
              << std::string(10 - severity.size(), ' ') << name
              << std::string(widest + 2 - name.size(), ' ') << violation.message << "\n";
  }
  if (result.violations_omitted > 0)
    std::cout << "  and " << result.violations_omitted << " more violations\n";
  for (const auto& warning : result.warnings)
    std::cout << "  " << painted("\033[33m", "warning") << "   " << warning.policy << "  "
              << warning.msg << "\n";
  for (const auto& [policy, decision] : result.policy_decisions) {
    if (policy == "feature_flags") std::cout << "  " << policy << " " << decision << "\n";
  }
}

class Checker {
 public:
  Checker(const ValidateFlags& flags, PolicyClient& client) : flags_(flags), validator_(client) {}

  ValidationResult check(const std::string& text) {
    std::optional<std::int64_t> now = flags_.now == 0 ? std::nullopt : std::optional(flags_.now);
    return flags_.subject == "plan"
               ? validator_.validate_cognitive_plan(text, now, flags_.options)
               : validator_.validate_execution_ticket(text, now, flags_.options);
  }

  int one(const std::string& text) {
    ValidationResult result = check(text);
    if (flags_.format == "table")
      print_table(result);
    else
      std::cout << to_json_text(result) << "\n";
    return result.valid ? 0 : 1;
  }

  int lines() {
    int status = 0;
    for (std::string line; std::getline(std::cin, line);) {
      ValidationResult result = check(line);
      std::cout << to_json_text(result) << "\n" << std::flush;
      if (!result.valid) status = 1;
    }
    return status;
  }

 private:
  const ValidateFlags& flags_;
  PolicyValidator validator_;
};

int run(const ValidateFlags& flags) {
  if (flags.lines == !flags.file.empty()) {
    std::cerr << "error: name a file, or give --lines to read standard input\n";
    return 2;
  }
  std::optional<Configuration> configuration = configure(flags);
  if (!configuration) return 2;
  PolicyClient client(*configuration);
  for (const validator::PolicyProblem& problem : client.initialize())
    std::cerr << "policy " << problem.policy << ": " << problem.reason << "\n";
  Checker checker(flags, client);
  if (flags.lines) return checker.lines();
  Result<std::string> text = read_file(flags.file);
  if (!text) {
    std::cerr << "error: " << text.error().message << "\n";
    return 2;
  }
  return checker.one(*text);
}

}  // namespace

Command validate_command() {
  auto flags = std::make_shared<ValidateFlags>();
  Command out{
      "validate", "plan|ticket [file]",
      "Check a plan or a ticket against the orchestrator's policies.\n\n"
      "  lictor validate ticket -d policies/orchestrator policies/samples/ticket_allowed.json\n"
      "  lictor validate plan -d policies/orchestrator -f table plan.json\n"
      "  lictor validate ticket -d policies/orchestrator --lines < tickets.ndjson\n\n"
      "Exits 0 for valid, 1 for rejected, 2 for an error. Settings come from the environment\n"
      "(LICTOR_MODE, OPA_HOST, OPA_FAIL_OPEN, ...); flags win over them."};
  out.is_opas = false;
  out.flags.boolean("--lines", flags->lines,
                    "read a document a line from standard input, answer a line each");
  out.flags.text("-d, --policies", flags->policies, "policy file or folder");
  out.flags.text("--mode", flags->mode, "local, remote or fallback");
  out.flags.boolean("--fail-open", flags->fail_open,
                    "let pass what cannot be checked, with a warning");
  out.flags.integer("--now", flags->now,
                    "the time, in milliseconds since 1970 (default: the clock's)");
  out.flags.text("--context", flags->options.host.context,
                 "what the host knows, as a JSON object; wins over the ticket's own context");
  out.flags.word("-f, --format", flags->format, {"json", "table"}, "output format");
  out.check = [](const Flags& given) -> std::string {
    const Command::Arguments& arguments = given.arguments();
    bool known = !arguments.empty() && (arguments[0] == "plan" || arguments[0] == "ticket");
    if (!known) return "say what to check: plan or ticket";
    return arguments.size() > 2 ? "specify at most one file" : "";
  };
  out.run = [flags](const Command::Arguments& arguments) {
    flags->subject = arguments[0];
    if (arguments.size() > 1) flags->file = arguments[1];
    return run(*flags);
  };
  return out;
}

}  // namespace lictor::cli
