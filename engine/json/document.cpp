// A text in JSON or YAML → JSON. Entry point: document_to_json().
#include "json/read.hpp"
#include "lictor/yaml.hpp"

namespace lictor {
namespace {

bool is_json(std::string_view text) {
  json::Shape nothing;
  nothing.number_slots();
  json::Reader reader;
  Arena scratch;
  return reader.read_slots(text, nothing, scratch, nullptr) == nullptr;
}

}  // namespace

Result<std::string> document_to_json(std::string text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  if (is_json(text)) return text;
  return yaml_to_json(text);
}

}  // namespace lictor
