// A parser that reads text as OPA's does, backtracking and all, to find the errors that OPA
// reports. Private to explain_*. In: a source. Out: errors, in order; nodes just as far as errors
// need them. INVARIANT: state_ is all that backtracking restores. Source of the rules: OPA
// v1/ast/parser.go and v1/ast/parser_ext.go.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "syntax/comments.hpp"
#include "syntax/explain.hpp"
#include "syntax/explain_nodes.hpp"
#include "syntax/explain_scanner.hpp"
#include "syntax/parse.hpp"

namespace lictor::syntax::explain {

/// Thrown when a text is nested too deeply, or read too often, to be worth an explanation.
struct GaveUp {};

struct Head {
  NodePtr ref;
  std::string name;  // of a ref of one item, or where older versions of Rego had a name
  bool is_function = false;
  std::vector<NodePtr> args;
  NodePtr key;
  NodePtr value;
  bool generated_value = false;
  bool has_contains = false;
  bool has_if = false;
};

/// What the checks of a whole module need of a rule.
struct RuleNote {
  Location place;
  Head head;
  bool generated_body = false;
  bool is_default = false;
};

struct Statement {
  enum class Form { package, import, rule, body } form = Form::body;
  Location place;
  Expressions body;             // of a body
  std::vector<RuleNote> rules;  // a rule, and its else-clauses
  int version = 0;              // of `import rego.v1` and `import rego.v2`
};

class Parser {
 public:
  Parser(const Source& source, const ParseOptions& options, bool skip_rules);

  /// Reads statements until the text ends or one has errors.
  std::vector<Statement> statements();
  Errors errors() const { return state_.errors.to_vector(); }
  const WildcardNumbers& wildcards() const { return numbers_; }
  /// The comments before the last token.
  std::vector<Comment> comments() const;

 private:
  struct State {
    explicit State(Scanner scanner) : scanner(std::move(scanner)) {}

    Scanner scanner;
    Tok token = Tok::illegal;
    Location place;
    std::string_view lit;
    std::uint32_t last_end = 0;
    std::uint32_t token_end = 0;
    bool skipped_newline = false;
    int wildcards = 0;
    SharedList<Error> errors;
    SharedList<std::string> hints;
  };
  /// What was read of a term at an offset, and the state after it.
  struct CachedTerm {
    std::uint32_t offset;
    NodePtr term;
    State after;
  };
  struct Depth;
  /// An operand of `and` or `or`, or of `not`.
  struct Operand {
    MaybeBody body;
    bool explicit_body = false;
    Location place;
  };
  struct Group : Operand {
    bool committed = false;
  };

  // Tokens (explain_parser.cpp).
  void scan() { scan_token(true); }
  void scan_blank() { scan_token(false); }
  void scan_token(bool skip_blanks);
  void take(Scanner::Token token);
  bool is(Tok kind) const { return state_.token == kind; }
  bool is_one_of(std::initializer_list<Tok> kinds) const;
  Tok peek(bool skip_blanks);
  void set_range(Location& place, std::uint32_t first, std::uint32_t last) const;
  std::string text_of(const Location& place) const;
  std::string text_of(std::uint32_t first, std::uint32_t last) const;
  std::string text_of(const Node& node) const { return to_text(node, source_.text); }
  Location until_here(Location place) const;
  bool is_ref_keyword(Tok token) const;
  bool keyword_begins_ref();
  bool take_keyword_as_name();

  // Errors (explain_parser.cpp).
  void fail(const Location& place, std::string message);
  void illegal(const std::string& note = {});
  void hint(std::string text) { state_.hints.push_back(std::move(text)); }
  /// Reads something with all keywords on; nothing but the result remains.
  template <typename Read>
  auto with_all_keywords(Read&& read);

  // Terms (explain_terms.cpp).
  NodePtr infix();
  NodePtr infix_in_list();
  NodePtr membership(NodePtr left, bool key_value, std::uint32_t offset);
  NodePtr relation(NodePtr left, std::uint32_t offset);
  NodePtr level(int index, NodePtr left, std::uint32_t offset);
  NodePtr operator_at(std::initializer_list<Tok> kinds);
  NodePtr operator_here();
  NodePtr membership_operator(const char* name);
  NodePtr call_of(std::vector<NodePtr> items, const Location& place, std::uint32_t offset);
  NodePtr term();
  NodePtr term_without_cache();
  std::vector<CachedTerm> terms_from(std::uint32_t offset) const;
  void forget_terms_from(std::uint32_t offset);
  NodePtr make(TermKind kind) const;
  NodePtr variable();
  NodePtr finish(NodePtr head);
  NodePtr finish_head(NodePtr head);
  NodePtr as_root(NodePtr head);
  NodePtr negative(NodePtr value, const Location& minus);
  NodePtr group();
  NodePtr number();
  NodePtr string();
  NodePtr template_string(bool raw);
  bool template_part(bool raw, Expressions& parts);
  NodePtr ref(NodePtr head, std::uint32_t offset);
  NodePtr access(NodePtr head, std::uint32_t offset, std::uint32_t& end);
  NodePtr call(NodePtr op, std::uint32_t offset);
  /// What `inside` reads after an opening bracket, with its place and range.
  NodePtr bracketed(NodePtr (Parser::*inside)());
  NodePtr array();
  NodePtr array_inside();
  NodePtr set_or_object();
  NodePtr set_or_object_inside();
  NodePtr set(const State& start, NodePtr first, bool comprehension);
  NodePtr object(NodePtr key, bool comprehension);
  NodePtr object_end(NodePtr key, NodePtr value, bool comprehension);
  bool list(Tok end, std::vector<NodePtr>& items);
  bool pairs(Tok end, std::vector<NodePtr>& items);

