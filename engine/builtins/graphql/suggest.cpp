// Names are compared in lower case by their edit distance; how far is close depends on the length.
#include "builtins/graphql/suggest.hpp"

#include <algorithm>

#include "base/letters.hpp"
#include "base/unicode.hpp"
#include "builtins/go_sort.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr std::size_t most_shown = 5;
/// Pairs of characters that are compared in the time of one step of a validation.
constexpr std::size_t edits_a_step = 16;

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

/// Measures how far names are from one that was typed.
class Distance {
 public:
  Distance(std::string_view typed, std::size_t most, Budget& budget)
      : typed_(typed), lower_(lower(typed)), most_(most), budget_(budget) {}

  /// More than `most` if the name is farther away than that.
  std::size_t to(std::string_view name) const {
    if (name == typed_) return 0;
    std::u32string other = lower(name);
    if (other == lower_) return 1;
    std::size_t shorter = std::min(lower_.size(), other.size());
    if (std::max(lower_.size(), other.size()) - shorter > most_) return most_ + 1;
    budget_.spend(1 + lower_.size() * other.size() / edits_a_step);
    return edits(lower_, other);
  }

 private:
  std::string_view typed_;
  std::u32string lower_;
  std::size_t most_;
  Budget& budget_;
};

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
  Distance distance(typed, most, budget);
  std::vector<std::pair<std::size_t, std::string_view>> close;
  for (std::string_view option : options) {
    std::size_t far = distance.to(option);
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
