// Which paths of the input are read for their kind alone, so that objects there need not be built.
// In: code whose input operands are numbers of paths. Out: for each path, whether its value counts.
// INVARIANT: a path is kind-only if every instruction that reads it tests its kind, or whether it
// is defined or true, or follows a test that it is no object.
#pragma once

#include <cstddef>
#include <vector>

#include "ir/program.hpp"

namespace lictor::plan {

/// By path: true if some instruction needs more of it than its kind.
std::vector<bool> paths_needed_whole(const ir::Program& program, std::size_t paths);

}  // namespace lictor::plan
