// Properties of code points, on the tables of Unicode.
#include "base/letters.hpp"

#include <algorithm>
#include <iterator>

#include "base/unicode.hpp"
#include "base/unicode_tables.hpp"

namespace lictor {

namespace {

/// The range that has a code point, or null.
template <typename Range, std::size_t size>
const Range* find_range(const Range (&ranges)[size], char32_t code) {
  auto next =
      std::upper_bound(std::begin(ranges), std::end(ranges), code,
                       [](char32_t wanted, const Range& range) { return wanted < range.first; });
  if (next == std::begin(ranges) || code > (next - 1)->last) return nullptr;
  return next - 1;
}

char32_t to_case(char32_t code, std::int32_t unicode::CaseRange::*delta, bool lower) {
  const unicode::CaseRange* range = find_range(unicode::case_ranges, code);
  if (range == nullptr) return code;
  if (range->*delta != unicode::alternating)
    return static_cast<char32_t>(static_cast<std::int32_t>(code) + range->*delta);
  return range->first + (((code - range->first) & ~char32_t{1}) | char32_t{lower});
}

}  // namespace

char32_t to_upper(char32_t code) { return to_case(code, &unicode::CaseRange::to_upper, false); }
char32_t to_lower(char32_t code) { return to_case(code, &unicode::CaseRange::to_lower, true); }

char32_t next_fold(char32_t code) {
  auto step = std::lower_bound(
      std::begin(unicode::fold_exceptions), std::end(unicode::fold_exceptions), code,
      [](const unicode::FoldStep& step, char32_t wanted) { return step.from < wanted; });
  if (step != std::end(unicode::fold_exceptions) && step->from == code) return step->to;
  char32_t lower = to_lower(code);
  return lower != code ? lower : to_upper(code);
}

bool is_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

std::size_t display_width(char32_t code) {
  if (code < 0x80) return is_printable(code) ? 1 : 0;
  if (find_range(unicode::wide_ranges, code) != nullptr) return 2;
  return find_range(unicode::zero_width_ranges, code) != nullptr ? 0 : 1;
}

bool is_printable(char32_t code) {
  if (code < 0x80) return code >= ' ' && code != 0x7F;
  return find_range(unicode::printable_ranges, code) != nullptr;
}

}  // namespace lictor
