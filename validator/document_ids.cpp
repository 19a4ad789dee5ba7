// Reads ids with the engine, which skips the rest of the document.
#include "document_ids.hpp"

#include <lictor/lictor.hpp>

namespace lictor::validator {
namespace {

constexpr const char* ids_module = R"rego(package lictor.ids

import rego.v1

of_subject := ids_of(input)

of_input := ids_of(input.resource) if is_object(input.resource)

else := ids_of(input)

ids_of(document) := {name: id | some name in ["ticket_id", "plan_id"]; id := id_of(document[name])}

id_of(value) := substring(value, 0, 200) if is_string(value)

id_of(value) := value if is_number(value)
)rego";

Evaluator make_reader(const char* entrypoint) {
  Engine engine;
  engine.add_module("ids.rego", ids_module);
  return Evaluator(*engine.compile(entrypoint));
}

Evaluator& reader_of(DocumentIds::Kind kind) {
  thread_local Evaluator subjects = make_reader("lictor/ids/of_subject");
  thread_local Evaluator inputs = make_reader("lictor/ids/of_input");
  return kind == DocumentIds::Kind::subject ? subjects : inputs;
}

}  // namespace

const std::string& DocumentIds::json() const {
  if (json_) return *json_;
  std::string& out = json_.emplace();
  if (reader_of(kind_).decide(document_, out) || out.empty()) out = "{}";
  return out;
}

}  // namespace lictor::validator
