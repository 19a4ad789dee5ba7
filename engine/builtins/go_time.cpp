// A layout is cut into elements; formatting writes and parsing reads one after another.
#include "builtins/go_time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/digits.hpp"
#include "base/go_duration.hpp"

namespace lictor::builtins {

const char* const weekday_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};

namespace {

constexpr const char* month_names[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};

enum class Kind : std::uint8_t {
  text,
  long_month,
  month,
  month_number,
  zero_month,
  long_weekday,
  weekday,
  day,
  padded_day,
  zero_day,
  year_day,
  hour,
  hour_12,
  zero_hour_12,
  minute,
  zero_minute,
  second,
  zero_second,
  long_year,
  year,
  upper_pm,
  lower_pm,
  zone_name,
  offset,
  fraction
};

/// An element, as it is spelled in layouts. Longer spellings stand before their beginnings.
struct Spelling {
  std::string_view text;
  Kind kind;
};

constexpr Spelling spellings[] = {
    {"January", Kind::long_month},
    {"Jan", Kind::month},
    {"Monday", Kind::long_weekday},
    {"Mon", Kind::weekday},
    {"MST", Kind::zone_name},
    {"002", Kind::year_day},
    {"01", Kind::zero_month},
    {"02", Kind::zero_day},
    {"03", Kind::zero_hour_12},
    {"04", Kind::zero_minute},
    {"05", Kind::zero_second},
    {"06", Kind::year},
    {"15", Kind::hour},
    {"1", Kind::month_number},
    {"2006", Kind::long_year},
    {"2", Kind::day},
    {"__2", Kind::year_day},
    {"_2", Kind::padded_day},
    {"3", Kind::hour_12},
    {"4", Kind::minute},
    {"5", Kind::second},
    {"PM", Kind::upper_pm},
    {"pm", Kind::lower_pm},
    {"-07:00:00", Kind::offset},
    {"-070000", Kind::offset},
    {"-07:00", Kind::offset},
    {"-0700", Kind::offset},
    {"-07", Kind::offset},
    {"Z07:00:00", Kind::offset},
    {"Z070000", Kind::offset},
    {"Z07:00", Kind::offset},
    {"Z0700", Kind::offset},
    {"Z07", Kind::offset},
};

struct Element {
  Kind kind = Kind::text;
  std::string_view spelling;  // in the layout
};

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// ".000" and ".999", also with a comma: as many digits, and none behind them.
std::size_t fraction_size(std::string_view layout) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
  char digit = layout[1];
  if (digit != '0' && digit != '9') return 0;
  std::size_t size = 1;
  while (size < layout.size() && layout[size] == digit) ++size;
  return size < layout.size() && is_digit(layout[size]) ? 0 : size;
}

std::optional<Element> element_at(std::string_view layout) {
  if (std::size_t size = fraction_size(layout))
    return Element{Kind::fraction, layout.substr(0, size)};
  for (const Spelling& spelling : spellings) {
    if (!layout.starts_with(spelling.text)) continue;
    bool abbreviation = spelling.text == "Jan" || spelling.text == "Mon";
    // "Month" is no "Mon".
    if (abbreviation && layout.size() > 3 && is_lower(layout[3])) continue;
    return Element{spelling.kind, layout.substr(0, spelling.text.size())};
  }
  return std::nullopt;
}

/// Takes the text in front of the next element, and the element, off a layout.
std::pair<std::string_view, Element> take_element(std::string_view& layout) {
  for (std::size_t at = 0; at < layout.size(); ++at) {
    // "_2006" is an underscore and a year.
    if (layout.substr(at).starts_with("_2006")) continue;
    std::optional<Element> element = element_at(layout.substr(at));
    if (!element) continue;
    std::string_view before = layout.substr(0, at);
    layout.remove_prefix(at + element->spelling.size());
    return {before, *element};
  }
  return {std::exchange(layout, {}), Element{}};
}

// ---- Formatting ----

std::string padded(std::int64_t value, int width, char fill) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  std::string out(static_cast<std::size_t>(std::max(width - static_cast<int>(digits.size()), 0)),
                  fill);
  return (value < 0 ? "-" : "") + out + digits;
}

