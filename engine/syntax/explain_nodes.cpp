#include "syntax/explain_nodes.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "syntax/parse_state.hpp"

namespace lictor::syntax::explain {
namespace {

bool is_ground(const Expressions& body);

bool are_ground(const std::vector<NodePtr>& nodes, std::size_t first) {
  return std::all_of(nodes.begin() + static_cast<std::ptrdiff_t>(std::min(first, nodes.size())),
                     nodes.end(), [](const NodePtr& node) { return explain::is_ground(*node); });
}

bool is_ground(const Expression& expr) {
  switch (expr.form) {
    case Expression::Form::term:
      return explain::is_ground(*expr.term);
    case Expression::Form::call:
      return are_ground(expr.terms, 1);
    case Expression::Form::not_body:
    case Expression::Form::logical:
      return is_ground(expr.body);
    default:
      return false;
  }
}

bool is_ground(const Expressions& body) {
  return std::all_of(body.begin(), body.end(),
                     [](const ExpressionPtr& expr) { return is_ground(*expr); });
}

/// A term by itself, read again by the grammar; as it is written if that refuses it.
std::string read_again(const std::string& text) {
  Source source{"", text};
  Ast ast;
  ParseOptions options;
  options.extra_keywords = keyword_and | keyword_or | keyword_not;
  Result<Term*> term = parse_term(source, options, ast);
  return term ? syntax::to_text(**term) : text;
}

bool is_name(const std::string& text) {
  auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
         std::all_of(text.begin(), text.end(), is_letter);
}

std::string ref_text(const Node& ref, const std::string& source) {
  std::string out = to_text(*ref.items[0], source);
  for (std::size_t i = 1; i < ref.items.size(); ++i) {
    const Node& item = *ref.items[i];
    bool dotted =
        item.kind == TermKind::string && is_name(item.text) && !is_keyword(item.text, v1_keywords);
    out += dotted ? "." + item.text : "[" + to_text(item, source) + "]";
  }
  return out;
}

}  // namespace

std::string global_operator(const Expression& expr) {
  if (expr.form != Expression::Form::call) return "";
  const Node& op = *expr.terms[0];
  bool global = op.kind == TermKind::ref && op.items.size() == 1;
  return global && op.items[0]->kind == TermKind::var ? op.items[0]->text : "";
}

bool is_ground(const Node& node) {
  switch (node.kind) {
    case TermKind::var:
    case TermKind::template_string:
      return false;
    case TermKind::ref:
      return are_ground(node.items, 1);
    default:
      return are_ground(node.items, 0) && is_ground(node.body);
  }
}

std::string to_text(const Node& node, const std::string& source) {
  if (node.kind == TermKind::var) return node.text.starts_with('$') ? "_" : node.text;
  if (node.kind == TermKind::number) return node.text;
  if (node.kind == TermKind::ref) return ref_text(node, source);
  if (node.kind == TermKind::string) {
    std::string out;
    append_go_quoted(out, node.text);
    return out;
  }
  return read_again(source.substr(node.place.first, node.place.last - node.place.first));
}

}  // namespace lictor::syntax::explain
