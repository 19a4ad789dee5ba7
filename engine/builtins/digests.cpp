// Digests and message authentication codes, on OpenSSL, in hexadecimal.
// Source: OPA v1/topdown/crypto.go.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/hex.hpp"
#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

Value text_of(Call& call, const unsigned char* bytes, unsigned size) {
  return call.text(hex_text({reinterpret_cast<const char*>(bytes), size}));
}

Value digest(Call& call, const EVP_MD* algorithm) {
  if (!call.has_strings(1)) return Value();
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  std::string_view text = call[0].as_string();
  if (EVP_Digest(text.data(), text.size(), out, &size, algorithm, nullptr) != 1)
    return call.fail("the digest is not available");
  return text_of(call, out, size);
}

Value authenticate(Call& call, const EVP_MD* algorithm) {
  if (!call.has_strings(2)) return Value();
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  std::string_view text = call[0].as_string(), key = call[1].as_string();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!HMAC(algorithm, key.data(), static_cast<int>(key.size()), bytes, text.size(), out, &size))
    return call.fail("the digest is not available");
  return text_of(call, out, size);
}

Value md5(Call& call) { return digest(call, EVP_md5()); }
Value sha1(Call& call) { return digest(call, EVP_sha1()); }
Value sha256(Call& call) { return digest(call, EVP_sha256()); }
Value hmac_md5(Call& call) { return authenticate(call, EVP_md5()); }
Value hmac_sha1(Call& call) { return authenticate(call, EVP_sha1()); }
Value hmac_sha256(Call& call) { return authenticate(call, EVP_sha256()); }
Value hmac_sha512(Call& call) { return authenticate(call, EVP_sha512()); }

/// In a time that does not depend on where the texts differ.
Value hmac_equal(Call& call) {
  if (!call.has_strings(2)) return Value();
  std::string_view a = call[0].as_string(), b = call[1].as_string();
  return Value::boolean(a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

constexpr Builtin table[] = {
    {"crypto.md5", "(x: string) => y: string", md5},
    {"crypto.sha1", "(x: string) => y: string", sha1},
    {"crypto.sha256", "(x: string) => y: string", sha256},
    {"crypto.hmac.md5", "(x: string, key: string) => y: string", hmac_md5},
    {"crypto.hmac.sha1", "(x: string, key: string) => y: string", hmac_sha1},
    {"crypto.hmac.sha256", "(x: string, key: string) => y: string", hmac_sha256},
    {"crypto.hmac.sha512", "(x: string, key: string) => y: string", hmac_sha512},
    {"crypto.hmac.equal", "(mac1: string, mac2: string) => result: boolean", hmac_equal},
};

}  // namespace

std::span<const Builtin> digest_builtins() { return table; }

}  // namespace lictor::builtins
