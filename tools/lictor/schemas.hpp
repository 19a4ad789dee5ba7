// JSON schemas from a file or a folder → an Engine, for --schema.
#pragma once

#include <string>

#include "lictor/lictor.hpp"

namespace lictor::cli {

/// A file is the schema of `input`; of a folder, each file is named by its path below it. An empty
/// path adds nothing.
Errors load_schemas(const std::string& path, Engine& engine);

}  // namespace lictor::cli
