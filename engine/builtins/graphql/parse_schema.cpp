// Schemas: definitions and extensions of types, directives and the schema itself.
#include <algorithm>

#include "builtins/graphql/parser.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr std::string_view directive_locations[] = {
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
    "DIRECTIVE_DEFINITION",
};

struct TypeKeyword {
  std::string_view keyword, kind;
};

constexpr TypeKeyword type_keywords[] = {
    {"scalar", kinds::scalar},    {"type", kinds::object},      {"interface", kinds::interface},
    {"union", kinds::union_type}, {"enum", kinds::enumeration}, {"input", kinds::input_object},
};

class SchemaParser : Parser {
 public:
  using Parser::failed;
  using Parser::fault;

  SchemaParser(Ref<Source> source, Arena& arena)
      : Parser(source, arena), built_in_(source->built_in) {}

  Ref<SchemaDocument> parse() {
    while (!next_is(TokenKind::end) && !failed()) parse_definition(parse_description());
    Ref<SchemaDocument> out = make_node<SchemaDocument>(arena_);
    out->comment = comment_;
    out->schema = to_list(schema_);
    out->schema_extensions = to_list(schema_extensions_);
    out->directives = to_list(directives_);
    out->directive_extensions = to_list(directive_extensions_);
    out->definitions = to_list(definitions_);
    out->extensions = to_list(extensions_);
    return out;
  }

 private:
  const TypeKeyword* next_type_keyword() {
    auto found = std::find_if(std::begin(type_keywords), std::end(type_keywords),
                              [&](const TypeKeyword& row) { return row.keyword == peek().text; });
    return found == std::end(type_keywords) ? nullptr : found;
  }

  void parse_definition(const Description& description) {
    if (!next_is(TokenKind::name)) return unexpected_next();
    if (const TypeKeyword* type = next_type_keyword()) {
      Ref<CommentGroup> comment = expect(TokenKind::name).comment;
      definitions_.push_back(parse_type_definition(*type, description, comment));
    } else if (peek().text == "schema") {
      schema_.push_back(parse_schema_definition(description));
    } else if (peek().text == "directive") {
      directives_.push_back(parse_directive_definition(description));
    } else if (peek().text == "extend") {
      if (!description.text.empty()) unexpected(previous_);
      parse_extension();
    } else {
      unexpected_next();
    }
  }

  // --- types

  Ref<Definition> parse_type_definition(const TypeKeyword& type, const Description& description,
                                        Ref<CommentGroup> comment, bool constant = true) {
    Ref<Definition> out = start_node<Definition>();
    out->kind = type.kind;
    out->before_description = description.comment;
    out->description = description.text;
    out->after_description = comment;
    out->built_in = built_in_;
    out->name = parse_name();
    if (type.kind == kinds::object || type.kind == kinds::interface)
      out->interfaces = parse_interfaces();
    out->directives = parse_directives(constant);
    parse_type_body(*out);
    return out;
  }

  void parse_type_body(Definition& type) {
    if (type.kind == kinds::union_type) {
      parse_union_members(type);
    } else if (type.kind == kinds::enumeration) {
      type.end_comment = parse_block(type.enum_values, [&] { return parse_enum_value(); });
    } else if (type.kind == kinds::input_object) {
      type.end_comment = parse_block(type.fields, [&] { return parse_input_field(); });
    } else if (type.kind != kinds::scalar) {
      type.end_comment = parse_block(type.fields, [&] { return parse_field(); });
    }
  }

  /// The items in braces; returns the comment before the closing one.
  template <class T, class Item>
  Ref<CommentGroup> parse_block(Nodes<T>& out, Item&& parse_item) {
    ArenaVector<Ref<T>> items(arena_);
    Ref<CommentGroup> comment =
        some(TokenKind::brace_left, TokenKind::brace_right, [&] { items.push_back(parse_item()); });
    out = to_list(items);
    return comment;
  }

  List<std::string_view> parse_interfaces() {
    ArenaVector<std::string_view> out(arena_);
    if (peek().text != "implements") return {};
    next();
    skip(TokenKind::amp);
    do {
      out.push_back(parse_name());
    } while (skip(TokenKind::amp));
    return to_list(out);
  }

  void parse_union_members(Definition& type) {
    if (!skip(TokenKind::equals)) return;
    ArenaVector<std::string_view> types(arena_);
    ArenaVector<Position> positions(arena_);
    skip(TokenKind::pipe);
    do {
      positions.push_back(peek_position());
      types.push_back(parse_name());
    } while (skip(TokenKind::pipe));
    type.types = to_list(types);
    type.type_positions = to_list(positions);
  }

  /// A node that may have a description. An empty one counts as none.
  template <class T>
  Ref<T> start_described_node() {
    Description description = parse_description();
    Ref<T> out = start_node<T>();
    if (!description.text.empty()) {
      out->before_description = description.comment;
      out->description = description.text;
    }
    out->after_description = comment_;
    out->name = parse_name();
    return out;
  }

  Ref<FieldDefinition> parse_field() {
    Ref<FieldDefinition> out = start_described_node<FieldDefinition>();
    out->arguments = parse_argument_definitions();
    expect(TokenKind::colon);
    out->type = parse_type();
    out->directives = parse_directives(true);
    return out;
  }

  Ref<FieldDefinition> parse_input_field() { return parse_input_value<FieldDefinition>(); }

  template <class T>
  Ref<T> parse_input_value() {
    Ref<T> out = start_described_node<T>();
    expect(TokenKind::colon);
    out->type = parse_type();
    if (skip(TokenKind::equals)) out->default_value = parse_value(true);
    out->directives = parse_directives(true);
    return out;
  }

