// Ground terms → values.
#pragma once

#include "base/arena.hpp"
#include "lictor/value.hpp"
#include "syntax/ast.hpp"

namespace lictor::plan {

/// The value of a ground term, in `arena`; undefined for any other term.
Value constant_value(const syntax::Term& term, Arena& arena);

}  // namespace lictor::plan
