// Bytes → base64 text and back, in either of the two alphabets. Decoding follows Go: line breaks
// are skipped, and an error names a byte.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lictor {

constexpr std::string_view base64_standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64_url_safe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline std::string encode_base64(std::string_view bytes, std::string_view alphabet, bool padded) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= count)
        out += alphabet[(bits >> (18 - 6 * k)) & 63];
      else if (padded)
        out += '=';
    }
  }
  return out;
}

namespace base64_digits {

constexpr std::array<std::int8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> out{};
  for (std::int8_t& value : out) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return out;
}

inline constexpr std::array<std::int8_t, 256> standard = values_of(base64_standard);
inline constexpr std::array<std::int8_t, 256> url_safe = values_of(base64_url_safe);

}  // namespace base64_digits

class Base64Decoder {
 public:
  Base64Decoder(std::string_view text, std::string_view alphabet, bool padded = true)
      : text_(text),
        digits_(alphabet == base64_standard ? base64_digits::standard : base64_digits::url_safe),
        padded_(padded) {}

  /// Nothing after an error, whose position is bad_byte().
  std::optional<std::string> run() {
    out_.reserve(text_.size() / 4 * 3 + 3);
    bool more = true;
    while (more && !bad_) more = quantum();
    if (bad_) return std::nullopt;
    return std::move(out_);
  }
  std::size_t bad_byte() const { return *bad_; }
  /// Go's words for the error.
  std::string error() const {
    return "illegal base64 data at input byte " + std::to_string(bad_byte());
  }

 private:
  /// Decodes up to four digits; false at the end of the text.
  bool quantum() {
    std::uint32_t bits = 0;
    std::size_t count = 0;
    while (count < 4) {
      skip_line_breaks();
      if (at_ == text_.size()) {
        end_of_text(bits, count);
        return false;
      }
      int digit = digits_[static_cast<unsigned char>(text_[at_])];
      if (digit < 0) {
        finish(bits, count);
        return false;
      }
      bits = bits << 6 | static_cast<std::uint32_t>(digit);
      ++count;
      ++at_;
    }
    append(bits, 3);
    return true;
  }

  /// Only unpadded texts may end after two or three digits.
  void end_of_text(std::uint32_t bits, std::size_t count) {
    if (count == 0) return;
    if (padded_ || count == 1) {
      bad_ = at_ - count;
    } else {
      append(bits << (6 * (4 - count)), count - 1);
    }
  }

  /// Reads the padding that must follow the last two or three digits, and the text's end.
  void finish(std::uint32_t bits, std::size_t count) {
    if (!padded_ || text_[at_] != '=' || count < 2) {
      bad_ = at_;
      return;
    }
    ++at_;
    skip_line_breaks();
    if (count == 2) {
      bool two = at_ < text_.size() && text_[at_] == '=';
      if (!two) {
        bad_ = at_ < text_.size() ? at_ - 1 : at_;
        return;
      }
      ++at_;
      skip_line_breaks();
    }
    if (at_ < text_.size()) bad_ = at_;
    append(bits << (6 * (4 - count)), count - 1);
  }

  void append(std::uint32_t bits, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out_ += static_cast<char>(bits >> (16 - 8 * i));
  }

  void skip_line_breaks() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }

  std::string_view text_;
  const std::array<std::int8_t, 256>& digits_;
  bool padded_;
  std::string out_;
  std::size_t at_ = 0;
  std::optional<std::size_t> bad_;
};

}  // namespace lictor
