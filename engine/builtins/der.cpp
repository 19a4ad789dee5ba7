#include "builtins/der.hpp"

#include "value/number.hpp"

namespace lictor::builtins {
namespace {

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

/// Takes one part of an object identifier, in base 128.
bool take_part(std::string_view& bytes, std::uint32_t& out) {
  constexpr std::size_t most_bytes = 5;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == most_bytes || value >= 1u << 24) return false;
    std::uint8_t byte = byte_of(bytes[i]);
    if (i == 0 && byte == 0x80) return false;
    value = value << 7 | (byte & 0x7fu);
    if ((byte & 0x80) != 0) continue;
    out = static_cast<std::uint32_t>(value);
    bytes.remove_prefix(i + 1);
    return true;
  }
  return false;
}

/// Reads a time that its layout writes in the same way.
bool read_time(std::string_view layout, std::string_view text, CivilTime& out) {
  CivilTime time;
  if (!parse_time(layout, text, time).empty() || format_time(layout, time) != text) return false;
  out = time;
  return true;
}

BigInt unsigned_integer(std::string_view bytes) {
  BigInt out;
  const auto* first = reinterpret_cast<const unsigned char*>(bytes.data());
  boost::multiprecision::import_bits(out, first, first + bytes.size());
  return out;
}

/// The digits of a number that is not negative, by halves, as those of a long one would take time
/// that grows with the square of its length.
std::string decimal_text(const BigInt& number) {
  constexpr unsigned few_bits = 8192;
  if (number.is_zero() || msb(number) < few_bits) return number.str();
  constexpr double digits_of_bit = 0.30103;
  auto digits = static_cast<unsigned>(digits_of_bit * static_cast<double>(msb(number)) / 2);
  BigInt high, low;
  divide_qr(number, boost::multiprecision::pow(BigInt(10), digits), high, low);
  std::string end = decimal_text(low);
  return decimal_text(high) + std::string(digits - end.size(), '0') + end;
}

}  // namespace

std::string to_text(const ObjectId& id) {
  std::string out;
  for (std::uint32_t part : id) out += (out.empty() ? "" : ".") + std::to_string(part);
  return out;
}

bool BitString::at(std::size_t index) const {
  return index < bits && (byte_of(bytes[index / 8]) >> (7 - index % 8) & 1) != 0;
}

std::string BitString::right_aligned() const {
  std::string out(bytes);
  std::size_t shift = (8 - bits % 8) % 8;
  if (shift == 0) return out;
  unsigned before = 0;
  for (char& c : out) {
    unsigned byte = byte_of(c);
    c = static_cast<char>(before << (8 - shift) | byte >> shift);
    before = byte;
  }
  return out;
}

bool Der::split(std::string_view& element, std::size_t& header, std::uint8_t& tag) {
  if (bytes_.size() < 2) return false;
  tag = byte_of(bytes_[0]);
  if ((tag & 0x1f) == 0x1f) return false;  // a tag of more bytes
  std::uint64_t size = byte_of(bytes_[1]);
  header = 2;
  if (size >= 0x80) {
    std::size_t count = size & 0x7f;
    if (count == 0 || count > 4 || bytes_.size() < 2 + count) return false;
    size = 0;
    for (std::size_t i = 0; i < count; ++i) size = size << 8 | byte_of(bytes_[2 + i]);
    if (size < 0x80 || size >> ((count - 1) * 8) == 0) return false;  // it has a shorter form
    header += count;
  }
  if (header + size > bytes_.size()) return false;
  element = bytes_.substr(0, header + size);
  bytes_.remove_prefix(element.size());
  return true;
}

bool Der::read_any_element(std::string_view& element, std::uint8_t& tag) {
  std::size_t header = 0;
  return split(element, header, tag);
}

bool Der::read_any(std::string_view& contents, std::uint8_t& tag) {
  std::size_t header = 0;
  if (!split(contents, header, tag)) return false;
  contents.remove_prefix(header);
  return true;
}

bool Der::read(std::uint8_t wanted, std::string_view& contents) {
  std::uint8_t tag = 0;
  return read_any(contents, tag) && tag == wanted;
}

bool Der::read(std::uint8_t wanted, Der& contents) {
  std::string_view bytes;
  if (!read(wanted, bytes)) return false;
  contents = Der(bytes);
  return true;
}

bool Der::read_element(std::uint8_t wanted, std::string_view& element) {
  std::uint8_t tag = 0;
  return read_any_element(element, tag) && tag == wanted;
}

