// Answers of policies → a result, and what becomes of those that failed.
#include "lictor/validator/policy_validator.hpp"

#include <algorithm>
#include <lictor/lictor.hpp>

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

/// What is no severity counts as the worst.
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
  if (!lookup(given, "field").is_undefined()) out.field = text(given, "field");
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

/// Reads decisions; their values live until it reads again.
Evaluator& decision_reader() {
  thread_local Evaluator reader = [] {
    Engine engine;
    engine.add_module("decision.rego", "package lictor.decision\n\ndecision := input\n");
    return Evaluator(*engine.compile("lictor/decision/decision"));
  }();
  return reader;
}

/// The cause as operators read it, in front of what became of the check.
std::string cause_of(const PolicyError& error) {
  if (error.breaker_open) return breaker_open_message;
  switch (error.kind) {
    case PolicyErrorKind::connection:
      return "Falha de conexão com o OPA (" + error.message + ")";
    case PolicyErrorKind::policy_not_found:
      return "Política não encontrada (" + error.message + ")";
    case PolicyErrorKind::evaluation:
      return "Erro de avaliação (" + error.message + ")";
    case PolicyErrorKind::timeout:
      return "Tempo esgotado (" + error.message + ")";
  }
  return error.message;
}

void fail(const std::string& policy, const PolicyError& error, bool open, ValidationResult& out) {
  std::string cause = cause_of(error);
  if (open) {
    out.warnings.push_back({policy, "policy_unavailable", cause + " - validação pulada"});
  } else {
    out.violations.push_back(
        critical(policy, "policy_unavailable", cause + " - validação indisponível"));
  }
}

PolicyError malformed(const char* what) {
  return {PolicyErrorKind::evaluation, std::string("o resultado da política ") + what};
}

/// A decision of a policy that allows or denies. One that denies without a reason still denies.
std::optional<PolicyError> take_verdict(const std::string& policy, const Value& decision,
                                        ValidationResult& out) {
  Value allow = lookup(decision, "allow"), violations = lookup(decision, "violations");
  // In-process a set is a set still.
  bool list = violations.is(Kind::array) || violations.is(Kind::set);
  if (!allow.is(Kind::boolean) || !list) return malformed("não tem allow e violations");
  for (std::uint32_t i = 0; i < violations.size(); ++i)
    out.violations.push_back(violation_of(policy, violations.items()[i]));
  if (allow.is_false() && violations.size() == 0)
    out.violations.push_back(critical(policy, "denied", "A política negou sem dizer por quê"));
  Value warnings = lookup(decision, "warnings");
  for (std::uint32_t i = 0;
       (warnings.is(Kind::array) || warnings.is(Kind::set)) && i < warnings.size(); ++i) {
    const Value& warning = warnings.items()[i];
    out.warnings.push_back({policy, text(warning, "rule"), text(warning, "msg")});
  }
  return std::nullopt;
}

std::optional<PolicyError> take(const std::string& policy, bool allows, const Value& decision,
                                ValidationResult& out) {
  if (!decision.is(Kind::object)) return malformed("não é um objeto");
  return allows ? take_verdict(policy, decision, out) : std::nullopt;
}

std::optional<PolicyError> read(const std::string& policy, bool allows, const std::string& text,
                                ValidationResult& out) {
  Value decision;
  if (decision_reader().decide(text, decision)) return malformed("não é um objeto");
  return take(policy, allows, decision, out);
}

}  // namespace

PolicyValidator::PolicyValidator(PolicyClient& client) : client_(client) {
  std::string flags = PolicyClient::package_of(client.configuration().feature_flags);
  auto asked = [&](Subject subject) {
    std::vector<Asked> out;
    for (const std::string& package : client.policies_of(subject))
      out.push_back({package.substr(package.rfind('/') + 1), package != flags});
    return out;
  };
  plan_ = asked(Subject::plan);
  ticket_ = asked(Subject::ticket);
}

ValidationResult PolicyValidator::validate(Subject subject, const Document& document,
                                           std::optional<std::int64_t> now_ms) {
  const std::vector<Asked>& policies = subject == Subject::plan ? plan_ : ticket_;
  ValidationResult out;
  out.evaluated_at = SystemClock::now();
  std::int64_t now = now_ms.value_or(
      std::chrono::duration_cast<std::chrono::milliseconds>(out.evaluated_at.time_since_epoch())
          .count());
  auto on_decision = [&](std::size_t i, const Value& decision) {
    return take(policies[i].name, policies[i].allows, decision, out);
  };
  PolicyClient::Answers answers = client_.evaluate_subject(subject, document, now, on_decision);
  for (std::size_t i = 0; i < answers.evaluations.size(); ++i) {
    Evaluation& evaluation = answers.evaluations[i];
    const auto& [name, allows] = policies[i];
    if (!answers.judged && evaluation.ok())
      evaluation.error = read(name, allows, evaluation.decision, out);
    if (evaluation.ok())
      out.policy_decisions.emplace(name, std::move(evaluation.decision));
    else
      fail(name, *evaluation.error, client_.configuration().fail_open, out);
  }
  if (!answers.is_json) {
    out.violations.push_back(
        critical("validator", "malformed", "O documento não é um objeto JSON"));
  } else if (!answers.known_band) {
    out.violations.push_back(critical("validator", "risk_band_unknown",
                                      "risk_band não é critical, high, medium nem low"));
  } else if (answers.evaluations.size() != policies.size()) {
    out.violations.push_back(
        critical("validator", "unchecked", "Nem todas as políticas foram avaliadas"));
  }
  if (out.violations.size() > 1)
    std::stable_sort(
        out.violations.begin(), out.violations.end(),
        [](const Violation& a, const Violation& b) { return a.severity < b.severity; });
  out.valid = out.violations.empty();
  out.evaluation_duration_ms =
      std::chrono::duration<double, std::milli>(answers.end - answers.start).count();
  return out;
}

ValidationResult PolicyValidator::validate_cognitive_plan(const Document& plan,
                                                          std::optional<std::int64_t> now_ms) {
  return validate(Subject::plan, plan, now_ms);
}

ValidationResult PolicyValidator::validate_execution_ticket(const Document& ticket,
                                                            std::optional<std::int64_t> now_ms) {
  return validate(Subject::ticket, ticket, now_ms);
}

}  // namespace lictor::validator
