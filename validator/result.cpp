// JSON of results.
#include "lictor/validator/result.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "logs.hpp"

namespace lictor::validator {
namespace {

/// Members of an object one after another; values are JSON texts.
class Line {
 public:
  void add(const std::string& key, const std::string& value) {
    text_ += (text_.empty() ? "{" : ",") + quoted(key) + ":" + value;
  }
  void add_text(const std::string& key, const std::string& text) { add(key, quoted(text)); }
  std::string end() { return text_.empty() ? "{}" : std::move(text_) + "}"; }

 private:
  static std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  std::string text_;
};

std::string text_of(const Violation& violation) {
  Line out;
  out.add_text("policy_name", violation.policy_name);
  out.add_text("rule_name", violation.rule_name);
  out.add_text("severity", severity_name(violation.severity));
  out.add_text("message", violation.message);
  if (violation.field) out.add_text("field", *violation.field);
  if (violation.expected) out.add("expected", *violation.expected);
  if (violation.actual) out.add("actual", *violation.actual);
  return out.end();
}

std::string text_of(const Warning& warning) {
  Line out;
  out.add_text("policy", warning.policy);
  if (!warning.rule.empty()) out.add_text("rule", warning.rule);
  out.add_text("msg", warning.msg);
  return out.end();
}

template <typename T>
std::string list_of(const std::vector<T>& items) {
  std::string out;
  for (const T& item : items) out += (out.empty() ? "[" : ",") + text_of(item);
  return out.empty() ? "[]" : out + "]";
}

/// Past the string that begins at a position.
std::size_t end_of_string(const std::string& text, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return std::min(end + 1, text.size());
}

/// JSON text whose numbers that no double can hold, such as 1e400, have become strings.
std::string with_finite_numbers(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    bool is_number = text[begin] == '-' || (text[begin] >= '0' && text[begin] <= '9');
    std::size_t end = begin + 1;
    if (text[begin] == '"') end = end_of_string(text, begin);
    if (is_number) end = std::min(text.find_first_not_of("+-.eE0123456789", begin), text.size());
    std::string token = text.substr(begin, end - begin);
    bool is_finite = !is_number || std::isfinite(std::strtod(token.c_str(), nullptr));
    out += is_finite ? token : "\"" + token + "\"";
    begin = end;
  }
  return out;
}

nlohmann::json parsed(const std::string& text) {
  nlohmann::json out = nlohmann::json::parse(text, nullptr, false);
  return out.is_discarded() ? nlohmann::json::parse(with_finite_numbers(text), nullptr, false)
                            : out;
}

}  // namespace

const char* severity_name(Severity severity) noexcept {
  switch (severity) {
    case Severity::critical:
      return "critical";
    case Severity::high:
      return "high";
    case Severity::medium:
      return "medium";
    case Severity::low:
      return "low";
  }
  return "critical";
}

bool ValidationResult::flag(const std::string& name, const std::string& policy) const {
  auto found = policy_decisions.find(policy);
  if (found == policy_decisions.end()) return false;
  nlohmann::json decision = parsed(found->second);
  return decision.is_object() && decision.contains(name) && decision[name] == true;
}

std::string to_json_text(const ValidationResult& result) {
  Line decisions, out;
  for (const auto& [policy, decision] : result.policy_decisions) decisions.add(policy, decision);
  out.add("valid", result.valid ? "true" : "false");
  out.add("violations", list_of(result.violations));
  if (result.violations_omitted > 0)
    out.add("violations_omitted", std::to_string(result.violations_omitted));
  out.add("warnings", list_of(result.warnings));
  out.add("policy_decisions", decisions.end());
  out.add_text("evaluated_at", timestamp(result.evaluated_at));
  out.add("evaluation_duration_ms", nlohmann::json(result.evaluation_duration_ms).dump());
  return out.end();
}

nlohmann::json to_json(const Violation& violation) { return parsed(text_of(violation)); }

nlohmann::json to_json(const Warning& warning) { return parsed(text_of(warning)); }

nlohmann::json to_json(const ValidationResult& result) { return parsed(to_json_text(result)); }

}  // namespace lictor::validator
