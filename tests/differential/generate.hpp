// Seed → program. The same seed gives the same program on every machine. Wide programs have many
// rules for each document, most of which begin with a test that an index of rules may use.
#pragma once

#include <cstdint>

#include "node.hpp"

namespace lictor::differential {

Program generate(std::uint64_t seed, bool wide = false);

}  // namespace lictor::differential
