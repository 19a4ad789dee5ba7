// Paths that may be file:// URLs, as OPA's command takes them for policies, data and inputs.
#pragma once

#include <string>

#include "lictor/error.hpp"

namespace lictor {

/// The path that a URL names; a path without "://" is left as it is. The host, the query and the
/// fragment name nothing.
Result<std::string> local_path(const std::string& path);

}  // namespace lictor
