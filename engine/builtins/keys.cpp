#include "builtins/keys.hpp"

#include <openssl/obj_mac.h>

#include <algorithm>

#include "base/hex.hpp"
#include "builtins/openssl.hpp"

namespace lictor::builtins {
namespace {

constexpr Curve curves[] = {
    {"P-224", "P224", "secp224r1", NID_secp224r1, 28, 224, nullptr, "invalid P224Element encoding"},
    {"P-256", "P256", "prime256v1", NID_X9_62_prime256v1, 32, 256, "P-256",
     "invalid P256 element encoding"},
    {"P-384", "P384", "secp384r1", NID_secp384r1, 48, 384, "P-384", "invalid P384Element encoding"},
    {"P-521", "P521", "secp521r1", NID_secp521r1, 66, 521, "P-521", "invalid P521Element encoding"},
};

using Number = Owned<BIGNUM>;

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string text_of(const BIGNUM* number) {
  std::string out(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, bytes_of(out));
  return out;
}

/// The group of a curve, made once a thread.
const EC_GROUP* group_of(const Curve& curve) {
  thread_local std::map<int, Owned<EC_GROUP>> groups;
  Owned<EC_GROUP>& group = groups[curve.nid];
  if (!group) group.reset(EC_GROUP_new_by_curve_name(curve.nid));
  return group.get();
}

/// False for a two's complement that is not above zero.
bool is_positive(std::string_view bytes) {
  return !bytes.empty() && !is_negative(bytes) && !without_zeros(bytes).empty();
}

Wrong parse_rsa_public_key(const AlgorithmId& algorithm, std::string_view data, Key& out) {
  constexpr std::string_view null_parameters("\x05\x00", 2);
  if (algorithm.parameters != null_parameters) return "x509: RSA key missing NULL parameters";
  Der fields(data);
  std::string_view n;
  if (!fields.read(tag::sequence, fields)) return "x509: invalid RSA public key";
  if (!fields.read_integer_bytes(n)) return "x509: invalid RSA modulus";
  if (!fields.read_int64(out.e)) return "x509: invalid RSA public exponent";
  if (!is_positive(n)) return "x509: RSA modulus is not a positive number";
  if (out.e <= 0) return "x509: RSA public exponent is not a positive number";
  out.kind = KeyKind::rsa;
  out.n = without_zeros(n);
  return "";
}

Wrong parse_point(const Curve& curve, std::string_view data, Key& out) {
  if (!data.starts_with('\x04')) return "ecdsa: invalid uncompressed public key";
  if (data.size() != 1 + 2 * curve.size)
    return "invalid " + std::string(curve.go_name) + " point encoding";
  out.kind = KeyKind::ec;
  out.curve = &curve;
  out.x = data.substr(1, curve.size);
  out.y = data.substr(1 + curve.size);
  return check_point(curve, out.x, out.y);
}

Wrong parse_ec_public_key(const AlgorithmId& algorithm, std::string_view data, Key& out) {
  ObjectId name;
  if (!Der(algorithm.parameters).read_object_id(name)) return "x509: invalid ECDSA parameters";
  const Curve* curve = curve_of(name);
  return curve ? parse_point(*curve, data, out) : "x509: unsupported elliptic curve";
}

Wrong parse_dsa_public_key(const AlgorithmId& algorithm, std::string_view data, Key& out) {
  std::string_view y, p, q, g;
  if (!Der(data).read_integer_bytes(y)) return "x509: invalid DSA public key";
  Der fields(algorithm.parameters);
  if (!fields.read(tag::sequence, fields) || !fields.read_integer_bytes(p) ||
      !fields.read_integer_bytes(q) || !fields.read_integer_bytes(g))
    return "x509: invalid DSA parameters";
  if (!is_positive(y) || !is_positive(p) || !is_positive(q) || !is_positive(g))
    return "x509: zero or negative DSA parameter";
  out.kind = KeyKind::dsa;
  out.dsa_y = without_zeros(y);
  out.dsa_p = without_zeros(p);
  out.dsa_q = without_zeros(q);
  out.dsa_g = without_zeros(g);
  return "";
}

/// A public key that is nothing but bytes.
Wrong parse_plain_key(KeyKind kind, std::string_view name, std::string_view wrong_size,
                      std::size_t size, const AlgorithmId& algorithm, std::string_view data,
                      Key& out) {
  if (!algorithm.parameters.empty())
    return "x509: " + std::string(name) + " key encoded with illegal parameters";
  if (data.size() != size) return std::string(wrong_size);
  out.kind = kind;
  out.bytes = data;
  return "";
}

std::size_t mldsa_size(const ObjectId& id) {
  if (id == object_ids::mldsa44) return 1312;
  if (id == object_ids::mldsa65) return 1952;
  return id == object_ids::mldsa87 ? 2592 : 0;
}

/// Go's checks of a private key, in its order.
class RsaCheck {
 public:
  explicit RsaCheck(const Key& key)
      : key_(key),
        context_(BN_CTX_new()),
        n_(number_of(key.n)),
        d_(number_of(key.d)),
        p_(number_of(key.primes[0])),
        q_(number_of(key.primes[1])) {}

