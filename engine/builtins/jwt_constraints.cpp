// io.jwt.decode_verify: a token's signature and its claims against constraints.
// Source: OPA v1/topdown/tokens.go.
#include <cmath>

#include "builtins/jwt.hpp"
#include "builtins/signatures.hpp"
#include "builtins/token_keys.hpp"

namespace lictor::builtins {
namespace {

struct Constraints {
  std::shared_ptr<const TokenKeys> keys;
  std::string_view secret, algorithm, issuer, audience;
  double time = -1;  // in nanoseconds
};

/// Reads the constraints in the order of their names; the first that is wrong ends it.
class ConstraintReader {
 public:
  ConstraintReader(Call& call, Constraints& out) : call_(call), out_(out) {}

  bool run() {
    const Member* members = sorted_members(call_[1]);
    for (std::uint32_t i = 0; i < call_[1].size(); ++i)
      if (!read(members[i])) return false;
    if (out_.time == -1) out_.time = static_cast<double>(call_.environment.now());
    if (out_.keys && !out_.secret.empty()) return fail("duplicate key constraints");
    return out_.keys || !out_.secret.empty() || fail("no key constraint");
  }

 private:
  bool fail(const std::string& text) {
    call_.fail(text);
    return false;
  }

  bool read(const Member& member) {
    std::string name(member.key.is(Kind::string) ? member.key.as_string() : "");
    if (name == "time") return read_time(member.value);
    if (name == "cert") return read_keys(member.value);
    std::string_view* text = text_of(name);
    if (text == nullptr) return fail("unknown token validation constraint: " + name);
    if (!member.value.is(Kind::string)) return fail(name + " constraint: must be a string");
    *text = member.value.as_string();
    return true;
  }

  std::string_view* text_of(std::string_view name) {
    if (name == "secret") return &out_.secret;
    if (name == "alg") return &out_.algorithm;
    if (name == "iss") return &out_.issuer;
    return name == "aud" ? &out_.audience : nullptr;
  }

  bool read_keys(const Value& value) {
    if (!value.is(Kind::string)) return fail("cert constraint: must be a string");
    Wrong wrong;
    out_.keys = token_keys(value.as_string(), wrong);
    return out_.keys || fail(wrong);
  }

  bool read_time(const Value& value) {
    if (!value.is(Kind::number)) return fail("token time constraint: must be a number");
    out_.time = to_double(value);
    if (!std::isfinite(out_.time)) return fail("token time constraint: unvalid float64");
    return out_.time >= 0 || fail("token time constraint: must not be negative");
  }

