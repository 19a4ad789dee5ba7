// Names are compared in lower case by their edit distance; how far is close depends on the length.
#include "builtins/graphql/suggest.hpp"

#include <algorithm>

#include "base/letters.hpp"
#include "base/unicode.hpp"
#include "builtins/go_sort.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr std::size_t most_shown = 5;

std::u32string lower(std::string_view text) {
  std::u32string out = to_runes(text);
  for (char32_t& rune : out) rune = to_lower(rune);
  return out;
}

/// How many characters must be inserted, removed or changed to make one of the other.
std::size_t edits(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (char32_t rune : b) {
    std::size_t diagonal = row[0]++;
    for (std::size_t i = 0; i < a.size(); ++i) {
      std::size_t changed = diagonal + (a[i] != rune);
      diagonal = row[i + 1];
      row[i + 1] = std::min({changed, row[i] + 1, row[i + 1] + 1});
    }
  }
  return row.back();
}

std::size_t distance(std::string_view a, std::string_view b, Budget& budget) {
  if (a == b) return 0;
  std::u32string x = lower(a), y = lower(b);
  if (x == y) return 1;
  budget.spend(x.size() * y.size());
  return edits(x, y);
}

}  // namespace

std::string quoted_or_list(const std::vector<std::string_view>& items) {
  std::size_t count = std::min(items.size(), most_shown);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    bool is_last = i + 1 == count;
    if (i > 0) out += count == 2 ? " or " : is_last ? ", or " : ", ";
    out.append("\"").append(items[i]).append("\"");
  }
  return out;
}

std::vector<std::string_view> close_names(std::string_view typed,
                                          const std::vector<std::string_view>& options,
                                          Budget& budget) {
  std::size_t most = typed.size() * 2 / 5 + 1;
  std::vector<std::pair<std::size_t, std::string_view>> close;
  for (std::string_view option : options) {
    std::size_t far = distance(typed, option, budget);
    if (far <= most) close.emplace_back(far, option);
  }
  go_sort(close, [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string_view> out;
  for (const auto& [far, option] : close) out.push_back(option);
  return out;
}

std::string suggestion(std::string_view start, std::string_view typed,
                       const std::vector<std::string_view>& options, Budget& budget) {
  std::vector<std::string_view> close = close_names(typed, options, budget);
  if (close.empty()) return {};
  return " " + std::string(start) + " " + quoted_or_list(close) + "?";
}

}  // namespace lictor::builtins::graphql
