// YAML texts and values from a seed. In: a seed. Out: a text near the edges of the grammar, or a
// JSON document whose texts YAML may have to quote.
#pragma once

#include <cstdint>
#include <string>

namespace lictor::tests {

std::string yaml_text(std::uint64_t seed);
std::string json_document(std::uint64_t seed);

}  // namespace lictor::tests
