#include "builtins/signatures.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>

#include "builtins/openssl.hpp"

namespace lictor::builtins {
namespace {

const EVP_MD* digest_algorithm(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return EVP_sha1();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

/// The parameters that make a key, with the numbers and bytes that they point to.
class KeyParameters {
 public:
  KeyParameters() : builder_(OSSL_PARAM_BLD_new()) {}

  void number(const char* name, std::string_view bytes) {
    numbers_.emplace_back(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
    OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get());
  }
  void point(std::string bytes) {
    point_ = std::move(bytes);
    OSSL_PARAM_BLD_push_octet_string(builder_.get(), OSSL_PKEY_PARAM_PUB_KEY, point_.data(),
                                     point_.size());
  }
  void text(const char* name, const char* text) {
    OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, text, 0);
  }

  Owned<EVP_PKEY> make(const char* type, bool is_private) {
    Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder_.get()));
    Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* out = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1) {
      int selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
      if (EVP_PKEY_fromdata(context.get(), &out, selection, parameters.get()) != 1) out = nullptr;
    }
    return Owned<EVP_PKEY>(out);
  }

 private:
  Owned<OSSL_PARAM_BLD> builder_;
  std::vector<Owned<BIGNUM>> numbers_;
  std::string point_;
};

std::string big_endian(std::int64_t number) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
  return out;
}

Owned<EVP_PKEY> make_rsa(const Key& key) {
  KeyParameters parameters;
  parameters.number(OSSL_PKEY_PARAM_RSA_N, key.n);
  parameters.number(OSSL_PKEY_PARAM_RSA_E, big_endian(key.e));
  if (key.is_private) {
    parameters.number(OSSL_PKEY_PARAM_RSA_D, key.d);
    if (key.primes.size() == 2 && !key.dp.empty() && !key.dq.empty() && !key.qinv.empty()) {
      parameters.number(OSSL_PKEY_PARAM_RSA_FACTOR1, key.primes[0]);
      parameters.number(OSSL_PKEY_PARAM_RSA_FACTOR2, key.primes[1]);
      parameters.number(OSSL_PKEY_PARAM_RSA_EXPONENT1, key.dp);
      parameters.number(OSSL_PKEY_PARAM_RSA_EXPONENT2, key.dq);
      parameters.number(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, key.qinv);
    }
  }
  return parameters.make("RSA", key.is_private);
}

Owned<EVP_PKEY> make_ec(const Key& key) {
  KeyParameters parameters;
  parameters.text(OSSL_PKEY_PARAM_GROUP_NAME, key.curve->openssl);
  parameters.point("\x04" + key.x + key.y);
  if (key.is_private) parameters.number(OSSL_PKEY_PARAM_PRIV_KEY, key.d);
  return parameters.make("EC", key.is_private);
}

Owned<EVP_PKEY> make_ed25519(const Key& key) {
  if (key.is_private)
    return Owned<EVP_PKEY>(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, bytes_of(std::string_view(key.seed)), key.seed.size()));
  return Owned<EVP_PKEY>(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, bytes_of(std::string_view(key.bytes)), key.bytes.size()));
}

Owned<EVP_PKEY> make_pkey(const Key& key) {
  switch (key.kind) {
    case KeyKind::rsa:
      return make_rsa(key);
    case KeyKind::ec:
      return make_ec(key);
    case KeyKind::ed25519:
      return make_ed25519(key);
    default:
      return nullptr;
  }
}

}  // namespace

/// A key as OpenSSL has it, and what verifies with it, by scheme, hash and salt.
struct Key::Handles {
  Owned<EVP_PKEY> pkey;
  std::map<std::array<int, 3>, Owned<EVP_PKEY_CTX>> verifiers;
};

