// The tokens of text that is refused, as OPA's scanner names them. Private to explain.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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
/// True for words that are no names.
bool is_keyword_token(Tok token);

struct ScanFault {
  std::string text;
};

/// Reads one token at a time; copying it saves a place.
class Scanner {
 public:
  Scanner(const Source& source, unsigned keywords) : source_(&source), keywords_(keywords) {}

  struct Token {
    Tok kind = Tok::eof;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::string lit;
    std::vector<std::string> faults;
  };

  Token next();
  /// The rest of a template string, behind the brace that closes an expression.
  Token next_template_part(bool raw);

  unsigned keywords() const { return keywords_; }
  void set_keywords(unsigned keywords) { keywords_ = keywords; }
  std::string_view text(std::uint32_t first, std::uint32_t last) const {
    return std::string_view(source_->text).substr(first, last - first);
  }

 private:
  int current() const {
    return at_ < source_->text.size() ? static_cast<unsigned char>(source_->text[at_]) : -1;
  }
  Token finish(Token token, Tok kind);
  Tok word(std::string_view name) const;
  void number(Token& token);
  void quoted(Token& token);
  void raw(Token& token);
  Tok template_part(Token& token, bool raw);
  Tok symbol(Token& token);

  const Source* source_;
  unsigned keywords_;
  std::uint32_t at_ = 0;
};

}  // namespace lictor::syntax
