// IR + input + data → Value: the register machine.
// In: a verified program, a context that belongs to one thread, input and data. Out: a value in the
// context's arena (undefined is a value here), or an error. Limits: steps, memory, call depth; each
// leaves the context reusable. INVARIANT: nothing here recurses on the machine's stack with the
// depth of calls in a policy.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "builtins/builtin.hpp"
#include "eval/code.hpp"
#include "eval/row_table.hpp"
#include "ir/program.hpp"
#include "json/read.hpp"
#include "lictor/capabilities.hpp"
#include "lictor/error.hpp"
#include "lictor/listener.hpp"

namespace lictor::eval {

struct Limits {
  std::uint64_t instructions = 0;  // 0: none
  std::size_t memory_bytes = std::size_t{4} << 30;
  std::size_t call_depth = 20000;
  std::chrono::nanoseconds time{0};  // 0: none
};

struct Options {
  bool strict_builtin_errors = false;
  bool print = false;
  Listener listener;
  std::string runtime;                               // what opa.runtime() returns, as JSON
  std::shared_ptr<const Capabilities> capabilities;  // null: all hosts may be reached
  Limits limits;
};

/// A program's code, and what it takes from base documents. Immutable and shared once made.
struct Data {
  Code code;
  const builtins::Builtin* builtins;  // by number
  Value root;
  std::vector<Value> slots;
  Arena arena;                       // of the tables
  std::vector<KeyTable> row_tables;  // by row index

  Data(const ir::Program& program, Value root);
};

/// The memory of evaluations: reused by one after another, by one thread at a time.
class Context {
 public:
  Context();
  ~Context();
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;

  /// What time.now_ns answers from now on, in nanoseconds since 1970, instead of the clock.
  void set_time(std::int64_t now_ns);
  /// Ends the next evaluations once it returns true; null: nothing does. Must outlive them.
  void set_cancel(const std::function<bool()>* is_cancelled);
  /// What the builtins of the last evaluation have answered once and for all.
  const builtins::Environment& environment() const;
  /// What the last evaluation of a program that `prints` has printed.
  const std::vector<std::string>& printed() const;

  struct State;
  std::unique_ptr<State> state;
};

/// Evaluates with `input` as JSON text; null when there is no input. The result lives until the
/// next evaluation.
Result<Value> eval_text(const ir::Program& program, const Data& data, const std::string_view* input,
                        const Options& options, Context& context);
/// Evaluates with an input that is a value already.
Result<Value> eval_value(const ir::Program& program, const Data& data, Value input,
                         const Options& options, Context& context);
/// As eval_text, without a Result on the path of success: null, or the error, which the context
/// keeps.
const Error* eval_into(const ir::Program& program, const Data& data, std::string_view input,
                       const Options& options, Context& context, Value& out);
/// The same for an input that is a value already; undefined: there is none.
const Error* eval_into(const ir::Program& program, const Data& data, const Value& input,
                       const Options& options, Context& context, Value& out);
/// The same for an input whose slots have been read.
const Error* eval_into(const ir::Program& program, const Data& data, const Value* input_slots,
                       const Options& options, Context& context, Value& out);

}  // namespace lictor::eval
