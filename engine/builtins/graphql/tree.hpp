// The syntax tree of GraphQL documents: queries, schemas, and what validation finds for their
// nodes. In: texts (parse.hpp) or values (read_tree.hpp). Out: nodes in an arena, which own
// nothing. Each node lists its members once, in the order of their names; reading and writing trees
// as JSON follow from that list. INVARIANT: trees that were read from values may lack any node, so
// every node is reached through a Ref, which throws MissingNode where OPA crashes. Source:
// github.com/vektah/gqlparser/v2 ast/.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/arena.hpp"

namespace lictor::builtins::graphql {

/// Thrown when a node is needed that a tree made by hand lacks; caught by the builtins.
struct MissingNode {};

/// A pointer to a node or null; using it checks.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(T* node) : node_(node) {}
  T* operator->() const { return &**this; }
  T& operator*() const {
    if (node_ == nullptr) throw MissingNode{};
    return *node_;
  }
  explicit operator bool() const { return node_ != nullptr; }
  bool operator==(const Ref& other) const { return node_ == other.node_; }
  T* get() const { return node_; }

 private:
  T* node_ = nullptr;
};

/// A list in an arena.
template <class T>
struct List {
  T* items = nullptr;
  std::uint32_t count = 0;

  T* begin() const { return items; }
  T* end() const { return items + count; }
  std::uint32_t size() const { return count; }
  bool empty() const { return count == 0; }
  T& operator[](std::size_t i) const { return items[i]; }
};

template <class T>
List<T> to_list(ArenaVector<T>& items) {
  return {items.data(), static_cast<std::uint32_t>(items.size())};
}

template <class T>
using Nodes = List<Ref<T>>;

struct Source {
  static constexpr const char* go_type = "ast.Source";
  std::string_view name, input;
  bool built_in = false;

  void each_member(auto&& member) {
    member("BuiltIn", built_in, "bool");
    member("Input", input, "string");
    member("Name", name, "string");
  }
};

/// Where a node begins, in code points; never part of a tree's value.
struct Position {
  static constexpr const char* go_type = "ast.Position";
  std::int64_t line = 0, column = 0;
  std::int64_t start = 0, end = 0;  // only read
  Ref<Source> source = {};
  bool known = false;

  void each_member(auto&& member) {
    member("Column", column, "int");
    member("End", end, "int");
    member("Line", line, "int");
    member("Src", source);
    member("Start", start, "int");
  }
};

struct Comment {
  static constexpr const char* go_type = "ast.Comment";
  std::string_view text;
  Position position;

  void each_member(auto&& member) {
    member("Position", position);
    member("Value", text, "string");
  }
};

struct CommentGroup {
  static constexpr const char* go_type = "ast.CommentGroup";
  Nodes<Comment> comments;

  void each_member(auto&& member) { member("List", comments, "[]*ast.Comment"); }
};

struct Type {
  static constexpr const char* go_type = "ast.Type";
  std::string_view name;  // empty: a list
  Ref<Type> element;
  bool non_null = false;
  Position position;

  void each_member(auto&& member) {
    member("Elem", element);
    member("NamedType", name, "string");
    member("NonNull", non_null, "bool");
  }
};

/// The numbers are part of a tree's value.
enum ValueKind : std::int64_t {
  variable_value,
  int_value,
  float_value,
  string_value,
  block_value,
  boolean_value,
  null_value,
  enum_value,
  list_value,
  object_value,
};

struct Definition;
struct VariableDefinition;
struct FieldDefinition;
struct DirectiveDefinition;
struct FragmentDefinition;
struct Argument;
struct ChildValue;
struct Directive;

struct Literal {
  static constexpr const char* go_type = "ast.Value";
  std::string_view raw;
  Nodes<ChildValue> children;
  std::int64_t kind = variable_value;
  Ref<CommentGroup> comment;
  Position position;
  // Found by validation:
  Ref<Definition> definition;
  Ref<VariableDefinition> variable;
  Ref<Type> expected_type;
  bool expected_type_has_default = false;

