// The table of variables: name, how its text is read, what its value may be.
#include "lictor/validator/configuration.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "configuration_checks.hpp"
#include "document_bounds.hpp"

namespace lictor::validator {
namespace {

using std::chrono::milliseconds;
using Json = nlohmann::json;

/// A setting. `read` and `check` return what it should have been, or "".
struct Variable {
  const char* name;
  std::function<std::string(const std::string& text, Configuration& out)> read;
  std::function<std::string(const Configuration& configuration)> check;
  std::function<std::string(const Configuration& configuration)> show;  // null for a secret
};

using Check = std::function<std::string(const Configuration& configuration)>;

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
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
Variable whole(const char* name, T Configuration::*field, double low, double high) {
  auto verdict = [=](double value) {
    bool good = value >= low && value <= high && value == std::floor(value);
    return good ? "" : range("a whole number", low, high);
  };
  return {name,
          [=](const std::string& text, Configuration& out) {
            std::optional<double> value = number_of(text);
            std::string wanted = verdict(value.value_or(std::nan("")));
            if (wanted.empty()) out.*field = static_cast<T>(*value);
            return wanted;
          },
          [=](const Configuration& c) { return verdict(static_cast<double>(c.*field)); },
          [=](const Configuration& c) { return std::to_string(c.*field); }};
}

Variable time(const char* name, milliseconds Configuration::*field, double unit_ms, double low,
              double high) {
  auto verdict = [=](double value) {
    bool good = value >= low && value <= high;
    return good ? "" : range(unit_ms == 1 ? "milliseconds" : "seconds", low, high);
  };
  auto value_of = [=](const Configuration& c) {
    return static_cast<double>((c.*field).count()) / unit_ms;
  };
  return {name,
          [=](const std::string& text, Configuration& out) {
            std::optional<double> value = number_of(text);
            std::string wanted = verdict(value.value_or(std::nan("")));
            if (wanted.empty()) out.*field = milliseconds(std::llround(*value * unit_ms));
            return wanted;
          },
          [=](const Configuration& c) { return verdict(value_of(c)); },
          [=](const Configuration& c) { return plain(value_of(c)); }};
}

Variable flag(const char* name, bool Configuration::*field) {
  return {name,
          [=](const std::string& text, Configuration& out) -> std::string {
            std::string low;
            for (char c : text)
              low += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            bool yes = low == "true" || low == "1" || low == "yes" || low == "on";
            bool no = low == "false" || low == "0" || low == "no" || low == "off";
            if (!yes && !no) return "true or false";
            out.*field = yes;
            return "";
          },
          [](const Configuration&) { return ""; },
          [=](const Configuration& c) { return c.*field ? "true" : "false"; }};
}

/// A text; `wanted` describes what it must be when `is_good` is false.
Variable text(const char* name, std::string Configuration::*field, const char* wanted,
              bool (*is_good)(const std::string&)) {
  return {name,
          [=](const std::string& text, Configuration& out) -> std::string {
            if (text.empty()) return wanted;
            out.*field = text;
            return "";
          },
          [=](const Configuration& c) { return is_good(c.*field) ? "" : wanted; },
          [=](const Configuration& c) { return c.*field; }};
}

/// One of a few words.
template <typename T>
Variable word(const char* name, T Configuration::*field,
              std::vector<std::pair<std::string, T>> words) {
  std::string wanted;
  for (std::size_t i = 0; i < words.size(); ++i)
    wanted += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i].first;
  auto known = [=](const Configuration& c) {
    for (const auto& [word, value] : words) {
      if (value == c.*field) return word;
    }
    return std::string();
  };
  return {name,
          [=](const std::string& text, Configuration& out) {
            for (const auto& [word, value] : words) {
              if (text != word) continue;
              out.*field = value;
              return std::string();
            }
            return wanted;
          },
          [=](const Configuration& c) { return known(c).empty() ? wanted : ""; }, known};
}

/// The variable that configures the same package before this one, or "".
std::string first_owner(const Configuration& c, const ConfiguredPolicy& policy) {
  for (const ConfiguredPolicy& other : configured_policies(c)) {
    if (other.variable == policy.variable) break;
    if (other.package == policy.package) return other.variable;
  }
  return "";
}

/// A policy of the guide. No two settings may name the same one, as its role would be unclear.
Variable package(const char* name, std::string Configuration::*field) {
  constexpr const char* wanted = "a package's path such as neuralhive/orchestrator/resource_limits";
  return {name,
          [=](const std::string& text, Configuration& out) -> std::string {
            if (text.find_first_not_of('/') == std::string::npos) return wanted;
            out.*field = text.substr(text.find_first_not_of('/'));
            return "";
          },
          [=](const Configuration& c) -> std::string {
            ConfiguredPolicy policy{"", package_of(c.*field), Role::verdict, name, true};
            if (!is_package(policy.package)) return wanted;
            std::string owner = first_owner(c, policy);
            return owner.empty() ? "" : "another policy than " + owner;
          },
          [=](const Configuration& c) { return c.*field; }};
}

Variable object(const char* name, std::string Configuration::*field) {
  return text(name, field, "a JSON object, nested at most 100 deep", is_json_object);
}

// ---- LICTOR_POLICIES ----

bool is_path(const std::string& path) { return !path.empty() && path.find('\0') == path.npos; }

/// Modes remote and fallback do without files.
std::string check_policies(const Configuration& c) {
  std::error_code error;
  if (!is_path(c.policies)) return "a file or a folder";
  bool missing = c.mode == Mode::local && !std::filesystem::exists(c.policies, error);
  return missing ? "a file or a folder that exists" : "";
}

Variable with_check(Variable variable, Check check) {
  variable.check = std::move(check);
  return variable;
}

// ---- OPA_ALLOWED_CAPABILITIES ----

constexpr const char* list_wanted = "a list of texts in UTF-8, as a,b or [\"a\",\"b\"]";

std::optional<std::vector<std::string>> list_of(const Json& value) {
  std::vector<std::string> items;
  if (!value.is_array()) return std::nullopt;
  for (const auto& item : value) {
    if (!item.is_string()) return std::nullopt;
    items.push_back(item.get<std::string>());
  }
  return items;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> items;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t comma = std::min(text.find(',', at), text.size());
    std::string item = trimmed(text.substr(at, comma - at));
    if (!item.empty()) items.push_back(item);
    at = comma + 1;
  }
  return items;
}

