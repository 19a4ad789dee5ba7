// The abstract syntax of Rego: plain nodes in an Ast, which owns them all. Nodes refer to each
// other by pointer and live as long as their Ast. OPA's nouns are used: module, rule, head, body,
// expr, term, ref. INVARIANT: a node belongs to one Ast; spans point into sources that outlive it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/container/deque.hpp>
#include <boost/container/small_vector.hpp>

#include "base/source.hpp"

namespace lictor::syntax {

enum class TermKind : std::uint8_t {
  null_value,
  boolean,               // flag
  number,                // text
  string,                // text
  var,                   // text; wildcards are "$0", "$1", …
  ref,                   // items: head, then operands
  array,                 // items
  object,                // items: key, value, key, value, …
  set,                   // items
  array_comprehension,   // items: head; body
  set_comprehension,     // items: head; body
  object_comprehension,  // items: key, value; body
  call,                  // items: operator (ref or var), then arguments
  template_string,       // items: strings and expressions in turn; text parts are string terms
};

struct Body;
struct Term;

/// Most refs and calls have up to three, which lie in the term itself.
using Terms = boost::container::small_vector<Term*, 3>;

struct Term {
  TermKind kind = TermKind::null_value;
  // boolean: the value; var: names a builtin, and of an `assign` that it binds nothing; string:
  // text of a template; object comprehension: of two values at one key the last one stays
  bool flag = false;
  bool infix = false;  // call: written as an operator
  Span span;
  std::string_view parens;  // what was written, if parentheses stand around it or at its ends
  std::string text;
  Terms items;
  Body* body = nullptr;

  std::string_view written() const { return parens.empty() ? span.text() : parens; }
};

struct With {
  Term* target = nullptr;
  Term* value = nullptr;
  std::string builtin;  // when the value names one; `value` is null then
  Span span;
  Span builtin_span = {};
};

enum class ExprKind : std::uint8_t {
  term,         // term: holds unless false or undefined
  some_decl,    // vars: some x, y
  some_in,      // key (or null), value, domain
  every,        // key (or null), value, domain, body
  not_body,     // body: no solution exists; with `future.keywords.not`
  logical_and,  // bodies: each has a solution
  logical_or,   // bodies: one has a solution
};

struct Expr {
  ExprKind kind = ExprKind::term;
  bool negated = false;
  bool generated = false;  // made by the compiler
  Span span;
  std::string_view parens;       // as in the term that it was made of
  const Expr* origin = nullptr;  // the expression that the compiler took this one out of
  Term* term = nullptr;
  Terms vars;  // some_in, every: the checker's name for a key that has none
  Term* key = nullptr;
  Term* value = nullptr;
  Term* domain = nullptr;
  std::vector<Body*> bodies;
  std::vector<With> with;

  /// With its modifiers, unless the compiler made it.
  std::string_view written() const;
};

struct Body {
  std::vector<Expr*> exprs;
  bool implicit = false;  // the operand of not, and, or was written without braces
  Span span;
};

struct Rule {
  Span span;
  bool is_default = false;
  bool is_function = false;      // written with an argument list
  bool multi_value = false;      // a set: `key` is a member
  bool generated_value = false;  // no value was written
  bool generated_body = false;   // no body was written
  bool literal_body = false;     // of an else-clause: an expression without braces
  bool has_if = false;
  bool has_contains = false;
  bool assigned = false;  // := rather than =
  Term* ref = nullptr;    // the head's ref; items[0] is a var
  Terms args;
  Term* key = nullptr;
  Term* value = nullptr;
  Body* body = nullptr;
  Rule* else_rule = nullptr;
};

struct Import {
  Span span;
  Term* path = nullptr;  // a ref
  std::string alias;     // empty when none was written
};

/// A METADATA block: the YAML in the comments above a statement, by OPA's names.
struct Annotations {
  /// The statement below the block.
  enum class Target : std::uint8_t { nothing, package, import, rule };

