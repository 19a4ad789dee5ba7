#include "base/go_address.hpp"

#include <algorithm>

#include "base/digits.hpp"
#include "base/hex.hpp"
#include "base/unicode.hpp"

namespace lictor {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// Reads one text. Each check_* returns the error, or "".
class Address {
 public:
  explicit Address(std::string_view text) : text_(text) {}

  std::string check() const {
    std::size_t first = text_.find_first_of(".:%");
    if (first == text_.npos) return error("unable to parse IP");
    if (text_[first] == '%') return error("missing IPv6 address");
    return text_[first] == '.' ? check_v4(text_) : check_v6();
  }

 private:
  std::string error(std::string_view what, std::string_view at = {}) const {
    std::string out = "ParseAddr(" + quoted(text_) + "): " + std::string(what);
    return at.empty() ? out : out + " (at " + quoted(at) + ")";
  }

  /// Four decimal fields, which may be the end of an IPv6 address.
  std::string check_v4(std::string_view fields) const {
    int dots = 0, digits = 0, value = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      char c = fields[i];
      if (is_digit(c)) {
        if (digits == 1 && value == 0) return error("IPv4 field has octet with leading zero");
        value = value * 10 + (c - '0');
        ++digits;
        if (value > 255) return error("IPv4 field has value >255");
        continue;
      }
      if (c != '.') return error("unexpected character", fields.substr(i));
      if (i == 0 || i + 1 == fields.size() || fields[i - 1] == '.')
        return error("IPv4 field must have at least one digit", fields.substr(i));
      if (++dots > 3) return error("IPv4 address too long");
      value = digits = 0;
    }
    return dots < 3 ? error("IPv4 address too short") : "";
  }

  /// Groups of hexadecimal digits between colons, of which one pair may stand for groups of zeros.
  std::string check_v6() const {
    constexpr int all_groups = 8;
    std::string_view rest = text_.substr(0, text_.find('%'));
    if (rest.size() + 1 == text_.size()) return error("zone must be a non-empty string");
    bool has_gap = rest.starts_with("::");
    if (has_gap) rest.remove_prefix(2);
    if (has_gap && rest.empty()) return "";
    int groups = 0;
    while (groups < all_groups) {
      std::size_t digits = 0;
      while (digits < rest.size() && hex_digit(rest[digits]) >= 0) ++digits;
      if (digits > 4) return error("each group must have 4 or less digits", rest);
      if (digits == 0) {
        return error("each colon-separated field must have at least one digit", rest);
      }
      if (digits < rest.size() && rest[digits] == '.') return check_end(rest, groups, has_gap);
      ++groups;
      rest.remove_prefix(digits);
      if (rest.empty()) break;
      if (rest[0] != ':') return error("unexpected character, want colon", rest);
      if (rest.size() == 1) return error("colon must be followed by more characters", rest);
      rest.remove_prefix(1);
      if (rest[0] != ':') continue;
      if (has_gap) return error("multiple :: in address", rest);
      has_gap = true;
      rest.remove_prefix(1);
      if (rest.empty()) break;
    }
    if (!rest.empty()) return error("trailing garbage after address", rest);
    return check_count(groups, has_gap);
  }

  /// An IPv4 address in place of the last two groups.
  std::string check_end(std::string_view rest, int groups, bool has_gap) const {
    constexpr int groups_before = 6;
    if (!has_gap && groups != groups_before) {
      return error("embedded IPv4 address must replace the final 2 fields of the address", rest);
    }
    if (groups > groups_before) {
      return error("too many hex fields to fit an embedded IPv4 at the end of the address", rest);
    }
    std::string wrong = check_v4(rest);
    return wrong.empty() ? check_count(groups + 2, has_gap) : wrong;
  }

  std::string check_count(int groups, bool has_gap) const {
    if (groups < 8) return has_gap ? "" : error("address string too short");
    return has_gap ? error("the :: must expand to at least one field of zeros") : "";
  }

  std::string_view text_;
};

}  // namespace

std::string address_error(std::string_view text) { return Address(text).check(); }

}  // namespace lictor
