// The table of variables: name, what it sets, and how its text is read.
#include "lictor/validator/configuration.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace lictor::validator {
namespace {

using std::chrono::milliseconds;

/// Reads a text into a field; returns what the text should have been, or "".
using Reader = std::function<std::string(const std::string& text, Configuration& out)>;

struct Variable {
  const char* name;
  Reader read;
};

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t\n"), text.size()));
  text.erase(text.find_last_not_of(" \t\n") + 1);
  return text;
}

std::optional<double> number_of(const std::string& text) {
  double out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  bool whole = error == std::errc() && end == text.data() + text.size() && std::isfinite(out);
  return whole ? std::optional(out) : std::nullopt;
}

std::string plain(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string range(const char* what, double low, double high) {
  return std::string(what) + " from " + plain(low) + " to " + plain(high);
}

template <typename T>
Reader whole(T Configuration::*field, double low, double high) {
  return [=](const std::string& text, Configuration& out) -> std::string {
    std::optional<double> value = number_of(text);
    if (!value || *value < low || *value > high || *value != std::floor(*value))
      return range("a whole number", low, high);
    out.*field = static_cast<T>(*value);
    return "";
  };
}

Reader time(milliseconds Configuration::*field, double unit_ms, double low, double high) {
  return [=](const std::string& text, Configuration& out) -> std::string {
    std::optional<double> value = number_of(text);
    if (!value || *value < low || *value > high)
      return range(unit_ms == 1 ? "milliseconds" : "seconds", low, high);
    out.*field = milliseconds(std::llround(*value * unit_ms));
    return "";
  };
}

Reader flag(bool Configuration::*field) {
  return [=](const std::string& text, Configuration& out) -> std::string {
    std::string low;
    for (char c : text) low += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    bool yes = low == "true" || low == "1" || low == "yes" || low == "on";
    bool no = low == "false" || low == "0" || low == "no" || low == "off";
    if (!yes && !no) return "true or false";
    out.*field = yes;
    return "";
  };
}

Reader text_of(std::string Configuration::*field) {
  return [=](const std::string& text, Configuration& out) -> std::string {
    if (text.empty()) return "a text that is not empty";
    out.*field = text;
    return "";
  };
}

/// The path of a package, with or without a slash in front, as data.a.b or a/b.
Reader package(std::string Configuration::*field) {
  return [=](const std::string& text, Configuration& out) -> std::string {
    std::string path = text.substr(std::min(text.find_first_not_of('/'), text.size()));
    if (path.empty() || path.find_first_of(" \t?#%") != std::string::npos)
      return "a package's path such as neuralhive/orchestrator/resource_limits";
    out.*field = path;
    return "";
  };
}

Reader object(std::string Configuration::*field) {
  return [=](const std::string& text, Configuration& out) -> std::string {
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_object()) return "a JSON object";
    out.*field = text;
    return "";
  };
}

std::string read_list(const std::string& text, Configuration& out) {
  std::vector<std::string> items;
  if (!text.empty() && text[0] == '[') {
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    for (const auto& item : value) {
      if (!item.is_string()) return "a list of texts, as a,b or [\"a\",\"b\"]";
      items.push_back(item.get<std::string>());
    }
    if (!value.is_array()) return "a list of texts, as a,b or [\"a\",\"b\"]";
  } else {
    for (std::size_t at = 0; at <= text.size();) {
      std::size_t comma = std::min(text.find(',', at), text.size());
      std::string item = trimmed(text.substr(at, comma - at));
      if (!item.empty()) items.push_back(item);
      at = comma + 1;
    }
  }
  out.allowed_capabilities = std::move(items);
  return "";
}

std::string read_mode(const std::string& text, Configuration& out) {
  for (Mode mode : {Mode::local, Mode::remote, Mode::fallback}) {
    if (text != mode_name(mode)) continue;
    out.mode = mode;
    return "";
  }
  return "local, remote or fallback";
}

std::string read_log_level(const std::string& text, Configuration& out) {
  if (text != "off" && text != "info" && text != "warn" && text != "error")
    return "off, info, warn or error";
  out.log_level = text;
  return "";
}

