// crypto.x509.* and crypto.parse_private_keys: what certificates, requests and private keys say,
// and chains of certificates. Source: OPA v1/topdown/crypto.go.
#include <algorithm>

#include "base/base64.hpp"
#include "builtins/certificate_chain.hpp"
#include "builtins/certificate_json.hpp"
#include "builtins/families.hpp"
#include "builtins/go_pem.hpp"

namespace lictor::builtins {
namespace {

constexpr std::string_view pem_start = "-----BEGIN";

/// Certificates, with the bytes that they point into.
struct CertificateList {
  std::string der;
  std::vector<Certificate> certificates;
};

/// A text that does not begin as PEM is base64 of what does, or of DER.
Wrong decode_text(std::string_view text, std::string& out) {
  Base64Decoder decoder(text, base64_standard);
  std::optional<std::string> bytes = decoder.run();
  if (!bytes) return decoder.error();
  out = std::move(*bytes);
  return "";
}

/// The bytes of all certificates in PEM, one after the other.
Wrong join_certificates(std::string_view pem, std::string& der) {
  while (!pem.empty()) {
    PemDecoding decoding = decode_pem(pem);
    if (!decoding.block) return "";
    if (decoding.block->type != "CERTIFICATE")
      return "PEM block type is '" + decoding.block->type + "', expected CERTIFICATE";
    der += decoding.block->bytes;
    pem = decoding.rest;
  }
  return "";
}

Wrong read_certificates(std::string_view text, CertificateList& out) {
  Wrong wrong;
  std::string decoded;
  if (!text.starts_with(pem_start)) {
    wrong = decode_text(text, decoded);
    text = decoded;
  }
  if (!wrong.empty()) return wrong;
  if (text.starts_with(pem_start)) {
    wrong = join_certificates(text, out.der);
  } else {
    out.der = text;
  }
  return wrong.empty() ? parse_certificates(out.der, out.certificates) : wrong;
}

Value parse_certificates(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  CertificateList list;
  Wrong wrong = read_certificates(call[0].as_string(), list);
  if (!wrong.empty()) return call.fail(wrong);
  ArenaVector<Value> out(call.arena, list.certificates.size() + 1);
  for (const Certificate& one : list.certificates) {
    if (wrong = json_fault(one); !wrong.empty()) return call.fail(wrong);
    out.push_back(certificate_value(call.arena, one, true));
  }
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

Value verified_pair(Call& call, bool verified, const Value& chain) {
  Value parts[] = {Value::boolean(verified), chain};
  return make_array(call.arena, parts, std::size(parts));
}

Value verify(Call& call, const CertificateList& list, const ChainOptions& options,
             bool with_uri_strings) {
  std::vector<const Certificate*> chain;
  if (list.certificates.size() >= 2) chain = find_chain(list.certificates, options);
  ArenaVector<Value> out(call.arena, chain.size() + 1);
  for (const Certificate* one : chain) {
    if (Wrong wrong = json_fault(*one); !wrong.empty()) return call.fail(wrong);
    out.push_back(certificate_value(call.arena, *one, with_uri_strings));
  }
  Value certificates = Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
  return verified_pair(call, !chain.empty(), certificates);
}

Value parse_and_verify(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  CertificateList list;
  if (!read_certificates(call[0].as_string(), list).empty())
    return verified_pair(call, false, Value::array(nullptr, 0));
  return verify(call, list, {}, true);
}

constexpr const char* usage_names[] = {"KeyUsageAny",
                                       "KeyUsageServerAuth",
                                       "KeyUsageClientAuth",
                                       "KeyUsageCodeSigning",
                                       "KeyUsageEmailProtection",
                                       "KeyUsageIPSECEndSystem",
                                       "KeyUsageIPSECTunnel",
                                       "KeyUsageIPSECUser",
                                       "KeyUsageTimeStamping",
                                       "KeyUsageOCSPSigning",
                                       "KeyUsageMicrosoftServerGatedCrypto",
                                       "KeyUsageNetscapeServerGatedCrypto",
                                       "KeyUsageMicrosoftCommercialCodeSigning",
                                       "KeyUsageMicrosoftKernelCodeSigning"};

std::string_view without_quotes(std::string_view text) {
  std::size_t first = text.find_first_not_of('"');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of('"') + 1 - first);
}

/// Texts as Go prints a list of them.
std::string shown(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) out += (i == 0 ? "" : " ") + texts[i];
  return "[" + out + "]";
}

Wrong read_usages(const Value& value, ChainOptions& out) {
  if (!value.is(Kind::array) && !value.is(Kind::set))
    return "'KeyUsages' should be an Array or Set";
  std::vector<std::string> unknown;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (!value.items()[i].is(Kind::string)) continue;
    std::string_view name = without_quotes(value.items()[i].as_string());
    auto found = std::find(std::begin(usage_names), std::end(usage_names), name);
    if (found != std::end(usage_names)) {
      out.extended_key_usages.push_back(static_cast<int>(found - std::begin(usage_names)));
    } else {
      unknown.emplace_back(name);
    }
  }
  return unknown.empty() ? "" : "invalid entries for 'KeyUsages' found: " + shown(unknown);
}

