// Characters → tokens: trivia, identifiers, operators, numbers and strings.
#include <algorithm>
#include <array>
#include <iterator>

#include "base/digits.hpp"
#include "base/unicode.hpp"
#include "json/escape.hpp"
#include "syntax/parse_error.hpp"
#include "syntax/parse_state.hpp"
#include "value/number.hpp"

namespace lictor::syntax {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Longest first, so that "<=" is seen before "<".
constexpr Operator operators[] = {
    {"==", "equal", 1}, {"!=", "neq", 1}, {"<=", "lte", 1}, {">=", "gte", 1}, {"<", "lt", 1},
    {">", "gt", 1},     {"|", "or", 2},   {"&", "and", 3},  {"+", "plus", 4}, {"-", "minus", 4},
    {"*", "mul", 5},    {"/", "div", 5},  {"%", "rem", 5},
};

constexpr std::array<bool, 256> begins_operator = [] {
  std::array<bool, 256> out{};
  for (const Operator& op : operators) out[static_cast<unsigned char>(op.text[0])] = true;
  return out;
}();

constexpr std::string_view always_keywords[] = {
    "as", "default", "else", "false", "import", "package", "not", "null", "some", "true", "with"};

/// A number; blanks may follow its sign and a dot before all of its digits.
Term* parse_number(const char*& at, const char* end, ParseState& state) {
  bool negative = *at == '-';
  const char* digits = negative ? skip_trivia(at + 1, end) : at;
  bool fraction = digits != end && *digits == '.';
  if (fraction) digits = skip_trivia(digits + 1, end);
  if (digits == end || !is_digit(*digits)) return nullptr;
  const char* last = digits;
  while (last != end &&
         (is_digit(*last) || *last == '.' || *last == 'e' || *last == 'E' ||
          ((*last == '+' || *last == '-') && (last[-1] == 'e' || last[-1] == 'E')))) {
    ++last;
  }
  std::string_view text(at, static_cast<std::size_t>(last - at));
  std::string spelled = (negative ? "-" : "") + std::string(fraction ? "0." : "");
  spelled.append(digits, last);
  if (!is_number_text(spelled) || (last != end && is_letter(*last))) {
    throw ParseFailure{parse_error_at(state.span(text), "illegal number format")};
  }
  if (const char* fault = number_fault(spelled))
    throw ParseFailure{parse_error_at(state.span(text), fault)};
  Term* out = state.ast->term(TermKind::number, state.span(text));
  out->text = spelled;
  at = last;
  return out;
}

[[noreturn]] void fail_string(const char* at, ParseState& state, const char* message) {
  throw ParseFailure{parse_error_at(state.span_from(at), message)};
}

Term* parse_quoted(const char*& at, const char* end, ParseState& state) {
  const char* last = at + 1;
  while (last != end && *last != '"' && *last != '\n')
    last += *last == '\\' && last + 1 != end ? 2 : 1;
  if (last >= end || *last != '"') fail_string(at, state, "non-terminated string");
  std::string_view raw(at + 1, static_cast<std::size_t>(last - at - 1));
  std::optional<std::string> text = json::unescape(raw);
  if (!text) fail_string(at, state, "illegal string escape sequence");
  Term* out = state.ast->string(*std::move(text), state.span({at, raw.size() + 2}));
  at = last + 1;
  return out;
}

Term* parse_raw_string(const char*& at, const char* end, ParseState& state) {
  const char* last = std::find(at + 1, end, '`');
  if (last == end) fail_string(at, state, "non-terminated string");
  Term* out = state.ast->string(std::string(at + 1, last),
                                state.span({at, static_cast<std::size_t>(last + 1 - at)}));
  at = last + 1;
  return out;
}

}  // namespace

