// Comprehensions whose values for all bindings of the variables that they share with the body
// around them are made at once, as OPA makes them: `x = data.xs[_]; ys = [y | data.ys[y] = x]` is
// keyed by x. In: flat clauses in safe order. Out: by comprehension, the names of those variables.
// Source: OPA v1/ast/compile.go, BuildComprehensionIndices (1.22.2).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compile/check.hpp"

namespace lictor::compile {

using ComprehensionKeys = std::map<const syntax::Term*, std::vector<std::string>>;

/// Adds the comprehensions of a body and those within it; `args` are a function's parameters.
void add_comprehension_keys(const syntax::Body& flat, const std::vector<syntax::Term*>& args,
                            const Checked& checked, ComprehensionKeys& out);

/// Marks the object comprehensions of clauses, or of a query, that have keys: their tables are made
/// without a look at what stands at a key already. `flat` is the finished form of `body`.
void mark_keyed_objects(const std::vector<Module*>& modules, const Checked& checked);
void mark_keyed_objects(const syntax::Body& flat, const std::vector<syntax::Body*>& bodies,
                        const Checked& checked);

}  // namespace lictor::compile
