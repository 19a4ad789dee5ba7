// Globs → tokens → a walk over both lists of tokens at once.
#include "builtins/glob_intersection.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "base/unicode.hpp"

namespace lictor::builtins {
namespace {

/// Thrown with what is wrong.
struct Wrong {
  std::string text;
};

enum class Repeat { none, plus, star };

struct Range {
  char32_t first, last;
  bool operator==(const Range&) const = default;
};

struct Token {
  bool any = false;           // `.`
  std::vector<Range> ranges;  // sorted, apart from each other
  Repeat repeat = Repeat::none;

  bool same_characters(const Token& other) const {
    return any == other.any && ranges == other.ranges;
  }
};

/// One glob's text, read from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view glob) : text_(to_runes(glob)) {}

  std::vector<Token> tokens() {
    std::vector<Token> out;
    while (at_ < text_.size()) {
      Token token = next_token();
      token.repeat = next_repeat();
      bool merges = !out.empty() && out.back().repeat != Repeat::none &&
                    token.repeat != Repeat::none && out.back().same_characters(token);
      if (!merges)
        out.push_back(std::move(token));
      else if (token.repeat == Repeat::plus)
        out.back().repeat = Repeat::plus;
    }
    return out;
  }

 private:
  struct Character {
    char32_t code;
    bool escaped;
    bool is(char32_t plain) const { return !escaped && code == plain; }
  };

  [[noreturn]] void fail(const std::string& message) const {
    throw Wrong{"input:" + from_runes(text_) + ", pos:" + std::to_string(at_) + ", " + message +
                ": the input provided is invalid"};
  }

  static std::string text_of(char32_t code) {
    std::string out;
    append_rune(out, code);
    return out;
  }

  Character next_character() {
    if (text_[at_] != '\\') return {text_[at_++], false};
    if (at_ + 1 == text_.size()) fail("input ends with a \\ (escape) character");
    at_ += 2;
    return {text_[at_ - 1], true};
  }

  Token next_token() {
    Character character = next_character();
    Token out;
    if (character.is('.')) {
      out.any = true;
    } else if (character.is('[')) {
      out.ranges = next_set();
    } else {
      if (character.is(']')) fail("set-close ']' with no preceding '['");
      if (character.is('+') || character.is('*'))
        fail("flag '" + text_of(character.code) + "' must be preceded by a non-flag");
      out.ranges = {{character.code, character.code}};
    }
    return out;
  }

  /// The last character of a range, behind its `-`.
  char32_t range_end(char32_t first) {
    if (at_ + 1 >= text_.size())
      fail("range character '-' must be followed by a Unicode character");
    Character last = next_character();
    if (last.is(']') || last.is('-'))
      fail("range character '-' cannot be followed by a special symbol");
    if (last.code < first)
      fail("range is out of order: '" + text_of(last.code) + "' comes before '" + text_of(first) +
           "' in Unicode");
    return last.code;
  }

  std::vector<Range> next_set() {
    std::vector<Range> out;
    bool may_range = false;  // a single character was read last
    while (at_ < text_.size()) {
      Character character = next_character();
      if (character.is(']')) return joined(std::move(out));
      if (character.is('-')) {
        if (!may_range) fail("range character '-' must be preceded by a Unicode character");
        out.back().last = range_end(out.back().first);
        may_range = false;
      } else {
        out.push_back({character.code, character.code});
        may_range = true;
      }
    }
    fail("found [ without matching ]");
  }

  static std::vector<Range> joined(std::vector<Range> ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> out;
    for (const Range& range : ranges) {
      if (!out.empty() && range.first <= out.back().last + 1)
        out.back().last = std::max(out.back().last, range.last);
      else
        out.push_back(range);
    }
    return out;
  }

  Repeat next_repeat() {
    if (at_ == text_.size()) return Repeat::none;
    std::size_t before = at_;
    Character character = next_character();
    if (character.is('+')) return Repeat::plus;
    if (character.is('*')) return Repeat::star;
    at_ = before;
    return Repeat::none;
  }

  std::u32string text_;
  std::size_t at_ = 0;
};

bool meet(const Token& a, const Token& b) {
  if (a.any || b.any) return true;
  for (std::size_t i = 0, j = 0; i < a.ranges.size() && j < b.ranges.size();) {
    if (a.ranges[i].last < b.ranges[j].first)
      ++i;
    else if (b.ranges[j].last < a.ranges[i].first)
      ++j;
    else
      return true;
  }
  return false;
}

using Glob = std::span<const Token>;

bool is_single(const Token& token) { return token.repeat == Repeat::none; }

class Walk {
 public:
  bool both(Glob a, Glob b) { return trim(a, b) && from_start(a, b); }

 private:
  /// Takes off what both start and end with, but for one token; false if that does not meet.
  static bool trim(Glob& a, Glob& b) {
    std::size_t start = 0;
    for (; start < std::min(a.size(), b.size()); ++start) {
      if (!is_single(a[start]) || !is_single(b[start])) break;
      if (!meet(a[start], b[start])) return false;
    }
    if (start > 0) --start;
    std::size_t end = 0;
    for (; end + start < std::min(a.size(), b.size()); ++end) {
      const Token &last_a = a[a.size() - 1 - end], &last_b = b[b.size() - 1 - end];
      if (!is_single(last_a) || !is_single(last_b)) break;
      if (!meet(last_a, last_b)) return false;
    }
    if (end > 0) --end;
    a = a.subspan(start, a.size() - start - end);
    b = b.subspan(start, b.size() - start - end);
    return true;
  }

  bool from_start(Glob a, Glob b) {
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
      if (!is_single(a[i]) || !is_single(b[i])) return repeated(a.subspan(i), b.subspan(i));
      if (!meet(a[i], b[i])) return false;
    }
    return a.size() == b.size();
  }

  /// One of the globs starts with a repeated token.
  bool repeated(Glob a, Glob b) {
    if (is_single(a[0])) std::swap(a, b);
    if (a[0].repeat == Repeat::star) return star(a, b);
    if (!meet(a[0], b[0])) return false;
    if (star(a, b.subspan(1))) return true;
    return !is_single(b[0]) && from_start(a.subspan(1), b);
  }

  /// The first token of `a` takes as many of `b` as it can, until the rest of both meets.
  bool star(Glob a, Glob b) {
    constexpr std::size_t most_steps = 10'000'000;
    constexpr int deepest = 10'000;
    if (++depth_ > deepest) throw Wrong{"the globs are too long"};
    bool out = a.size() == 1;
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (++steps_ > most_steps) throw Wrong{"the globs take too long to compare"};
      if (a.size() > 1 && meet(b[i], a[1]) && from_start(a.subspan(1), b.subspan(i))) {
        out = true;
        break;
      }
      if (!meet(b[i], a[0])) {
        out = false;
        break;
      }
    }
    --depth_;
    return out;
  }

  std::size_t steps_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<bool> globs_intersect(std::string_view a, std::string_view b, std::string& error) {
  try {
    std::vector<Token> first = Scanner(a).tokens(), second = Scanner(b).tokens();
    return Walk().both(first, second);
  } catch (const Wrong& wrong) {
    error = wrong.text;
    return std::nullopt;
  }
}

}  // namespace lictor::builtins
