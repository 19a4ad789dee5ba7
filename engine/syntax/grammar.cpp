// The grammar of Rego in Boost.Spirit X3; the only file that includes it.
// In: a Source. Out: nodes in an Ast. Entry points: parse_module, parse_query, parse_term.
//
// Conventions: a token eats the trivia (blanks, newlines, comments) behind it; a newline is
// observed by looking back, never skipped differently. `>` stands after commitment to a form.
// Attributes are node pointers. No two alternatives of a committed form start with the same rule,
// so parsing stays linear.
#include <boost/spirit/home/x3.hpp>

#include "syntax/annotations.hpp"
#include "syntax/explain.hpp"
#include "syntax/parse.hpp"
#include "syntax/parse_error.hpp"
#include "syntax/parse_state.hpp"

namespace lictor::syntax {
namespace {

namespace x3 = boost::spirit::x3;
using Iterator = const char*;

// ---- State ----

struct state_tag;

template <typename Context>
ParseState& state_of(const Context& context) {
  return x3::get<state_tag>(context).get();
}

// ---- Tokens ----

/// Base of parsers without attribute.
template <typename Derived>
struct Matcher : x3::parser<Derived> {
  using attribute_type = x3::unused_type;
  static constexpr bool has_attribute = false;

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, const RContext&,
             Attribute&) const {
    ParseState& state = state_of(context);
    Iterator at = first;
    if (!static_cast<const Derived&>(*this).match(at, last, state)) {
      state.note_failure(first);
      return false;
    }
    first = at;
    return true;
  }
};

/// Base of parsers that make a term.
template <typename Derived>
struct TermMatcher : x3::parser<Derived> {
  using attribute_type = Term*;
  static constexpr bool has_attribute = true;

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, const RContext&,
             Attribute& attribute) const {
    ParseState& state = state_of(context);
    Iterator at = first;
    Term* term = static_cast<const Derived&>(*this).make(at, last, state);
    if (term == nullptr) {
      state.note_failure(first);
      return false;
    }
    first = at;
    x3::traits::move_to(term, attribute);
    return true;
  }
};

struct Trivia : Matcher<Trivia> {
  bool match(Iterator& at, Iterator last, ParseState&) const {
    at = skip_trivia(at, last);
    return true;
  }
};

/// Punctuation. `raw` leaves the trivia, so that what touches it can be seen.
struct Symbol : Matcher<Symbol> {
  Symbol(const char* text, const char* unless_next = "", bool raw = false)
      : text(text), unless_next(unless_next), raw(raw) {}

  bool match(Iterator& at, Iterator last, ParseState&) const {
    if (static_cast<std::size_t>(last - at) < text.size()) return false;
    if (std::string_view(at, text.size()) != text) return false;
    at += text.size();
    if (at != last && unless_next.find(*at) != std::string_view::npos) return false;
    if (!raw) at = skip_trivia(at, last);
    return true;
  }
  std::string_view text;
  std::string_view unless_next;
  bool raw;
};

/// A keyword. With `unless_ref`, "not.x" and "not[x]" are refs that start with a name.
struct Word : Matcher<Word> {
  explicit Word(const char* text, unsigned bit = 0, bool unless_ref = false)
      : text(text), bit(bit), unless_ref(unless_ref) {}

  bool match(Iterator& at, Iterator last, ParseState& state) const {
    if (bit != 0 && (state.keywords & bit) == 0) return false;
    if (scan_identifier(at, last) != text) return false;
    at += text.size();
    if (unless_ref && at != last && (*at == '.' || *at == '[')) return false;
    at = skip_trivia(at, last);
    return true;
  }
  std::string_view text;
  unsigned bit;
  bool unless_ref;
};

/// What parts two statements: a semicolon, or a newline somewhere before.
struct Separator : Matcher<Separator> {
  bool match(Iterator& at, Iterator last, ParseState& state) const {
    if (at == last) return false;
    if (*at == ';') {
      at = skip_trivia(at + 1, last);
      return true;
    }
    return state.newline_before(at) && *at != '}' && *at != ']' && *at != ')';
  }
};

/// Which keywords are names too.
enum class Names { others, contains, all };

/// A name that is not a keyword, or one of those that are names here; trivia is left.
struct Name : TermMatcher<Name> {
  explicit Name(Names names) : names(names) {}

