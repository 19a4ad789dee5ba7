// X.509 certificates and certificate requests. In: DER, which must outlive what is read. Out: their
// fields, as Go's crypto/x509 has them, or its words for what is wrong. certificate_json.cpp writes
// them, certificate_chain.cpp verifies them. Source: Go's crypto/x509, parser.go (1.27).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/uri.hpp"
#include "builtins/keys.hpp"

namespace lictor::builtins {

struct Octets {
  std::string_view bytes;
};

/// The value of an attribute of a name; monostate is null.
using AttributeValue = std::variant<std::monostate, std::string, std::int64_t, BitString, Octets,
                                    ObjectId, CivilTime, bool, RawAsn1>;

struct Attribute {
  ObjectId type;
  AttributeValue value;
};

/// A distinguished name: its attributes, and the known ones of them.
struct DistinguishedName {
  std::vector<Attribute> attributes;
  std::vector<std::string> country, organization, organizational_unit, locality, province,
      street_address, postal_code;
  std::string serial_number, common_name;
};

struct Extension {
  ObjectId id;
  bool critical = false;
  std::string_view value;
};

struct AlternativeNames {
  std::vector<std::string> dns, emails;
  std::vector<std::string_view> addresses;  // of 4 or 16 bytes
  std::vector<Uri> uris;
};

struct AddressRange {
  std::string_view address, mask;
};

/// What a name constraint permits or excludes.
struct Subtrees {
  std::vector<std::string> dns, emails, uri_domains;
  std::vector<AddressRange> ranges;
};

struct PolicyMapping {
  std::string_view issuer, subject;  // contents of object identifiers
};

/// Numbers of Go's enumerations.
enum class SignatureKind : std::uint8_t {
  unknown,
  md2_rsa,
  md5_rsa,
  sha1_rsa,
  sha256_rsa,
  sha384_rsa,
  sha512_rsa,
  dsa_sha1,
  dsa_sha256,
  ecdsa_sha1,
  ecdsa_sha256,
  ecdsa_sha384,
  ecdsa_sha512,
  sha256_rsa_pss,
  sha384_rsa_pss,
  sha512_rsa_pss,
  ed25519,
  mldsa44,
  mldsa65,
  mldsa87
};
enum class PublicKeyKind : std::uint8_t { unknown, rsa, dsa, ecdsa, ed25519, mldsa };

/// What certificates and requests share.
struct SignedSubject {
  std::string_view raw, raw_tbs, raw_public_key_info, raw_subject, raw_signature_algorithm;
  std::string signature;
  SignatureKind signature_kind = SignatureKind::unknown;
  PublicKeyKind public_key_kind = PublicKeyKind::unknown;
  Key public_key;
  std::int64_t version = 0;
  DistinguishedName subject;
  std::vector<Extension> extensions;
  AlternativeNames names;
};

struct Certificate : SignedSubject {
  std::string_view raw_issuer;
  std::string_view serial_number;  // two's complement
  DistinguishedName issuer;
  CivilTime not_before, not_after;
  int key_usage = 0;
  std::vector<ObjectId> unhandled_critical_extensions;
  std::vector<int> extended_key_usage;  // numbers of extended_key_usages
  std::vector<ObjectId> unknown_extended_key_usage;
  bool basic_constraints_valid = false, is_ca = false, max_path_length_zero = false;
  std::int64_t max_path_length = 0;
  std::optional<std::string_view> subject_key_id, authority_key_id;
  std::vector<std::string> ocsp_servers, issuing_certificate_urls, crl_distribution_points;
  Subtrees permitted, excluded;
  bool permitted_dns_critical = false;
  std::optional<std::vector<ObjectId>> policy_ids;  // those whose parts are small
  std::vector<std::string_view> policies;           // contents of object identifiers
  std::vector<PolicyMapping> policy_mappings;
  std::int64_t inhibit_any_policy = 0, inhibit_policy_mapping = 0, require_explicit_policy = 0;
  bool inhibit_any_policy_zero = false, inhibit_policy_mapping_zero = false,
       require_explicit_policy_zero = false;
};

/// The attributes of a request that are sets of names' attributes.
struct RequestAttribute {
  ObjectId type;
  std::vector<std::vector<Attribute>> values;
};

struct CertificateRequest : SignedSubject {
  std::vector<RequestAttribute> attributes;
};

/// The one certificate that the bytes are.
Wrong parse_certificate(std::string_view der, Certificate& out);
/// Certificates one after the other.
Wrong parse_certificates(std::string_view der, std::vector<Certificate>& out);
Wrong parse_certificate_request(std::string_view der, CertificateRequest& out);

/// True for a domain name as Go demands one of names and constraints.
bool is_domain_name(std::string_view text, bool in_constraint);
/// A mailbox of RFC 2821.
struct Mailbox {
  std::string local, domain;
};
std::optional<Mailbox> parse_mailbox(std::string_view text);

}  // namespace lictor::builtins
