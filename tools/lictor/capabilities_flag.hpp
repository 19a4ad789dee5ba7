// The flag --capabilities of verbs that read policies.
#pragma once

#include <memory>

#include "flags.hpp"
#include "lictor/capabilities.hpp"

namespace lictor::cli {

/// Adds it; it takes a file or a version of OPA. `capabilities` is null where it is not given.
void add_capabilities_flag(Flags& flags, std::shared_ptr<const Capabilities>& capabilities);

}  // namespace lictor::cli