  Term* make(Iterator& at, Iterator last, ParseState& state) const {
    std::string_view name = scan_identifier(at, last);
    if (name.empty()) return nullptr;
    Iterator end = at + name.size();
    bool starts_ref = end != last && (*end == '.' || *end == '[');
    bool is_call = end != last && *end == '(' && is_builtin_keyword(name);
    bool allowed = names == Names::all || (names == Names::contains && name == "contains");
    bool keyword = !allowed && is_keyword(name, state.keywords);
    if (keyword && !starts_ref && !is_call) return nullptr;
    // Only expressions, rules and paths begin with one.
    if (keyword && !is_call) state.doubted = true;
    at = end;
    return state.make_var(name);
  }
  Names names;
};

/// Any identifier behind a dot, as a string.
struct FieldName : TermMatcher<FieldName> {
  Term* make(Iterator& at, Iterator last, ParseState& state) const {
    std::string_view name = scan_identifier(at, last);
    if (name.empty()) return nullptr;
    at += name.size();
    return state.ast->string(std::string(name), state.span(name));
  }
};

struct Scalar : TermMatcher<Scalar> {
  Term* make(Iterator& at, Iterator last, ParseState& state) const {
    return parse_scalar(at, last, state);
  }
};

const Trivia trivia;
const Separator separator;
const Name name(Names::others), variable(Names::contains), package_name(Names::all);
const FieldName field_name;
const Scalar scalar;

const Symbol comma(","), open_brace("{"), close_brace("}"), open_bracket("["), open_paren("(");
const Symbol semicolon(";"), minus("-"), colon(":", "="), bar("|"), assign(":="), unify("=", "=");
const Symbol touching_dot(".", "", true), touching_bracket("["), touching_paren("(");
const Symbol close_brace_raw("}", "", true), close_bracket_raw("]", "", true);
const Symbol close_paren_raw(")", "", true), close_paren(")");
const Symbol template_quote("$\"", "", true), template_backtick("$`", "", true);

const Word word_package("package"), word_import("import", 0, true), word_as("as"),
    word_with("with", 0, true);
const Word word_default("default", 0, true), word_else("else", 0, true), word_some("some", 0, true);
const Word word_not("not", 0, true), word_every("every", keyword_every, true);
const Word word_if("if", keyword_if, true), word_if_after_name("if", keyword_if),
    word_contains("contains", keyword_contains);
const Word word_in("in", keyword_in), word_and("and", keyword_and), word_or("or", keyword_or);

// ---- Rules ----

// Each rule is named as its expectation should be read.
const x3::rule<struct term_id, Term*> term = "term";
const x3::rule<struct group_id, Term*> group = "term";
const x3::rule<struct ref_id, Term*> ref = "ref";
const x3::rule<struct named_id, Term*> named = "ref";
const x3::rule<struct negative_id, Term*> negative = "ref";
const x3::rule<struct head_ref_id, Term*> head_ref = "ref";
const x3::rule<struct array_id, Term*> array = "array";
const x3::rule<struct braces_id, Term*> braces = "set or object";
const x3::rule<struct template_id, Term*> template_string = "template string";
const x3::rule<struct body_id, Body*> body = "body";
const x3::rule<struct query_id, Body*> query = "query";
const x3::rule<struct braced_body_id, Body*> braced_body = "body";
const x3::rule<struct literal_id, Expr*> literal = "expression";
const x3::rule<struct plain_literal_id, Expr*> plain_literal = "expression";
const x3::rule<struct bare_literal_id, Expr*> bare_literal = "expression";
const x3::rule<struct and_chain_id, Expr*> and_chain = "expression";
const x3::rule<struct or_chain_id, Expr*> or_chain = "expression";
const x3::rule<struct operand_id, Expr*> operand = "expression";
const x3::rule<struct some_id, Expr*> some_expr = "some declaration";
const x3::rule<struct every_id, Expr*> every_expr = "every expression";
const x3::rule<struct logical_group_id, Expr*> logical_group = "expression";
const x3::rule<struct not_id, Expr*> not_expr = "negated expression";
const x3::rule<struct plain_expr_id, Expr*> plain_expr = "expression";
const x3::rule<struct with_id, With> with_modifier = "with modifier";
const x3::rule<struct if_body_id, Body*> if_body = "rule body";
const x3::rule<struct else_id, Rule*> else_clause = "else clause";
const x3::rule<struct head_id, Rule*> rule_head = "rule head";
const x3::rule<struct rule_id, Rule*> rule = "rule";
const x3::rule<struct expression_rule_id, Rule*> expression_rule = "rule";
const x3::rule<struct package_id> package = "package";
const x3::rule<struct import_id> import = "import";
const x3::rule<struct module_id> module = "module";

// ---- Operators ----

/// Infix expressions by precedence climbing over the table in parse_state.cpp.
/// infix = relation [ "," relation ] { "in" relation }; the comma form only where `key_value`.
struct Infix : x3::parser<Infix> {
  using attribute_type = Term*;
  static constexpr bool has_attribute = true;

