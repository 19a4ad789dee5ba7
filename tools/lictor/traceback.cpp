// Traces a query that failed.
#include "traceback.hpp"

namespace lictor::cli {

Error with_stack_trace(const Error& error, Engine& engine, const std::string& query,
                       const QueryOptions& options, const std::string_view* input) {
  Result<QueryResult> traced = engine.trace(query, options, input);
  bool explained = !traced && !traced.error().stack_trace.empty();
  return explained ? traced.error() : error;
}

}  // namespace lictor::cli
