// Answers for lictor what the oracle (conformance/cmd/oracle) answers for OPA, in the same lines of
// JSON. In: {"mode": "check"|"eval", "modules": [text…], "data", "input", "query", "v0", "strict"}.
// Out: {"value": text} or {"errors": [{code, message, file, row, col, details}…]}.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "json/write.hpp"
#include "lictor/lictor.hpp"

namespace {

using nlohmann::json;

json error_json(const lictor::Error& error) {
  json out = {{"code", lictor::code_name(error.code)}, {"message", error.message}};
  if (error.row != 0) {
    out["file"] = error.file;
    out["row"] = error.row;
    out["col"] = error.col;
  }
  if (!error.details_json.empty())
    out["details"] = {{"lines", error.details}, {"json", json::parse(error.details_json)}};
  return out;
}

json failed(const lictor::Errors& errors) {
  json out = json::array();
  for (const lictor::Error& error : errors) out.push_back(error_json(error));
  return {{"errors", std::move(out)}};
}

json evaluated(lictor::Engine& engine, const json& request) {
  lictor::Result<lictor::Query> query = engine.prepare(request.value("query", ""));
  if (!query) return failed(query.errors());
  std::string input = request.contains("input") ? request["input"].dump() : "";
  std::string_view text = input;
  lictor::Result<lictor::QueryResult> result = query->eval(input.empty() ? nullptr : &text);
  if (!result) return failed(result.errors());
  const std::vector<lictor::Row>& rows = result->rows();
  return {{"value", rows.empty() ? "" : lictor::json::to_rego(rows[0].expressions.back().value)}};
}

json answered(const json& request) {
  lictor::EngineOptions options;
  bool checks = request.value("mode", "") == "check";
  options.v0_compatible = request.value("v0", false);
  options.strict = checks && request.value("strict", false);
  options.strict_builtin_errors = !checks && request.value("strict", false);
  options.limits.instructions = 20'000'000;
  lictor::Engine engine(options);
  int number = 0;
  for (const json& module : request["modules"])
    engine.add_module("m" + std::to_string(number++) + ".rego", module.get<std::string>());
  if (!checks) {
    if (request.contains("data")) engine.add_data(request["data"].dump());
    return evaluated(engine, request);
  }
  lictor::Errors errors = engine.check();
  return errors.empty() ? json{{"value", ""}} : failed(errors);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answered(json::parse(line)).dump(-1, ' ', false, json::error_handler_t::replace)
              << std::endl;
}
