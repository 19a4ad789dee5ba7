// HTTP answers of OPA's data API → decisions or errors.
// In: the status and the body. Out: the document `result` as text, or what the answer means: 404
// and a missing result are policy_not_found, an evaluation error is the policy's own, and all else
// cannot be read. Source: OPA's REST API, POST /v1/data/PATH.
#pragma once

#include <string>

#include "lictor/validator/evaluation.hpp"

namespace lictor::validator {

Evaluation read_answer(long status, const std::string& body, const std::string& package);

}  // namespace lictor::validator
