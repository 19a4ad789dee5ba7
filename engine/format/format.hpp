// AST → Rego text in OPA's layout: `opa fmt`. In: a module that was parsed without errors, before
// any other stage changed it. Out: its text, formatted.
// INVARIANT: no comment is lost and no meaning changed, but where OPA does so.
// Source of the layout: OPA v1/format/format.go.
#pragma once

#include <string>

#include "lictor/error.hpp"
#include "syntax/ast.hpp"
#include "syntax/parse.hpp"

namespace lictor::format {

struct Options {
  bool v0 = false;            // the text is to be read as Rego v0 alone
  bool for_both = false;      // as v0 and as v1
  bool drop_imports = false;  // drop `future` and `rego` imports that change nothing
};

/// Gives a wildcard that several clauses share a name, as OPA does. `dialect`: that of the text.
void name_shared_wildcards(const syntax::Module& module, syntax::Dialect dialect);

Result<std::string> format_module(const syntax::Module& module, const Options& options);

}  // namespace lictor::format
