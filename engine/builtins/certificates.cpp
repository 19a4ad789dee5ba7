#include "builtins/certificates.hpp"

#include <algorithm>
#include <set>

#include "builtins/certificate_parts.hpp"

namespace lictor::builtins {
namespace {

constexpr std::string_view null_parameters("\x05\x00", 2);

struct KnownSignature {
  ObjectId id;
  SignatureKind kind;
};

const std::vector<KnownSignature>& known_signatures() {
  using enum SignatureKind;
  static const std::vector<KnownSignature> known = {
      {{1, 2, 840, 113549, 1, 1, 4}, md5_rsa},
      {{1, 2, 840, 113549, 1, 1, 5}, sha1_rsa},
      {{1, 3, 14, 3, 2, 29}, sha1_rsa},
      {{1, 2, 840, 113549, 1, 1, 11}, sha256_rsa},
      {{1, 2, 840, 113549, 1, 1, 12}, sha384_rsa},
      {{1, 2, 840, 113549, 1, 1, 13}, sha512_rsa},
      {{1, 2, 840, 10040, 4, 3}, dsa_sha1},
      {{2, 16, 840, 1, 101, 3, 4, 3, 2}, dsa_sha256},
      {{1, 2, 840, 10045, 4, 1}, ecdsa_sha1},
      {{1, 2, 840, 10045, 4, 3, 2}, ecdsa_sha256},
      {{1, 2, 840, 10045, 4, 3, 3}, ecdsa_sha384},
      {{1, 2, 840, 10045, 4, 3, 4}, ecdsa_sha512},
      {object_ids::ed25519, SignatureKind::ed25519},
      {object_ids::mldsa44, SignatureKind::mldsa44},
      {object_ids::mldsa65, SignatureKind::mldsa65},
      {object_ids::mldsa87, SignatureKind::mldsa87},
  };
  return known;
}

bool has_default_parameters(const AlgorithmId& algorithm) {
  return algorithm.parameters.empty() || algorithm.parameters == null_parameters;
}

/// The parameters of PSS, as far as they must be one of three sets.
SignatureKind pss_kind(std::string_view parameters) {
  static const ObjectId mgf1{1, 2, 840, 113549, 1, 1, 8};
  static const ObjectId sha256{2, 16, 840, 1, 101, 3, 4, 2, 1};
  static const ObjectId sha384{2, 16, 840, 1, 101, 3, 4, 2, 2};
  static const ObjectId sha512{2, 16, 840, 1, 101, 3, 4, 2, 3};
  Asn1Reader outer(parameters), fields("");
  AlgorithmId hash, mask, mask_hash;
  std::int64_t salt = 0, trailer = 1;
  auto marked = [](int tag) { return Asn1Rule{.is_explicit = true, .tag = tag}; };
  Asn1Rule optional_trailer{.optional = true, .is_explicit = true, .tag = 3};
  bool read = outer.enter(fields, "") && read_algorithm_id(fields, hash, marked(0)) &&
              read_algorithm_id(fields, mask, marked(1)) && fields.read(salt, marked(2)) &&
              fields.read(trailer, optional_trailer);
  Asn1Reader of_mask(mask.parameters);
  if (!read || !read_algorithm_id(of_mask, mask_hash)) return SignatureKind::unknown;
  if (!has_default_parameters(hash) || mask.id != mgf1 || mask_hash.id != hash.id ||
      !has_default_parameters(mask_hash) || trailer != 1)
    return SignatureKind::unknown;
  if (hash.id == sha256 && salt == 32) return SignatureKind::sha256_rsa_pss;
  if (hash.id == sha384 && salt == 48) return SignatureKind::sha384_rsa_pss;
  if (hash.id == sha512 && salt == 64) return SignatureKind::sha512_rsa_pss;
  return SignatureKind::unknown;
}

SignatureKind signature_kind(const AlgorithmId& algorithm) {
  static const ObjectId pss{1, 2, 840, 113549, 1, 1, 10};
  if (algorithm.id == pss) return pss_kind(algorithm.parameters);
  for (const KnownSignature& known : known_signatures()) {
    if (known.id != algorithm.id) continue;
    bool takes_parameters =
        known.kind != SignatureKind::ed25519 && known.kind < SignatureKind::mldsa44;
    return takes_parameters || algorithm.parameters.empty() ? known.kind : SignatureKind::unknown;
  }
  return SignatureKind::unknown;
}

PublicKeyKind public_key_kind(const ObjectId& id) {
  if (id == object_ids::rsa) return PublicKeyKind::rsa;
  if (id == object_ids::dsa) return PublicKeyKind::dsa;
  if (id == object_ids::ecdsa) return PublicKeyKind::ecdsa;
  if (id == object_ids::ed25519) return PublicKeyKind::ed25519;
  bool mldsa = id == object_ids::mldsa44 || id == object_ids::mldsa65 || id == object_ids::mldsa87;
  return mldsa ? PublicKeyKind::mldsa : PublicKeyKind::unknown;
}

Wrong read_algorithm(Der from, AlgorithmId& out) {
  if (!from.read_object_id(out.id)) return "x509: malformed OID";
  std::uint8_t tag = 0;
  if (!from.empty() && !from.read_any_element(out.parameters, tag))
    return "x509: malformed parameters";
  return "";
}

Wrong read_extension(Der from, Extension& out) {
  if (!from.read_object_id(out.id)) return "x509: malformed extension OID field";
  if (from.next_is(tag::boolean) && !from.read_boolean(out.critical))
    return "x509: malformed extension critical field";
  return from.read(tag::octet_string, out.value) ? "" : "x509: malformed extension value field";
}

/// What is known of each extension. INVARIANT: a certificate has each extension once.
class ExtensionReader {
 public:
  explicit ExtensionReader(Certificate& out) : out_(out) {}

