// What went wrong, where, and what to do about it: the one error type of lictor.
//
// An Error carries OPA's error code and message, the place in the source and the line itself, so
// that render() can show a caret. A Result<T> holds a T or at least one Error. Both are plain
// values: they own their text, may be copied between threads, and never throw.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lictor {

/// Names the stage and the cause; code_name() gives OPA's spelling. The limit_* codes are lictor's
/// own.
enum class ErrorCode : std::uint8_t {
  parse,               // rego_parse_error
  compile,             // rego_compile_error
  unsafe_var,          // rego_unsafe_var_error
  recursion,           // rego_recursion_error
  type,                // rego_type_error
  eval_internal,       // eval_internal_error
  eval_conflict,       // eval_conflict_error
  eval_type,           // eval_type_error
  eval_builtin,        // eval_builtin_error
  eval_with_merge,     // eval_with_merge_error
  eval_cancel,         // eval_cancel_error
  input,               // lictor_input_error: the JSON that was given is not JSON
  load,                // lictor_load_error: a file cannot be read
  limit_depth,         // lictor_depth_limit: JSON or Rego is nested too deeply
  limit_instructions,  // lictor_instruction_limit: an evaluation took too many steps
  limit_memory,        // lictor_memory_limit: an evaluation needed too much memory
};

/// Returns the code as OPA prints it, e.g. "rego_parse_error".
const char* code_name(ErrorCode code) noexcept;

/// One of the queries that were being evaluated when an error occurred.
struct StackFrame {
  std::uint64_t query_id = 0;
  std::string file;       // empty in a query's own text
  std::uint32_t row = 0;  // 1-based; 0 when there is no place
  std::uint32_t col = 0;  // 1-based, in characters
  std::string text;       // the expression there, with the values of its variables

  /// Returns "FILE:ROW: TEXT".
  std::string summary() const;
};

struct Error {
  ErrorCode code = ErrorCode::eval_internal;
  std::string message;                       // OPA's text, without code and place
  std::string file;                          // empty when there is none
  std::uint32_t row = 0;                     // 1-based; 0 when there is no place
  std::uint32_t col = 0;                     // 1-based, in bytes
  std::string line;                          // the source line that row names
  std::string hint;                          // what to do, when something can be said
  std::string written = {};                  // in a query: what stands at the place of the error
  std::vector<std::string> details = {};     // the lines that OPA shows below it
  std::string details_json = {};             // OPA's details for programs: compact JSON, or empty
  std::vector<StackFrame> stack_trace = {};  // innermost first; of errors of an evaluation

  /// Returns "FILE:ROW: CODE: MESSAGE", which is the first line that OPA prints.
  std::string summary() const;
  /// Returns summary(), the source line with a caret, the details and the hint.
  std::string render() const;
};

using Errors = std::vector<Error>;

/// Holds a T, or the errors that prevented it. value() on errors, or error() on a value, is
/// undefined.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) { errors_.push_back(std::move(error)); }
  Result(Errors errors) : errors_(std::move(errors)) {}

  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  const Error& error() const { return errors_.front(); }
  const Errors& errors() const { return errors_; }

 private:
  std::optional<T> value_;
  Errors errors_;
};

}  // namespace lictor
