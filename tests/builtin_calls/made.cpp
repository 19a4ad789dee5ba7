#include "made.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/base64.hpp"

namespace lictor::builtin_calls {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::string_view secret = "a secret that both sides know";

std::string base64url(std::string_view bytes) {
  return encode_base64(bytes, base64_url_safe, false);
}

/// What a function writes into a BIO.
std::string written(const std::function<void(BIO*)>& write) {
  Owned<BIO> bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(std::string_view type, std::string_view der) {
  return written([&](BIO* bio) {
    PEM_write_bio(bio, std::string(type).c_str(), "",
                  reinterpret_cast<const unsigned char*>(der.data()),
                  static_cast<long>(der.size()));
  });
}

/// Some bytes changed, left out or added, the same ones for the same number.
std::string broken(std::string bytes, unsigned number) {
  std::mt19937 random(number);
  for (unsigned i = 0; i <= number % 2; ++i) {
    std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 1:
        bytes.erase(at, 1);
        break;
      case 2:
        bytes.resize(at + 1);
        break;
      default:
        bytes[at] =
            "\x00\x01\x02\x03\x04\x05\x06\x0c\x13\x16\x17\x18\x30\x31\x80\x82\xa0\xff"[random() %
                                                                                       18];
    }
  }
  return bytes;
}

struct Pair {
  std::string name;  // "RSA", or a curve's name in JWKs
  Owned<EVP_PKEY> key;
};

std::string number_of(const Pair& pair, const char* parameter, int size = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(pair.key.get(), parameter, &number) != 1) return "";
  Owned<BIGNUM> owner(number);
  if (size == 0) size = BN_num_bytes(number);
  std::string out(static_cast<std::size_t>(size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), size);
  return out;
}

const std::deque<Pair>& pairs() {
  static const std::deque<Pair> all = [] {
    std::deque<Pair> out;
    out.push_back({"RSA", Owned<EVP_PKEY>(EVP_RSA_gen(1024))});
    for (const char* curve : {"P-224", "P-256", "P-384", "P-521"})
      out.push_back({curve, Owned<EVP_PKEY>(EVP_EC_gen(curve))});
    out.push_back({"Ed25519", Owned<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))});
    return out;
  }();
  return all;
}

int coordinate_size(const Pair& pair) { return (EVP_PKEY_get_bits(pair.key.get()) + 7) / 8; }

std::string octets_of(const Pair& pair, const char* parameter) {
  unsigned char bytes[32];
  std::size_t size = sizeof bytes;
  EVP_PKEY_get_octet_string_param(pair.key.get(), parameter, bytes, size, &size);
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string jwk(const Pair& pair, bool is_private, const std::string& more = "") {
  auto member = [](const char* name, const std::string& bytes) {
    return ",\"" + std::string(name) + "\":\"" + base64url(bytes) + "\"";
  };
  std::string out;
  if (pair.name == "RSA") {
    out = "{\"kty\":\"RSA\"" + member("n", number_of(pair, OSSL_PKEY_PARAM_RSA_N)) +
          member("e", number_of(pair, OSSL_PKEY_PARAM_RSA_E));
    if (is_private)
      out += member("d", number_of(pair, OSSL_PKEY_PARAM_RSA_D)) +
             member("p", number_of(pair, OSSL_PKEY_PARAM_RSA_FACTOR1)) +
             member("q", number_of(pair, OSSL_PKEY_PARAM_RSA_FACTOR2));
  } else if (pair.name == "Ed25519") {
    out = R"({"kty":"OKP","crv":"Ed25519")" + member("x", octets_of(pair, OSSL_PKEY_PARAM_PUB_KEY));
    if (is_private) out += member("d", octets_of(pair, OSSL_PKEY_PARAM_PRIV_KEY));
  } else {
    int size = coordinate_size(pair);
    out = R"({"kty":"EC","crv":")" + pair.name + "\"" +
          member("x", number_of(pair, OSSL_PKEY_PARAM_EC_PUB_X, size)) +
          member("y", number_of(pair, OSSL_PKEY_PARAM_EC_PUB_Y, size));
    if (is_private) out += member("d", number_of(pair, OSSL_PKEY_PARAM_PRIV_KEY, size));
  }
  return out + more + "}";
}

