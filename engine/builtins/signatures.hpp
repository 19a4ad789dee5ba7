// Signatures by a key, on OpenSSL. In: a key, an algorithm, the bytes that are signed. Out: whether
// the signature is right, or a signature. What OpenSSL makes of a key stays with the key, which one
// thread uses at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "builtins/keys.hpp"

namespace lictor::builtins {

enum class Hash : std::uint8_t { none, sha1, sha256, sha384, sha512 };
enum class Scheme : std::uint8_t { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa };

struct SignatureAlgorithm {
  Scheme scheme;
  Hash hash = Hash::none;
};

/// The algorithm that a token calls so.
std::optional<SignatureAlgorithm> token_algorithm(std::string_view name);

std::string digest_of(Hash hash, std::string_view text);
std::string authentication_code(Hash hash, std::string_view key, std::string_view text);
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// A key of the wrong kind verifies nothing. `any_salt`: a PSS salt of any length, not only that of
/// the hash.
bool verify_rsa(const Key& key, const SignatureAlgorithm& algorithm, std::string_view text,
                std::string_view signature, bool any_salt);
/// The signature's two numbers, big-endian.
bool verify_ecdsa(const Key& key, Hash hash, std::string_view text, std::string_view r,
                  std::string_view s);
/// As above, for a signature in DER.
bool verify_ecdsa_der(const Key& key, Hash hash, std::string_view text, std::string_view signature);
bool verify_ed25519(const Key& key, std::string_view text, std::string_view signature);

/// Signs with a private key of the algorithm's kind; nothing if OpenSSL cannot.
std::optional<std::string> sign(const Key& key, const SignatureAlgorithm& algorithm,
                                std::string_view text);

}  // namespace lictor::builtins
