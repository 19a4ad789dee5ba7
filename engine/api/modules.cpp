// Reads queries, and asks the tracer about them.
#include "api/modules.hpp"

#include <mutex>

#include "syntax/parse.hpp"

namespace lictor {
namespace {

/// Parses "data.a.b as c" by way of a module.
Result<syntax::Import> parse_import(const std::string& text, std::deque<Source>& sources,
                                    syntax::Ast& ast, std::deque<syntax::Module>& modules) {
  sources.push_back({"", "package x\nimport " + text});
  Result<syntax::Module*> module = syntax::parse_module(sources.back(), {}, ast, modules);
  if (!module) return module.errors();
  return (*module)->imports.front();
}

}  // namespace

Result<ReadQuery> read_query(Modules& modules, std::string_view text, const QueryOptions& options,
                             bool traced) {
  modules.queries.push_back({"", std::string(text)});
  Result<syntax::Body*> body = syntax::parse_query(modules.queries.back(), {}, modules.ast);
  if (!body) return body.errors();
  compile::QueryScope scope;
  scope.package = options.package;
  scope.traced = traced;
  std::deque<syntax::Module> imports;
  for (const std::string& import : options.imports) {
    Result<syntax::Import> parsed = parse_import(import, modules.queries, modules.ast, imports);
    if (!parsed) return parsed.errors();
    scope.imports.push_back(*parsed);
  }
  Result<compile::CheckedQuery> query =
      compile::check_query(*body, scope, modules.checked, modules.ast);
  if (!query) return query.errors();
  ReadQuery out{*body, std::move(*query), {}};
  for (const syntax::Expr* expr : (*body)->exprs) {
    if (expr->generated) continue;
    Place place =
        expr->span.source ? locate(expr->span.source->text, expr->span.first) : Place{1, 1, {}};
    out.expressions.push_back({std::string(expr->span.text()), place.row, place.col});
  }
  return out;
}

bool depends_on_order(ErrorCode code) {
  return code == ErrorCode::eval_internal || code == ErrorCode::eval_conflict ||
         code == ErrorCode::eval_type || code == ErrorCode::eval_builtin ||
         code == ErrorCode::eval_with_merge;
}

Result<std::vector<trace::Solution>> Asked::told(const Error& error, const Value& data,
                                                 const Value& input,
                                                 const builtins::Environment& environment,
                                                 Arena& arena) {
  if (!tracer) {
    std::unique_lock lock(modules->mutex);
    Result<ReadQuery> found = read_query(*modules, query, scope, true);
    if (!found) return error;
    read = std::move(*found);
    tracer.emplace(modules->checked, read->checked, data);
  }
  std::shared_lock lock(modules->mutex);
  trace::Options options = how;
  options.environment = &environment;
  Result<std::vector<trace::Solution>> out = tracer->run(input, options, arena);
  return out || depends_on_order(out.error().code) ? out : error;
}

}  // namespace lictor
