// PEM blocks as Go's encoding/pem finds them. In: a text. Out: its first block and what follows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor::builtins {

struct PemBlock {
  std::string type;  // "CERTIFICATE"
  std::string bytes;
};

struct PemDecoding {
  std::optional<PemBlock> block;
  std::string_view rest;  // the whole text if there is no block
};

PemDecoding decode_pem(std::string_view text);
/// A block of its own, in lines of 64 characters.
std::string encode_pem(std::string_view type, std::string_view bytes);

}  // namespace lictor::builtins
