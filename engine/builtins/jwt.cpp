// io.jwt.*: decoding tokens and verifying their signatures. jwt_constraints.cpp has decode_verify,
// jwt_sign.cpp what signs. Source: OPA v1/topdown/tokens.go.
#include "builtins/jwt.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "builtins/families.hpp"
#include "builtins/json_text.hpp"
#include "builtins/signatures.hpp"
#include "builtins/token_keys.hpp"

namespace lictor::builtins {
namespace {

/// The object that a text is; undefined, with `context` ahead of the error, if it is none.
Value object_of_json(Call& call, std::string_view json, const std::string& context) {
  Result<Value> value = unmarshal_json(json, call.arena);
  if (!value) return call.fail(context + "invalid JSON: " + value.error().message);
  if (!value->is(Kind::object)) return call.fail(context + "decoded JSON type was not an Object");
  return *value;
}

std::string_view without_quotes(std::string_view text) {
  constexpr std::string_view quotes = "\"'";
  std::size_t first = text.find_first_not_of(quotes);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(quotes) + 1 - first);
}

/// The token, or the token that its payload is.
Value decode_text(Call& call, std::string_view text) {
  while (true) {
    std::optional<Token> token = split_token(call, text);
    if (!token) return Value();
    Value header = decode_token_header(call, *token);
    if (header.is_undefined()) return Value();
    std::optional<std::string> payload =
        decode_part(call, token->payload, "JWT payload had invalid encoding: ");
    if (!payload) return Value();
    Value content_type = lookup(header, "cty");
    if (content_type.is(Kind::string) && content_type.as_string() == "JWT") {
      text = without_quotes(call.arena.copy(*payload));
      continue;
    }
    Value object = payload_object(call, *payload);
    if (object.is_undefined()) return Value();
    std::optional<std::string> signature =
        decode_part(call, token->signature, "JWT signature had invalid encoding: ");
    if (!signature) return Value();
    Value parts[] = {header, object, call.text(hex_text(*signature))};
    return make_array(call.arena, parts, std::size(parts));
  }
}

Value decode(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  return decode_text(call, call[0].as_string());
}

bool verify_signature(const Key& key, const SignatureAlgorithm& algorithm, std::string_view text,
                      std::string_view signature) {
  if (key.is_private) return false;
  switch (algorithm.scheme) {
    case Scheme::ecdsa: {
      std::size_t half = signature.size() / 2;
      return verify_ecdsa(key, algorithm.hash, text, signature.substr(0, half),
                          signature.substr(half));
    }
    case Scheme::eddsa:
      return verify_ed25519(key, text, signature);
    default:
      return verify_rsa(key, algorithm, text, signature, true);
  }
}

/// Tries the key that the header names, or else those for its algorithm, or for any.
bool verify_with_keys(const TokenKeys& keys, const TokenHeader& header,
                      const SignatureAlgorithm& algorithm, std::string_view text,
                      std::string_view signature) {
  if (!header.key_id.empty()) {
    for (const TokenKey& key : keys)
      if (key.id == header.key_id) return verify_signature(key.key, algorithm, text, signature);
  }
  return std::any_of(keys.begin(), keys.end(), [&](const TokenKey& key) {
    return (key.algorithm.empty() || key.algorithm == header.algorithm) &&
           verify_signature(key.key, algorithm, text, signature);
  });
}

Value verify(Call& call, const SignatureAlgorithm& algorithm) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  std::optional<Token> token = split_token(call, call[0].as_string());
  if (!token) return Value();
  if (!call.is(1, Kind::string)) return call.wrong_type(1, "string");
  Wrong wrong;
  std::shared_ptr<const TokenKeys> keys = token_keys(call[1].as_string(), wrong);
  if (!keys) return call.fail(wrong);
  std::optional<std::string> signature = decode_part(call, token->signature);
  if (!signature) return Value();
  Value header_object = decode_token_header(call, *token);
  if (header_object.is_undefined()) return Value();
  std::optional<TokenHeader> header = read_token_header(call, header_object);
  if (!header) return Value();
  return Value::boolean(
      verify_with_keys(*keys, *header, algorithm, token->signed_text(), *signature));
}

Value verify_hmac(Call& call, Hash hash) {
  if (!call.has_strings(2)) return Value();
  std::optional<Token> token = split_token(call, call[0].as_string());
  if (!token) return Value();
  std::optional<std::string> signature = decode_part(call, token->signature);
  if (!signature) return Value();
  std::string code = authentication_code(hash, call[1].as_string(), token->signed_text());
  return Value::boolean(equal_in_constant_time(code, *signature));
}

template <Scheme scheme, Hash hash>
Value verify(Call& call) {
  return verify(call, SignatureAlgorithm{scheme, hash});
}

template <Hash hash>
Value verify_hmac(Call& call) {
  return verify_hmac(call, hash);
}

constexpr const char* by_certificate = "(jwt: string, certificate: string) => result: boolean";
constexpr const char* by_secret = "(jwt: string, secret: string) => result: boolean";