  Wrong run() {
    for (const Extension& extension : out_.extensions) {
      unhandled_ = false;
      Wrong wrong = read(extension);
      if (!wrong.empty()) return wrong;
      if (extension.critical && unhandled_)
        out_.unhandled_critical_extensions.push_back(extension.id);
    }
    return "";
  }

 private:
  Wrong read(const Extension& extension) {
    static const ObjectId authority_access{1, 3, 6, 1, 5, 5, 7, 1, 1};
    const ObjectId& id = extension.id;
    if (id == authority_access) return authority_information(extension);
    bool known = id.size() == 4 && id[0] == 2 && id[1] == 5 && id[2] == 29;
    return read(known ? id[3] : 0, extension);
  }

  Wrong read(std::uint32_t number, const Extension& extension) {
    Der value(extension.value);
    switch (number) {
      case 14:
        return subject_key(extension);
      case 15:
        return key_usage(value);
      case 17:
        return alternative_names(extension.value);
      case 19:
        return basic_constraints(value);
      case 30:
        out_.permitted_dns_critical = extension.critical;
        return read_name_constraints(extension.value, out_.permitted, out_.excluded, unhandled_);
      case 31:
        return distribution_points(value);
      case 32:
        return policies(value);
      case 33:
        return policy_mappings(value);
      case 35:
        return authority_key(extension);
      case 36:
        return policy_constraints(value);
      case 37:
        return extended_key_usage(value);
      case 54:
        if (!value.read_int64(out_.inhibit_any_policy))
          return "x509: invalid inhibit any policy extension";
        out_.inhibit_any_policy_zero = out_.inhibit_any_policy == 0;
        return "";
      default:
        unhandled_ = true;
        return "";
    }
  }

  Wrong subject_key(const Extension& extension) {
    if (extension.critical) return "x509: subject key identifier incorrectly marked critical";
    std::string_view id;
    if (!Der(extension.value).read(tag::octet_string, id))
      return "x509: invalid subject key identifier";
    out_.subject_key_id = id;
    return "";
  }

  Wrong authority_key(const Extension& extension) {
    if (extension.critical) return "x509: authority key identifier incorrectly marked critical";
    Der fields;
    if (!Der(extension.value).read(tag::sequence, fields))
      return "x509: invalid authority key identifier";
    if (!fields.next_is(tag::context(0))) return "";
    std::string_view id;
    if (!fields.read(tag::context(0), id)) return "x509: invalid authority key identifier";
    out_.authority_key_id = id;
    return "";
  }

