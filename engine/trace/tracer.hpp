// Checked AST + input + data → the same answer as eval/ gives, and how it comes about: OPA's
// evaluator step by step, with its query ids, its order and its stops.
//
// eval/ decides; this explains. It walks the flat clauses, slowly, where someone asks for the lines
// that were covered, or for the steps; and where eval/ finds an error, as only OPA's order tells
// which one OPA comes to first, and whether it comes to one. What follows an expression is a
// function that is called for each solution, so that the stack of queries is the machine's stack;
// run() takes a thread with a large one.
//
// In: a checked query and what its rules read. Out: its rows, or an error with its stack. Entry
// point: Tracer::run(). Source of the order: OPA v1/topdown/eval.go.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "builtins/builtin.hpp"
#include "compile/check.hpp"
#include "lictor/trace.hpp"

namespace lictor::trace {

struct Options {
  bool strict_builtin_errors = false;
  std::uint64_t steps = 5'000'000;                     // after which the tracer gives up
  std::chrono::nanoseconds time{0};                    // as above; 0: never
  const builtins::Environment* environment = nullptr;  // of an evaluation that this one repeats
  std::vector<std::string>* printed = nullptr;         // collects the lines of print()
  TraceOptions tracing;
};

/// A solution: the values of the query's expressions, then those of its variables.
using Solution = std::vector<Value>;

class Walker;

/// Keeps from one run to the next what it has learned of the rules and queries, all of which stay
/// as they are while it lives. One thread at a time.
class Tracer {
 public:
  Tracer(const compile::Checked& checked, const Value& data);
  Tracer(Tracer&&) noexcept;
  ~Tracer();

  /// The values live in `arena`, or with the tracer. An Error of code limit_* means that it gave
  /// up.
  Result<std::vector<Solution>> run(const compile::CheckedQuery& query, const Value& input,
                                    const Options& options, Arena& arena);

 private:
  std::unique_ptr<Walker> walker_;
};

}  // namespace lictor::trace
