// Parsed module → what its evaluation may cover. Source: OPA v1/cover/cover.go.
#pragma once

#include <vector>

#include "lictor/trace.hpp"
#include "syntax/ast.hpp"

namespace lictor::trace {

/// Adds the heads of all rules and their expressions, but for declarations. The module is as it was
/// written: checking it would add expressions.
void add_coverable(const syntax::Module& module, std::vector<TextRange>& out);

}  // namespace lictor::trace
