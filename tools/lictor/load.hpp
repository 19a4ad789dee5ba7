// Files → an Engine: modules from *.rego, base documents from *.json and *.yaml, folders walked in
// order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"

namespace lictor::cli {

/// Reads a whole file; an Error that names it otherwise. "-" is standard input.
Result<std::string> read_file(const std::string& path);

/// As above; a document in YAML comes as JSON.
Result<std::string> read_document(const std::string& path);

/// Adds every policy and document at the paths. A folder's documents stand at their path below it.
std::optional<Error> load_paths(const std::vector<std::string>& paths, bool with_data,
                                Engine& engine);

}  // namespace lictor::cli