  void each_member(auto&& member) {
    member("Children", children, "ast.ChildValueList");
    member("Comment", comment);
    member("Definition", definition);
    member("ExpectedType", expected_type);
    member("ExpectedTypeHasDefault", expected_type_has_default, "bool");
    member("Kind", kind, "ast.ValueKind");
    member("Raw", raw, "string");
    member("VariableDefinition", variable);
  }
};

/// An item of a list, which has no name, or a field of an input object.
struct ChildValue {
  static constexpr const char* go_type = "ast.ChildValue";
  std::string_view name;
  Ref<Literal> value;
  Ref<CommentGroup> comment;
  Position position;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Name", name, "string");
    member("Value", value);
  }
};

struct Argument {
  static constexpr const char* go_type = "ast.Argument";
  std::string_view name;
  Ref<Literal> value;
  Ref<CommentGroup> comment;
  Position position;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Name", name, "string");
    member("Value", value);
  }
};

struct Directive {
  static constexpr const char* go_type = "ast.Directive";
  std::string_view name;
  Nodes<Argument> arguments;
  Position position;
  // Found by validation:
  Ref<Definition> parent;
  Ref<DirectiveDefinition> definition;
  std::string_view location;

  void each_member(auto&& member) {
    member("Arguments", arguments, "ast.ArgumentList");
    member("Definition", definition);
    member("Location", location, "ast.DirectiveLocation");
    member("Name", name, "string");
    member("ParentDefinition", parent);
  }
};

// --- schemas

struct ArgumentDefinition {
  static constexpr const char* go_type = "ast.ArgumentDefinition";
  std::string_view description, name;
  Ref<Literal> default_value;
  Ref<Type> type;
  Nodes<Directive> directives;
  Ref<CommentGroup> before_description, after_description;
  Position position;

  void each_member(auto&& member) {
    member("AfterDescriptionComment", after_description);
    member("BeforeDescriptionComment", before_description);
    member("DefaultValue", default_value);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("Type", type);
  }
};

struct FieldDefinition {
  static constexpr const char* go_type = "ast.FieldDefinition";
  std::string_view description, name;
  Nodes<ArgumentDefinition> arguments;  // of objects
  Ref<Literal> default_value;           // of input objects
  Ref<Type> type;
  Nodes<Directive> directives;
  Ref<CommentGroup> before_description, after_description;
  Position position;

  void each_member(auto&& member) {
    member("AfterDescriptionComment", after_description);
    member("Arguments", arguments, "ast.ArgumentDefinitionList");
    member("BeforeDescriptionComment", before_description);
    member("DefaultValue", default_value);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("Type", type);
  }
};

struct EnumValueDefinition {
  static constexpr const char* go_type = "ast.EnumValueDefinition";
  std::string_view description, name;
  Nodes<Directive> directives;
  Ref<CommentGroup> before_description, after_description;
  Position position;

  void each_member(auto&& member) {
    member("AfterDescriptionComment", after_description);
    member("BeforeDescriptionComment", before_description);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
  }
};

/// What Definition::kind may be.
namespace kinds {
inline constexpr std::string_view scalar = "SCALAR", object = "OBJECT", interface = "INTERFACE",
                                  union_type = "UNION", enumeration = "ENUM",
                                  input_object = "INPUT_OBJECT";
}

/// A type of any kind, or an extension of one.
struct Definition {
  static constexpr const char* go_type = "ast.Definition";
  std::string_view kind, description, name;
  Nodes<Directive> directives;
  List<std::string_view> interfaces;
  Nodes<FieldDefinition> fields;
  List<std::string_view> types;  // of a union
  List<Position> type_positions;
  Nodes<EnumValueDefinition> enum_values;
  bool built_in = false;
  Ref<CommentGroup> before_description, after_description, end_comment;
  Position position;

  bool is_leaf() const { return kind == kinds::enumeration || kind == kinds::scalar; }
  bool is_abstract() const { return kind == kinds::interface || kind == kinds::union_type; }
  bool is_composite() const { return kind == kinds::object || is_abstract(); }
  bool is_input() const { return is_leaf() || kind == kinds::input_object; }

