#include "builtins/zone_rule.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "builtins/go_time.hpp"

namespace lictor::builtins {
namespace {

constexpr std::int64_t seconds_per_day = 86400;

/// The last line of a file of the database, without its end.
std::string last_line(const std::string& zone) {
  std::ifstream file("/usr/share/zoneinfo/" + zone, std::ios::binary);
  std::stringstream contents;
  contents << file.rdbuf();
  std::string text = contents.str();
  if (text.size() < 2 || text.back() != '\n') return {};
  std::size_t start = text.rfind('\n', text.size() - 2);
  return start == text.npos ? "" : text.substr(start + 1, text.size() - start - 2);
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

/// Reads the parts of a rule. Each read_* returns false if its part is not there.
class ZoneRule::Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool read_name(std::string& out) {
    bool quoted = take('<');
    std::size_t end = quoted ? rest_.find('>') : rest_.find_first_of("+-,0123456789");
    if (quoted && end == rest_.npos) return false;
    end = std::min(end, rest_.size());
    out = std::string(rest_.substr(0, end));
    rest_.remove_prefix(end + (quoted ? 1 : 0));
    return !out.empty();
  }

  bool read_number(int most, int& out) {
    std::size_t digits = 0;
    out = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9' && out <= most;
         ++digits)
      out = out * 10 + (rest_[digits] - '0');
    rest_.remove_prefix(digits);
    return digits > 0 && out <= most;
  }

  /// [+-]h[:m[:s]]
  bool read_time(int& out) {
    constexpr int most_hours = 24 * 7;
    bool negative = take('-');
    if (!negative) take('+');
    int hours = 0, minutes = 0, seconds = 0;
    if (!read_number(most_hours, hours)) return false;
    if (take(':') && !read_number(59, minutes)) return false;
    if (take(':') && !read_number(59, seconds)) return false;
    out = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
  }

  /// ,Mm.w.d or ,Jn or ,n and perhaps /time
  bool read_change(Change& out) {
    if (!take(',')) return false;
    bool good = true;
    if (take('M')) {
      good = read_number(12, out.month) && take('.') && read_number(5, out.week) && take('.') &&
             read_number(6, out.day) && out.month > 0 && out.week > 0;
    } else {
      out.form = take('J') ? Change::Form::day_without_leap : Change::Form::day;
      good = read_number(365, out.day);
    }
    return good && (!take('/') || read_time(out.second));
  }

 private:
  std::string_view rest_;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  ZoneRule out;
  Reader reader(text);
  int west = 0;
  if (!reader.read_name(out.standard_) || !reader.read_time(west)) return std::nullopt;
  out.standard_offset_ = -west;
  if (!reader.read_name(out.daylight_)) return std::nullopt;
  int daylight_west = west - 3600;
  reader.read_time(daylight_west);
  out.daylight_offset_ = -daylight_west;
  bool good = reader.read_change(out.begin_) && reader.read_change(out.end_) && reader.at_end();
  return good ? std::optional(std::move(out)) : std::nullopt;
}

const ZoneRule* ZoneRule::of(const std::string& zone) {
  static std::mutex mutex;
  static std::map<std::string, std::optional<ZoneRule>> rules;
  std::lock_guard lock(mutex);
  auto found = rules.find(zone);
  if (found == rules.end()) found = rules.emplace(zone, parse(last_line(zone))).first;
  return found->second ? &*found->second : nullptr;
}

std::int64_t ZoneRule::seconds_of(const Change& change, std::int64_t year) {
  std::int64_t day = 0;
  if (change.form == Change::Form::weekday) {
    std::int64_t first = days_of(year, change.month, 1);
    std::int64_t weekday = ((first + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    day = first + (change.day - weekday + 7) % 7 + 7 * (change.week - 1);
    while (day >= days_of(year, change.month + 1, 1)) day -= 7;
  } else {
    bool skips_leap_day = change.form == Change::Form::day_without_leap;
    std::int64_t index = change.day - (skips_leap_day ? 1 : 0);
    if (skips_leap_day && is_leap(year) && change.day >= 60) ++index;
    day = days_of(year, 1, 1) + index;
  }
  return day * seconds_per_day + change.second;
}

ZonePeriod ZoneRule::at(std::int64_t seconds) const {
  constexpr std::int64_t seconds_per_400_years = 146097 * seconds_per_day;
  std::int64_t year = 1970 + static_cast<std::int64_t>(static_cast<__int128>(seconds) * 400 /
                                                       seconds_per_400_years);
  struct Event {
    std::int64_t at;
    bool to_daylight;
  };
  std::array<Event, 6> events;
  for (int i = 0; i < 3; ++i) {
    std::int64_t of = year - 1 + i;
    auto slot = static_cast<std::size_t>(2 * i);
    events[slot] = {seconds_of(begin_, of) - standard_offset_, true};
    events[slot + 1] = {seconds_of(end_, of) - daylight_offset_, false};
  }
  std::sort(events.begin(), events.end(), [](Event a, Event b) { return a.at < b.at; });
  auto next = std::find_if(events.begin(), events.end(), [&](Event e) { return e.at > seconds; });
  auto last = next == events.begin() ? next : next - 1;
  bool daylight = next == events.begin() ? !next->to_daylight : last->to_daylight;
  return {last->at, next == events.end() ? INT64_MAX : next->at,
          daylight ? daylight_offset_ : standard_offset_, daylight ? daylight_ : standard_};
}

}  // namespace lictor::builtins
