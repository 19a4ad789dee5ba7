// The tokens of text that is refused, as OPA's scanner names and places them. Private to explain_*.
// In: a source. Out: one token at a time, with the faults found in it; copying a Scanner saves its
// position. Positions count as in OPA: a newline already belongs to the row below it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source.hpp"

namespace lictor::syntax {

/// In the order of token_names.
enum class Tok : std::uint8_t {
  illegal,
  eof,
  whitespace,
  comment,
  ident,
  package,
  import,
  as,
  default_,
  else_,
  not_,
  some,
  with,
  null,
  true_,
  false_,
  number,
  string,
  template_part,
  template_end,
  raw_template_part,
  raw_template_end,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  left_paren,
  right_paren,
  comma,
  colon,
  plus,
  minus,
  mul,
  div,
  rem,
  and_,
  or_,
  unify,
  equal,
  assign,
  in,
  neq,
  gt,
  lt,
  gte,
  lte,
  dot,
  semicolon,
  every,
  contains,
  if_,
  logical_and,
  logical_or,
};

const char* token_name(Tok token);
/// True for words that OPA's errors call keywords.
bool is_keyword_token(Tok token);

/// A position as errors have it, and the range of the text that it belongs to.
struct Location {
  std::uint32_t offset = 0;
  std::uint32_t row = 0;
  std::uint32_t col = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

class Scanner {
 public:
  Scanner(const std::string& text, unsigned keywords);

  struct Token {
    Tok kind = Tok::eof;
    Location place;
    std::uint32_t end = 0;
    std::string_view lit;
    std::vector<const char*> faults;
  };

  Token next();
  /// The rest of a template string, after the brace that closes an expression.
  Token next_template_part(bool raw);

  /// Keywords that a module can switch on or off.
  unsigned keywords() const { return keywords_; }
  void set_keywords(unsigned keywords) { keywords_ = keywords; }
  /// Makes `not` a name, as it is in the path of an import.
  void set_not_is_name(bool value) { not_is_name_ = value; }
  /// The token that a word is.
  Tok word(std::string_view name) const;
  bool is_keyword(std::string_view name) const { return word(name) != Tok::ident; }

 private:
  Token start() const;
  Token finish(Token token, Tok kind);
  void advance();
  void fault(const char* message) { faults_.push_back(message); }
  bool is_letter() const;
  bool is_digit() const;
  bool is_decimal() const { return current_ >= '0' && current_ <= '9'; }
  std::uint32_t literal_start() const { return offset_ - width_ - 1; }
  std::string_view literal(std::uint32_t first) const;
  bool decimals();
  void number();
  void quoted();
  void raw();
  Tok template_part(bool raw);
  Tok symbol(std::string_view& lit);
  Tok pair(std::int32_t second, Tok both, Tok one);

  const std::string* text_;
  unsigned keywords_;
  bool not_is_name_ = false;
  std::uint32_t offset_ = 0;  // after the current character
  std::uint32_t width_ = 0;   // of the current character
  std::uint32_t row_ = 1;
  std::uint32_t col_ = 0;
  std::int32_t current_ = -1;
  std::vector<const char*> faults_;
};

}  // namespace lictor::syntax