  explicit constexpr Infix(bool key_value, bool continues = false)
      : key_value(key_value), continues(continues) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, const RContext&,
             Attribute& attribute) const {
    ParseState& state = state_of(context);
    Nesting nesting(state, first);
    Iterator at = first;
    Term* out = continues ? std::exchange(state.pending, nullptr) : nullptr;
    if (out == nullptr && !parse_term_at(at, last, context, out)) return false;
    out = climb(at, last, context, out, lowest_precedence);
    out = membership(at, last, context, out);
    first = at;
    x3::traits::move_to(out, attribute);
    return true;
  }

 private:
  template <typename Context>
  static bool parse_term_at(Iterator& at, Iterator last, const Context& context, Term*& out) {
    return term.parse(at, last, context, x3::unused, out);
  }

  /// A chain of operators is a tree as deep as it is long.
  static void check_length(int length, Iterator at, const ParseState& state) {
    if (length < 1500) return;
    throw ParseFailure{parse_error_at(state.span_from(at), "expression is too long",
                                      "use fewer than 1500 operators in a row")};
  }

  /// Extends `left` by operators of at least `level`; an operator without operand is left alone.
  template <typename Context>
  static Term* climb(Iterator& at, Iterator last, const Context& context, Term* left, int level) {
    ParseState& state = state_of(context);
    for (int length = 0; const Operator* op = operator_at(at, last, state); ++length) {
      check_length(length, at, state);
      if (op->precedence < level) break;
      Iterator next = skip_trivia(at + op->text.size(), last);
      Term* right = nullptr;
      if (!parse_term_at(next, last, context, right)) break;
      right = climb(next, last, context, right, op->precedence + 1);
      at = next;
      left = state.make_infix(op->name, {left, right});
    }
    return left;
  }

  template <typename Context>
  Term* membership(Iterator& at, Iterator last, const Context& context, Term* left) const {
    ParseState& state = state_of(context);
    Term* value = nullptr;
    if (key_value && at != last && *at == ',') {
      Iterator next = skip_trivia(at + 1, last);
      if (parse_term_at(next, last, context, value)) {
        value = climb(next, last, context, value, lowest_precedence);
        state.check_operator_word(next);
        if (word_in.match(next, last, state)) {
          Term* domain = relation(next, last, context);
          if (domain != nullptr) {
            at = next;
            left = state.make_infix("internal.member_3", {left, value, domain});
          }
        }
      }
    }
    Iterator next = at;
    state.check_operator_word(next);
    for (int length = 0; word_in.match(next, last, state); ++length) {
      check_length(length, next, state);
      Term* domain = relation(next, last, context);
      if (domain == nullptr) break;
      at = next;
      left = state.make_infix("internal.member_2", {left, domain});
    }
    return left;
  }

  template <typename Context>
  static Term* relation(Iterator& at, Iterator last, const Context& context) {
    Term* out = nullptr;
    if (!parse_term_at(at, last, context, out)) return nullptr;
    return climb(at, last, context, out, lowest_precedence);
  }

  bool key_value;
  bool continues;
};

const Infix infix(true);              // "k, v in xs" is one expression
const Infix infix_item(false);        // in a list, the comma parts items
const Infix infix_rest(false, true);  // goes on from the term that `stash` kept

/// A rule that may hold itself; counts the nesting that infix does not see.
template <typename Rule, typename Value>
struct Nested : x3::parser<Nested<Rule, Value>> {
  using attribute_type = Value;
  static constexpr bool has_attribute = true;

  explicit constexpr Nested(const Rule& rule) : rule(rule) {}

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, const RContext&,
             Attribute& attribute) const {
    Nesting nesting(state_of(context), first);
    Value out = nullptr;
    if (!rule.parse(first, last, context, x3::unused, out)) return false;
    x3::traits::move_to(out, attribute);
    return true;
  }

  const Rule& rule;
};
const Nested<decltype(term), Term*> inner_term(term);
const Nested<decltype(body), Body*> inner_body(body);
const Nested<decltype(or_chain), Expr*> inner_or_chain(or_chain);

// ---- Actions ----

/// Makes a semantic action of f(value under construction, attribute, state).
template <typename F>
auto act(F f) {
  return [f](auto& context) { f(x3::_val(context), x3::_attr(context), state_of(context)); };
}

/// Makes a node at the rule's first character.
template <typename F>
auto start(F f) {
  return
      [f](auto& context) { x3::_val(context) = f(state_of(context), x3::_where(context).begin()); };
}

const auto set_value = act([](auto& value, auto& attribute, ParseState&) { value = attribute; });
const auto add_item =
    act([](Term*& value, Term* item, ParseState&) { value->items.push_back(item); });
