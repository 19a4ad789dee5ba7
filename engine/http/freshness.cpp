#include "freshness.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <map>
#include <optional>

#include "base/go_duration.hpp"
#include "base/unicode.hpp"

namespace lictor::http {
namespace {

using Directives = std::map<std::string, std::string, std::less<>>;

/// The directives of Cache-Control; one with two equals signs is none.
Directives directives_of(const Headers& headers) {
  Directives out;
  std::string_view rest = first_value(headers, "cache-control");
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view part = trimmed(rest.substr(0, end), " ");
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::size_t sign = part.find('=');
    if (part.empty() || (sign != part.npos && part.find('=', sign + 1) != part.npos)) continue;
    std::string_view value = sign == part.npos ? std::string_view() : part.substr(sign + 1);
    out[std::string(trimmed(part.substr(0, sign), " "))] = value;
  }
  return out;
}

/// Seconds since 1970 of a date in one of HTTP's three forms.
std::optional<std::int64_t> parse_date(const std::string& text) {
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm time{};
    const char* end = strptime(text.c_str(), form, &time);
    if (!end || *end) continue;
    // strptime takes more than the form says: the date must be written just so.
    std::tm written = time;
    char again[64];
    std::strftime(again, sizeof again, form, &written);
    std::tm checked = time;
    std::int64_t out = timegm(&checked);
    if (lower_case(again) == lower_case(text) && checked.tm_mday == time.tm_mday) return out;
  }
  return std::nullopt;
}

/// Go's words for a text that is none of the three forms.
std::string date_fault(const std::string& text) {
  return "parsing time " + go_time_quoted(text) +
         " as \"Mon Jan _2 15:04:05 2006\": cannot parse " + go_time_quoted(text) + " as \"Mon\"";
}

/// -1 if there is no max-age.
std::variant<std::int64_t, std::string> max_age_of(const Directives& directives) {
  auto at = directives.find("max-age");
  if (at == directives.end()) return -1;
  const std::string& text = at->second;
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  bool number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (!number) {
    std::string out = "strconv.ParseUint: parsing ";
    append_go_quoted(out, text);
    return out + ": invalid syntax";
  }
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::min(value, most) : most;
}

}  // namespace

bool is_cacheable(int status_code) {
  constexpr int codes[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
  return std::find(std::begin(codes), std::end(codes), status_code) != std::end(codes);
}

bool may_store(const Headers& headers) { return !directives_of(headers).count("no-store"); }

std::int64_t later(std::int64_t time_ns, std::int64_t seconds) {
  constexpr std::int64_t second = 1'000'000'000;
  std::int64_t out = 0;
  bool over =
      __builtin_mul_overflow(seconds, second, &out) || __builtin_add_overflow(out, time_ns, &out);
  return over ? std::numeric_limits<std::int64_t>::max() : out;
}

Expiry expiry_of(const Headers& headers) {
  auto max_age = max_age_of(directives_of(headers));
  if (auto* wrong = std::get_if<std::string>(&max_age)) return *wrong;
  std::int64_t seconds = std::get<std::int64_t>(max_age);
  if (seconds >= 0) {
    std::string date(first_value(headers, "date"));
    if (date.empty()) return "no date header";
    std::optional<std::int64_t> made = parse_date(date);
    if (!made) return date_fault(date);
    return later(0, *made + seconds);
  }
  std::optional<std::int64_t> expires = parse_date(std::string(first_value(headers, "expires")));
  return expires ? later(0, *expires) : no_expiry;
}

}  // namespace lictor::http
