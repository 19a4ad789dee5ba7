// IP addresses as bytes and texts, in Go's notation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor::builtins {

/// The text of 4 or 16 bytes.
std::string address_text(std::string_view bytes);
/// The 4 or 16 bytes of an address; a zone is left out.
std::optional<std::string> address_bytes(std::string_view text);

}  // namespace lictor::builtins
