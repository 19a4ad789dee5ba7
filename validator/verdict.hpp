// Decisions read by the role of the policy that made them.
// In: a role and a decision, as a value or as text. Out: an error if it is not an answer of that
// role. INVARIANT: every decision goes through check_answer() before it is counted, cached or used.
#pragma once

#include <lictor/value.hpp>
#include <optional>
#include <string>

#include "lictor/validator/configuration.hpp"
#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

/// Nothing if a policy of this role may answer so. A verdict has a boolean `allow` and a list of
/// `violations`; flags have neither, because nothing would act on them.
std::optional<PolicyError> check_answer(Language language, Role role, const Value& decision);
std::optional<PolicyError> check_answer(Language language, Role role, const std::string& decision);

/// True if the text alone shows that the decision is an answer of the role verdict.
bool is_plain_verdict(const std::string& decision);
/// True if the text alone shows that the decision denies nothing.
bool allows_plainly(const std::string& decision);
/// True for a decision with `allow: false` or with violations, whatever its policy's role.
bool denies(const std::string& decision);

/// Reads a decision; null if it cannot be read. The value lives until the thread reads again.
const Value* read_decision(const std::string& decision);

}  // namespace lictor::validator
