// Reads ids with the engine, which skips the rest of the document.
#include "document_ids.hpp"

#include <lictor/lictor.hpp>

namespace lictor::validator {
namespace {

constexpr const char* ids_module = R"rego(package lictor.ids

import rego.v1

document := input.resource if is_object(input.resource)

else := input

ids[name] := substring(document[name], 0, 200) if {
	some name in ["ticket_id", "plan_id"]
	is_string(document[name])
}

ids[name] := document[name] if {
	some name in ["ticket_id", "plan_id"]
	is_number(document[name])
}
)rego";

Evaluator& reader() {
  thread_local Evaluator out = [] {
    Engine engine;
    engine.add_module("ids.rego", ids_module);
    return Evaluator(*engine.compile("lictor/ids/ids"));
  }();
  return out;
}

}  // namespace

const std::string& DocumentIds::json() const {
  if (json_) return *json_;
  std::string& out = json_.emplace();
  if (reader().decide(document_, out) || out.empty()) out = "{}";
  return out;
}

}  // namespace lictor::validator