  Wrong key_usage(Der value) {
    BitString bits;
    if (!value.read_bit_string(bits)) return "x509: invalid key usage";
    constexpr std::size_t usages = 9;
    for (std::size_t i = 0; i < usages; ++i)
      if (bits.at(i)) out_.key_usage |= 1 << i;
    return "";
  }

  Wrong alternative_names(std::string_view value) {
    Wrong wrong = read_alternative_names(value, out_.names);
    const AlternativeNames& names = out_.names;
    unhandled_ =
        names.dns.empty() && names.emails.empty() && names.addresses.empty() && names.uris.empty();
    return wrong;
  }

  Wrong basic_constraints(Der value) {
    constexpr const char* invalid = "x509: invalid basic constraints";
    Der fields;
    if (!value.read(tag::sequence, fields)) return invalid;
    if (fields.next_is(tag::boolean) && !fields.read_boolean(out_.is_ca)) return invalid;
    out_.max_path_length = -1;
    if (fields.next_is(tag::integer) &&
        (!fields.read_int64(out_.max_path_length) || out_.max_path_length < 0))
      return invalid;
    out_.basic_constraints_valid = true;
    out_.max_path_length_zero = out_.max_path_length == 0;
    return "";
  }

  Wrong distribution_points(Der value) {
    constexpr const char* invalid = "x509: invalid CRL distribution point";
    Der points;
    if (!value.read(tag::sequence, points)) return "x509: invalid CRL distribution points";
    while (!points.empty()) {
      Der point, name, full_name;
      bool present = false;
      if (!points.read(tag::sequence, point) ||
          !point.read_optional(tag::context_constructed(0), name, present))
        return invalid;
      if (!present) continue;
      if (!name.read(tag::context_constructed(0), full_name)) return invalid;
      while (full_name.next_is(tag::context(6))) {
        std::string_view uri;
        if (!full_name.read(tag::context(6), uri)) return invalid;
        out_.crl_distribution_points.emplace_back(uri);
      }
    }
    return "";
  }

  Wrong policies(Der value) {
    constexpr const char* invalid = "x509: invalid certificate policies";
    Der policies;
    if (!value.read(tag::sequence, policies)) return invalid;
    out_.policy_ids.emplace();
    std::set<std::string_view> seen;
    while (!policies.empty()) {
      Der policy;
      std::string_view id;
      if (!policies.read(tag::sequence, policy) || !policy.read(tag::object_id, id) ||
          !seen.insert(id).second || !is_object_id(id))
        return invalid;
      out_.policies.push_back(id);
      ObjectId parts;
      if (read_small_parts(id, parts)) out_.policy_ids->push_back(std::move(parts));
    }
    return "";
  }

  /// True for parts that are encoded minimally, of any size.
  static bool is_object_id(std::string_view contents) {
    bool start = true;
    for (char c : contents) {
      auto byte = static_cast<std::uint8_t>(c);
      if (start && byte == 0x80) return false;
      start = (byte & 0x80) == 0;
    }
    return !contents.empty() && contents.size() <= longest_integer_bytes && start;
  }

  /// The parts, if all of them have up to 31 bits.
  static bool read_small_parts(std::string_view contents, ObjectId& out) {
    std::uint64_t part = 0;
    for (char c : contents) {
      if (part >= 1u << 24) return false;
      part = part << 7 | (static_cast<std::uint8_t>(c) & 0x7fu);
      if ((c & 0x80) != 0) continue;
      auto number = static_cast<std::uint32_t>(part);
      if (out.empty()) {
        out.push_back(std::min(number / 40, 2u));
        number -= out[0] * 40;
      }
      out.push_back(number);
      part = 0;
    }
    return true;
  }

  static bool is_too_long(const PolicyMapping& mapping) {
    return std::max(mapping.issuer.size(), mapping.subject.size()) > longest_integer_bytes;
  }