std::string read_list(const std::string& text, Configuration& out) {
  auto items = text.starts_with('[') ? list_of(Json::parse(text, nullptr, false)) : split(text);
  if (!items) return list_wanted;
  out.allowed_capabilities = *std::move(items);
  return "";
}

std::string show_list(const Configuration& c) {
  std::string out;
  for (const std::string& item : c.allowed_capabilities) out += (out.empty() ? "" : ",") + item;
  return out;
}

std::string check_list(const Configuration& c) { return is_utf8(show_list(c)) ? "" : list_wanted; }

// ---- OPA_POLICIES ----

constexpr const char* policies_wanted =
    "a JSON list such as [{\"name\": \"quota\", \"path\": \"acme/quota\", \"role\": \"verdict\", "
    "\"plans\": true}], with roles verdict or flags";

bool read_role(const Json& given, Role& out) {
  if (given != "verdict" && given != "flags") return false;
  out = given == "flags" ? Role::flags : Role::verdict;
  return true;
}

bool read_text(const Json& given, std::string& out) {
  if (given.is_string()) out = given;
  return given.is_string();
}

bool read_member(const std::string& key, const Json& value, ConfiguredPolicy& out) {
  if (key == "name") return read_text(value, out.name);
  if (key == "path") return read_text(value, out.package);
  if (key == "role") return read_role(value, out.role);
  if (key != "plans" || !value.is_boolean()) return false;
  out.checks_plans = value;
  return true;
}

/// Nothing if it is no policy; a role must be given.
std::optional<ConfiguredPolicy> read_policy(const Json& given) {
  if (!given.is_object() || !given.contains("role")) return std::nullopt;
  ConfiguredPolicy out;
  for (const auto& [key, value] : given.items()) {
    if (!read_member(key, value, out)) return std::nullopt;
  }
  return out;
}

std::string read_more_policies(const std::string& text, Configuration& out) {
  Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) return policies_wanted;
  std::vector<ConfiguredPolicy> policies;
  for (const Json& item : list) {
    std::optional<ConfiguredPolicy> policy = read_policy(item);
    if (!policy) return policies_wanted;
    policies.push_back(*std::move(policy));
  }
  out.more_policies = std::move(policies);
  return "";
}

bool is_policy_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 && is_header_value(name) && name != "validator";
}

