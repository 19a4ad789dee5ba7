// Tokens, with the comments before them, and the parts that queries and schemas share.
#include "builtins/graphql/parser.hpp"

#include "base/unicode.hpp"

namespace lictor::builtins::graphql {
namespace {

/// How deep selection sets, list and object values, and list types may nest, all together.
constexpr int max_nesting = 1000;

ValueKind kind_of_name(std::string_view name) {
  if (name == "true" || name == "false") return boolean_value;
  return name == "null" ? null_value : enum_value;
}

}  // namespace

Parser::Nesting::Nesting(Parser& parser) : parser_(parser), entered_(parser.depth_ < max_nesting) {
  if (!entered_) {
    parser.fail(parser.peek(), "exceeded maximum nesting depth of " + std::to_string(max_nesting));
  }
  parser.depth_ += entered_;
}

const Token& Parser::peek() {
  if (failed_) return previous_;
  if (!peeked_) {
    next_ = lexer_.next();
    peeked_ = true;
    if (next_.kind == TokenKind::comment) read_comments();
  }
  return next_;
}

/// Skips comments and keeps them. An error may report the last one as the previous token.
void Parser::read_comments() {
  ArenaVector<Ref<Comment>> comments(arena_);
  for (; next_.kind == TokenKind::comment; next_ = lexer_.next()) {
    Ref<Comment> comment = make_node<Comment>(arena_);
    comment->text = next_.text;
    comments.push_back(comment);
    previous_ = next_;
  }
  comment_ = make_node<CommentGroup>(arena_);
  comment_->comments = to_list(comments);
}

Token Parser::next() {
  if (failed_) return previous_;
  peek();
  peeked_ = false;
  comment_ = {};
  previous_ = next_;
  if (next_.kind == TokenKind::invalid) fail(next_, lexer_.error());
  return previous_;
}

bool Parser::next_is_name(std::string_view name) {
  return next_is(TokenKind::name) && peek().text == name;
}

bool Parser::skip(TokenKind kind) {
  if (failed_ || !next_is(kind)) return false;
  next();
  return true;
}

Parser::Expected Parser::expect(TokenKind kind) {
  Token token = peek();
  Ref<CommentGroup> comment = comment_;
  if (token.kind == kind) return {next(), comment};
  fail(token,
       "Expected " + std::string(symbol(kind)) + ", found " + std::string(symbol(token.kind)));
  return {token, comment};
}

Parser::Expected Parser::expect_keyword(std::string_view keyword) {
  Token token = peek();
  Ref<CommentGroup> comment = comment_;
  if (token.kind == TokenKind::name && token.text == keyword) return {next(), comment};
  std::string message = "Expected ";
  append_go_quoted(message, keyword);
  fail(token, message + ", found " + token.describe());
  return {token, comment};
}

void Parser::fail(const Token& token, std::string message) {
  if (failed_) return;
  failed_ = true;
  fault_ = {std::move(message), position_of(token)};
}

Position Parser::position_of(const Token& token) const {
  return {.line = token.line, .column = token.column, .source = source_, .known = true};
}

Parser::Description Parser::parse_description() {
  if (!next_is(TokenKind::string) && !next_is(TokenKind::block_string)) return {};
  Ref<CommentGroup> comment = comment_;
  return {next().text, comment, true};
}

std::string_view Parser::parse_operation_type() {
  Token token = next();
  for (std::string_view type : {"query", "mutation", "subscription"})
    if (token.text == type) return type;
  unexpected(token);
  return {};
}

std::string_view Parser::parse_variable() {
  expect(TokenKind::dollar);
  return parse_name();
}

Ref<Literal> Parser::parse_value(bool constant) {
  ValueKind kind;
  switch (peek().kind) {
    case TokenKind::bracket_left:
      return parse_list(constant);
    case TokenKind::brace_left:
      return parse_object(constant);
    case TokenKind::dollar:
      kind = variable_value;
      break;
    case TokenKind::integer:
      kind = int_value;
      break;
    case TokenKind::floating:
      kind = float_value;
      break;
    case TokenKind::string:
      kind = string_value;
      break;
    case TokenKind::block_string:
      kind = block_value;
      break;
    case TokenKind::name:
      kind = kind_of_name(peek().text);
      break;
    default:
      unexpected_next();
      return {};
  }
  if (kind == variable_value && constant) {
    unexpected_next();
    return {};
  }
  Ref<Literal> out = start_node<Literal>();  // OPA drops the comment before it
  out->kind = kind;
  out->raw = kind == variable_value ? parse_variable() : next().text;
  return out;
}

Ref<Literal> Parser::parse_list(bool constant) {
  Nesting nesting(*this);
  if (!nesting) return {};
  Ref<Literal> out = start_commented_node<Literal>();
  out->kind = list_value;
  ArenaVector<Ref<ChildValue>> items(arena_);
  many(TokenKind::bracket_left, TokenKind::bracket_right, [&] {
    Ref<ChildValue> item = make_node<ChildValue>(arena_);
    item->value = parse_value(constant);
    items.push_back(item);
  });
  out->children = to_list(items);
  return out;
}

Ref<Literal> Parser::parse_object(bool constant) {
  Nesting nesting(*this);
  if (!nesting) return {};
  Ref<Literal> out = start_commented_node<Literal>();
  out->kind = object_value;
  ArenaVector<Ref<ChildValue>> fields(arena_);
  many(TokenKind::brace_left, TokenKind::brace_right,
       [&] { fields.push_back(parse_object_field(constant)); });
  out->children = to_list(fields);
  return out;
}

Ref<ChildValue> Parser::parse_object_field(bool constant) {
  Ref<ChildValue> out = start_commented_node<ChildValue>();
  out->name = parse_name();
  expect(TokenKind::colon);
  out->value = parse_value(constant);
  return out;
}

Ref<Type> Parser::parse_type() {
  Ref<Type> out = make_node<Type>(arena_);
  if (skip(TokenKind::bracket_left)) {
    Nesting nesting(*this);
    if (!nesting) return {};
    out->position = peek_position();
    out->element = parse_type();
    expect(TokenKind::bracket_right);
  } else {
    out->position = peek_position();
    out->name = parse_name();
  }
  out->non_null = skip(TokenKind::bang);
  return out;
}

Nodes<Argument> Parser::parse_arguments(bool constant) {
  ArenaVector<Ref<Argument>> out(arena_);
  some(TokenKind::paren_left, TokenKind::paren_right,
       [&] { out.push_back(parse_argument(constant)); });
  return to_list(out);
}

Ref<Argument> Parser::parse_argument(bool constant) {
  Ref<Argument> out = start_commented_node<Argument>();
  out->name = parse_name();
  expect(TokenKind::colon);
  out->value = parse_value(constant);
  return out;
}

Nodes<Directive> Parser::parse_directives(bool constant) {
  ArenaVector<Ref<Directive>> out(arena_);
  while (next_is(TokenKind::at) && !failed_) out.push_back(parse_directive(constant));
  return to_list(out);
}

Ref<Directive> Parser::parse_directive(bool constant) {
  expect(TokenKind::at);
  Ref<Directive> out = start_node<Directive>();
  out->name = parse_name();
  out->arguments = parse_arguments(constant);
  return out;
}

Ref<CommentGroup> Parser::join_comments(Ref<CommentGroup> first, Ref<CommentGroup> second) {
  if (!first || !second) return first ? first : second;
  ArenaVector<Ref<Comment>> comments(arena_);
  for (Ref<Comment> comment : first->comments) comments.push_back(comment);
  for (Ref<Comment> comment : second->comments) comments.push_back(comment);
  Ref<CommentGroup> out = make_node<CommentGroup>(arena_);
  out->comments = to_list(comments);
  return out;
}

}  // namespace lictor::builtins::graphql
