#include "builtins/go_asn1.hpp"

namespace lictor::builtins {
namespace {

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

constexpr int universal = 0, context_specific = 2;

std::string shown(bool value) { return value ? "true" : "false"; }

/// A field's marks, as Go prints their structure.
std::string shown(const Asn1Rule& rule) {
  std::string tag = rule.tag ? std::to_string(*rule.tag) : "<nil>";
  return "{optional:" + shown(rule.optional) + " explicit:" + shown(rule.is_explicit) +
         " application:false private:false defaultValue:<nil> tag:" + tag +
         " stringType:0 timeType:0 set:" + shown(rule.set) + " omitEmpty:false}";
}

}  // namespace

bool Asn1Reader::fail(std::string text) {
  if (!failed()) error_ = std::move(text);
  return false;
}

bool Asn1Reader::leave(const Asn1Reader& inner) {
  return inner.failed() ? fail(inner.error_) : !failed();
}

bool Asn1Reader::read_part(std::uint64_t& out) {
  constexpr std::size_t most_bytes = 5;
  out = 0;
  for (std::size_t i = 0; at_ < bytes_.size(); ++i) {
    if (i == most_bytes) return fail_structure("base 128 integer too large");
    std::uint8_t byte = byte_of(bytes_[at_]);
    if (i == 0 && byte == 0x80) return fail_syntax("integer is not minimally encoded");
    out = out << 7 | (byte & 0x7fu);
    ++at_;
    if ((byte & 0x80) != 0) continue;
    return out <= INT32_MAX || fail_structure("base 128 integer too large");
  }
  return fail_syntax("truncated base 128 integer");
}

bool Asn1Reader::read_length(Header& out) {
  if (at_ >= bytes_.size()) return fail_syntax("truncated tag or length");
  out.length = byte_of(bytes_[at_++]);
  if (out.length < 0x80) return true;
  std::size_t count = out.length & 0x7f;
  if (count == 0) return fail_syntax("indefinite length found (not DER)");
  out.length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (at_ >= bytes_.size()) return fail_syntax("truncated tag or length");
    if (out.length >= 1u << 23) return fail_structure("length too large");
    out.length = out.length << 8 | byte_of(bytes_[at_++]);
    if (out.length == 0) return fail_structure("superfluous leading zeros in length");
  }
  return out.length >= 0x80 || fail_structure("non-minimal length");
}

bool Asn1Reader::read_header(Header& out) {
  if (at_ >= bytes_.size()) return fail("asn1: internal error in parseTagAndLength");
  std::uint8_t byte = byte_of(bytes_[at_++]);
  out = {byte >> 6, byte & 0x1f, 0, (byte & 0x20) != 0};
  if (out.tag == 0x1f) {
    std::uint64_t tag = 0;
    if (!read_part(tag)) return false;
    if (tag < 0x1f) return fail_syntax("non-minimal tag");
    out.tag = static_cast<int>(tag);
  }
  return read_length(out);
}

/// Goes into an explicit tag; `absent` if the field is not there.
bool Asn1Reader::matches_explicit(Header& header, const Asn1Rule& rule, bool any, bool& absent) {
  if (at_ == bytes_.size()) return fail_structure("explicit tag has no child");
  bool matches = header.tag_class == context_specific && header.tag == *rule.tag &&
                 (header.length == 0 || header.compound);
  if (!matches) {
    absent = rule.optional;
    return absent || fail_structure("explicitly tagged member didn't match");
  }
  if (any) return true;
  if (header.length == 0) return fail_structure("zero length explicit tag was not an asn1.Flag");
  return read_header(header);
}

Asn1Reader::Found Asn1Reader::find(int universal_tag, bool compound, bool any, const char* type,
                                   const Asn1Rule& rule, Header& header, std::string_view& contents,
                                   std::string_view& full) {
  if (failed()) return Found::error;
  std::size_t start = at_;
  if (at_end()) {
    if (rule.optional) return Found::absent;
    fail_syntax("sequence truncated");
    return Found::error;
  }
  if (!read_header(header)) return Found::error;
  bool absent = false;
  if (rule.is_explicit && !matches_explicit(header, rule, any, absent)) return Found::error;
  if (absent) {
    at_ = start;
    return Found::absent;
  }
  bool implicit = rule.tag && !rule.is_explicit;
  int wanted_class = implicit ? context_specific : universal;
  int wanted_tag = implicit ? *rule.tag : rule.set ? 17 : universal_tag;
  bool other_tag = header.tag_class != wanted_class || header.tag != wanted_tag;
  if (((!any || implicit) && other_tag) || (!any && header.compound != compound)) {
    if (rule.optional) {
      at_ = start;
      return Found::absent;
    }
    fail_structure(
        "tags don't match (" + std::to_string(wanted_tag) +
        " vs {class:" + std::to_string(header.tag_class) + " tag:" + std::to_string(header.tag) +
        " length:" + std::to_string(header.length) + " isCompound:" + shown(header.compound) +
        "}) " + shown(rule) + " " + type + " @" + std::to_string(at_));
    return Found::error;
  }
  if (header.length > bytes_.size() - at_) {
    fail_syntax("data truncated");
    return Found::error;
  }
  contents = bytes_.substr(at_, header.length);
  at_ += header.length;
  full = bytes_.substr(start, at_ - start);
  return Found::element;
}

