#include "base/go_duration.hpp"

#include <optional>
#include <utility>

#include "base/digits.hpp"

namespace lictor {
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

}  // namespace

std::string go_time_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool plain = byte >= ' ' && byte < 0x80;
    if (c == '"' || c == '\\') out += '\\';
    if (plain) {
      out += c;
      continue;
    }
    out += "\\x";
    constexpr char digits[] = "0123456789abcdef";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out + '"';
}

std::string parse_go_duration(std::string_view text, std::int64_t& out) {
  return Reader(text).read(out);
}

}  // namespace lictor
