// What Engine::compile and Engine::prepare return: immutable, cheap to copy, safe to share between
// threads.
//
// A Policy answers one document (`data.authz.allow`) for many inputs. A Query answers any Rego
// query with rows of expression values and variable bindings. Both hold their modules' program and
// their own snapshot of data.
//
// Where an evaluation fails, it is done once more in OPA's steps, much slower, so that the error is
// the one that OPA comes to first, with its stack, or the value that OPA has because it comes to
// none. That ends after a million steps, or after Limits::time once more; the first error stays
// then.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lictor/error.hpp"
#include "lictor/value.hpp"

namespace lictor {

/// Bounds of one evaluation; crossing one is an Error with a limit_* code and leaves everything
/// reusable.
struct Limits {
  std::uint64_t instructions = 0;                   // loop turns and calls; 0 means no limit
  std::chrono::nanoseconds time{0};                 // looked at between those; 0 means no limit
  std::size_t memory_bytes = std::size_t{1} << 32;  // of values made by one evaluation
};

/// The answer for one input. Its value lives as long as the Decision.
class Decision {
 public:
  Decision(Decision&&) noexcept;
  Decision& operator=(Decision&&) noexcept;
  ~Decision();

  bool is_undefined() const noexcept { return value_.is_undefined(); }
  const Value& value() const noexcept { return value_; }
  /// The value as compact JSON in OPA's order and spelling; "" when undefined.
  std::string to_json() const;

 private:
  friend class Policy;
  struct Memory;
  Decision(std::unique_ptr<Memory> memory, Value value);
  std::unique_ptr<Memory> memory_;
  Value value_;
};

/// An input that has been read for a policy: what that asks of it, and its text. Immutable, cheap
/// to copy, safe to share between threads.
class Input {
 public:
  /// The text that it was read from; lives as long as a copy of the Input.
  std::string_view text() const noexcept;

 private:
  friend class Evaluator;
  friend class Policy;
  struct Memory;
  explicit Input(std::shared_ptr<const Memory> memory) : memory_(std::move(memory)) {}
  std::shared_ptr<const Memory> memory_;
};

class Policy {
 public:
  struct Impl;

  /// Evaluates with `input` as JSON text.
  Result<Decision> eval(std::string_view input) const;
  /// Evaluates without an input document.
  Result<Decision> eval() const;

  /// Reads JSON text for Evaluators of this policy, which then decide without reading.
  Result<Input> read(std::string_view input) const;

  /// The paths of `input` that the decision may depend on, each as its keys; one empty path means
  /// all of it.
  std::vector<std::vector<std::string>> input_paths() const;
  /// The constants of the compiled program; they live as long as the Policy.
  std::vector<Value> constants() const;
  /// The compiled program as text.
  std::string dump_ir() const;

 private:
  friend class Engine;
  friend class Evaluator;
  explicit Policy(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  Result<Decision> run(const std::string_view* input) const;
  std::shared_ptr<const Impl> impl_;
};

/// Decides again and again on one thread with the same memory: no heap allocation in the steady
/// state.
class Evaluator {
 public:
  explicit Evaluator(Policy policy);
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;
  ~Evaluator();

  /// Writes the decision as JSON into `out`, replacing what it held; leaves it empty when
  /// undefined. Returns null, or the error, which lives until the next call.
  const Error* decide(std::string_view input, std::string& out);
  /// As above, for the value; it lives until the next call.
  const Error* decide(std::string_view input, Value& out);
  /// As both above, for an input that has been read; what is in the value may be the input's. One
  /// that was read for another policy is read again from its text.
  const Error* decide(const Input& input, std::string& out);
  const Error* decide(const Input& input, Value& out);

  /// As the first two, for an input that was made rather than read, by a Builder as a rule. It is
  /// only read by this thread until the decision is there; its objects may be put in order. An
  /// undefined value means that there is no input document.
  const Error* decide(const Value& input, std::string& out);
  const Error* decide(const Value& input, Value& out);

  /// The bounds of each of the decisions that follow, instead of those of the engine.
  void set_limits(const Limits& limits);
  /// What time.now_ns() is in the decisions that follow, in nanoseconds since 1970, instead of the
  /// clock's time at the first call of each decision.
  void set_time(std::int64_t now_ns);
  /// Asked every few thousand steps of the decisions that follow: one for which it returns true
  /// fails with eval_cancel. Null asks nothing. It must outlive those decisions.
  void set_cancel(const std::function<bool()>* is_cancelled);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One solution of a query.
struct Row {
  struct Expression {
    Value value;
    std::string text;  // as written
    std::uint32_t row = 0;
    std::uint32_t col = 0;
  };
  std::vector<Expression> expressions;
  std::vector<std::pair<std::string, Value>> bindings;  // sorted by name, without wildcards
};

/// The rows of a query; their values live as long as the QueryResult.
class QueryResult {
 public:
  QueryResult(QueryResult&&) noexcept;
  QueryResult& operator=(QueryResult&&) noexcept;
  ~QueryResult();
  const std::vector<Row>& rows() const noexcept { return rows_; }

 private:
  friend class Engine;
  friend class Query;
  struct Memory;
  explicit QueryResult(std::unique_ptr<Memory> memory);
  std::unique_ptr<Memory> memory_;
  std::vector<Row> rows_;
};

class Query {
 public:
  struct Impl;

  /// Evaluates with `input` as JSON text; null means no input document.
  Result<QueryResult> eval(const std::string_view* input) const;
  /// Evaluates with an input written as a Rego term, such as {"roles": {"a", "b"}}.
  Result<QueryResult> eval_term(std::string_view term) const;
  std::string dump_ir() const;
  /// How the rules and the rows that an evaluation needs are found, a line each.
  std::string explain_index() const;

 private:
  friend class Engine;
  explicit Query(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  Result<QueryResult> run(const std::string_view* json, const Value* input) const;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace lictor
