// OPA is asked a line of JSON at a time; lictor is called.
#include "engines.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

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

struct Failure {
  std::string code, message, file;
  std::uint32_t row, col;

  auto place() const { return std::tie(file, row, col); }
};

/// OPA's order of errors at one place varies from run to run.
void sort_at_each_place(std::vector<Failure>& failures) {
  for (auto first = failures.begin(); first != failures.end();) {
    auto last = std::find_if(first, failures.end(),
                             [&](const Failure& other) { return other.place() != first->place(); });
    std::sort(first, last,
              [](const Failure& a, const Failure& b) { return a.message < b.message; });
    first = last;
  }
}

Outcome failed(std::vector<Failure> failures) {
  Outcome out;
  sort_at_each_place(failures);
  for (const auto& [code, message, file, row, col] : failures) {
    if (!out.text.empty()) out.text += "\n";
    out.text += code + ": " + message;
    if (row > 0) out.text += " @" + file + ":" + std::to_string(row) + ":" + std::to_string(col);
    out.refused |= is_refusal(code);
  }
  return out;
}

Outcome failed(const Errors& errors) {
  std::vector<Failure> failures;
  for (const Error& error : errors) {
    failures.push_back(
        {std::string(code_name(error.code)), error.message, error.file, error.row, error.col});
  }
  return failed(std::move(failures));
}

Outcome failed(const nlohmann::json& errors) {
  std::vector<Failure> failures;
  for (const nlohmann::json& error : errors) {
    failures.push_back({error["code"].get<std::string>(), error["message"].get<std::string>(),
                        error.value("file", ""), error.value("row", 0u), error.value("col", 0u)});
  }
  return failed(std::move(failures));
}

Outcome value_outcome(std::string text) {
  return {text.empty() ? "undefined" : std::move(text), false};
}

std::vector<std::string> module_texts(const Program& program) {
  std::vector<std::string> out;
  for (const Node& module : program.modules.children) out.push_back(text_of(module));
  return out;
}

/// A line for each row: the values of its expressions, then its bindings.
std::string rows_text(const QueryResult& result) {
  std::string out;
  for (const Row& row : result.rows()) {
    for (const Row::Expression& expression : row.expressions)
      out += json::to_rego(expression.value) + "; ";
    for (const auto& [name, value] : row.bindings)
      out += name + " = " + json::to_rego(value) + "; ";
    out += "\n";
  }
  return out;
}

struct Asked {
  Engine engine;
  std::string printed;

  Asked(const Program& program, EngineOptions options) : engine(with_print(std::move(options))) {
    std::vector<std::string> texts = module_texts(program);
    for (std::size_t i = 0; i < texts.size(); ++i)
      engine.add_module("m" + std::to_string(i) + ".rego", texts[i]);
    engine.add_data(text_of(program.data));
  }

 private:
  EngineOptions with_print(EngineOptions options) {
    options.print = true;
    options.listener.print = [this](std::string_view line) { printed.append(line) += "\n"; };
    return options;
  }
};

bool is_path(const std::string& query) {
  return query.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789.") == std::string::npos &&
         query.starts_with("data.");
}

/// What a Policy decides, which must be what its query says.
std::string decided(Engine& engine, const Program& program, const std::string& input) {
  Result<Policy> policy = engine.compile(program.query);
  if (!policy) return failed(policy.errors()).text;
  Result<Decision> decision = policy->eval(input);
  if (!decision) return failed(decision.errors()).text;
  return decision->is_undefined() ? "" : json::to_rego(decision->value()) + "; \n";
}

}  // namespace

Outcome ask_opa(tests::Reference& opa, const Program& program, Way way) {
  nlohmann::json request = {{"modules", module_texts(program)},
                            {"query", program.query},
                            {"v0", program.v0},
                            {"strict", is_traced(way) || program.strict_errors},
                            {"rows", true},
                            {"unindexed", way == Way::unindexed},
                            {"trace", way == Way::explained}};
  std::string text = request.dump();
  text.pop_back();
  text += ",\"data\":" + text_of(program.data) + ",\"input\":" + text_of(program.input) + "}";
  nlohmann::json answer = opa.ask(text);
  if (answer.is_null()) return {"the oracle stopped", false, true};
  std::string steps = answer.contains("trace") ? "\n" + answer["trace"].get<std::string>() : "";
  if (answer.contains("value")) {
    std::string printed = is_traced(way) ? "" : answer.value("printed", "");
    Outcome out = value_outcome(answer["value"].get<std::string>() + printed);
    out.text += steps;
    return out;
  }
  Outcome out = failed(answer["errors"]);
  if (is_traced(way) && !out.refused)
    out.text += "\n" + answer["errors"][0].value("stack", "") + steps;
  return out;
}

Outcome ask_lictor(const Program& program, Way way, bool optimize) {
  EngineOptions options;
  options.v0_compatible = program.v0;
  options.optimize = optimize;
  options.index = way != Way::unindexed;
  options.strict_builtin_errors = program.strict_errors;
  options.limits.instructions = 20'000'000;
  Asked asked(program, std::move(options));
  Result<Query> query = asked.engine.prepare(program.query);
  if (!query) return failed(query.errors());
  std::string input = text_of(program.input);
  std::string_view view = input;
  Result<QueryResult> result = query->eval(&view);
  if (!result) return failed(result.errors());
  std::string rows = rows_text(*result);
  Outcome out = value_outcome(rows + asked.printed);
  if (!is_path(program.query)) return out;
  if (std::string text = decided(asked.engine, program, input); text != rows)
    out.text += "\nbut a policy decides " + text;
  return out;
}

Outcome ask_tracer(const Program& program, Way way) {
  EngineOptions options;
  options.v0_compatible = program.v0;
  options.strict_builtin_errors = true;
  Asked asked(program, std::move(options));
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
  Result<QueryResult> result = asked.engine.trace(program.query, {}, &text, how);
  std::string steps = log.events().empty() ? "" : "\n" + cli::trace_table(log.events(), true);
  if (result) {
    Outcome out = value_outcome(rows_text(*result));
    out.text += steps;
    return out;
  }
  Outcome out = failed(result.errors());
  if (out.refused) return out;
  out.text += "\n";
  for (const StackFrame& frame : result.error().stack_trace)
    out.text += std::to_string(frame.query_id) + " " + frame.summary() + "\n";
  out.text += steps;
  return out;
}

}  // namespace lictor::differential
