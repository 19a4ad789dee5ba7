// Paths that may be file:// URLs → paths of files.
#pragma once

#include <string>

#include "lictor/error.hpp"

namespace lictor::cli {

/// The path that a URL names; a path without "://" is left as it is.
Result<std::string> local_path(const std::string& path);

}  // namespace lictor::cli
