// Counts brackets outside of strings; few of them need no walk.
#include "document_bounds.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace lictor::validator {

bool is_deeper(std::string_view text, std::size_t limit) {
  auto count = [&](char c) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
  };
  if (count('{') + count('[') <= limit) return false;
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
