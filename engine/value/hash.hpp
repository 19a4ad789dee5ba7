// Hashing of values: equal values have equal hashes, also numbers in different spellings.
#pragma once

#include <cstdint>

#include "lictor/value.hpp"

namespace lictor {

std::uint64_t hash(const Value& value);

}  // namespace lictor
