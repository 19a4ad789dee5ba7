// Copies of texts that are put together from pieces. In: a text, and where it goes, which has room
// for it. Out: where the next piece goes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lictor {

/// Most pieces are short: they are copied as two words that overlap, without a call.
inline char* copy_text(std::string_view text, char* to) {
  auto two_words = [&](auto word) {
    auto last = word;
    std::memcpy(&word, text.data(), sizeof word);
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + text.size() - sizeof last, &last, sizeof last);
  };
  if (text.size() > 32)
    std::memcpy(to, text.data(), text.size());
  else if (text.size() >= 16)
    two_words(std::array<std::uint64_t, 2>{});
  else if (text.size() >= 8)
    two_words(std::uint64_t{});
  else if (text.size() >= 4)
    two_words(std::uint32_t{});
  else
    for (std::size_t i = 0; i < text.size(); ++i) to[i] = text[i];
  return to + text.size();
}

}  // namespace lictor
