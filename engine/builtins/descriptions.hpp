// What OPA says about the operands and results of its builtins, which its type errors hand to
// programs. In: a builtin's name and the number of an operand, or for the result their count. Out:
// the text, or "".
#pragma once

#include <cstddef>
#include <string_view>

namespace lictor::builtins {

std::string_view description(std::string_view builtin, std::size_t operand);

}  // namespace lictor::builtins