  Wrong policy_mappings(Der value) {
    constexpr const char* invalid = "x509: invalid policy mappings extension";
    Der mappings;
    if (!value.read(tag::sequence, mappings)) return invalid;
    while (!mappings.empty()) {
      Der fields;
      PolicyMapping mapping;
      if (!mappings.read(tag::sequence, fields) || !fields.read(tag::object_id, mapping.issuer) ||
          !fields.read(tag::object_id, mapping.subject) || is_too_long(mapping))
        return invalid;
      out_.policy_mappings.push_back(mapping);
    }
    return "";
  }

  Wrong policy_constraints(Der value) {
    constexpr const char* invalid = "x509: invalid policy constraints extension";
    Der fields;
    if (!value.read(tag::sequence, fields)) return invalid;
    if (fields.next_is(tag::context(0))) {
      if (!fields.read_int64(out_.require_explicit_policy, tag::context(0))) return invalid;
      out_.require_explicit_policy_zero = out_.require_explicit_policy == 0;
    }
    if (fields.next_is(tag::context(1))) {
      if (!fields.read_int64(out_.inhibit_policy_mapping, tag::context(1))) return invalid;
      out_.inhibit_policy_mapping_zero = out_.inhibit_policy_mapping == 0;
    }
    return "";
  }

  Wrong extended_key_usage(Der value) {
    constexpr const char* invalid = "x509: invalid extended key usages";
    Der usages;
    if (!value.read(tag::sequence, usages)) return invalid;
    while (!usages.empty()) {
      ObjectId usage;
      if (!usages.read_object_id(usage)) return invalid;
      int number = extended_key_usage_number(usage);
      if (number >= 0) {
        out_.extended_key_usage.push_back(number);
      } else {
        out_.unknown_extended_key_usage.push_back(std::move(usage));
      }
    }
    return "";
  }

  static int extended_key_usage_number(const ObjectId& id) {
    static const std::vector<ObjectId> known = {
        {2, 5, 29, 37, 0},
        {1, 3, 6, 1, 5, 5, 7, 3, 1},
        {1, 3, 6, 1, 5, 5, 7, 3, 2},
        {1, 3, 6, 1, 5, 5, 7, 3, 3},
        {1, 3, 6, 1, 5, 5, 7, 3, 4},
        {1, 3, 6, 1, 5, 5, 7, 3, 5},
        {1, 3, 6, 1, 5, 5, 7, 3, 6},
        {1, 3, 6, 1, 5, 5, 7, 3, 7},
        {1, 3, 6, 1, 5, 5, 7, 3, 8},
        {1, 3, 6, 1, 5, 5, 7, 3, 9},
        {1, 3, 6, 1, 4, 1, 311, 10, 3, 3},
        {2, 16, 840, 1, 113730, 4, 1},
        {1, 3, 6, 1, 4, 1, 311, 2, 1, 22},
        {1, 3, 6, 1, 4, 1, 311, 61, 1, 1},
    };
    auto found = std::find(known.begin(), known.end(), id);
    return found == known.end() ? -1 : static_cast<int>(found - known.begin());
  }

  Wrong authority_information(const Extension& extension) {
    static const ObjectId ocsp{1, 3, 6, 1, 5, 5, 7, 48, 1}, issuers{1, 3, 6, 1, 5, 5, 7, 48, 2};
    constexpr const char* invalid = "x509: invalid authority info access";
    if (extension.critical) return "x509: authority info access incorrectly marked critical";
    Der accesses;
    if (!Der(extension.value).read(tag::sequence, accesses)) return invalid;
    while (!accesses.empty()) {
      Der access;
      ObjectId method;
      if (!accesses.read(tag::sequence, access) || !access.read_object_id(method)) return invalid;
      if (!access.next_is(tag::context(6))) continue;
      std::string_view uri;
      if (!access.read(tag::context(6), uri)) return invalid;
      if (method == ocsp) out_.ocsp_servers.emplace_back(uri);
      if (method == issuers) out_.issuing_certificate_urls.emplace_back(uri);
    }
    return "";
  }

