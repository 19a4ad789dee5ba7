// Keys in JSON: one key, or a set. In: a text. Out: keys, or the words of the library that OPA
// reads them with. Source: github.com/lestrrat-go/jwx v3 (jwk), and Go's encoding/json (1.27) below
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builtins/keys.hpp"

namespace lictor::builtins {

/// A key as it is written: numbers with the zeros ahead that the text has.
struct JsonWebKey {
  std::string type;       // "RSA", "EC", "OKP", "oct"
  std::string algorithm;  // "" if there is none
  std::string id;
  bool is_private = false;
  std::optional<std::string> curve;
  std::optional<std::string> n, e, d, p, q, dp, dq, qi, x, y, k;
};

/// A key, or the keys of a set.
Wrong parse_jwk(std::string_view text, std::vector<JsonWebKey>& out);
/// The key that a JWK is.
Wrong export_jwk(const JsonWebKey& from, Key& out);

}  // namespace lictor::builtins