constexpr Builtin table[] = {
    {"io.jwt.decode", "(jwt: string) => output: array<object[any: any], object[any: any], string>",
     decode},
    {"io.jwt.decode_verify",
     "(jwt: string, constraints: object[string: any]) => output: array<boolean, object[any: any], "
     "object[any: any]>",
     io_jwt_decode_verify, Trait::nondeterministic},
    {"io.jwt.encode_sign",
     "(headers: object[string: any], payload: object[string: any], key: object[string: any]) => "
     "output: string",
     io_jwt_encode_sign, Trait::nondeterministic},
    {"io.jwt.encode_sign_raw", "(headers: string, payload: string, key: string) => output: string",
     io_jwt_encode_sign_raw, Trait::nondeterministic},
    {"io.jwt.verify_eddsa", by_certificate, verify<Scheme::eddsa, Hash::none>},
    {"io.jwt.verify_es256", by_certificate, verify<Scheme::ecdsa, Hash::sha256>},
    {"io.jwt.verify_es384", by_certificate, verify<Scheme::ecdsa, Hash::sha384>},
    {"io.jwt.verify_es512", by_certificate, verify<Scheme::ecdsa, Hash::sha512>},
    {"io.jwt.verify_hs256", by_secret, verify_hmac<Hash::sha256>},
    {"io.jwt.verify_hs384", by_secret, verify_hmac<Hash::sha384>},
    {"io.jwt.verify_hs512", by_secret, verify_hmac<Hash::sha512>},
    {"io.jwt.verify_ps256", by_certificate, verify<Scheme::rsa_pss, Hash::sha256>},
    {"io.jwt.verify_ps384", by_certificate, verify<Scheme::rsa_pss, Hash::sha384>},
    {"io.jwt.verify_ps512", by_certificate, verify<Scheme::rsa_pss, Hash::sha512>},
    {"io.jwt.verify_rs256", by_certificate, verify<Scheme::rsa_pkcs1, Hash::sha256>},
    {"io.jwt.verify_rs384", by_certificate, verify<Scheme::rsa_pkcs1, Hash::sha384>},
    {"io.jwt.verify_rs512", by_certificate, verify<Scheme::rsa_pkcs1, Hash::sha512>},
};

}  // namespace

std::span<const Builtin> token_builtins() { return table; }

std::optional<Token> split_token(Call& call, std::string_view text) {
  std::size_t periods = static_cast<std::size_t>(std::count(text.begin(), text.end(), '.'));
  if (periods == 0) {
    call.fail("encoded JWT had no period separators");
    return std::nullopt;
  }
  if (periods != 2) {
    call.fail("encoded JWT must have 3 sections, found " + std::to_string(periods + 1));
    return std::nullopt;
  }
  std::size_t first = text.find('.'), second = text.rfind('.');
  return Token{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1)};
}

std::optional<std::string> decode_part(Call& call, std::string_view part,
                                       std::string_view context) {
  bool padded = part.ends_with('=');
  if (!padded && part.size() % 4 == 1) {
    call.fail(std::string(context) + "illegal base64url string: " + std::string(part));
    return std::nullopt;
  }
  std::string padded_part;
  if (!padded && part.size() % 4 != 0) {
    padded_part = std::string(part).append(4 - part.size() % 4, '=');
    part = padded_part;
  }
  Base64Decoder decoder(part, base64_url_safe);
  std::optional<std::string> out = decoder.run();
  if (!out) call.fail(std::string(context) + decoder.error());
  return out;
}

Value decode_token_header(Call& call, const Token& token) {
  std::optional<std::string> text =
      decode_part(call, token.header, "JWT header had invalid encoding: ");
  if (!text) return Value();
  Value header = object_of_json(call, *text, "bad JWT header: ");
  if (header.is_undefined()) return Value();
  if (!lookup(header, "enc").is_undefined())
    return call.fail("JWT is a JWE object, which is not supported");
  return header;
}

Value payload_object(Call& call, std::string_view json) { return object_of_json(call, json, ""); }

namespace {

/// The names that "crit" lists up to the first that is no text; false after an error.
bool read_critical(Call& call, const Value& list, std::vector<std::string_view>& out) {
  if (!list.is(Kind::array)) {
    call.fail("crit: must be a list");
    return false;
  }
  for (std::uint32_t i = 0; i < list.size() && list.items()[i].is(Kind::string); ++i)
    out.push_back(list.items()[i].as_string());
  if (out.empty()) call.fail("crit: must be a nonempty list");
  return !out.empty();
}

/// Where a member of a header that must be a text goes; null for others.
std::string_view* text_member(TokenHeader& header, std::string_view& type, std::string_view name) {
  if (name == "alg") return &header.algorithm;
  if (name == "kid") return &header.key_id;
  if (name == "cty") return &header.content_type;
  return name == "typ" ? &type : nullptr;
}

}  // namespace

std::optional<TokenHeader> read_token_header(Call& call, const Value& header) {
  TokenHeader out;
  std::string_view type;
  std::vector<std::string_view> critical, unknown;
  const Member* members = sorted_members(header);
  for (std::uint32_t i = 0; i < header.size(); ++i) {
    std::string_view name = members[i].key.as_string();
    if (name == "crit") {
      if (!read_critical(call, members[i].value, critical)) return std::nullopt;
    } else if (std::string_view* text = text_member(out, type, name)) {
      if (!members[i].value.is(Kind::string)) {
        call.fail(std::string(name) + ": must be a string");
        return std::nullopt;
      }
      *text = members[i].value.as_string();
    } else {
      unknown.push_back(name);
    }
  }
  for (std::string_view name : critical)
    if (std::find(unknown.begin(), unknown.end(), name) != unknown.end())
      out.has_unknown_critical = true;
  return out;
}

}  // namespace lictor::builtins
