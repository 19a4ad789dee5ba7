// DER elements, read as Go's cryptobyte reads them: a certificate is taken or refused byte by byte
// as there. In: bytes, which must outlive what is read. Out: views into them; each read_* is false
// where the next element is not of that form, and what it has read then is of no use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "builtins/go_time.hpp"

namespace lictor::builtins {

using ObjectId = std::vector<std::uint32_t>;

/// "1.2.840".
std::string to_text(const ObjectId& id);

struct BitString {
  std::string_view bytes;
  std::size_t bits = 0;

  bool at(std::size_t index) const;
  /// The bytes, shifted so that the last bit is the lowest one.
  std::string right_aligned() const;
};

namespace tag {
constexpr std::uint8_t boolean = 1, integer = 2, bit_string = 3, octet_string = 4, null = 5,
                       object_id = 6, utf8_string = 12, sequence = 0x30, set = 0x31,
                       numeric_string = 18, printable_string = 19, t61_string = 20, ia5_string = 22,
                       utc_time = 23, generalized_time = 24, bmp_string = 30;
constexpr std::uint8_t context(unsigned number) { return static_cast<std::uint8_t>(0x80 | number); }
constexpr std::uint8_t context_constructed(unsigned number) {
  return static_cast<std::uint8_t>(0xa0 | number);
}
}  // namespace tag

class Der {
 public:
  Der() = default;
  explicit Der(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  bool next_is(std::uint8_t tag) const {
    return !bytes_.empty() && static_cast<std::uint8_t>(bytes_[0]) == tag;
  }

  /// Any element: its contents, or with its header.
  bool read_any(std::string_view& contents, std::uint8_t& tag);
  bool read_any_element(std::string_view& element, std::uint8_t& tag);

  bool read(std::uint8_t tag, std::string_view& contents);
  bool read(std::uint8_t tag, Der& contents);
  bool read_element(std::uint8_t tag, std::string_view& element);
  /// As read(), if there is an element of that tag.
  bool read_optional(std::uint8_t tag, Der& contents, bool& present);
  bool skip_optional(std::uint8_t tag);

  bool read_boolean(bool& out);
  /// The two's complement of an integer that is encoded minimally.
  bool read_integer_bytes(std::string_view& out, std::uint8_t as = tag::integer);
  bool read_int64(std::int64_t& out, std::uint8_t as = tag::integer);
  bool read_bit_string(BitString& out);
  bool read_object_id(ObjectId& out);
  bool read_utc_time(CivilTime& out);
  bool read_generalized_time(CivilTime& out);

 private:
  bool split(std::string_view& element, std::size_t& header, std::uint8_t& tag);

  std::string_view bytes_;
};

/// The parts of an object identifier's contents; false if they are not encoded minimally.
bool read_object_id_parts(std::string_view contents, ObjectId& out);

/// The contents of an object identifier as text, whatever the size of its parts.
std::string object_id_text(std::string_view contents);

/// Longer integers are not read: nothing else bounds the time that their decimal digits take.
inline constexpr std::size_t longest_integer_bytes = std::size_t{128} << 10;

/// True for the contents of an integer that is encoded minimally.
bool is_minimal_integer(std::string_view bytes);
/// The value of a two's complement of up to eight bytes.
std::int64_t signed_integer(std::string_view bytes);
/// True for a negative two's complement; it is not empty.
inline bool is_negative(std::string_view bytes) { return (bytes[0] & 0x80) != 0; }
/// A number that is not negative, without zeros ahead; empty for zero.
std::string_view without_zeros(std::string_view bytes);
/// A two's complement in decimal digits.
std::string integer_text(std::string_view bytes);
/// As above, of a number that is not negative.
std::string unsigned_text(std::string_view bytes);

}  // namespace lictor::builtins
