// Writes calls of builtins. In: a builtin and a seed. Out: operands of the types in its signature,
// now and then of another, as one JSON array in which objects with one key "$set", "$object" or
// "$hex" encode what JSON cannot: sets, objects with other keys, and bytes that are not UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "node.hpp"

namespace lictor::builtin_calls {

using differential::Node;

/// The operands of a call, a JSON array.
Node make_operands(std::string_view name, std::string_view signature, std::uint64_t seed);

/// True if a part of the operands is encoded.
bool is_encoded(const Node& operands);

/// The operands as JSON text. If they are encoded, equal numbers have one spelling: OPA remembers a
/// function's value by its argument, so that decoding may change the spelling.
std::string input_text(Node operands);

/// The call in Rego's notation.
std::string rego_call(std::string_view name, const Node& operands);

}  // namespace lictor::builtin_calls
