// Checked clause → flat clause, for the checks of safety and types. Nested calls, refs that are
// operands, heads that need evaluation and the values of `with` get an expression and a variable of
// their own in front of where they stand, as OPA's compiler writes them; `==` becomes `=`. Works on
// copies: the planner sees the clause as it was.
//
//   f(g(x) + data.p.q)      becomes      g(x, $1); $2 = data.p.q; plus($1, $2, $3); f($3)
//
// Source of the rules: OPA v1/ast/compile.go, the stages RewriteExprTerms to RewriteDynamicTerms.
#pragma once

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "compile/check.hpp"
#include "compile/local_numbers.hpp"
#include "syntax/ast.hpp"

namespace lictor::compile {

struct Metadata;

struct FlatClause {
  const syntax::Rule* rule = nullptr;
  syntax::Body* body = nullptr;
  syntax::Terms args;
  syntax::Terms path;  // the head's ref behind its first name
  syntax::Term* key = nullptr;
  syntax::Term* value = nullptr;
  bool loses = false;  // the check of safety has left an expression out, as OPA does
};

class Flattener {
 public:
  Flattener(syntax::Ast& ast, LocalNumbers numbers, HeadNumbers heads)
      : ast_(ast), numbers_(std::move(numbers)), heads_(std::move(heads)) {}

  // The passes in order; each is run on all clauses before the next one, so that variables have
  // OPA's numbers.

  FlatClause copied(const syntax::Rule& rule);
  /// Numbers the variables that capture the parts of template strings.
  void number_templates(FlatClause& clause);
  void number_templates(syntax::Body& body);
  /// Numbers those that capture the operands of print().
  void number_prints(FlatClause& clause);
  void visit_prints(syntax::Body& body);
  /// Takes nested calls apart.
  void expand(FlatClause& clause);
  void expand(syntax::Body& body);
  /// Binds the values of rego.metadata.* in front of the body, and has their calls read them there.
  void bind_metadata(FlatClause& clause, const Metadata& metadata);
  /// Binds heads of comprehensions that need evaluation, behind their bodies.
  void bind_comprehensions(FlatClause& clause);
  void bind_comprehensions(syntax::Body& body);
  /// Binds keys, values and arguments that need evaluation, behind the body.
  void bind_heads(FlatClause& clause);
  /// Binds values of `with` that need evaluation, before their expressions.
  void bind_with(syntax::Body& body, const Checked& checked);
  /// Binds refs and closures that are operands, and rewrites `==`, but not in a query, where a
  /// comparison has a value. Sets and objects get the order of what stands in them now.
  void finish(FlatClause& clause);
  void finish_query(syntax::Body& body);

  /// Binds refs and closures that are sides of equalities, so that a trace shows their values.
  void bind_sides(syntax::Body& body);

  /// True if an expression that OPA drops was dropped since the last call.
  bool drops() { return std::exchange(dropped_, false); }

  /// Calls `work` with variables of a query's own, numbered from those that it has.
  template <typename Work>
  void in_query(const syntax::Body& query, Work&& work);

  const HeadNumbers& heads() const { return heads_; }
  /// What a variable of ours stands for, or null.
  const syntax::Term* subject(std::string_view var) const;
  /// True for an expression that binds something of the head of a rule or of a closure.
  bool is_of_head(const syntax::Expr* expr) const { return of_heads_.contains(expr); }

 private:
  using Exprs = std::vector<syntax::Expr*>;

  void number_captures(syntax::Term& call);
  void number_templates(syntax::Term& term);
  void visit_prints(syntax::Term& term);
  void number_prints(syntax::Body& body);
  void number_closures(syntax::Term& term);
  void expand(syntax::Expr& expr, Exprs& out);
  void expand_every(syntax::Expr& expr, Exprs& out);
  void expand_term(syntax::Term*& term, Exprs& out);
  void expand_call(syntax::Term*& term, Exprs& out);
  void expand_ref(syntax::Term& ref, Exprs& out);
  const syntax::Term* original(const syntax::Term& term);
  void expand_closure(syntax::Term& closure);

  void bind_comprehensions(syntax::Term& term);
  void read_metadata(syntax::Expr& expr, const syntax::Term& value);
  void bind_head(syntax::Term*& term, syntax::Body& body);
  void append_head(syntax::Body& body, const Exprs& exprs);
  void finish(syntax::Body& body, bool in_query);
  void finish(syntax::Expr& expr, Exprs& out);
  void hoist_top(syntax::Term*& term, const syntax::Expr& expr, Exprs& out);
  void hoist(syntax::Term*& term, const syntax::Expr& expr, Exprs& out);

  syntax::Term* fresh(const syntax::Term& stands_for) {
    return numbered(stands_for, numbers_.next());
  }
  syntax::Term* numbered(const syntax::Term& stands_for, int number);
  syntax::Expr* equality(syntax::Term* var, syntax::Term* term);
  syntax::Expr* bound(syntax::Term*& term) { return bound(term, numbers_.next()); }
  syntax::Expr* bound(syntax::Term*& term, int number);

  syntax::Ast& ast_;
  std::map<std::string, const syntax::Term*, std::less<>> subjects_;
  std::unordered_set<const syntax::Expr*> of_heads_;
  LocalNumbers numbers_;
  HeadNumbers heads_;
  const char* prefix_ = "#";
  bool dropped_ = false;
  bool in_query_ = false;
};

/// The first number that no variable of a query has.
LocalNumbers query_numbers(const syntax::Body& query);

template <typename Work>
void Flattener::in_query(const syntax::Body& query, Work&& work) {
  LocalNumbers of_modules = std::exchange(numbers_, query_numbers(query));
  prefix_ = "#q";
  work();
  prefix_ = "#";
  numbers_ = std::move(of_modules);
}

/// True if some of the expression gets an expression of its own, which may run long before the
/// rest.
bool comes_apart(const syntax::Expr& expr);

struct FlatModules {
  FlatModules(LocalNumbers numbers, HeadNumbers heads)
      : flattener(ast, std::move(numbers), std::move(heads)) {}

  /// The last pass over all clauses; `test_values`: in tests, sides of equalities are bound.
  void finish(bool test_values);

  syntax::Ast ast;
  Flattener flattener;
  std::map<const syntax::Rule*, FlatClause> clauses;  // else-clauses have their own
  std::vector<FlatClause*> order;                     // as the modules have them
};

}  // namespace lictor::compile
