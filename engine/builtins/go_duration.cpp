// Durations. Source: Go's package time (1.27), ParseDuration; OPA v1/topdown/time.go,
// parseExtendedDuration.
#include <charconv>
#include <optional>
#include <utility>

#include "base/digits.hpp"
#include "base/unicode.hpp"
#include "builtins/go_time.hpp"

namespace lictor::builtins {
namespace {

constexpr std::uint64_t bound = std::uint64_t{1} << 63;

/// Nanoseconds of a unit; 0 for what is none.
std::uint64_t unit_of(std::string_view unit) {
  constexpr std::pair<std::string_view, std::uint64_t> units[] = {
      {"ns", 1},         {"us", 1000},         {"\xC2\xB5s", 1000},   {"\xCE\xBCs", 1000},
      {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};
  for (const auto& [name, size] : units) {
    if (unit == name) return size;
  }
  return 0;
}

/// Reads a duration of numbers and Go's units.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  /// Returns the error, or "".
  std::string read(std::int64_t& out) {
    bool negative = rest_.starts_with('-');
    if (negative || rest_.starts_with('+')) rest_.remove_prefix(1);
    out = 0;
    if (rest_ == "0") return "";
    if (rest_.empty()) return invalid();
    std::uint64_t total = 0;
    while (!rest_.empty()) {
      std::string wrong = read_part(total);
      if (!wrong.empty()) return wrong;
    }
    if (total == bound && !negative) return invalid();
    out = static_cast<std::int64_t>(negative ? 0 - total : total);
    return "";
  }

 private:
  std::string invalid() const { return "time: invalid duration " + go_time_quoted(text_); }

  /// Digits as an integer; nothing if it is too large.
  std::optional<std::uint64_t> read_whole() {
    std::uint64_t out = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1)) {
      if (out > bound / 10) return std::nullopt;
      out = out * 10 + static_cast<unsigned>(rest_[0] - '0');
      if (out > bound) return std::nullopt;
    }
    return out;
  }

  /// Digits after a point; those that no longer fit are dropped.
  std::uint64_t read_fraction(double& scale) {
    std::uint64_t out = 0;
    bool full = false;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1)) {
      if (full || out > (bound - 1) / 10) {
        full = true;
        continue;
      }
      std::uint64_t next = out * 10 + static_cast<unsigned>(rest_[0] - '0');
      full = next > bound;
      if (full) continue;
      out = next;
      scale *= 10;
    }
    return out;
  }

  /// A number and its unit.
  std::string read_part(std::uint64_t& total) {
    std::size_t before = rest_.size();
    std::optional<std::uint64_t> whole = read_whole();
    if (!whole) return invalid();
    bool has_digits = rest_.size() != before;
    double scale = 1;
    std::uint64_t fraction = 0;
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      before = rest_.size();
      fraction = read_fraction(scale);
      has_digits = has_digits || rest_.size() != before;
    }
    if (!has_digits) return invalid();
    std::string_view name = rest_;
    while (!rest_.empty() && rest_[0] != '.' && !is_digit(rest_[0])) rest_.remove_prefix(1);
    name = name.substr(0, name.size() - rest_.size());
    if (name.empty()) return "time: missing unit in duration " + go_time_quoted(text_);
    std::uint64_t unit = unit_of(name);
    if (unit == 0) {
      return "time: unknown unit " + go_time_quoted(name) + " in duration " + go_time_quoted(text_);
    }
    if (*whole > bound / unit) return invalid();
    std::uint64_t part = *whole * unit;
    if (fraction > 0) {
      part += static_cast<std::uint64_t>(static_cast<double>(fraction) *
                                         (static_cast<double>(unit) / scale));
    }
    if (part > bound || total + part > bound) return invalid();
    total += part;
    return "";
  }

  std::string_view text_;
  std::string_view rest_;
};

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
  if (text.find_first_of("dwy") == text.npos) return Reader(text).read(out);
  std::optional<std::string> plain = in_hours(text);
  if (!plain) return "time: invalid duration " + shown;
  std::string wrong = Reader(*plain).read(out);
  if (wrong.empty()) return "";
  return wrong.substr(0, wrong.rfind(' ')) + " " + shown;
}

}  // namespace lictor::builtins