std::string offset_text(std::string_view spelling, int offset) {
  if (spelling[0] == 'Z' && offset == 0) return "Z";
  int magnitude = std::abs(offset);
  std::string out = offset < 0 ? "-" : "+";
  out += padded(magnitude / 3600, 2, '0');
  bool colon = spelling.find(':') != std::string_view::npos;
  std::size_t digits =
      static_cast<std::size_t>(std::count_if(spelling.begin(), spelling.end(), is_digit));
  if (digits >= 4) out += (colon ? ":" : "") + padded(magnitude / 60 % 60, 2, '0');
  if (digits >= 6) out += (colon ? ":" : "") + padded(magnitude % 60, 2, '0');
  return out;
}

std::string fraction_text(std::string_view spelling, int nanosecond) {
  std::string digits = padded(nanosecond, 9, '0');
  digits.resize(std::min<std::size_t>(spelling.size() - 1, 9));
  if (spelling[1] == '9') {
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    if (digits.empty()) return "";
  }
  return spelling[0] + digits;
}

std::string element_text(const Element& element, const CivilTime& time) {
  int hour_12 = time.hour % 12 == 0 ? 12 : time.hour % 12;
  const char* month = month_names[time.month - 1];
  switch (element.kind) {
    case Kind::text:
      return "";
    case Kind::long_month:
      return month;
    case Kind::month:
      return std::string(month, 3);
    case Kind::month_number:
      return std::to_string(time.month);
    case Kind::zero_month:
      return padded(time.month, 2, '0');
    case Kind::long_weekday:
      return weekday_names[time.weekday];
    case Kind::weekday:
      return std::string(weekday_names[time.weekday], 3);
    case Kind::day:
      return std::to_string(time.day);
    case Kind::padded_day:
      return padded(time.day, 2, ' ');
    case Kind::zero_day:
      return padded(time.day, 2, '0');
    case Kind::year_day: {
      std::int64_t day = days_of(time.year, time.month, time.day) - days_of(time.year, 1, 1) + 1;
      return padded(day, 3, element.spelling[0] == '_' ? ' ' : '0');
    }
    case Kind::hour:
      return padded(time.hour, 2, '0');
    case Kind::hour_12:
      return std::to_string(hour_12);
    case Kind::zero_hour_12:
      return padded(hour_12, 2, '0');
    case Kind::minute:
      return std::to_string(time.minute);
    case Kind::zero_minute:
      return padded(time.minute, 2, '0');
    case Kind::second:
      return std::to_string(time.second);
    case Kind::zero_second:
      return padded(time.second, 2, '0');
    case Kind::long_year:
      return padded(time.year, 4, '0');
    case Kind::year:
      return padded(((time.year % 100) + 100) % 100, 2, '0');
    case Kind::upper_pm:
      return time.hour >= 12 ? "PM" : "AM";
    case Kind::lower_pm:
      return time.hour >= 12 ? "pm" : "am";
    case Kind::zone_name:
      if (!time.zone.empty()) return time.zone;
      return offset_text(time.offset % 3600 == 0 ? "-07" : "-0700", time.offset);
    case Kind::offset:
      return offset_text(element.spelling, time.offset);
    case Kind::fraction:
      return fraction_text(element.spelling, time.nanosecond);
  }
  return "";
}

// ---- Parsing ----

/// Thrown inside parse_time: the element at which the text does not fit.
struct Mismatch {
  std::string_view element;
  std::string_view rest;
  std::string message;  // in place of "cannot parse"
};

class Reader {
 public:
  Reader(std::string_view text, CivilTime& out) : rest_(text), out_(out) {}

  std::string_view rest() const { return rest_; }