  // Bodies and expressions (explain_literals.cpp).
  MaybeBody body(Tok end);
  MaybeBody query(bool one, Tok end);
  ExpressionPtr literal();
  ExpressionPtr literal_form();
  ExpressionPtr literal_expr(bool negated, const Location* not_place);
  ExpressionPtr expr();
  bool withs();
  ExpressionPtr with_modifiers(ExpressionPtr expr);
  ExpressionPtr some();
  ExpressionPtr every();
  ExpressionPtr not_body(const Location& not_place);
  ExpressionPtr negation(Expressions body, bool explicit_body, const Location& place) const;
  ExpressionPtr braced_operand(bool& committed);
  ExpressionPtr chain_after(const ExpressionPtr& expr, const State& start, bool negated,
                            const Location* with_place);
  ExpressionPtr fold_tail(Operand left);
  ExpressionPtr or_chain(Operand left);
  ExpressionPtr and_chain(Operand left);
  ExpressionPtr logical(const Operand& left) const;
  /// Both operands of `op` as one, whose place is the left one's.
  Operand joined(const Operand& left, const Operand& right, const char* op);
  Operand operand(const char* op);
  Operand operand_in_braces(const char* op);
  Group logical_group(bool is_operand, const char* prefix);
  Group end_of_group(const Location& open, Operand operand);
  Group group_with_modifier(const State& start, const Location& open, bool is_operand,
                            Operand operand);
  Group group_of_braces(const State& start, const Location& open, const char* prefix,
                        const Operand& operand);
  bool negated();
  bool logical_keywords() const;
  bool at_logical_operator() const { return is(Tok::logical_and) || is(Tok::logical_or); }
  bool reads_membership();
  void hint_infix_keyword();
  void hint_every(const ExpressionPtr& expr, const State& start);
  bool is_future_keyword(unsigned keyword) const;
  void refuse_with(const Location& place, const char* op);
  void refuse_braces(const Location& place, const std::string& operand, const char* op);
  void refuse_union(const Location& place, std::uint32_t brace, const Expressions& body,
                    const char* prefix);
  void refuse_value_in_braces(const Location& place, const Node& term, const std::string& operand);
  void check_effects(const Expressions& left, const Expressions& right, const char* op);
  bool is_union(const Expressions& body) const;

  // Statements (explain_statements.cpp).
  bool statement(std::vector<Statement>& out);
  bool path_follows();
  bool has_string_path(const Node& path);
  std::optional<Statement> package();
  std::optional<Statement> import();
  NodePtr import_path();
  bool import_alias();
  bool is_language_keyword(const std::string& name) const;
  void refuse_keyword_at_end(const Node& path);
  void switch_on(Statement& import);
  int rego_version(const Node& path);
  void switch_on_future(const Node& path);
  void reclassify();
  bool keyword_rule_name(bool is_default);
  std::vector<Statement> rules();
  std::optional<Head> head(bool is_default);
  bool head_ref(Head& out);
  void head_value(Head& out, bool is_default);
  bool default_rule(const Head& head, const Location& place);
  void default_value(const Node& value, const Location& place);
  void default_value(const Expressions& body, const Location& place);
  bool settle_head(Head& head);
  bool rule_body(Head& head, RuleNote& rule);
  bool if_body();
  void copy_wildcards(const Head& head, const Location& clause);
  bool else_clauses(const Head& head, Statement& rule);
  bool else_clause(const Head& head, RuleNote& rule);

  const Source& source_;
  const ParseOptions& options_;
  const bool skip_rules_;
  bool not_bodies_;
  State state_;
  std::vector<CachedTerm> cache_;  // in the order of their offsets
  NodePtr imported_;               // the path of the last import, of `rego` and `future` alone
  std::optional<Location> alias_;  // and where its alias is
  std::vector<Comment> comments_;  // in the order of their offsets
  WildcardNumbers numbers_;
  int depth_ = 0;
  std::size_t steps_ = 0;
};

struct Parser::Depth {
  explicit Depth(Parser& owner) : depth(owner.depth_) {
    if (++depth > most) {
      --depth;
      throw GaveUp{};
    }
  }
  ~Depth() { --depth; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

  static constexpr int most = 1500;  // several for each level of brackets
  int& depth;
};

template <typename Read>
auto Parser::with_all_keywords(Read&& read) {
  State here = state_;
  std::vector<CachedTerm> cache = std::exchange(cache_, {});
  state_.scanner.set_keywords(v1_keywords | v2_keywords);
  auto out = read();
  state_ = std::move(here);
  cache_ = std::move(cache);
  return out;
}

}  // namespace lictor::syntax::explain