namespace {

Key::Handles& handles_of(const Key& key) {
  if (!key.handles) {
    key.handles = std::make_shared<Key::Handles>();
    key.handles->pkey = make_pkey(key);
  }
  return *key.handles;
}

constexpr int salt_of_hash = RSA_PSS_SALTLEN_DIGEST, any_salt_size = RSA_PSS_SALTLEN_AUTO;

/// ECDSA takes the digest as it is.
bool set_up(EVP_PKEY_CTX* context, const SignatureAlgorithm& algorithm, int salt) {
  if (algorithm.scheme == Scheme::ecdsa) return true;
  if (EVP_PKEY_CTX_set_signature_md(context, digest_algorithm(algorithm.hash)) != 1) return false;
  if (algorithm.scheme == Scheme::rsa_pkcs1)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) == 1;
}

/// What verifies with a key, made once; null if OpenSSL refuses the key.
EVP_PKEY_CTX* verifier_of(const Key& key, const SignatureAlgorithm& algorithm, int salt) {
  Key::Handles& handles = handles_of(key);
  if (!handles.pkey) return nullptr;
  auto [found, added] = handles.verifiers.try_emplace(
      {static_cast<int>(algorithm.scheme), static_cast<int>(algorithm.hash), salt});
  Owned<EVP_PKEY_CTX>& context = found->second;
  if (!added) return context.get();
  context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, handles.pkey.get(), nullptr));
  bool ready =
      context && EVP_PKEY_verify_init(context.get()) == 1 && set_up(context.get(), algorithm, salt);
  if (!ready) context.reset();
  return context.get();
}

/// What Go's package crypto/rsa demands of a public key.
bool is_usable_rsa(const Key& key) {
  constexpr std::size_t fewest_bits = 1024;
  if (key.kind != KeyKind::rsa || key.n.empty()) return false;
  std::size_t bits = key.n.size() * 8;
  for (unsigned top = static_cast<unsigned char>(key.n[0]); top < 0x80; top <<= 1) --bits;
  return bits >= fewest_bits && (key.n.back() & 1) != 0 && key.e >= 2 && key.e % 2 == 1 &&
         key.e <= INT32_MAX;
}

/// An integer in DER.
void append_integer(std::string& out, std::string_view number) {
  bool pad = (static_cast<unsigned char>(number[0]) & 0x80) != 0;
  out += '\x02';
  out += static_cast<char>(number.size() + (pad ? 1 : 0));
  if (pad) out += '\0';
  out += number;
}

std::optional<std::string> sign_digest(const Key& key, const SignatureAlgorithm& algorithm,
                                       std::string_view digest) {
  Key::Handles& handles = handles_of(key);
  if (!handles.pkey) return std::nullopt;
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, handles.pkey.get(), nullptr));
  std::size_t size = 0;
  bool ready = context && EVP_PKEY_sign_init(context.get()) == 1 &&
               set_up(context.get(), algorithm, salt_of_hash) &&
               EVP_PKEY_sign(context.get(), nullptr, &size, bytes_of(digest), digest.size()) == 1;
  if (!ready) return std::nullopt;
  std::string out(size, '\0');
  if (EVP_PKEY_sign(context.get(), bytes_of(out), &size, bytes_of(digest), digest.size()) != 1)
    return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> sign_ed25519(const Key& key, std::string_view text) {
  Key::Handles& handles = handles_of(key);
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::string out(64, '\0');
  std::size_t size = out.size();
  bool done =
      handles.pkey &&
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handles.pkey.get()) == 1 &&
      EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(text), text.size()) == 1;
  return done ? std::optional(out) : std::nullopt;
}

/// The two numbers of a DER signature, each as long as the curve's coordinates.
std::optional<std::string> plain_signature(const Curve& curve, std::string_view der) {
  Der fields(der);
  std::string_view r, s;
  if (!fields.read(tag::sequence, fields) || !fields.read_integer_bytes(r) ||
      !fields.read_integer_bytes(s))
    return std::nullopt;
  std::string out;
  for (std::string_view number : {without_zeros(r), without_zeros(s)})
    out.append(curve.size - number.size(), '\0').append(number);
  return out;
}

}  // namespace