const auto stash = act([](auto&, Term* item, ParseState& state) { state.pending = item; });
const auto add_access =
    act([](Term*& value, Term* item, ParseState& state) { state.access(value, item); });
const auto open_call = [](auto& context) { state_of(context).open_call(x3::_val(context)); };
const auto close_call = [](auto& context) { state_of(context).close_call(x3::_val(context)); };
const auto add_template =
    act([](Term*& value, Expr* part, ParseState& state) { state.add_template(value, part); });
const auto take_body = act([](Term*& value, Body* body, ParseState&) { value->body = body; });

auto become(TermKind kind) {
  return [kind](auto& context) { x3::_val(context)->kind = kind; };
}

auto new_term(TermKind kind) {
  return start([kind](ParseState& state, Iterator at) {
    return state.ast->term(kind, state.span_from(at));
  });
}

auto new_expr(ExprKind kind) {
  return start([kind](ParseState& state, Iterator at) {
    return state.ast->expr(kind, state.span_from(at));
  });
}

const auto end_term = [](auto& context) {
  state_of(context).end_span(x3::_val(context)->span, x3::_where(context).begin());
};

// ---- Terms ----

// arguments = [ infix { "," infix } [ "," ] ]
const auto items = infix_item[add_item] % comma >> -comma;
const auto more_items = -(comma >> -items);

// access = "." name | "[" infix "]" | "(" arguments ")"      with no blank before
const auto access_def = (touching_dot > field_name[add_access]) |
                        (touching_bracket > infix[add_access] > close_bracket_raw);
const auto call_def = touching_paren[open_call] > -items > close_paren_raw[close_call];

// ref = name { access }
const auto ref_def = name[set_value] >> *access_def >> x3::eps[end_term] >> trivia;
// head_ref = name { access }      blanks may stand behind the name
const auto head_ref_def = name[set_value] >>
                          -(trivia >> +access_def) >> x3::eps[end_term] >> trivia;

// group = "(" infix ")"
const auto close_group = [](auto& context) {
  state_of(context).close_group(x3::_val(context), x3::_where(context).begin());
};
const auto group_def = open_paren >> infix[set_value] > close_paren_raw[close_group];
const auto open_group = [](auto& context) { state_of(context).check_group(x3::_val(context)); };

// negative = "-" name { access | call }
const auto named_def = variable[set_value] >>
                       *((access_def | call_def) >> x3::eps[end_term]) >> x3::eps[end_term];
const auto negative_def = x3::eps[new_term(TermKind::call)] >> minus >>
                          named[act([](Term*& value, Term* operand, ParseState& state) {
                            state.negate(value, operand);
                          })] >>
                          x3::eps[end_term];

/// OPA goes on with an operator after a comprehension that it could not read, but not always.
const auto give_up_closure = [](auto& context) {
  ParseState& state = state_of(context);
  auto at = x3::_where(context).begin();
  state.doubted = state.doubted || (at != state.end && *at == '|');
  state.drop_kept(x3::_val(context));
};

// array = "[" "]" | "[" term "|" body "]" | "[" [ "," ] infix { "," infix } [ "," ] "]"
const auto array_def =
    x3::eps[new_term(TermKind::array)] >> open_bracket >
    (close_bracket_raw | (comma > items > close_bracket_raw) |
     (inner_term[stash] >>
      ((x3::eps[([](auto& context) { state_of(context).keep_pending(x3::_val(context)); })] >>
        bar >> body[take_body] >> close_bracket_raw[become(TermKind::array_comprehension)]) |
       (x3::eps[give_up_closure] > infix_rest[add_item] > more_items > close_bracket_raw))));

// braces = "{" "}" | "{" term "|" body "}" | "{" [ "," ] infix { "," infix } [ "," ] "}"
//        | "{" term ":" term "|" body "}"
//        | "{" [ "," ] infix ":" infix { "," infix ":" infix } [ "," ] "}"
const auto pair = infix_item[add_item] > colon > infix_item[add_item];
const auto more_pairs = -(comma >> -(pair % comma >> -comma));
const auto behind_comma = comma > infix_item[add_item] >
                          ((colon[become(TermKind::object)] > infix_item[add_item] > more_pairs >
                            close_brace_raw) |
                           (more_items > close_brace_raw));
const auto object_tail =
    colon[become(TermKind::object)] > inner_term[stash] >
    ((x3::eps[([](auto& context) { state_of(context).keep_pending(x3::_val(context)); })] >> bar >>
      body[take_body] >> close_brace_raw[become(TermKind::object_comprehension)]) |
     (x3::eps[give_up_closure] > infix_rest[add_item] > more_pairs > close_brace_raw));