/// Results are by name and roles by package, so both must be unique.
std::string check_more_policies(const Configuration& c) {
  std::set<std::string> names, packages;
  std::vector<ConfiguredPolicy> all = configured_policies(c);
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool is_new = names.insert(all[i].name).second;
    is_new &= packages.insert(all[i].package).second;
    if (i < all.size() - c.more_policies.size()) continue;
    bool known_role = all[i].role == Role::verdict || all[i].role == Role::flags;
    if (!is_policy_name(all[i].name) || !is_package(all[i].package) || !known_role)
      return policies_wanted;
    if (!is_new) return "a list without a name or a path that another policy has";
  }
  return "";
}

std::string show_more_policies(const Configuration& c) {
  std::string out;
  for (const ConfiguredPolicy& policy : c.more_policies)
    out += (out.empty() ? "" : ", ") + policy.name + " (" + policy.package + ")";
  return out;
}

// ---- The table ----

bool is_token(const std::string& token) {
  return is_header_value(token) && trimmed(token) == token;
}

bool is_ca_file(const std::string& file) { return file.empty() || has_certificate(file); }

std::vector<Variable> make_variables() {
  using C = Configuration;
  std::vector<Variable> out = {
      word<Mode>("LICTOR_MODE", &C::mode,
                 {{"local", Mode::local}, {"remote", Mode::remote}, {"fallback", Mode::fallback}}),
      with_check(text("LICTOR_POLICIES", &C::policies, "a file or a folder", is_path),
                 check_policies),
      time("LICTOR_RELOAD_MS", &C::reload, 1, 0, 86400000),
      whole("LICTOR_INSTRUCTION_LIMIT", &C::instructions, 1, 1e15),
      whole("LICTOR_METRICS_PORT", &C::metrics_port, 0, 65535),
      text("LICTOR_METRICS_HOST", &C::metrics_host, "an IP address", is_ip_address),
      word<std::string>("LICTOR_LOG_LEVEL", &C::log_level,
                        {{"off", "off"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}}),
      word<Language>("LICTOR_LANGUAGE", &C::language,
                     {{"pt", Language::portuguese}, {"en", Language::english}}),
      whole("LICTOR_THREADS", &C::threads, 0, 256),
      text("OPA_HOST", &C::host, "a host name or an IP address, without a scheme, a port or a path",
           is_host),
      whole("OPA_PORT", &C::port, 1, 65535),
      flag("OPA_TLS", &C::tls),
      text("OPA_CA_FILE", &C::ca_file, "a file that can be read and has a certificate in PEM",
           is_ca_file),
      text("OPA_TOKEN", &C::token, "a text of visible ASCII characters", is_token),
      time("OPA_TIMEOUT_SECONDS", &C::attempt_timeout, 1000, 0.001, 300),
      whole("OPA_RETRY_ATTEMPTS", &C::attempts, 1, 10),
      time("OPA_RETRY_BACKOFF_SECONDS", &C::first_backoff, 1000, 0, 60),
      time("OPA_DEADLINE_SECONDS", &C::deadline, 1000, 0.001, 3600),
      whole("OPA_MAX_RESPONSE_BYTES", &C::response_bytes, 1, 1 << 30),
      whole("OPA_MAX_CONNECTIONS", &C::connections, 1, 10000),
      whole("OPA_MAX_CONNECTIONS_PER_HOST", &C::connections_per_host, 1, 10000),
      flag("OPA_CIRCUIT_BREAKER_ENABLED", &C::breaker_enabled),
      whole("OPA_CIRCUIT_BREAKER_FAILURE_THRESHOLD", &C::breaker_threshold, 1, 10000),
      time("OPA_CIRCUIT_BREAKER_RESET_TIMEOUT", &C::breaker_reset, 1000, 0.001, 86400),
      time("OPA_CACHE_TTL_SECONDS", &C::cache_ttl, 1000, 0, 86400),
      whole("OPA_CACHE_MAX_SIZE", &C::cache_size, 0, 1e7),
      flag("OPA_FAIL_OPEN", &C::fail_open),
      flag("LICTOR_TRUST_TICKET_CONTEXT", &C::trust_ticket_context),
      flag("LICTOR_REQUIRE_FIELDS", &C::require_fields),
      whole("LICTOR_MAX_DOCUMENT_BYTES", &C::document_bytes, 1, 1 << 30),
      whole("LICTOR_MAX_DEPTH", &C::document_depth, 1, most_depth),
      whole("LICTOR_MAX_VIOLATIONS", &C::violations, 1, 1e6),
      package("OPA_POLICY_RESOURCE_LIMITS", &C::resource_limits),
      package("OPA_POLICY_SLA_ENFORCEMENT", &C::sla_enforcement),
      package("OPA_POLICY_FEATURE_FLAGS", &C::feature_flags),
      {"OPA_POLICIES", read_more_policies, check_more_policies, show_more_policies},
      whole("OPA_MAX_CONCURRENT_TICKETS", &C::max_concurrent_tickets, 1, 1e7),
      {"OPA_ALLOWED_CAPABILITIES", read_list, check_list, show_list},
      object("OPA_RESOURCE_LIMITS", &C::resource_limits_json),
      object("OPA_FEATURE_FLAGS", &C::feature_flags_json),
  };
  for (Variable& variable : out) {
    if (std::string_view(variable.name) == "OPA_TOKEN") variable.show = nullptr;
  }
  return out;
}