bool Der::read_optional(std::uint8_t wanted, Der& contents, bool& present) {
  present = next_is(wanted);
  return !present || read(wanted, contents);
}

bool Der::skip_optional(std::uint8_t wanted) {
  Der skipped;
  bool present = false;
  return read_optional(wanted, skipped, present);
}

bool Der::read_boolean(bool& out) {
  std::string_view bytes;
  if (!read(tag::boolean, bytes) || bytes.size() != 1) return false;
  out = byte_of(bytes[0]) == 0xff;
  return out || bytes[0] == 0;
}

bool Der::read_integer_bytes(std::string_view& out, std::uint8_t as) {
  return read(as, out) && is_minimal_integer(out) && out.size() <= longest_integer_bytes;
}

bool Der::read_int64(std::int64_t& out, std::uint8_t as) {
  std::string_view bytes;
  if (!read_integer_bytes(bytes, as) || bytes.size() > sizeof out) return false;
  out = signed_integer(bytes);
  return true;
}

bool Der::read_bit_string(BitString& out) {
  std::string_view bytes;
  if (!read(tag::bit_string, bytes) || bytes.empty()) return false;
  unsigned padding = byte_of(bytes[0]);
  bytes.remove_prefix(1);
  if (padding > 7 || (bytes.empty() && padding != 0)) return false;
  if (!bytes.empty() && (byte_of(bytes.back()) & ((1u << padding) - 1)) != 0) return false;
  out = {bytes, bytes.size() * 8 - padding};
  return true;
}

bool Der::read_object_id(ObjectId& out) {
  std::string_view bytes;
  return read(tag::object_id, bytes) && read_object_id_parts(bytes, out);
}

bool Der::read_utc_time(CivilTime& out) {
  std::string_view text;
  if (!read(tag::utc_time, text)) return false;
  if (!read_time("060102150405Z0700", text, out) && !read_time("0601021504Z0700", text, out))
    return false;
  if (out.year >= 2050) out.year -= 100;
  return true;
}

bool Der::read_generalized_time(CivilTime& out) {
  std::string_view text;
  return read(tag::generalized_time, text) && read_time("20060102150405Z0700", text, out);
}

bool read_object_id_parts(std::string_view contents, ObjectId& out) {
  out.clear();
  std::uint32_t part = 0;
  if (!take_part(contents, part)) return false;
  std::uint32_t first = std::min(part / 40, 2u);  // the first two parts are one number
  out = {first, part - first * 40};
  while (!contents.empty()) {
    if (!take_part(contents, part)) return false;
    out.push_back(part);
  }
  return true;
}

std::string object_id_text(std::string_view contents) {
  constexpr unsigned bits_of_byte = 7;
  std::string out;
  std::vector<unsigned char> bits;
  for (char c : contents) {
    bits.push_back(byte_of(c) & 0x7f);
    if ((c & 0x80) != 0) continue;
    BigInt part;
    boost::multiprecision::import_bits(part, bits.begin(), bits.end(), bits_of_byte);
    bits.clear();
    if (out.empty()) {
      unsigned first = part < 80 ? static_cast<unsigned>(part) / 40 : 2;
      part -= first * 40;
      out = std::to_string(first);
    }
    out += "." + decimal_text(part);
  }
  return out;
}

bool is_minimal_integer(std::string_view bytes) {
  if (bytes.size() < 2) return !bytes.empty();
  bool high = (bytes[1] & 0x80) != 0;
  return !(bytes[0] == 0 && !high) && !(byte_of(bytes[0]) == 0xff && high);
}

std::int64_t signed_integer(std::string_view bytes) {
  std::uint64_t out = is_negative(bytes) ? ~std::uint64_t{0} : 0;
  for (char c : bytes) out = out << 8 | byte_of(c);
  return static_cast<std::int64_t>(out);
}

std::string_view without_zeros(std::string_view bytes) {
  std::size_t first = bytes.find_first_not_of('\0');
  return first == std::string_view::npos ? std::string_view() : bytes.substr(first);
}

std::string integer_text(std::string_view bytes) {
  BigInt number = unsigned_integer(bytes);
  bool negative = !bytes.empty() && is_negative(bytes);
  if (negative) number = (BigInt(1) << (8 * bytes.size())) - number;
  return (negative ? "-" : "") + decimal_text(number);
}

std::string unsigned_text(std::string_view bytes) { return decimal_text(unsigned_integer(bytes)); }

}  // namespace lictor::builtins
