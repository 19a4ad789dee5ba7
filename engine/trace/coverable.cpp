// Goes through all bodies of a module.
#include "trace/coverable.hpp"

#include "base/source.hpp"

namespace lictor::trace {
namespace {

using syntax::Body;
using syntax::Expr;
using syntax::ExprKind;
using syntax::Term;

class Coverable {
 public:
  explicit Coverable(std::vector<TextRange>& out) : out_(out) {}

  void add(const syntax::Rule& rule) {
    Span head = syntax::head_span(rule);
    add(head, head.text());
    for (const Term* arg : rule.args) add_closures(*arg);
    for (const Term* term : {syntax::head_key(rule), static_cast<const Term*>(rule.value)}) {
      if (term) add_closures(*term);
    }
    if (rule.body) add(*rule.body);
  }

 private:
  void add(const Span& span, std::string_view written) {
    if (span.source) out_.push_back(range_of(*span.source, places_.of(span), written));
  }

  void add(const Body& body) {
    for (const Expr* expr : body.exprs) {
      bool declares = expr->kind == ExprKind::some_decl || expr->kind == ExprKind::some_in;
      if (!declares) add(expr->span, expr->written());
      for (const Term* term : {expr->term, expr->key, expr->value, expr->domain}) {
        if (term) add_closures(*term);
      }
      for (const Body* inner : expr->bodies) add(*inner);
    }
  }

  void add_closures(const Term& term) {
    if (term.body) add(*term.body);
    for (const Term* item : term.items) add_closures(*item);
  }

  Places places_;
  std::vector<TextRange>& out_;
};

}  // namespace

void add_coverable(const syntax::Module& module, std::vector<TextRange>& out) {
  Coverable coverable(out);
  for (const syntax::Rule* rule : module.rules) {
    for (; rule != nullptr; rule = rule->else_rule) coverable.add(*rule);
  }
}

}  // namespace lictor::trace
