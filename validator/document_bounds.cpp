// Counts brackets outside of strings; few of them need no walk.
#include "document_bounds.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace lictor::validator {
namespace {

/// Opening brackets, those within strings included. Blocks are counted in bytes, so that the
/// compiler makes vector instructions of the loop.
std::size_t count_opened(std::string_view text) {
  constexpr std::size_t block = 64;
  auto is_opened = [](char c) { return static_cast<std::uint8_t>((c & ~0x20) == '['); };  // or '{'
  std::size_t out = 0, i = 0;
  for (; i + block <= text.size(); i += block) {
    std::uint8_t some = 0;
    for (std::size_t k = 0; k < block; ++k)
      some = static_cast<std::uint8_t>(some + is_opened(text[i + k]));
    out += some;
  }
  for (; i < text.size(); ++i) out += is_opened(text[i]);
  return out;
}

}  // namespace

bool is_deeper(std::string_view text, std::size_t limit) {
  if (count_opened(text) <= limit) return false;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
        break;
      case '{':
      case '[':
        if (++depth > limit) return true;
        break;
      case '}':
      case ']':
        if (depth > 0) --depth;
        break;
      default:
        break;
    }
  }
  return false;
}

bool is_deeper(const nlohmann::json& json, std::size_t limit) {
  std::vector<std::pair<const nlohmann::json*, std::size_t>> left{{&json, 1}};
  while (!left.empty()) {
    auto [value, depth] = left.back();
    left.pop_back();
    if (!value->is_structured()) continue;
    if (depth > limit) return true;
    for (const nlohmann::json& item : *value) left.emplace_back(&item, depth + 1);
  }
  return false;
}

}  // namespace lictor::validator
