// Checked AST → IR. In: checked modules and a path or a query. Out: a verified program that needs
// neither. Code is planned in continuation-passing style: each construct emits what produces its
// bindings, lets the rest of the body be emitted inside, and ends by jumping to where the next
// solution is sought. INVARIANT: emitted code never falls through the end of a construct.
#pragma once

#include "compile/check.hpp"
#include "ir/program.hpp"

namespace lictor::plan {

/// What a program may do without; it decides the same then, but for errors that OPA's rule index
/// does not come to.
struct Options {
  bool optimize = true;        // inline rules, fold constants, tidy the code
  bool index = true;           // test first what OPA's rule index tests before it evaluates a rule
  bool strict_errors = false;  // tests of texts, which OPA's index lets pass for collections, are
                               // left in their bodies, where they may be errors
  bool unbound = false;  // leave a variable without a value to the evaluation, which fails there
};

/// Plans the document at `path` behind `data`: the program returns its value, or undefined.
Result<ir::Program> plan_document(const compile::Checked& checked,
                                  const std::vector<std::string>& path,
                                  const Options& options = {});

/// Plans a query: the program returns an array of rows, each an array of the values of its
/// expressions and then of its variables.
Result<ir::Program> plan_query(const compile::Checked& checked, const compile::CheckedQuery& query,
                               const Options& options = {});

}  // namespace lictor::plan