  Call& call_;
  Constraints& out_;
};

/// The algorithms that a header may name here: those of tokens, and those of the library below it.
std::optional<SignatureAlgorithm> verification_algorithm(std::string_view name) {
  struct Named {
    const char* name;
    SignatureAlgorithm algorithm;
  };
  constexpr Named more[] = {
      {"Ed25519", {Scheme::eddsa}},
      {"HMAC_WITH_SHA256", {Scheme::hmac, Hash::sha256}},
      {"HMAC_WITH_SHA384", {Scheme::hmac, Hash::sha384}},
      {"HMAC_WITH_SHA512", {Scheme::hmac, Hash::sha512}},
      {"RSA_PKCS1v15_WITH_SHA256", {Scheme::rsa_pkcs1, Hash::sha256}},
      {"RSA_PKCS1v15_WITH_SHA384", {Scheme::rsa_pkcs1, Hash::sha384}},
      {"RSA_PKCS1v15_WITH_SHA512", {Scheme::rsa_pkcs1, Hash::sha512}},
      {"RSA_PSS_WITH_SHA256", {Scheme::rsa_pss, Hash::sha256}},
      {"RSA_PSS_WITH_SHA384", {Scheme::rsa_pss, Hash::sha384}},
      {"RSA_PSS_WITH_SHA512", {Scheme::rsa_pss, Hash::sha512}},
      {"ECDSA_WITH_P256_AND_SHA256", {Scheme::ecdsa, Hash::sha256}},
      {"ECDSA_WITH_P384_AND_SHA384", {Scheme::ecdsa, Hash::sha384}},
      {"ECDSA_WITH_P521_AND_SHA512", {Scheme::ecdsa, Hash::sha512}},
  };
  for (const Named& named : more)
    if (name == named.name) return named.algorithm;
  return token_algorithm(name);
}

bool verify_with_key(const Key& key, std::string_view algorithm_name, std::string_view text,
                     std::string_view signature) {
  std::optional<SignatureAlgorithm> algorithm = verification_algorithm(algorithm_name);
  if (!algorithm) return false;
  switch (algorithm->scheme) {
    case Scheme::hmac:
      return key.kind == KeyKind::octets &&
             equal_in_constant_time(authentication_code(algorithm->hash, key.bytes, text),
                                    signature);
    case Scheme::ecdsa:
      return key.kind == KeyKind::ec && signature.size() == 2 * key.curve->size &&
             verify_ecdsa(key, algorithm->hash, text, signature.substr(0, key.curve->size),
                          signature.substr(key.curve->size));
    case Scheme::eddsa:
      return verify_ed25519(key, text, signature);
    default:
      return verify_rsa(key, *algorithm, text, signature, false);
  }
}

bool verify_signature(const Constraints& constraints, const TokenHeader& header, const Token& token,
                      std::string_view signature) {
  auto verifies = [&](const Key& key) {
    return verify_with_key(key, header.algorithm, token.signed_text(), signature);
  };
  if (!constraints.keys) {
    Key secret;
    secret.kind = KeyKind::octets;
    secret.bytes = constraints.secret;
    return verifies(secret);
  }
  if (!header.key_id.empty()) {
    for (const TokenKey& key : *constraints.keys)
      if (key.id == header.key_id) return verifies(key.key);
  }
  for (const TokenKey& key : *constraints.keys)
    if ((key.algorithm.empty() || key.algorithm == header.algorithm) && verifies(key.key))
      return true;
  return false;
}

bool is_jwt(std::string_view text) {
  auto equal = [](char c, char upper) { return c == upper || c == upper + 32; };
  return text.size() == 3 && equal(text[0], 'J') && equal(text[1], 'W') && equal(text[2], 'T');
}

enum class Outcome : std::uint8_t { verified, unverified, failed };

bool is_text(const Value& value, std::string_view text) {
  return value.is(Kind::string) && value.as_string() == text;
}

bool has_audience(const Value& audience, std::string_view wanted) {
  if (audience.is(Kind::string)) return audience.as_string() == wanted;
  if (!audience.is(Kind::array)) return false;
  for (std::uint32_t i = 0; i < audience.size(); ++i)
    if (is_text(audience.items()[i], wanted)) return true;
  return false;
}

Outcome check_claims(Call& call, const Constraints& constraints, const Value& payload) {
  if (!constraints.issuer.empty() && !is_text(lookup(payload, "iss"), constraints.issuer))
    return Outcome::unverified;
  Value audience = lookup(payload, "aud");
  bool for_us = audience.is_undefined() ? constraints.audience.empty()
                                        : has_audience(audience, constraints.audience);
  if (!for_us) return Outcome::unverified;
  Value now = make_number(call.arena, constraints.time / 1e9);
  Value expires = lookup(payload, "exp"), not_before = lookup(payload, "nbf");
  if (!expires.is_undefined()) {
    if (!expires.is(Kind::number)) {
      call.fail("exp value must be a number");
      return Outcome::failed;
    }
    if (compare_numbers(now, expires) >= 0) return Outcome::unverified;
  }
  if (!not_before.is_undefined()) {
    if (!not_before.is(Kind::number)) {
      call.fail("nbf value must be a number");
      return Outcome::failed;
    }
    if (compare_numbers(now, not_before) < 0) return Outcome::unverified;
  }
  return Outcome::verified;
}

/// A token without another one inside, decoded.
struct Verified {
  Value header, payload;
};

/// Verifies a token; `nested` is then the token that is its payload, if that is one.
Outcome verify_token(Call& call, const Constraints& constraints, std::string_view text,
                     Verified& out, std::optional<std::string_view>& nested) {
  std::optional<Token> token = split_token(call, text);
  if (!token) return Outcome::failed;
  out.header = decode_token_header(call, *token);
  if (out.header.is_undefined()) return Outcome::failed;
  std::optional<TokenHeader> header = read_token_header(call, out.header);
  if (!header) return Outcome::failed;
  bool other_algorithm =
      !constraints.algorithm.empty() && constraints.algorithm != header->algorithm;
  if (!header->is_valid() || other_algorithm) return Outcome::unverified;
  std::optional<std::string> signature = decode_part(call, token->signature);
  if (!signature) return Outcome::failed;
  if (!verify_signature(constraints, *header, *token, *signature)) return Outcome::unverified;
  std::optional<std::string> payload =
      decode_part(call, token->payload, "JWT payload had invalid encoding: ");
  if (!payload) return Outcome::failed;
  nested.reset();
  if (is_jwt(header->content_type)) {
    nested = call.arena.copy(*payload);
    return Outcome::verified;
  }
  out.payload = payload_object(call, *payload);
  return out.payload.is_undefined() ? Outcome::failed : Outcome::verified;
}

Value result_of(Call& call, bool verified, const Value& header, const Value& payload) {
  Value parts[] = {Value::boolean(verified), header, payload};
  return make_array(call.arena, parts, std::size(parts));
}

}  // namespace

Value io_jwt_decode_verify(Call& call) {
  if (!call.is(1, Kind::object)) return call.wrong_type(1, "object");
  Constraints constraints;
  if (!ConstraintReader(call, constraints).run()) return Value();
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Verified token;
  std::optional<std::string_view> nested = call[0].as_string();
  Outcome result = Outcome::verified;
  while (nested && result == Outcome::verified)
    result = verify_token(call, constraints, *nested, token, nested);
  if (result == Outcome::verified) result = check_claims(call, constraints, token.payload);
  if (result == Outcome::failed) return Value();
  if (result == Outcome::verified) return result_of(call, true, token.header, token.payload);
  Value empty = make_object(call.arena, nullptr, 0, true);
  return result_of(call, false, empty, empty);
}

}  // namespace lictor::builtins
