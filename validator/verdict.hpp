// Decisions read by the role of the policy that made them.
// In: a role and a decision, as a value or as text. Out: why it is no answer of that role, if so.
// INVARIANT: every decision goes through check_answer() before it is counted, cached or used.
#pragma once

#include <lictor/value.hpp>
#include <optional>
#include <string>

#include "lictor/validator/configuration.hpp"
#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

/// Nothing if a policy of this role may answer so. A verdict has a boolean `allow` and a list of
/// `violations`; flags have neither, as nobody would look at them.
std::optional<PolicyError> check_answer(Language language, Role role, const Value& decision);
/// The same, quicker, where the decision has been written as JSON, too.
std::optional<PolicyError> check_answer(Language language, Role role, const Value& decision,
                                        const std::string& text);
std::optional<PolicyError> check_answer(Language language, Role role, const std::string& decision);

/// True for a decision that need not be read to see that it denies nothing.
bool allows_plainly(const std::string& decision);
/// True for a decision that says `allow: false` or lists violations, whatever its policy's role.
bool denies(const std::string& decision);

/// Reads a decision; null if it cannot be read. The value lives until the thread reads again.
const Value* read_decision(const std::string& decision);

}  // namespace lictor::validator
