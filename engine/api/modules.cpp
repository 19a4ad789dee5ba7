// Reads queries, and asks the tracer about them.
#include "api/modules.hpp"

#include <algorithm>
#include <mutex>

#include "syntax/explain.hpp"
#include "syntax/parse.hpp"

namespace lictor {
namespace {

Errors refused_imports(const QueryOptions& options, const syntax::ParseOptions& how) {
  if (options.imports.empty()) return {};
  Source source;
  for (const std::string& import : options.imports) source.text += "import " + import + "\n";
  return syntax::explain_imports(source, how).value_or(Errors{});
}

Errors refused_package(const QueryOptions& options, const syntax::ParseOptions& how) {
  constexpr std::string_view root = "data.";
  if (!options.package.starts_with(root)) return {};
  Source source{"", "package " + options.package.substr(root.size())};
  return syntax::explain_package(source, how).value_or(Errors{});
}

/// Parses "data.a.b as c" by way of a module, and adds the keywords that it switches on.
Result<syntax::Import> parse_import(const std::string& text, Modules& modules,
                                    std::deque<syntax::Module>& parsed, unsigned& keywords) {
  modules.queries.push_back({"", "package x\nimport " + text});
  syntax::ParseOptions how = modules.how_to_parse();
  Result<syntax::Module*> module =
      syntax::parse_module(modules.queries.back(), how, modules.ast, parsed);
  if (!module) return module.errors();
  keywords |= (*module)->keywords;
  return (*module)->imports.front();
}

/// From its first character to its last, with parentheses and modifiers.
std::string_view text_of(const syntax::Expr& expr) {
  std::string_view span = expr.span.text();
  if (expr.span.source == nullptr) return span;
  const char *first = span.data(), *last = first + span.size();
  auto include = [&](std::string_view part) {
    if (part.empty()) return;
    first = std::min(first, part.data());
    last = std::max(last, part.data() + part.size());
  };
  include(expr.parens);
  for (const syntax::With& with : expr.with) include(with.span.text());
  return {first, static_cast<std::size_t>(last - first)};
}

}  // namespace

Result<ReadQuery> read_query(Modules& modules, std::string_view text, const QueryOptions& options,
                             bool traced) {
  compile::QueryScope scope;
  scope.package = options.package;
  scope.traced = traced;
  syntax::ParseOptions how = modules.how_to_parse();
  if (Errors refused = refused_imports(options, how); !refused.empty()) return refused;
  std::deque<syntax::Module> imports;
  for (const std::string& import : options.imports) {
    Result<syntax::Import> parsed = parse_import(import, modules, imports, how.extra_keywords);
    if (!parsed) return parsed.errors();
    scope.imports.push_back(*parsed);
  }
  modules.queries.push_back({"", std::string(text)});
  Result<syntax::Body*> body = syntax::parse_query(modules.queries.back(), how, modules.ast);
  if (!body) return body.errors();
  if (Errors refused = refused_package(options, how); !refused.empty()) return refused;
  Result<compile::CheckedQuery> query =
      compile::check_query(*body, scope, modules.checked, modules.ast);
  if (!query) return query.errors();
  ReadQuery out{*body, std::move(*query), {}};
  for (const syntax::Expr* expr : (*body)->exprs) {
    if (expr->generated) continue;
    std::string_view whole = text_of(*expr);
    const Source* source = expr->span.source;
    Place place =
        source ? locate(source->text, static_cast<std::size_t>(whole.data() - source->text.data()))
               : Place{1, 1, {}};
    out.expressions.push_back({std::string(whole), place.row, place.col});
  }
  return out;
}

bool depends_on_order(ErrorCode code) {
  return code == ErrorCode::eval_internal || code == ErrorCode::eval_conflict ||
         code == ErrorCode::eval_type || code == ErrorCode::eval_builtin ||
         code == ErrorCode::eval_with_merge;
}

std::optional<Result<std::vector<trace::Solution>>> Asked::told(
    const Value& data, const Value& input, const builtins::Environment& environment,
    std::vector<std::string>* printed, Arena& arena) {
  if (!tracer) {
    std::unique_lock lock(modules->mutex);
    Result<ReadQuery> found = read_query(*modules, query, scope, true);
    if (!found) return std::nullopt;
    read = std::move(*found);
    tracer.emplace(modules->checked, data);
  }
  std::shared_lock lock(modules->mutex);
  trace::Options options = how;
  options.environment = &environment;
  options.printed = printed;
  Result<std::vector<trace::Solution>> out = tracer->run(read->checked, input, options, arena);
  if (!out && !depends_on_order(out.error().code)) return std::nullopt;
  return out;
}

}  // namespace lictor
