// The stack of an error of an evaluation.
#pragma once

#include "lictor/lictor.hpp"

namespace lictor::cli {

/// The error that ends an evaluation of a query, as tracing it gives it, with its stack; `error` as
/// it is when the evaluation was too long for that.
Error with_stack_trace(const Error& error, Engine& engine, const std::string& query,
                       const QueryOptions& options, const std::string_view* input);

}  // namespace lictor::cli
