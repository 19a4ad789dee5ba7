// Short forms for tests: the text of a query's only value, or of its error.
#pragma once

#include <string>

#include "lictor/lictor.hpp"

namespace lictor::testing {

inline std::string answer(Engine& engine, const std::string& query, const std::string& input = {}) {
  auto prepared = engine.prepare(query);
  if (!prepared) return prepared.error().summary();
  std::string_view text = input;
  auto result = prepared->eval(input.empty() ? nullptr : &text);
  if (!result) return result.error().summary();
  if (result->rows().empty()) return "undefined";
  std::string out;
  for (const Row& row : result->rows()) {
    if (!out.empty()) out += " ";
    out += to_json(row.bindings.empty() ? row.expressions[0].value : row.bindings[0].second);
  }
  return out;
}

inline std::string answer(const std::string& query, const std::string& module = {},
                          const std::string& input = {}, bool strict = false) {
  EngineOptions options;
  options.strict_builtin_errors = strict;
  Engine engine(options);
  if (!module.empty()) engine.add_module("test.rego", module);
  return answer(engine, query, input);
}

}  // namespace lictor::testing
