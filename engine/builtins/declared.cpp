// Builtins of OPA that lictor does not have yet: known by name and arity, so that `with` can
// replace them and a policy that calls one is refused when it is compiled. Adding one: delete its
// line here, add it to its family.
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

constexpr Builtin table[] = {
    {"http.send", "(request: object[string: any]) => response: object[any: any]", nullptr},
};

}  // namespace

std::span<const Builtin> declared_builtins() { return table; }

}  // namespace lictor::builtins
