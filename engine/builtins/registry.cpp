// The list of families, joined into one array that numbers the builtins.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "builtins/builtin.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

struct Registry {
  std::vector<Builtin> builtins;
  std::unordered_map<std::string_view, int> numbers;

  Registry() {
    numbers.reserve(256);
    for (std::span<const Builtin> family : families()) {
      for (const Builtin& builtin : family) {
        numbers[builtin.name] = static_cast<int>(builtins.size());
        builtins.push_back(builtin);
      }
    }
  }
};

const Registry& registry() {
  static const Registry instance;
  return instance;
}

}  // namespace

std::span<const Builtin> all() { return registry().builtins; }

const char* name_of(std::uint32_t number) { return all()[number].name; }

int find(std::string_view name) {
  auto found = registry().numbers.find(name);
  return found == registry().numbers.end() ? -1 : found->second;
}

int arity(std::string_view name) {
  int number = find(name);
  return number < 0 ? -1 : all()[static_cast<std::size_t>(number)].arity();
}

const char* signature(std::string_view name) {
  int number = find(name);
  return number < 0 ? nullptr : all()[static_cast<std::size_t>(number)].signature;
}

bool is_deprecated(std::string_view name) {
  int number = find(name);
  return number >= 0 && all()[static_cast<std::size_t>(number)].trait == Trait::deprecated;
}

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
