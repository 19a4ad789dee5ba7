// What a YAML scalar is: tags, numbers in every spelling, timestamps. In: a tag and a text. Out: a
// Scalar, or a thrown Refused. Entry point: resolve(). Source: go-yaml v3.0.6, resolve.go, and Go's
// strconv and time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lictor::yaml {

constexpr std::string_view long_tag_prefix = "tag:yaml.org,2002:";

/// A moment, as written.
struct Timestamp {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, nanosecond = 0;
  int offset = 0;  // minutes east of UTC
  bool zoned = false;
};

struct Scalar {
  enum class Kind { null, boolean, integer, unsigned_integer, floating, text, timestamp };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::uint64_t unsigned_integer = 0;  // beyond an int64
  double floating = 0;
  std::string text;
  Timestamp timestamp;
};

/// "!!int" for the long form of a tag that YAML defines; other tags as they are.
std::string short_tag(std::string_view tag);
/// The tag of a scalar without quotes and tag: "!!int", "!!str", …
std::string implicit_tag(const std::string& text);
/// The value of a scalar with a short tag; a text where the tag is unknown.
Scalar resolve(const std::string& tag, const std::string& text);
/// The bytes of a text in base64, or a thrown Refused.
std::string decode_binary(std::string_view text);

std::optional<Timestamp> parse_timestamp(std::string_view text);
/// As Go's encoding/json writes it.
std::string to_rfc3339(const Timestamp& moment);
/// As Go's strconv spells a float of 32 bits, in the 'g' format.
std::string float32_text(double value);

}  // namespace lictor::yaml