std::string public_pem(const Pair& pair) {
  return written([&](BIO* bio) { PEM_write_bio_PUBKEY(bio, pair.key.get()); });
}

std::string private_der(const Pair& pair, bool traditional) {
  unsigned char* bytes = nullptr;
  int size = 0;
  if (traditional) {
    size = i2d_PrivateKey(pair.key.get(), &bytes);
  } else {
    PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(pair.key.get());
    size = i2d_PKCS8_PRIV_KEY_INFO(info, &bytes);
    PKCS8_PRIV_KEY_INFO_free(info);
  }
  std::string out(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

// --- tokens

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm.ends_with("384")) return EVP_sha384();
  return algorithm.ends_with("512") ? EVP_sha512() : EVP_sha256();
}

/// r and s of a signature in DER, as tokens have them.
std::string plain_ecdsa(const Pair& pair, const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  int size = coordinate_size(pair);
  std::string out(static_cast<std::size_t>(2 * size), '\0');
  auto* data = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), data, size);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), data + size, size);
  return out;
}

std::string signature_of(const Pair& pair, std::string_view algorithm, std::string_view text) {
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* digest = algorithm == "EdDSA" ? nullptr : digest_of(algorithm);
  EVP_DigestSignInit(context.get(), &key_context, digest, nullptr, pair.key.get());
  if (algorithm.starts_with("PS")) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
  }
  std::string out(1024, '\0');
  std::size_t size = out.size();
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  out.resize(size);
  return algorithm.starts_with("ES") ? plain_ecdsa(pair, out) : out;
}

std::string hmac_of(std::string_view algorithm, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest_of(algorithm), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

/// A token of that header, payload and algorithm, by a key of its kind.
std::string token(std::string_view algorithm, const std::string& header, const std::string& payload,
                  std::size_t curve) {
  std::string text = base64url(header) + "." + base64url(payload);
  const Pair& pair = algorithm == "EdDSA"          ? pairs()[5]
                     : algorithm.starts_with("ES") ? pairs()[1 + curve % 4]
                                                   : pairs()[0];
  std::string signature =
      algorithm.starts_with("HS") ? hmac_of(algorithm, text) : signature_of(pair, algorithm, text);
  return text + "." + base64url(signature);
}

constexpr const char* algorithms[] = {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512",
                                      "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"};
constexpr const char* payloads[] = {
    "{}",
    R"({"iss":"joe","aud":"app","exp":2000})",
    R"({"aud":["x","app"],"nbf":1000.5})",
    R"({"aud":["x"],"exp":1e3})",
    R"({"iss":1,"exp":"soon","nbf":null})",
    R"({"a":1,"a":2,"n":123456789012345678901234567890,"t":"\u00e9\ud800"})",
    "[]",
    R"({"exp":1000})",
    R"({"nbf":1e3,"exp":1000.0000001})",
    "{} x",
    R"({"a":1e400})",
    ""};
constexpr const char* header_members[] = {"",
                                          R"(,"typ":"JWT")",
                                          R"(,"kid":"b")",
                                          R"(,"kid":1)",
                                          R"(,"crit":["x"])",
                                          R"(,"crit":["x"],"x":1)",
                                          R"(,"crit":[])",
                                          R"(,"crit":"x")",
                                          R"(,"enc":"A128GCM")",
                                          R"(,"typ":[])",
                                          R"(,"b64":false,"crit":["b64"])",
                                          R"(,"alg":"RS256")",
                                          R"(,"cty":"jwt")"};

std::vector<std::string> make_tokens() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < 156; ++i) {
    std::string algorithm = algorithms[i % std::size(algorithms)];
    std::string more = i % 3 == 0 ? header_members[i / 3 % std::size(header_members)] : "";
    std::string payload = payloads[i / 7 % std::size(payloads)];
    out.push_back(token(algorithm, R"({"alg":")" + algorithm + "\"" + more + "}", payload, i));
    if (i % 13 == 0)
      out.push_back(token(algorithm, R"({"alg":")" + algorithm + R"(","cty":"JWT"})",
                          i % 2 == 0 ? out.back() : "\"" + out.back() + "\"", i));
  }
  for (std::size_t i = 0; i < 156; i += 5) out.push_back(broken(out[i], static_cast<unsigned>(i)));
  for (const char* other : {"", ".", "..", "a.b.c", "e30.e30.", "e30.e30.AA==", "....",
                            "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0=.e30=.AA=="})
    out.emplace_back(other);
  return out;
}

