// The arity that a signature says, and the errors of wrong operands.
#include "builtins/builtin.hpp"

#include <algorithm>

namespace lictor::builtins {

namespace {

/// The quote that ends a JSON string.
const char* end_of_quote(const char* start) {
  const char* at = start + 1;
  while (*at != '"') at += *at == '\\' ? 2 : 1;
  return at;
}

}  // namespace

int Builtin::arity() const {
  int depth = 0, count = 0;
  for (const char* at = signature;; ++at) {
    if (*at == '"') at = end_of_quote(at);  // a key
    if (std::string_view(at).starts_with("...")) return -1;
    if (*at == '(' || *at == '<' || *at == '[') ++depth;
    if (*at == ')' || *at == '>' || *at == ']') --depth;
    if (depth == 1 && (*at == ',' || (count == 0 && *at != '('))) ++count;
    if (depth == 0) return count;
  }
}

bool Environment::allows(std::string_view host) const {
  return !allowed_hosts ||
         std::find(allowed_hosts->begin(), allowed_hosts->end(), host) != allowed_hosts->end();
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
