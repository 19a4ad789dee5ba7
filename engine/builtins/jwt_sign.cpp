// io.jwt.encode_sign and io.jwt.encode_sign_raw: tokens by a key in JSON.
// Source: OPA v1/topdown/tokens.go, and github.com/lestrrat-go/jwx v3 (jws/jwsbb,
// internal/keyconv).
#include "base/base64.hpp"
#include "builtins/jwk.hpp"
#include "builtins/jwt.hpp"
#include "builtins/lenient_json.hpp"
#include "builtins/signatures.hpp"
#include "json/go_decoder.hpp"

namespace lictor::builtins {
namespace {

/// What a scheme needs of a key, in the library's words.
struct Wanted {
  const char* required;  // "*rsa.PrivateKey"
  const char* type;      // "rsa.PrivateKey"
  const char* prefix;    // of the step that produces the key
  const char* assigned;  // what a key of another curve is assigned to
};

Wanted wanted_by(Scheme scheme) {
  switch (scheme) {
    case Scheme::hmac:
      return {"[]byte", "[]byte", "keyconv: ", "*[]uint8"};
    case Scheme::ecdsa:
      return {"*ecdsa.PrivateKey", "ecdsa.PrivateKey", "keyconv: ", "*ecdsa.PrivateKey"};
    case Scheme::eddsa:
      return {"ed25519.PrivateKey", "ed25519.PrivateKey", "", "*ed25519.PrivateKey"};
    default:
      return {"*rsa.PrivateKey", "rsa.PrivateKey", "", "*rsa.PrivateKey"};
  }
}

std::string go_type(const JsonWebKey& key) {
  if (key.type == "oct") return "*jwk.symmetricKey";
  std::string family = key.type == "RSA" ? "rsa" : key.type == "EC" ? "ecdsa" : "okp";
  return "*jwk." + family + (key.is_private ? "PrivateKey" : "PublicKey");
}

/// True if keys of that type may sign so.
bool is_of_scheme(const JsonWebKey& key, Scheme scheme) {
  if (key.type == "OKP") return true;
  if (scheme == Scheme::hmac) return key.type == "oct";
  return key.is_private && key.type == (scheme == Scheme::ecdsa   ? "EC"
                                        : scheme == Scheme::eddsa ? "OKP"
                                                                  : "RSA");
}

/// Where the library takes a key of Edwards curves for another: its bytes are a secret.
Wrong take_curve_key(const Key& from, Scheme scheme, Key& out) {
  std::string type = std::string(from.kind == KeyKind::x25519 ? "*ecdh." : "ed25519.") +
                     (from.is_private ? "PrivateKey" : "PublicKey");
  bool is_edwards = from.kind == KeyKind::ed25519;
  if (is_edwards && scheme == Scheme::hmac) {
    out.kind = KeyKind::octets;
    out.bytes = from.seed + from.bytes;
    return "";
  }
  if (is_edwards && scheme == Scheme::eddsa && from.is_private) {
    out = from;
    return "";
  }
  return "jwk.Export: failed to assign key: argument to AssignIfCompatible() must be compatible "
         "with " +
         type + " (was " + wanted_by(scheme).assigned + ")";
}

Wrong produce_key(const JsonWebKey& from, Scheme scheme, Key& out) {
  if (!is_of_scheme(from, scheme))
    return "jwk.Export: no suitable exporter found for key type '" + go_type(from) + "'";
  Key key;
  Wrong wrong = export_jwk(from, key);
  if (!wrong.empty()) return wrong;
  if (from.type == "OKP") return take_curve_key(key, scheme, out);
  out = std::move(key);
  return "";
}

/// What Go's crypto/rsa and crypto/ecdsa check of a key before they sign.
Wrong check_signing_key(const JsonWebKey& from, Key& key) {
  if (key.kind == KeyKind::rsa) return check_rsa_signing_key(key, from.dp && from.dq && from.qi);
  if (key.kind != KeyKind::ec) return "";
  Wrong wrong = check_ec_signing_key(key);
  return wrong.empty() ? "" : "failed to sign payload using ecdsa: " + wrong;
}

Value encode_sign(Call& call, std::string_view headers, std::string_view payload,
                  std::string_view jwk) {
  std::vector<JsonWebKey> keys;
  Wrong wrong = parse_jwk(jwk, keys);
  if (!wrong.empty()) return call.fail(wrong);
  if (keys.empty()) return call.fail("no keys found in JWK set");
  LenientJson header(headers);
  std::optional<std::string> name = header.text_of("alg", wrong);
  if (!name) return call.fail("missing or invalid 'alg' header: " + wrong);
  std::optional<SignatureAlgorithm> algorithm = token_algorithm(*name);
  if (!algorithm) return call.fail("unknown JWS algorithm: " + *name);
  std::optional<std::string> type = header.text_of("typ", wrong);
  if ((!type || *type == "JWT") && !json::is_go_json(payload))
    return call.fail("type is JWT but payload is not JSON");
  Key key;
  wrong = produce_key(keys[0], algorithm->scheme, key);
  if (!wrong.empty()) {
    Wanted wanted = wanted_by(algorithm->scheme);
    return call.fail("jwsbb.Sign: invalid key type " + go_type(keys[0]) + ". " + wanted.required +
                     " is required: " + wanted.prefix + "failed to produce " + wanted.type +
                     " from " + go_type(keys[0]) + ": " + wrong);
  }
  wrong = check_signing_key(keys[0], key);
  if (!wrong.empty()) return call.fail(wrong);
  std::string token = encode_base64(headers, base64_url_safe, false) + "." +
                      encode_base64(payload, base64_url_safe, false);
  std::optional<std::string> signature = sign(key, *algorithm, token);
  if (!signature) return call.fail("crypto/rsa: message too long for RSA key size");
  return call.text(token + "." + encode_base64(*signature, base64_url_safe, false));
}

}  // namespace

Value io_jwt_encode_sign(Call& call) {
  return encode_sign(call, json::to_json(call[0]), json::to_json(call[1]), json::to_json(call[2]));
}

Value io_jwt_encode_sign_raw(Call& call) {
  for (std::size_t operand : {2, 0, 1})
    if (!call.is(operand, Kind::string)) return call.wrong_type(operand, "string");
  return encode_sign(call, call[0].as_string(), call[1].as_string(), call[2].as_string());
}

}  // namespace lictor::builtins