  Wrong run(bool has_values, Key& out) {
    QuietErrors quiet;
    if (is_too_large()) return "crypto/rsa: key too large";
    if (key_.primes.size() != 2) return check_many_primes(out);
    Wrong wrong = check_ranges();
    if (wrong.empty()) wrong = has_values ? take_values() : make_values();
    if (wrong.empty()) wrong = check_public();
    if (wrong.empty()) wrong = check_primes();
    if (wrong.empty()) wrong = check_values();
    if (wrong.empty()) wrong = check_sizes();
    if (wrong.empty()) {
      out.dp = text_of(dp_.get());
      out.dq = text_of(dq_.get());
      out.qinv = text_of(qinv_.get());
    }
    return wrong;
  }

 private:
  /// OpenSSL's own limit, and one of our own for the number of primes.
  bool is_too_large() const {
    constexpr std::size_t most_bytes = 16384 / 8, most_primes = 16;
    auto is_long = [](const std::string& number) { return number.size() > most_bytes; };
    return is_long(key_.n) || key_.primes.size() > most_primes ||
           std::any_of(key_.primes.begin(), key_.primes.end(), is_long);
  }

  static bool at_least_two(const Number& number) {
    return !BN_is_zero(number.get()) && !BN_is_one(number.get());
  }

  /// Go's numbers have as many words of 64 bits as their modulus.
  static Wrong below(const Number& number, const Number& modulus) {
    int words = (BN_num_bits(modulus.get()) + 63) / 64;
    if (BN_num_bits(number.get()) > words * 64) return "input overflows the modulus size";
    return BN_cmp(number.get(), modulus.get()) < 0 ? "" : "input overflows the modulus";
  }

  Wrong check_ranges() const {
    if (!at_least_two(n_) || !at_least_two(p_) || !at_least_two(q_)) return "modulus must be > 1";
    return below(d_, n_);
  }

  Number minus_one(const Number& number) const {
    Number out(BN_dup(number.get()));
    BN_sub_word(out.get(), 1);
    return out;
  }

  Number mod(const Number& a, const Number& modulus) const {
    Number out(BN_new());
    BN_nnmod(out.get(), a.get(), modulus.get(), context_.get());
    return out;
  }

  Number multiply(const Number& a, const Number& b, const Number& modulus) const {
    Number out(BN_new());
    BN_mod_mul(out.get(), a.get(), b.get(), modulus.get(), context_.get());
    return out;
  }

  Wrong take_values() {
    dp_ = number_of(key_.dp);
    dq_ = number_of(key_.dq);
    qinv_ = number_of(key_.qinv);
    return below(qinv_, p_);
  }

  Wrong make_values() {
    Number p1 = minus_one(p_), q1 = minus_one(q_);
    if (!at_least_two(p1) || !at_least_two(q1)) return "modulus must be > 1";
    dp_ = mod(d_, p1);
    dq_ = mod(d_, q1);
    if (!BN_is_odd(p_.get())) return "crypto/rsa: p is even";
    Number inverse = inverse_of(q_, p_);
    qinv_ = inverse ? std::move(inverse) : Number(BN_new());
    return "";
  }

