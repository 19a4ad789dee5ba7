// Rego text → AST. In: a Source that outlives the Ast. Out: nodes in the Ast, or errors with OPA's
// code. Never throws; nesting beyond max_nesting is refused.
#pragma once

#include <deque>
#include <functional>

#include "lictor/error.hpp"
#include "syntax/ast.hpp"

namespace lictor::syntax {

constexpr int max_nesting = 1000;

struct ParseOptions {
  Dialect dialect = Dialect::v1;
  unsigned extra_keywords = 0;  // Keyword bits that are on without an import
  std::function<bool(std::string_view name)> is_builtin = nullptr;  // names that no rule can have
  bool annotations = true;                                          // read METADATA blocks
};

Result<Module*> parse_module(const Source& source, const ParseOptions& options, Ast& ast,
                             std::deque<Module>& modules);
/// Parses a query: a body without braces.
Result<Body*> parse_query(const Source& source, const ParseOptions& options, Ast& ast);
/// Parses one term, such as an `input_term` of OPA's test cases.
Result<Term*> parse_term(const Source& source, const ParseOptions& options, Ast& ast);

}  // namespace lictor::syntax
