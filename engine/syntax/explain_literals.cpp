// Bodies and expressions, with the operands of `and`, `or` and `not`.
#include <algorithm>
#include <array>

#include "syntax/explain_parser.hpp"

namespace lictor::syntax::explain {

// ---- Bodies ----

MaybeBody Parser::body(Tok end) {
  Depth depth(*this);
  return query(false, end);
}

MaybeBody Parser::query(bool one, Tok end) {
  if (is(end)) {
    fail(state_.place, "found empty body");
    return std::nullopt;
  }
  Expressions out;
  while (true) {
    ExpressionPtr expr = literal();
    if (!expr) return std::nullopt;
    out.push_back(expr);
    if (is(Tok::semicolon)) {
      scan();
      continue;
    }
    if (is(end) || one) return out;
    if (state_.skipped_newline) continue;
    if (state_.errors.empty()) {
      hint_infix_keyword();
      illegal(std::string("expected \\n or ; or ") + token_name(end));
    }
    return std::nullopt;
  }
}

// ---- Expressions ----

ExpressionPtr Parser::literal() {
  Depth depth(*this);
  Location place = state_.place;
  ExpressionPtr out = literal_form();
  if (!out) return out;
  out->place = until_here(place);
  if (out->form == Expression::Form::not_body && !out->explicit_body) {
    for (const ExpressionPtr& inner : out->body) inner->place = out->place;
  }
  return out;
}

bool Parser::logical_keywords() const {
  return (state_.scanner.keywords() & (keyword_and | keyword_or)) != 0;
}

bool Parser::negated() {
  if (!is(Tok::not_)) return false;
  Tok next = peek(false);
  return next != Tok::dot && next != Tok::left_bracket;
}

ExpressionPtr Parser::literal_form() {
  if (is(Tok::left_brace) && logical_keywords()) {
    bool committed = false;
    ExpressionPtr out = braced_operand(committed);
    if (committed) return out;
  }
  if (is(Tok::left_paren) && logical_keywords()) {
    Group group = logical_group(false, "");
    if (group.committed) return group.body ? fold_tail(std::move(group)) : nullptr;
  }
  if (keyword_begins_ref()) return literal_expr(false, nullptr);
  Location not_place = state_.place;
  bool is_negated = negated();
  if (is_negated) scan();
  if (is_negated && not_bodies_ && is(Tok::left_brace)) {
    ExpressionPtr out = not_body(not_place);
    return out ? fold_tail({Expressions{out}, false, *out->place}) : nullptr;
  }
  if (is(Tok::some) || is(Tok::every)) {
    if (!is_negated) return is(Tok::some) ? some() : every();
    illegal(std::string("illegal negation of '") + token_name(state_.token) + "'");
    return nullptr;
  }
  return literal_expr(is_negated, is_negated ? &not_place : nullptr);
}

/// `{ body }` before `and` or `or`. Not committed: the braces are something else.
ExpressionPtr Parser::braced_operand(bool& committed) {
  State start = state_;
  Location place = state_.place;
  std::vector<CachedTerm> cache = terms_from(place.offset);
  scan();
  if (MaybeBody inner = body(Tok::right_brace)) {
    scan();
    if (at_logical_operator()) {
      committed = true;
      if (is_union(*inner)) {
        refuse_union(place, place.offset, *inner, "");
        return nullptr;
      }
      return with_modifiers(or_chain({inner, true, place}));
    }
  }
  state_ = start;
  forget_terms_from(place.offset);
  cache_.insert(cache_.end(), cache.begin(), cache.end());
  return nullptr;
}

ExpressionPtr Parser::with_modifiers(ExpressionPtr expr) {
  if (!expr || !is(Tok::with)) return expr;
  expr->with = true;
  return withs() ? expr : nullptr;
}

ExpressionPtr Parser::literal_expr(bool is_negated, const Location* not_place) {
  State start = state_;
  if (is_negated && not_bodies_ && is(Tok::left_paren)) {
    Group group = logical_group(true, "not ");
    if (group.committed) {
      if (!group.body) return nullptr;
      Location place = until_here(*not_place);
      ExpressionPtr out = negation(*group.body, group.explicit_body, place);
      return fold_tail({Expressions{out}, false, place});
    }
  }
  ExpressionPtr out = expr();
  if (!out) return out;
  std::optional<Location> with_place;
  if (is(Tok::with)) {
    with_place = state_.place;
    out->with = true;
    if (!withs()) return nullptr;
  }
  hint_every(out, start);
  if (is_negated && not_bodies_) {
    ExpressionPtr inner = out;
    out = negation({inner}, false, until_here(*not_place));
    out->with = std::exchange(inner->with, false);
  } else {
    out->negated = is_negated;
  }
  if (!at_logical_operator()) return out;
  return chain_after(out, start, is_negated, with_place ? &*with_place : nullptr);
}

ExpressionPtr Parser::chain_after(const ExpressionPtr& expr, const State& start, bool is_negated,
                                  const Location* with_place) {
  const char* op = token_name(state_.token);
  if (with_place) {
    refuse_with(*with_place, op);
    return nullptr;
  }
  if (!expr->place) expr->place = until_here(start.place);
  const Location& place = *expr->place;
  std::string text = text_of(place);
  if (!is_negated && text.starts_with('{')) {
    bool is_empty = expr->form == Expression::Form::term && expr->term->kind == TermKind::object &&
                    expr->term->items.empty();
    if (is_empty)
      fail(place, "found empty body");
    else
      refuse_braces(place, text, op);
    return nullptr;
  }
  return with_modifiers(or_chain({Expressions{expr}, false, place}));
}

ExpressionPtr Parser::expr() {
  NodePtr left = infix();
  if (!left) return nullptr;
  ExpressionPtr out = std::make_shared<Expression>();
  if (NodePtr op = operator_at({Tok::assign, Tok::unify})) {
    NodePtr right = infix();
    if (!right) return nullptr;
    out->form = Expression::Form::call;
    out->terms = {op, left, right};
  } else if (left->kind == TermKind::call) {
    out->form = Expression::Form::call;
    out->terms = left->items;
  } else {
    out->term = left;
  }
  return out;
}

bool Parser::withs() {
  do {
    scan();
    if (!is(Tok::ident)) {
      illegal("expected ident");
      return false;
    }
    NodePtr target = term();
    if (!target) return false;
    if (target->kind != TermKind::ref && target->kind != TermKind::var)
      illegal("expected with target path");
    if (!is(Tok::as)) {
      illegal("expected as keyword");
      return false;
    }
    scan();
    if (!infix()) return false;
  } while (is(Tok::with));
  return true;
}

// ---- Declarations ----

namespace {

std::string dotted_name(const Node& ref) {
  std::string out;
  for (const NodePtr& item : ref.items) out += (out.empty() ? "" : ".") + item->text;
  return out;
}

/// 2 for `x in xs`, 3 for `k, v in xs`, 0 for everything else.
std::size_t membership_kind(const Node& term) {
  if (term.kind != TermKind::call) return 0;
  std::string name = dotted_name(*term.items[0]);
  return name == "internal.member_2" ? 2 : name == "internal.member_3" ? 3 : 0;
}

}  // namespace

bool Parser::reads_membership() {
  NodePtr term = infix();
  return term && membership_kind(*term) != 0;
}

bool Parser::is_future_keyword(unsigned keyword) const {
  return options_.dialect == Dialect::v0 && (keyword & v1_keywords) != 0;
}

ExpressionPtr Parser::some() {
  ExpressionPtr out = std::make_shared<Expression>();
  out->form = Expression::Form::some;
  State start = state_;
  scan();
  if (NodePtr domain = infix(); domain && domain->kind == TermKind::call) {
    std::size_t kind = membership_kind(*domain);
    if (kind == 0 || domain->items.size() != kind + 1) {
      illegal(kind == 0 ? "expected `x in xs` or `x, y in xs` expression" : "illegal domain");
      return nullptr;
    }
    return with_modifiers(out);
  }
  state_ = start;
  if (is_future_keyword(keyword_in)) {
    scan();
    bool member = with_all_keywords([this] { return reads_membership(); });
    state_ = start;
    if (member) hint("`import future.keywords.in` for `some x in xs` expressions");
  }
  do {
    scan();
    if (!is(Tok::ident)) {
      illegal("expected var");
      return nullptr;
    }
    variable();
    scan();
  } while (is(Tok::comma));
  return out;
}

ExpressionPtr Parser::every() {
  ExpressionPtr out = std::make_shared<Expression>();
  out->form = Expression::Form::every;
  scan();
  NodePtr domain = infix();
  if (!domain) return nullptr;
  auto refuse = [&](const char* note) {
    illegal(note);
    return nullptr;
  };
  std::size_t kind = membership_kind(*domain);
  if (kind == 0) return refuse("expected `x[, y] in xs { ... }` expression");
  if (domain->items.size() != kind + 1) return refuse("illegal domain");
  if (kind == 3 && domain->items[1]->kind != TermKind::var)
    return refuse("expected key to be a variable");
  if (domain->items[kind - 1]->kind != TermKind::var)
    return refuse("expected value to be a variable");
  if (!is(Tok::left_brace)) return refuse("missing body");
  scan();
  if (!body(Tok::right_brace)) return nullptr;
  scan();
  return with_modifiers(out);
}

// ---- Hints ----

void Parser::hint_infix_keyword() {
  if (!state_.hints.empty()) return;
  std::string keyword = "in";
  if (is(Tok::ident)) {
    keyword = state_.lit;
    if (keyword != "in" && keyword != "and" && keyword != "or") return;
  } else if (is(Tok::comma)) {
    State here = state_;
    scan();
    bool member = with_all_keywords([this] { return reads_membership(); });
    state_ = here;
    if (!member) return;
  } else {
    return;
  }
  std::string example = keyword == "in" ? "x in xs" : "x " + keyword + " y";
  hint("`import future.keywords." + keyword + "` for `" + example + "` expressions");
}

void Parser::hint_every(const ExpressionPtr& expr, const State& start) {
  bool is_name = is_future_keyword(keyword_every) && expr->form == Expression::Form::term &&
                 expr->term->kind == TermKind::var && expr->term->text == "every";
  if (!is_name) return;
  State here = state_;
  state_ = start;
  bool reads = with_all_keywords([this] { return every() != nullptr; });
  state_ = here;
  if (reads) hint("`import future.keywords.every` for `every x in xs { ... }` expressions");
}

// ---- and, or, not ----

ExpressionPtr Parser::negation(Expressions inner, bool explicit_body, const Location& place) const {
  ExpressionPtr out = std::make_shared<Expression>();
  out->form = Expression::Form::not_body;
  out->explicit_body = explicit_body;
  out->body = std::move(inner);
  out->place = place;
  return out;
}

ExpressionPtr Parser::not_body(const Location& not_place) {
  Location place = state_.place;
  State start = state_;
  scan();
  bool is_empty = is(Tok::right_brace);
  MaybeBody inner = body(Tok::right_brace);
  if (!inner) {
    if (is_empty) return nullptr;
    State failed = state_;
    state_ = start;
    if (NodePtr value = infix()) {
      refuse_value_in_braces(place, *value, text_of(place.offset, state_.last_end));
      return nullptr;
    }
    state_ = failed;
    return nullptr;
  }
  scan();
  if (is_union(*inner)) {
    refuse_union(place, place.offset, *inner, "not ");
    return nullptr;
  }
  return negation(*inner, true, until_here(not_place));
}

ExpressionPtr Parser::fold_tail(Operand left) {
  if (at_logical_operator()) return with_modifiers(or_chain(std::move(left)));
  return with_modifiers((*left.body)[0]);
}

ExpressionPtr Parser::logical(const Operand& left) const {
  ExpressionPtr out = std::make_shared<Expression>();
  out->form = Expression::Form::logical;
  out->place = until_here(left.place);
  return out;
}

Parser::Operand Parser::joined(const Operand& left, const Operand& right, const char* op) {
  check_effects(*left.body, *right.body, op);
  ExpressionPtr both = logical(left);
  both->body = *left.body;
  both->body.insert(both->body.end(), right.body->begin(), right.body->end());
  return {Expressions{both}, false, *both->place};
}

ExpressionPtr Parser::or_chain(Operand left) {
  Depth depth(*this);
  if (is(Tok::logical_and)) {
    ExpressionPtr chain = and_chain(std::move(left));
    if (!chain) return nullptr;
    left = {Expressions{chain}, false, *chain->place};
  }
  while (is(Tok::logical_or)) {
    scan();
    Operand right = operand("or");
    if (!right.body) return nullptr;
    if (is(Tok::logical_and)) {
      ExpressionPtr chain = and_chain(std::move(right));
      if (!chain) return nullptr;
      right = {Expressions{chain}, false, *chain->place};
    }
    left = joined(left, right, "or");
  }
  return (*left.body)[0];
}

ExpressionPtr Parser::and_chain(Operand left) {
  Depth depth(*this);
  while (is(Tok::logical_and)) {
    scan();
    Operand right = operand("and");
    if (!right.body) return nullptr;
    left = joined(left, right, "and");
  }
  return (*left.body)[0];
}

/// `op` is the operator that the operand belongs to; null where a group is tried.
Parser::Operand Parser::operand(const char* op) {
  if (is(Tok::left_brace)) return operand_in_braces(op);
  Location not_place = state_.place;
  bool is_negated = negated();
  if (is_negated) scan();
  if (is_negated && not_bodies_ && is(Tok::left_brace)) {
    ExpressionPtr out = not_body(not_place);
    if (!out) return {};
    return {Expressions{out}, false, *out->place};
  }
  if (is(Tok::left_paren) && logical_keywords() && (!is_negated || not_bodies_)) {
    Group group = logical_group(true, is_negated ? "not " : "");
    if (group.committed && (!group.body || !is_negated)) return group;
    if (group.committed) {
      Location place = until_here(not_place);
      return {Expressions{negation(*group.body, group.explicit_body, place)}, false, place};
    }
  }
  Location place = state_.place;
  ExpressionPtr out = expr();
  if (!out) return {};
  if (!out->place) out->place = until_here(place);
  if (is_negated && not_bodies_)
    out = negation({out}, false, until_here(not_place));
  else if (is_negated)
    out->negated = true;
  return {Expressions{out}, false, *out->place};
}

Parser::Operand Parser::operand_in_braces(const char* op) {
  Location place = state_.place;
  State start = state_;
  scan();
  bool is_empty = is(Tok::right_brace);
  MaybeBody inner = body(Tok::right_brace);
  if (!inner) {
    if (is_empty || op == nullptr) return {};
    State failed = state_;
    state_ = start;
    if (infix()) {
      refuse_braces(place, text_of(place.offset, state_.last_end), op);
      return {};
    }
    state_ = failed;
    return {};
  }
  scan();
  if (is_union(*inner)) refuse_union(place, place.offset, *inner, "");
  return {inner, true, place};
}

Parser::Group Parser::end_of_group(const Location& open, Operand operand) {
  if (!is(Tok::right_paren)) {
    fail(state_.place, "expected ) to close parenthesized group");
    return {{}, true};
  }
  scan();
  return {{std::move(operand.body), false, until_here(open)}, true};
}

/// Parentheses around operands of `and`, `or` or `not`. Not committed: they are around a term.
Parser::Group Parser::logical_group(bool is_operand, const char* prefix) {
  Depth depth(*this);
  State start = state_;
  Location open = state_.place;
  scan();
  if (is(Tok::right_paren)) {
    if (is_operand) {
      fail(open, "empty parenthesized group");
      return {{}, true};
    }
    state_ = start;
    return {};
  }
  Operand left = operand(nullptr);
  if (!left.body) {
    state_ = start;
    return {};
  }
  if (at_logical_operator()) {
    ExpressionPtr chain = with_modifiers(or_chain(std::move(left)));
    if (!chain) return {{}, true};
    return end_of_group(open, {Expressions{chain}, false, {}});
  }
  bool single = left.body->size() == 1;
  if (is(Tok::with) && !left.explicit_body && single)
    return group_with_modifier(start, open, is_operand, std::move(left));
  if (left.explicit_body) return group_of_braces(start, open, prefix, left);
  const Expression& only = *(*left.body)[0];
  bool is_group = single && (only.form == Expression::Form::logical || only.negated ||
                             only.form == Expression::Form::not_body);
  if (is_group) return end_of_group(open, std::move(left));
  state_ = start;
  return {};
}

/// `(a with x)`
Parser::Group Parser::group_with_modifier(const State& start, const Location& open, bool is_operand,
                                          Operand operand) {
  Location with_place = state_.place;
  if (!with_modifiers((*operand.body)[0])) return {{}, true};
  if (at_logical_operator()) {
    refuse_with(with_place, token_name(state_.token));
    return {{}, true};
  }
  Group out = end_of_group(open, std::move(operand));
  if (!out.body || is_operand || at_logical_operator()) return out;
  state_ = start;
  return {};
}

/// `({ body })`
Parser::Group Parser::group_of_braces(const State& start, const Location& open, const char* prefix,
                                      const Operand& operand) {
  std::string braces = text_of(operand.place.offset, state_.last_end);
  state_ = start;
  scan();
  NodePtr value = term();
  state_ = start;
  if (value) return {};
  hint(std::string("drop the parens to keep the body: `") + prefix + braces + "`");
  fail(open, "`(...)` in an operand position cannot contain a body");
  return {{}, true};
}

// ---- What operands may not be ----

void Parser::refuse_with(const Location& place, const char* op) {
  hint(std::string("Wrap the operand in `(...)` or `{...}` to scope, or move `with` after the `") +
       op + "` expression to apply it to the whole expression");
  fail(place, std::string("`with` modifier is not allowed on operand of `") + op + "`");
}

void Parser::refuse_braces(const Location& place, const std::string& operand, const char* op) {
  hint("wrap the operand to keep the value: `(" + operand + ") " + op + " ...`");
  fail(place,
       std::string("operand of `") + op + "` cannot begin with `{` unless the braces hold a body");
}

/// `{ a | b }` is read as a comprehension elsewhere.
bool Parser::is_union(const Expressions& body) const {
  const Expression& first = *body[0];
  if (global_operator(first) != "or") return false;
  if (text_of(first.terms[0]->place) != "|") return false;
  if (!first.place) return true;
  std::string text = text_of(*first.place);
  std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == text.npos || text[begin] != '(';
}

void Parser::refuse_union(const Location& place, std::uint32_t brace, const Expressions& body,
                          const char* prefix) {
  std::string braces = text_of(brace, state_.last_end), in_parens = braces;
  if (body[0]->place) {
    const Location& first = *body[0]->place;
    std::string text = text_of(first);
    std::size_t begin = first.offset - brace;
    if (first.offset > brace && begin + text.size() <= braces.size())
      in_parens = braces.substr(0, begin) + "(" + text + ")" + braces.substr(begin + text.size());
  }
  hint(std::string("write `") + prefix + "(" + braces + ")` for the comprehension, or `" + prefix +
       in_parens + "` for the set union");
  fail(place,
       "ambiguous `{ ... | ... }` operand: read as a body holding a set-union expression, not as a "
       "comprehension");
}

namespace {

/// The value that begins at the first brace of a chain of operators.
const Node& first_operand(const Node& term) {
  static constexpr std::array infix_names = {"and", "assign", "div", "eq",   "equal",
                                             "gt",  "gte",    "lt",  "lte",  "minus",
                                             "mul", "neq",    "or",  "plus", "rem"};
  if (term.kind != TermKind::call) return term;
  const Node& op = *term.items[0];
  bool global = op.items.size() == 1;
  bool infix = global && std::find(infix_names.begin(), infix_names.end(), op.items[0]->text) !=
                             infix_names.end();
  std::size_t arity = infix ? 2 : membership_kind(term);
  return arity != 0 && term.items.size() == arity + 1 ? first_operand(*term.items[1]) : term;
}

/// The builtin without a result that a body does nothing but call, and where; or "".
std::pair<std::string, Location> only_effect(const Expressions& body) {
  std::pair<std::string, Location> out;
  for (const ExpressionPtr& expr : body) {
    if (expr->negated || expr->form != Expression::Form::call) return {};
    std::string name = dotted_name(*expr->terms[0]);
    if (name != "print" && name != "internal.print" && name != "internal.test_case") return {};
    if (out.first.empty()) out = {name, expr->place.value_or(Location{})};
  }
  return out;
}

}  // namespace

void Parser::refuse_value_in_braces(const Location& place, const Node& term,
                                    const std::string& operand) {
  hint("write `not (" + operand + ")` to negate the value, or `not {" + operand +
       "}` for a body holding it");
  fail(place, std::string("`{...}` in an operand position must contain expression(s), got: ") +
                  kind_name(first_operand(term).kind));
}

void Parser::check_effects(const Expressions& left, const Expressions& right, const char* op) {
  for (const Expressions* body : {&left, &right}) {
    auto [name, place] = only_effect(*body);
    if (name.empty()) continue;
    hint("`" + name +
         "` produces no value and always succeeds, so the operand can never fail; move it out of "
         "the operand, or add an expression that can fail");
    fail(place,
         std::string("operand of `") + op + "` cannot consist only of calls to `" + name + "`");
  }
}

}  // namespace lictor::syntax::explain