  Wrong check_public() const {
    if (!BN_is_odd(n_.get())) return "crypto/rsa: public modulus is even";
    if (key_.e < 2) return "crypto/rsa: public exponent too small or negative";
    if (key_.e % 2 == 0) return "crypto/rsa: public exponent is even";
    return key_.e <= INT32_MAX ? "" : "crypto/rsa: public exponent too large";
  }

  Wrong check_primes() const {
    if (BN_cmp(p_.get(), n_.get()) >= 0 || BN_cmp(q_.get(), n_.get()) >= 0)
      return "crypto/rsa: invalid prime";
    return BN_is_zero(multiply(p_, q_, n_).get()) ? "" : "crypto/rsa: p * q != n";
  }

  /// The exponent for one prime.
  Wrong check_exponent(const Number& exponent, const Number& prime) const {
    Number less = minus_one(prime);
    if (!at_least_two(less)) return "crypto/rsa: invalid prime";
    if (BN_cmp(exponent.get(), less.get()) >= 0) return "crypto/rsa: invalid CRT exponent";
    Number e(BN_new());
    BN_set_word(e.get(), static_cast<BN_ULONG>(key_.e));
    bool inverse = BN_is_one(multiply(exponent, e, less).get());
    return inverse ? "" : "crypto/rsa: invalid CRT exponent";
  }

  Wrong check_values() const {
    Wrong wrong = check_exponent(dp_, p_);
    if (wrong.empty()) wrong = check_exponent(dq_, q_);
    if (!wrong.empty()) return wrong;
    if (!BN_is_one(multiply(mod(q_, p_), qinv_, p_).get()))
      return "crypto/rsa: invalid CRT coefficient";
    if (BN_cmp(mod(d_, minus_one(p_)).get(), dp_.get()) != 0)
      return "crypto/rsa: d does not match dP";
    if (BN_cmp(mod(d_, minus_one(q_)).get(), dq_.get()) != 0)
      return "crypto/rsa: d does not match dQ";
    return "";
  }

  Wrong check_sizes() const {
    int half = BN_num_bits(n_.get()) / 2;
    Number difference(BN_new());
    BN_sub(difference.get(), p_.get(), q_.get());
    if (BN_num_bits(difference.get()) <= half - 100) return "crypto/rsa: |p - q| too small";
    return BN_num_bits(d_.get()) > half ? "" : "crypto/rsa: d too small";
  }

  Wrong check_many_primes(Key& out) const {
    if (!at_least_two(n_)) return "modulus must be > 1";
    Wrong wrong = below(d_, n_);
    if (wrong.empty()) wrong = check_public();
    if (!wrong.empty()) return wrong;
    for (const std::string& prime : key_.primes)
      if (!at_least_two(number_of(prime))) return "crypto/rsa: prime factor is <= 1";
    out.dp = text_of(mod(d_, minus_one(p_)).get());
    out.dq = text_of(mod(d_, minus_one(q_)).get());
    Number inverse = inverse_of(q_, p_);
    if (!inverse) return "crypto/rsa: prime factors are not relatively prime";
    out.qinv = text_of(inverse.get());
    return make_crt_values(out);
  }

  Number inverse_of(const Number& a, const Number& modulus) const {
    return Number(BN_mod_inverse(nullptr, a.get(), modulus.get(), context_.get()));
  }

  Wrong make_crt_values(Key& out) const {
    Number product(BN_new());
    BN_mul(product.get(), p_.get(), q_.get(), context_.get());
    for (std::size_t i = 2; i < key_.primes.size(); ++i) {
      Number prime = number_of(key_.primes[i]);
      Number coefficient = inverse_of(product, prime);
      if (!coefficient) return "crypto/rsa: prime factors are not relatively prime";
      out.crt_values.push_back({text_of(mod(d_, minus_one(prime)).get()),
                                text_of(coefficient.get()), text_of(product.get())});
      BN_mul(product.get(), product.get(), prime.get(), context_.get());
    }
    return "";
  }

