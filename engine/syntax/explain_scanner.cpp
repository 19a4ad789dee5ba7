// Source of the rules: OPA v1/ast/internal/scanner (1.22.2).
#include "syntax/explain_scanner.hpp"

#include <cctype>

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

bool is_letter(int c) { return c == '_' || (c < 128 && std::isalpha(c)); }
bool is_digit(int c) { return c >= '0' && c <= '9'; }

}  // namespace

const char* token_name(Tok token) { return token_names[static_cast<std::size_t>(token)]; }

bool is_keyword_token(Tok token) {
  return (token >= Tok::package && token <= Tok::false_) || token == Tok::in || token >= Tok::every;
}

Tok Scanner::word(std::string_view name) const {
  for (Tok token = Tok::package; token <= Tok::false_;
       token = static_cast<Tok>(static_cast<int>(token) + 1)) {
    if (name == token_name(token)) return token;
  }
  if (name == "in" && (keywords_ & keyword_in)) return Tok::in;
  if (name == "every" && (keywords_ & keyword_every)) return Tok::every;
  if (name == "contains" && (keywords_ & keyword_contains)) return Tok::contains;
  if (name == "if" && (keywords_ & keyword_if)) return Tok::if_;
  if (name == "and" && (keywords_ & keyword_and)) return Tok::logical_and;
  if (name == "or" && (keywords_ & keyword_or)) return Tok::logical_or;
  return Tok::ident;
}

Scanner::Token Scanner::finish(Token token, Tok kind) {
  token.kind = kind;
  token.last = at_;
  token.lit = std::string(text(token.first, token.last));
  return token;
}

Scanner::Token Scanner::next() {
  Token token;
  token.first = at_;
  int c = current();
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
    ++at_;
    return finish(std::move(token), Tok::whitespace);
  }
  if (is_letter(c)) {
    while (is_letter(current()) || is_digit(current())) ++at_;
    return finish(std::move(token), word(text(token.first, at_)));
  }
  if (is_digit(c)) {
    number(token);
    return finish(std::move(token), Tok::number);
  }
  Tok kind = symbol(token);
  return finish(std::move(token), kind);
}

Scanner::Token Scanner::next_template_part(bool raw) {
  Token token;
  token.first = at_;
  Tok kind = template_part(token, raw);
  return finish(std::move(token), kind);
}

void Scanner::number(Token& token) {
  auto digits = [this] {
    bool found = false;
    for (; is_digit(current()); ++at_) found = true;
    return found;
  };
  digits();
  if (current() == '.') {
    ++at_;
    if (!digits()) token.faults.push_back("expected fraction");
  }
  if (current() == 'e' || current() == 'E') {
    ++at_;
    if (current() == '+' || current() == '-') ++at_;
    if (!digits()) token.faults.push_back("expected exponent");
  }
  if (!is_letter(current())) return;
  token.faults.push_back("illegal number format");
  while (is_letter(current()) || is_digit(current())) ++at_;
}

void Scanner::quoted(Token& token) {
  while (true) {
    int c = current();
    if (c == '\n' || c < 0) {
      token.faults.push_back("non-terminated string");
      return;
    }
    ++at_;
    if (c == '"') return;
    if (c != '\\') continue;
    int escaped = current();
    if (escaped == 'u') {
      at_ = std::min<std::uint32_t>(at_ + 4, static_cast<std::uint32_t>(source_->text.size()));
    } else if (escaped > 0 && std::string_view("\\\"/bfnrt").find(static_cast<char>(escaped)) !=
                                  std::string_view::npos) {
      ++at_;
    } else {
      token.faults.push_back("illegal escape sequence");
    }
  }
}

void Scanner::raw(Token& token) {
  while (true) {
    int c = current();
    if (c < 0) {
      token.faults.push_back("non-terminated string");
      return;
    }
    ++at_;
    if (c == '`') return;
  }
}

Tok Scanner::template_part(Token& token, bool raw) {
  while (true) {
    int c = current();
    if (c < 0 || (c == '\n' && !raw)) {
      token.faults.push_back("non-terminated string");
      return raw ? Tok::raw_template_part : Tok::template_part;
    }
    ++at_;
    if (c == (raw ? '`' : '"')) return raw ? Tok::raw_template_end : Tok::template_end;
    if (c == '{') return raw ? Tok::raw_template_part : Tok::template_part;
    if (c != '\\' || current() < 0) continue;
    if (raw && current() != '{') continue;
    if (!raw && std::string_view("\\\"/bfnrtu{").find(static_cast<char>(current())) ==
                    std::string_view::npos)
      token.faults.push_back("illegal escape sequence");
    ++at_;
  }
}

Tok Scanner::symbol(Token& token) {
  int c = current();
  if (c < 0) return Tok::eof;
  ++at_;
  auto followed = [this](char by, Tok yes, Tok no) {
    if (current() != by) return no;
    ++at_;
    return yes;
  };
  switch (c) {
    case '#':
      while (current() >= 0 && current() != '\n') ++at_;
      return Tok::comment;
    case '"':
      quoted(token);
      return Tok::string;
    case '`':
      raw(token);
      return Tok::string;
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
      return followed('=', Tok::assign, Tok::colon);
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
      return followed('=', Tok::equal, Tok::unify);
    case '>':
      return followed('=', Tok::gte, Tok::gt);
    case '<':
      return followed('=', Tok::lte, Tok::lt);
    case '!':
      if (current() == '=') return followed('=', Tok::neq, Tok::neq);
      token.faults.push_back("illegal ! character");
      return Tok::illegal;
    case ';':
      return Tok::semicolon;
    case '.':
      return Tok::dot;
    case '$':
      if (current() == '`' || current() == '"') {
        bool raw = current() == '`';
        ++at_;
        return template_part(token, raw);
      }
      token.faults.push_back("illegal $ character");
      return Tok::illegal;
    default:
      return Tok::illegal;
  }
}

}  // namespace lictor::syntax