const char* skip_trivia(const char* at, const char* end) {
  while (at != end) {
    if (*at == '#') {
      at = std::find(at, end, '\n');
    } else if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

namespace {

/// The quote that ends a string or a raw string, or null; template strings are left to the grammar.
const char* end_of_string(const char* at, const char* begin, const char* end) {
  if (at != begin && at[-1] == '$') return nullptr;
  char quote = *at++;
  for (; at < end && *at != quote; ++at) {
    if (quote == '`') continue;
    if (*at == '\n') return nullptr;
    at += *at == '\\' ? 1 : 0;
  }
  return at < end ? at : nullptr;
}

}  // namespace

bool is_only_body(const char* at, const char* end) {
  const char* begin = at;
  int depth = 0;
  const char* inside = skip_trivia(at + 1, end);
  if (inside == end || *inside == '}') return false;  // {} is an object
  for (;; ++at) {
    if (at == end) return false;
    if (*at == '{' || *at == '[' || *at == '(') {
      ++depth;
    } else if (*at == '}' || *at == ']' || *at == ')') {
      if (--depth == 0) break;
    } else if (*at == '"' || *at == '`') {
      at = end_of_string(at, begin, end);
      if (at == nullptr) return false;
    } else if (*at == '#') {
      at = std::find(at, end, '\n');
      if (at == end) return false;
    } else if (depth == 1 && *at == '|') {
      return false;
    } else if (depth == 1 && *at == ':' && (at + 1 == end || at[1] != '=')) {
      return false;
    }
  }
  at = skip_trivia(at + 1, end);
  std::string_view word = scan_identifier(at, end);
  bool goes_on = word == "in" || word == "with" || word == "and" || word == "or";
  return at == end || (!word.empty() && !goes_on);
}

namespace {

/// The size of a digit of another script, or 0.
std::size_t size_of_digit(const char* at, const char* end) {
  if (static_cast<unsigned char>(*at) < 0x80) return 0;
  Rune rune = decode_rune({at, static_cast<std::size_t>(end - at)}, 0);
  return is_decimal_digit(rune.code) ? rune.size : 0;
}

}  // namespace

std::string_view scan_identifier(const char* at, const char* end) {
  if (at == end || !is_letter(*at)) return {};
  const char* last = at;
  while (last != end) {
    if (is_letter(*last) || is_digit(*last)) {
      ++last;
    } else if (std::size_t size = size_of_digit(last, end); size != 0) {
      last += size;
    } else {
      break;
    }
  }
  return {at, static_cast<std::size_t>(last - at)};
}

bool is_builtin_keyword(std::string_view name) {
  return name == "contains" || name == "and" || name == "or";
}

bool is_keyword(std::string_view name, unsigned keywords) {
  if (std::find(std::begin(always_keywords), std::end(always_keywords), name) !=
      std::end(always_keywords)) {
    return true;
  }
  return ((keywords & keyword_if) != 0 && name == "if") ||
         ((keywords & keyword_contains) != 0 && name == "contains") ||
         ((keywords & keyword_in) != 0 && name == "in") ||
         ((keywords & keyword_every) != 0 && name == "every") ||
         ((keywords & keyword_and) != 0 && name == "and") ||
         ((keywords & keyword_or) != 0 && name == "or");
}

const Operator* operator_at(const char* at, const char* end, const ParseState&) {
  if (at == end || !begins_operator[static_cast<unsigned char>(*at)]) return nullptr;
  std::string_view rest(at, static_cast<std::size_t>(end - at));
  for (const Operator& op : operators) {
    if (rest.substr(0, op.text.size()) == op.text) return &op;
  }
  return nullptr;
}

Term* parse_scalar(const char*& at, const char* end, ParseState& state) {
  if (at == end) return nullptr;
  if (*at == '"') return parse_quoted(at, end, state);
  if (*at == '`') return parse_raw_string(at, end, state);
  if (*at == '-' || *at == '.' || is_digit(*at)) return parse_number(at, end, state);
  std::string_view word = scan_identifier(at, end);
  const char* after = at + word.size();
  if (after != end && !word.empty() && (*after == '.' || *after == '[')) return nullptr;
  Span span = state.span(word);
  if (word == "null") {
    at = after;
    return state.ast->term(TermKind::null_value, span);
  }
  if (word != "true" && word != "false") return nullptr;
  at = after;
  return state.ast->boolean(word == "true", span);
}

Term* parse_template_text(const char*& at, const char* end, char quote, ParseState& state) {
  const char* last = at;
  std::string text;
  bool raw = quote == '`';
  while (last != end && *last != quote && *last != '{') {
    if (*last == '\n' && !raw) fail_string(at, state, "non-terminated string");
    if (*last != '\\') {
      text += *last++;
    } else if (last + 1 != end && last[1] == '{') {
      text += '{';
      last += 2;
    } else if (raw) {
      text += *last++;
    } else {
      std::size_t size = last + 1 != end && last[1] == 'u' ? 6 : 2;
      size = std::min<std::size_t>(size, static_cast<std::size_t>(end - last));
      if (size == 6 && end - last >= 12 && last[6] == '\\' && last[7] == 'u') {
        if (auto pair = json::unescape({last, 12}); pair && count_runes(*pair) == 1) size = 12;
      }
      std::optional<std::string> piece = json::unescape({last, size});
      if (!piece) fail_string(last, state, "illegal string escape sequence");
      text += *piece;
      last += size;
    }
  }
  if (last == at) return nullptr;
  Term* out =
      state.ast->string(std::move(text), state.span({at, static_cast<std::size_t>(last - at)}));
  out->flag = true;
  at = last;
  return out;
}

}  // namespace lictor::syntax
