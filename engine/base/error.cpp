// Spells error codes as OPA does and draws the place of an error with a caret.
#include "lictor/error.hpp"

#include <algorithm>

namespace lictor {

const char* code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::parse:
      return "rego_parse_error";
    case ErrorCode::compile:
      return "rego_compile_error";
    case ErrorCode::unsafe_var:
      return "rego_unsafe_var_error";
    case ErrorCode::recursion:
      return "rego_recursion_error";
    case ErrorCode::type:
      return "rego_type_error";
    case ErrorCode::eval_internal:
      return "eval_internal_error";
    case ErrorCode::eval_conflict:
      return "eval_conflict_error";
    case ErrorCode::eval_type:
      return "eval_type_error";
    case ErrorCode::eval_builtin:
      return "eval_builtin_error";
    case ErrorCode::eval_with_merge:
      return "eval_with_merge_error";
    case ErrorCode::eval_cancel:
      return "eval_cancel_error";
    case ErrorCode::input:
      return "lictor_input_error";
    case ErrorCode::load:
      return "lictor_load_error";
    case ErrorCode::limit_depth:
      return "lictor_depth_limit";
    case ErrorCode::limit_instructions:
      return "lictor_instruction_limit";
    case ErrorCode::limit_memory:
      return "lictor_memory_limit";
  }
  return "eval_internal_error";
}

std::string Error::summary() const {
  std::string out;
  if (row != 0) {
    out += file.empty() ? std::to_string(row) + ":" + std::to_string(col)
                        : file + ":" + std::to_string(row);
    out += ": ";
  } else if (!file.empty()) {
    out += file + ": ";
  }
  return out + code_name(code) + ": " + message;
}

std::string Error::render() const {
  constexpr std::size_t widest = 100;
  std::string out = summary();
  if (row != 0 && !line.empty()) {
    std::size_t caret = std::min<std::size_t>(col == 0 ? 0 : col - 1, line.size());
    std::size_t first = caret > widest / 2 && line.size() > widest ? caret - widest / 2 : 0;
    std::string shown = line.substr(first, widest);
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    out += "\n\t" + shown + "\n\t" + std::string(caret - first, ' ') + "^";
  }
  if (!hint.empty()) out += "\n\thint: " + hint;
  return out;
}

}  // namespace lictor
