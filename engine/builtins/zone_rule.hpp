// What the clocks of a zone show after the last change that the system's database lists: the rule
// at the end of its file, such as "EST5EDT,M3.2.0,M11.1.0". In: a zone's name, then instants. Out:
// offsets and names. Source: RFC 9636, section 3.3.1; Go's package time (1.27), tzset.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lictor::builtins {

/// A stretch of time in which a zone's clocks do not change.
struct ZonePeriod {
  std::int64_t begin = INT64_MIN;  // seconds since 1970
  std::int64_t end = INT64_MAX;
  int offset = 0;  // seconds east of UTC
  std::string name;
};

class ZoneRule {
 public:
  /// Reads a rule; nothing if it has no daylight saving, or is none.
  static std::optional<ZoneRule> parse(std::string_view text);
  /// The rule of a zone of the system's database, read once; null if there is none.
  static const ZoneRule* of(const std::string& zone);

  ZonePeriod at(std::int64_t seconds) const;

 private:
  /// A day of each year and a time of that day.
  struct Change {
    enum class Form : std::uint8_t { weekday, day_without_leap, day } form = Form::weekday;
    int month = 0;
    int week = 0;  // 5: the last one
    int day = 0;   // of the week, or of the year
    int second = 7200;
  };
  class Reader;

  /// When the change happens in a year, as a clock without any offset counts.
  static std::int64_t seconds_of(const Change& change, std::int64_t year);

  std::string standard_, daylight_;
  int standard_offset_ = 0, daylight_offset_ = 0;
  Change begin_, end_;  // of daylight saving
};

}  // namespace lictor::builtins
