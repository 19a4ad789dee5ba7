// Modules with METADATA blocks from a seed: every field, in forms that are right, odd and wrong,
// and rules that read what schemas describe.
#pragma once

#include <cstdint>
#include <string>

namespace lictor::tests {

std::string metadata_module(std::uint64_t seed);

}  // namespace lictor::tests
