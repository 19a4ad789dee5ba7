// Queries: operations and fragments.
#include "builtins/graphql/parser.hpp"

namespace lictor::builtins::graphql {
namespace {

class QueryParser : Parser {
 public:
  using Parser::failed;
  using Parser::fault;
  using Parser::Parser;

  Ref<QueryDocument> parse() {
    ArenaVector<Ref<OperationDefinition>> operations(arena_);
    ArenaVector<Ref<FragmentDefinition>> fragments(arena_);
    while (!next_is(TokenKind::end) && !failed()) {
      Description description = parse_description();
      if (starts_operation()) {
        operations.push_back(parse_operation(description));
      } else if (next_is_name("fragment")) {
        fragments.push_back(parse_fragment_definition(description));
      } else {
        unexpected_next();
      }
    }
    Ref<QueryDocument> out = make_node<QueryDocument>(arena_);
    out->operations = to_list(operations);
    out->fragments = to_list(fragments);
    return out;
  }

 private:
  bool starts_operation() {
    return next_is(TokenKind::brace_left) || next_is_name("query") || next_is_name("mutation") ||
           next_is_name("subscription");
  }

  Ref<OperationDefinition> parse_operation(const Description& description) {
    if (next_is(TokenKind::brace_left)) return parse_shorthand(description);
    Ref<OperationDefinition> out = start_node<OperationDefinition>();
    out->description = description.text;
    out->comment = join_comments(description.comment, comment_);
    out->operation = parse_operation_type();
    if (next_is(TokenKind::name)) out->name = next().text;
    out->variables = parse_variable_definitions();
    out->directives = parse_directives(false);
    out->selections = parse_selection_set();
    return out;
  }

  /// A query without its keyword, which takes no description; OPA drops the comment before it.
  Ref<OperationDefinition> parse_shorthand(const Description& description) {
    if (description.present) unexpected(previous_);
    Ref<OperationDefinition> out = start_node<OperationDefinition>();
    out->operation = "query";
    out->selections = parse_selection_set();
    return out;
  }

  Nodes<VariableDefinition> parse_variable_definitions() {
    ArenaVector<Ref<VariableDefinition>> out(arena_);
    some(TokenKind::paren_left, TokenKind::paren_right,
         [&] { out.push_back(parse_variable_definition()); });
    return to_list(out);
  }

  Ref<VariableDefinition> parse_variable_definition() {
    Description description = parse_description();
    Ref<VariableDefinition> out = start_node<VariableDefinition>();
    out->description = description.text;
    out->comment = join_comments(description.comment, comment_);
    out->variable = parse_variable();
    expect(TokenKind::colon);
    out->type = parse_type();
    if (skip(TokenKind::equals)) out->default_value = parse_value(true);
    out->directives = parse_directives(false);
    return out;
  }

  SelectionSet parse_selection_set() {
    if (!next_is(TokenKind::brace_left)) {
      expect(TokenKind::brace_left);
      return {};
    }
    Nesting nesting(*this);
    if (!nesting) return {};
    ArenaVector<Selection> out(arena_);
    some(TokenKind::brace_left, TokenKind::brace_right, [&] { out.push_back(parse_selection()); });
    return to_list(out);
  }

  Selection parse_selection() {
    if (next_is(TokenKind::spread)) return parse_fragment();
    return parse_field();
  }

  Ref<Field> parse_field() {
    Ref<Field> out = start_commented_node<Field>();
    out->alias = parse_name();
    out->name = skip(TokenKind::colon) ? parse_name() : out->alias;
    out->arguments = parse_arguments(false);
    out->directives = parse_directives(false);
    if (next_is(TokenKind::brace_left)) out->selections = parse_selection_set();
    return out;
  }

  Selection parse_fragment() {
    Ref<CommentGroup> comment = expect(TokenKind::spread).comment;
    if (next_is(TokenKind::name) && peek().text != "on") return parse_spread(comment);
    Ref<InlineFragment> out = start_node<InlineFragment>();
    out->comment = comment;
    if (peek().text == "on") {
      next();
      out->type_condition = parse_name();
    }
    out->directives = parse_directives(false);
    out->selections = parse_selection_set();
    return out;
  }

  Selection parse_spread(Ref<CommentGroup> comment) {
    Ref<FragmentSpread> out = start_node<FragmentSpread>();
    out->comment = comment;
    out->name = parse_name();
    out->directives = parse_directives(false);
    return out;
  }

  Ref<FragmentDefinition> parse_fragment_definition(const Description& description) {
    Ref<FragmentDefinition> out = start_node<FragmentDefinition>();
    out->description = description.text;
    out->comment = join_comments(description.comment, comment_);
    expect_keyword("fragment");
    out->name = parse_fragment_name();
    out->variables = parse_variable_definitions();
    expect_keyword("on");
    out->type_condition = parse_name();
    out->directives = parse_directives(false);
    out->selections = parse_selection_set();
    return out;
  }

  std::string_view parse_fragment_name() {
    if (peek().text != "on") return parse_name();
    unexpected_next();
    return {};
  }
};

}  // namespace

Ref<QueryDocument> parse_query(std::string_view text, Arena& arena, Fault& fault) {
  Ref<Source> source = make_node<Source>(arena);
  source->input = text;
  QueryParser parser(source, arena);
  Ref<QueryDocument> out = parser.parse();
  if (!parser.failed()) return out;
  fault = std::move(parser.fault());
  return {};
}

}  // namespace lictor::builtins::graphql
