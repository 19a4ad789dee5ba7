// Sets of code points, on the tables of Unicode.
#include "base/rune_set.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/letters.hpp"
#include "base/unicode_tables.hpp"

namespace lictor {

bool RuneSet::contains(char32_t code) const {
  auto next = std::upper_bound(
      ranges_.begin(), ranges_.end(), code,
      [](char32_t wanted, const RuneRange& range) { return wanted < range.first; });
  return next != ranges_.begin() && code <= (next - 1)->last;
}

void RuneSet::add(const RuneSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  normalize();
}

void RuneSet::normalize() {
  if (ranges_.size() < 2) return;
  std::sort(ranges_.begin(), ranges_.end(),
            [](const RuneRange& a, const RuneRange& b) { return a.first < b.first; });
  std::size_t kept = 1;
  for (std::size_t i = 1; i < ranges_.size(); ++i) {
    if (ranges_[i].first <= ranges_[kept - 1].last + 1)
      ranges_[kept - 1].last = std::max(ranges_[kept - 1].last, ranges_[i].last);
    else
      ranges_[kept++] = ranges_[i];
  }
  ranges_.resize(kept);
}

RuneSet RuneSet::negated() const {
  std::vector<RuneRange> out;
  char32_t next = 0;
  for (const RuneRange& range : ranges_) {
    if (next < range.first) out.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= last_rune) out.push_back({next, last_rune});
  return RuneSet(std::move(out));
}

namespace {

/// The code points that have another case, in order.
const std::vector<char32_t>& cased_runes() {
  static const std::vector<char32_t> runes = [] {
    std::vector<char32_t> out;
    for (char32_t code = 0; code <= last_rune; ++code) {
      if (next_fold(code) != code) out.push_back(code);
    }
    return out;
  }();
  return runes;
}

}  // namespace

RuneSet RuneSet::folded() const {
  std::vector<RuneRange> out = ranges_;
  for (const RuneRange& range : ranges_) {
    if (range.first == range.last) {
      for (char32_t code = next_fold(range.first); code != range.first; code = next_fold(code))
        out.push_back({code, code});
      continue;
    }
    const std::vector<char32_t>& cased = cased_runes();
    auto first = std::lower_bound(cased.begin(), cased.end(), range.first);
    auto last = std::upper_bound(first, cased.end(), range.last);
    for (; first != last; ++first) {
      for (char32_t code = next_fold(*first); code != *first; code = next_fold(code))
        out.push_back({code, code});
    }
  }
  return RuneSet(std::move(out));
}

namespace {

/// A name as Go looks it up: a capital, then small letters, without separators.
std::string canonical(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    bool capital = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z';
    if (out.empty() && small) c = static_cast<char>(c - 'a' + 'A');
    if (!out.empty() && capital) c = static_cast<char>(c - 'A' + 'a');
    out += c;
  }
  return out;
}

/// The code points whose property's index is wanted.
template <std::size_t size, typename Wanted>
RuneSet runes_with(const std::uint32_t (&starts)[size], Wanted wanted) {
  std::vector<RuneRange> out;
  for (std::size_t i = 0; i < size; ++i) {
    char32_t end = i + 1 < size ? starts[i + 1] >> 8 : last_rune + 1;
    if (wanted(starts[i] & 0xFF)) out.push_back({starts[i] >> 8, end - 1});
  }
  return RuneSet(std::move(out));
}

bool is_in_category(std::string_view category, std::string_view group) {
  if (group == "LC") return category == "Lu" || category == "Ll" || category == "Lt";
  return category.starts_with(group);
}

std::optional<RuneSet> category_class(std::string_view group) {
  RuneSet out = runes_with(unicode::category_starts, [&](std::uint32_t index) {
    return is_in_category(unicode::category_names[index], group);
  });
  return out.ranges().empty() ? std::nullopt : std::optional(std::move(out));
}

std::optional<RuneSet> script_class(std::string_view name) {
  auto script = std::find_if(std::begin(unicode::script_names) + 1, std::end(unicode::script_names),
                             [&](const char* script) { return canonical(script) == name; });
  if (script == std::end(unicode::script_names)) return std::nullopt;
  auto index = static_cast<std::uint32_t>(script - std::begin(unicode::script_names));
  return runes_with(unicode::script_starts, [&](std::uint32_t other) { return other == index; });
}

/// The category that a canonical name means, if any.
std::optional<std::string> category_of(const std::string& name) {
  if (name == "Lc") return "LC";
  if (!name.empty() && name.size() <= 2 && category_class(name)) return name;
  for (const unicode::CategoryAlias& alias : unicode::category_aliases) {
    if (name == alias.name) return alias.category;
  }
  return std::nullopt;
}

}  // namespace

std::optional<RuneSet> unicode_class(std::string_view given, bool fold) {
  std::string name = canonical(given);
  std::optional<std::string> category = category_of(name);
  std::optional<RuneSet> out;
  if (name == "Any")
    out = RuneSet({{0, last_rune}});
  else if (name == "Ascii")
    out = RuneSet({{0, 0x7F}});
  else if (name == "Assigned")
    out = category_class("Cn")->negated();
  else
    out = category ? category_class(*category) : script_class(name);
  // Go's tables have nothing to add to the cased letters, not even U+0345.
  bool adds = fold && out && category != "LC";
  return adds ? out->folded() : out;
}

}  // namespace lictor
