// Reads answers with the engine itself, which preserves how numbers are written.
#include "answer.hpp"

#include <lictor/lictor.hpp>

#include <stdexcept>

namespace lictor::validator {
namespace {

Evaluation failed(PolicyErrorKind kind, std::string message) {
  Evaluation out;
  out.source = Source::remote;
  out.error = PolicyError{kind, std::move(message), false};
  return out;
}

/// Extracts an answer's result, or the text of its error.
constexpr const char* reader_module = R"rego(package lictor.validator.answer

import rego.v1

result := input.result

causes := concat("; ", [sprintf("%s: %s", [error.code, error.message]) | some error in input.errors])

default cause := ""

cause := sprintf("%s: %s (%s)", [input.code, input.message, causes]) if causes != ""

else := sprintf("%s: %s", [input.code, input.message])
)rego";

Evaluator make_reader(const char* entrypoint) {
  Engine engine;
  engine.add_module("answer.rego", reader_module);
  Result<Policy> policy = engine.compile(entrypoint);
  if (!policy) throw std::logic_error(policy.error().render());
  return Evaluator(*policy);
}

Evaluation not_found(const std::string& package) {
  return failed(PolicyErrorKind::policy_not_found,
                "OPA has no document data." + package + ".result");
}

Evaluation read_result(const std::string& body, const std::string& package) {
  thread_local Evaluator reader = make_reader("lictor/validator/answer/result");
  Evaluation out;
  out.source = Source::remote;
  if (reader.decide(body, out.decision))
    return failed(PolicyErrorKind::evaluation, "OPA's answer is not JSON");
  return out.decision.empty() ? not_found(package) : out;
}

std::string read_cause(const std::string& body) {
  thread_local Evaluator reader = make_reader("lictor/validator/answer/cause");
  Value cause;
  if (reader.decide(body, cause) || !cause.is(Kind::string)) return "";
  return std::string(cause.as_string());
}

/// The begin of an answer in plain text, such as that of a proxy, or of OPA to a request without
/// TLS. Control characters, which could forge lines of a log, become blanks.
std::string plain_cause(const std::string& body) {
  constexpr std::size_t most = 100;
  if (body.starts_with('<') || body.starts_with('{')) return "";
  std::string out = body.substr(0, most);
  for (char& c : out) {
    if (c < ' ' || c > '~') c = ' ';
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

}  // namespace

Evaluation read_answer(long status, const std::string& body, const std::string& package) {
  if (status == 200) return read_result(body, package);
  if (status == 404) return not_found(package);
  std::string cause = read_cause(body);
  // OPA answers 500 and lists the errors when an evaluation ends with one.
  if (status == 500 && cause.find("(eval_") != std::string::npos) {
    Evaluation out = failed(PolicyErrorKind::evaluation, cause);
    out.error->is_answer = true;
    return out;
  }
  std::string message = "OPA answered with status " + std::to_string(status);
  if (status >= 300 && status < 400) message += ", and redirects are not followed";
  if (cause.empty()) cause = plain_cause(body);
  if (!cause.empty()) message += ": " + cause;
  return failed(PolicyErrorKind::evaluation, message);
}

}  // namespace lictor::validator
