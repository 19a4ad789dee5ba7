// Which terms have variables, as OPA tells them apart.
#pragma once

#include "syntax/ast.hpp"

namespace lictor::syntax {

/// True for `input` and `data`, which are refs to OPA.
bool is_root(const Term& term);
/// True for a term with a variable in it that is no head of a ref, or a template string.
bool has_variable(const Term& term);

}  // namespace lictor::syntax