  Nodes<ArgumentDefinition> parse_argument_definitions() {
    ArenaVector<Ref<ArgumentDefinition>> out(arena_);
    some(TokenKind::paren_left, TokenKind::paren_right,
         [&] { out.push_back(parse_input_value<ArgumentDefinition>()); });
    return to_list(out);
  }

  Ref<EnumValueDefinition> parse_enum_value() {
    Ref<EnumValueDefinition> out = start_described_node<EnumValueDefinition>();
    out->directives = parse_directives(true);
    return out;
  }

  // --- the schema and directives

  Ref<SchemaDefinition> parse_schema_definition(const Description& description) {
    Ref<CommentGroup> comment = expect_keyword("schema").comment;
    Ref<SchemaDefinition> out = start_node<SchemaDefinition>();
    out->before_description = description.comment;
    out->description = description.text;
    out->after_description = comment;
    parse_schema_body(*out);
    return out;
  }

  void parse_schema_body(SchemaDefinition& schema) {
    schema.directives = parse_directives(true);
    schema.end_comment = parse_block(schema.operation_types, [&] { return parse_operation(); });
  }

  Ref<OperationTypeDefinition> parse_operation() {
    Ref<OperationTypeDefinition> out = start_commented_node<OperationTypeDefinition>();
    out->operation = parse_operation_type();
    expect(TokenKind::colon);
    out->type = parse_name();
    return out;
  }

  Ref<DirectiveDefinition> parse_directive_definition(const Description& description) {
    Ref<CommentGroup> comment = expect_keyword("directive").comment;
    expect(TokenKind::at);
    Ref<DirectiveDefinition> out = start_node<DirectiveDefinition>();
    out->before_description = description.comment;
    out->description = description.text;
    out->after_description = comment;
    out->name = parse_name();
    out->arguments = parse_argument_definitions();
    out->directives = parse_directives(true);
    out->is_repeatable = next_is_name("repeatable");
    if (out->is_repeatable) next();
    expect_keyword("on");
    out->locations = parse_locations();
    return out;
  }

  List<std::string_view> parse_locations() {
    ArenaVector<std::string_view> out(arena_);
    skip(TokenKind::pipe);
    do {
      out.push_back(parse_location());
    } while (skip(TokenKind::pipe));
    return to_list(out);
  }

  std::string_view parse_location() {
    Token name = expect(TokenKind::name).token;
    for (std::string_view location : directive_locations)
      if (location == name.text) return location;
    unexpected(name);
    return {};
  }

  // --- extensions, each of which must say something

  void parse_extension() {
    Ref<CommentGroup> comment = expect_keyword("extend").comment;
    if (const TypeKeyword* type = next_type_keyword()) {
      expect_keyword(type->keyword);
      extensions_.push_back(parse_type_extension(*type, comment));
    } else if (peek().text == "schema") {
      schema_extensions_.push_back(parse_schema_extension(comment));
    } else if (peek().text == "directive") {
      directive_extensions_.push_back(parse_directive_extension(comment));
    } else {
      unexpected_next();
    }
  }

  Ref<Definition> parse_type_extension(const TypeKeyword& type, Ref<CommentGroup> comment) {
    bool constant = type.kind != kinds::input_object;  // OPA lets variables in here
    Ref<Definition> out = parse_type_definition(type, {}, comment, constant);
    bool is_empty = out->interfaces.empty() && out->directives.empty() && out->fields.empty() &&
                    out->types.empty() && out->enum_values.empty();
    if (is_empty) unexpected_next();
    return out;
  }

  Ref<SchemaDefinition> parse_schema_extension(Ref<CommentGroup> comment) {
    expect_keyword("schema");
    Ref<SchemaDefinition> out = start_node<SchemaDefinition>();
    out->after_description = comment;
    parse_schema_body(*out);
    if (out->directives.empty() && out->operation_types.empty()) unexpected_next();
    return out;
  }

  Ref<DirectiveDefinition> parse_directive_extension(Ref<CommentGroup> comment) {
    expect_keyword("directive");
    expect(TokenKind::at);
    Ref<DirectiveDefinition> out = start_node<DirectiveDefinition>();
    out->after_description = comment;
    out->name = parse_name();
    out->directives = parse_directives(true);
    if (out->directives.empty()) unexpected_next();
    return out;
  }

  bool built_in_;
  ArenaVector<Ref<SchemaDefinition>> schema_{arena_}, schema_extensions_{arena_};
  ArenaVector<Ref<DirectiveDefinition>> directives_{arena_}, directive_extensions_{arena_};
  ArenaVector<Ref<Definition>> definitions_{arena_}, extensions_{arena_};
};

Ref<SchemaDocument> parse(Ref<Source> source, Arena& arena, Fault& fault) {
  SchemaParser parser(source, arena);
  Ref<SchemaDocument> out = parser.parse();
  if (!parser.failed()) return out;
  fault = std::move(parser.fault());
  return {};
}

}  // namespace

Ref<SchemaDocument> parse_schema(std::string_view text, Arena& arena, Fault& fault) {
  Ref<Source> source = make_node<Source>(arena);
  source->input = text;
  return parse(source, arena, fault);
}

Ref<SchemaDocument> parse_built_in_schema(std::string_view name, std::string_view text,
                                          Arena& arena, Fault& fault) {
  Ref<Source> source = make_node<Source>(arena);
  source->name = name;
  source->input = text;
  source->built_in = true;
  return parse(source, arena, fault);
}

}  // namespace lictor::builtins::graphql
