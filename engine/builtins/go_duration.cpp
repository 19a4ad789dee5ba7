// Durations with days, weeks and years. Source: OPA v1/topdown/time.go, parseExtendedDuration.
#include <charconv>
#include <optional>
#include <utility>

#include "base/go_duration.hpp"
#include "base/unicode.hpp"
#include "builtins/go_time.hpp"

namespace lictor::builtins {
namespace {

/// The unit that a part of a longer duration ends with; empty if there is none.
std::string_view unit_at(std::string_view text) {
  for (std::string_view unit : {"ms", "us", "\xC2\xB5s", "ns"}) {
    if (text.starts_with(unit)) return text.substr(0, unit.size());
  }
  bool letter = !text.empty() && text[0] >= 'a' && text[0] <= 'z';
  return text.substr(0, letter ? 1 : 0);
}

int hours_of(std::string_view unit) {
  return unit == "d" ? 24 : unit == "w" ? 7 * 24 : unit == "y" ? 365 * 24 : 0;
}

/// The text with days, weeks and years as hours; nothing if it is no list of numbers and units.
std::optional<std::string> in_hours(std::string_view text) {
  std::string out;
  if (text.starts_with('-') || text.starts_with('+')) {
    out = text[0];
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::size_t size = std::min(text.find_first_not_of("0123456789."), text.size());
    std::string_view digits = text.substr(0, size), unit = unit_at(text.substr(size));
    if (digits.empty() || unit.empty()) return std::nullopt;
    text.remove_prefix(size + unit.size());
    int hours = hours_of(unit);
    if (hours == 0) {
      out.append(digits).append(unit);
      continue;
    }
    double value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    char buffer[400];
    auto written =
        std::to_chars(buffer, buffer + sizeof buffer, value * hours, std::chars_format::fixed);
    out.append(buffer, written.ptr).append("h");
  }
  return out;
}

}  // namespace

std::string parse_duration(std::string_view text, std::int64_t& out) {
  std::string shown;
  append_go_quoted(shown, text);
  if (text.empty()) return "time: invalid duration " + shown;
  if (text.find_first_of("dwy") == text.npos) return parse_go_duration(text, out);
  std::optional<std::string> plain = in_hours(text);
  if (!plain) return "time: invalid duration " + shown;
  std::string wrong = parse_go_duration(*plain, out);
  if (wrong.empty()) return "";
  return wrong.substr(0, wrong.rfind(' ')) + " " + shown;
}

}  // namespace lictor::builtins
