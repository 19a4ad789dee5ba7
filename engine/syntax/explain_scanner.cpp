// Source of the rules: OPA v1/ast/internal/scanner.
#include "syntax/explain_scanner.hpp"

#include "base/digits.hpp"
#include "base/unicode.hpp"
#include "syntax/ast.hpp"

namespace lictor::syntax {
namespace {

constexpr const char* token_names[] = {"illegal",
                                       "eof",
                                       "whitespace",
                                       "comment",
                                       "identifier",
                                       "package",
                                       "import",
                                       "as",
                                       "default",
                                       "else",
                                       "not",
                                       "some",
                                       "with",
                                       "null",
                                       "true",
                                       "false",
                                       "number",
                                       "string",
                                       "template-string-part",
                                       "template-string-end",
                                       "raw-template-string-part",
                                       "raw-template-string-end",
                                       "[",
                                       "]",
                                       "{",
                                       "}",
                                       "(",
                                       ")",
                                       ",",
                                       ":",
                                       "plus",
                                       "minus",
                                       "mul",
                                       "div",
                                       "rem",
                                       "and",
                                       "or",
                                       "eq",
                                       "equal",
                                       "assign",
                                       "in",
                                       "neq",
                                       "gt",
                                       "lt",
                                       "gte",
                                       "lte",
                                       ".",
                                       ";",
                                       "every",
                                       "contains",
                                       "if",
                                       "and",
                                       "or"};

constexpr std::int32_t byte_order_mark = 0xFEFF;
constexpr std::int32_t no_break_space = 0xA0;

bool is_escape(std::int32_t c) {
  return c > 0 && c < 0x80 &&
         std::string_view("\\\"/bfnrt").find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace

const char* token_name(Tok token) { return token_names[static_cast<std::size_t>(token)]; }

bool is_keyword_token(Tok token) {
  return (token >= Tok::package && token <= Tok::false_) || token == Tok::in || token >= Tok::every;
}

Scanner::Scanner(const std::string& text, unsigned keywords) : text_(&text), keywords_(keywords) {
  advance();
  if (current_ == byte_order_mark) advance();
}

void Scanner::advance() {
  if (offset_ >= text_->size()) {
    current_ = -1;
    offset_ = static_cast<std::uint32_t>(text_->size()) + 1;
    return;
  }
  Rune rune = decode_rune(*text_, offset_);
  current_ = static_cast<std::int32_t>(rune.code);
  width_ = rune.size;
  if (current_ == 0)
    fault("illegal null character");
  else if (!rune.valid)
    fault("illegal utf-8 character");
  else if (current_ == byte_order_mark && offset_ > 0)
    fault("illegal byte-order mark");
  offset_ += width_;
  if (current_ == '\n') {
    ++row_;
    col_ = 0;
  } else {
    ++col_;
  }
}

bool Scanner::is_letter() const {
  std::int32_t lower = current_ | 0x20;
  return (lower >= 'a' && lower <= 'z') || current_ == '_';
}

bool Scanner::is_digit() const {
  return is_decimal() || (current_ >= 0x80 && is_decimal_digit(static_cast<char32_t>(current_)));
}

Tok Scanner::word(std::string_view name) const {
  for (Tok token = Tok::package; token <= Tok::false_;
       token = static_cast<Tok>(static_cast<int>(token) + 1)) {
    if (name == token_name(token)) return token == Tok::not_ && not_is_name_ ? Tok::ident : token;
  }
  if (name == "in" && (keywords_ & keyword_in)) return Tok::in;
  if (name == "every" && (keywords_ & keyword_every)) return Tok::every;
  if (name == "contains" && (keywords_ & keyword_contains)) return Tok::contains;
  if (name == "if" && (keywords_ & keyword_if)) return Tok::if_;
  if (name == "and" && (keywords_ & keyword_and)) return Tok::logical_and;
  if (name == "or" && (keywords_ & keyword_or)) return Tok::logical_or;
  return Tok::ident;
}

/// A literal ends a byte before the reading position, as if the character there were one byte long.
std::string_view Scanner::literal(std::uint32_t first) const {
  return std::string_view(*text_).substr(first, offset_ - 1 - first);
}

Scanner::Token Scanner::start() const {
  Token out;
  out.place.offset = offset_ - width_;
  out.place.row = row_;
  out.place.col = col_;
  return out;
}

Scanner::Token Scanner::finish(Token token, Tok kind) {
  token.kind = kind;
  auto size = static_cast<std::uint32_t>(text_->size());
  token.end = offset_ - width_;
  if (token.place.offset < size && token.end >= token.place.offset && token.end <= size) {
    token.place.first = token.place.offset;
    token.place.last = token.end;
  }
  token.faults = std::exchange(faults_, {});
  return token;
}

Scanner::Token Scanner::next() {
  Token token = start();
  bool blank = current_ == ' ' || current_ == '\t' || current_ == '\n' || current_ == '\r';
  std::uint32_t first = offset_ - 1;
  if (blank) {
    token.lit = std::string_view(*text_).substr(token.place.offset, 1);
    advance();
    return finish(std::move(token), Tok::whitespace);
  }
  if (is_letter()) {
    while (is_letter() || is_digit()) advance();
    token.lit = literal(first);
    return finish(std::move(token), word(token.lit));
  }
  if (is_decimal()) {
    number();
    token.lit = literal(first);
    return finish(std::move(token), Tok::number);
  }
  Tok kind = symbol(token.lit);
  return finish(std::move(token), kind);
}

Scanner::Token Scanner::next_template_part(bool raw) {
  Token token = start();
  std::uint32_t first = literal_start();
  Tok kind = template_part(raw);
  token.lit = literal(first);
  return finish(std::move(token), kind);
}

bool Scanner::decimals() {
  bool found = false;
  for (; is_decimal(); advance()) found = true;
  return found;
}

void Scanner::number() {
  decimals();
  if (current_ == '.') {
    advance();
    if (!decimals()) fault("expected fraction");
  }
  if (current_ == 'e' || current_ == 'E') {
    advance();
    if (current_ == '+' || current_ == '-') advance();
    if (!decimals()) fault("expected exponent");
  }
  if (!is_letter()) return;
  fault("illegal number format");
  while (is_letter() || is_digit()) advance();
}

void Scanner::quoted() {
  while (true) {
    if (current_ == '\n' || current_ < 0) return fault("non-terminated string");
    std::int32_t c = current_;
    advance();
    if (c == '"') return;
    if (c != '\\') continue;
    if (current_ == 'u') {
      for (int i = 0; i < 4; ++i) advance();
    } else if (is_escape(current_)) {
      advance();
    } else {
      fault("illegal escape sequence");
    }
  }
}

void Scanner::raw() {
  while (true) {
    std::int32_t c = current_;
    advance();
    if (c == '`') return;
    if (c < 0) return fault("non-terminated string");
  }
}

Tok Scanner::template_part(bool raw) {
  Tok part = raw ? Tok::raw_template_part : Tok::template_part;
  while (true) {
    std::int32_t c = current_;
    if (c < 0 || (c == '\n' && !raw)) {
      fault("non-terminated string");
      return part;
    }
    advance();
    if (c == (raw ? '`' : '"')) return raw ? Tok::raw_template_end : Tok::template_end;
    if (c == '{') return part;
    if (c != '\\') continue;
    if (current_ == '{' || (!raw && is_escape(current_))) {
      advance();
    } else if (!raw && current_ == 'u') {
      for (int i = 0; i < 4; ++i) advance();
    } else if (!raw) {
      fault("illegal escape sequence");
    }
  }
}

Tok Scanner::pair(std::int32_t second, Tok both, Tok one) {
  if (current_ != second) return one;
  advance();
  return both;
}

Tok Scanner::symbol(std::string_view& lit) {
  std::int32_t c = current_;
  advance();
  switch (c) {
    case -1:
      return Tok::eof;
    case '#': {
      std::uint32_t first = literal_start();
      while (current_ >= 0 && current_ != '\n') advance();
      lit = literal(first);
      return Tok::comment;
    }
    case '"':
    case '`': {
      std::uint32_t first = literal_start();
      c == '"' ? quoted() : raw();
      lit = literal(first);
      return Tok::string;
    }
    case '[':
      return Tok::left_bracket;
    case ']':
      return Tok::right_bracket;
    case '{':
      return Tok::left_brace;
    case '}':
      return Tok::right_brace;
    case '(':
      return Tok::left_paren;
    case ')':
      return Tok::right_paren;
    case ',':
      return Tok::comma;
    case ':':
      return pair('=', Tok::assign, Tok::colon);
    case '+':
      return Tok::plus;
    case '-':
      return Tok::minus;
    case '*':
      return Tok::mul;
    case '/':
      return Tok::div;
    case '%':
      return Tok::rem;
    case '&':
      return Tok::and_;
    case '|':
      return Tok::or_;
    case '=':
      return pair('=', Tok::equal, Tok::unify);
    case '>':
      return pair('=', Tok::gte, Tok::gt);
    case '<':
      return pair('=', Tok::lte, Tok::lt);
    case '!':
      if (current_ == '=') return pair('=', Tok::neq, Tok::neq);
      fault("illegal ! character");
      return Tok::illegal;
    case no_break_space:
      fault("illegal non-breaking space character, use a regular space instead");
      return Tok::illegal;
    case ';':
      return Tok::semicolon;
    case '.':
      return Tok::dot;
    case '$':
      if (current_ == '`' || current_ == '"') {
        bool raw = current_ == '`';
        advance();
        std::uint32_t first = literal_start();
        Tok kind = template_part(raw);
        lit = literal(first);
        return kind;
      }
      fault("illegal $ character");
      return Tok::illegal;
    default:
      return Tok::illegal;
  }
}

}  // namespace lictor::syntax
