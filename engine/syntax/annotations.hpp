// METADATA blocks: comments at the start of a line, of which the first says METADATA, with YAML.
// In: a module that was parsed without errors. Out: its annotations, each with the statement below
// it, or parse errors. Source: OPA v1/ast/parser.go (metadataParser), annotations.go.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lictor/error.hpp"
#include "syntax/ast.hpp"
#include "syntax/comments.hpp"

namespace lictor::syntax {

/// Reads the METADATA blocks in `comments`, whatever statements they belong to.
Errors read_blocks(const std::vector<Comment>& comments, std::vector<Annotations>& out);
/// Fills in module.annotations; returns the errors, if any.
Errors read_annotations(Module& module);

/// The annotations in OPA's AST JSON.
std::string annotations_json(const Annotations& annotations);
/// As above, as rego.metadata.rule() has them.
std::string annotations_value_json(const Annotations& annotations);

/// What OPA attaches to each rule: the document's annotations, and of those of rules with the same
/// path the ones above it that no rule before it took.
std::map<const Rule*, std::vector<const Annotations*>> annotations_by_rule(const Module& module);

/// The JSON array of a rule's path behind `data`, as far as it is constant.
std::string path_json(const Module& module, const Rule& rule);
/// The same for the package, or for its first `count` names.
std::string path_json(const Module& module);
std::string path_json(const Module& module, std::size_t count);

}  // namespace lictor::syntax
