// A layout is cut into elements; formatting writes and parsing reads one after another.
#include "builtins/go_time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/unicode.hpp"

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

bool is_digit(char c) { return c >= '0' && c <= '9'; }
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
    std::string_view whole = prefix, start = rest_;
    while (!prefix.empty()) {
      if (prefix[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') throw Mismatch{whole, start, ""};
        while (prefix.starts_with(' ')) prefix.remove_prefix(1);
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        continue;
      }
      if (rest_.empty() || rest_[0] != prefix[0]) throw Mismatch{whole, start, ""};
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
        int year = digits(2);
        out_.year = year + (year >= 69 ? 1900 : 2000);
        return;
      }
      case Kind::long_year:
        if (rest_.empty() || !is_digit(rest_[0])) mismatch();
        out_.year = digits(4);
        return;
      case Kind::long_month:
        out_.month = name(month_names, std::size(month_names), false) + 1;
        return;
      case Kind::month:
        out_.month = name(month_names, std::size(month_names), true) + 1;
        return;
      case Kind::month_number:
      case Kind::zero_month:
        out_.month = number(element.kind == Kind::zero_month);
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
        out_.day = number(element.kind == Kind::zero_day);
        return;
      case Kind::year_day:
        for (int i = 0; i < 2 && element.spelling[0] == '_' && rest_.starts_with(' '); ++i)
          rest_.remove_prefix(1);
        year_day = digits(3);
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
  int year_day = -1;

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
      out_.zone = "UTC";
      return;
    }
    bool colon = spelling.find(':') != std::string_view::npos;
    auto parts =
        static_cast<std::size_t>(std::count_if(spelling.begin(), spelling.end(), is_digit)) / 2;
    if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) mismatch();
    bool west = rest_[0] == '-';
    rest_.remove_prefix(1);
    int values[3] = {};
    for (std::size_t i = 0; i < parts; ++i) {
      if (i != 0 && colon) {
        if (!rest_.starts_with(':')) mismatch();
        rest_.remove_prefix(1);
      }
      values[i] = digits(2);
    }
    if (values[0] > 24) out_of_range("time zone offset hour");
    if (values[1] > 60) out_of_range("time zone offset minute");
    if (values[2] > 60) out_of_range("time zone offset second");
    out_.offset = (values[0] * 60 + values[1]) * 60 + values[2];
    if (west) out_.offset = -out_.offset;
  }

  /// Three or four capital letters; a name other than UTC says nothing of its offset.
  void read_zone_name() {
    if (rest_.starts_with("UTC")) {
      rest_.remove_prefix(3);
      out_.zone = "UTC";
      return;
    }
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= 'A' && rest_[size] <= 'Z') ++size;
    if (size < 3 || size > 5) mismatch();
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
    auto [before, next] = take_element(layout_behind);
    if (next.kind == Kind::fraction && before.empty()) return;
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

std::string quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
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
  std::string start = "parsing time " + quoted(text);
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
    return start + " as " + quoted(layout) + ": cannot parse " + quoted(mismatch.rest) + " as " +
           quoted(mismatch.element);
  }
  if (!reader.rest().empty()) return start + ": extra text: " + quoted(reader.rest());
  if (reader.pm && out.hour < 12) out.hour += 12;
  if (reader.am && out.hour == 12) out.hour = 0;
  if (reader.year_day >= 0) {
    int days = static_cast<int>(days_of(out.year, 13, 1) - days_of(out.year, 1, 1));
    if (reader.year_day < 1 || reader.year_day > days) return start + ": day-of-year out of range";
    out.month = 1;
    out.day = reader.year_day;
  } else if (out.day < 1 || out.day > days_in_month(out.year, out.month)) {
    return start + ": day out of range";
  }
  return "";
}

namespace {

/// Nanoseconds of a unit; 0 for what is none.
std::int64_t unit_of(std::string_view unit) {
  constexpr std::int64_t hour = 3'600'000'000'000;
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ns", 1},         {"us", 1000},         {"\xC2\xB5s", 1000},   {"\xCE\xBCs", 1000},
      {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", hour},
      {"d", 24 * hour},  {"w", 168 * hour},    {"y", 8760 * hour}};
  for (const auto& [name, size] : units) {
    if (unit == name) return size;
  }
  return 0;
}

}  // namespace

std::string parse_duration(std::string_view text, std::int64_t& out) {
  std::string invalid = "time: invalid duration " + quoted(text);
  std::string_view rest = text;
  bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  out = 0;
  if (rest == "0") return "";
  if (rest.empty()) return invalid;
  constexpr unsigned __int128 most = static_cast<unsigned __int128>(1) << 63;
  unsigned __int128 total = 0;
  while (!rest.empty()) {
    unsigned __int128 whole = 0, fraction = 0, scale = 1;
    std::size_t at = 0;
    for (; at < rest.size() && is_digit(rest[at]); ++at) {
      whole = whole * 10 + static_cast<unsigned>(rest[at] - '0');
      if (whole > most) return invalid;
    }
    std::size_t digits = at;
    if (at < rest.size() && rest[at] == '.') {
      for (++at; at < rest.size() && is_digit(rest[at]); ++at, ++digits) {
        if (scale > 1'000'000'000'000'000'000) continue;
        fraction = fraction * 10 + static_cast<unsigned>(rest[at] - '0');
        scale *= 10;
      }
    }
    if (digits == 0) return invalid;
    rest.remove_prefix(at);
    std::size_t size = 0;
    while (size < rest.size() && rest[size] != '.' && !is_digit(rest[size])) ++size;
    if (size == 0) return "time: missing unit in duration " + quoted(text);
    auto unit = static_cast<unsigned __int128>(unit_of(rest.substr(0, size)));
    if (unit == 0)
      return "time: unknown unit " + quoted(rest.substr(0, size)) + " in duration " + quoted(text);
    rest.remove_prefix(size);
    if (whole > most / unit) return invalid;
    total += whole * unit + fraction * unit / scale;
    if (total > most || (total == most && !negative)) return invalid;
  }
  out = static_cast<std::int64_t>(negative ? -total : total);
  return "";
}

}  // namespace lictor::builtins
