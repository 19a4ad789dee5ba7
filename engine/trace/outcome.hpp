// How a step of the tracer ends: by going on, or with a stop that is handed outwards.
#pragma once

#include <map>
#include <memory>

#include "base/function_ref.hpp"
#include "lictor/error.hpp"
#include "syntax/ast.hpp"

namespace lictor::trace {

struct Stop {
  enum class Kind : std::uint8_t {
    error,           // of the policy
    limit,           // the tracer gave up
    early_exit,      // a first solution is enough for this query
    deferred_exit,   // as above, for a query around this one
    conflict_found,  // while conflicting values are listed: the rule has shown its own
    conflict_limit,  // as above: there are enough
  };
  Kind kind;
  const Stop* before = nullptr;          // of exits: the one that this one took the place of
  Error* error = nullptr;                // of errors
  const syntax::Rule* raised = nullptr;  // of conflicts: the rule that raised it

  bool is_exit() const { return kind == Kind::early_exit || kind == Kind::deferred_exit; }
};

/// Null: go on.
using Outcome = const Stop*;

/// Makes stops and keeps them.
class Stops {
 public:
  Outcome exit(Stop::Kind kind, const Stop* before) {
    auto [at, added] = exits_.try_emplace({kind, before}, Stop{kind, before});
    return &at->second;
  }
  Outcome error(Error error, const syntax::Rule* raised = nullptr) {
    errors_.push_back(std::make_unique<Failure>());
    Failure& failure = *errors_.back();
    failure.error = std::move(error);
    failure.stop = {Stop::Kind::error, nullptr, &failure.error, raised};
    return &failure.stop;
  }

 private:
  struct Failure {
    Stop stop{Stop::Kind::error};
    Error error;
  };
  std::map<std::pair<Stop::Kind, const Stop*>, Stop> exits_;
  std::vector<std::unique_ptr<Failure>> errors_;
};

/// What an exit leaves behind at the query that it was for.
inline Outcome suppressed(Outcome outcome) {
  return outcome && outcome->is_exit() ? outcome->before : outcome;
}

/// Keeps the first deferred exit of a loop, whose other turns go on.
class DeferredExit {
 public:
  /// Null if the loop goes on.
  Outcome take(Outcome outcome) {
    bool deferred = outcome && outcome->kind == Stop::Kind::deferred_exit;
    if (!deferred) return outcome;
    if (first_ == nullptr) first_ = outcome;
    return nullptr;
  }
  Outcome first() const { return first_; }

 private:
  Outcome first_ = nullptr;
};

/// What follows a step, for each of its solutions.
using Next = FunctionRef<Outcome()>;

}  // namespace lictor::trace