std::optional<SignatureAlgorithm> token_algorithm(std::string_view name) {
  if (name == "EdDSA") return SignatureAlgorithm{Scheme::eddsa};
  if (name.size() != 5) return std::nullopt;
  std::string_view family = name.substr(0, 2), bits = name.substr(2);
  SignatureAlgorithm out{Scheme::hmac};
  if (family == "HS") {
    out.scheme = Scheme::hmac;
  } else if (family == "RS") {
    out.scheme = Scheme::rsa_pkcs1;
  } else if (family == "PS") {
    out.scheme = Scheme::rsa_pss;
  } else if (family == "ES") {
    out.scheme = Scheme::ecdsa;
  } else {
    return std::nullopt;
  }
  out.hash = bits == "256"   ? Hash::sha256
             : bits == "384" ? Hash::sha384
             : bits == "512" ? Hash::sha512
                             : Hash::none;
  return out.hash == Hash::none ? std::nullopt : std::optional(out);
}

std::string digest_of(Hash hash, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out, &size, digest_algorithm(hash), nullptr);
  return {reinterpret_cast<const char*>(out), size};
}

std::string authentication_code(Hash hash, std::string_view key, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest_algorithm(hash), key.data(), static_cast<int>(key.size()), bytes_of(text),
       text.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool verify_rsa(const Key& key, const SignatureAlgorithm& algorithm, std::string_view text,
                std::string_view signature, bool any_salt) {
  QuietErrors quiet;
  if (!is_usable_rsa(key) || signature.size() != key.n.size()) return false;
  EVP_PKEY_CTX* verifier = verifier_of(key, algorithm, any_salt ? any_salt_size : salt_of_hash);
  if (verifier == nullptr) return false;
  std::string digest = digest_of(algorithm.hash, text);
  return EVP_PKEY_verify(verifier, bytes_of(signature), signature.size(),
                         bytes_of(std::string_view(digest)), digest.size()) == 1;
}

bool verify_ecdsa(const Key& key, Hash hash, std::string_view text, std::string_view r,
                  std::string_view s) {
  r = without_zeros(r);
  s = without_zeros(s);
  if (key.kind != KeyKind::ec || r.empty() || s.empty() || r.size() > key.curve->size ||
      s.size() > key.curve->size)
    return false;
  std::string numbers;
  append_integer(numbers, r);
  append_integer(numbers, s);
  std::string der = "\x30";
  if (numbers.size() >= 0x80) der += '\x81';
  der += static_cast<char>(numbers.size());
  return verify_ecdsa_der(key, hash, text, der + numbers);
}

bool verify_ecdsa_der(const Key& key, Hash hash, std::string_view text,
                      std::string_view signature) {
  QuietErrors quiet;
  if (key.kind != KeyKind::ec) return false;
  EVP_PKEY_CTX* verifier = verifier_of(key, {Scheme::ecdsa, hash}, salt_of_hash);
  if (verifier == nullptr) return false;
  std::string digest = digest_of(hash, text);
  return EVP_PKEY_verify(verifier, bytes_of(signature), signature.size(),
                         bytes_of(std::string_view(digest)), digest.size()) == 1;
}

bool verify_ed25519(const Key& key, std::string_view text, std::string_view signature) {
  QuietErrors quiet;
  if (key.kind != KeyKind::ed25519) return false;
  Key::Handles& handles = handles_of(key);
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return handles.pkey &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handles.pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

std::optional<std::string> sign(const Key& key, const SignatureAlgorithm& algorithm,
                                std::string_view text) {
  QuietErrors quiet;
  if (algorithm.scheme == Scheme::hmac) return authentication_code(algorithm.hash, key.bytes, text);
  if (algorithm.scheme == Scheme::eddsa) return sign_ed25519(key, text);
  std::optional<std::string> out = sign_digest(key, algorithm, digest_of(algorithm.hash, text));
  if (!out || algorithm.scheme != Scheme::ecdsa) return out;
  return plain_signature(*key.curve, *out);
}

}  // namespace lictor::builtins