const std::vector<Variable>& variables() {
  static const std::vector<Variable> table = make_variables();
  return table;
}

/// A text in quotes, cut and on one line whatever it holds.
std::string quoted(std::string text) {
  constexpr std::size_t most = 200;
  if (text.size() > most) text = text.substr(0, most) + "...";
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string message_of(const Variable& variable, const std::string& wanted,
                       const std::string& given) {
  std::string out = std::string(variable.name) + " must be " + wanted;
  if (variable.show) out += ", not " + quoted(given);
  // Kubernetes describes a service named opa in variables of these names.
  if (std::string_view(variable.name) == "OPA_PORT" && given.starts_with("tcp://"))
    out += " (a Kubernetes service link: set enableServiceLinks: false in the pod)";
  return out;
}

std::optional<ConfigurationErrors> errors_of(std::vector<std::string> messages) {
  if (messages.empty()) return std::nullopt;
  return ConfigurationErrors{std::move(messages)};
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

std::vector<ConfiguredPolicy> configured_policies(const Configuration& from) {
  std::vector<ConfiguredPolicy> out = {
      {"resource_limits", from.resource_limits, Role::verdict, "OPA_POLICY_RESOURCE_LIMITS", true},
      {"sla_enforcement", from.sla_enforcement, Role::verdict, "OPA_POLICY_SLA_ENFORCEMENT", true},
      {"feature_flags", from.feature_flags, Role::flags, "OPA_POLICY_FEATURE_FLAGS", false}};
  out.insert(out.end(), from.more_policies.begin(), from.more_policies.end());
  for (ConfiguredPolicy& policy : out) policy.package = package_of(policy.package);
  return out;
}

std::string package_of(std::string_view policy) {
  std::string path(policy), out;
  if (path.find('/') == std::string::npos) std::replace(path.begin(), path.end(), '.', '/');
  for (std::size_t start = 0; start < path.size();) {
    std::size_t slash = std::min(path.find('/', start), path.size());
    if (slash > start) out += (out.empty() ? "" : "/") + path.substr(start, slash - start);
    start = slash + 1;
  }
  if (out.starts_with("data/")) out.erase(0, 5);
  return out;
}

std::optional<ConfigurationErrors> check_configuration(const Configuration& configuration) {
  std::vector<std::string> messages;
  for (const Variable& variable : variables()) {
    std::string wanted = variable.check(configuration);
    if (wanted.empty()) continue;
    std::string given = variable.show ? variable.show(configuration) : "";
    messages.push_back(message_of(variable, wanted, given));
  }
  return errors_of(std::move(messages));
}

std::optional<ConfigurationErrors> read_configuration(const Lookup& lookup, Configuration& out) {
  std::vector<std::string> messages;
  std::vector<const Variable*> unread;
  std::vector<std::optional<std::string>> texts;
  for (const Variable& variable : variables()) {
    std::optional<std::string> text = lookup(variable.name);
    std::string wanted = text ? variable.read(trimmed(*text), out) : "";
    if (!wanted.empty()) messages.push_back(message_of(variable, wanted, *text));
    unread.push_back(wanted.empty() ? &variable : nullptr);
    texts.push_back(std::move(text));
  }
  // Checked once all are read, as some depend on others.
  for (std::size_t i = 0; i < unread.size(); ++i) {
    if (!unread[i]) continue;
    std::string wanted = unread[i]->check(out);
    if (wanted.empty()) continue;
    std::string given = texts[i] ? *texts[i] : unread[i]->show ? unread[i]->show(out) : "";
    messages.push_back(message_of(*unread[i], wanted, given));
  }
  return errors_of(std::move(messages));
}

std::optional<ConfigurationErrors> from_environment(Configuration& out) {
  auto lookup = [](const char* name) -> std::optional<std::string> {
    const char* text = std::getenv(name);
    return text ? std::optional<std::string>(text) : std::nullopt;
  };
  return read_configuration(lookup, out);
}

}  // namespace lictor::validator
