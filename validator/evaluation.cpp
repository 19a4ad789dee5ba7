// Names of kinds and sources.
#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

const char* subject_name(Subject subject) noexcept {
  return subject == Subject::ticket ? "ticket" : "plan";
}

const char* outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::valid:
      return "valid";
    case Outcome::rejected:
      return "rejected";
    case Outcome::unchecked:
      return "unchecked";
    case Outcome::malformed:
      return "malformed";
  }
  return "unchecked";
}

const char* kind_name(PolicyErrorKind kind) noexcept {
  switch (kind) {
    case PolicyErrorKind::connection:
      return "connection_error";
    case PolicyErrorKind::policy_not_found:
      return "policy_not_found";
    case PolicyErrorKind::evaluation:
      return "evaluation_error";
    case PolicyErrorKind::timeout:
      return "timeout";
    case PolicyErrorKind::cancelled:
      return "cancelled";
  }
  return "connection_error";
}

const char* source_name(Source source) noexcept {
  switch (source) {
    case Source::local:
      return "local";
    case Source::remote:
      return "remote";
    case Source::cache:
      return "cache";
    case Source::none:
      return "none";
  }
  return "none";
}

}  // namespace lictor::validator