  void each_member(auto&& member) {
    member("AfterDescriptionComment", after_description);
    member("BeforeDescriptionComment", before_description);
    member("BuiltIn", built_in, "bool");
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("EndOfDefinitionComment", end_comment);
    member("EnumValues", enum_values, "ast.EnumValueList");
    member("Fields", fields, "ast.FieldList");
    member("Interfaces", interfaces, "[]string");
    member("Kind", kind, "ast.DefinitionKind");
    member("Name", name, "string");
    member("Types", types, "[]string");
  }
};

struct DirectiveDefinition {
  static constexpr const char* go_type = "ast.DirectiveDefinition";
  std::string_view description, name;
  Nodes<ArgumentDefinition> arguments;
  Nodes<Directive> directives;
  List<std::string_view> locations;
  bool is_repeatable = false;
  Ref<CommentGroup> before_description, after_description;
  Position position;

  void each_member(auto&& member) {
    member("AfterDescriptionComment", after_description);
    member("Arguments", arguments, "ast.ArgumentDefinitionList");
    member("BeforeDescriptionComment", before_description);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("IsRepeatable", is_repeatable, "bool");
    member("Locations", locations, "[]ast.DirectiveLocation");
    member("Name", name, "string");
  }
};

struct OperationTypeDefinition {
  static constexpr const char* go_type = "ast.OperationTypeDefinition";
  std::string_view operation, type;
  Ref<CommentGroup> comment;
  Position position;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Operation", operation, "ast.Operation");
    member("Type", type, "string");
  }
};

struct SchemaDefinition {
  static constexpr const char* go_type = "ast.SchemaDefinition";
  std::string_view description;
  Nodes<Directive> directives;
  Nodes<OperationTypeDefinition> operation_types;
  Ref<CommentGroup> before_description, after_description, end_comment;
  Position position;

  void each_member(auto&& member) {
    member("AfterDescriptionComment", after_description);
    member("BeforeDescriptionComment", before_description);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("EndOfDefinitionComment", end_comment);
    member("OperationTypes", operation_types, "ast.OperationTypeDefinitionList");
  }
};

struct SchemaDocument {
  static constexpr const char* go_type = "ast.SchemaDocument";
  Nodes<SchemaDefinition> schema, schema_extensions;
  Nodes<DirectiveDefinition> directives, directive_extensions;
  Nodes<Definition> definitions, extensions;
  Ref<CommentGroup> comment;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Definitions", definitions, "ast.DefinitionList");
    member("DirectiveExtensions", directive_extensions, "ast.DirectiveDefinitionList");
    member("Directives", directives, "ast.DirectiveDefinitionList");
    member("Extensions", extensions, "ast.DefinitionList");
    member("Schema", schema, "ast.SchemaDefinitionList");
    member("SchemaExtension", schema_extensions, "ast.SchemaDefinitionList");
  }
};

// --- queries. OPA reads nodes with each_read_member by code of their own: other members than those
// written, by their exact names only.

struct Field;
struct FragmentSpread;
struct InlineFragment;
using Selection = std::variant<Ref<Field>, Ref<FragmentSpread>, Ref<InlineFragment>>;
using SelectionSet = List<Selection>;

struct Field {
  static constexpr const char* go_type = "ast.Field";
  std::string_view alias, name;
  Nodes<Argument> arguments;
  Nodes<Directive> directives;
  SelectionSet selections;
  Ref<CommentGroup> comment;
  Position position;
  // Found by validation:
  Ref<FieldDefinition> definition;
  Ref<Definition> parent;

  void each_member(auto&& member) {
    member("Alias", alias, "string");
    member("Arguments", arguments, "ast.ArgumentList");
    member("Comment", comment);
    member("Definition", definition);
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("ObjectDefinition", parent);
    member("SelectionSet", selections);
  }
  void each_read_member(auto&& member) {
    member("Alias", alias, "string");
    member("Arguments", arguments, "ast.ArgumentList");
    member("Definition", definition);
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("ObjectDefinition", parent);
    member("Position", position);
    member("SelectionSet", selections);
  }
};

