// Counts brackets outside of strings; few of them need no walk.
#include "document_bounds.hpp"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace lictor::validator {
namespace {

constexpr std::size_t block_size = 64;

bool is_opening(char c) { return (c & ~0x20) == '['; }  // or '{'

/// Counts in a byte, so that the compiler makes vector instructions of the loop.
std::uint8_t count_in_block(const char* block) {
  std::uint8_t out = 0;
  for (std::size_t i = 0; i < block_size; ++i)
    out = static_cast<std::uint8_t>(out + is_opening(block[i]));
  return out;
}

/// Opening brackets, those within strings included.
std::size_t count_opening(std::string_view text) {
  std::size_t out = 0;
  for (; text.size() >= block_size; text.remove_prefix(block_size))
    out += count_in_block(text.data());
  std::array<char, block_size> rest{};
  text.copy(rest.data(), text.size());
  return out + count_in_block(rest.data());
}

}  // namespace

bool is_deeper(std::string_view text, std::size_t limit) {
  if (count_opening(text) <= limit) return false;
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