// --- certificates

std::string der_of(X509* certificate) {
  return written([&](BIO* bio) { i2d_X509_bio(bio, certificate); });
}

struct Extension {
  const char* name;
  const char* value;
};

using Extensions = std::span<const Extension>;

void add_extensions(X509* certificate, X509* issuer, Extensions extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const Extension& extension : extensions) {
    Owned<X509_EXTENSION> made(
        X509V3_EXT_nconf(nullptr, &context, extension.name, extension.value));
    if (made) X509_add_ext(certificate, made.get(), -1);
  }
}

void set_name(X509_NAME* name, const char* common_name) {
  auto add = [&](const char* field, int type, const char* value) {
    X509_NAME_add_entry_by_txt(name, field, type, reinterpret_cast<const unsigned char*>(value), -1,
                               -1, 0);
  };
  add("C", MBSTRING_ASC, "DE");
  add("O", MBSTRING_UTF8, "Ä <org> & co");
  add("CN", MBSTRING_UTF8, common_name);
}

struct Signed {
  Owned<X509> certificate;
  const Pair* pair;
};

/// A certificate that was valid from 2020 to 2040, or only in 2020.
Signed make_certificate(const char* name, const Pair& pair, const Signed* issuer,
                        Extensions extensions, bool expired = false) {
  Signed out{Owned<X509>(X509_new()), &pair};
  X509* certificate = out.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), 0x8000000000000001);
  ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20200101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(certificate),
                       expired ? "20200102000000Z" : "20400101000000Z");
  set_name(X509_get_subject_name(certificate), name);
  X509* above = issuer ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(above));
  X509_set_pubkey(certificate, pair.key.get());
  add_extensions(certificate, above, extensions);
  const Pair& signer = issuer ? *issuer->pair : pair;
  X509_sign(certificate, signer.key.get(), signer.name == "Ed25519" ? nullptr : EVP_sha256());
  return out;
}

constexpr Extension authority[] = {{"basicConstraints", "critical,CA:TRUE"},
                                   {"keyUsage", "critical,keyCertSign,cRLSign"},
                                   {"subjectKeyIdentifier", "hash"}};
constexpr Extension constrained[] = {
    {"basicConstraints", "critical,CA:TRUE,pathlen:0"},
    {"nameConstraints",
     "critical,permitted;DNS:example.com,excluded;DNS:bad.example.com,permitted;IP:10.0.0.0/"
     "255.0.0.0,permitted;email:example.com,excluded;URI:.bad.test"},
    {"certificatePolicies", "1.2.3.4,2.5.29.32.0"},
    {"policyConstraints", "requireExplicitPolicy:0"},
    {"extendedKeyUsage", "serverAuth,clientAuth"}};
constexpr Extension leaf_extensions[] = {
    {"subjectAltName",
     "DNS:a.example.com,DNS:*.example.com,IP:10.1.2.3,IP:2001:db8::1,email:a@example.com,"
     "URI:https://u:p@example.com/a%2Fb?q#f,RID:1.2.3.4,otherName:1.2.3.4;UTF8:x"},
    {"extendedKeyUsage", "serverAuth,1.2.3.4.5"},
    {"keyUsage", "digitalSignature,keyEncipherment"},
    {"certificatePolicies", "1.2.3.4"},
    {"authorityInfoAccess", "OCSP;URI:http://ocsp.test/,caIssuers;URI:http://ca.test/"},
    {"crlDistributionPoints", "URI:http://crl.test/"},
    {"1.2.3.4.5.6", "DER:0500"}};
constexpr Extension outside[] = {{"subjectAltName", "DNS:x.bad.example.com,DNS:other.test"}};
constexpr Extension unknown_critical[] = {{"1.2.3.4.5.6", "critical,DER:0500"},
                                          {"subjectAltName", "dirName:d"}};
constexpr Extension many[] = {
    {"nameConstraints", "permitted;email:.example.com,excluded;IP:2001:db8::/ffff:ffff::"},
    {"policyMappings", "1.2.3.4:1.2.3.5"},
    {"inhibitAnyPolicy", "2"},
    {"basicConstraints", "CA:TRUE,pathlen:3"},
    {"certificatePolicies", "1.2.3.4,1.3.6.1.4.1.99999999999.7"}};

