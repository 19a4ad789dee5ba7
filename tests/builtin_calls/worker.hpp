// Evaluates calls of builtins in a process of its own, so that a crash or a hang ends only that.
// In: lines of a builtin's name, a mode and an input, separated by tabs, on standard input. Out: a
// line for each with the outcome, a JSON string.
#pragma once

#include <string>

namespace lictor::builtin_calls {

/// How a call is evaluated.
struct Mode {
  bool encoded = false;  // the operands must be decoded first
  bool mocked = false;   // the call names a function that the builtin replaces
  bool strict = false;   // an error of the builtin is the outcome

  std::string text() const { return {encoded ? 'e' : '-', mocked ? 'm' : '-', strict ? 's' : '-'}; }
};

/// The module whose `result` is the call's value.
std::string module_text(const std::string& name, int arity, Mode mode);

/// Serves requests until standard input ends; returns the exit status.
int serve();

}  // namespace lictor::builtin_calls
