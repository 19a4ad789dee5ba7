// Checks plans (C1) and tickets (C3) against the orchestrator's policies.
//
// Plans are checked by resource_limits and sla_enforcement, tickets by these and feature_flags. A
// policy that cannot be decided, for whatever cause, follows the fail strategy: fail-closed makes
// it a critical violation, fail-open a warning; both name the policy and the cause. A subject that
// is not a JSON object, or whose risk_band is none of the four, is rejected under either: no limit
// of a band would apply to it. Subjects are not trusted: what the host knows is an argument of its
// own (CallOptions::host) and wins; a subject that is too large or too deep is rejected with a
// reason, and of very many violations the worst are kept and the rest is counted. Threads: as
// PolicyClient. Nothing here throws.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lictor/validator/policy_client.hpp"
#include "lictor/validator/result.hpp"

namespace lictor::validator {

class PolicyValidator {
 public:
  /// Validations begin while the client exists. One that is in flight when the client is destroyed
  /// ends as the client's calls do; the validator may be destroyed meanwhile.
  explicit PolicyValidator(PolicyClient& client);

  /// `now_ms` replaces the clock in what the policies see as current_time (milliseconds since
  /// 1970; a year outside 1678 to 2261 counts as the nearest of them).
  ValidationResult validate_cognitive_plan(const Document& plan,
                                           std::optional<std::int64_t> now_ms = {},
                                           const CallOptions& options = {});
  ValidationResult validate_execution_ticket(const Document& ticket,
                                             std::optional<std::int64_t> now_ms = {},
                                             const CallOptions& options = {});

  /// Many documents, each as above, on LICTOR_THREADS threads; the results are in their order.
  std::vector<ValidationResult> validate_cognitive_plans(const std::vector<Document>& plans,
                                                         std::optional<std::int64_t> now_ms = {},
                                                         const CallOptions& options = {});
  std::vector<ValidationResult> validate_execution_tickets(const std::vector<Document>& tickets,
                                                           std::optional<std::int64_t> now_ms = {},
                                                           const CallOptions& options = {});

  /// Called once for each asynchronous call, on a thread of the client, or, while the client is not
  /// open, on the caller's. It may use and close the client, but not destroy it, and must not
  /// throw.
  using Callback = std::function<void(ValidationResult result)>;
  /// These return at once. A deadline counts from when a thread takes the document; close() and the
  /// destructor of the client return after the last callback.
  void validate_cognitive_plan_async(std::string plan, Callback callback,
                                     std::optional<std::int64_t> now_ms = {},
                                     const CallOptions& options = {});
  void validate_execution_ticket_async(std::string ticket, Callback callback,
                                       std::optional<std::int64_t> now_ms = {},
                                       const CallOptions& options = {});

 private:
  std::vector<ValidationResult> validate_all(Subject subject,
                                             const std::vector<Document>& documents,
                                             std::optional<std::int64_t> now_ms,
                                             const CallOptions& options);
  void validate_async(Subject subject, std::string document, Callback callback,
                      std::optional<std::int64_t> now_ms, const CallOptions& options);

  PolicyClient& client_;
  std::shared_ptr<const ClientParts> parts_;
};

}  // namespace lictor::validator
