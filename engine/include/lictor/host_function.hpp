// Functions of the host program that policies call as they call builtins.
//
//   compiler.add_function({"acme.tier", "(name: string) => tier: number",
//                          [](HostCall& call) { return
//                          Value::integer(tier_of(call[0].as_string())); }});
//
// The checker knows their types, `with` replaces them, capabilities list them, and where a policy
// is evaluated again (for the error that OPA reports first) `stable` functions are not called
// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lictor/builder.hpp"
#include "lictor/value.hpp"

namespace lictor {

/// One call of a host function; lives until the function returns.
class HostCall {
 public:
  /// The arguments: of the types that the signature says, all of them defined. They live as long
  /// as the call.
  const Value& operator[](std::size_t index) const noexcept { return arguments_[index]; }
  std::size_t size() const noexcept { return arguments_.size(); }
  std::span<const Value> arguments() const noexcept { return arguments_; }

  /// Makes the function's value, in the memory of the evaluation.
  Builder& make() noexcept { return builder_; }

  /// Ends the call with an error, as a builtin's: "NAME: MESSAGE" under strict builtin errors,
  /// otherwise the call is undefined. The code is eval_builtin or eval_type. Return what it
  /// returns.
  Value fail(std::string_view message, ErrorCode code = ErrorCode::eval_builtin);
  /// Ends the evaluation with an error, strict or not. The code is eval_builtin or eval_cancel.
  /// Return what it returns.
  Value halt(std::string_view message, ErrorCode code = ErrorCode::eval_builtin);

  /// Where the call is in the policy: "FILE:ROW", or the text of a query.
  std::string location() const;
  /// What the function keeps from call to call of one evaluation: null at its first call, dropped
  /// when the evaluator begins another one.
  std::shared_ptr<void>& memory();

  /// The evaluation's time, in nanoseconds since 1970: that of time.now_ns().
  std::int64_t now_ns();
  /// When the evaluation has to end, if it has a limit of time.
  std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept;
  /// True once the evaluation is to stop: cancelled, or past its deadline. A function that waits
  /// asks for it at least every 10 ms and then returns anything.
  bool is_stopped() const;

 private:
  friend struct HostCallAccess;
  HostCall(std::span<const Value> arguments, Builder builder, void* state) noexcept
      : arguments_(arguments), builder_(std::move(builder)), state_(state) {}
  std::span<const Value> arguments_;
  Builder builder_;
  void* state_;
};

/// When a call may be replaced by the value of an earlier one with equal arguments.
enum class Volatility : std::uint8_t {
  immutable,  // always, so that calls with constant arguments may be folded
  stable,     // within one evaluation, as time.now_ns() and http.send() are: called once for each
  changing,   // never: called each time the policy evaluates a call
};

struct HostFunction {
  /// Dotted identifiers, such as "acme.lookup"; not that of a builtin.
  std::string name;
  /// OPA's notation of types, such as "(name: string, limit: number) => result: object[string:
  /// any]".
  std::string signature;
  /// Returns the value, undefined (`Value()`) or what HostCall::fail() returns. Called on the
  /// evaluation's thread, by many threads at once where a policy is shared; must not throw.
  std::function<Value(HostCall&)> call;
  Volatility volatility = Volatility::immutable;
};

}  // namespace lictor
