// How long do tokens and certificates take? By keys that the builtins have seen before, and by one
// that is new each time; see calls.hpp. The keys are new in each run.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <vector>

#include "calls.hpp"
#include "lictor/lictor.hpp"

namespace {

using lictor::bench::Case;
using lictor::bench::fail;
using lictor::bench::json_text;
using lictor::bench::request_count;

/// What an expression over an input is, as JSON.
std::string evaluate(const std::string& expression, const std::string& input) {
  lictor::Engine engine;
  engine.add_module("x.rego", "package x\n\nvalue := " + expression + "\n");
  auto policy = engine.compile("data.x.value");
  if (!policy) fail(policy.error().render());
  auto decision = policy->eval(input);
  if (!decision) fail(decision.error().render());
  return decision->to_json();
}

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string private_pem(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio.get());
}

std::string public_pem(EVP_PKEY* key) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), key);
  return text_of(bio.get());
}

std::string payload(std::size_t number) {
  return R"({"iss":"https://issuer.example.com/","sub":"user-)" + std::to_string(number) +
         R"(","aud":"service","iat":1700000000,"exp":32503680000,"scope":["read","write"],)"
         R"("email":"user@example.com","roles":["admin","audit"]})";
}

/// Tokens by a key in JSON, as requests.
std::vector<std::string> tokens(const std::string& algorithm, const std::string& jwk) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < request_count; ++i) {
    std::string input =
        "{\"jwk\":" + json_text(jwk) + ",\"payload\":" + json_text(payload(i)) + "}";
    std::string header = R"({\"alg\":\")" + algorithm + R"(\",\"typ\":\"JWT\"})";
    std::string call = "io.jwt.encode_sign_raw(\"" + header + "\", input.payload, input.jwk)";
    out.push_back("{\"token\":" + evaluate(call, input) + "}");
  }
  return out;
}

std::string jwk_of(EVP_PKEY* key) {
  return evaluate("crypto.x509.parse_rsa_private_key(input)", json_text(private_pem(key)));
}

/// A certificate for ten years.
Certificate certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                        const std::vector<std::pair<int, const char*>>& extensions) {
  constexpr long ten_years = 315'360'000;
  Certificate out(X509_new());
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(out.get()), 12345678901234567);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), ten_years);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* above = issuer ? issuer : out.get();
  X509_set_issuer_name(out.get(), X509_get_subject_name(above));
  X509_set_pubkey(out.get(), key);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, above, out.get(), nullptr, nullptr, 0);
  for (const auto& [kind, value] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    X509_add_ext(out.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(out.get(), issuer_key, EVP_sha256());
  return out;
}

/// A root, an authority between, and a server's certificate.
std::string chain() {
  Key root_key(EVP_RSA_gen(2048)), middle_key(EVP_RSA_gen(2048)), leaf_key(EVP_EC_gen("P-256"));
  const std::vector<std::pair<int, const char*>> authority = {
      {NID_basic_constraints, "critical,CA:TRUE"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"}};
  Certificate root = certificate("root", root_key.get(), nullptr, root_key.get(), authority);
  Certificate middle =
      certificate("middle", middle_key.get(), root.get(), root_key.get(), authority);
  Certificate leaf =
      certificate("server", leaf_key.get(), middle.get(), middle_key.get(),
                  {{NID_subject_alt_name, "DNS:server.example.com,DNS:*.example.com,IP:10.0.0.1"},
                   {NID_ext_key_usage, "serverAuth"},
                   {NID_key_usage, "digitalSignature"}});
  Bio bio(BIO_new(BIO_s_mem()));
  for (X509* one : {root.get(), middle.get(), leaf.get()}) PEM_write_bio_X509(bio.get(), one);
  return text_of(bio.get());
}

std::vector<Case> cases() {
  Key rsa(EVP_RSA_gen(2048)), ec(EVP_EC_gen("P-256"));
  std::string secret = R"({"kty":"oct","k":"YSBzZWNyZXQgdGhhdCBib3RoIHNpZGVzIGtub3c"})";
  auto keys = [](const std::string& key) { return "{\"key\":" + json_text(key) + "}"; };
  std::vector<std::string> chains(request_count, "{\"chain\":" + json_text(chain()) + "}");
  std::vector<std::string> by_new_key;
  for (std::size_t i = 0; i < request_count; ++i) {
    Key fresh(EVP_EC_gen("P-256"));
    std::string token = tokens("ES256", jwk_of(fresh.get()))[0];
    token.back() = ',';
    by_new_key.push_back(token + "\"key\":" + json_text(public_pem(fresh.get())) + "}");
  }
  return {
      {"verify_rs256", "io.jwt.verify_rs256(input.token, data.key)", keys(public_pem(rsa.get())),
       tokens("RS256", jwk_of(rsa.get()))},
      {"verify_es256", "io.jwt.verify_es256(input.token, data.key)", keys(public_pem(ec.get())),
       tokens("ES256", jwk_of(ec.get()))},
      {"verify_hs256", "io.jwt.verify_hs256(input.token, data.key)",
       keys("a secret that both sides know"), tokens("HS256", secret)},
      {"decode_verify_rs256",
       "io.jwt.decode_verify(input.token, {\"cert\": data.key, \"aud\": \"service\"})[0]",
       keys(public_pem(rsa.get())), tokens("RS256", jwk_of(rsa.get()))},
      {"verify_es256_key_of_request", "io.jwt.verify_es256(input.token, input.key)", "{}",
       by_new_key},
      {"parse_chain",
       "crypto.x509.parse_certificates(input.chain)[2].DNSNames[0] == \"server.example.com\"", "{}",
       chains},
      {"verify_chain", "crypto.x509.parse_and_verify_certificates(input.chain)[0]", "{}", chains},
  };
}

}  // namespace

int main(int argc, char** argv) { return lictor::bench::run_calls(argc, argv, cases()); }