const auto braces_def =
    x3::eps[new_term(TermKind::set)] >> open_brace >
    (close_brace_raw[become(TermKind::object)] | behind_comma |
     (inner_term[stash] >>
      ((x3::eps[([](auto& context) { state_of(context).keep_pending(x3::_val(context)); })] >>
        bar >> body[take_body] >> close_brace_raw[become(TermKind::set_comprehension)]) |
       (x3::eps[give_up_closure] > infix_rest[add_item] >
        (object_tail | (more_items > close_brace_raw))))));

/// The text between the expressions of a template string.
struct TemplateText : TermMatcher<TemplateText> {
  explicit constexpr TemplateText(char quote) : quote(quote) {}
  Term* make(Iterator& at, Iterator last, ParseState& state) const {
    return parse_template_text(at, last, quote, state);
  }
  char quote;
};

// template = "$" quote { text | "{" plain literal "}" } quote
const auto template_parts = [](char quote) {
  return *(TemplateText(quote)[add_item] |
           (open_brace > plain_literal[add_template] > close_brace_raw));
};
const Symbol end_quote("\"", "", true), end_backtick("`", "", true);
const auto refuse_in_v0 = [](auto& context) {
  ParseState& state = state_of(context);
  state.doubted = state.doubted || state.options.dialect == Dialect::v0;
};
const auto template_string_def = x3::eps[new_term(TermKind::template_string)] >>
                                 ((template_quote > template_parts('"') > end_quote) |
                                  (template_backtick > template_parts('`') > end_backtick)) >>
                                 x3::eps[refuse_in_v0];

// term = ( group | scalar | template | array | braces | name ) { access | call } | negative
const auto term_def =
    (group[set_value] >>
     -(&(touching_dot | touching_bracket | touching_paren) >> x3::eps[open_group]) >>
     *((access_def | call_def) >> x3::eps[end_term]) >> trivia) |
    ((scalar[set_value] | template_string[set_value] | array[set_value] | braces[set_value] |
      variable[set_value]) >>
     *((access_def | call_def) >> x3::eps[end_term]) >> x3::eps[end_term] >> trivia) |
    (negative[set_value] >> trivia);

// ---- Bodies ----

const auto add_expr =
    act([](Body*& value, Expr* expr, ParseState&) { value->exprs.push_back(expr); });
const auto add_body =
    act([](Expr*& value, Body* body, ParseState&) { value->bodies.push_back(body); });
const auto end_expr = [](auto& context) {
  state_of(context).end_span(x3::_val(context)->span, x3::_where(context).begin());
};

// body = literal { ( ";" | newline ) literal }
const auto body_def = x3::eps[start([](ParseState& state, Iterator at) {
                        return state.ast->body(state.span_from(at));
                      })] >>
                      literal[add_expr] % separator;
// query = literal { [ ";" ] literal }
const auto query_def = x3::eps[start([](ParseState& state, Iterator at) {
                         return state.ast->body(state.span_from(at));
                       })] >>
                       literal[add_expr] >> *(-semicolon >> literal[add_expr]);
const auto braced_body_def = open_brace > inner_body[set_value] > close_brace;

// some = "some" ( infix that is a membership | name { "," name } )
const auto some_expr_def =
    x3::eps[new_expr(ExprKind::some_decl)] >> word_some >
    infix[act([](Expr*& value, Term* term, ParseState& state) { state.set_some(value, term); })] >
    *(comma > name[act([](Expr*& value, Term* var, ParseState&) { value->vars.push_back(var); })] >
      trivia) > x3::eps[([](auto& context) {
      x3::_pass(context) = state_of(context).check_some(x3::_val(context));
    })];

// every = "every" infix-membership "{" body "}"
const auto every_expr_def =
    x3::eps[new_expr(ExprKind::every)] >> word_every >
    infix[act([](Expr*& value, Term* term, ParseState& state) { state.set_some(value, term); })] >
    x3::eps[([](auto& context) {
      x3::_pass(context) = state_of(context).check_every(x3::_val(context));
    })] > braced_body[add_body];

// plain = infix [ ( ":=" | "=" ) infix ]
const auto plain_expr_def =
    x3::eps[new_expr(ExprKind::term)] >>
    infix[act([](Expr*& value, Term* term, ParseState&) { value->term = term; })] >>
    -((assign > infix[act([](Expr*& value, Term* right, ParseState& state) {
         value->term = state.make_infix("assign", {value->term, right});
       })]) |
      (unify > infix[act([](Expr*& value, Term* right, ParseState& state) {
         value->term = state.make_infix("eq", {value->term, right});
       })]));