/// Certificates in DER, from the root down, and the lists of those that go together.
struct Certificates {
  std::vector<std::string> der;
  std::vector<std::vector<std::size_t>> lists;
};

const Certificates& certificates() {
  static const Certificates all = [] {
    Certificates out;
    for (std::size_t i = 0; i < pairs().size(); ++i) {
      const Pair &root_pair = pairs()[i], &other = pairs()[(i + 1) % pairs().size()];
      Signed root = make_certificate("root", root_pair, nullptr, authority);
      Signed middle = make_certificate("middle", other, &root,
                                       i % 2 == 0 ? Extensions(constrained) : authority);
      Signed leaf = make_certificate("leaf", root_pair, &middle, leaf_extensions);
      Signed below = make_certificate("leaf", other, &middle, outside);
      Signed old = make_certificate("leaf", other, &root, leaf_extensions, true);
      Signed odd =
          make_certificate("odd", other, &root, i % 2 == 0 ? Extensions(unknown_critical) : many);
      Signed plain = make_certificate("plain", root_pair, &root, {});
      std::size_t at = out.der.size();
      for (const Signed* one : {&root, &middle, &leaf, &below, &old, &odd, &plain})
        out.der.push_back(der_of(one->certificate.get()));
      for (std::vector<std::size_t> list : {std::vector<std::size_t>{0, 1, 2},
                                            {0, 1, 3},
                                            {0, 4},
                                            {0, 5},
                                            {0, 6},
                                            {1, 2},
                                            {0, 2},
                                            {0, 1, 1, 5, 2},
                                            {2, 1, 0},
                                            {0, 0}}) {
        for (std::size_t& index : list) index += at;
        out.lists.push_back(std::move(list));
      }
    }
    return out;
  }();
  return all;
}

std::vector<std::string> make_certificate_texts() {
  std::vector<std::string> out;
  const Certificates& all = certificates();
  for (std::size_t i = 0; i < all.lists.size(); ++i) {
    std::string joined, der;
    for (std::size_t index : all.lists[i]) {
      joined += pem("CERTIFICATE", all.der[index]);
      der += all.der[index];
    }
    out.push_back(i % 3 == 0   ? encode_base64(der, base64_standard, true)
                  : i % 5 == 0 ? encode_base64(joined, base64_standard, true)
                               : joined);
  }
  for (unsigned i = 0; i < 400; ++i)
    out.push_back(pem("CERTIFICATE", broken(all.der[i % all.der.size()], i)));
  out.push_back("");
  out.push_back(pem("PRIVATE KEY", "x"));
  return out;
}

std::vector<std::string> make_requests() {
  std::vector<std::string> out;
  for (const Pair& pair : pairs()) {
    Owned<X509_REQ> request(X509_REQ_new());
    set_name(X509_REQ_get_subject_name(request.get()), "request");
    X509_REQ_set_pubkey(request.get(), pair.key.get());
    STACK_OF(X509_EXTENSION)* list = sk_X509_EXTENSION_new_null();
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, nullptr, nullptr, request.get(), nullptr, 0);
    for (const Extension& extension : leaf_extensions) {
      X509_EXTENSION* made = X509V3_EXT_nconf(nullptr, &context, extension.name, extension.value);
      if (made) sk_X509_EXTENSION_push(list, made);
    }
    X509_REQ_add_extensions(request.get(), list);
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    X509_REQ_sign(request.get(), pair.key.get(), pair.name == "Ed25519" ? nullptr : EVP_sha256());
    std::string der = written([&](BIO* bio) { i2d_X509_REQ_bio(bio, request.get()); });
    out.push_back(pem("CERTIFICATE REQUEST", der));
    out.push_back(encode_base64(der, base64_standard, true));
    for (unsigned i = 0; i < 40; ++i) out.push_back(pem("CERTIFICATE REQUEST", broken(der, i)));
  }
  return out;
}

/// A key of P-256 whose private number is the curve's order plus something below 256.
std::string key_beyond_order(char more) {
  std::string out(
      "\x30\x31\x02\x01\x01\x04\x20\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff"
      "\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51\xa0\x0a\x06\x08\x2a\x86"
      "\x48\xce\x3d\x03\x01\x07",
      51);
  constexpr std::size_t last_byte = 38;
  out[last_byte] = static_cast<char>(out[last_byte] + more);
  return pem("EC PRIVATE KEY", out);
}

