// A text in JSON or YAML → JSON. Entry point: document_to_json().
#include <optional>

#include "json/go_decoder.hpp"
#include "json/read.hpp"
#include "lictor/yaml.hpp"

namespace lictor {
namespace {

/// Why the text is not JSON that an evaluation can read.
std::optional<Error> json_error(std::string_view text) {
  json::Shape nothing;
  nothing.number_slots();
  json::Reader reader;
  Arena scratch;
  const Error* error = reader.read_slots(text, nothing, scratch, nullptr);
  return error ? std::optional(*error) : std::nullopt;
}

}  // namespace

Result<std::string> document_to_json(std::string text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  std::optional<Error> error = json_error(text);
  if (!error) return text;
  if (json::is_go_json(text)) return *error;
  return yaml_to_json(text);
}

}  // namespace lictor