  const Key& key_;
  Owned<BN_CTX> context_;
  Number n_, d_, p_, q_, dp_, dq_, qinv_;
};

/// The structure of a PKCS #1 private key.
struct Pkcs1 {
  std::int64_t version = 0;
  std::string_view n, d, p, q, dp, dq, qinv;
  std::int64_t e = 0;
  std::vector<std::string_view> more_primes;
};

bool read_more_primes(Asn1Reader& from, Pkcs1& out) {
  Asn1Reader list("");
  bool present = false;
  if (!from.enter_list(list, tag::sequence, {.optional = true}, &present)) return false;
  while (present && !list.at_end()) {
    Asn1Reader fields("");
    std::string_view prime, exponent, coefficient;
    bool read = list.enter(fields, "pkcs1AdditionalRSAPrime") && fields.read_big(prime) &&
                fields.read_big(exponent) && fields.read_big(coefficient);
    if (!read) return list.leave(fields) || from.leave(list);
    out.more_primes.push_back(prime);
  }
  return true;
}

Wrong read_pkcs1(std::string_view der, Pkcs1& out, bool& trailing) {
  Asn1Reader outer(der), fields("");
  Asn1Rule optional{.optional = true};
  bool read = outer.enter(fields, "pkcs1PrivateKey") && fields.read(out.version) &&
              fields.read_big(out.n) && fields.read(out.e) && fields.read_big(out.d) &&
              fields.read_big(out.p) && fields.read_big(out.q) &&
              fields.read_big(out.dp, optional) && fields.read_big(out.dq, optional) &&
              fields.read_big(out.qinv, optional) && read_more_primes(fields, out);
  if (!read) outer.leave(fields);
  trailing = !outer.at_end();
  return outer.error();
}

struct Pkcs8 {
  std::int64_t version = 0;
  AlgorithmId algorithm;
  std::string_view key;
};

Wrong read_pkcs8(std::string_view der, Pkcs8& out) {
  Asn1Reader outer(der), fields("");
  bool read = outer.enter(fields, "pkcs8") && fields.read(out.version) &&
              read_algorithm_id(fields, out.algorithm) && fields.read_octets(out.key);
  if (!read) outer.leave(fields);
  return outer.error();
}

struct Sec1 {
  std::int64_t version = 0;
  std::string_view key;
  ObjectId curve;
  BitString public_key;
};

Wrong read_sec1(std::string_view der, Sec1& out) {
  Asn1Reader outer(der), fields("");
  bool read = outer.enter(fields, "ecPrivateKey") && fields.read(out.version) &&
              fields.read_octets(out.key) &&
              fields.read(out.curve, {.optional = true, .is_explicit = true, .tag = 0}) &&
              fields.read(out.public_key, {.optional = true, .is_explicit = true, .tag = 1});
  if (!read) outer.leave(fields);
  return outer.error();
}

bool is_pkcs1(std::string_view der) {
  Pkcs1 key;
  bool trailing = false;
  return read_pkcs1(der, key, trailing).empty();
}

bool is_pkcs8(std::string_view der) {
  Pkcs8 key;
  return read_pkcs8(der, key).empty();
}

bool is_sec1(std::string_view der) {
  Sec1 key;
  return read_sec1(der, key).empty();
}

Wrong use_instead(const char* function) {
  return "x509: failed to parse private key (use Parse" + std::string(function) +
         " instead for this key format)";
}

Wrong make_rsa_key(const Pkcs1& read, Key& out) {
  if (read.version > 1) return "x509: unsupported private key version";
  bool positive =
      is_positive(read.n) && is_positive(read.d) && is_positive(read.p) && is_positive(read.q);
  for (std::string_view value : {read.dp, read.dq, read.qinv})
    positive = positive && (value.empty() || is_positive(value));
  if (!positive) return "x509: private key contains zero or negative value";
  out.kind = KeyKind::rsa;
  out.is_private = true;
  out.n = without_zeros(read.n);
  out.e = read.e;
  out.d = without_zeros(read.d);
  out.primes = {std::string(without_zeros(read.p)), std::string(without_zeros(read.q))};
  for (std::string_view prime : read.more_primes) {
    if (!is_positive(prime)) return "x509: private key contains zero or negative prime";
    out.primes.emplace_back(without_zeros(prime));
  }
  out.dp = without_zeros(read.dp);
  out.dq = without_zeros(read.dq);
  out.qinv = without_zeros(read.qinv);
  bool has_values = !out.dp.empty() && !out.dq.empty() && !out.qinv.empty();
  return RsaCheck(out).run(has_values, out);
}

Wrong make_ec_key(const Curve* curve, const Sec1& read, Key& out) {
  if (read.version != 1)
    return "x509: unknown EC private key version " + std::to_string(read.version);
  if (curve == nullptr) return "x509: unknown elliptic curve";
  std::string_view d = read.key;
  while (d.size() > curve->size) {
    if (d[0] != 0) return "x509: invalid private key length";
    d.remove_prefix(1);
  }
  out.kind = KeyKind::ec;
  out.is_private = true;
  out.curve = curve;
  out.d = std::string(curve->size - d.size(), '\0').append(d);
  // Go multiplies before it looks at the number: a multiple of the order leads to no point.
  const BIGNUM* order = EC_GROUP_get0_order(group_of(*curve));
  Number number = number_of(out.d), rest(BN_new());
  Owned<BN_CTX> context(BN_CTX_new());
  BN_nnmod(rest.get(), number.get(), order, context.get());
  if (BN_is_zero(rest.get())) return "ecdsa: invalid public key encoding";
  if (BN_cmp(number.get(), order) >= 0) return "input overflows the modulus";
  return set_public_point(out) ? "" : "ecdsa: invalid public key encoding";
}

Wrong parse_sec1(const ObjectId* curve, std::string_view der, Key& out) {
  Sec1 read;
  Wrong wrong = read_sec1(der, read);
  if (!wrong.empty()) {
    if (is_pkcs8(der)) return use_instead("PKCS8PrivateKey");
    if (is_pkcs1(der)) return use_instead("PKCS1PrivateKey");
    return "x509: failed to parse EC private key: " + wrong;
  }
  return make_ec_key(curve_of(curve ? *curve : read.curve), read, out);
}

Wrong parse_ec_in_pkcs8(const Pkcs8& read, Key& out) {
  Asn1Reader parameters(read.algorithm.parameters);
  ObjectId curve;
  bool named = parameters.read(curve);
  Wrong wrong = parse_sec1(named ? &curve : nullptr, read.key, out);
  if (wrong.empty()) return "";
  return "x509: failed to parse EC private key embedded in PKCS#8: " + wrong;
}

/// A key of Ed25519 or X25519, which is a seed in an octet string.
Wrong parse_seed(const Pkcs8& read, KeyKind kind, const std::string& name, Key& out) {
  if (!read.algorithm.parameters.empty())
    return "x509: invalid " + name + " private key parameters";
  Asn1Reader octets(read.key);
  std::string_view seed;
  if (!octets.read_octets(seed)) return "x509: invalid " + name + " private key: " + octets.error();
  constexpr std::size_t seed_size = 32;
  if (seed.size() != seed_size) {
    return kind == KeyKind::x25519
               ? "crypto/ecdh: invalid private key size"
               : "x509: invalid Ed25519 private key length: " + std::to_string(seed.size());
  }
  out.kind = kind;
  out.is_private = true;
  out.seed = seed;
  return set_public_of_seed(out) ? "" : "x509: invalid " + name + " private key";
}

Wrong parse_mldsa_seed(const Pkcs8& read, Key& out) {
  constexpr std::size_t seed_size = 32;
  if (!read.algorithm.parameters.empty()) return "x509: invalid ML-DSA private key parameters";
  std::string length = std::to_string(read.key.size());
  if (read.key.empty()) return "x509: invalid ML-DSA private key length: " + length;
  switch (static_cast<unsigned char>(read.key[0])) {
    case 0x80:
      break;
    case 0x04:
      return "x509: semi-expanded ML-DSA private keys without seed are not supported";
    case 0x30:
      return "x509: ML-DSA private keys with both seed and expanded key are not supported, use "
             "e.g. \"openssl pkey -provparam ml-dsa.output_formats=seed-only\" to convert to a "
             "seed-only key";
    default:
      return "x509: invalid ML-DSA private key: invalid ASN.1 tag " +
             hex_text(read.key.substr(0, 1));
  }
  if (read.key.size() != 2 + seed_size) return "x509: invalid ML-DSA private key length: " + length;
  if (read.key[1] != static_cast<char>(seed_size))
    return "x509: invalid ML-DSA private key ASN.1 encoding";
  out.kind = KeyKind::mldsa;
  out.is_private = true;
  out.seed = read.key.substr(2);
  return "";
}

}  // namespace

const Curve* curve_of(const ObjectId& id) {
  static const ObjectId ids[] = {
      {1, 3, 132, 0, 33}, {1, 2, 840, 10045, 3, 1, 7}, {1, 3, 132, 0, 34}, {1, 3, 132, 0, 35}};
  for (std::size_t i = 0; i < std::size(ids); ++i)
    if (ids[i] == id) return &curves[i];
  return nullptr;
}

const Curve* curve_of(std::string_view name) {
  for (const Curve& curve : curves)
    if (curve.in_jwk != nullptr && curve.in_jwk == name) return &curve;
  return nullptr;
}

Wrong check_point(const Curve& curve, std::string_view x, std::string_view y) {
  QuietErrors quiet;
  const EC_GROUP* group = group_of(curve);
  const BIGNUM* field = EC_GROUP_get0_field(group);
  Number x_number = number_of(x), y_number = number_of(y);
  if (BN_cmp(x_number.get(), field) >= 0 || BN_cmp(y_number.get(), field) >= 0)
    return curve.overflow;
  Owned<EC_POINT> point(EC_POINT_new(group));
  bool on_curve = EC_POINT_set_affine_coordinates(group, point.get(), x_number.get(),
                                                  y_number.get(), nullptr) == 1;
  return on_curve ? "" : std::string(curve.go_name) + " point not on curve";
}

bool set_public_point(Key& key) {
  QuietErrors quiet;
  const EC_GROUP* group = group_of(*key.curve);
  Owned<EC_POINT> point(EC_POINT_new(group));
  Number d = number_of(key.d), x(BN_new()), y(BN_new());
  bool made = EC_POINT_mul(group, point.get(), d.get(), nullptr, nullptr, nullptr) == 1 &&
              EC_POINT_get_affine_coordinates(group, point.get(), x.get(), y.get(), nullptr) == 1;
  if (!made) return false;
  int size = static_cast<int>(key.curve->size);
  key.x.assign(key.curve->size, '\0');
  key.y.assign(key.curve->size, '\0');
  return BN_bn2binpad(x.get(), bytes_of(key.x), size) == size &&
         BN_bn2binpad(y.get(), bytes_of(key.y), size) == size;
}

bool set_public_of_seed(Key& key) {
  QuietErrors quiet;
  int type = key.kind == KeyKind::ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_X25519;
  Owned<EVP_PKEY> pair(EVP_PKEY_new_raw_private_key(
      type, nullptr, bytes_of(std::string_view(key.seed)), key.seed.size()));
  std::size_t size = 32;
  key.bytes.assign(size, '\0');
  return pair && EVP_PKEY_get_raw_public_key(pair.get(), bytes_of(key.bytes), &size) == 1;
}

Wrong check_rsa_signing_key(Key& key, bool has_values) {
  constexpr unsigned fewest_bits = 1024;
  auto bits = static_cast<unsigned>(BN_num_bits(number_of(key.n).get()));
  if (bits < fewest_bits)
    return "crypto/rsa: " + std::to_string(bits) +
           "-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)";
  return RsaCheck(key).run(has_values, key);
}

Wrong check_ec_signing_key(const Key& key) {
  Number d = number_of(key.d);
  const BIGNUM* order = EC_GROUP_get0_order(group_of(*key.curve));
  if (BN_num_bits(d.get()) > BN_num_bits(order)) return "ecdsa: private key scalar too large";
  if (BN_is_zero(d.get())) return "ecdsa: private key scalar is zero or negative";
  return BN_cmp(d.get(), order) < 0 ? "" : "input overflows the modulus";
}

bool read_algorithm_id(Asn1Reader& from, AlgorithmId& out, Asn1Rule rule) {
  Asn1Reader fields("");
  RawAsn1 parameters;
  if (!from.enter(fields, "AlgorithmIdentifier", nullptr, rule)) return false;
  if (!fields.read(out.id) || !fields.read(parameters, {.optional = true}))
    return from.leave(fields);
  out.parameters = parameters.full_bytes;
  return true;
}

bool read_public_key_info(Asn1Reader& from, PublicKeyInfo& out) {
  Asn1Reader fields("");
  if (!from.enter(fields, "publicKeyInfo", &out.raw)) return false;
  return (read_algorithm_id(fields, out.algorithm) && fields.read(out.key)) || from.leave(fields);
}

Wrong parse_public_key(const AlgorithmId& algorithm, const BitString& bits, Key& out) {
  std::string data = bits.right_aligned();
  if (algorithm.id == object_ids::rsa) return parse_rsa_public_key(algorithm, data, out);
  if (algorithm.id == object_ids::ecdsa) return parse_ec_public_key(algorithm, data, out);
  if (algorithm.id == object_ids::dsa) return parse_dsa_public_key(algorithm, data, out);
  if (algorithm.id == object_ids::ed25519)
    return parse_plain_key(KeyKind::ed25519, "Ed25519", "x509: wrong Ed25519 public key size", 32,
                           algorithm, data, out);
  if (algorithm.id == object_ids::x25519)
    return parse_plain_key(KeyKind::x25519, "X25519", "crypto/ecdh: invalid public key", 32,
                           algorithm, data, out);
  if (std::size_t size = mldsa_size(algorithm.id); size != 0)
    return parse_plain_key(KeyKind::mldsa, "ML-DSA", "mldsa: invalid public key length", size,
                           algorithm, data, out);
  return "x509: unknown public key algorithm";
}

Wrong parse_pkix_public_key(std::string_view der, Key& out) {
  Asn1Reader reader(der);
  PublicKeyInfo info;
  if (read_public_key_info(reader, info)) {
    if (!reader.at_end()) return "x509: trailing data after ASN.1 of public-key";
    return parse_public_key(info.algorithm, info.key, out);
  }
  Asn1Reader outer(der), fields("");
  std::string_view n;
  std::int64_t e = 0;
  if (outer.enter(fields, "pkcs1PublicKey") && fields.read_big(n) && fields.read(e))
    return "x509: failed to parse public key (use ParsePKCS1PublicKey instead for this key format)";
  return reader.error();
}

Wrong parse_pkcs1_private_key(std::string_view der, Key& out) {
  Pkcs1 read;
  bool trailing = false;
  Wrong wrong = read_pkcs1(der, read, trailing);
  if (wrong.empty())
    return trailing ? "asn1: syntax error: trailing data" : make_rsa_key(read, out);
  if (is_sec1(der)) return use_instead("ECPrivateKey");
  return is_pkcs8(der) ? use_instead("PKCS8PrivateKey") : wrong;
}

Wrong parse_sec1_private_key(std::string_view der, Key& out) {
  return parse_sec1(nullptr, der, out);
}

Wrong parse_pkcs8_private_key(std::string_view der, Key& out) {
  Pkcs8 read;
  Wrong wrong = read_pkcs8(der, read);
  if (!wrong.empty()) {
    if (is_sec1(der)) return use_instead("ECPrivateKey");
    return is_pkcs1(der) ? use_instead("PKCS1PrivateKey") : wrong;
  }
  const ObjectId& id = read.algorithm.id;
  if (id == object_ids::rsa) {
    wrong = parse_pkcs1_private_key(read.key, out);
    return wrong.empty() ? ""
                         : "x509: failed to parse RSA private key embedded in PKCS#8: " + wrong;
  }
  if (id == object_ids::ecdsa) return parse_ec_in_pkcs8(read, out);
  if (id == object_ids::ed25519) return parse_seed(read, KeyKind::ed25519, "Ed25519", out);
  if (id == object_ids::x25519) return parse_seed(read, KeyKind::x25519, "X25519", out);
  if (mldsa_size(id) != 0) return parse_mldsa_seed(read, out);
  return "x509: PKCS#8 wrapping contained private key with unknown algorithm: " + to_text(id);
}

}  // namespace lictor::builtins
