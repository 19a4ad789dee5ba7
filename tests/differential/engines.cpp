// OPA is asked a line of JSON at a time; lictor is called.
#include "engines.hpp"

#include <nlohmann/json.hpp>

#include "json/write.hpp"
#include "lictor/lictor.hpp"
#include "trace_text.hpp"

namespace lictor::differential {
namespace {

bool is_refusal(std::string_view code) { return code.starts_with("rego_"); }

bool is_traced(Way way) { return way == Way::traced || way == Way::explained; }

/// The oracle leaves these steps out; OPA tells something else of them.
bool is_overwritten(const TraceEvent& event) {
  return event.kind == TraceEvent::Kind::unify && event.text.starts_with("data.") &&
         event.text.ends_with(" = _");
}

Outcome failed(std::string code, std::string_view message) {
  bool refused = is_refusal(code);
  return {std::move(code) + ": " + std::string(message), refused};
}

Outcome value_outcome(std::string text) {
  return {text.empty() ? "undefined" : std::move(text), false};
}

}  // namespace

Outcome ask_opa(tests::Reference& opa, const Program& program, Way way) {
  nlohmann::json request = {{"modules", {text_of(program.module)}},
                            {"query", program.query},
                            {"strict", is_traced(way)},
                            {"unindexed", way == Way::unindexed},
                            {"trace", way == Way::explained}};
  std::string text = request.dump();
  text.pop_back();
  text += ",\"data\":" + text_of(program.data) + ",\"input\":" + text_of(program.input) + "}";
  nlohmann::json answer = opa.ask(text);
  if (answer.is_null()) return {"the oracle stopped", false, true};
  std::string steps = answer.contains("trace") ? "\n" + answer["trace"].get<std::string>() : "";
  if (answer.contains("value")) {
    Outcome out = value_outcome(answer["value"].get<std::string>());
    out.text += steps;
    return out;
  }
  const nlohmann::json& first = answer["errors"][0];
  Outcome out = failed(first["code"].get<std::string>(), first["message"].get<std::string>());
  if (is_traced(way) && !out.refused) out.text += "\n" + first.value("stack", "") + steps;
  return out;
}

Outcome ask_lictor(const Program& program, Way way, bool optimize) {
  EngineOptions options;
  options.optimize = optimize;
  options.index = way != Way::unindexed;
  options.limits.instructions = 20'000'000;
  Engine engine(options);
  engine.add_module("m0.rego", text_of(program.module));
  engine.add_data(text_of(program.data));
  Result<Policy> policy = engine.compile(program.query);
  if (!policy) return failed(code_name(policy.error().code), policy.error().message);
  Result<Decision> decision = policy->eval(text_of(program.input));
  if (!decision) return failed(code_name(decision.error().code), decision.error().message);
  return value_outcome(decision->is_undefined() ? "" : json::to_rego(decision->value()));
}

Outcome ask_tracer(const Program& program, Way way) {
  EngineOptions options;
  options.strict_builtin_errors = true;
  Engine engine(options);
  engine.add_module("m0.rego", text_of(program.module));
  engine.add_data(text_of(program.data));
  std::string input = text_of(program.input);
  std::string_view text = input;
  cli::TraceLog log(cli::Explain::debug);
  TraceOptions how;
  if (way == Way::explained) {
    how.texts = how.unifications = true;
    how.hear = [&](const TraceEvent& event) {
      if (!is_overwritten(event)) log.hear(event);
    };
  }
  Result<QueryResult> result = engine.trace(program.query, {}, &text, how);
  std::string steps = log.events().empty() ? "" : "\n" + cli::trace_table(log.events(), true);
  if (result) {
    const std::vector<Row>& rows = result->rows();
    Outcome out =
        value_outcome(rows.empty() ? "" : json::to_rego(rows[0].expressions.back().value));
    out.text += steps;
    return out;
  }
  const Error& error = result.error();
  Outcome out = failed(code_name(error.code), error.message);
  if (out.refused) return out;
  out.text += "\n";
  for (const StackFrame& frame : error.stack_trace)
    out.text += std::to_string(frame.query_id) + " " + frame.summary() + "\n";
  out.text += steps;
  return out;
}

}  // namespace lictor::differential