Asn1Reader::Found Asn1Reader::find(int universal_tag, const char* type, const Asn1Rule& rule,
                                   std::string_view& contents) {
  Header header;
  std::string_view full;
  return find(universal_tag, false, false, type, rule, header, contents, full);
}

bool Asn1Reader::read(RawAsn1& out, Asn1Rule rule) {
  Header header;
  std::string_view contents, full;
  Found found = find(-1, false, true, "RawValue", rule, header, contents, full);
  if (found == Found::element)
    out = {header.tag_class, header.tag, header.compound, contents, full};
  return found != Found::error;
}

bool Asn1Reader::read(ObjectId& out, Asn1Rule rule) {
  std::string_view contents;
  Found found = find(tag::object_id, "ObjectIdentifier", rule, contents);
  if (found != Found::element) return found == Found::absent;
  if (contents.empty()) return fail_syntax("zero length OBJECT IDENTIFIER");
  Asn1Reader parts(contents);
  std::uint64_t part = 0;
  out.clear();
  while (!parts.at_end() && parts.read_part(part)) {
    auto number = static_cast<std::uint32_t>(part);
    if (out.empty()) {
      out.push_back(std::min(number / 40, 2u));
      number -= out[0] * 40;
    }
    out.push_back(number);
  }
  return leave(parts);
}

bool Asn1Reader::read(BitString& out, Asn1Rule rule) {
  std::string_view contents;
  Found found = find(tag::bit_string, "BitString", rule, contents);
  if (found != Found::element) return found == Found::absent;
  if (contents.empty()) return fail_syntax("zero length BIT STRING");
  unsigned padding = byte_of(contents[0]);
  bool wrong = padding > 7 || (contents.size() == 1 && padding > 0) ||
               (byte_of(contents.back()) & ((1u << padding) - 1)) != 0;
  if (wrong) return fail_syntax("invalid padding bits in BIT STRING");
  out = {contents.substr(1), (contents.size() - 1) * 8 - padding};
  return true;
}

bool Asn1Reader::read(bool& out, Asn1Rule rule) {
  std::string_view contents;
  Found found = find(tag::boolean, "bool", rule, contents);
  if (found != Found::element) return found == Found::absent;
  bool valid = contents.size() == 1 && (contents[0] == 0 || byte_of(contents[0]) == 0xff);
  if (!valid) return fail_syntax("invalid boolean");
  out = contents[0] != 0;
  return true;
}

bool Asn1Reader::check_integer(std::string_view bytes) {
  if (bytes.empty()) return fail_structure("empty integer");
  if (bytes.size() > longest_integer_bytes) return fail_structure("integer too large");
  return is_minimal_integer(bytes) || fail_structure("integer not minimally-encoded");
}

bool Asn1Reader::read(std::int64_t& out, Asn1Rule rule) {
  std::string_view contents;
  Found found = find(tag::integer, "int", rule, contents);
  if (found != Found::element) return found == Found::absent;
  if (!check_integer(contents)) return false;
  if (contents.size() > sizeof out) return fail_structure("integer too large");
  out = signed_integer(contents);
  return true;
}

bool Asn1Reader::read_big(std::string_view& out, Asn1Rule rule) {
  std::string_view contents;
  Found found = find(tag::integer, "", rule, contents);
  if (found != Found::element) return found == Found::absent;
  out = contents;
  return check_integer(contents);
}

bool Asn1Reader::read_octets(std::string_view& out, Asn1Rule rule) {
  std::string_view contents;
  Found found = find(tag::octet_string, "", rule, contents);
  if (found == Found::element) out = contents;
  return found != Found::error;
}

bool Asn1Reader::enter(Asn1Reader& inner, const char* type, std::string_view* full, Asn1Rule rule) {
  Header header;
  std::string_view contents, whole;
  if (find(16, true, false, type, rule, header, contents, whole) != Found::element)
    return !failed();
  if (full) *full = whole;
  inner = Asn1Reader(contents);
  return true;
}

bool Asn1Reader::check_elements(std::uint8_t element_tag) {
  Asn1Reader elements(bytes_);
  while (!elements.at_end()) {
    Header header;
    if (!elements.read_header(header)) return fail(elements.error_);
    int tag = element_tag & 0x1f;
    bool compound = (element_tag & 0x20) != 0;
    bool matches = element_tag == 0 || (header.tag_class == universal &&
                                        header.compound == compound && header.tag == tag);
    if (!matches) return fail_structure("sequence tag mismatch");
    if (header.length > elements.bytes_.size() - elements.at_)
      return fail_syntax("truncated sequence");
    elements.at_ += header.length;
  }
  return true;
}

bool Asn1Reader::enter_list(Asn1Reader& inner, std::uint8_t element_tag, Asn1Rule rule,
                            bool* present) {
  Header header;
  std::string_view contents, full;
  Found found = find(16, true, false, "", rule, header, contents, full);
  if (present) *present = found == Found::element;
  if (found != Found::element) return found == Found::absent;
  inner = Asn1Reader(contents);
  return inner.check_elements(element_tag) || leave(inner);
}

}  // namespace lictor::builtins
