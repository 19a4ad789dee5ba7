// The public names of the printers.
#include "lictor/print.hpp"

#include "json/write.hpp"

namespace lictor {

std::string to_json(const Value& value) { return json::to_json(value); }

std::string to_pretty_json(const Value& value, int level) {
  std::string out;
  json::append_pretty(out, value, level);
  return out;
}

std::string to_rego(const Value& value) { return json::to_rego(value); }

}  // namespace lictor
