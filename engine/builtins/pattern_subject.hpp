// The text that a pattern is matched against, as Go's matchers see it: a byte that is not UTF-8 is
// U+FFFD. RE2 gets UTF-8 in any case; positions are those of the text that was given.
#pragma once

#include <re2/stringpiece.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/unicode.hpp"

namespace lictor::builtins {

class PatternSubject {
 public:
  explicit PatternSubject(std::string_view text) : text_(text), seen_(text) {
    if (valid_utf8(text)) return;
    for (std::size_t at = 0; at < text.size();) {
      Rune rune = decode_rune(text, at);
      if (!rune.valid) repaired_at_.push_back(repaired_.size());
      append_rune(repaired_, rune.code);
      at += rune.size;
    }
    seen_ = repaired_;
  }
  PatternSubject(const PatternSubject&) = delete;
  PatternSubject& operator=(const PatternSubject&) = delete;

  /// What RE2 reads.
  std::string_view seen() const { return seen_; }
  re2::StringPiece piece() const { return {seen_.data(), seen_.size()}; }

  /// The part of the text given that corresponds to a part of seen().
  std::string_view part(std::size_t start, std::size_t end) const {
    std::size_t first = given(start);
    return text_.substr(first, given(end) - first);
  }

 private:
  std::size_t given(std::size_t at) const {
    constexpr std::size_t added = 2;  // U+FFFD is three bytes for one
    auto before = std::lower_bound(repaired_at_.begin(), repaired_at_.end(), at);
    return at - added * static_cast<std::size_t>(before - repaired_at_.begin());
  }

  std::string_view text_, seen_;
  std::string repaired_;
  std::vector<std::size_t> repaired_at_;
};

}  // namespace lictor::builtins
