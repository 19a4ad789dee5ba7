// The keys that tokens are verified with. In: a certificate or a public key in PEM, or a JWK or a
// set of them. Out: the keys, kept for the thread's next call with the same text, as parsing them
// takes longer than verifying. Source: OPA v1/topdown/tokens.go.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builtins/keys.hpp"

namespace lictor::builtins {

struct TokenKey {
  std::string algorithm;  // "" if any will do
  std::string id;
  Key key;
};

using TokenKeys = std::vector<TokenKey>;

/// Null, with OPA's words in `wrong`, for a text that has no keys.
std::shared_ptr<const TokenKeys> token_keys(std::string_view text, Wrong& wrong);

}  // namespace lictor::builtins
