// Sets of code points, as pattern languages build them: ranges, negation, case folding, and the
// classes that Unicode names.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace lictor {

struct RuneRange {
  char32_t first, last;
};

constexpr char32_t last_rune = 0x10FFFF;

/// INVARIANT of ranges(): sorted, and no two overlap or touch.
class RuneSet {
 public:
  RuneSet() = default;
  explicit RuneSet(std::vector<RuneRange> ranges) : ranges_(std::move(ranges)) { normalize(); }
  static RuneSet of(char32_t code) { return RuneSet({{code, code}}); }

  const std::vector<RuneRange>& ranges() const { return ranges_; }
  bool contains(char32_t code) const;
  bool is_everything() const {
    return ranges_.size() == 1 && ranges_[0].last == last_rune && ranges_[0].first == 0;
  }

  void add(const RuneSet& other);
  RuneSet negated() const;
  /// With every code point that differs from one of the set in case only.
  RuneSet folded() const;

 private:
  void normalize();

  std::vector<RuneRange> ranges_;
};

/// The class that Go's \p{name} means: a category, a script, or a name of Unicode's for a category.
/// Case, blanks, hyphens and underscores of the name do not matter. With `fold`, code points are
/// added that differ in case only.
std::optional<RuneSet> unicode_class(std::string_view name, bool fold = false);

}  // namespace lictor
