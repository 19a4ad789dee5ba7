// The arity that a signature says, and the errors of wrong operands.
#include "builtins/builtin.hpp"

namespace lictor::builtins {

int Builtin::arity() const {
  int depth = 0, count = 0;
  for (const char* at = signature;; ++at) {
    if (*at == '.') return -1;
    if (*at == '(' || *at == '<' || *at == '[') ++depth;
    if (*at == ')' || *at == '>' || *at == ']') --depth;
    if (depth == 1 && (*at == ',' || (count == 0 && *at != '('))) ++count;
    if (depth == 0) return count;
  }
}

Value Call::wrong_type(std::size_t operand, std::string_view wanted) {
  failed = true;
  code = ErrorCode::eval_type;
  if (strict) {
    environment.message = "operand " + std::to_string(operand + 1) + " must be " +
                          std::string(wanted) + " but got " + kind_name(args[operand].kind());
  }
  return Value();
}

std::optional<BigInt> Call::big_integer(std::size_t operand) {
  if (!is(operand, Kind::number)) {
    wrong_type(operand, "integer");
    return std::nullopt;
  }
  std::optional<BigInt> out = to_big_int(args[operand]);
  if (!out) {
    type_error("operand " + std::to_string(operand + 1) +
               " must be integer number but got floating-point number");
  }
  return out;
}

bool Call::has_strings(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (is(i, Kind::string)) continue;
    wrong_type(i, "string");
    return false;
  }
  return true;
}

}  // namespace lictor::builtins