  Certificate& out_;
  bool unhandled_ = false;
};

/// Reads the fields of a certificate in their order; the first that is wrong ends it.
class CertificateReader {
 public:
  CertificateReader(std::string_view der, Certificate& out) : der_(der), out_(out) {}

  Wrong run() {
    Wrong wrong = open();
    for (auto step : {&CertificateReader::read_version, &CertificateReader::read_serial,
                      &CertificateReader::read_signature_algorithm, &CertificateReader::read_issuer,
                      &CertificateReader::read_validity, &CertificateReader::read_subject,
                      &CertificateReader::read_public_key, &CertificateReader::read_extensions,
                      &CertificateReader::read_signature})
      if (wrong.empty()) wrong = (this->*step)();
    return wrong;
  }

 private:
  Wrong open() {
    if (!Der(der_).read_element(tag::sequence, out_.raw)) return "x509: malformed certificate";
    Der(out_.raw).read(tag::sequence, outer_);
    if (!outer_.read_element(tag::sequence, out_.raw_tbs)) return "x509: malformed tbs certificate";
    Der(out_.raw_tbs).read(tag::sequence, fields_);
    return "";
  }

  Wrong read_version() {
    Der version;
    bool present = false;
    bool read = fields_.read_optional(tag::context_constructed(0), version, present) &&
                (!present || (version.read_int64(out_.version) && version.empty()));
    if (!read || out_.version < 0) return "x509: malformed version";
    constexpr std::int64_t latest = 2;
    if (out_.version > latest) return "x509: invalid version";
    ++out_.version;
    return "";
  }

  Wrong read_serial() {
    if (!fields_.read_integer_bytes(out_.serial_number)) return "x509: malformed serial number";
    return is_negative(out_.serial_number) ? "x509: negative serial number" : "";
  }

  Wrong read_signature_algorithm() {
    Der inner, outer;
    if (!fields_.read_element(tag::sequence, out_.raw_signature_algorithm))
      return "x509: malformed signature algorithm identifier";
    Der(out_.raw_signature_algorithm).read(tag::sequence, inner);
    if (!outer_.read(tag::sequence, outer)) return "x509: malformed algorithm identifier";
    if (inner.bytes() != outer.bytes())
      return "x509: inner and outer signature algorithm identifiers don't match";
    AlgorithmId algorithm;
    Wrong wrong = read_algorithm(inner, algorithm);
    if (wrong.empty()) out_.signature_kind = signature_kind(algorithm);
    return wrong;
  }

  Wrong read_issuer() {
    if (!fields_.read_element(tag::sequence, out_.raw_issuer)) return "x509: malformed issuer";
    return read_name(out_.raw_issuer, out_.issuer);
  }

  Wrong read_validity() {
    Der times;
    if (!fields_.read(tag::sequence, times)) return "x509: malformed validity";
    Wrong wrong = read_der_time(times, out_.not_before);
    return wrong.empty() ? read_der_time(times, out_.not_after) : wrong;
  }

  Wrong read_subject() {
    if (!fields_.read_element(tag::sequence, out_.raw_subject)) return "x509: malformed issuer";
    return read_name(out_.raw_subject, out_.subject);
  }

  Wrong read_public_key() {
    if (!fields_.read_element(tag::sequence, out_.raw_public_key_info))
      return "x509: malformed spki";
    Der info, identifier;
    Der(out_.raw_public_key_info).read(tag::sequence, info);
    if (!info.read(tag::sequence, identifier))
      return "x509: malformed public key algorithm identifier";
    AlgorithmId algorithm;
    Wrong wrong = read_algorithm(identifier, algorithm);
    if (!wrong.empty()) return wrong;
    out_.public_key_kind = public_key_kind(algorithm.id);
    BitString key;
    if (!info.read_bit_string(key)) return "x509: malformed subjectPublicKey";
    if (out_.public_key_kind == PublicKeyKind::unknown) return "";
    return parse_public_key(algorithm, key, out_.public_key);
  }

