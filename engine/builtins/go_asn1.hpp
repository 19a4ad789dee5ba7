// ASN.1 as Go's encoding/asn1 reads it into structures, with its words for what is wrong. Keys and
// certificate requests are read so; certificates by der.hpp. In: the bytes of a structure. Out: its
// fields, one call each, in order. INVARIANT: after an error all calls fail, and error() stays.
// Source: Go's encoding/asn1 (1.27).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "builtins/der.hpp"

namespace lictor::builtins {

/// How a field of a structure is marked in Go.
struct Asn1Rule {
  bool optional = false;
  bool is_explicit = false;
  std::optional<int> tag = std::nullopt;
  bool set = false;
};

struct RawAsn1 {
  int tag_class = 0, tag = 0;
  bool compound = false;
  std::string_view bytes;
  std::string_view full_bytes;  // with the header; empty if the field is absent
};

class Asn1Reader {
 public:
  explicit Asn1Reader(std::string_view bytes) : bytes_(bytes) {}

  const std::string& error() const { return error_; }
  bool failed() const { return !error_.empty(); }
  bool at_end() const { return at_ == bytes_.size(); }
  std::string_view rest() const { return bytes_.substr(at_); }

  bool read(RawAsn1& out, Asn1Rule rule = {});
  bool read(ObjectId& out, Asn1Rule rule = {});
  bool read(BitString& out, Asn1Rule rule = {});
  bool read(bool& out, Asn1Rule rule = {});
  bool read(std::int64_t& out, Asn1Rule rule = {});
  /// The two's complement of an integer of any size; empty if it is absent.
  bool read_big(std::string_view& out, Asn1Rule rule = {});
  /// An octet string.
  bool read_octets(std::string_view& out, Asn1Rule rule = {});
  /// Enters a structure: its fields are read from `inner`, which leave() then closes. `full` is the
  /// structure with its header.
  bool enter(Asn1Reader& inner, const char* type, std::string_view* full = nullptr,
             Asn1Rule rule = {});
  /// Enters a list, whose elements must have the tag of the kind; any, if it is 0. They are checked
  /// before the first is read.
  bool enter_list(Asn1Reader& inner, std::uint8_t element_tag, Asn1Rule rule = {},
                  bool* present = nullptr);
  /// Takes the error of a part that has been read.
  bool leave(const Asn1Reader& inner);
  bool fail_syntax(const std::string& text) { return fail("asn1: syntax error: " + text); }
  bool fail_structure(const std::string& text) { return fail("asn1: structure error: " + text); }
  bool fail(std::string text);

 private:
  struct Header {
    int tag_class = 0, tag = 0;
    std::size_t length = 0;
    bool compound = false;
  };
  enum class Found : std::uint8_t { element, absent, error };

  bool read_header(Header& out);
  bool read_part(std::uint64_t& out);
  bool read_length(Header& out);
  /// Finds the field's element: its contents, its header, and all of it.
  Found find(int universal_tag, bool compound, bool any, const char* type, const Asn1Rule& rule,
             Header& header, std::string_view& contents, std::string_view& full);
  bool matches_explicit(Header& header, const Asn1Rule& rule, bool any, bool& absent);
  Found find(int universal_tag, const char* type, const Asn1Rule& rule, std::string_view& contents);
  bool check_integer(std::string_view bytes);
  bool check_elements(std::uint8_t element_tag);

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string error_;
};

}  // namespace lictor::builtins
