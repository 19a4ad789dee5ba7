// What the parsers of queries and of schemas share: tokens, names, values, types and directives.
// After the first error every function returns at once, with the token before.
#pragma once

#include <string>
#include <string_view>

#include "builtins/graphql/lexer.hpp"
#include "builtins/graphql/parse.hpp"

namespace lictor::builtins::graphql {

class Parser {
 public:
  Parser(Ref<Source> source, Arena& arena)
      : arena_(arena), source_(source), lexer_(source->input, arena) {}

  bool failed() const { return failed_; }
  Fault& fault() { return fault_; }

 protected:
  struct Expected {
    Token token;
    Ref<CommentGroup> comment;  // before it
  };

  struct Description {
    std::string_view text;
    Ref<CommentGroup> comment;
    bool present = false;  // also if it is empty
  };

  /// One more level of nesting while it lives, if there may be one; otherwise the parser has
  /// failed.
  class Nesting {
   public:
    explicit Nesting(Parser& parser);
    ~Nesting() { parser_.depth_ -= entered_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    explicit operator bool() const { return entered_; }

   private:
    Parser& parser_;
    bool entered_;
  };

  const Token& peek();
  bool next_is(TokenKind kind) { return peek().kind == kind; }
  bool next_is_name(std::string_view name);
  Token next();
  bool skip(TokenKind kind);
  Expected expect(TokenKind kind);
  Expected expect_keyword(std::string_view keyword);
  void fail(const Token& token, std::string message);
  void unexpected(const Token& token) { fail(token, "Unexpected " + token.describe()); }
  void unexpected_next() { unexpected(peek()); }

  /// Calls `parse_item` up to the closing token. Does nothing if `open` is not next.
  template <class Item>
  void many(TokenKind open, TokenKind close, Item&& parse_item) {
    if (!skip(open)) return;
    while (!next_is(close) && !failed_) parse_item();
    next();
  }
  /// As above, for at least one item. Returns the comment before the closing token.
  template <class Item>
  Ref<CommentGroup> some(TokenKind open, TokenKind close, Item&& parse_item) {
    if (!skip(open)) return {};
    if (next_is(close))
      fail(peek(), "expected at least one definition, found " + std::string(symbol(peek().kind)));
    while (!next_is(close) && !failed_) parse_item();
    Ref<CommentGroup> comment = comment_;
    next();
    return comment;
  }

  Position position_of(const Token& token) const;
  Position peek_position() { return position_of(peek()); }
  /// A new node that begins at the next token.
  template <class T>
  Ref<T> start_node() {
    Ref<T> out = make_node<T>(arena_);
    out->position = peek_position();
    return out;
  }
  template <class T>
  Ref<T> start_commented_node() {
    Ref<T> out = start_node<T>();
    out->comment = comment_;
    return out;
  }

  std::string_view parse_name() { return expect(TokenKind::name).token.text; }
  Description parse_description();
  std::string_view parse_operation_type();
  std::string_view parse_variable();
  Ref<Literal> parse_value(bool constant);
  Ref<Type> parse_type();
  Nodes<Argument> parse_arguments(bool constant);
  Nodes<Directive> parse_directives(bool constant);
  Ref<CommentGroup> join_comments(Ref<CommentGroup> first, Ref<CommentGroup> second);

  Arena& arena_;
  Token previous_;
  Ref<CommentGroup> comment_;  // before the next token

 private:
  void read_comments();
  Ref<Literal> parse_list(bool constant);
  Ref<Literal> parse_object(bool constant);
  Ref<ChildValue> parse_object_field(bool constant);
  Ref<Argument> parse_argument(bool constant);
  Ref<Directive> parse_directive(bool constant);

  Ref<Source> source_;
  Lexer lexer_;
  Token next_;
  bool peeked_ = false;
  bool failed_ = false;
  int depth_ = 0;
  Fault fault_;
};

}  // namespace lictor::builtins::graphql
