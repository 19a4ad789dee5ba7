// The validator's settings, with the names and defaults of their environment variables.
// Plain data; from_environment() is the only reader of the environment. What is set in code is
// checked by the same rules: check_configuration() answers the errors, and PolicyClient's
// constructor throws them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lictor::validator {

enum class Mode {
  local,    // every policy is decided in-process
  remote,   // every policy is decided by the OPA server
  fallback  // in-process; by the server where the local engine cannot answer
};

const char* mode_name(Mode mode) noexcept;

enum class Language { portuguese, english };

/// What a policy is for. The role is configured; it never follows from the policy's name.
enum class Role {
  verdict,  // answers {"allow", "violations"}: whether a plan or a ticket may pass
  flags     // answers an object of features, without "allow" and "violations"
};

/// A policy that the validator evaluates.
struct ConfiguredPolicy {
  std::string name;     // in results, logs and metrics, such as resource_limits
  std::string package;  // a path; configured_policies() has it as package_of() does
  Role role = Role::verdict;
  std::string variable = "OPA_POLICIES";  // the environment variable that configures it
  bool checks_plans = true;               // evaluated for plans too, not only for tickets

  bool operator==(const ConfiguredPolicy&) const = default;
};

struct Configuration {
  Mode mode = Mode::local;            // LICTOR_MODE: local, remote, fallback
  std::string policies = "policies";  // LICTOR_POLICIES: a file or a folder, read recursively
  std::chrono::milliseconds reload{
      1000};  // LICTOR_RELOAD_MS: how often files are looked at; 0: never
  std::uint64_t instructions = 10'000'000;  // LICTOR_INSTRUCTION_LIMIT of one local evaluation

  std::string host = "localhost";  // OPA_HOST: a name or an IP address
  std::uint16_t port = 8181;       // OPA_PORT: 1 to 65535
  bool tls = false;                // OPA_TLS
  std::string ca_file;             // OPA_CA_FILE: certificates in PEM; empty means the system's
  std::string token;               // OPA_TOKEN: sent as a bearer token; visible ASCII
  std::chrono::milliseconds attempt_timeout{2000};    // OPA_TIMEOUT_SECONDS: 0.001 to 300
  int attempts = 3;                                   // OPA_RETRY_ATTEMPTS: 1 to 10
  std::chrono::milliseconds first_backoff{500};       // OPA_RETRY_BACKOFF_SECONDS: 0 to 60
  std::chrono::milliseconds deadline{10000};          // OPA_DEADLINE_SECONDS of a whole call
  std::size_t response_bytes = std::size_t{8} << 20;  // OPA_MAX_RESPONSE_BYTES: 1 to 1 GiB
  long connections = 100;                             // OPA_MAX_CONNECTIONS: 1 to 10000
  long connections_per_host = 30;                     // OPA_MAX_CONNECTIONS_PER_HOST: 1 to 10000

  bool breaker_enabled = true;  // OPA_CIRCUIT_BREAKER_ENABLED
  int breaker_threshold = 5;    // OPA_CIRCUIT_BREAKER_FAILURE_THRESHOLD: 1 to 10000
  std::chrono::milliseconds breaker_reset{60000};  // OPA_CIRCUIT_BREAKER_RESET_TIMEOUT: seconds

  std::chrono::milliseconds cache_ttl{30000};  // OPA_CACHE_TTL_SECONDS: 0 (no cache) to 86400
  std::size_t cache_size = 1000;               // OPA_CACHE_MAX_SIZE: 0 (no cache) to 10 million

  bool fail_open = false;  // OPA_FAIL_OPEN

  // Tickets and plans are not trusted.
  bool trust_ticket_context = true;  // LICTOR_TRUST_TICKET_CONTEXT: their own context and flags
                                     // fill what the host leaves out
  bool require_fields = false;       // LICTOR_REQUIRE_FIELDS: a missing sla, timeout_ms or tasks
                                     // is a violation, not a warning
  std::size_t document_bytes = std::size_t{1} << 20;  // LICTOR_MAX_DOCUMENT_BYTES: 1 to 1 GiB
  std::size_t document_depth = 64;  // LICTOR_MAX_DEPTH of objects and arrays: 1 to 1000
  std::size_t violations = 1000;    // LICTOR_MAX_VIOLATIONS of a result; the rest is counted

  // The packages whose `result` is the decision.
  std::string resource_limits =
      "neuralhive/orchestrator/resource_limits";  // OPA_POLICY_RESOURCE_LIMITS
  std::string sla_enforcement =
      "neuralhive/orchestrator/sla_enforcement";  // OPA_POLICY_SLA_ENFORCEMENT
  std::string feature_flags = "neuralhive/orchestrator/feature_flags";  // OPA_POLICY_FEATURE_FLAGS

  // Other policies, evaluated after the three. OPA_POLICIES: a JSON list such as
  // [{"name": "quota", "path": "acme/quota", "role": "verdict", "plans": false}]; a policy is
  // evaluated for plans too unless "plans" is false.
  std::vector<ConfiguredPolicy> more_policies;

  // What operators allow; the policies see it as input.parameters and input.flags.
  std::int64_t max_concurrent_tickets = 100;  // OPA_MAX_CONCURRENT_TICKETS: 1 to 10 million
  // OPA_ALLOWED_CAPABILITIES: a,b or ["a","b"]
  std::vector<std::string> allowed_capabilities{"code_generation", "deployment", "testing",
                                                "validation"};
  // OPA_RESOURCE_LIMITS and OPA_FEATURE_FLAGS: JSON objects
  std::string resource_limits_json = R"({"max_cpu": "4000m", "max_memory": "8Gi"})";
  std::string feature_flags_json = "{}";

  std::uint16_t metrics_port = 0;          // LICTOR_METRICS_PORT: serves /metrics there; 0: nowhere
  std::string metrics_host = "127.0.0.1";  // LICTOR_METRICS_HOST: an IP address; 0.0.0.0: all
  std::string log_level = "off";  // LICTOR_LOG_LEVEL: off, info, warn, error; to standard error
  Language language = Language::portuguese;  // LICTOR_LANGUAGE: pt or en, of the validator's texts
  int threads = 0;  // LICTOR_THREADS of lists and asynchronous calls: 0 (automatic) to 256
};

/// All policies of a configuration, in order: the guide's three, then more_policies.
std::vector<ConfiguredPolicy> configured_policies(const Configuration& configuration);

/// The canonical form of a policy's path: a/b/c of "/a/b/c", "a//b/c/", "data/a/b/c" and
/// "data.a.b.c".
std::string package_of(std::string_view policy);

/// Why a configuration was refused: a sentence for each wrong variable, with its name.
struct ConfigurationErrors {
  std::vector<std::string> messages;
};

/// Looks a variable up; std::getenv() in from_environment().
using Lookup = std::function<std::optional<std::string>(const char* name)>;

/// Reads the variables over what `out` has, and checks all settings; names all wrong ones at once.
std::optional<ConfigurationErrors> read_configuration(const Lookup& lookup, Configuration& out);
std::optional<ConfigurationErrors> from_environment(Configuration& out);
/// Checks settings that were made in code; a setting is named by its environment variable.
std::optional<ConfigurationErrors> check_configuration(const Configuration& configuration);

}  // namespace lictor::validator
