// Spells error codes as OPA does and draws the place of an error with a caret.
#include "lictor/error.hpp"

#include <algorithm>

#include "base/unicode.hpp"

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

namespace {

std::string place_text(const std::string& file, std::uint32_t row, std::uint32_t col) {
  return file.empty() ? std::to_string(row) + ":" + std::to_string(col)
                      : file + ":" + std::to_string(row);
}

}  // namespace

std::string StackFrame::summary() const {
  if (row == 0) return "<unknown>";
  std::string out = place_text(file, row, col);
  return text.empty() ? out : out + ": " + text;
}

std::string Error::summary() const {
  std::string out;
  if (row != 0) {
    out += (written.empty() ? place_text(file, row, col) : written) + ": ";
  } else if (!file.empty()) {
    out += file + (code == ErrorCode::parse ? ":0: " : ": ");
  }
  return out + code_name(code) + ": " + message;
}

std::string Error::render() const {
  constexpr std::size_t widest = 100;
  std::string out = summary();
  bool details_show_line = code == ErrorCode::parse && !details.empty();
  if (row != 0 && !line.empty() && !details_show_line) {
    std::u32string shown = to_runes(line);
    std::size_t tabs = std::min(shown.find_first_not_of(U'\t'), shown.size());
    std::size_t behind = shown.find_last_not_of(U" \t") + 1;
    std::size_t caret = col == 0 ? behind - std::min<std::size_t>(behind, 1)
                                 : std::min<std::size_t>(col - 1, shown.size());
    shown.erase(0, tabs);
    caret -= std::min(caret, tabs);
    std::size_t first = caret > widest / 2 && shown.size() > widest ? caret - widest / 2 : 0;
    shown = shown.substr(first, widest);
    std::replace(shown.begin(), shown.end(), U'\t', U' ');
    out += "\n\t" + from_runes(shown) + "\n\t" + std::string(caret - first, ' ') + "^";
  }
  for (const std::string& detail : details) out += "\n\t" + detail;
  if (!hint.empty()) out += "\n\thint: " + hint;
  return out;
}

}  // namespace lictor
