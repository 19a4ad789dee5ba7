// The text of a conflict: the values of the rules of one document, or of a function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lictor/value.hpp"

namespace lictor::eval {

struct ConflictingValue {
  std::string file;  // of the rule that has it
  std::uint32_t row = 0;
  std::uint32_t col = 0;
  Value value;
};

/// ":" and the values, a line each in the order of the source; with `more`, "..." behind them.
std::string list_of_conflicts(std::vector<ConflictingValue> values, bool more);

}  // namespace lictor::eval
