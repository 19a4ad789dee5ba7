// A text in a text → positions, in time linear in both, whatever they hold.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

namespace lictor {

/// As std::string_view::find, which takes quadratic time on repetitive texts.
inline std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from = 0) {
  if (from > text.size()) return std::string_view::npos;
  if (wanted.empty()) return from;
  const void* found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// Calls visit(position) for each occurrence of a nonempty text, also where two overlap.
template <typename Visit>
void each_occurrence(std::string_view text, std::string_view wanted, Visit visit) {
  // Knuth, Morris and Pratt: border[i] is the longest proper prefix of wanted[0..i] that ends
  // there.
  std::vector<std::size_t> border(wanted.size(), 0);
  auto advance = [&](std::size_t matched, char c) {
    while (matched != 0 && (matched == wanted.size() || wanted[matched] != c))
      matched = border[matched - 1];
    return wanted[matched] == c ? matched + 1 : matched;
  };
  for (std::size_t i = 1; i < wanted.size(); ++i) border[i] = advance(border[i - 1], wanted[i]);
  std::size_t matched = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    matched = advance(matched, text[i]);
    if (matched == wanted.size()) visit(i + 1 - wanted.size());
  }
}

}  // namespace lictor
