#include "builtins/jwk.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/base64.hpp"
#include "base/unicode.hpp"
#include "builtins/certificates.hpp"
#include "builtins/lenient_json.hpp"
#include "json/go_decoder.hpp"
#include "json/read.hpp"
#include "value/number.hpp"

namespace lictor::builtins {
namespace {

constexpr const char* key_algorithms[] = {"ES256",
                                          "ES256K",
                                          "ES384",
                                          "ES512",
                                          "EdDSA",
                                          "Ed25519",
                                          "HS256",
                                          "HS384",
                                          "HS512",
                                          "none",
                                          "PS256",
                                          "PS384",
                                          "PS512",
                                          "RS256",
                                          "RS384",
                                          "RS512",
                                          "A128GCMKW",
                                          "A128KW",
                                          "A192GCMKW",
                                          "A192KW",
                                          "A256GCMKW",
                                          "A256KW",
                                          "dir",
                                          "ECDH-ES",
                                          "ECDH-ES+A128KW",
                                          "ECDH-ES+A192KW",
                                          "ECDH-ES+A256KW",
                                          "PBES2-HS256+A128KW",
                                          "PBES2-HS384+A192KW",
                                          "PBES2-HS512+A256KW",
                                          "RSA1_5",
                                          "RSA-OAEP",
                                          "RSA-OAEP-256",
                                          "RSA-OAEP-384",
                                          "RSA-OAEP-512",
                                          "A128CBC-HS256",
                                          "A128GCM",
                                          "A192CBC-HS384",
                                          "A192GCM",
                                          "A256CBC-HS512",
                                          "A256GCM"};
constexpr const char* curve_names[] = {"Ed25519", "Ed448",  "P-256", "P-384",
                                       "P-521",   "X25519", "X448"};

template <std::size_t size>
bool is_one_of(std::string_view text, const char* const (&names)[size]) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](const char* name) { return text == name; });
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// Go's name of a value's type in errors.
const char* type_name(std::string_view value) {
  switch (value[0]) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "bool";
    default:
      return "number";
  }
}

Wrong cannot_unmarshal(std::string_view value, std::string_view target) {
  return "json: cannot unmarshal " + std::string(type_name(value)) + " into " + std::string(target);
}