Wrong read_option(std::string_view name, const Value& value, ChainOptions& out) {
  if (name == "KeyUsages") return read_usages(value, out);
  if (name == "DNSName") {
    if (!value.is(Kind::string)) return "'DNSName' should be a string";
    out.dns_name = without_quotes(value.as_string());
    return "";
  }
  std::string quoted = "'" + std::string(name) + "'";
  if (name != "CurrentTime" && name != "MaxConstraintComparisons") return "invalid key option";
  if (!value.is(Kind::number)) return quoted + " should be a number";
  std::optional<std::int64_t> number = to_int64(value);
  if (name == "CurrentTime") out.now_ns = number;
  if (number) return "";
  return quoted +
         (name == "CurrentTime" ? " should be a valid int64 number" : " should be a valid number");
}

Value parse_and_verify_with_options(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (!call.is(1, Kind::object)) return call.wrong_type(1, "object");
  CertificateList list;
  if (!read_certificates(call[0].as_string(), list).empty())
    return verified_pair(call, false, Value::array(nullptr, 0));
  ChainOptions options;
  const Member* members = sorted_members(call[1]);
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    if (!members[i].key.is(Kind::string)) continue;
    Wrong wrong = read_option(members[i].key.as_string(), members[i].value, options);
    if (!wrong.empty()) return call.fail(wrong);
  }
  return verify(call, list, options, false);
}

Value parse_certificate_request_text(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  std::string bytes(call[0].as_string());
  if (!bytes.starts_with("-----BEGIN CERTIFICATE REQUEST-----")) {
    Wrong wrong = decode_text(call[0].as_string(), bytes);
    if (!wrong.empty()) return call.fail(wrong);
  }
  PemDecoding pem = decode_pem(bytes);
  if (pem.block && pem.block->type != "CERTIFICATE REQUEST")
    return call.fail("invalid PEM-encoded certificate signing request");
  if (pem.block) bytes = std::move(pem.block->bytes);
  CertificateRequest request;
  Wrong wrong = parse_certificate_request(bytes, request);
  if (wrong.empty()) wrong = json_fault(request);
  return wrong.empty() ? request_value(call.arena, request) : call.fail(wrong);
}

/// All private keys in PEM, or in base64 of it; other blocks are left out.
Wrong read_private_keys(std::string_view text, std::vector<Key>& out) {
  std::string decoded;
  if (decode_text(text, decoded).empty()) text = decoded;
  while (!text.empty()) {
    PemDecoding pem = decode_pem(text);
    if (!pem.block || pem.rest.size() == text.size()) return "";
    const std::string &type = pem.block->type, &bytes = pem.block->bytes;
    text = pem.rest;
    Key key;
    Wrong wrong;
    if (type == "RSA PRIVATE KEY") {
      wrong = parse_pkcs1_private_key(bytes, key);
    } else if (type == "PRIVATE KEY") {
      wrong = parse_pkcs8_private_key(bytes, key);
    } else if (type == "EC PRIVATE KEY") {
      wrong = parse_sec1_private_key(bytes, key);
    } else {
      continue;
    }
    if (!wrong.empty()) return wrong;
    out.push_back(std::move(key));
  }
  return "";
}