/// Parentheses that group, rather than enclose a term.
const auto is_group = [](auto& context) {
  const Expr& expr = *x3::_val(context);
  bool chain = expr.kind == ExprKind::logical_and || expr.kind == ExprKind::logical_or;
  bool negated = expr.negated || expr.kind == ExprKind::not_body;
  x3::_pass(context) = !is_bare_group(expr) && (chain || negated || !expr.with.empty());
};
struct LogicalKeywords : Matcher<LogicalKeywords> {
  bool match(Iterator&, Iterator, ParseState& state) const {
    return (state.keywords & (keyword_and | keyword_or)) != 0;
  }
};
const LogicalKeywords logical_keywords;

// with = "with" term "as" infix
const auto with_modifier_def =
    x3::eps[([](auto& context) {
      x3::_val(context).span = state_of(context).span_from(x3::_where(context).begin());
    })] >>
    word_with > term[act([](With& value, Term* target, ParseState& state) {
      value.target = target;
      state.check_with_target(*target);
    })] > word_as > infix[act([](With& value, Term* term, ParseState&) { value.value = term; })] >
    x3::eps[([](auto& context) {
      state_of(context).end_span(x3::_val(context).span, x3::_where(context).begin());
    })];
const auto add_with = act([](Expr*& value, const With& with, ParseState& state) {
  value->with.push_back(with);
  state.doubted = state.doubted || value->kind == ExprKind::some_decl;
});

/// Succeeds where `future.keywords.not` makes what follows more than a term.
struct NotBefore : Matcher<NotBefore> {
  explicit NotBefore(char opening) : opening(opening) {}
  bool match(Iterator& at, Iterator last, ParseState& state) const {
    bool found = (state.keywords & keyword_not) != 0 && at != last && *at == opening;
    state.doubted = state.doubted || found;
    return found;
  }
  char opening;
};
const NotBefore not_before_body('{'), not_before_group('(');

// logical-group = "(" or { with } ")"      unless it is a term in parentheses
const auto logical_group_def = open_paren >> inner_or_chain[set_value] >>
                               *with_modifier[add_with] >> x3::eps[is_group] >> close_paren;

// not = "not" ( plain | ( "{" body "}" | logical-group ) with `future.keywords.not` )
const auto negated = [](auto& context) {
  x3::_val(context) = state_of(context).negate(x3::_val(context), x3::_attr(context));
};
const auto not_expr_def =
    x3::eps[new_expr(ExprKind::term)] >> word_not >
    ((not_before_body >> braced_body[add_body] >>
      x3::eps[([](auto& context) { x3::_val(context)->kind = ExprKind::not_body; })]) |
     (not_before_group >> logical_group[negated]) | plain_expr[negated]);

const auto bare_literal_def =
    (some_expr[set_value] | every_expr[set_value] | not_expr[set_value] | plain_expr[set_value]) >>
    x3::eps[end_expr];
const auto plain_literal_def = bare_literal[set_value] >> *with_modifier[add_with];

// With `future.keywords.and` and `.or`:
// or = and { "or" and };  and = operand { "and" operand };
// operand = "{" body "}" | logical-group | literal without modifiers
const auto into_body =
    act([](Expr*& value, Expr* expr, ParseState& state) { state.fold(value, expr); });
const auto operand_def = x3::eps[([](auto& context) {
                           state_of(context).check_operand(x3::_where(context).begin());
                         })] >>
                         ((x3::eps[new_expr(ExprKind::logical_and)] >> open_brace >>
                           inner_body[add_body] >> close_brace) |
                          logical_group[set_value] | bare_literal[set_value]);
const auto and_chain_def = operand[set_value] >>
                           *(word_and[([](auto& context) {
                               state_of(context).chain(x3::_val(context), ExprKind::logical_and);
                             })] > operand[into_body]);
const auto or_chain_def = and_chain[set_value] >>
                          *(word_or[([](auto& context) {
                              state_of(context).chain(x3::_val(context), ExprKind::logical_or);
                            })] > and_chain[into_body]);
/// A group of braces alone is a set, not an operand.
const auto is_operand = [](auto& context) {
  x3::_pass(context) = !is_bare_group(*x3::_val(context));
};
const auto literal_def =
    (logical_keywords >> or_chain[set_value] >> x3::eps[is_operand] >> *with_modifier[add_with]) |
    plain_literal[set_value];

// ---- Rules of a module ----

/// A literal that begins with a brace, if there is one that is more than a set; what it leaves is a
/// body. No error is final here.
struct BracedLiteral : x3::parser<BracedLiteral> {
  using attribute_type = Expr*;
  static constexpr bool has_attribute = true;

