#include "syntax/explain_nodes.hpp"

#include <algorithm>

#include "syntax/parse.hpp"
#include "syntax/term_order.hpp"

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

/// A closure or a template string, read again by the grammar; a var of its text if that refuses it.
Term* read_again(const Node& node, const std::string& source, Ast& ast, std::deque<Source>& texts) {
  texts.push_back({"", source.substr(node.place.first, node.place.last - node.place.first)});
  ParseOptions options;
  options.extra_keywords = v2_keywords;
  Result<Term*> term = parse_term(texts.back(), options, ast);
  return term ? *term : ast.var(texts.back().text, {});
}

/// Makes terms of nodes.
class TermMaker {
 public:
  explicit TermMaker(const std::string& source) : source_(source) {}

  Term* of(const Node& node) {
    bool is_template = node.kind == TermKind::template_string;
    if (is_template || !node.body.empty()) return read_again(node, source_, ast_, texts_);
    Term* out = ast_.term(node.kind, {});
    out->text = node.text;
    out->flag = node.kind == TermKind::boolean && source_[node.place.first] == 't';
    for (const NodePtr& item : node.items) out->items.push_back(of(*item));
    return out;
  }

 private:
  const std::string& source_;
  Ast ast_;
  std::deque<Source> texts_;
};

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
  return syntax::to_text(*TermMaker(source).of(node));
}

std::vector<NodePtr> sorted_items(const Node& node, const std::string& source) {
  if (node.kind != TermKind::set && node.kind != TermKind::object) return node.items;
  TermMaker terms(source);
  Term* term = terms.of(node);
  std::size_t step = node.kind == TermKind::object ? 2 : 1;
  const Term* last = nullptr;
  std::vector<NodePtr> out;
  for (std::size_t place : ordered_places(*term)) {
    bool again = last && node.kind == TermKind::set && compare(*last, *term->items[place]) == 0;
    last = term->items[place];
    for (std::size_t i = 0; i < step && !again; ++i) out.push_back(node.items[place + i]);
  }
  return out;
}

}  // namespace lictor::syntax::explain
