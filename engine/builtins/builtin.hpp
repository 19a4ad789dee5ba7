// What a builtin is: a name, a signature and a function over values. One array a family;
// table.hpp joins them. In: defined operands. Out: a value in the call's arena, or undefined
// after fail(), which is an error only in strict mode: eval/ decides that, never a builtin.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/function_ref.hpp"
#include "base/unicode.hpp"
#include "json/write.hpp"
#include "lictor/error.hpp"
#include "lictor/listener.hpp"
#include "lictor/value.hpp"
#include "value/compare.hpp"
#include "value/number.hpp"
#include "value/object.hpp"

namespace lictor {
struct HostFunction;
}

namespace lictor::builtins {

/// A call of a `stable` host function in this evaluation, and its outcome.
struct StableCall {
  const HostFunction* function;
  Value arguments;  // an array
  std::uint64_t hash;
  Value value;
  bool failed;
  bool halted;
  ErrorCode code;
  std::string_view message;
  const StableCall* earlier;
};

/// What stays the same within one evaluation.
struct Environment {
  std::optional<std::int64_t> now_ns;         // nothing until asked for
  bool print = false;                         // whether print() says anything
  const Listener* listener = nullptr;         // receives output; null: standard error
  std::vector<std::string>* lines = nullptr;  // where print() collects lines instead, if set
  const std::vector<std::string>* allowed_hosts = nullptr;  // that calls may reach; null: all
  std::string_view runtime;                       // what opa.runtime() returns, as JSON; empty: {}
  std::string scratch;                            // for text that is being made
  std::map<std::string, std::string> remembered;  // random values, by what asked for them
  std::map<const HostFunction*, std::shared_ptr<void>> memories;  // of host functions
  const StableCall* stable = nullptr;  // the latest one; in the evaluation's arena
  std::string message;                 // why the last call that failed did
  std::optional<std::chrono::steady_clock::time_point> deadline = {};  // of the evaluation
  const std::function<bool()>* is_cancelled = nullptr;                 // null: it is never

  /// The clock, read once an evaluation.
  std::int64_t now();
  bool allows(std::string_view host) const;
};

/// A line of print() to its listener.
void write_printed(const Listener* listener, const std::string& line);

struct Builtin;

struct Call {
  const Builtin& builtin;
  Arena& arena;
  std::span<const Value> args;
  Environment& environment;
  bool strict = false;
  const FunctionRef<std::string()>* location = nullptr;  // "FILE:ROW"; null: nowhere
  bool failed = false;
  bool halted = false;  // the error ends the evaluation in any mode; it is not the builtin's own
  ErrorCode code = ErrorCode::eval_builtin;

  const Value& operator[](std::size_t i) const { return args[i]; }

  /// Ends the call with OPA's text; the name of the builtin is put in front by the caller.
  Value fail(std::string_view text, ErrorCode why = ErrorCode::eval_builtin) {
    failed = true;
    code = why;
    if (strict) environment.message = text;
    return Value();
  }
  /// Ends the evaluation, strict or not; the name of the builtin is not put in front.
  Value halt(ErrorCode why, std::string_view text) {
    failed = halted = true;
    code = why;
    environment.message = text;
    return Value();
  }
  /// "operand N must be WANTED but got KIND"; `operand` counts from 0.
  Value wrong_type(std::size_t operand, std::string_view wanted);
  Value type_error(std::string_view text) { return fail(text, ErrorCode::eval_type); }

  /// The operand, if it is an integer; otherwise the call has failed.
  std::optional<BigInt> big_integer(std::size_t operand);
  /// True if the first `count` operands are strings; otherwise the call has failed.
  bool has_strings(std::size_t count);

  Value text(std::string_view text) const { return Value::string(arena.copy(text)); }
  bool is(std::size_t operand, Kind kind) const { return args[operand].is(kind); }
};

using Function = Value (*)(Call&);

enum class Trait : std::uint8_t {
  none,
  relation,          // yields an array of solutions
  nondeterministic,  // the same arguments give the same value within one evaluation only
  deprecated,        // Rego v1 refuses it
  changing,          // the same arguments may give another value each time
  has_side_effect,   // is called for what it does, not for its value
};

struct Builtin {
  const char* name;
  const char* signature;  // in OPA's notation of types: "(x: number, y: number) => z: number"
  Function function;
  Trait trait = Trait::none;
  const HostFunction* host = nullptr;  // what `function` calls, of a builtin of the host

  /// How many arguments it takes; -1: any number.
  int arity() const;
};

}  // namespace lictor::builtins
