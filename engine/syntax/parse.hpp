// Rego text → AST. In: a Source that outlives the Ast. Out: nodes in the Ast, or errors with OPA's
// code. Never throws; nesting beyond max_nesting is refused.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "lictor/error.hpp"
#include "syntax/ast.hpp"

namespace lictor::syntax {

constexpr int max_nesting = 1000;

/// What capabilities leave of the language.
struct Language {
  unsigned importable = v1_keywords | v2_keywords;  // Keyword bits, by `import future.keywords`
  bool rego_v1_import = true;
  bool rego_v2_import = true;
  bool keywords_in_refs = true;
  bool template_strings = true;
  bool ref_heads = true;      // heads may be refs of several texts
  bool general_heads = true;  // and of variables, too
  std::string refusal = {};   // why no text can be read; empty: texts can

  /// All that a dialect has.
  static const Language& whole(Dialect dialect);
};

struct ParseOptions {
  Dialect dialect = Dialect::v1;
  unsigned extra_keywords = 0;  // Keyword bits that are on without an import
  std::function<bool(std::string_view name)> is_builtin = nullptr;  // names that no rule can have
  bool annotations = true;                                          // read METADATA blocks
  const Language* restricted = nullptr;  // null: all that the dialect has

  const Language& language() const { return restricted ? *restricted : Language::whole(dialect); }
};

Result<Module*> parse_module(const Source& source, const ParseOptions& options, Ast& ast,
                             std::deque<Module>& modules);
/// Parses a query: a body without braces.
Result<Body*> parse_query(const Source& source, const ParseOptions& options, Ast& ast);
/// Parses one term, such as an `input_term` of OPA's test cases.
Result<Term*> parse_term(const Source& source, const ParseOptions& options, Ast& ast);

}  // namespace lictor::syntax
