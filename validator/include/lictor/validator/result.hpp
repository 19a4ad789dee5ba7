// The result of a validation. Plain values; JSON parts are texts exactly as the policies wrote
// them.
#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lictor::validator {

enum class Severity { critical, high, medium, low };  // in the order of a result's violations

const char* severity_name(Severity severity) noexcept;

struct Violation {
  std::string policy_name;  // e.g. resource_limits
  std::string rule_name;    // e.g. timeout_exceeds_maximum
  Severity severity = Severity::critical;
  std::string message;
  std::optional<std::string> field;     // e.g. sla.timeout_ms
  std::optional<std::string> expected;  // JSON text
  std::optional<std::string> actual;    // JSON text
};

struct Warning {
  std::string policy;
  std::string rule;  // may be empty
  std::string msg;
};

struct ValidationResult {
  bool valid = false;                 // no violations
  std::vector<Violation> violations;  // critical first, then high, medium, low
  std::size_t violations_omitted =
      0;  // beyond LICTOR_MAX_VIOLATIONS; in JSON only if there are any
  std::vector<Warning> warnings;
  /// By short name, such as feature_flags: the policy's decision as JSON text. Policies that failed
  /// have none.
  std::map<std::string, std::string> policy_decisions;
  std::chrono::system_clock::time_point evaluated_at;
  double evaluation_duration_ms = 0;  // from the call to the last policy's answer

  /// A field of a decision that is true, such as flag("enable_auto_scaling") of feature_flags.
  bool flag(const std::string& name, const std::string& policy = "feature_flags") const;
};

// Both forms are JSON for any document that was checked. Numbers that no double can hold, such as
// 1e400, are strings in the parsed form.
nlohmann::json to_json(const Violation& violation);
nlohmann::json to_json(const Warning& warning);
nlohmann::json to_json(const ValidationResult& result);
/// The same as one line of text, in which numbers are written as the policies wrote them.
std::string to_json_text(const ValidationResult& result);

}  // namespace lictor::validator
