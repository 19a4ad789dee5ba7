// The public names of the printers.
#include "lictor/print.hpp"

#include "base/letters.hpp"
#include "base/unicode.hpp"
#include "json/write.hpp"

namespace lictor {

std::string to_json(const Value& value) { return json::to_json(value); }

std::string to_pretty_json(const Value& value, int level) {
  std::string out;
  json::append_pretty(out, value, level);
  return out;
}

std::string to_rego(const Value& value) { return json::to_rego(value); }

std::size_t display_width(std::string_view text) {
  std::size_t out = 0;
  for (char32_t rune : to_runes(text)) out += display_width(rune);
  return out;
}

}  // namespace lictor
