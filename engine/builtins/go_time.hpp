// Go's layouts of times, its durations, and its words for what cannot be read.
// In: a layout such as "2006-01-02T15:04:05Z07:00". Out: texts and civil times. Private to
// builtins/. Source: Go's package time (1.26), format.go.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lictor::builtins {

/// A point in time as a calendar and a clock show it.
struct CivilTime {
  std::int64_t year = 0;
  int month = 1;  // 1 to 12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int nanosecond = 0;
  int offset = 0;    // seconds east of UTC
  std::string zone;  // its abbreviation
  int weekday = 0;   // 0: Sunday; not read
};

/// The layout that a name such as "RFC3339" stands for, or the layout itself.
std::string_view layout_of(std::string_view name_or_layout);

std::string format_time(std::string_view layout, const CivilTime& time);
/// Returns "" or Go's words for what is wrong.
std::string parse_time(std::string_view layout, std::string_view text, CivilTime& out);

/// Nanoseconds of a duration such as "1h30m", with d, w and y for 24, 168 and 8760 hours. Returns
/// "" or Go's words.
std::string parse_duration(std::string_view text, std::int64_t& out);

/// Days since 1970-01-01 of a date; a day beyond the month's end goes on into the next.
std::int64_t days_of(std::int64_t year, int month, std::int64_t day);

extern const char* const weekday_names[7];

}  // namespace lictor::builtins
