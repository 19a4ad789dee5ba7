// What an engine has read, and the tracer's view of it; private to api/. Policies share it with
// their engine: the machine finds that an evaluation fails, and the tracer, which goes in OPA's
// order, tells how OPA sees it (told()).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/source.hpp"
#include "compile/check.hpp"
#include "lictor/engine.hpp"
#include "syntax/ast.hpp"
#include "syntax/parse.hpp"
#include "trace/tracer.hpp"

namespace lictor {

struct Modules {
  mutable std::shared_mutex mutex;  // for writing while queries are read and programs planned
  std::deque<Source> sources;
  std::deque<Source> queries;
  syntax::Ast ast;
  std::deque<syntax::Module> modules;
  compile::Checked checked;
  syntax::Dialect query_dialect = syntax::Dialect::v1;
  std::optional<syntax::Language> language;  // what capabilities leave of it

  /// How a query's texts are read.
  syntax::ParseOptions how_to_parse() const {
    syntax::ParseOptions out;
    out.dialect = query_dialect;
    out.restricted = language ? &*language : nullptr;
    return out;
  }
};

struct QueryExpression {
  std::string text;
  std::uint32_t row;
  std::uint32_t col;
};

/// A query of which everything is known but how to evaluate it.
struct ReadQuery {
  syntax::Body* body = nullptr;
  compile::CheckedQuery checked;
  std::vector<QueryExpression> expressions;
};

/// `traced`: also in the form that the tracer walks.
Result<ReadQuery> read_query(Modules& modules, std::string_view text, const QueryOptions& options,
                             bool traced);

/// True for an error that OPA's order of evaluation may change; not for limits and bad input.
bool depends_on_order(ErrorCode code);

/// What a compiled program answers, in the form that the tracer walks.
struct Asked {
  std::shared_ptr<Modules> modules;
  std::string query;
  QueryOptions scope;
  trace::Options how;
  // Once there was an error:
  std::optional<ReadQuery> read = {};
  std::optional<trace::Tracer> tracer = {};

  /// The answer to an input for which the machine found an error that depends_on_order(), or
  /// printed. OPA's users can see in which order errors and prints come up, and whether they do;
  /// the tracer keeps to that order. Nothing if it gives up. The values live in `arena` and in what
  /// was compiled, to which `data` belongs. One thread at a time.
  std::optional<Result<std::vector<trace::Solution>>> told(const Value& data, const Value& input,
                                                           const builtins::Environment& environment,
                                                           std::vector<std::string>* printed,
                                                           Arena& arena);
};

}  // namespace lictor
