// Two texts → what goes and what comes, character by character.
#pragma once

#include <string>

namespace lictor::cli {

/// The new text with what came in green and what went in red, as `opa fmt --diff` prints it. Where
/// the texts differ too much to be compared, all of what differs goes and comes.
std::string colored_difference(const std::string& before, const std::string& after);

}  // namespace lictor::cli