  template <typename Context, typename RContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, const RContext&,
             Attribute& attribute) const {
    if (first == last || *first != '{' || is_only_body(first, last)) return false;
    ParseState& state = state_of(context);
    ParseState::Mark mark = state.mark();
    try {
      Iterator at = first;
      Expr* out = nullptr;
      bool found = literal.parse(at, last, context, x3::unused, out);
      if (found && !(out->kind == ExprKind::term && out->term->kind == TermKind::set)) {
        first = at;
        x3::traits::move_to(out, attribute);
        return true;
      }
    } catch (const x3::expectation_failure<Iterator>&) {
    } catch (const ParseFailure&) {
    }
    state.go_back(mark);
    return false;
  }
};
const BracedLiteral braced_literal;
const auto only_expr = act([](Body*& value, Expr* expr, ParseState& state) {
  value = state.ast->body(expr->span);
  value->exprs.push_back(expr);
});

const x3::rule<struct else_literal_id, Body*> else_literal = "rule body";
const auto else_literal_def = literal[only_expr];

// if-body = literal | "{" body "}"      braces are a body where they could be a set
const auto if_body_def = braced_literal[only_expr] | braced_body[set_value] | literal[only_expr];

const auto set_rule_value = act([](Rule*& value, Term* term, ParseState&) { value->value = term; });
const auto set_rule_body = act([](Rule*& value, Body* body, ParseState&) { value->body = body; });
const auto set_literal_body = act([](Rule*& value, Body* body, ParseState&) {
  value->body = body;
  value->literal_body = true;
});
const auto set_assigned = [](auto& context) { x3::_val(context)->assigned = true; };
const auto set_if = [](auto& context) { x3::_val(context)->has_if = true; };
const auto new_rule =
    start([](ParseState& state, Iterator at) { return state.ast->rule(state.span_from(at)); });

// Notes where a statement or a further body begins.
const auto mark = x3::eps[([](auto& context) {
  state_of(context).statement = state_of(context).span_from(x3::_where(context).begin());
})];

const auto rule_value =
    (assign[set_assigned] > infix[set_rule_value]) | (unify > infix[set_rule_value]);
/// After a term, `if[` and `if.` begin a ref; after a name or its arguments they do not.
const auto after_name = x3::eps[([](auto& context) {
  const Rule& rule = *x3::_val(context);
  x3::_pass(context) = rule.value == nullptr && !rule.has_contains;
})];
const auto body_if = word_if | (after_name >> word_if_after_name);
const auto rule_body = (body_if[set_if] > if_body[set_rule_body]) | braced_body[set_rule_body];
const auto else_body =
    (body_if[set_if] > (braced_body[set_rule_body] | else_literal[set_literal_body])) |
    braced_body[set_rule_body];

// head = head_ref [ "(" arguments ")" ] [ "contains" infix | ( ":=" | "=" ) infix ]
const auto rule_head_def =
    x3::eps[new_rule] >>
    -word_default[([](auto& context) { x3::_val(context)->is_default = true; })] >>
    (head_ref[act([](Rule*& value, Term* ref, ParseState& state) {
       state.set_head_ref(value, ref);
     })] >>
     -(open_paren[([](auto& context) { x3::_val(context)->is_function = true; })] >
       -(infix_item[act([](Rule*& value, Term* arg, ParseState&) { value->args.push_back(arg); })] %
             comma >>
         -comma) > close_paren)) >>
    -((word_contains[([](auto& context) { x3::_val(context)->has_contains = true; })] >
       infix[act([](Rule*& value, Term* key, ParseState&) { value->key = key; })]) |
      rule_value);

// else = "else" [ ( ":=" | "=" ) infix ] [ body ] [ else ]      where braces are a body
const auto else_clause_def =
    x3::eps[new_rule] >> word_else >> -rule_value >> -else_body >> x3::eps[([](auto& context) {
      const Rule& clause = *x3::_val(context);
      if (clause.value == nullptr && clause.body == nullptr) state_of(context).doubted = true;
    })] >>
    -else_clause[act([](Rule*& value, Rule* next, ParseState& state) {
      value->else_rule = next;
      if (value->body == nullptr) state.doubted = true;
    })] >>
    x3::eps[([](auto& context) {
      state_of(context).end_else(x3::_val(context), x3::_where(context).begin());
    })];

const auto end_rule = x3::eps[([](auto& context) {
  state_of(context).end_span(x3::_val(context)->span, x3::_where(context).begin());
})];

const auto finish_rule = [](auto& context) { state_of(context).finish_rule(x3::_val(context)); };

