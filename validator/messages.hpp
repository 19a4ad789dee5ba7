// The validator's own texts in results, in Portuguese and English. The policies bring theirs,
// in the language that parameters.language names.
// INVARIANT: the Portuguese texts are the guide's.
#pragma once

#include <initializer_list>
#include <string>

#include "lictor/validator/configuration.hpp"

namespace lictor::validator {

enum class Message {
  breaker_open,
  connection,  // the next ones have a reason in brackets
  policy_not_found,
  evaluation,
  timeout,
  cancelled,
  skipped,      // follows a cause under fail-open
  unavailable,  // follows a cause under fail-closed
  denied,
  malformed,
  unknown_band,
  unchecked,
  too_large,  // bytes, maximum
  too_deep,   // maximum
  host_malformed,
  answer_no_object,  // the next ones: why an answer does not fit the role of its policy
  answer_no_verdict,
  answer_is_verdict
};

/// The text, with each {} replaced by the next argument.
std::string text_of(Language language, Message message,
                    std::initializer_list<std::string> arguments = {});

}  // namespace lictor::validator
