// Calls of the host's functions. In: a call of a builtin that has a HostFunction. Out: its value,
// or its error. Entry point: call_host(). INVARIANT: a `stable` function is called once an
// evaluation for equal arguments.
#pragma once

#include "builtins/builtin.hpp"

namespace lictor::builtins {

Value call_host(Call& call);

}  // namespace lictor::builtins
