// Which terms have variables, and which names are keywords, by OPA's rules.
#pragma once

#include "syntax/ast.hpp"

namespace lictor::syntax {

/// True for `input` and `data`, which are refs to OPA.
bool is_root(const Term& term);
/// True for a term with a variable in it that is no head of a ref, or a template string.
bool has_variable(const Term& term);

/// True for a rule whose whole name is a keyword of v1.
bool has_keyword_name(const Rule& rule);

}  // namespace lictor::syntax