  Span span;              // of the block's first comment
  std::uint32_t row = 0;  // 1-based
  std::uint32_t col = 0;  // 1-based
  std::string scope;
  bool entrypoint = false;
  std::map<std::string, std::string> fields;  // JSON of what else was given, as in OPA's AST
  std::map<std::string, std::string> values;  // the same as rego.metadata.rule() has it
  Target target = Target::nothing;
  const Rule* rule = nullptr;
};

/// Keywords that a module may switch on; bit positions of Module::keywords.
enum Keyword : unsigned {
  keyword_if = 1,
  keyword_contains = 2,
  keyword_in = 4,
  keyword_every = 8,
  keyword_and = 16,
  keyword_or = 32,
  keyword_not = 64,
};
constexpr unsigned v1_keywords = keyword_if | keyword_contains | keyword_in | keyword_every;
constexpr unsigned v2_keywords = keyword_and | keyword_or | keyword_not;

struct KeywordName {
  const char* name;
  unsigned keyword;
};
/// What `import future.keywords` can name, by name.
constexpr KeywordName future_keywords[] = {{"and", keyword_and},     {"contains", keyword_contains},
                                           {"every", keyword_every}, {"if", keyword_if},
                                           {"in", keyword_in},       {"not", keyword_not},
                                           {"or", keyword_or}};
/// The keywords that one switches on; 0 for other names.
constexpr unsigned switched_on_by(std::string_view name) {
  for (const KeywordName& known : future_keywords) {
    if (name == known.name)
      return known.keyword | (known.keyword == keyword_every ? keyword_in : 0U);
  }
  return 0;
}

enum class Dialect : std::uint8_t { v0, v1 };

struct Module {
  const Source* source = nullptr;
  Dialect dialect = Dialect::v1;  // what the module is held to: v1 also by `import rego.v1`
  unsigned keywords = 0;
  Terms package;      // strings; without the leading `data`
  Span package_span;  // of the statement
  std::vector<Import> imports;
  std::vector<Rule*> rules;
  std::vector<Annotations> annotations;
};

/// Owns nodes. Pointers into an Ast stay valid until it is destroyed; moving an Ast keeps them.
class Ast {
 public:
  Term* term(TermKind kind, Span span) {
    Term& out = terms_.emplace_back();
    out.kind = kind;
    out.span = span;
    return &out;
  }
  Term* var(std::string name, Span span) {
    Term* out = term(TermKind::var, span);
    out->text = std::move(name);
    return out;
  }
  /// A variable in the place of a term.
  Term* var_for(const Term& term, std::string name) {
    Term* out = var(std::move(name), term.span);
    out->parens = term.parens;
    return out;
  }
  Term* string(std::string text, Span span) {
    Term* out = term(TermKind::string, span);
    out->text = std::move(text);
    return out;
  }
  Term* boolean(bool value, Span span) {
    Term* out = term(TermKind::boolean, span);
    out->flag = value;
    return out;
  }
  Term* call(const std::string& name, Terms args, Span span) {
    Term* out = term(TermKind::call, span);
    out->items.push_back(var(name, span));
    out->items.insert(out->items.end(), args.begin(), args.end());
    return out;
  }
  Term* copy(const Term& from);
  Expr* expr(ExprKind kind, Span span) {
    Expr& out = exprs_.emplace_back();
    out.kind = kind;
    out.span = span;
    return &out;
  }
  Expr* expr(Term* term) {
    Expr* out = expr(ExprKind::term, term->span);
    out->parens = term->parens;
    out->term = term;
    return out;
  }
  Expr* copy(const Expr& from);
  Body* body(Span span) {
    Body& out = bodies_.emplace_back();
    out.span = span;
    return &out;
  }
  Body* copy(const Body& from);
  Rule* rule(Span span) {
    Rule& out = rules_.emplace_back();
    out.span = span;
    return &out;
  }

 private:
  /// Larger blocks than the standard library's, which has one for four terms.
  template <typename Node>
  using Nodes = boost::container::deque<
      Node, void, boost::container::deque_options_t<boost::container::block_size<256U>>>;

  Nodes<Term> terms_;
  Nodes<Expr> exprs_;
  Nodes<Body> bodies_;
  Nodes<Rule> rules_;
};

/// True for one more body of the rule before it, whose head it shares: `p { … } { … }`.
inline bool is_chained(const Rule& rule) { return rule.span.text().starts_with('{'); }
/// What stands before a rule's body, without `default`; of a chained one, itself.
Span head_span(const Rule& rule);
/// The key that OPA gives a rule's head, or null: of a set, and also of `p[x] := y`, where it may
/// be one of an object; not where `if` shows that the whole ref is meant and the key is constant.
const Term* head_key(const Rule& rule);
/// True for a head to which OPA gives a name: that of a rule as old versions of Rego had them.
bool has_name(const Rule& rule);

/// True for null, a boolean, a number or a string.
bool is_scalar(const Term& term);

/// True for a term without variables, refs, calls and closures.
bool is_ground(const Term& term);
/// As is_ground(), but a ref counts, too, if its operands do.
bool has_no_variables(const Term& term);

/// What OPA calls a kind of term in messages, e.g. "setcomprehension".
const char* kind_name(TermKind kind);
/// How a call of an operator is written: "+" for plus(x, y); null for other terms.
const char* infix_of(const Term& call);
/// The name of a call's operator, e.g. "count" or "data.lib.f".
std::string operator_name(const Term& call);

/// True for a term whose notation begins with a brace, which would begin a body elsewhere.
bool begins_with_brace(const Term& term);
/// Rego's notation of a term, with infix operators as calls: "plus(x, 1)".
std::string to_text(const Term& term);
std::string to_text(const Expr& expr);
std::string to_text(const Body& body);
/// A module as an indented tree, one node a line.
std::string dump(const Module& module);

}  // namespace lictor::syntax
