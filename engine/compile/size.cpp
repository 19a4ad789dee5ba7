// Refuses what is larger than the stages after this one take in reasonable time and stack: long
// bodies, references, packages and chains of else-clauses. In: modules, or a query, as parsed. Out:
// errors that name the limit. Its time is linear in the text. INVARIANT: the parser has bounded how
// deep terms nest, so that recursion over them fits the stack.
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

constexpr std::size_t most_expressions = 1500;
constexpr std::size_t most_parts = 1000;
constexpr std::size_t most_clauses = 1000;

class Sizes {
 public:
  explicit Sizes(Errors& errors) : errors_(errors) {}

  void module(const Module& module) {
    path(module.package.size(), module.package_span);
    for (const syntax::Import& import : module.imports)
      path(import.path->items.size(), import.span);
    for (Rule* rule : module.rules) clauses(rule);
  }

  void body(const Body& body) {
    expressions(body);
    visit_expressions(body);
  }

 private:
  void clauses(Rule* rule) {
    std::size_t count = 0;
    each_clause(rule, [&](Rule& clause) {
      if (++count == most_clauses + 1)
        refuse(clause.span, "rule is too long", "use at most 1000 else-clauses in a row");
      if (clause.args.size() > most_parts)
        refuse(clause.span, "function has too many parameters", "use at most 1000");
      term(*clause.ref);
      for (Term* arg : clause.args) term(*arg);
      if (clause.key) term(*clause.key);
      if (clause.value) term(*clause.value);
      if (clause.body) body(*clause.body);
    });
  }

  void term(const Term& term) {
    if (term.kind == TermKind::ref) path(term.items.size(), term.span);
    if (term.kind == TermKind::call && term.items.size() > most_parts)
      refuse(term.span, "call has too many arguments", "use at most 1000");
    for (const Term* item : term.items) this->term(*item);
    if (term.body) body(*term.body);
  }

  void visit_expressions(const Body& body) {
    for (const Expr* expr : body.exprs) {
      if (expr->with.size() > most_parts)
        refuse(expr->span, "expression is too long", "use at most 1000 `with` modifiers");
      visit_expr_terms(*expr, [&](Term& term) { this->term(term); });
      for (const Body* inner : expr->bodies) this->body(*inner);
    }
  }

  void expressions(const Body& body) {
    std::size_t count = body.exprs.size();
    for (const Expr* expr : body.exprs) count += expr->vars.size();
    if (count <= most_expressions) return;
    refuse(body.exprs.front()->span, "rule is too long",
           "split it: a body may have 1500 expressions and declared variables");
  }

  void path(std::size_t parts, const Span& span) {
    if (parts > most_parts) refuse(span, "reference is too long", "use at most 1000 parts");
  }

  void refuse(const Span& span, const char* message, const char* hint) {
    errors_.push_back(error_at(ErrorCode::compile, span, message, hint));
  }

  Errors& errors_;
};

}  // namespace

void check_sizes(const std::vector<Module*>& modules, Errors& errors) {
  Sizes sizes(errors);
  for (const Module* module : modules) sizes.module(*module);
}

void check_sizes(const Body& query, Errors& errors) { Sizes(errors).body(query); }

}  // namespace lictor::compile