// rule = head [ body { "{" body "}" | else } ]
const auto rule_def =
    rule_head[set_value] >>
    -(rule_body >> end_rule >>
      (else_clause[act([](Rule*& value, Rule* next, ParseState&) { value->else_rule = next; })] |
       *(mark >> braced_body[act([](Rule*& value, Body* body, ParseState& state) {
           state.chain_body(value, body);
         })] >>
         x3::eps[([](auto& context) {
           state_of(context).end_span(state_of(context).chained.back().second->span,
                                      x3::_where(context).begin());
         })]))) >>
    x3::eps[([](auto& context) {
      x3::_pass(context) =
          state_of(context).is_head(*x3::_val(context), x3::_where(context).begin());
    })] >>
    x3::eps[finish_rule];

// expression-rule = plain      an equality, or a head in parentheses
const auto expression_rule_def = x3::eps[new_rule] >>
                                 plain_expr[act([](Rule*& value, Expr* expr, ParseState& state) {
                                   state.set_head(value, expr);
                                 })] >>
                                 end_rule >> x3::eps[finish_rule];

const auto state_call = [](auto method) {
  return [method](auto& context) { (state_of(context).*method)(x3::_attr(context)); };
};

// package = "package" ref, whose first name may be a keyword
const x3::rule<struct package_path_id, Term*> package_path = "ref";
const auto package_path_def = package_name[set_value] >> *access_def >> x3::eps[end_term] >> trivia;
const auto package_def = mark >> word_package > package_path[state_call(&ParseState::set_package)];

// import = "import" ref [ "as" name ]
const auto import_def = mark >> word_import > ref[state_call(&ParseState::add_import)] >
                        -(word_as > name[state_call(&ParseState::set_alias)] > trivia) >
                        x3::eps[([](auto& context) { state_of(context).finish_import(); })];

const auto add_rule = [](auto& context) { state_of(context).add_rule(x3::_attr(context)); };

// module = package { import | rule | expression-rule }
const auto module_def = trivia > package >
                        *(import | rule[add_rule] | expression_rule[add_rule]) > x3::eoi;

BOOST_SPIRIT_DEFINE(term, group, ref, named, negative, head_ref, array, braces, template_string,
                    body, query, braced_body, literal, plain_literal, bare_literal, and_chain,
                    or_chain, operand, logical_group, some_expr, every_expr, not_expr, plain_expr,
                    with_modifier, if_body, else_literal, else_clause, rule_head, rule,
                    expression_rule, package_path, package, import, module)

// ---- Entry ----

/// Runs one rule over the whole source; X3's exceptions end here.
template <typename Parser, typename Attribute>
bool run(ParseState& state, const Parser& parser, Attribute& attribute) {
  Iterator first = state.start;
  try {
    auto whole = x3::with<state_tag>(std::ref(state))[trivia >> parser >> x3::eoi];
    if (x3::parse(first, state.end, whole, attribute)) return state.errors.empty();
    state.report_unexpected(state.furthest);
  } catch (const x3::expectation_failure<Iterator>& failure) {
    state.report_unexpected(std::max(failure.where(), state.furthest));
  } catch (const ParseFailure& failure) {
    state.errors.push_back(failure.error);
  }
  return false;
}

/// The errors of a text that the grammar refused, or doubts though it was `read`.
Errors explained(ParseState& state, bool read, std::optional<Errors> explanation) {
  if (explanation && (read || !explanation->empty())) return *std::move(explanation);
  if (state.errors.empty()) state.report_unexpected(state.furthest);
  return state.errors;
}

}  // namespace

Result<Module*> parse_module(const Source& source, const ParseOptions& options, Ast& ast,
                             std::deque<Module>& modules) {
  Module& out = modules.emplace_back();
  ParseState state(source, options, ast, &out);
  x3::unused_type none;
  bool read = state.check_text() && run(state, module, none);
  if (read) state.finish_module();
  if (!read || state.doubted) {
    Errors errors = explained(state, read, explain_module(source, options));
    if (!errors.empty()) return errors;
  }
  if (options.annotations) {
    if (Errors errors = read_annotations(out); !errors.empty()) return errors;
  }
  return &out;
}

Result<Body*> parse_query(const Source& source, const ParseOptions& options, Ast& ast) {
  ParseState state(source, options, ast, nullptr);
  Body* out = nullptr;
  bool read = state.check_text() && run(state, query, out);
  if (read && !state.doubted) return out;
  Errors errors = explained(state, read, explain_query(source, options));
  if (!errors.empty()) return errors;
  return out;
}

Result<Term*> parse_term(const Source& source, const ParseOptions& options, Ast& ast) {
  ParseState state(source, options, ast, nullptr);
  Term* out = nullptr;
  if (!state.check_text() || !run(state, infix, out)) return state.errors;
  return out;
}

}  // namespace lictor::syntax
