// Makes a text fit into a line of a message.
#include "base/one_line.hpp"

#include <sstream>

#include "base/unicode.hpp"

namespace lictor {

std::string on_one_line(const std::string& text) {
  constexpr std::size_t most_runes = 80;
  std::string out;
  std::istringstream words(text);
  for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
  std::size_t at = 0;
  for (std::size_t runes = 0; at < out.size() && runes < most_runes; ++runes)
    at += decode_rune(out, at).size;
  return at < out.size() ? out.substr(0, at) + "..." : out;
}

}  // namespace lictor
