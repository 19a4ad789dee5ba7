// What the grammar's actions call: tokens that are not worth a grammar, and the making of nodes.
// Private to syntax/. In: characters and nodes. Out: nodes, or errors in ParseState::errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syntax/parse.hpp"

namespace lictor::syntax {

/// Thrown for an error that must not be backtracked over; caught in grammar.cpp.
struct ParseFailure {
  Error error;
};

constexpr int lowest_precedence = 1;

struct Operator {
  std::string_view text;
  const char* name;
  int precedence;
};

struct ParseState {
  ParseState(const Source& source, const ParseOptions& options, Ast& ast, Module* module);

  Ast* ast;
  const Source* source;
  ParseOptions options;
  const char* begin;
  const char* start;  // after a byte-order mark
  const char* end;
  Module* module;
  unsigned keywords;
  Errors errors;
  Term* pending = nullptr;  // the first term of brackets or braces, before its role is known
  bool doubted = false;     // OPA may refuse something that the grammar reads
  Span statement;           // where the package, import or further body at hand begins
  const char* furthest;     // the last place where a token was looked for in vain
  int depth = 0;
  std::size_t steps = 0;
  int wildcards = 0;
  std::vector<std::pair<Term*, Term*>> calls;  // calls being parsed, and their operators

  /// What to restore where one reading of a text is given up for another.
  struct Mark {
    std::size_t errors, calls;
    Term* pending;
    bool doubted;
    int wildcards;
  };
  Mark mark() const { return {errors.size(), calls.size(), pending, doubted, wildcards}; }
  void go_back(const Mark& mark);

  // Places.
  std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - begin); }
  Span span(std::string_view text) const;
  Span span_from(const char* at) const { return {source, offset(at), offset(at)}; }
  void end_span(Span& span, const char* at) const;
  bool newline_before(const char* at) const;
  void note_failure(const char* at);

  // Errors.
  void error(ErrorCode code, const Span& span, std::string message, std::string hint = {});
  void report_unexpected(const char* at);
  bool check_text();

  // Terms.
  Term* make_var(std::string_view name);
  Term* make_infix(const char* name, Terms operands);
  void access(Term*& value, Term* operand);
  /// Makes `call` zero minus `operand`.
  void negate(Term* call, Term* operand);
  void check_with_target(const Term& target);
  /// Keeps the text of a term with the parentheses around it.
  void close_group(Term* value, const char* end_of_group) const;
  /// A ref in parentheses has no operands behind them.
  void check_group(const Term* value);
  void open_call(Term*& value);
  void close_call(Term*& value);
  /// Adds an expression to a template string, as the set of its values.
  void add_template(Term* value, Expr* part);
  bool has_comment(const Expr& part) const;
  void keep_pending(Term* value);
  void drop_kept(Term* value);

  // Expressions.
  void set_some(Expr* some, Term* term);
  bool check_some(const Expr* some);
  static bool check_every(const Expr* every);
  /// Negates `inner`, where `outer` starts at the keyword.
  Expr* negate(Expr* outer, Expr* inner);
  void fold(Expr* chain, Expr* operand);
  /// A keyword that touches a dot or a bracket begins a ref after a term.
  void check_operator_word(const char* at);
  /// Operands in brackets may be groups, bodies or values.
  void check_operand(const char* at) {
    doubted = doubted || (at != end && (*at == '{' || *at == '('));
  }
  void chain(Expr*& value, ExprKind kind);

  // Rules.
  void set_head_ref(Rule* rule, Term* ref);
  /// Ends the span of an else-clause; a body without braces stands where the clause does, as in
  /// OPA.
  void end_else(Rule* clause, const char* end_of_clause) const;
  void chain_body(Rule* rule, Body* body);
  /// False if what was read is only the start of an expression.
  bool is_head(const Rule& rule, const char* next) const;
  void set_head(Rule* rule, Expr* expr);
  void take_equality(Rule* rule);
  void finish_rule(Rule* rule);
  void add_rule(Rule* rule);
  void set_package(Term* ref);
  void add_import(Term* path);
  void set_alias(Term* name);
  void finish_import();
  void finish_module();

  std::vector<std::pair<Rule*, Body*>> chained;

 private:
  void end_before(const Term* operand, Span& span) const;
  Body* true_body(const Span& place);
  Body* implicit_body(const Rule& rule);
  bool is_call_head(const Rule& rule) const;
  bool has_blank_behind_name(const Rule& rule) const;
  void check_rule(const Rule& rule);
  void check_else(const Rule& rule);
  void check_default(const Rule& rule);
  void infer_partial(Rule* rule);
  void future_keyword(const Import& import);
};

/// Counts nesting; throws ParseFailure beyond max_nesting.
class Nesting {
 public:
  Nesting(ParseState& state, const char* at);
  ~Nesting() { --state_.depth; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  ParseState& state_;
};

/// True for the operand "{ body }" before an operator makes it one.
bool is_bare_group(const Expr& expr);

const char* skip_trivia(const char* at, const char* end);
/// True if the braces at `at` are certainly a body or a set: nothing in them makes them an object
/// or a comprehension, and nothing behind them goes on with an expression.
bool is_only_body(const char* at, const char* end);
std::string_view scan_identifier(const char* at, const char* end);
bool is_keyword(std::string_view name, unsigned keywords);
/// Keywords that are builtins too, so that "contains(x, y)" is a call.
bool is_builtin_keyword(std::string_view name);
/// The infix operator that starts here, or null.
const Operator* operator_at(const char* at, const char* end, const ParseState& state);
/// null, booleans, numbers and strings; null if none starts here.
Term* parse_scalar(const char*& at, const char* end, ParseState& state);
/// Literal text of a template string, up to an expression or the closing quote.
Term* parse_template_text(const char*& at, const char* end, char quote, ParseState& state);

}  // namespace lictor::syntax