  Wrong read_extensions() {
    if (out_.version == 1) return "";
    if (!fields_.skip_optional(tag::context(1))) return "x509: malformed issuerUniqueID";
    if (!fields_.skip_optional(tag::context(2))) return "x509: malformed subjectUniqueID";
    if (out_.version == 2) return "";
    Der outer, extensions;
    bool present = false;
    if (!fields_.read_optional(tag::context_constructed(3), outer, present))
      return "x509: malformed extensions";
    if (!present) return "";
    if (!outer.read(tag::sequence, extensions)) return "x509: malformed extensions";
    Wrong wrong = collect_extensions(extensions);
    return wrong.empty() ? ExtensionReader(out_).run() : wrong;
  }

  Wrong collect_extensions(Der from) {
    std::set<ObjectId> seen;
    while (!from.empty()) {
      Der fields;
      Extension extension;
      if (!from.read(tag::sequence, fields)) return "x509: malformed extension";
      Wrong wrong = read_extension(fields, extension);
      if (!wrong.empty()) return wrong;
      if (!seen.insert(extension.id).second)
        return "x509: certificate contains duplicate extension with OID \"" +
               to_text(extension.id) + "\"";
      out_.extensions.push_back(std::move(extension));
    }
    return "";
  }

  Wrong read_signature() {
    BitString bits;
    if (!outer_.read_bit_string(bits)) return "x509: malformed signature";
    out_.signature = bits.right_aligned();
    return "";
  }

  std::string_view der_;
  Certificate& out_;
  Der outer_, fields_;
};

/// The value of an element of any type; null for types that Go does not know there.
bool read_asn1_value(Asn1Reader& from, AttributeValue& out) {
  RawAsn1 raw;
  if (!from.read(raw)) return false;
  out = std::monostate();
  bool known = !raw.compound && raw.tag_class == 0 && is_plain_value(raw.tag);
  return !known || read_attribute_value(Der(raw.full_bytes), out).empty();
}

bool read_attribute(Asn1Reader& from, Attribute& out) {
  Asn1Reader fields("");
  if (!from.enter(fields, "AttributeTypeAndValue")) return false;
  return (fields.read(out.type) && read_asn1_value(fields, out.value)) || from.leave(fields);
}

bool read_attribute_set(Asn1Reader& from, RequestAttribute& out) {
  Asn1Reader fields(""), sets("");
  if (!from.enter(fields, "AttributeTypeAndValueSET") || !fields.read(out.type) ||
      !fields.enter_list(sets, tag::sequence, {.set = true}))
    return false;
  while (!sets.at_end()) {
    Asn1Reader set("");
    if (!sets.enter_list(set, tag::sequence)) return false;
    std::vector<Attribute>& attributes = out.values.emplace_back();
    while (!set.at_end())
      if (!read_attribute(set, attributes.emplace_back())) return false;
  }
  return true;
}

class RequestReader {
 public:
  RequestReader(std::string_view der, CertificateRequest& out) : der_(der), out_(out) {}

  Wrong run() {
    Asn1Reader reader(der_);
    if (!read_request(reader)) return reader.error();
    if (!reader.at_end()) return "asn1: syntax error: trailing data";
    for (const RawAsn1& attribute : attributes_) add_attribute(attribute);
    return finish();
  }

 private:
  bool read_request(Asn1Reader& from) {
    Asn1Reader fields(""), algorithm("");
    RawAsn1 parameters;
    if (!from.enter(fields, "certificateRequest", &out_.raw)) return false;
    bool read = read_info(fields) && fields.enter(algorithm, "", &out_.raw_signature_algorithm);
    if (!read) return from.leave(fields);
    AlgorithmId id;
    if (!algorithm.read(id.id) || !algorithm.read(parameters, {.optional = true}))
      return from.leave(algorithm);
    id.parameters = parameters.full_bytes;
    out_.signature_kind = signature_kind(id);
    BitString signature;
    if (!fields.read(signature)) return from.leave(fields);
    out_.signature = signature.right_aligned();
    return true;
  }