/// Walks over a text that is JSON, value by value, members in their order.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) { skip_space(); }

  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    skip_space();
    return true;
  }
  std::string_view take_value() {
    std::size_t start = at_;
    skip_value();
    std::string_view out = text_.substr(start, at_ - start);
    skip_space();
    return out;
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  void skip_string() {
    for (++at_; text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    ++at_;
  }
  void skip_scalar() { at_ = std::min(text_.find_first_of(",:]} \t\r\n", at_), text_.size()); }
  void skip_value() {
    int depth = 0;
    do {
      char c = next();
      if (c == '"') {
        skip_string();
      } else if (std::string_view("{[").find(c) != std::string_view::npos) {
        ++depth;
        ++at_;
      } else if (std::string_view("}]").find(c) != std::string_view::npos) {
        --depth;
        ++at_;
      } else if (depth == 0) {
        skip_scalar();
      } else {
        ++at_;
      }
    } while (depth > 0);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string text_of(std::string_view token) {
  Arena scratch;
  Result<Value> value = json::read_owned(token, scratch);
  return value ? std::string(value->as_string()) : std::string();
}

/// Calls `take(name, value)` for each member of an object, until it returns what is wrong.
template <typename Take>
Wrong for_members(std::string_view object, Take take) {
  JsonWalker walker(object);
  walker.take('{');
  while (!walker.take('}')) {
    std::string name = text_of(walker.take_value());
    walker.take(':');
    Wrong wrong = take(name, walker.take_value());
    if (!wrong.empty()) return wrong;
    walker.take(',');
  }
  return "";
}

/// Go's decoding into a string: null leaves it empty.
Wrong decode_text(std::string_view value, std::string& out) {
  out.clear();
  if (value == "null") return "";
  if (value[0] != '"') return cannot_unmarshal(value, "Go value of type string");
  out = text_of(value);
  return "";
}

/// Go's decoding into any value: only a number can be too large. One pass, however deep it is.
class NumberCheck {
 public:
  explicit NumberCheck(std::string_view value) : text_(value) {}

  Wrong run() {
    while (at_ < text_.size()) {
      if (!step()) return wrong_;
    }
    return "";
  }

 private:
  /// A list or an object that is open, and the place in it.
  struct Level {
    bool is_list;
    std::size_t index = 0;
    std::string_view name = {};  // of the member, as it is written
  };

  bool step() {
    char c = text_[at_];
    if (c == '"') {
      read_string();
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      return read_number();
    } else {
      if (c == '{' || c == '[') levels_.push_back({c == '['});
      if (c == '}' || c == ']') levels_.pop_back();
      if (c == ',') ++levels_.back().index;
      ++at_;
    }
    return true;
  }

  void read_string() {
    std::size_t start = at_;
    for (++at_; text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    ++at_;
    std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
    bool is_name = next != std::string_view::npos && text_[next] == ':';
    if (is_name) levels_.back().name = text_.substr(start, at_ - start);
  }

  bool read_number() {
    std::size_t size = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size()) - at_;
    std::string number(text_.substr(at_, size));
    at_ += size;
    if (std::isfinite(std::strtod(number.c_str(), nullptr))) return true;
    std::string path;
    for (const Level& level : levels_)
      path += "." + (level.is_list ? std::to_string(level.index) : text_of(level.name));
    wrong_ = "json: cannot unmarshal number " + number + " into Go " +
             (path.empty() ? "value" : "struct field " + path) + " of type float64";
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
  Wrong wrong_;
};

Wrong decode_any(std::string_view value) { return NumberCheck(value).run(); }

/// Base64 in the alphabet and with the padding that the text shows.
std::optional<std::string> decode_any_base64(std::string_view text) {
  bool padded = text.ends_with('=');
  bool standard = text.find_first_of("+/") != std::string_view::npos;
  return Base64Decoder(text, standard ? base64_standard : base64_url_safe, padded).run();
}

Wrong decode_bytes(std::string_view value, std::optional<std::string>& out) {
  std::string text;
  Wrong wrong = decode_text(value, text);
  if (!wrong.empty()) return "error reading next value: " + wrong;
  out = decode_any_base64(text);
  return out ? "" : "expected base64 encoded []byte (string)";
}

Wrong decode_optional_text(std::string_view value, std::string& out) {
  Wrong wrong = decode_text(value, out);
  return wrong.empty() ? "" : "error reading next value: " + wrong;
}

Wrong decode_algorithm(std::string_view value, std::string& out) {
  Wrong wrong = decode_text(value, out);
  if (!wrong.empty() || is_one_of(out, key_algorithms)) return wrong;
  constexpr std::size_t most_shown = 64;
  std::u32string runes = to_runes(out);
  std::string shown = runes.size() <= most_shown
                          ? out
                          : from_runes(std::u32string_view(runes).substr(0, most_shown)) + "...";
  return "invalid key value: " + in_quotes(shown) + ": invalid key algorithm";
}

Wrong decode_curve(std::string_view value, std::optional<std::string>& out) {
  std::string name;
  Wrong wrong = decode_text(value, name);
  if (!wrong.empty()) return "failed to unmarshal EllipticCurveAlgorithm: " + wrong;
  if (!is_one_of(name, curve_names)) return "unknown EllipticCurveAlgorithm: " + in_quotes(name);
  out = name;
  return "";
}

Wrong decode_operations(std::string_view value) {
  if (value == "null") return "";
  if (value[0] != '[') return cannot_unmarshal(value, "Go value of type jwk.KeyOperationList");
  JsonWalker walker(value);
  walker.take('[');
  for (std::size_t i = 0; !walker.take(']'); ++i) {
    std::string_view item = walker.take_value();
    if (item[0] != '"' && item != "null")
      return cannot_unmarshal(
          item, "KeyOperationList." + std::to_string(i) + " of type jwk.KeyOperation");
    walker.take(',');
  }
  return "";
}

Wrong decode_certificate(std::string text) {
  constexpr std::size_t most_bytes = 256 * 1024;
  std::erase_if(text, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  std::size_t size = text.size() / 4 * 3 + (text.size() % 4 == 2   ? 1
                                            : text.size() % 4 == 3 ? 2
                                                                   : 0);
  if (text.size() % 4 == 0 && text.ends_with('=')) size -= text.ends_with("==") ? 2 : 1;
  if (size > most_bytes)
    return "certificate size " + std::to_string(size) + " exceeds maximum allowed size of " +
           std::to_string(most_bytes) + " bytes";
  Base64Decoder decoder(text, base64_standard);
  std::optional<std::string> der = decoder.run();
  if (!der) return "failed to base64 decode the certificate: " + decoder.error();
  Certificate certificate;
  Wrong wrong = parse_certificate(*der, certificate);
  return wrong.empty() ? "" : "failed to parse x509 certificate: " + wrong;
}

Wrong decode_chain(std::string_view value) {
  constexpr std::size_t longest = 10;
  if (value[0] != '[') return "failed to unmarshal certificate chain: expected JSON array";
  JsonWalker walker(value);
  walker.take('[');
  for (std::size_t i = 0; !walker.take(']'); ++i) {
    if (i == longest)
      return "failed to unmarshal certificate chain: certificate chain length 11 exceeds maximum "
             "allowed length of 10";
    std::string text;
    Wrong wrong = decode_text(walker.take_value(), text);
    if (wrong.empty()) wrong = decode_certificate(std::move(text));
    if (!wrong.empty())
      return "failed to decode certificate at index " + std::to_string(i) + ": " + wrong;
    walker.take(',');
  }
  return "";
}

/// Reads the members of one key of a known type.
class KeyReader {
 public:
  explicit KeyReader(JsonWebKey& out) : out_(out) {}

  Wrong run(std::string_view object) {
    Wrong wrong = for_members(
        object, [&](const std::string& name, std::string_view value) { return read(name, value); });
    return wrong.empty() ? find_missing() : wrong;
  }

 private:
  Wrong read(const std::string& name, std::string_view value) {
    if (name == "kty") return read_type(value);
    if (std::optional<std::string>* bytes = bytes_of(name))
      return in_member(name, decode_bytes(value, *bytes));
    if (name == "crv" && (out_.type == "EC" || out_.type == "OKP"))
      return in_member(name, decode_curve(value, out_.curve));
    if (name == "alg") return in_member(name, decode_algorithm(value, out_.algorithm));
    if (name == "kid") return in_member(name, decode_optional_text(value, out_.id));
    if (name == "key_ops") return in_member(name, decode_operations(value));
    if (name == "x5c") return in_member(name, decode_chain(value));
    std::string unused;
    if (name == "use" || name == "x5t" || name == "x5t#S256" || name == "x5u")
      return in_member(name, decode_optional_text(value, unused));
    Wrong wrong = decode_any(value);
    if (wrong.empty()) return "";
    return "could not decode field " + name + ": failed to decode field " + name + ": " + wrong;
  }

  Wrong read_type(std::string_view value) const {
    std::string type;
    Wrong wrong = decode_optional_text(value, type);
    if (!wrong.empty()) return "error reading token: " + wrong;
    return type == out_.type ? "" : "invalid kty value for RSAPublicKey (" + type + ")";
  }

  static Wrong in_member(const std::string& name, const Wrong& wrong) {
    return wrong.empty() ? "" : "failed to decode value for key " + name + ": " + wrong;
  }

  /// Where the bytes of a member go; null for others.
  std::optional<std::string>* bytes_of(std::string_view name) {
    if (out_.type == "oct") return name == "k" ? &out_.k : nullptr;
    if (out_.is_private && name == "d") return &out_.d;
    if (out_.type == "RSA") return rsa_bytes_of(name);
    if (name == "x") return &out_.x;
    return name == "y" && out_.type == "EC" ? &out_.y : nullptr;
  }

  std::optional<std::string>* rsa_bytes_of(std::string_view name) {
    if (name == "n") return &out_.n;
    if (name == "e") return &out_.e;
    if (!out_.is_private) return nullptr;
    if (name == "p") return &out_.p;
    if (name == "q") return &out_.q;
    if (name == "dp") return &out_.dp;
    if (name == "dq") return &out_.dq;
    return name == "qi" ? &out_.qi : nullptr;
  }

  Wrong find_missing() const {
    auto missing = [](const char* name) {
      return "required field " + std::string(name) + " is missing";
    };
    if (out_.type == "oct") return out_.k ? "" : missing("k");
    if (out_.type != "RSA" && !out_.curve) return missing("crv");
    if (out_.is_private && !out_.d) return missing("d");
    if (out_.type == "RSA") return !out_.e ? missing("e") : !out_.n ? missing("n") : "";
    if (!out_.x) return missing("x");
    return out_.type == "EC" && !out_.y ? missing("y") : "";
  }

  JsonWebKey& out_;
};

/// The type of Go that a key is read into.
std::string go_type(const JsonWebKey& key) {
  if (key.type == "oct") return "*jwk.symmetricKey";
  std::string family = key.type == "RSA" ? "rsa" : key.type == "EC" ? "ecdsa" : "okp";
  return "*jwk." + family + (key.is_private ? "PrivateKey" : "PublicKey");
}

unsigned bit_length(std::string_view number) {
  number = without_zeros(number);
  if (number.empty()) return 0;
  auto bits = static_cast<unsigned>(number.size() * 8);
  for (unsigned top = static_cast<unsigned char>(number[0]); top < 0x80; top <<= 1) --bits;
  return bits;
}

Wrong check_rsa(const JsonWebKey& key) {
  if (without_zeros(*key.n).empty()) return "missing \"n\" value";
  if (without_zeros(*key.e).empty()) return "missing \"e\" value";
  if ((key.e->back() & 1) == 0)
    return "invalid rsa public exponent: must be a positive odd integer";
  if (unsigned bits = bit_length(*key.e); bits >= 64)
    return "rsa public exponent too large for this platform: " + std::to_string(bits) +
           " bits (max 63)";
  return key.is_private && key.d->empty() ? "missing \"d\" value" : "";
}

Wrong check_jwk_point(const Curve& curve, std::string_view x, std::string_view y) {
  if (without_zeros(x).empty() && without_zeros(y).empty())
    return "invalid ECDSA public key: identity point is not a valid public key";
  for (auto [name, number] : {std::pair("x", x), std::pair("y", y)}) {
    unsigned bits = bit_length(number);
    if (bits > curve.bits)
      return "invalid ECDSA public key: " + std::string(name) + " coordinate is " +
             std::to_string(bits) + " bits, exceeds curve " + in_quotes(curve.name) +
             " field size of " + std::to_string(curve.bits) + " bits";
  }
  Wrong wrong = check_point(curve, x, y);
  return wrong.empty() ? "" : "invalid ECDSA public key: " + wrong;
}

Wrong check_ec(const JsonWebKey& key) {
  const Curve* curve = curve_of(*key.curve);
  if (curve == nullptr)
    return "invalid curve algorithm " + in_quotes(*key.curve) +
           ": unknown elliptic curve algorithm: " + in_quotes(*key.curve);
  auto wrong_length = [&](const char* name, const std::string& number) {
    return "invalid \"" + std::string(name) + "\" length (" + std::to_string(number.size()) +
           ") for curve " + in_quotes(curve->name);
  };
  if (key.x->size() != curve->size) return wrong_length("x", *key.x);
  if (key.y->size() != curve->size) return wrong_length("y", *key.y);
  Wrong wrong = check_jwk_point(*curve, *key.x, *key.y);
  if (!wrong.empty()) return wrong;
  return key.is_private && key.d->size() != curve->size ? wrong_length("d", *key.d) : "";
}

/// The sizes of the keys of the two curves that are known.
Wrong check_okp_size(const std::string& curve, std::size_t size, const char* kind) {
  constexpr std::size_t known_size = 32;
  bool known = curve == "Ed25519" || curve == "X25519";
  if (!known || size == known_size) return "";
  return (curve == "Ed25519" ? "ed25519: wrong " : "x25519: wrong ") + std::string(kind) +
         " key size";
}

Wrong check_okp(const JsonWebKey& key) {
  if (key.x->empty()) return "missing \"x\" field";
  Wrong wrong = check_okp_size(*key.curve, key.x->size(), "public");
  if (!wrong.empty() || !key.is_private) return wrong;
  if (key.d->empty()) return "missing \"d\" field";
  return check_okp_size(*key.curve, key.d->size(), "private");
}

Wrong check(const JsonWebKey& key) {
  Wrong wrong;
  std::string kind;
  if (key.type == "oct") {
    if (key.k->empty()) wrong = "missing \"k\" field";
    kind = "SymmetricKey";
  } else {
    wrong = key.type == "RSA" ? check_rsa(key) : key.type == "EC" ? check_ec(key) : check_okp(key);
    kind = (key.type == "RSA"  ? "RSA"
            : key.type == "EC" ? "ECDSA"
                               : "OKP") +
           std::string(key.is_private ? "PrivateKey" : "PublicKey");
  }
  if (wrong.empty()) return "";
  return "jwk.Parse: key validation failed: key validation failed: jwk." + kind + ": " + wrong;
}

/// True if Go's decoder takes the name for a field's, which is in small letters.
bool names_field(std::string_view name, std::string_view field) {
  std::string folded;
  for (std::size_t i = 0; i < name.size();) {
    constexpr char32_t kelvin = 0x212a;
    Rune rune = decode_rune(name, i);
    char32_t code = rune.code == kelvin ? U'k' : rune.code;
    append_rune(folded, code >= 'A' && code <= 'Z' ? code + 32 : code);
    i += rune.size;
  }
  return folded == field;
}

/// Looks for what tells the type of a key, as Go's decoder finds it.
Wrong probe(std::string_view value, JsonWebKey& out) {
  if (value == "null") return "";
  if (value[0] != '{')
    return cannot_unmarshal(value,
                            "Go value of type struct { Kty string \"json:\\\"kty\\\"\"; D "
                            "jsontext.Value \"json:\\\"d,omitempty\\\"\" }");
  return for_members(value, [&](const std::string& name, std::string_view member) -> Wrong {
    if (names_field(name, "d")) out.is_private = true;
    if (!names_field(name, "kty") || member == "null") return "";
    if (member[0] != '"')
      return cannot_unmarshal(member, "Go struct field ." + name + " of type string");
    out.type = text_of(member);
    return "";
  });
}

/// Reads one key; the text is the beginning of what is given, up to the value's end.
Wrong parse_key(std::string_view text, JsonWebKey& out) {
  constexpr const char* probing =
      "jwk.ParseKey: jwk.Parse: failed to probe data: probe: failed to unmarshal data: ";
  json::GoDecoding decoding = json::go_decoding(text);
  if (decoding.first.empty()) return probing + decoding.error;
  std::string_view value = JsonWalker(decoding.first).take_value();
  Wrong wrong = probe(value, out);
  if (!wrong.empty()) return probing + wrong;
  bool known = out.type == "RSA" || out.type == "EC" || out.type == "OKP" || out.type == "oct";
  if (!known) return "jwk.ParseKey: invalid key type from JSON (" + out.type + ")";
  wrong = KeyReader(out).run(value);
  if (!wrong.empty()) {
    std::string into = "failed to unmarshal JSON into key (" + go_type(out) + "): ";
    return "jwk.ParseKey: " + into + into + wrong;
  }
  wrong = check(out);
  return wrong.empty() ? "" : "jwk.ParseKey: " + wrong;
}

/// A token as Go prints it with %v.
std::string shown_token(std::string_view value) {
  if (value[0] == '{') return "{";
  if (value[0] == '"') return text_of(value);
  if (value == "null") return "<nil>";
  if (value == "true" || value == "false") return std::string(value);
  return format_decimal(shortest_decimal(std::strtod(std::string(value).c_str(), nullptr)), 'g', -1,
                        true);
}

Wrong read_keys(std::string_view value, std::vector<JsonWebKey>& out) {
  constexpr std::size_t most_keys = 1000;
  if (value[0] != '[')
    return "failed to decode \"keys\": expected '[' but got " + shown_token(value);
  JsonWalker walker(value);
  walker.take('[');
  for (std::size_t i = 0; !walker.take(']'); ++i) {
    if (i == most_keys) return "too many keys in \"keys\" array: max 1000";
    Wrong wrong = parse_key(walker.take_value(), out.emplace_back());
    if (!wrong.empty())
      return "failed to decode key #" + std::to_string(i) + " in \"keys\": " + wrong;
    walker.take(',');
  }
  return "";
}

Wrong parse_set(std::string_view text, std::vector<JsonWebKey>& out) {
  json::GoDecoding decoding = json::go_decoding(text);
  if (decoding.first.empty()) return decoding.error;
  std::string_view value = JsonWalker(decoding.first).take_value();
  return for_members(value, [&](const std::string& name, std::string_view member) -> Wrong {
    if (name == "keys") return read_keys(member, out);
    Wrong wrong = decode_any(member);
    if (wrong.empty()) return "";
    return "failed to decode value for key " + in_quotes(name) + ": " + wrong;
  });
}

std::string without_zeros(const std::optional<std::string>& number) {
  return number ? std::string(builtins::without_zeros(*number)) : std::string();
}

Wrong export_rsa(const JsonWebKey& from, Key& out) {
  if (from.is_private && !from.q) return "missing \"q\" value";
  if (from.is_private && !from.p) return "missing \"p\" value";
  out.kind = KeyKind::rsa;
  out.n = without_zeros(from.n);
  for (char c : without_zeros(from.e)) out.e = out.e << 8 | static_cast<unsigned char>(c);
  if (!from.is_private) return "";
  out.is_private = true;
  out.d = without_zeros(from.d);
  out.primes = {without_zeros(from.p), without_zeros(from.q)};
  out.dp = without_zeros(from.dp);
  out.dq = without_zeros(from.dq);
  out.qinv = without_zeros(from.qi);
  return "";
}

Wrong export_ec(const JsonWebKey& from, Key& out) {
  out.kind = KeyKind::ec;
  out.curve = curve_of(*from.curve);
  out.x = *from.x;
  out.y = *from.y;
  out.is_private = from.is_private;
  if (from.is_private) out.d = *from.d;
  return "";
}

Wrong export_okp(const JsonWebKey& from, Key& out) {
  std::string prefix = from.is_private ? "jwk.OKPPrivateKey: failed to build private key: "
                                       : "jwk.OKPPublicKey: failed to build public key: ";
  if (*from.curve != "Ed25519" && *from.curve != "X25519")
    return prefix + "invalid curve algorithm " + *from.curve;
  out.kind = *from.curve == "Ed25519" ? KeyKind::ed25519 : KeyKind::x25519;
  out.is_private = from.is_private;
  out.bytes = *from.x;
  if (!from.is_private) return "";
  out.seed = *from.d;
  bool made = set_public_of_seed(out);
  bool agrees = out.kind == KeyKind::x25519 || (made && out.bytes == *from.x);
  return agrees ? "" : prefix + "ed25519: invalid x value given d value";
}

}  // namespace

Wrong parse_jwk(std::string_view text, std::vector<JsonWebKey>& out) {
  if (LenientJson(text).has("keys")) {
    Wrong wrong = parse_set(text, out);
    return wrong.empty() ? "" : "jwk.Parse: failed to unmarshal JWK set: " + wrong;
  }
  Wrong wrong = parse_key(text, out.emplace_back());
  return wrong.empty() ? "" : "jwk.Parse: failed to parse sole key: " + wrong;
}

Wrong export_jwk(const JsonWebKey& from, Key& out) {
  Wrong wrong;
  if (from.type == "oct") {
    out.kind = KeyKind::octets;
    out.bytes = *from.k;
  } else if (from.type == "RSA") {
    wrong = export_rsa(from, out);
  } else {
    wrong = from.type == "EC" ? export_ec(from, out) : export_okp(from, out);
  }
  return wrong.empty() ? "" : "jwk.Export: failed to export jwk.Key to raw format: " + wrong;
}

}  // namespace lictor::builtins