const std::vector<Variable>& variables() {
  using C = Configuration;
  static const std::vector<Variable> table = {
      {"LICTOR_MODE", read_mode},
      {"LICTOR_POLICIES", text_of(&C::policies)},
      {"LICTOR_RELOAD_MS", time(&C::reload, 1, 0, 86400000)},
      {"LICTOR_INSTRUCTION_LIMIT", whole(&C::instructions, 1, 1e15)},
      {"LICTOR_METRICS_PORT", whole(&C::metrics_port, 0, 65535)},
      {"LICTOR_LOG_LEVEL", read_log_level},
      {"OPA_HOST", text_of(&C::host)},
      {"OPA_PORT", whole(&C::port, 1, 65535)},
      {"OPA_TLS", flag(&C::tls)},
      {"OPA_CA_FILE", text_of(&C::ca_file)},
      {"OPA_TOKEN", text_of(&C::token)},
      {"OPA_TIMEOUT_SECONDS", time(&C::attempt_timeout, 1000, 0.001, 300)},
      {"OPA_RETRY_ATTEMPTS", whole(&C::attempts, 1, 10)},
      {"OPA_RETRY_BACKOFF_SECONDS", time(&C::first_backoff, 1000, 0, 60)},
      {"OPA_DEADLINE_SECONDS", time(&C::deadline, 1000, 0.001, 3600)},
      {"OPA_MAX_RESPONSE_BYTES", whole(&C::response_bytes, 1, 1 << 30)},
      {"OPA_MAX_CONNECTIONS", whole(&C::connections, 1, 10000)},
      {"OPA_MAX_CONNECTIONS_PER_HOST", whole(&C::connections_per_host, 1, 10000)},
      {"OPA_CIRCUIT_BREAKER_ENABLED", flag(&C::breaker_enabled)},
      {"OPA_CIRCUIT_BREAKER_FAILURE_THRESHOLD", whole(&C::breaker_threshold, 1, 10000)},
      {"OPA_CIRCUIT_BREAKER_RESET_TIMEOUT", time(&C::breaker_reset, 1000, 0.001, 86400)},
      {"OPA_CACHE_TTL_SECONDS", time(&C::cache_ttl, 1000, 0, 86400)},
      {"OPA_CACHE_MAX_SIZE", whole(&C::cache_size, 0, 1e7)},
      {"OPA_FAIL_OPEN", flag(&C::fail_open)},
      {"OPA_POLICY_RESOURCE_LIMITS", package(&C::resource_limits)},
      {"OPA_POLICY_SLA_ENFORCEMENT", package(&C::sla_enforcement)},
      {"OPA_POLICY_FEATURE_FLAGS", package(&C::feature_flags)},
      {"OPA_MAX_CONCURRENT_TICKETS", whole(&C::max_concurrent_tickets, 1, 1e7)},
      {"OPA_ALLOWED_CAPABILITIES", read_list},
      {"OPA_RESOURCE_LIMITS", object(&C::resource_limits_json)},
      {"OPA_FEATURE_FLAGS", object(&C::feature_flags_json)},
  };
  return table;
}

}  // namespace

const char* mode_name(Mode mode) noexcept {
  switch (mode) {
    case Mode::local:
      return "local";
    case Mode::remote:
      return "remote";
    case Mode::fallback:
      return "fallback";
  }
  return "local";
}

std::optional<ConfigurationErrors> read_configuration(const Lookup& lookup, Configuration& out) {
  ConfigurationErrors errors;
  for (const Variable& variable : variables()) {
    std::optional<std::string> text = lookup(variable.name);
    if (!text) continue;
    std::string wanted = variable.read(trimmed(*text), out);
    if (wanted.empty()) continue;
    bool secret = std::string_view(variable.name) == "OPA_TOKEN";
    errors.messages.push_back(std::string(variable.name) + " must be " + wanted +
                              (secret ? "" : ", not \"" + *text + "\""));
  }
  if (errors.messages.empty()) return std::nullopt;
  return errors;
}

std::optional<ConfigurationErrors> from_environment(Configuration& out) {
  auto lookup = [](const char* name) -> std::optional<std::string> {
    const char* text = std::getenv(name);
    return text ? std::optional<std::string>(text) : std::nullopt;
  };
  return read_configuration(lookup, out);
}

}  // namespace lictor::validator