struct FragmentSpread {
  static constexpr const char* go_type = "ast.FragmentSpread";
  std::string_view name;
  Nodes<Directive> directives;
  Ref<CommentGroup> comment;
  Position position;
  // Found by validation:
  Ref<Definition> parent;
  Ref<FragmentDefinition> definition;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Definition", definition);
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("ObjectDefinition", parent);
  }
};

struct InlineFragment {
  static constexpr const char* go_type = "ast.InlineFragment";
  std::string_view type_condition;
  Nodes<Directive> directives;
  SelectionSet selections;
  Ref<CommentGroup> comment;
  Position position;
  Ref<Definition> parent;  // found by validation

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Directives", directives, "ast.DirectiveList");
    member("ObjectDefinition", parent);
    member("SelectionSet", selections);
    member("TypeCondition", type_condition, "string");
  }
  void each_read_member(auto&& member) {
    member("Directives", directives, "ast.DirectiveList");
    member("ObjectDefinition", parent);
    member("Position", position);
    member("SelectionSet", selections);
    member("TypeCondition", type_condition, "string");
  }
};

struct VariableDefinition {
  static constexpr const char* go_type = "ast.VariableDefinition";
  std::string_view description, variable;
  Ref<Type> type;
  Ref<Literal> default_value;
  Nodes<Directive> directives;
  Ref<CommentGroup> comment;
  Position position;
  // Found by validation:
  Ref<Definition> definition;
  bool used = false;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("DefaultValue", default_value);
    member("Definition", definition);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("Type", type);
    member("Used", used, "bool");
    member("Variable", variable, "string");
  }
};

struct FragmentDefinition {
  static constexpr const char* go_type = "ast.FragmentDefinition";
  std::string_view description, name, type_condition;
  Nodes<VariableDefinition> variables;
  Nodes<Directive> directives;
  SelectionSet selections;
  Ref<CommentGroup> comment;
  Position position;
  Ref<Definition> definition;  // found by validation

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Definition", definition);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("SelectionSet", selections);
    member("TypeCondition", type_condition, "string");
    member("VariableDefinition", variables, "ast.VariableDefinitionList");
  }
  void each_read_member(auto&& member) {
    member("Definition", definition);
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("Position", position);
    member("SelectionSet", selections);
    member("TypeCondition", type_condition, "string");
    member("VariableDefinition", variables, "ast.VariableDefinitionList");
  }
};

struct OperationDefinition {
  static constexpr const char* go_type = "ast.OperationDefinition";
  std::string_view description, operation, name;
  Nodes<VariableDefinition> variables;
  Nodes<Directive> directives;
  SelectionSet selections;
  Ref<CommentGroup> comment;
  Position position;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Description", description, "string");
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("Operation", operation, "ast.Operation");
    member("SelectionSet", selections);
    member("VariableDefinitions", variables, "ast.VariableDefinitionList");
  }
  void each_read_member(auto&& member) {
    member("Directives", directives, "ast.DirectiveList");
    member("Name", name, "string");
    member("Operation", operation, "ast.Operation");
    member("Position", position);
    member("SelectionSet", selections);
    member("VariableDefinitions", variables, "ast.VariableDefinitionList");
  }
};

struct QueryDocument {
  static constexpr const char* go_type = "ast.QueryDocument";
  Nodes<OperationDefinition> operations;
  Nodes<FragmentDefinition> fragments;
  Ref<CommentGroup> comment;

  void each_member(auto&& member) {
    member("Comment", comment);
    member("Fragments", fragments, "ast.FragmentDefinitionList");
    member("Operations", operations, "ast.OperationList");
  }
};

/// A new node, default-initialized.
template <class T>
Ref<T> make_node(Arena& arena) {
  return new (arena.allocate<T>(1)) T();
}

}  // namespace lictor::builtins::graphql
