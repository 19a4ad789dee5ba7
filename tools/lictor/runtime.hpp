// What opa.runtime() returns to policies that the command evaluates.
#pragma once

#include <string>

namespace lictor::cli {

/// A JSON object, with the variables of the environment in it.
std::string runtime_json();

}  // namespace lictor::cli
