// Text that the grammar refuses → the errors that OPA's parser reports for it. The grammar says
// only where it stopped; OPA's parser descends by hand, and what it says depends on what it was
// about to read. This walks the text as that parser does, and makes nothing but errors. It runs on
// text that has been refused already, so that its speed does not matter.
#pragma once

#include "syntax/parse.hpp"

namespace lictor::syntax {

/// None when it has nothing to say: then the grammar's own error stands.
Errors explain_module(const Source& source, const ParseOptions& options);
Errors explain_query(const Source& source, const ParseOptions& options);

}  // namespace lictor::syntax
