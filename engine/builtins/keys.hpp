// Public and private keys of certificates, PEM blocks and JWKs. In: DER. Out: the key's numbers, or
// Go's words for what is wrong. OpenSSL gets a key only when something is verified or signed with
// it (signatures.hpp). Source: Go's crypto/x509, crypto/rsa, crypto/ecdsa (1.27).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builtins/go_asn1.hpp"
#include "lictor/error.hpp"

namespace lictor::builtins {

/// A curve that Go knows.
struct Curve {
  const char* name;      // "P-256"
  const char* go_name;   // "P256", in Go's errors
  const char* openssl;   // "prime256v1"
  int nid;               // OpenSSL's number
  std::size_t size;      // bytes of a coordinate
  unsigned bits;         // of a coordinate
  const char* in_jwk;    // what a JWK calls it; null: no JWK has it
  const char* overflow;  // Go's words for a coordinate that is too large
};

const Curve* curve_of(const ObjectId& id);
/// By the name of a JWK.
const Curve* curve_of(std::string_view name);

enum class KeyKind : std::uint8_t { none, rsa, ec, ed25519, x25519, mldsa, dsa, octets };

/// What speeds up the use of an RSA key's third prime and those after it.
struct RsaCrtValue {
  std::string exponent, coefficient, product;
};

/// Numbers are big-endian and without zeros ahead, coordinates as long as the curve's.
struct Key {
  KeyKind kind = KeyKind::none;
  bool is_private = false;
  std::string n;       // RSA
  std::int64_t e = 0;  // RSA
  std::string d;       // RSA, EC: the private number
  const Curve* curve = nullptr;
  std::string x, y;                 // EC
  std::string bytes;                // octets; Ed25519 and X25519: the public key
  std::string seed;                 // Ed25519 and X25519: the private key
  std::vector<std::string> primes;  // RSA
  std::string dp, dq, qinv;         // RSA, of the first two primes
  std::vector<RsaCrtValue> crt_values;
  std::string dsa_p, dsa_q, dsa_g, dsa_y;

  /// What OpenSSL has made of the key, by what it is used for.
  struct Handles;
  mutable std::shared_ptr<Handles> handles = nullptr;
};

/// An algorithm identifier: its parameters with their header, empty if there are none.
struct AlgorithmId {
  ObjectId id;
  std::string_view parameters;
};

/// Go's words for what is wrong, or "".
using Wrong = std::string;

Wrong parse_public_key(const AlgorithmId& algorithm, const BitString& bits, Key& out);
/// SubjectPublicKeyInfo.
Wrong parse_pkix_public_key(std::string_view der, Key& out);
Wrong parse_pkcs1_private_key(std::string_view der, Key& out);
Wrong parse_pkcs8_private_key(std::string_view der, Key& out);
Wrong parse_sec1_private_key(std::string_view der, Key& out);

/// An algorithm identifier and the key's bits: the fields of a SubjectPublicKeyInfo.
struct PublicKeyInfo {
  std::string_view raw;
  AlgorithmId algorithm;
  BitString key;
};
bool read_public_key_info(Asn1Reader& from, PublicKeyInfo& out);
bool read_algorithm_id(Asn1Reader& from, AlgorithmId& out, Asn1Rule rule = {});

/// Checks the point of a curve: Go's words, or "".
Wrong check_point(const Curve& curve, std::string_view x, std::string_view y);
/// Sets the coordinates of the private number's point.
bool set_public_point(Key& key);
/// Sets the public key of a seed of 32 bytes.
bool set_public_of_seed(Key& key);

/// What Go checks of a private key before it signs: Go's words, or "". Without values for the
/// remainders of its exponent, an RSA key gets them.
Wrong check_rsa_signing_key(Key& key, bool has_values);
Wrong check_ec_signing_key(const Key& key);

namespace object_ids {
inline const ObjectId rsa{1, 2, 840, 113549, 1, 1, 1}, dsa{1, 2, 840, 10040, 4, 1},
    ecdsa{1, 2, 840, 10045, 2, 1}, x25519{1, 3, 101, 110}, ed25519{1, 3, 101, 112},
    mldsa44{2, 16, 840, 1, 101, 3, 4, 3, 17}, mldsa65{2, 16, 840, 1, 101, 3, 4, 3, 18},
    mldsa87{2, 16, 840, 1, 101, 3, 4, 3, 19};
}  // namespace object_ids

}  // namespace lictor::builtins
