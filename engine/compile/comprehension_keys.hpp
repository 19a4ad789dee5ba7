// Comprehensions whose values for all bindings of the variables that they share with the body
// around them are made at once, as OPA makes them: `x = data.xs[_]; ys = [y | data.ys[y] = x]` is
// keyed by x. In: flat clauses in safe order. Out: by comprehension, the names of those variables.
// Source: OPA v1/ast/compile.go, BuildComprehensionIndices.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compile/check.hpp"

namespace lictor::compile {

using ComprehensionKeys = std::map<const syntax::Term*, std::vector<std::string>>;

/// Adds the comprehensions of a body and those within it; `args` are a function's parameters.
void add_comprehension_keys(const syntax::Body& flat, const syntax::Terms& args,
                            const Checked& checked, ComprehensionKeys& out);

/// The same by where each was written, as a clause and its flat form have terms of their own. Of
/// all clauses, or of a query in flat form. A set that captures a part of a template string is at
/// the place of that part.
struct ComprehensionPlace {
  const Source* source;
  std::size_t first, body;  // where they begin: those in a chained clause's head begin at one place
  syntax::TermKind kind;
  bool captures;
  auto operator<=>(const ComprehensionPlace& other) const = default;
};
using KeyedPlaces = std::map<ComprehensionPlace, std::vector<std::string>>;
KeyedPlaces keyed_places(const Checked& checked);
KeyedPlaces keyed_places(const syntax::Body& flat, const Checked& checked);

/// Marks the object comprehensions that have keys: their tables are made without a look at what
/// stands at a key already.
void mark_keyed_objects(const KeyedPlaces& places, const std::vector<Module*>& modules,
                        const Checked& checked);
void mark_keyed_objects(const KeyedPlaces& places, const std::vector<syntax::Body*>& bodies);

/// Adds the comprehensions at those places, ready to be evaluated by themselves.
void add_keyed(const KeyedPlaces& places, const std::vector<Module*>& modules,
               const Checked& checked, Ast& ast, KeyedComprehensions& out);
void add_keyed(const KeyedPlaces& places, syntax::Body& body, const Checked& checked, Ast& ast,
               KeyedComprehensions& out);

}  // namespace lictor::compile
