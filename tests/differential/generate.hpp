// Seed → program. The same seed gives the same program on every machine.
#pragma once

#include <cstdint>

#include "node.hpp"

namespace lictor::differential {

Program generate(std::uint64_t seed);

}  // namespace lictor::differential
