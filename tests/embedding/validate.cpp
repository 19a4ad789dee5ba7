#include <lictor/validator/validator.hpp>
#include <iostream>

int main() {
  using namespace lictor::validator;
  Configuration configuration;
  if (auto errors = from_environment(configuration)) {  // LICTOR_MODE, OPA_HOST, OPA_FAIL_OPEN, ...
    for (const std::string& message : errors->messages) std::cerr << message << '\n';
    return 2;
  }
  PolicyClient client(configuration);
  for (const PolicyProblem& problem : client.initialize())
    std::cerr << problem.policy << ": " << problem.reason << '\n';
  PolicyValidator validator(client);

  ValidationResult result = validator.validate_execution_ticket(
      R"({"ticket_id": "t-1", "risk_band": "low", "sla": {"timeout_ms": 60000, "max_retries": 1}})");
  for (const Violation& violation : result.violations)
    std::cerr << violation.policy_name << '.' << violation.rule_name << ": " << violation.message << '\n';
  std::cout << (result.valid ? "valid" : "rejected") << '\n';
}
