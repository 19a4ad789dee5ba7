#include "builtins/certificate_json.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/unicode.hpp"
#include "builtins/network_text.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor::builtins {
namespace {

/// A list of what `make` makes of each item; null for an empty one, as Go's nil slices.
template <typename Items, typename Make>
Value list_of(Arena& arena, const Items& items, Make make) {
  if (items.empty()) return Value::null();
  ArenaVector<Value> out(arena, items.size());
  for (const auto& item : items) out.push_back(make(item));
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

/// Go prints no offsets of a day or more.
bool is_printable(const CivilTime& time) {
  constexpr int day = 86400;
  return time.offset > -day && time.offset < day;
}

bool is_printable(const std::vector<Attribute>& attributes) {
  return std::all_of(attributes.begin(), attributes.end(), [](const Attribute& attribute) {
    const auto* time = std::get_if<CivilTime>(&attribute.value);
    return time == nullptr || is_printable(*time);
  });
}

Wrong fault_of_time(bool printable) {
  if (printable) return "";
  return "json: error calling MarshalJSON for type *time.Time: timezone hour outside of range "
         "[0,23]";
}

class Writer {
 public:
  explicit Writer(Arena& arena) : arena_(arena) {}

  Value text(std::string_view text) const { return make_string(arena_, repair_utf8(text)); }
  Value base64(std::string_view bytes) const { return base64_value(arena_, bytes); }
  Value optional_base64(const std::optional<std::string_view>& bytes) const {
    return bytes ? base64(*bytes) : Value::null();
  }
  Value texts(const std::vector<std::string>& texts) const {
    return list_of(arena_, texts, [&](const std::string& one) { return text(one); });
  }
  Value number(std::string_view text) const { return make_number(arena_, text); }
  /// A number that is not negative, big-endian.
  Value unsigned_number(std::string_view bytes) const { return number(unsigned_text(bytes)); }

  Value object_id(const ObjectId& id) const {
    return list_of(arena_, id, [](std::uint32_t part) { return Value::integer(part); });
  }
  Value object_ids(const std::vector<ObjectId>& ids) const {
    return list_of(arena_, ids, [&](const ObjectId& id) { return object_id(id); });
  }

  Value time(const CivilTime& time) const {
    return text(format_time("2006-01-02T15:04:05Z07:00", time));
  }

  Value attribute_value(const AttributeValue& value) const {
    struct Visitor {
      const Writer& writer;
      Value operator()(std::monostate) const { return Value::null(); }
      Value operator()(const std::string& text) const { return writer.text(text); }
      Value operator()(std::int64_t number) const { return Value::integer(number); }
      Value operator()(const BitString& bits) const { return writer.bit_string(bits); }
      Value operator()(const Octets& octets) const { return writer.base64(octets.bytes); }
      Value operator()(const ObjectId& id) const { return writer.object_id(id); }
      Value operator()(const CivilTime& time) const { return writer.time(time); }
      Value operator()(bool value) const { return Value::boolean(value); }
      Value operator()(const RawAsn1& raw) const { return writer.raw(raw); }
    };
    return std::visit(Visitor{*this}, value);
  }

  Value bit_string(const BitString& bits) const {
    return ObjectFields(arena_)
        .add("Bytes", base64(bits.bytes))
        .add("BitLength", Value::integer(static_cast<std::int64_t>(bits.bits)))
        .value();
  }

  Value raw(const RawAsn1& raw) const {
    return ObjectFields(arena_)
        .add("Class", Value::integer(raw.tag_class))
        .add("Tag", Value::integer(raw.tag))
        .add("IsCompound", Value::boolean(raw.compound))
        .add("Bytes", base64(raw.bytes))
        .add("FullBytes", base64(raw.full_bytes))
        .value();
  }

  Value attribute(const Attribute& attribute) const {
    return ObjectFields(arena_)
        .add("Type", object_id(attribute.type))
        .add("Value", attribute_value(attribute.value))
        .value();
  }
  Value attributes(const std::vector<Attribute>& attributes) const {
    return list_of(arena_, attributes, [&](const Attribute& one) { return attribute(one); });
  }

  Value name(const DistinguishedName& name) const {
    return ObjectFields(arena_)
        .add("Country", texts(name.country))
        .add("Organization", texts(name.organization))
        .add("OrganizationalUnit", texts(name.organizational_unit))
        .add("Locality", texts(name.locality))
        .add("Province", texts(name.province))
        .add("StreetAddress", texts(name.street_address))
        .add("PostalCode", texts(name.postal_code))
        .add("SerialNumber", text(name.serial_number))
        .add("CommonName", text(name.common_name))
        .add("Names", attributes(name.attributes))
        .add("ExtraNames", Value::null())
        .value();
  }

  Value extensions(const std::vector<Extension>& extensions) const {
    return list_of(arena_, extensions, [&](const Extension& extension) {
      return ObjectFields(arena_)
          .add("Id", object_id(extension.id))
          .add("Critical", Value::boolean(extension.critical))
          .add("Value", base64(extension.value))
          .value();
    });
  }

  Value uri(const Uri& uri) const {
    bool omits_host = !uri.scheme.empty() && !uri.has_authority && uri.opaque.empty() &&
                      uri.path.starts_with('/');
    return ObjectFields(arena_)
        .add("Scheme", text(uri.scheme))
        .add("Opaque", text(uri.opaque))
        .add("User", uri.user ? ObjectFields(arena_).value() : Value::null())
        .add("Host", text(uri.host))
        .add("Path", text(uri.path))
        .add("RawPath", text(uri.path_hint))
        .add("OmitHost", Value::boolean(omits_host))
        .add("ForceQuery", Value::boolean(uri.has_query && uri.query.empty()))
        .add("RawQuery", text(uri.query))
        .add("Fragment", text(uri.fragment))
        .add("RawFragment", text(uri.fragment_hint))
        .value();
  }

  Value address(std::string_view bytes) const { return text(address_text(bytes)); }

  Value ranges(const std::vector<AddressRange>& ranges) const {
    return list_of(arena_, ranges, [&](const AddressRange& range) {
      return ObjectFields(arena_)
          .add("IP", address(range.address))
          .add("Mask", base64(range.mask))
          .value();
    });
  }

  Value public_key(const Key& key) const {
    switch (key.kind) {
      case KeyKind::rsa:
        return ObjectFields(arena_)
            .add("N", unsigned_number(key.n))
            .add("E", Value::integer(key.e))
            .value();
      case KeyKind::ec:
        return point(key).value();
      case KeyKind::ed25519:
        return base64(key.bytes);
      case KeyKind::dsa:
        return ObjectFields(arena_)
            .add("P", unsigned_number(key.dsa_p))
            .add("Q", unsigned_number(key.dsa_q))
            .add("G", unsigned_number(key.dsa_g))
            .add("Y", unsigned_number(key.dsa_y))
            .value();
      case KeyKind::mldsa:
      case KeyKind::x25519:
        return ObjectFields(arena_).value();
      default:
        return Value::null();
    }
  }

  ObjectFields point(const Key& key) const {
    ObjectFields out(arena_);
    out.add("Curve", ObjectFields(arena_).value())
        .add("X", unsigned_number(key.x))
        .add("Y", unsigned_number(key.y));
    return out;
  }

  /// The fields that certificates and requests have in common.
  void add_subject(ObjectFields& out, const SignedSubject& of) const {
    auto alternative = [&](const AlternativeNames& names) {
      out.add("DNSNames", texts(names.dns))
          .add("EmailAddresses", texts(names.emails))
          .add("IPAddresses", list_of(arena_, names.addresses,
                                      [&](std::string_view bytes) { return address(bytes); }))
          .add("URIs", list_of(arena_, names.uris, [&](const Uri& one) { return uri(one); }));
    };
    out.add("Raw", base64(of.raw))
        .add("RawSubjectPublicKeyInfo", base64(of.raw_public_key_info))
        .add("RawSubject", base64(of.raw_subject))
        .add("RawSignatureAlgorithm", base64(of.raw_signature_algorithm))
        .add("Signature", base64(of.signature))
        .add("SignatureAlgorithm", Value::integer(static_cast<int>(of.signature_kind)))
        .add("PublicKeyAlgorithm", Value::integer(static_cast<int>(of.public_key_kind)))
        .add("PublicKey", public_key(of.public_key))
        .add("Version", Value::integer(of.version))
        .add("Subject", name(of.subject))
        .add("Extensions", extensions(of.extensions))
        .add("ExtraExtensions", Value::null());
    alternative(of.names);
  }

  void add_constraints(ObjectFields& out, const Certificate& of) const {
    out.add("PermittedDNSDomainsCritical", Value::boolean(of.permitted_dns_critical))
        .add("PermittedDNSDomains", texts(of.permitted.dns))
        .add("ExcludedDNSDomains", texts(of.excluded.dns))
        .add("PermittedIPRanges", ranges(of.permitted.ranges))
        .add("ExcludedIPRanges", ranges(of.excluded.ranges))
        .add("PermittedEmailAddresses", texts(of.permitted.emails))
        .add("ExcludedEmailAddresses", texts(of.excluded.emails))
        .add("PermittedURIDomains", texts(of.permitted.uri_domains))
        .add("ExcludedURIDomains", texts(of.excluded.uri_domains));
  }

  void add_policies(ObjectFields& out, const Certificate& of) const {
    auto id_text = [&](std::string_view contents) { return text(object_id_text(contents)); };
    Value none = Value::array(nullptr, 0);
    out.add("PolicyIdentifiers", !of.policy_ids           ? Value::null()
                                 : of.policy_ids->empty() ? none
                                                          : object_ids(*of.policy_ids))
        .add("Policies", list_of(arena_, of.policies, id_text))
        .add("PolicyMappings", list_of(arena_, of.policy_mappings,
                                       [&](const PolicyMapping& mapping) {
                                         return ObjectFields(arena_)
                                             .add("IssuerDomainPolicy", id_text(mapping.issuer))
                                             .add("SubjectDomainPolicy", id_text(mapping.subject))
                                             .value();
                                       }))
        .add("InhibitAnyPolicy", Value::integer(of.inhibit_any_policy))
        .add("InhibitAnyPolicyZero", Value::boolean(of.inhibit_any_policy_zero))
        .add("InhibitPolicyMapping", Value::integer(of.inhibit_policy_mapping))
        .add("InhibitPolicyMappingZero", Value::boolean(of.inhibit_policy_mapping_zero))
        .add("RequireExplicitPolicy", Value::integer(of.require_explicit_policy))
        .add("RequireExplicitPolicyZero", Value::boolean(of.require_explicit_policy_zero));
  }

  Value certificate(const Certificate& of, bool with_uri_strings) const {
    ObjectFields out(arena_);
    add_subject(out, of);
    out.add("RawTBSCertificate", base64(of.raw_tbs))
        .add("RawIssuer", base64(of.raw_issuer))
        .add("SerialNumber", number(integer_text(of.serial_number)))
        .add("Issuer", name(of.issuer))
        .add("NotBefore", time(of.not_before))
        .add("NotAfter", time(of.not_after))
        .add("KeyUsage", Value::integer(of.key_usage))
        .add("UnhandledCriticalExtensions", object_ids(of.unhandled_critical_extensions))
        .add("ExtKeyUsage", list_of(arena_, of.extended_key_usage,
                                    [](int usage) { return Value::integer(usage); }))
        .add("UnknownExtKeyUsage", object_ids(of.unknown_extended_key_usage))
        .add("BasicConstraintsValid", Value::boolean(of.basic_constraints_valid))
        .add("IsCA", Value::boolean(of.is_ca))
        .add("MaxPathLen", Value::integer(of.max_path_length))
        .add("MaxPathLenZero", Value::boolean(of.max_path_length_zero))
        .add("SubjectKeyId", optional_base64(of.subject_key_id))
        .add("AuthorityKeyId", optional_base64(of.authority_key_id))
        .add("OCSPServer", texts(of.ocsp_servers))
        .add("IssuingCertificateURL", texts(of.issuing_certificate_urls))
        .add("CRLDistributionPoints", texts(of.crl_distribution_points));
    add_constraints(out, of);
    add_policies(out, of);
    if (with_uri_strings)
      out.add("URIStrings",
              list_of(arena_, of.names.uris, [&](const Uri& uri) { return text(to_text(uri)); }));
    return out.value();
  }

  Value request(const CertificateRequest& of) const {
    ObjectFields out(arena_);
    add_subject(out, of);
    auto set = [&](const std::vector<Attribute>& set) {
      Value list = attributes(set);
      return set.empty() ? Value::array(nullptr, 0) : list;
    };
    auto attribute = [&](const RequestAttribute& attribute) {
      Value sets = list_of(arena_, attribute.values, set);
      return ObjectFields(arena_)
          .add("Type", object_id(attribute.type))
          .add("Value", attribute.values.empty() ? Value::array(nullptr, 0) : sets)
          .value();
    };
    return out.add("RawTBSCertificateRequest", base64(of.raw_tbs))
        .add("Attributes", list_of(arena_, of.attributes, attribute))
        .value();
  }

  Value private_key(const Key& key) const {
    switch (key.kind) {
      case KeyKind::rsa:
        return rsa_private_key(key);
      case KeyKind::ec:
        return point(key).add("D", unsigned_number(key.d)).value();
      case KeyKind::ed25519:
        return base64(key.seed + key.bytes);
      default:
        return ObjectFields(arena_).value();
    }
  }

  Value rsa_private_key(const Key& key) const {
    auto value = [&](const RsaCrtValue& of) {
      return ObjectFields(arena_)
          .add("Exp", unsigned_number(of.exponent))
          .add("Coeff", unsigned_number(of.coefficient))
          .add("R", unsigned_number(of.product))
          .value();
    };
    Value values = list_of(arena_, key.crt_values, value);
    Value precomputed =
        ObjectFields(arena_)
            .add("Dp", unsigned_number(key.dp))
            .add("Dq", unsigned_number(key.dq))
            .add("Qinv", unsigned_number(key.qinv))
            .add("CRTValues", values.is(Kind::null_value) ? Value::array(nullptr, 0) : values)
            .value();
    return ObjectFields(arena_)
        .add("N", unsigned_number(key.n))
        .add("E", Value::integer(key.e))
        .add("D", unsigned_number(key.d))
        .add("Primes", list_of(arena_, key.primes,
                               [&](const std::string& prime) { return unsigned_number(prime); }))
        .add("Precomputed", precomputed)
        .value();
  }

 private:
  Arena& arena_;
};

}  // namespace

Wrong json_fault(const Certificate& certificate) {
  Wrong wrong = fault_of_time(
      is_printable(certificate.not_before) && is_printable(certificate.not_after) &&
      is_printable(certificate.issuer.attributes) && is_printable(certificate.subject.attributes));
  return wrong.empty() ? "" : "ast: interface conversion: " + wrong;
}

Wrong json_fault(const CertificateRequest& request) {
  bool printable = is_printable(request.subject.attributes);
  for (const RequestAttribute& attribute : request.attributes)
    for (const std::vector<Attribute>& set : attribute.values)
      printable = printable && is_printable(set);
  return fault_of_time(printable);
}

Value base64_value(Arena& arena, std::string_view bytes) {
  return Value::utf8_string(arena.copy(encode_base64(bytes, base64_standard, true)));
}

Value certificate_value(Arena& arena, const Certificate& certificate, bool with_uri_strings) {
  return Writer(arena).certificate(certificate, with_uri_strings);
}

Value request_value(Arena& arena, const CertificateRequest& request) {
  return Writer(arena).request(request);
}

Value private_key_value(Arena& arena, const Key& key) { return Writer(arena).private_key(key); }

}  // namespace lictor::builtins