Value parse_private_keys(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (call[0].size() == 0) return Value::null();
  std::vector<Key> keys;
  Wrong wrong = read_private_keys(call[0].as_string(), keys);
  if (!wrong.empty()) return call.fail(wrong);
  ArenaVector<Value> out(call.arena, keys.size() + 1);
  for (const Key& key : keys) out.push_back(private_key_value(call.arena, key));
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

/// A private key as a JWK.
class JwkWriter {
 public:
  JwkWriter(Arena& arena, const Key& key) : arena_(arena), key_(key), out_(arena) {}

  Wrong run(Value& out) {
    Wrong wrong = write();
    if (wrong.empty()) out = out_.value();
    return wrong;
  }

 private:
  void add(std::string_view name, std::string_view bytes) {
    out_.add(name, Value::utf8_string(arena_.copy(encode_base64(bytes, base64_url_safe, false))));
  }
  void add_text(std::string_view name, std::string_view text) {
    out_.add(name, Value::utf8_string(arena_.copy(text)));
  }

  Wrong write() {
    switch (key_.kind) {
      case KeyKind::rsa:
        return write_rsa();
      case KeyKind::ec:
        return write_ec();
      case KeyKind::mldsa:
        return "jwk.Import: failed to convert *mldsa.PrivateKey to jwk.Key: no converters were "
               "able to convert";
      default:
        add_text("kty", "OKP");
        add_text("crv", key_.kind == KeyKind::ed25519 ? "Ed25519" : "X25519");
        add("x", key_.bytes);
        add("d", key_.seed);
        return "";
    }
  }

  Wrong write_rsa() {
    if (key_.primes.size() != 2)
      return "failed to initialize *jwk.rsaPrivateKey from *rsa.PrivateKey: invalid number of "
             "primes in rsa.PrivateKey: need 0 to 2, but got " +
             std::to_string(key_.primes.size());
    std::string e;
    for (int shift = 56; shift >= 0; shift -= 8)
      if (!e.empty() || (key_.e >> shift) != 0) e += static_cast<char>(key_.e >> shift);
    add_text("kty", "RSA");
    add("n", key_.n);
    add("e", e);
    add("d", key_.d);
    add("p", key_.primes[0]);
    add("q", key_.primes[1]);
    add("dp", key_.dp);
    add("dq", key_.dq);
    add("qi", key_.qinv);
    return "";
  }

  Wrong write_ec() {
    if (key_.curve->in_jwk == nullptr)
      return "failed to initialize *jwk.ecdsaPrivateKey from *ecdsa.PrivateKey: jwk: failed to get "
             "algorithm for converting ECDSA private key to JWK: unknown elliptic curve: \"" +
             std::string(key_.curve->name) + "\"";
    add_text("kty", "EC");
    add_text("crv", key_.curve->in_jwk);
    add("x", key_.x);
    add("y", key_.y);
    add("d", key_.d);
    return "";
  }

  Arena& arena_;
  const Key& key_;
  ObjectFields out_;
};

Value parse_rsa_private_key(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  std::string_view text = call[0].as_string();
  if (text.empty()) return call.fail("input PEM data was empty");
  std::string decoded;
  if (!text.starts_with(pem_start)) {
    Wrong wrong = decode_text(text, decoded);
    if (!wrong.empty()) return call.fail(wrong);
    text = decoded;
  }
  std::vector<Key> keys;
  Wrong wrong = read_private_keys(text, keys);
  if (!wrong.empty()) return call.fail(wrong);
  if (keys.empty()) return Value::null();
  Value out;
  wrong = JwkWriter(call.arena, keys[0]).run(out);
  return wrong.empty() ? out : call.fail(wrong);
}

/// PEM of an operand that is PEM, DER, or either in base64.
Wrong pem_of(std::string_view text, std::string_view start, std::string_view type,
             std::string& out) {
  out = text;
  if (!text.starts_with("-----BEGIN ")) {
    Wrong wrong = decode_text(text, out);
    if (!wrong.empty()) return wrong;
  }
  if (!out.starts_with(start)) out = encode_pem(type, out);
  return "";
}

/// The certificates of a key pair.
Wrong take_certificates(std::string_view pem, std::vector<std::string>& out) {
  std::vector<std::string> others;
  for (PemDecoding next = decode_pem(pem); next.block; next = decode_pem(next.rest)) {
    if (next.block->type == "CERTIFICATE") {
      out.push_back(next.block->bytes);
    } else {
      others.push_back(next.block->type);
    }
  }
  if (!out.empty()) return "";
  if (others.empty()) return "tls: failed to find any PEM data in certificate input";
  if (others.size() == 1 && others[0].ends_with("PRIVATE KEY"))
    return "tls: failed to find certificate PEM data in certificate input, but did find a private "
           "key; PEM inputs may have been switched";
  return "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM "
         "blocks of the following types: " +
         shown(others);
}

/// The private key of a key pair, in DER.
Wrong take_private_key(std::string_view pem, std::string& out) {
  std::vector<std::string> others;
  for (PemDecoding next = decode_pem(pem); next.block; next = decode_pem(next.rest)) {
    if (next.block->type == "PRIVATE KEY" || next.block->type.ends_with(" PRIVATE KEY")) {
      out = next.block->bytes;
      return "";
    }
    others.push_back(next.block->type);
  }
  if (others.empty()) return "tls: failed to find any PEM data in key input";
  if (others.size() == 1 && others[0] == "CERTIFICATE")
    return "tls: found a certificate rather than a key in the PEM for the private key";
  return "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after "
         "skipping PEM blocks of the following types: " +
         shown(others);
}

Wrong parse_any_private_key(std::string_view der, Key& out) {
  Wrong first = parse_pkcs8_private_key(der, out);
  Wrong wrong = first;
  if (!wrong.empty()) wrong = parse_pkcs1_private_key(der, out = Key());
  if (!wrong.empty()) wrong = parse_sec1_private_key(der, out = Key());
  if (!wrong.empty()) return "tls: failed to parse private key: " + first;
  return out.kind == KeyKind::x25519 ? "tls: found unknown private key type in PKCS#8 wrapping"
                                     : "";
}

Wrong match_keys(const Key& public_key, const Key& private_key) {
  KeyKind kind = public_key.kind;
  bool known = kind == KeyKind::rsa || kind == KeyKind::ec || kind == KeyKind::ed25519 ||
               kind == KeyKind::mldsa;
  if (!known) return "tls: unknown public key algorithm";
  if (kind != private_key.kind) return "tls: private key type does not match public key type";
  bool same = public_key.n == private_key.n && public_key.e == private_key.e &&
              public_key.curve == private_key.curve && public_key.x == private_key.x &&
              public_key.y == private_key.y && public_key.bytes == private_key.bytes;
  return same ? "" : "tls: private key does not match public key";
}

Value pair_value(Call& call, const std::vector<std::string>& certificates, const Key& key,
                 const Certificate& leaf) {
  ArenaVector<Value> list(call.arena, certificates.size());
  for (const std::string& one : certificates) list.push_back(base64_value(call.arena, one));
  return ObjectFields(call.arena)
      .add("Certificate", Value::array(list.data(), static_cast<std::uint32_t>(list.size())))
      .add("PrivateKey", private_key_value(call.arena, key))
      .add("SupportedSignatureAlgorithms", Value::null())
      .add("OCSPStaple", Value::null())
      .add("SignedCertificateTimestamps", Value::null())
      .add("Leaf", certificate_value(call.arena, leaf, false))
      .value();
}

Value parse_keypair(Call& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (call.is(i, Kind::string)) continue;
    return call.type_error("operand 1 must be string but got " +
                           std::string(kind_name(call[i].kind())));
  }
  std::string certificate_pem, key_pem, key_der;
  std::vector<std::string> certificates;
  Key key;
  Certificate leaf;
  Wrong wrong = pem_of(call[0].as_string(), "-----BEGIN ", "CERTIFICATE", certificate_pem);
  if (wrong.empty()) wrong = pem_of(call[1].as_string(), pem_start, "PRIVATE KEY", key_pem);
  if (wrong.empty()) wrong = take_certificates(certificate_pem, certificates);
  if (wrong.empty()) wrong = take_private_key(key_pem, key_der);
  if (wrong.empty()) wrong = parse_certificate(certificates[0], leaf);
  if (wrong.empty()) wrong = parse_any_private_key(key_der, key);
  if (wrong.empty()) wrong = match_keys(leaf.public_key, key);
  if (wrong.empty()) wrong = json_fault(leaf);
  return wrong.empty() ? pair_value(call, certificates, key, leaf) : call.fail(wrong);
}

constexpr Builtin table[] = {
    {"crypto.parse_private_keys", "(keys: string) => output: array[object[string: any]]",
     parse_private_keys},
    {"crypto.x509.parse_and_verify_certificates",
     "(certs: string) => output: array<boolean, array[object[string: any]]>", parse_and_verify,
     Trait::nondeterministic},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     "(certs: string, options: object[string: any]) => output: array<boolean, array[object[string: "
     "any]]>",
     parse_and_verify_with_options, Trait::nondeterministic},
    {"crypto.x509.parse_certificate_request", "(csr: string) => output: object[string: any]",
     parse_certificate_request_text},
    {"crypto.x509.parse_certificates", "(certs: string) => output: array[object[string: any]]",
     parse_certificates},
    {"crypto.x509.parse_keypair", "(cert: string, pem: string) => output: object[string: any]",
     parse_keypair},
    {"crypto.x509.parse_rsa_private_key", "(pem: string) => output: object[string: any]",
     parse_rsa_private_key},
};

}  // namespace

std::span<const Builtin> certificate_builtins() { return table; }

}  // namespace lictor::builtins
