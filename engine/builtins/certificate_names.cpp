// The names in certificates: distinguished names, alternative names, name constraints, domain names
// and mailboxes.
#include "builtins/certificate_parts.hpp"

#include <algorithm>

#include "base/go_address.hpp"
#include "base/hex.hpp"
#include "base/unicode.hpp"

namespace lictor::builtins {
namespace {

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

bool is_printable_character(char c) {
  constexpr std::string_view marks = " :=?*&'()+,-./";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

bool is_numeric_character(char c) { return (c >= '0' && c <= '9') || c == ' '; }

std::string latin1_to_utf8(std::string_view bytes) {
  std::string out;
  for (char c : bytes) append_rune(out, byte_of(c));
  return out;
}

/// Text of 16-bit characters without surrogates.
Wrong read_bmp_string(std::string_view bytes, std::string& out) {
  if (bytes.size() % 2 != 0) return "invalid BMPString";
  if (bytes.ends_with(std::string_view("\0\0", 2))) bytes.remove_suffix(2);
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    auto code = static_cast<char32_t>(byte_of(bytes[i]) << 8 | byte_of(bytes[i + 1]));
    bool reserved =
        code >= 0xfffe || (code >= 0xfdd0 && code <= 0xfdef) || (code >= 0xd800 && code <= 0xdfff);
    if (reserved) return "invalid BMPString";
    append_rune(out, code);
  }
  return "";
}

Wrong read_text(std::uint8_t tag, std::string_view bytes, std::string& out) {
  if (tag == tag::t61_string) {
    out = latin1_to_utf8(bytes);
    return "";
  }
  if (tag == tag::bmp_string) return read_bmp_string(bytes, out);
  out = bytes;
  switch (tag) {
    case tag::printable_string:
      return std::all_of(bytes.begin(), bytes.end(), is_printable_character)
                 ? ""
                 : "invalid PrintableString";
    case tag::utf8_string:
      return valid_utf8(bytes) ? "" : "invalid UTF-8 string";
    case tag::ia5_string:
      return is_ascii(bytes) ? "" : "invalid IA5String";
    default:
      return std::all_of(bytes.begin(), bytes.end(), is_numeric_character)
                 ? ""
                 : "invalid NumericString";
  }
}

bool is_text_tag(std::uint8_t tag) {
  return tag == tag::t61_string || tag == tag::printable_string || tag == tag::utf8_string ||
         tag == tag::bmp_string || tag == tag::ia5_string || tag == tag::numeric_string;
}

/// Reads one element with a function of Der's.
template <typename T>
Wrong read_element(Der element, bool (Der::*read)(T&), const char* name, AttributeValue& out) {
  T value{};
  if (!(element.*read)(value)) return "invalid ASN.1 " + std::string(name);
  out = value;
  return "";
}

Wrong read_time_value(Der element, AttributeValue& out) {
  CivilTime time;
  Wrong wrong = read_der_time(element, time);
  if (wrong.empty()) out = time;
  return wrong;
}

Wrong read_other_value(Der element, std::uint8_t tag, std::string_view full, AttributeValue& out) {
  RawAsn1 raw{tag >> 6, tag & 0x1f, (tag & 0x20) != 0, {}, full};
  element.read_any(raw.bytes, tag);
  out = raw;
  return "";
}

bool read_integer(Der& element, std::int64_t& out) { return element.read_int64(out); }

Wrong read_value(Der& from, AttributeValue& out) {
  std::string_view full, contents;
  std::uint8_t tag = 0;
  if (!from.read_any_element(full, tag)) return "invalid ASN.1 element";
  Der element(full);
  if (is_text_tag(tag)) {
    std::string text;
    element.read(tag, contents);
    Wrong wrong = read_text(tag, contents, text);
    out = std::move(text);
    return wrong;
  }
  switch (tag) {
    case tag::integer: {
      std::int64_t integer = 0;
      bool read = read_integer(element, integer);
      out = integer;
      return read ? "" : "invalid ASN.1 integer";
    }
    case tag::bit_string:
      return read_element(element, &Der::read_bit_string, "BIT STRING", out);
    case tag::octet_string:
      element.read(tag, contents);
      out = Octets{contents};
      return "";
    case tag::object_id:
      return read_element(element, &Der::read_object_id, "OBJECT IDENTIFIER", out);
    case tag::utc_time:
    case tag::generalized_time:
      return read_time_value(element, out);
    case tag::boolean:
      return read_element(element, &Der::read_boolean, "BOOLEAN", out);
    case tag::null:
      out = std::monostate();
      return "";
    default:
      return read_other_value(element, tag, full, out);
  }
}

/// The part of a name that an attribute of that number is; null for others.
std::vector<std::string>* list_of(DistinguishedName& name, std::uint32_t number) {
  switch (number) {
    case 6:
      return &name.country;
    case 7:
      return &name.locality;
    case 8:
      return &name.province;
    case 9:
      return &name.street_address;
    case 10:
      return &name.organization;
    case 11:
      return &name.organizational_unit;
    case 17:
      return &name.postal_code;
    default:
      return nullptr;
  }
}

void add_attribute(DistinguishedName& name, Attribute attribute) {
  const ObjectId& type = attribute.type;
  const auto* text = std::get_if<std::string>(&attribute.value);
  bool known = text && type.size() == 4 && type[0] == 2 && type[1] == 5 && type[2] == 4;
  if (known && type[3] == 3) name.common_name = *text;
  if (known && type[3] == 5) name.serial_number = *text;
  std::vector<std::string>* list = known ? list_of(name, type[3]) : nullptr;
  if (list) list->push_back(*text);
  name.attributes.push_back(std::move(attribute));
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

bool is_mapped_address(std::string_view bytes) {
  constexpr std::string_view prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return bytes.size() == 16 && bytes.starts_with(prefix);
}

Wrong add_uri(std::string_view text, AlternativeNames& out) {
  if (!is_ascii(text)) return "x509: SAN uniformResourceIdentifier is malformed";
  try {
    Uri uri = parse_uri(text);
    if (!uri.host.empty() && !is_domain_name(uri.host, false))
      return "x509: cannot parse URI " + in_quotes(text) + ": invalid domain";
    out.uris.push_back(std::move(uri));
    return "";
  } catch (const UriError& wrong) {
    return "x509: cannot parse URI " + in_quotes(text) + ": " + wrong.text;
  }
}

Wrong add_address(std::string_view bytes, AlternativeNames& out) {
  if (bytes.size() != 4 && bytes.size() != 16)
    return "x509: cannot parse IP address of length " + std::to_string(bytes.size());
  if (is_mapped_address(bytes)) return "x509: SAN iPAddress contains IPv4-mapped IPv6 address";
  out.addresses.push_back(bytes);
  return "";
}

Wrong add_alternative_name(std::uint8_t tag, std::string_view bytes, AlternativeNames& out) {
  switch (tag ^ 0x80) {
    case 1:
      if (!is_ascii(bytes)) return "x509: SAN rfc822Name is malformed";
      out.emails.emplace_back(bytes);
      return "";
    case 2:
      if (!is_ascii(bytes)) return "x509: SAN dNSName is malformed";
      out.dns.emplace_back(bytes);
      return "";
    case 6:
      return add_uri(bytes, out);
    case 7:
      return add_address(bytes, out);
    default:
      return "";
  }
}

/// Bits that are set, then bits that are not.
bool is_mask(std::string_view mask) {
  bool zeros = false;
  for (char c : mask) {
    unsigned byte = byte_of(c);
    if (zeros ? byte != 0 : (((byte ^ 0xff) + 1) & (byte ^ 0xff)) != 0) return false;
    zeros = byte != 0xff;
  }
  return true;
}

Wrong not_ascii(std::string_view text) {
  return "x509: invalid constraint value: x509: " + in_quotes(text) +
         " cannot be encoded as an IA5String";
}

Wrong add_range(std::string_view bytes, Subtrees& out) {
  if (bytes.size() != 8 && bytes.size() != 32)
    return "x509: IP constraint contained value of length " + std::to_string(bytes.size());
  AddressRange range{bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2)};
  if (!is_mask(range.mask))
    return "x509: IP constraint contained invalid mask " + hex_text(range.mask);
  if (is_mapped_address(range.address))
    return "x509: IP constraint contained IPv4-mapped IPv6 address";
  out.ranges.push_back(range);
  return "";
}

Wrong add_email_constraint(std::string_view text, Subtrees& out) {
  bool valid = text.find('@') != std::string_view::npos ? parse_mailbox(text).has_value()
                                                        : is_domain_name(text, true);
  if (!valid) return "x509: failed to parse rfc822Name constraint " + in_quotes(text);
  out.emails.emplace_back(text);
  return "";
}

Wrong add_uri_constraint(std::string_view text, Subtrees& out) {
  std::string wrong = "x509: failed to parse URI constraint " + in_quotes(text);
  if (text.find('%') == std::string_view::npos && address_error(text).empty())
    return wrong + ": cannot be IP address";
  if (!is_domain_name(text, true)) return wrong;
  out.uri_domains.emplace_back(text);
  return "";
}

Wrong add_dns_constraint(std::string_view text, Subtrees& out) {
  if (!is_domain_name(text, true))
    return "x509: failed to parse dnsName constraint " + in_quotes(text);
  out.dns.emplace_back(text);
  return "";
}

Wrong add_constraint(std::uint8_t tag, std::string_view value, Subtrees& out, bool& unhandled) {
  if (tag == tag::context(7)) return add_range(value, out);
  bool text = tag == tag::context(1) || tag == tag::context(2) || tag == tag::context(6);
  if (!text) {
    unhandled = true;
    return "";
  }
  if (!is_ascii(value)) return not_ascii(value);
  if (tag == tag::context(1)) return add_email_constraint(value, out);
  return tag == tag::context(2) ? add_dns_constraint(value, out) : add_uri_constraint(value, out);
}

Wrong read_subtrees(Der from, Subtrees& out, bool& unhandled) {
  while (!from.empty()) {
    Der subtree;
    std::string_view value;
    std::uint8_t tag = 0;
    if (!from.read(tag::sequence, subtree) || !subtree.read_any(value, tag))
      return "x509: invalid NameConstraints extension";
    Wrong wrong = add_constraint(tag, value, out, unhandled);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

bool is_mailbox_character(char c) {
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~.";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

/// Characters between the quotes of a mailbox, other than quotes and backslashes.
bool is_quoted_character(char c) {
  unsigned byte = byte_of(c);
  return byte != 0 && byte < 0x80 && byte != 9 && byte != 10 && byte != 13;
}

/// Takes the quoted local part of a mailbox off the text, whose quote has been read.
bool take_quoted(std::string_view& text, std::string& out) {
  while (!text.empty()) {
    char c = text[0];
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c == '\\') {
      if (text.empty()) return false;
      c = text[0];
      if (c != '\t' && !is_quoted_character(c)) return false;
      text.remove_prefix(1);
    } else if (!is_quoted_character(c)) {
      return false;
    }
    out += c;
  }
  return false;
}

/// Takes a local part without quotes; after a backslash, any character is part of it.
bool take_atoms(std::string_view& text, std::string& out) {
  while (!text.empty()) {
    if (text[0] == '\\') {
      text.remove_prefix(1);
      if (text.empty()) return false;
    } else if (!is_mailbox_character(text[0])) {
      break;
    }
    out += text[0];
    text.remove_prefix(1);
  }
  return !out.empty() && out.front() != '.' && out.back() != '.' &&
         out.find("..") == std::string::npos;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return byte_of(c) < 0x80; });
}

Wrong read_der_time(Der& from, CivilTime& out) {
  if (from.next_is(tag::utc_time)) return from.read_utc_time(out) ? "" : "x509: malformed UTCTime";
  if (from.next_is(tag::generalized_time))
    return from.read_generalized_time(out) ? "" : "x509: malformed GeneralizedTime";
  return "x509: unsupported time format";
}

bool is_plain_value(int tag) {
  auto byte = static_cast<std::uint8_t>(tag);
  return is_text_tag(byte) || byte == tag::integer || byte == tag::bit_string ||
         byte == tag::octet_string || byte == tag::object_id || byte == tag::utc_time ||
         byte == tag::generalized_time || byte == tag::boolean;
}

Wrong read_attribute_value(Der from, AttributeValue& out) { return read_value(from, out); }

Wrong read_name(std::string_view der, DistinguishedName& out) {
  Der outer(der), sets;
  if (!outer.read(tag::sequence, sets)) return "x509: invalid RDNSequence";
  while (!sets.empty()) {
    Der set;
    if (!sets.read(tag::set, set)) return "x509: invalid RDNSequence";
    while (!set.empty()) {
      Der fields;
      Attribute attribute;
      if (!set.read(tag::sequence, fields)) return "x509: invalid RDNSequence: invalid attribute";
      if (!fields.read_object_id(attribute.type))
        return "x509: invalid RDNSequence: invalid attribute type";
      Wrong wrong = read_value(fields, attribute.value);
      if (!wrong.empty()) return "x509: invalid RDNSequence: invalid attribute value: " + wrong;
      add_attribute(out, std::move(attribute));
    }
  }
  return "";
}

Wrong read_alternative_names(std::string_view der, AlternativeNames& out) {
  Der outer(der), names;
  if (!outer.read(tag::sequence, names)) return "x509: invalid subject alternative names";
  while (!names.empty()) {
    std::string_view bytes;
    std::uint8_t tag = 0;
    if (!names.read_any(bytes, tag)) return "x509: invalid subject alternative name";
    Wrong wrong = add_alternative_name(tag, bytes, out);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

Wrong read_name_constraints(std::string_view der, Subtrees& permitted, Subtrees& excluded,
                            bool& unhandled) {
  Der outer(der), fields, permitted_part, excluded_part;
  bool has_permitted = false, has_excluded = false;
  bool read = outer.read(tag::sequence, fields) && outer.empty() &&
              fields.read_optional(tag::context_constructed(0), permitted_part, has_permitted) &&
              fields.read_optional(tag::context_constructed(1), excluded_part, has_excluded) &&
              fields.empty();
  if (!read) return "x509: invalid NameConstraints extension";
  if (permitted_part.empty() && excluded_part.empty())
    return "x509: empty name constraints extension";
  Wrong wrong = read_subtrees(permitted_part, permitted, unhandled);
  return wrong.empty() ? read_subtrees(excluded_part, excluded, unhandled) : wrong;
}

bool is_domain_name(std::string_view text, bool in_constraint) {
  if (text.empty()) return true;
  if (text.back() == '.') return false;
  if (in_constraint && text[0] == '.') text.remove_prefix(1);
  char before = '.';
  for (char c : text) {
    if (c < 33 || c > 126 || (c == '.' && before == '.')) return false;
    before = c;
  }
  return before != '.';
}

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  Mailbox out;
  bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  if (!(quoted ? take_quoted(text, out.local) : take_atoms(text, out.local))) return std::nullopt;
  if (!text.starts_with('@')) return std::nullopt;
  text.remove_prefix(1);
  if (!is_domain_name(text, false) || text.find('@') != std::string_view::npos) return std::nullopt;
  out.domain = text;
  return out;
}

}  // namespace lictor::builtins
