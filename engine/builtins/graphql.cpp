// graphql.*: queries and schemas, parsed, and validated against each other.
// Source: OPA v1/topdown/graphql.go.
#include "builtins/families.hpp"
#include "builtins/graphql/limits.hpp"
#include "builtins/graphql/parse.hpp"
#include "builtins/graphql/read_tree.hpp"
#include "builtins/graphql/schema.hpp"
#include "builtins/graphql/validate.hpp"
#include "builtins/graphql/write_tree.hpp"

namespace lictor::builtins {
namespace {

using graphql::Fault;
using graphql::Ref;

/// The text of an error as GraphQL's library writes it.
std::string fault_text(const Fault& fault) {
  if (!fault.position) return "input: " + fault.message;
  const graphql::Position& at = *fault.position;
  std::string_view file = at.source ? at.source->name : "";
  return std::string(file.empty() ? "input" : file) + ":" + std::to_string(at.line) + ":" +
         std::to_string(at.column) + ": " + fault.message;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// OPA moves a place at the beginning of the text to its end; what follows may be several errors.
std::string move_place(std::string_view text) {
  std::string_view parts[4];
  std::size_t count = 0, at = 0;
  while (count < 3 && text.find(':', at) != std::string_view::npos) {
    std::size_t colon = text.find(':', at);
    parts[count++] = text.substr(at, colon - at);
    at = colon + 1;
  }
  parts[count++] = text.substr(at);
  if (count < 4 || !is_digits(parts[1]) || !is_digits(parts[2]))
    return "GraphQL parse error: " + std::string(text);
  std::string_view message = parts[3];
  message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
  if (message.ends_with(".\n")) message.remove_suffix(2);
  return std::string(message) + " in GraphQL string at location " + std::string(parts[1]) + ":" +
         std::string(parts[2]);
}

/// The text of all errors of a validation.
std::string faults_text(const std::vector<Fault>& faults) {
  std::string out;
  for (const Fault& fault : faults) out += fault_text(fault) + "\n";
  return out;
}

bool is_document(const Value& operand) {
  return operand.is(Kind::string) || operand.is(Kind::object);
}

/// A document that is a text or a tree; null and the error if it is wrong.
Ref<graphql::QueryDocument> read_query(Call& call, const Value& operand, std::string& error) {
  if (operand.is(Kind::object)) return graphql::read_query_tree(operand, call.arena, error);
  Fault fault;
  auto out = graphql::parse_query(operand.as_string(), call.arena, fault);
  if (!out) error = move_place(fault_text(fault));
  return out;
}

Ref<graphql::SchemaDocument> read_schema(Call& call, const Value& operand, std::string& error) {
  if (operand.is(Kind::object)) return graphql::read_schema_tree(operand, call.arena, error);
  Fault fault;
  auto out = graphql::parse_schema(operand.as_string(), call.arena, fault);
  if (!out) error = move_place(fault_text(fault));
  return out;
}

/// Fills `schema`; the error, if the tree is no valid schema.
std::string build_schema(Call& call, graphql::SchemaDocument& tree, graphql::Schema& schema) {
  std::optional<Fault> fault = graphql::build_schema(tree, call.arena, schema);
  if (!fault) return {};
  return "Error in gqlparser SchemaDocument to Schema conversion: " + fault_text(*fault);
}

/// Both documents as values, once the query was found to be valid.
struct Verified {
  Value query, schema;
  std::string error;
};

Verified verify(Call& call, graphql::QueryDocument& query) {
  Verified out;
  Ref<graphql::SchemaDocument> tree = read_schema(call, call[1], out.error);
  if (!tree) return out;
  out.schema = graphql::write_tree(call.arena, *tree);
  out.query = graphql::write_tree(call.arena, query);
  graphql::Schema schema;
  out.error = build_schema(call, *tree, schema);
  if (!out.error.empty()) return out;
  std::vector<Fault> faults = graphql::validate(schema, query);
  if (!faults.empty()) out.error = move_place(faults_text(faults));
  return out;
}

/// The result of `function`, unless the documents are such that OPA crashes or hangs over them.
template <class Body>
Value guarded(Call& call, Body&& body) {
  try {
    return body();
  } catch (const graphql::MissingNode&) {
    return call.fail("the syntax tree lacks a node");
  } catch (const graphql::TooComplex&) {
    return call.fail("the document is too complex to be validated");
  }
}

Value array_of(Call& call, std::initializer_list<Value> items) {
  return make_array(call.arena, items.begin(), items.size());
}

/// OPA counts these operands from 0.
Value wrong_document(Call& call, std::size_t operand) {
  return call.type_error("operand " + std::to_string(operand) +
                         " must be one of {string, object} but got " +
                         kind_name(call[operand].kind()));
}

Value parse(Call& call) {
  if (!is_document(call[0])) return wrong_document(call, 0);
  return guarded(call, [&] {
    std::string error;
    Ref<graphql::QueryDocument> query = read_query(call, call[0], error);
    if (!query) return call.fail(error);
    if (!is_document(call[1])) return wrong_document(call, 1);
    Verified found = verify(call, *query);
    return found.error.empty() ? array_of(call, {found.query, found.schema})
                               : call.fail(found.error);
  });
}

Value parse_and_verify(Call& call) {
  return guarded(call, [&] {
    Verified found;
    Ref<graphql::QueryDocument> query;
    if (is_document(call[0])) query = read_query(call, call[0], found.error);
    bool valid = query && is_document(call[1]);
    if (valid) found = verify(call, *query);
    valid = valid && found.error.empty();
    Value empty = make_object(call.arena, nullptr, 0, true);
    return array_of(
        call, {Value::boolean(valid), valid ? found.query : empty, valid ? found.schema : empty});
  });
}

Value is_valid(Call& call) {
  if (!is_document(call[0]) || !is_document(call[1])) return Value::boolean(false);
  return guarded(call, [&] {
    std::string error;
    Ref<graphql::QueryDocument> query = read_query(call, call[0], error);
    if (!query) return Value::boolean(false);
    Ref<graphql::SchemaDocument> tree = read_schema(call, call[1], error);
    graphql::Schema schema;
    bool valid = tree && build_schema(call, *tree, schema).empty() &&
                 graphql::validate(schema, *query).empty();
    return Value::boolean(valid);
  });
}

Value schema_is_valid(Call& call) {
  if (!is_document(call[0])) return Value::boolean(false);
  return guarded(call, [&] {
    std::string error;
    graphql::Schema schema;
    Ref<graphql::SchemaDocument> tree = read_schema(call, call[0], error);
    return Value::boolean(tree && build_schema(call, *tree, schema).empty());
  });
}

Value parse_query(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  std::string error;
  Ref<graphql::QueryDocument> tree = read_query(call, call[0], error);
  return tree ? graphql::write_tree(call.arena, *tree) : call.fail(error);
}

Value parse_schema(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  std::string error;
  Ref<graphql::SchemaDocument> tree = read_schema(call, call[0], error);
  return tree ? graphql::write_tree(call.arena, *tree) : call.fail(error);
}

constexpr Builtin table[] = {
    {"graphql.is_valid",
     "(query: any<string, object[any: any]>, schema: any<string, object[any: any]>) => output: "
     "boolean",
     is_valid},
    {"graphql.parse",
     "(query: any<string, object[any: any]>, schema: any<string, object[any: any]>) => output: "
     "array<object[any: any], object[any: any]>",
     parse},
    {"graphql.parse_and_verify",
     "(query: any<string, object[any: any]>, schema: any<string, object[any: any]>) => output: "
     "array<boolean, object[any: any], object[any: any]>",
     parse_and_verify},
    {"graphql.parse_query", "(query: string) => output: object[any: any]", parse_query},
    {"graphql.parse_schema", "(schema: string) => output: object[any: any]", parse_schema},
    {"graphql.schema_is_valid", "(schema: any<string, object[any: any]>) => output: boolean",
     schema_is_valid},
};

}  // namespace

std::span<const Builtin> graphql_builtins() { return table; }

}  // namespace lictor::builtins
