// rego.parse_module, and what is left of rego.metadata.* where no rule is: the checker replaces
// their calls in rules by constants. Source: OPA v1/topdown/parse.go.
#include "builtins/families.hpp"
#include "builtins/table.hpp"
#include "json/read.hpp"
#include "syntax/module_json.hpp"
#include "syntax/parse.hpp"

namespace lictor::builtins {
namespace {

/// A module without statements is an error with no place in the text, nor is it one of a list.
std::string empty_module(std::string_view file) {
  return (file.empty() ? "0" : std::string(file)) + ":0: rego_parse_error: empty module";
}

std::string errors_text(const Errors& errors) {
  std::string out = errors.size() == 1 ? "1 error occurred: "
                                       : std::to_string(errors.size()) + " errors occurred:\n";
  for (std::size_t i = 0; i < errors.size(); ++i) {
    bool has_line = !errors[i].details_json.empty();
    Error error = errors[i];
    error.hint.clear();
    out += (i == 0 ? "" : "\n") + (has_line ? error.render() : error.summary());
  }
  return out;
}

/// OPA reads the tree's JSON as a term, and no token of Rego has a byte-order mark.
std::string errors_as_term(const std::string& json) {
  if (json.find("\uFEFF") == std::string::npos) return {};
  Source source{"", json};
  syntax::Ast ast;
  Result<syntax::Body*> query = syntax::parse_query(source, {}, ast);
  return query ? "" : "failed to parse term: " + errors_text(query.errors());
}

Value parse_module(Call& call) {
  for (std::size_t i : {0U, 1U}) {  // OPA names the first one in either case
    if (!call.is(i, Kind::string))
      return call.type_error("operand 1 must be string but got " +
                             std::string(kind_name(call[i].kind())));
  }
  Source source{std::string(call[0].as_text()), std::string(call[1].as_text())};
  syntax::ParseOptions options;
  options.is_builtin = [](std::string_view name) { return Table::standard()->find(name) >= 0; };
  options.annotations = false;
  syntax::Ast ast;
  std::deque<syntax::Module> modules;
  Result<syntax::Module*> module = syntax::parse_module(source, options, ast, modules);
  if (!module) {
    bool empty = module.errors()[0].message == "empty module";
    return call.fail(empty ? empty_module(source.name) : errors_text(module.errors()));
  }
  std::string json = syntax::module_json(**module, options.dialect);
  if (std::string errors = errors_as_term(json); !errors.empty()) return call.fail(errors);
  Result<Value> tree = json::read_owned(json, call.arena);
  return tree ? *tree : call.fail(tree.error().message);
}

Value chain_outside(Call& call) {
  return call.fail(
      "the rego.metadata.chain function must only be called within the scope of a rule");
}

Value rule_outside(Call& call) {
  return call.fail(
      "the rego.metadata.rule function must only be called within the scope of a rule");
}

constexpr Builtin table[] = {
    {"rego.metadata.chain", "() => chain: array[any]", chain_outside},
    {"rego.metadata.rule", "() => output: any", rule_outside},
    {"rego.parse_module", "(filename: string, rego: string) => output: object[string: any]",
     parse_module},
};

}  // namespace

std::span<const Builtin> rego_builtins() { return table; }

}  // namespace lictor::builtins
