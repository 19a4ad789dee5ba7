// Time: the clock, the calendar and zones. Instants are nanoseconds since 1970; zones are those of
// the system's database. Source: OPA v1/topdown/time.go.
#include <date/tz.h>

#include <chrono>
#include <filesystem>

#include "builtins/families.hpp"
#include "builtins/go_time.hpp"
#include "builtins/zone_rule.hpp"

namespace lictor::builtins {
namespace {

using Wide = __int128;

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86400;

Value now_ns(Call& call) { return Value::integer(call.environment.now()); }

/// What an operand names: [ns], [ns, zone] or [ns, zone, layout], or ns alone.
struct Moment {
  std::int64_t ns = 0;
  const date::time_zone* zone = nullptr;  // null: UTC
  std::string_view layout;
};

/// What the system says of a name that is none of a zone's file; null if it may be one.
const char* unreadable_zone(const std::string& name) {
  if (name.find('\0') != name.npos) return "invalid argument";
  std::error_code error;
  auto kind = std::filesystem::status("/usr/share/zoneinfo/" + name, error).type();
  if (error == std::errc::not_a_directory) return "not a directory";
  return kind == std::filesystem::file_type::directory ? "is a directory" : nullptr;
}

bool zone_of(Call& call, const Value& name, Moment& out) {
  if (!name.is(Kind::string)) {
    call.type_error(std::string("operand 1 must be string but got ") + kind_name(name.kind()));
    return false;
  }
  std::string text(name.as_string());
  if (text.empty() || text == "UTC") return true;
  if (text.find("..") != text.npos || text[0] == '/' || text[0] == '\\') {
    call.fail("time: invalid location name");
    return false;
  }
  const char* wrong = unreadable_zone(text);
  if (wrong) {
    call.fail(wrong);
    return false;
  }
  try {
    std::string name = std::filesystem::path(text).lexically_normal();  // as the system reads it
    out.zone = text == "Local" ? date::current_zone() : date::locate_zone(name);
    return true;
  } catch (const std::exception&) {
    call.fail("unknown time zone " + text);
    return false;
  }
}

/// The value as int64 if it is one exactly, as a float of 64 bits.
std::optional<std::int64_t> exact_int64(const Value& number) {
  if (number.is_integer()) return number.as_integer();
  BigFloat value = to_big_float(number);
  bool lowest = value.negative && value.exponent == 0 && value.mantissa == std::uint64_t{1} << 63;
  if (lowest) return INT64_MIN;
  bool fraction = false;
  std::optional<std::int64_t> out = small_truncate(value, fraction);
  return fraction ? std::nullopt : out;
}

bool moment_of(Call& call, std::size_t operand, Moment& out) {
  const Value* given = &call.args[operand];
  if (given->is(Kind::array) && given->size() != 0) {
    const Value& ns = given->items()[0];
    if (!ns.is(Kind::number)) {
      call.type_error(std::string("operand 1 must be number but got ") + kind_name(ns.kind()));
      return false;
    }
    if (given->size() > 1 && !zone_of(call, given->items()[1], out)) return false;
    if (given->size() > 2) {
      const Value& layout = given->items()[2];
      if (!layout.is(Kind::string)) {
        call.type_error(std::string("operand 1 must be string but got ") +
                        kind_name(layout.kind()));
        return false;
      }
      out.layout = layout.as_string();
    }
    given = &ns;
  }
  if (!given->is(Kind::number)) {
    call.type_error("operand 1 must be either number (ns) or [number (ns), string (tz)] but got " +
                    std::string(kind_name(given->kind())));
    return false;
  }
  std::optional<std::int64_t> value = exact_int64(*given);
  if (!value) {
    call.fail("timestamp too big");
    return false;
  }
  out.ns = *value;
  return true;
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

/// The period of a zone that an instant is in.
ZonePeriod period_of(const date::time_zone& zone, std::int64_t seconds) {
  date::sys_info info = zone.get_info(date::sys_seconds(std::chrono::seconds(seconds)));
  ZonePeriod out = {info.begin.time_since_epoch().count(), info.end.time_since_epoch().count(),
                    static_cast<int>(info.offset.count()), info.abbrev};
  constexpr std::int64_t last_listed = 2'000'000'000;  // in 2033; what changes later follows a rule
  if (seconds < last_listed) return out;
  const ZoneRule* rule = ZoneRule::of(zone.name());
  return rule ? rule->at(seconds) : out;
}

CivilTime civil_of(const Moment& moment) {
  CivilTime out;
  std::int64_t seconds = floor_divide(moment.ns, ns_per_second);
  out.nanosecond = static_cast<int>(moment.ns - Wide(seconds) * ns_per_second);
  out.zone = "UTC";
  if (moment.zone) {
    ZonePeriod period = period_of(*moment.zone, seconds);
    out.offset = period.offset;
    // Zones without a name of their own are called after their offset.
    bool named = !period.name.empty() && period.name[0] != '+' && period.name[0] != '-';
    out.zone = named ? period.name : "";
  }
  seconds += out.offset;
  std::int64_t day = floor_divide(seconds, seconds_per_day);
  auto second = static_cast<int>(seconds - day * seconds_per_day);
  std::chrono::sys_days days{std::chrono::days(day)};
  std::chrono::year_month_day date(days);
  out.year = static_cast<int>(date.year());
  out.month = static_cast<int>(static_cast<unsigned>(date.month()));
  out.day = static_cast<int>(static_cast<unsigned>(date.day()));
  out.hour = second / 3600;
  out.minute = second / 60 % 60;
  out.second = second % 60;
  out.weekday = static_cast<int>(std::chrono::weekday(days).c_encoding());
  return out;
}

/// The instant of a civil time, whose day may lie beyond its month.
Value instant_of(Call& call, const CivilTime& time) {
  Wide seconds = Wide(days_of(time.year, time.month, time.day)) * seconds_per_day +
                 time.hour * 3600 + time.minute * 60 + time.second - time.offset;
  Wide ns = seconds * ns_per_second + time.nanosecond;
  if (ns > INT64_MAX || ns < INT64_MIN) return call.fail("time outside of valid range");
  return Value::integer(static_cast<std::int64_t>(ns));
}

Value integers(Call& call, std::initializer_list<std::int64_t> values) {
  Value* items = call.arena.allocate<Value>(values.size());
  std::size_t i = 0;
  for (std::int64_t value : values) items[i++] = Value::integer(value);
  return Value::array(items, static_cast<std::uint32_t>(values.size()));
}

Value date_(Call& call) {
  Moment moment;
  if (!moment_of(call, 0, moment)) return Value();
  CivilTime at = civil_of(moment);
  return integers(call, {at.year, at.month, at.day});
}

Value clock_(Call& call) {
  Moment moment;
  if (!moment_of(call, 0, moment)) return Value();
  CivilTime at = civil_of(moment);
  return integers(call, {at.hour, at.minute, at.second});
}

Value weekday(Call& call) {
  Moment moment;
  if (!moment_of(call, 0, moment)) return Value();
  return Value::string(weekday_names[civil_of(moment).weekday]);
}

Value format(Call& call) {
  Moment moment;
  if (!moment_of(call, 0, moment)) return Value();
  std::string_view layout = moment.layout.empty() ? "RFC3339Nano" : moment.layout;
  return call.text(format_time(layout_of(layout), civil_of(moment)));
}

Value parse_with(Call& call, std::string_view layout, const Value& text) {
  CivilTime time;
  std::string wrong = parse_time(layout, text.as_string(), time);
  return wrong.empty() ? instant_of(call, time) : call.fail(wrong);
}

Value parse_ns(Call& call) {
  if (!call.has_strings(2)) return Value();
  return parse_with(call, layout_of(call[0].as_string()), call[1]);
}

Value parse_rfc3339_ns(Call& call) {
  if (!call.has_strings(1)) return Value();
  return parse_with(call, layout_of("RFC3339"), call[0]);
}

Value parse_duration_ns(Call& call) {
  if (!call.has_strings(1)) return Value();
  std::int64_t ns = 0;
  std::string wrong = parse_duration(call[0].as_string(), ns);
  return wrong.empty() ? Value::integer(ns) : call.fail(wrong);
}

/// Seconds since 1970 of a date and a time of day, before an offset. Years that are too large wrap
/// around as Go's do: it counts from a March long ago, in 64 bits. Source: Go's package time
/// (1.27), dateToAbsDays.
std::int64_t wrapped_seconds(std::int64_t year, int month, std::int64_t day, int second) {
  constexpr std::uint64_t first_year = 292277022400;
  constexpr std::uint64_t days_before_1970 = first_year / 400 * 146097 + 719468;
  auto shifted = static_cast<std::uint64_t>(month < 3 ? month + 9 : month - 3);  // March is 0
  std::uint64_t years = static_cast<std::uint64_t>(year) - (month < 3) + first_year;
  std::uint64_t days = 146097 * (years / 100) / 4 + 1461 * (years % 100) / 4;
  days += (153 * shifted + 2) / 5 + static_cast<std::uint64_t>(day) - 1 - days_before_1970;
  return static_cast<std::int64_t>(days * seconds_per_day + static_cast<std::uint64_t>(second));
}

/// The offset that a zone's clock has when it shows `local`: the one at that time of UTC, or if
/// that is not in force then, the one at the time that it leads to.
int offset_of_local(const date::time_zone& zone, std::int64_t local) {
  ZonePeriod period = period_of(zone, local);
  std::int64_t utc = local - period.offset;
  if (utc < period.begin || utc >= period.end) period = period_of(zone, utc);
  return period.offset;
}

std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Years, months and days; the clock of the moment's zone stays what it was.
Value add_date(Call& call) {
  Moment moment;
  if (!moment_of(call, 0, moment)) return Value();
  std::int64_t added[3];
  for (std::size_t i = 0; i < 3; ++i) {
    if (!call.is(i + 1, Kind::number)) return call.wrong_type(i + 1, "number");
    std::optional<std::int64_t> value = to_int64(call[i + 1]);
    if (!value)
      return call.type_error("operand " + std::to_string(i + 2) +
                             " must be integer number but got floating-point number");
    added[i] = *value;
  }
  CivilTime at = civil_of(moment);
  std::int64_t months = wrapping_add(at.month - 1, added[1]);
  std::int64_t years = floor_divide(months, 12);
  std::int64_t local =
      wrapped_seconds(wrapping_add(wrapping_add(at.year, added[0]), years),
                      static_cast<int>(months - years * 12) + 1, wrapping_add(at.day, added[2]),
                      at.hour * 3600 + at.minute * 60 + at.second);
  int offset = moment.zone ? offset_of_local(*moment.zone, local) : 0;
  Wide ns = (Wide(local) - offset) * ns_per_second + at.nanosecond;
  if (ns > INT64_MAX || ns < INT64_MIN) return call.fail("time outside of valid range");
  return Value::integer(static_cast<std::int64_t>(ns));
}

/// What a calendar and a clock show between two moments, in the zone of the first.
Value diff(Call& call) {
  Moment a, b;
  if (!moment_of(call, 0, a) || !moment_of(call, 1, b)) return Value();
  b.zone = a.zone;
  if (a.ns > b.ns) std::swap(a.ns, b.ns);
  CivilTime from = civil_of(a), to = civil_of(b);
  std::int64_t year = to.year - from.year;
  int month = to.month - from.month, day = to.day - from.day;
  int hour = to.hour - from.hour, minute = to.minute - from.minute,
      second = to.second - from.second;
  auto borrow = [](int& unit, int size, auto& above) {
    if (unit >= 0) return;
    unit += size;
    --above;
  };
  borrow(second, 60, minute);
  borrow(minute, 60, hour);
  borrow(hour, 24, day);
  auto days =
      static_cast<int>(days_of(from.year, from.month + 1, 1) - days_of(from.year, from.month, 1));
  borrow(day, days, month);
  borrow(month, 12, year);
  return integers(call, {year, month, day, hour, minute, second});
}

constexpr Builtin table[] = {
    {"time.now_ns", "() => now: number", now_ns, Trait::nondeterministic},
    {"time.add_date", "(ns: number, years: number, months: number, days: number) => output: number",
     add_date},
    {"time.clock",
     "(x: any<number, array<number, string>>) => output: array<number, number, number>", clock_},
    {"time.date", "(x: any<number, array<number, string>>) => date: array<number, number, number>",
     date_},
    {"time.diff",
     "(ns1: any<number, array<number, string>>, ns2: any<number, array<number, string>>) => "
     "output: array<number, number, number, number, number, number>",
     diff},
    {"time.format",
     "(x: any<number, array<number, string>, array<number, string, string>>) => formatted "
     "timestamp: string",
     format},
    {"time.parse_duration_ns", "(duration: string) => ns: number", parse_duration_ns},
    {"time.parse_ns", "(layout: string, value: string) => ns: number", parse_ns},
    {"time.parse_rfc3339_ns", "(value: string) => ns: number", parse_rfc3339_ns},
    {"time.weekday", "(x: any<number, array<number, string>>) => day: string", weekday},
};

}  // namespace

std::int64_t Environment::now() {
  if (!now_ns) {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  }
  return *now_ns;
}

std::span<const Builtin> time_builtins() { return table; }

}  // namespace lictor::builtins