std::vector<std::string> make_private_keys() {
  std::vector<std::string> out = {key_beyond_order(0), key_beyond_order(1), key_beyond_order(-1)};
  for (const Pair& pair : pairs()) {
    const char* own = pair.name == "RSA" ? "RSA PRIVATE KEY" : "EC PRIVATE KEY";
    std::string pkcs8 = private_der(pair, false), traditional = private_der(pair, true);
    out.push_back(pem("PRIVATE KEY", pkcs8));
    out.push_back(pem(own, traditional));
    out.push_back(pem(own, pkcs8));
    out.push_back(pem("PRIVATE KEY", traditional));
    out.push_back(encode_base64(out[out.size() - 4], base64_standard, true));
    out.push_back(out[out.size() - 5] + out[out.size() - 4]);
    for (unsigned i = 0; i < 30; ++i)
      out.push_back(
          pem(i % 2 == 0 ? "PRIVATE KEY" : own, broken(i % 2 == 0 ? pkcs8 : traditional, i)));
  }
  return out;
}

std::vector<std::string> make_token_keys() {
  std::vector<std::string> out = {std::string(secret), "", "{}", "{\"keys\":[]}"};
  std::string set, set_with_ids;
  for (const Pair& pair : pairs()) {
    out.push_back(public_pem(pair));
    bool has_jwk = pair.name != "P-224";
    out.push_back(jwk(pair, false));
    out.push_back(jwk(pair, true));
    out.push_back(jwk(pair, false, R"(,"alg":"RS256","kid":"b")"));
    out.push_back(broken(out[out.size() - 3], static_cast<unsigned>(out.size())));
    out.push_back(broken(out[out.size() - 5], static_cast<unsigned>(out.size())));
    if (!has_jwk) continue;
    set += (set.empty() ? "" : ",") + jwk(pair, false);
    set_with_ids += (set_with_ids.empty() ? "" : ",") +
                    jwk(pair, false, ",\"kid\":\"" + std::string(1, "abc"[set.size() % 3]) + "\"");
  }
  out.push_back(R"({"kty":"oct","k":")" + base64url(secret) + "\"}");
  out.push_back("{\"keys\":[" + set + "]}");
  out.push_back("{\"keys\":[" + set_with_ids + "," + out[out.size() - 2] + "]}");
  for (std::size_t i = 2; i < certificates().der.size(); i += 7) {
    out.push_back(pem("CERTIFICATE", certificates().der[i]));
    out.push_back(out.back() + "x");
  }
  return out;
}

std::vector<std::string> make_signing_keys() {
  std::vector<std::string> out;
  for (const Pair& pair : pairs()) {
    out.push_back(jwk(pair, true));
    out.push_back(jwk(pair, true, R"(,"alg":"ES256","use":"sig","x":1)"));
    out.push_back("{\"keys\":[" + jwk(pair, true) + "]}");
  }
  out.push_back(R"({"kty":"oct","k":")" + base64url(secret) + "\"}");
  out.push_back(jwk(pairs()[0], false));
  out.push_back(R"({"keys":[]})");
  return out;
}

/// Texts that are made once, and views of them.
class Texts {
 public:
  explicit Texts(std::vector<std::string> texts)
      : texts_(std::move(texts)), views_(texts_.begin(), texts_.end()) {}
  std::span<const std::string_view> views() const { return views_; }

 private:
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
};

}  // namespace

std::span<const std::string_view> made_tokens() {
  static const Texts texts(make_tokens());
  return texts.views();
}
std::span<const std::string_view> made_token_keys() {
  static const Texts texts(make_token_keys());
  return texts.views();
}
std::span<const std::string_view> made_signing_keys() {
  static const Texts texts(make_signing_keys());
  return texts.views();
}
std::span<const std::string_view> made_certificates() {
  static const Texts texts(make_certificate_texts());
  return texts.views();
}
std::span<const std::string_view> made_certificate_requests() {
  static const Texts texts(make_requests());
  return texts.views();
}
std::span<const std::string_view> made_private_keys() {
  static const Texts texts(make_private_keys());
  return texts.views();
}

}  // namespace lictor::builtin_calls
