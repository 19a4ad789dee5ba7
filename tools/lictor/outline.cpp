// Walks the JSON of a syntax tree. Source of the order: OPA v1/ast/visit.go and pretty.go.
#include "outline.hpp"

#include "lictor/lictor.hpp"

namespace lictor::cli {
namespace {

class Outline {
 public:
  std::string take() { return std::move(out_); }

  void module(const Value& tree) {
    line("module", 0);
    line("package", 1);
    parts("ref", lookup(lookup(tree, "package"), "path"), 2);
    each(lookup(tree, "imports"), [&](const Value& import) {
      line("import", 1);
      term(lookup(import, "path"), 2);
      Value alias = lookup(import, "alias");
      line(alias.is(Kind::string) ? alias.as_string() : "", 2);
    });
    each(lookup(tree, "rules"), [&](const Value& one) { rule(one, 1); });
    each(lookup(tree, "annotations"), [&](const Value&) { line("annotations", 1); });
    each(lookup(tree, "comments"), [&](const Value&) { line("comment", 1); });
  }

 private:
  template <typename Visit>
  static void each(const Value& array, Visit visit) {
    if (!array.is(Kind::array)) return;
    for (std::uint32_t i = 0; i < array.size(); ++i) visit(array.items()[i]);
  }

  static bool has(const Value& object, std::string_view key) {
    Value value = lookup(object, key);
    return !value.is_undefined() && !value.is(Kind::null_value);
  }

  void line(std::string_view text, std::size_t depth) {
    out_ += std::string(depth, ' ').append(text) + "\n";
  }

  /// A node and the terms below it.
  void parts(std::string_view name, const Value& terms, std::size_t depth) {
    line(name, depth);
    each(terms, [&](const Value& part) { term(part, depth + 1); });
  }

  void rule(const Value& tree, std::size_t depth) {
    line("rule", depth);
    Value head = lookup(tree, "head");
    line("head", depth + 1);
    parts("ref", lookup(head, "ref"), depth + 2);
    if (has(head, "args")) parts("args", lookup(head, "args"), depth + 2);
    if (has(head, "value")) term(lookup(head, "value"), depth + 2);
    body(lookup(tree, "body"), depth + 1);
    if (has(tree, "else")) rule(lookup(tree, "else"), depth + 1);
  }

  void body(const Value& tree, std::size_t depth) {
    line("body", depth);
    each(tree, [&](const Value& one) { expression(one, depth + 1); });
  }

  void expression(const Value& tree, std::size_t depth) {
    bool negated = lookup(tree, "negated").is_true();
    line((negated ? "expr negated index=" : "expr index=") + to_json(lookup(tree, "index")), depth);
    Value terms = lookup(tree, "terms");
    if (terms.is(Kind::array))
      each(terms, [&](const Value& part) { term(part, depth + 1); });
    else
      statement(terms, depth + 1);
    each(lookup(tree, "with"), [&](const Value& with) {
      line("with", depth + 1);
      term(lookup(with, "target"), depth + 2);
      term(lookup(with, "value"), depth + 2);
    });
  }

  /// What an expression is made of, if not of an operator's operands.
  void statement(const Value& tree, std::size_t depth) {
    std::string_view type = has(tree, "type") ? lookup(tree, "type").as_string() : "";
    if (has(tree, "symbols")) return parts("somedecl", lookup(tree, "symbols"), depth);
    if (has(tree, "domain")) {
      line("every", depth);
      if (has(tree, "key")) term(lookup(tree, "key"), depth + 1);
      term(lookup(tree, "value"), depth + 1);
      term(lookup(tree, "domain"), depth + 1);
      return body(lookup(tree, "body"), depth + 1);
    }
    if (type == "not" && has(tree, "body")) {
      line("not", depth);
      return body(lookup(tree, "body"), depth + 1);
    }
    if (!has(tree, "lhs")) return term(tree, depth);
    line(type == "and" ? "logicaland" : "logicalor", depth);
    body(lookup(tree, "lhs"), depth + 1);
    body(lookup(tree, "rhs"), depth + 1);
  }

  void term(const Value& tree, std::size_t depth) {
    std::string_view type = lookup(tree, "type").as_string();
    Value value = lookup(tree, "value");
    if (type == "var") return line(value.as_string(), depth);
    if (type == "null") return line("null", depth);
    if (type == "string" || type == "number" || type == "boolean")
      return line(to_rego(value), depth);
    if (type == "templatestring") return line(type, depth);
    if (type == "object") {
      line(type, depth);
      each(value, [&](const Value& member) {
        each(member, [&](const Value& side) { term(side, depth + 1); });
      });
      return;
    }
    if (!type.ends_with("comprehension")) return parts(type, value, depth);
    line(type, depth);
    for (const char* name : {"key", "value", "term"})
      if (has(value, name)) term(lookup(value, name), depth + 1);
    body(lookup(value, "body"), depth + 1);
  }

  std::string out_;
};

}  // namespace

std::string outline(std::string_view tree) {
  Result<Query> reader = Engine().prepare("input");
  Result<QueryResult> read = reader->eval(&tree);
  if (!read) return {};
  Outline out;
  out.module(read->rows()[0].expressions[0].value);
  return out.take();
}

}  // namespace lictor::cli