  /// A blank in the layout stands for blanks, or none at the end.
  void skip(std::string_view prefix) {
    std::string_view whole = prefix;
    while (!prefix.empty()) {
      if (prefix[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') throw Mismatch{whole, rest_, ""};
        while (prefix.starts_with(' ')) prefix.remove_prefix(1);
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        continue;
      }
      if (rest_.empty() || rest_[0] != prefix[0]) throw Mismatch{whole, rest_, ""};
      prefix.remove_prefix(1);
      rest_.remove_prefix(1);
    }
  }

  void read(const Element& element, std::string_view layout_behind) {
    element_ = element.spelling;
    hold_ = rest_;
    switch (element.kind) {
      case Kind::text:
        return;
      case Kind::year: {
        int year = short_year();
        out_.year = year + (year >= 69 ? 1900 : 2000);
        return;
      }
      case Kind::long_year:
        if (rest_.empty() || !is_digit(rest_[0])) mismatch();
        out_.year = digits(4);
        return;
      case Kind::long_month:
        out_.month = month = name(month_names, std::size(month_names), false) + 1;
        return;
      case Kind::month:
        out_.month = month = name(month_names, std::size(month_names), true) + 1;
        return;
      case Kind::month_number:
      case Kind::zero_month:
        out_.month = month = number(element.kind == Kind::zero_month);
        if (out_.month < 1 || out_.month > 12) out_of_range("month");
        return;
      case Kind::weekday:
        name(weekday_names, 7, true);
        return;
      case Kind::long_weekday:
        name(weekday_names, 7, false);
        return;
      case Kind::day:
      case Kind::padded_day:
      case Kind::zero_day:
        if (element.kind == Kind::padded_day && rest_.starts_with(' ')) rest_.remove_prefix(1);
        out_.day = day = number(element.kind == Kind::zero_day);
        return;
      case Kind::year_day:
        for (int i = 0; i < 2 && element.spelling[0] == '_' && rest_.starts_with(' '); ++i)
          rest_.remove_prefix(1);
        year_day = element.spelling[0] == '_' ? up_to_three_digits() : digits(3);
        return;
      case Kind::hour:
        out_.hour = number(false);
        if (out_.hour >= 24) out_of_range("hour");
        return;
      case Kind::hour_12:
      case Kind::zero_hour_12:
        out_.hour = number(element.kind == Kind::zero_hour_12);
        if (out_.hour > 12) out_of_range("hour");
        return;
      case Kind::minute:
      case Kind::zero_minute:
        out_.minute = number(element.kind == Kind::zero_minute);
        if (out_.minute >= 60) out_of_range("minute");
        return;
      case Kind::second:
      case Kind::zero_second:
        out_.second = number(element.kind == Kind::zero_second);
        if (out_.second >= 60) out_of_range("second");
        read_unannounced_fraction(layout_behind);
        return;
      case Kind::upper_pm:
      case Kind::lower_pm:
        read_pm(element.kind == Kind::upper_pm);
        return;
      case Kind::offset:
        read_offset(element.spelling);
        return;
      case Kind::zone_name:
        read_zone_name();
        return;
      case Kind::fraction:
        read_fraction(element.spelling);
        return;
    }
  }

  bool pm = false, am = false;
  int month = -1, day = -1, year_day = -1;  // as far as they were read
  bool utc = false;

 private:
  [[noreturn]] void mismatch() const { throw Mismatch{element_, hold_, ""}; }
  [[noreturn]] void out_of_range(const char* what) const {
    throw Mismatch{element_, hold_, std::string(": ") + what + " out of range"};
  }

  int digits(std::size_t count) {
    if (rest_.size() < count ||
        !std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), is_digit))
      mismatch();
    int out = 0;
    for (std::size_t i = 0; i < count; ++i) out = out * 10 + (rest_[i] - '0');
    rest_.remove_prefix(count);
    return out;
  }

  /// Two digits, or a sign and one.
  int short_year() {
    bool sign = rest_.size() > 1 && (rest_[0] == '-' || rest_[0] == '+') && is_digit(rest_[1]);
    if (!sign) return digits(2);
    bool negative = rest_[0] == '-';
    rest_.remove_prefix(1);
    return negative ? -digits(1) : digits(1);
  }

  int up_to_three_digits() {
    std::size_t count = 0;
    while (count < 3 && count < rest_.size() && is_digit(rest_[count])) ++count;
    return digits(std::max<std::size_t>(count, 1));
  }

  /// One digit or two; two if `fixed`.
  int number(bool fixed) {
    bool two = rest_.size() > 1 && is_digit(rest_[0]) && is_digit(rest_[1]);
    return digits(two || fixed ? 2 : 1);
  }

  int name(const char* const* names, std::size_t count, bool abbreviated) {
    auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    for (std::size_t i = 0; i < count; ++i) {
      std::string_view wanted = names[i];
      if (abbreviated) wanted = wanted.substr(0, 3);
      if (rest_.size() < wanted.size()) continue;
      if (!std::equal(wanted.begin(), wanted.end(), rest_.begin(), same)) continue;
      rest_.remove_prefix(wanted.size());
      return static_cast<int>(i);
    }
    mismatch();
  }

  void read_pm(bool upper) {
    std::string_view two = rest_.substr(0, 2);
    pm = two == (upper ? "PM" : "pm");
    am = two == (upper ? "AM" : "am");
    if (!pm && !am) mismatch();
    rest_.remove_prefix(2);
  }

  void read_offset(std::string_view spelling) {
    if (spelling[0] == 'Z' && rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      utc = true;
      return;
    }
    bool colon = spelling.find(':') != std::string_view::npos;
    auto parts =
        static_cast<std::size_t>(std::count_if(spelling.begin(), spelling.end(), is_digit)) / 2;
    std::size_t step = colon ? 3 : 2;
    if (rest_.size() < 1 + 2 * parts + (colon ? parts - 1 : 0)) mismatch();
    char sign = rest_[0];
    for (std::size_t i = 1; colon && i < parts; ++i) {
      if (rest_[i * step] != ':') mismatch();
    }
    read_offset_parts(parts, step);
    if (sign != '+' && sign != '-') mismatch();
    if (sign == '-') out_.offset = -out_.offset;
  }

  /// Hours, minutes and seconds; one that is too large is reported before a sign or digit that is
  /// wrong.
  void read_offset_parts(std::size_t parts, std::size_t step) {
    int values[3] = {};
    bool good = true;
    for (std::size_t i = 0; i < parts && good; ++i) {
      std::string_view part = rest_.substr(1 + i * step, 2);
      good = is_digit(part[0]) && is_digit(part[1]);
      if (good) values[i] = (part[0] - '0') * 10 + (part[1] - '0');
    }
    rest_.remove_prefix(parts * step + (step == 2 ? 1 : 0));
    if (values[2] > 60) out_of_range("time zone offset second");
    if (values[1] > 60) out_of_range("time zone offset minute");
    if (values[0] > 24) out_of_range("time zone offset hour");
    if (!good) mismatch();
    out_.offset = (values[0] * 60 + values[1]) * 60 + values[2];
  }

  /// A sign and at most 23 hours: how many bytes they take, or 0.
  static std::size_t signed_hours(std::string_view text) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
    std::size_t size = 1;
    int hours = 0;
    for (; size < text.size() && is_digit(text[size]) && hours <= 23; ++size)
      hours = hours * 10 + (text[size] - '0');
    return size == 1 || hours > 23 ? 0 : size;
  }

  /// How many bytes of a text are the name of a zone, or 0: three to five letters, GMT and hours,
  /// or hours.
  static std::size_t zone_name_size(std::string_view text) {
    constexpr std::size_t longest = 6;
    if (text.size() < 3) return 0;
    if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
    if (text.starts_with("GMT")) return 3 + signed_hours(text.substr(3));
    if (text[0] == '+' || text[0] == '-') return signed_hours(text);
    std::size_t size = 0;
    while (size < std::min(text.size(), longest) && text[size] >= 'A' && text[size] <= 'Z') ++size;
    bool good = size == 3 || (size == 4 && (text[3] == 'T' || text.starts_with("WITA"))) ||
                (size == 5 && text[4] == 'T');
    return good ? size : 0;
  }

  /// A name other than UTC says nothing of its offset.
  void read_zone_name() {
    if (rest_.starts_with("UTC")) {
      rest_.remove_prefix(3);
      utc = true;
      return;
    }
    std::size_t size = zone_name_size(rest_);
    if (size == 0) mismatch();
    out_.zone = std::string(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }

  void take_nanoseconds(std::size_t count) {
    std::string_view all = rest_.substr(1, count);
    int value = 0;
    for (std::size_t i = 0; i < 9; ++i) value = value * 10 + (i < all.size() ? all[i] - '0' : 0);
    out_.nanosecond = value;
    rest_.remove_prefix(count + 1);
  }

  std::size_t digits_behind_point() const {
    std::size_t count = 0;
    while (count + 1 < rest_.size() && is_digit(rest_[count + 1])) ++count;
    return count;
  }

  bool at_point() const { return !rest_.empty() && (rest_[0] == '.' || rest_[0] == ','); }

  void read_fraction(std::string_view spelling) {
    std::size_t wanted = spelling.size() - 1;
    if (spelling[1] == '9') {
      if (at_point() && digits_behind_point() != 0) take_nanoseconds(digits_behind_point());
      return;
    }
    if (!at_point() || digits_behind_point() < wanted) mismatch();
    take_nanoseconds(wanted);
  }

  /// Seconds may have a fraction where the layout has none.
  void read_unannounced_fraction(std::string_view layout_behind) {
    if (!at_point() || digits_behind_point() == 0) return;
    if (take_element(layout_behind).second.kind == Kind::fraction) return;
    take_nanoseconds(digits_behind_point());
  }

  std::string_view rest_;
  std::string_view element_;
  std::string_view hold_;
  CivilTime& out_;
};

