// The registry of builtins for those outside.
#include "lictor/builtins.hpp"

#include <algorithm>

#include "builtins/table.hpp"

namespace lictor {

std::vector<BuiltinInfo> list_builtins() {
  std::vector<BuiltinInfo> out;
  for (const builtins::Builtin& builtin : builtins::Table::standard()->all())
    out.push_back({builtin.name, builtin.arity(), builtin.function != nullptr});
  std::sort(out.begin(), out.end(),
            [](const BuiltinInfo& a, const BuiltinInfo& b) { return a.name < b.name; });
  return out;
}

}  // namespace lictor
