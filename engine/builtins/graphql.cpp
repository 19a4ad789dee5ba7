// graphql.*: queries and schemas, parsed, and validated against each other.
// Source: OPA v1/topdown/graphql.go.
#include "builtins/families.hpp"
#include "builtins/graphql/parse.hpp"
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

Value parse_query(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Fault fault;
  Ref<graphql::QueryDocument> tree = graphql::parse_query(call[0].as_string(), call.arena, fault);
  return tree ? graphql::write_tree(call.arena, *tree) : call.fail(move_place(fault_text(fault)));
}

Value parse_schema(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Fault fault;
  Ref<graphql::SchemaDocument> tree = graphql::parse_schema(call[0].as_string(), call.arena, fault);
  return tree ? graphql::write_tree(call.arena, *tree) : call.fail(move_place(fault_text(fault)));
}

constexpr Builtin table[] = {
    {"graphql.parse_query", "(query: string) => output: object[any: any]", parse_query},
    {"graphql.parse_schema", "(schema: string) => output: object[any: any]", parse_schema},
};

}  // namespace

std::span<const Builtin> graphql_builtins() { return table; }

}  // namespace lictor::builtins
