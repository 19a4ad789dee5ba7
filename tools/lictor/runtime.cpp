// Describes the running process as OPA does.
#include "runtime.hpp"

#include <unistd.h>

#include <string_view>

#include "lictor/lictor.hpp"

namespace lictor::cli {
namespace {

std::string quoted(std::string_view text) { return to_json(Value::string(text)); }

std::string environment_json() {
  std::string out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    std::string_view text = *variable;
    std::size_t equals = text.find('=');
    bool has_value = equals != std::string_view::npos;
    out += (out.empty() ? "" : ",") + quoted(text.substr(0, equals)) + ":" +
           (has_value ? quoted(text.substr(equals + 1)) : "null");
  }
  return "{" + out + "}";
}

}  // namespace

std::string runtime_json() {
  return R"({"authorization_enabled":false,"commit":"","env":)" + environment_json() +
         R"(,"skip_known_schema_check":false,"version":)" + quoted(opa_version()) + "}";
}

}  // namespace lictor::cli
