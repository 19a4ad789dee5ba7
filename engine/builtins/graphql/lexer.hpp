// GraphQL text → tokens, one at a time. In: a text of any bytes. Out: tokens with their positions
// in code points, or an invalid token and why. Source: gqlparser v2 lexer/.
// INVARIANT: positions are OPA's: the column of a string is that after its opening quotes, and the
// column of a block string is counted on its last line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.hpp"

namespace lictor::builtins::graphql {

enum class TokenKind : std::uint8_t {
  invalid,
  end,
  bang,
  dollar,
  amp,
  paren_left,
  paren_right,
  spread,
  colon,
  equals,
  at,
  bracket_left,
  bracket_right,
  brace_left,
  brace_right,
  pipe,
  name,
  integer,
  floating,
  string,
  block_string,
  comment,
};

/// How errors write a kind of token.
std::string_view symbol(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::invalid;
  std::string_view text;  // empty for punctuators; of a string, its value
  std::int64_t line = 0, column = 0;

  /// As errors write it.
  std::string describe() const;
};

class Lexer {
 public:
  Lexer(std::string_view text, Arena& arena) : text_(text), arena_(&arena) {}

  /// The next token; after the last one, always the end.
  Token next();
  /// Why the latest token is invalid.
  const std::string& error() const { return error_; }

 private:
  void skip_blanks();
  Token token(TokenKind kind, std::string_view text) const;
  Token token(TokenKind kind) const { return token(kind, text_.substr(start_, end_ - start_)); }
  Token invalid(std::string error);
  Token unexpected_character();
  Token punctuator_or_invalid(char first);
  Token comment();
  Token name();
  Token number();
  Token string();
  Token block_string();
  Token finish_string(const std::string* changed);
  bool read_escape(std::string& out);
  bool read_simple_escape(char letter, std::string& out);
  bool read_hex_escape(std::string& out);
  bool read_braced_escape(std::string& out);
  bool wrong_escape(std::string_view shown);
  void read_block_character(std::string& out);
  Token finish_block_string(std::size_t quotes, std::string& value);

  bool at_end() const { return end_ >= text_.size(); }
  char current() const { return text_[end_]; }
  void advance(std::size_t bytes) { advance(bytes, bytes); }
  void advance(std::size_t bytes, std::size_t runes) {
    end_ += bytes;
    end_rune_ += static_cast<std::int64_t>(runes);
  }
  void advance_rune(std::string* copy);
  void new_line();
  bool accept(std::string_view letters);
  std::size_t accept_digits();
  std::string describe_next() const;
  bool starts_with(std::string_view text) const { return text_.substr(end_).starts_with(text); }

  std::string_view text_;
  Arena* arena_;
  std::size_t start_ = 0, end_ = 0;
  std::int64_t start_rune_ = 0, end_rune_ = 0;
  std::int64_t line_ = 1, line_start_rune_ = 0;
  std::string error_;
};

}  // namespace lictor::builtins::graphql
