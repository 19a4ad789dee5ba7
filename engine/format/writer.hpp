// The text of a module as it is laid out, line by line, with its comments. Nodes are written in the
// order of the text; each takes the comments that stand before it along. A comment where none is
// expected makes the term around it be written as it was.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "format/format.hpp"
#include "format/location.hpp"
#include "syntax/comments.hpp"

namespace lictor::format {

using syntax::Body;
using syntax::Comment;
using syntax::Expr;
using syntax::ExprKind;
using syntax::Import;
using syntax::Module;
using syntax::Rule;
using syntax::Term;
using syntax::TermKind;
using syntax::Terms;
using syntax::With;

/// Those that are yet to be written, in order.
using Comments = std::span<const Comment* const>;

/// How the writing of a node ended.
enum class Fault : std::uint8_t {
  none,
  comment,  // a comment stands where none is expected
  stop,     // nothing can be written
};

/// What is left of the comments, where the writing of a node ends.
struct [[nodiscard]] Rest {
  Comments comments = {};
  Fault fault = Fault::none;

  bool ok() const { return fault == Fault::none; }
  bool stops() const { return fault == Fault::stop; }
};

/// True if a part has no place that OPA trusts: a variable that a compiler made, the zero before a
/// sign.
bool has_unplaced_term(const Term& term);
bool has_unplaced_term(const Body& body);
/// `x | y`, as a call.
bool is_union(const Term& term);
/// The operand that the text of an operator's call begins with, or null.
const Term* leading_operand(const Term& call);

class Writer {
 public:
  Writer(const Module& module, const Options& options);

  Result<std::string> write();

 private:
  // ---- Lines (writer.cpp) ----

  void put(std::string_view text) { out_ += text; }
  void start_line();
  void end_line();
  void blank_line();
  void line(std::string_view text);
  void up() { ++level_; }
  void down();
  Fault before_line_end(const Comment* comment);
  void write_comments(Comments comments);
  static Comments comments_before(Comments comments, const Location& location);
  Rest insert_comments(Comments comments, const Location& location);
  static std::string text_of(const Comment& comment);
  void fail(const Location& location, std::string message);

  // ---- Modules, imports and rules (rules.cpp) ----

  void module();
  Rest package(Comments comments);
  std::vector<const Import*> kept_imports();
  void add_import(const std::vector<std::string>& path, std::vector<const Import*>& imports);
  void add_keyword(const std::string& keyword, std::vector<const Import*>& imports);
  Rest imports(const std::vector<const Import*>& imports, Comments comments);
  void import(const Import& import);
  Comments rules(const std::vector<const Rule*>& rules, Comments comments);
  bool is_groupable(const Rule& rule);
  Rest rule(const Rule& rule, bool is_else, Comments comments);
  Rest else_rule(const Rule& rule, Comments comments);
  Rest head(const Rule& rule, bool is_else, bool is_constant, Comments comments);
  Rest head_parts(const Rule& rule, const Location& location, bool is_else, bool is_constant,
                  Comments comments);
  Rest head_value(const Rule& rule, bool is_else, bool is_constant, Comments comments);
  Location location_of(const Import& import);
  Location location_of(const Rule& rule);
  Location head_location(const Rule& rule, bool is_else);

  // ---- Bodies (bodies.cpp) ----

  Rest body(const Body& body, Comments comments);
  Rest expr(const Expr& expr, Comments comments);
  Rest expr_terms(const Expr& expr, Comments comments);
  Rest some_decl(const Expr& expr, Comments comments);
  Rest every(const Expr& expr, Comments comments);
  Rest not_body(const Expr& expr, Comments comments);
  Rest with(const With& with, Comments comments, bool indented);
  Rest withs(const Expr& expr, Comments comments);
  struct Operand;
  Rest logical(const Expr& expr, Comments comments);
  Rest logical_chain(const Expr& expr, Comments comments, bool& indented);
  Rest operand(const Operand& operand, Comments comments);
  Rest closure_body(char open, char close, const Body& body, const Location& behind,
                    const Location& whole, Comments comments);
  void mark_union_lead(const Expr& expr);
  Location operand_location(const Expr& expr);
  Operand operand_of(const Expr& expr, std::size_t at, bool right);
  bool breaks_line(const Operand& right, std::int64_t left_end);
  std::int64_t end_row(const Operand& operand);
  std::int64_t end_row(const Body& body);
  Location brace_of(const Expr& expr, const Body& body);

  // ---- Terms (terms.cpp) ----

  Rest term(const Term& term, Comments comments);
  Rest unformatted(const Location& location, Comments comments);
  Rest term_in_parens(bool parens, const Term& term, Comments comments);
  Rest value(bool parens, const Term& term, Comments comments);
  Rest string(const Term& term, Comments comments);
  Rest template_string(const Term& term, Comments comments);
  Rest template_part(const Term& part, const Term* next, Comments comments);
  Rest ref(const Terms& items, Comments comments);
  Rest call(bool parens, const Term& call, Comments comments);
  Rest call_statement(const Term& call, Comments comments);
  Rest plain_call(const Term& call, Comments comments);
  Rest membership(bool parens, const std::vector<const Term*>& operands, Comments comments);
  Rest comprehension(const Term& term, Comments comments);
  Rest heads_body(char open, char close, const Term& head, const Location& head_location,
                  const Term& term, Comments comments);

  /// An element of a list, or a member of an object.
  struct Element {
    const Term* key;
    const Term* value = nullptr;
  };
  enum class Unions : std::uint8_t { as_written, in_parens };
  Rest iterable(std::vector<Element> elements, const Location& last, const Location& close,
                Unions unions, Comments comments);
  Rest iterable_line(const std::vector<Element>& line, Unions unions, Comments comments);
  Rest element(const Element& element, Unions unions, Comments comments);
  std::vector<std::vector<Element>> lines_of(std::vector<Element>& elements);

  bool needs_brackets(const std::string& text, const Location& location) const;
  Location location_of(const Term& term);
  Location location_of(const Expr& expr);

  const Module& module_;
  Options options_;
  Locations locations_;
  std::vector<Comment> all_comments_;
  std::deque<std::vector<const Comment*>> lists_;  // what spans of comments point into
  Errors errors_;

  std::string out_;
  int level_ = 0;
  bool inline_ = false;                  // within a line
  const Comment* before_end_ = nullptr;  // comes to the end of the line
  bool delay_ = false;                   // but of the next one
  bool comment_on_final_line_ = false;
  const Location* relocated_ = nullptr;    // where all nodes stand that OPA gives a place anew
  std::map<const Term*, Location> moved_;  // the same for single terms
  std::map<const Expr*, Location> moved_exprs_;
  const Expr* in_parens_ = nullptr;  // an expression that needs parentheses
  const Term* term_in_parens_ = nullptr;

  bool uses_contains_ = false;
  bool uses_if_ = false;
  bool ref_heads_ = false;
  bool v1_ = false;
  std::vector<std::string> keywords_;
  std::deque<Import> added_;  // imports that the text lacks
  std::map<const Import*, std::int64_t> added_rows_;
  syntax::Ast scratch_;
};

}  // namespace lictor::format