  bool read_info(Asn1Reader& from) {
    Asn1Reader fields(""), attributes("");
    RawAsn1 subject;
    if (!from.enter(fields, "tbsCertificateRequest", &out_.raw_tbs)) return false;
    bool read = fields.read(out_.version) && fields.read(subject) &&
                read_public_key_info(fields, key_) && fields.enter_list(attributes, 0, {.tag = 0});
    while (read && !attributes.at_end()) {
      RawAsn1 attribute;
      if (!attributes.read(attribute)) return from.leave(attributes);
      attributes_.push_back(attribute);
    }
    out_.raw_subject = subject.full_bytes;
    out_.raw_public_key_info = key_.raw;
    return read || from.leave(fields);
  }

  /// Attributes of another form are left out.
  void add_attribute(const RawAsn1& raw) {
    Asn1Reader reader(raw.full_bytes);
    RequestAttribute attribute;
    if (read_attribute_set(reader, attribute) && reader.at_end())
      out_.attributes.push_back(std::move(attribute));
  }

  Wrong finish() {
    out_.public_key_kind = public_key_kind(key_.algorithm.id);
    Wrong wrong;
    if (out_.public_key_kind != PublicKeyKind::unknown)
      wrong = parse_public_key(key_.algorithm, key_.key, out_.public_key);
    if (wrong.empty()) wrong = read_name(out_.raw_subject, out_.subject);
    for (std::size_t i = 0; wrong.empty() && i < attributes_.size(); ++i)
      wrong = read_requested(attributes_[i]);
    static const ObjectId alternative_names{2, 5, 29, 17};
    for (const Extension& extension : out_.extensions) {
      if (wrong.empty() && extension.id == alternative_names) {
        out_.names = {};
        wrong = read_alternative_names(extension.value, out_.names);
      }
    }
    return wrong;
  }

  /// Adds the extensions of an attribute that requests some.
  Wrong read_requested(const RawAsn1& raw) {
    static const ObjectId extension_request{1, 2, 840, 113549, 1, 9, 14};
    Asn1Reader reader(raw.full_bytes), fields(""), values("");
    ObjectId id;
    RawAsn1 first;
    bool read = reader.enter(fields, "") && fields.read(id) &&
                fields.enter_list(values, 0, {.set = true}) && reader.at_end() &&
                !values.at_end() && values.read(first);
    if (!read || id != extension_request) return "";
    Asn1Reader outer(first.full_bytes);
    std::vector<Extension> extensions;
    return read_extensions(outer, extensions) ? add_extensions(extensions) : outer.error();
  }

  bool read_extensions(Asn1Reader& outer, std::vector<Extension>& out) {
    Asn1Reader list("");
    if (!outer.enter_list(list, tag::sequence)) return false;
    while (!list.at_end()) {
      Asn1Reader fields("");
      Extension& extension = out.emplace_back();
      bool read = list.enter(fields, "Extension") && fields.read(extension.id) &&
                  fields.read(extension.critical, {.optional = true}) &&
                  fields.read_octets(extension.value);
      if (!read) return list.leave(fields) || outer.leave(list);
    }
    return true;
  }

  Wrong add_extensions(std::vector<Extension>& extensions) {
    for (Extension& extension : extensions) {
      if (!seen_.insert(extension.id).second)
        return "x509: certificate request contains duplicate requested extensions";
      out_.extensions.push_back(std::move(extension));
    }
    return "";
  }

  std::string_view der_;
  CertificateRequest& out_;
  PublicKeyInfo key_;
  std::vector<RawAsn1> attributes_;
  std::set<ObjectId> seen_;
};

}  // namespace

Wrong parse_certificate(std::string_view der, Certificate& out) {
  Wrong wrong = CertificateReader(der, out).run();
  if (wrong.empty() && out.raw.size() != der.size()) return "x509: trailing data";
  return wrong;
}

Wrong parse_certificates(std::string_view der, std::vector<Certificate>& out) {
  while (!der.empty()) {
    Wrong wrong = CertificateReader(der, out.emplace_back()).run();
    if (!wrong.empty()) return wrong;
    der.remove_prefix(out.back().raw.size());
  }
  return "";
}

Wrong parse_certificate_request(std::string_view der, CertificateRequest& out) {
  return RequestReader(der, out).run();
}

}  // namespace lictor::builtins