int days_in_month(std::int64_t year, int month) {
  return static_cast<int>(days_of(year, month + 1, 1) - days_of(year, month, 1));
}

/// Sets month and day by a day of the year; returns what is wrong, or "".
std::string set_year_day(const Reader& reader, CivilTime& out) {
  int days = static_cast<int>(days_of(out.year, 13, 1) - days_of(out.year, 1, 1));
  if (reader.year_day < 1 || reader.year_day > days) return ": day-of-year out of range";
  out.month = 1;
  out.day = reader.year_day;
  while (out.day > days_in_month(out.year, out.month))
    out.day -= days_in_month(out.year, out.month++);
  if (reader.month >= 0 && reader.month != out.month) return ": day-of-year does not match month";
  if (reader.day >= 0 && reader.day != out.day) return ": day-of-year does not match day";
  return "";
}

}  // namespace

std::int64_t days_of(std::int64_t year, int month, std::int64_t day) {
  year += (month - 1) / 12 - (month < 1 ? 1 : 0);
  int wrapped = ((month - 1) % 12 + 12) % 12 + 1;
  // Days from civil, with March as the first month.
  std::int64_t y = wrapped <= 2 ? year - 1 : year;
  std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  std::int64_t of_era = y - era * 400;
  std::int64_t of_year = (153 * (wrapped + (wrapped > 2 ? -3 : 9)) + 2) / 5;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468 + day - 1;
}

