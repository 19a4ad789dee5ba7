// The two roles' forms, and a reader of decisions that came as text.
#include "verdict.hpp"

#include <lictor/lictor.hpp>

#include "messages.hpp"

namespace lictor::validator {
namespace {

PolicyError malformed(Language language, Message what) {
  return {PolicyErrorKind::evaluation, text_of(language, what)};
}

/// In-process a set has not been written as an array yet.
bool is_list(const Value& value) { return value.is(Kind::array) || value.is(Kind::set); }

struct Reader {
  Reader() : evaluator(compile()) {}

  static Policy compile() {
    Engine engine;
    engine.add_module("decision.rego", "package lictor.decision\n\ndecision := input\n");
    return *engine.compile("lictor/decision/decision");
  }

  Evaluator evaluator;
  Value value;
};

}  // namespace

const Value* read_decision(const std::string& decision) {
  thread_local Reader reader;
  return reader.evaluator.decide(decision, reader.value) ? nullptr : &reader.value;
}

/// Decisions are written compactly, with sorted keys.
bool is_plain_verdict(const std::string& decision) {
  return decision.starts_with("{\"allow\":true,\"violations\":[") ||
         decision.starts_with("{\"allow\":false,\"violations\":[");
}

std::optional<PolicyError> check_answer(Language language, Role role, const Value& decision) {
  if (!decision.is(Kind::object)) return malformed(language, Message::answer_no_object);
  Value allow = lookup(decision, "allow"), violations = lookup(decision, "violations");
  if (role == Role::verdict) {
    if (allow.is(Kind::boolean) && is_list(violations)) return std::nullopt;
    return malformed(language, Message::answer_no_verdict);
  }
  if (allow.is_undefined() && violations.is_undefined()) return std::nullopt;
  return malformed(language, Message::answer_is_verdict);
}

std::optional<PolicyError> check_answer(Language language, Role role, const std::string& decision) {
  const Value* value = read_decision(decision);
  return value ? check_answer(language, role, *value)
               : malformed(language, Message::answer_no_object);
}

bool allows_plainly(const std::string& decision) {
  return decision.starts_with("{\"allow\":true,\"violations\":[]");
}

bool denies(const std::string& decision) {
  if (allows_plainly(decision)) return false;
  constexpr std::string_view list = "\"violations\":[";
  std::size_t found = decision.find(list);
  bool lists_some = found != std::string::npos && decision[found + list.size()] != ']';
  if (!lists_some && decision.find("\"allow\":false") == std::string::npos) return false;
  const Value* value = read_decision(decision);
  if (value == nullptr) return true;
  Value violations = lookup(*value, "violations");
  return lookup(*value, "allow").is_false() || (is_list(violations) && violations.size() > 0);
}

}  // namespace lictor::validator
