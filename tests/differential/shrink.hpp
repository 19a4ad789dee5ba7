// A program with a difference → a smaller one that still has it.
#pragma once

#include <functional>

#include "node.hpp"

namespace lictor::differential {

/// Takes parts of `program` away as long as differs(program) holds.
Program shrink(Program program, const std::function<bool(const Program&)>& differs);

}  // namespace lictor::differential
