// Turns the policies' answers into a result, and applies the fail strategy to those that failed.
#include "lictor/validator/policy_validator.hpp"

#include <algorithm>
#include <lictor/lictor.hpp>

#include "client_parts.hpp"
#include "messages.hpp"
#include "verdict.hpp"

namespace lictor::validator {
namespace {

using SystemClock = std::chrono::system_clock;

std::string text(const Value& object, std::string_view key) {
  Value found = lookup(object, key);
  return found.is(Kind::string) ? std::string(found.as_string()) : "";
}

std::optional<std::string> json(const Value& object, std::string_view key) {
  Value found = lookup(object, key);
  if (found.is_undefined()) return std::nullopt;
  return to_json(found);
}

/// An unknown severity counts as critical.
Severity severity_of(const std::string& name) {
  for (Severity severity : {Severity::high, Severity::medium, Severity::low}) {
    if (name == severity_name(severity)) return severity;
  }
  return Severity::critical;
}

Violation violation_of(const std::string& policy, const Value& given) {
  Violation out;
  out.policy_name = policy;
  out.rule_name = text(given, "rule");
  out.severity = severity_of(text(given, "severity"));
  out.message = text(given, "msg");
  if (out.message.empty()) out.message = to_json(given);
  Value field = lookup(given, "field");
  if (!field.is_undefined()) out.field.emplace(field.is(Kind::string) ? field.as_string() : "");
  out.expected = json(given, "expected");
  out.actual = json(given, "actual");
  return out;
}

Violation critical(const std::string& policy, const std::string& rule, std::string message) {
  Violation out;
  out.policy_name = policy;
  out.rule_name = rule;
  out.message = std::move(message);
  return out;
}

/// The cause as operators read it, which precedes what happened to the check.
std::string cause_of(Language language, const PolicyError& error) {
  if (error.breaker_open) return text_of(language, Message::breaker_open);
  auto with_reason = [&](Message message) { return text_of(language, message, {error.message}); };
  switch (error.kind) {
    case PolicyErrorKind::connection:
      return with_reason(Message::connection);
    case PolicyErrorKind::policy_not_found:
      return with_reason(Message::policy_not_found);
    case PolicyErrorKind::evaluation:
      return with_reason(Message::evaluation);
    case PolicyErrorKind::timeout:
      return with_reason(Message::timeout);
    case PolicyErrorKind::cancelled:
      return with_reason(Message::cancelled);
  }
  return error.message;
}

void fail(const Configuration& configuration, const std::string& policy, const PolicyError& error,
          ValidationResult& out) {
  Language language = configuration.language;
  std::string cause = cause_of(language, error);
  if (configuration.fail_open) {
    out.warnings.push_back(
        {policy, "policy_unavailable", cause + text_of(language, Message::skipped)});
  } else {
    out.violations.push_back(
        critical(policy, "policy_unavailable", cause + text_of(language, Message::unavailable)));
  }
}

bool is_list(const Value& value) { return value.is(Kind::array) || value.is(Kind::set); }

/// The violations and warnings of a decision that fits its role.
void take(const ConfiguredPolicy& policy, const Value& decision, ValidationResult& out) {
  if (policy.role != Role::verdict) return;
  Value violations = lookup(decision, "violations"), warnings = lookup(decision, "warnings");
  for (std::uint32_t i = 0; i < violations.size(); ++i)
    out.violations.push_back(violation_of(policy.name, violations.items()[i]));
  for (std::uint32_t i = 0; is_list(warnings) && i < warnings.size(); ++i) {
    const Value& warning = warnings.items()[i];
    out.warnings.push_back({policy.name, text(warning, "rule"), text(warning, "msg")});
  }
}

bool has_violation(const std::string& policy, const ValidationResult& result) {
  return std::any_of(result.violations.begin(), result.violations.end(),
                     [&](const Violation& violation) { return violation.policy_name == policy; });
}

/// The one place that decides `valid`: no violation, no decision that denies, every policy
/// evaluated.
void settle(const std::vector<ConfiguredPolicy>& policies, const PolicyClient::Answers& answers,
            const Configuration& configuration, ValidationResult& out) {
  const std::size_t most = configuration.violations;
  auto text = [&](Message message) { return text_of(configuration.language, message); };
  for (std::size_t i = 0; i < answers.evaluations.size(); ++i) {
    const Evaluation& evaluation = answers.evaluations[i];
    const std::string& name = policies[i].name;
    if (policies[i].role == Role::flags && evaluation.ok()) continue;  // has no `allow`
    if (allows_plainly(evaluation.decision)) continue;
    if (!has_violation(name, out) && denies(evaluation.decision))
      out.violations.push_back(critical(name, "denied", text(Message::denied)));
  }
  if (!answers.rule.empty()) {
    out.violations.push_back(critical("validator", answers.rule, answers.reason));
  } else if (!answers.is_json) {
    out.violations.push_back(critical("validator", "malformed", text(Message::malformed)));
  } else if (!answers.known_band) {
    out.violations.push_back(
        critical("validator", "risk_band_unknown", text(Message::unknown_band)));
  } else if (answers.evaluations.size() != policies.size()) {
    out.violations.push_back(critical("validator", "unchecked", text(Message::unchecked)));
  }
  if (out.violations.size() > 1)
    std::stable_sort(
        out.violations.begin(), out.violations.end(),
        [](const Violation& a, const Violation& b) { return a.severity < b.severity; });
  out.valid = out.violations.empty();
  if (out.violations.size() <= most) return;
  out.violations_omitted = out.violations.size() - most;
  out.violations.resize(most);
}

Outcome outcome_of(const PolicyClient::Answers& answers, std::size_t policies,
                   const ValidationResult& result) {
  if (!answers.is_json) return Outcome::malformed;
  bool all = answers.evaluations.size() == policies &&
             std::all_of(answers.evaluations.begin(), answers.evaluations.end(),
                         [](const Evaluation& evaluation) { return evaluation.ok(); });
  if (!all && answers.known_band) return Outcome::unchecked;
  return result.valid ? Outcome::valid : Outcome::rejected;
}

/// After evaluate_subject() the client and the validator may have been destroyed: use neither.
ValidationResult validate(PolicyClient& client, std::shared_ptr<const ClientParts> parts,
                          Subject subject, const Document& document,
                          std::optional<std::int64_t> now_ms, const CallOptions& options) {
  const std::vector<ConfiguredPolicy>& policies = parts->policies[index_of(subject)];
  ValidationResult out;
  out.evaluated_at = SystemClock::now();
  std::int64_t now = now_ms.value_or(
      std::chrono::duration_cast<std::chrono::milliseconds>(out.evaluated_at.time_since_epoch())
          .count());
  auto on_decision = [&](std::size_t i, const Value& decision) {
    take(policies[i], decision, out);
  };
  PolicyClient::Answers answers =
      client.evaluate_subject(subject, document, now, on_decision, options);
  for (std::size_t i = 0; i < answers.evaluations.size(); ++i) {
    Evaluation& evaluation = answers.evaluations[i];
    const std::string& name = policies[i].name;
    if (!evaluation.ok()) {
      fail(parts->configuration, name, *evaluation.error, out);
      continue;
    }
    if (!answers.delivered) take(policies[i], *read_decision(evaluation.decision), out);
  }
  settle(policies, answers, parts->configuration, out);
  Outcome outcome = outcome_of(answers, policies.size(), out);
  for (std::size_t i = 0; i < answers.evaluations.size(); ++i) {
    if (answers.evaluations[i].ok())
      out.policy_decisions.emplace(policies[i].name, std::move(answers.evaluations[i].decision));
  }
  out.evaluation_duration_ms =
      std::chrono::duration<double, std::milli>(answers.end - answers.start).count();
  if (parts->process.is_in_child()) return out;  // what follows takes locks
  parts->metrics->validated(subject, outcome);
  parts->logs.validated(subject, outcome, out, document.text());
  return out;
}

}  // namespace

PolicyValidator::PolicyValidator(PolicyClient& client) : client_(client), parts_(client.parts()) {}

ValidationResult PolicyValidator::validate_cognitive_plan(const Document& plan,
                                                          std::optional<std::int64_t> now_ms,
                                                          const CallOptions& options) {
  return validate(client_, parts_, Subject::plan, plan, now_ms, options);
}

ValidationResult PolicyValidator::validate_execution_ticket(const Document& ticket,
                                                            std::optional<std::int64_t> now_ms,
                                                            const CallOptions& options) {
  return validate(client_, parts_, Subject::ticket, ticket, now_ms, options);
}

std::vector<ValidationResult> PolicyValidator::validate_all(Subject subject,
                                                            const std::vector<Document>& documents,
                                                            std::optional<std::int64_t> now_ms,
                                                            const CallOptions& options) {
  std::vector<ValidationResult> out(documents.size());
  client_.run_all(documents.size(), [&](std::size_t i) {
    out[i] = validate(client_, parts_, subject, documents[i], now_ms, options);
  });
  return out;
}

std::vector<ValidationResult> PolicyValidator::validate_cognitive_plans(
    const std::vector<Document>& plans, std::optional<std::int64_t> now_ms,
    const CallOptions& options) {
  return validate_all(Subject::plan, plans, now_ms, options);
}

std::vector<ValidationResult> PolicyValidator::validate_execution_tickets(
    const std::vector<Document>& tickets, std::optional<std::int64_t> now_ms,
    const CallOptions& options) {
  return validate_all(Subject::ticket, tickets, now_ms, options);
}

void PolicyValidator::validate_async(Subject subject, std::string document, Callback callback,
                                     std::optional<std::int64_t> now_ms,
                                     const CallOptions& options) {
  client_.run([&client = client_, parts = parts_, subject, document = std::move(document),
               callback = std::move(callback), now_ms,
               options] { callback(validate(client, parts, subject, document, now_ms, options)); });
}

void PolicyValidator::validate_cognitive_plan_async(std::string plan, Callback callback,
                                                    std::optional<std::int64_t> now_ms,
                                                    const CallOptions& options) {
  validate_async(Subject::plan, std::move(plan), std::move(callback), now_ms, options);
}

void PolicyValidator::validate_execution_ticket_async(std::string ticket, Callback callback,
                                                      std::optional<std::int64_t> now_ms,
                                                      const CallOptions& options) {
  validate_async(Subject::ticket, std::move(ticket), std::move(callback), now_ms, options);
}

}  // namespace lictor::validator