std::string_view layout_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"ANSIC", "Mon Jan _2 15:04:05 2006"},
      {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
      {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
      {"RFC822", "02 Jan 06 15:04 MST"},
      {"RFC822Z", "02 Jan 06 15:04 -0700"},
      {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
      {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
      {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
      {"RFC3339", "2006-01-02T15:04:05Z07:00"},
      {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
  };
  for (const auto& [known, layout] : names) {
    if (name == known) return layout;
  }
  return name;
}

std::string format_time(std::string_view layout, const CivilTime& time) {
  std::string out;
  while (!layout.empty()) {
    auto [before, element] = take_element(layout);
    out += before;
    out += element_text(element, time);
  }
  return out;
}

std::string parse_time(std::string_view layout, std::string_view text, CivilTime& out) {
  std::string start = "parsing time " + go_time_quoted(text);
  std::string_view left = layout;
  Reader reader(text, out);
  try {
    while (!left.empty()) {
      auto [before, element] = take_element(left);
      reader.skip(before);
      reader.read(element, left);
    }
  } catch (const Mismatch& mismatch) {
    if (!mismatch.message.empty()) return start + mismatch.message;
    return start + " as " + go_time_quoted(layout) + ": cannot parse " +
           go_time_quoted(mismatch.rest) + " as " + go_time_quoted(mismatch.element);
  }
  if (!reader.rest().empty()) return start + ": extra text: " + go_time_quoted(reader.rest());
  if (reader.pm && out.hour < 12) out.hour += 12;
  if (reader.am && out.hour == 12) out.hour = 0;
  if (reader.utc) out.offset = 0;
  if (reader.year_day >= 0) {
    std::string wrong = set_year_day(reader, out);
    if (!wrong.empty()) return start + wrong;
  }
  if (out.day < 1 || out.day > days_in_month(out.year, out.month))
    return start + ": day out of range";
  return "";
}

}  // namespace lictor::builtins
