// What OPA's builtins are to this library. Safe for many threads.
#pragma once

#include <string_view>
#include <vector>

namespace lictor {

struct BuiltinInfo {
  std::string_view name;   // e.g. "json.patch"; lives as long as the program
  int arity = 0;           // how many arguments it takes; -1: any number
  bool available = false;  // if not, a policy that calls it is refused when it is compiled
};

/// Every builtin of OPA by name, but for eq, assign and print, which the compiler knows.
std::vector<BuiltinInfo> list_builtins();

}  // namespace lictor
