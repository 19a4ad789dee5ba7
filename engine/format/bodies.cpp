// Expressions, and what they hold: quantifiers, chains of `and` and `or`, modifiers.
#include <algorithm>

#include "format/writer.hpp"

namespace lictor::format {

namespace {

bool is_logical(const Expr& expr) {
  return expr.kind == ExprKind::logical_and || expr.kind == ExprKind::logical_or;
}

/// As syntax::begins_with_brace(), for calls that are written as operators.
bool opens_with_brace(const Term& term) {
  if (term.kind == TermKind::ref) return opens_with_brace(*term.items[0]);
  if (term.kind != TermKind::call) return syntax::begins_with_brace(term);
  const Term* lead = leading_operand(term);
  return lead != nullptr && lead != term.items.back() && opens_with_brace(*lead);
}

/// Such an expression would be read as a body where an operand is expected.
bool opens_with_brace(const Expr& expr) {
  if (expr.kind != ExprKind::term) return false;
  if (expr.term->kind != TermKind::call) return opens_with_brace(*expr.term);
  const Term* lead = leading_operand(*expr.term);
  return lead != nullptr && opens_with_brace(*lead);
}

bool operand_needs_parens(const Expr& expr, ExprKind chain, bool right) {
  if (!expr.with.empty()) return true;
  if (expr.kind == ExprKind::logical_or) return chain == ExprKind::logical_and || right;
  if (expr.kind == ExprKind::logical_and) return chain == ExprKind::logical_and && right;
  return opens_with_brace(expr);
}

bool not_needs_parens(const Expr& expr) {
  return !expr.with.empty() || is_logical(expr) || expr.kind == ExprKind::not_body ||
         opens_with_brace(expr);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text;
}

}  // namespace

/// One operand of a chain.
struct Writer::Operand {
  const Body* body;
  bool is_explicit;     // in braces
  bool parens;          // it needs them
  Location brace = {};  // of those in braces
};

Rest Writer::body(const Body& body, Comments comments) {
  Rest rest = insert_comments(comments, location_of(*body.exprs[0]));
  if (!rest.ok()) return rest;
  for (std::size_t i = 0; i < body.exprs.size(); ++i) {
    bool apart =
        i > 0 && location_of(*body.exprs[i]).row > location_of(*body.exprs[i - 1]).last_row() + 1;
    if (apart) blank_line();
    start_line();
    rest = expr(*body.exprs[i], rest.comments);
    end_line();
  }
  return {rest.comments};
}

Rest Writer::expr(const Expr& expr, Comments comments) {
  bool parens = in_parens_ == &expr;
  if (parens) in_parens_ = nullptr;
  Rest rest = insert_comments(comments, location_of(expr));
  if (!rest.ok()) return rest;
  if (!inline_) start_line();
  if (expr.negated) put(is_logical(expr) ? "not (" : "not ");
  if (parens) put("(");
  rest = expr_terms(expr, rest.comments);
  if (!rest.ok()) return rest;
  if (parens) put(")");
  if (expr.negated && is_logical(expr)) put(")");
  return expr.with.empty() ? rest : withs(expr, rest.comments);
}

Rest Writer::expr_terms(const Expr& expr, Comments comments) {
  auto whole = [](Rest rest) { return rest.ok() ? rest : Rest{{}, rest.fault}; };
  switch (expr.kind) {
    case ExprKind::some_decl:
    case ExprKind::some_in:
      return whole(some_decl(expr, comments));
    case ExprKind::every:
      return whole(every(expr, comments));
    case ExprKind::not_body:
      return whole(not_body(expr, comments));
    case ExprKind::logical_and:
    case ExprKind::logical_or:
      return whole(logical(expr, comments));
    default:
      return expr.term->kind == TermKind::call ? call_statement(*expr.term, comments)
                                               : term(*expr.term, comments);
  }
}

/// Modifiers on the row where the expression's terms end stay there; others have lines of their
/// own.
Rest Writer::withs(const Expr& expr, Comments comments) {
  Location location = location_of(expr);
  Location first = relocated_ ? *relocated_ : locations_.of(expr.with[0].span);
  std::string_view text = location.text;
  bool inside = first.text.data() > text.data() && first.text.data() < text.data() + text.size();
  if (inside) text = text.substr(0, static_cast<std::size_t>(first.text.data() - text.data()));
  std::int64_t row = Location{location.row, 0, trimmed(text)}.last_row();
  bool indented = false;
  Rest rest{comments};
  for (std::size_t i = 0; i < expr.with.size() && rest.ok(); ++i) {
    Location at = relocated_ ? *relocated_ : locations_.of(expr.with[i].span);
    bool same = i == 0 && at.row == row;
    bool breaks = !same && at.row > row;
    if (breaks) {
      if (!indented) up();
      indented = true;
      end_line();
      start_line();
    }
    if (same || breaks) row = at.row;
    rest = with(expr.with[i], rest.comments, breaks);
  }
  if (indented) down();
  return rest;
}

Rest Writer::with(const With& with, Comments comments, bool indented) {
  Location location = relocated_ ? *relocated_ : locations_.of(with.span);
  Rest rest = insert_comments(comments, location);
  if (!rest.ok()) return {{}, rest.fault};
  put(indented ? "with " : " with ");
  rest = term(*with.target, rest.comments);
  if (!rest.ok()) return {{}, rest.fault};
  put(" as ");
  rest = term(*with.value, rest.comments);
  return rest.stops() ? rest : Rest{rest.comments};
}

Rest Writer::some_decl(const Expr& expr, Comments comments) {
  Location location = location_of(expr);
  Rest rest = insert_comments(comments, location);
  if (!rest.ok()) return {{}, rest.fault};
  put("some ");
  if (expr.kind == ExprKind::some_in) {
    std::vector<const Term*> operands{expr.value, expr.domain};
    if (expr.key) operands.insert(operands.begin(), expr.key);
    return membership(false, operands, rest.comments);
  }
  std::int64_t row = location.row;
  for (std::size_t i = 0; i < expr.vars.size(); ++i) {
    std::int64_t next = location_of(*expr.vars[i]).row;
    if (next > row) {
      end_line();
      start_line();
      put("\t");
      row = next;
    } else if (i > 0) {
      put(" ");
    }
    rest = term(*expr.vars[i], rest.comments);
    if (!rest.ok()) return {{}, rest.fault};
    if (i + 1 < expr.vars.size()) put(",");
  }
  return rest;
}

Rest Writer::every(const Expr& expr, Comments comments) {
  Location location = location_of(expr);
  Rest rest = insert_comments(comments, location);
  if (!rest.ok()) return {{}, rest.fault};
  put("every ");
  if (expr.key) {
    rest = term(*expr.key, rest.comments);
    if (!rest.ok()) return {{}, rest.fault};
    put(", ");
  }
  rest = term(*expr.value, rest.comments);
  if (!rest.ok()) return {{}, rest.fault};
  put(" in ");
  rest = term(*expr.domain, rest.comments);
  if (!rest.ok()) return {{}, rest.fault};
  put(" {");
  const Body& body = *expr.bodies[0];
  rest = closure_body('{', '}', body, location, location, rest.comments);
  if (rest.stops()) return {{}, Fault::stop};
  if (body.exprs.size() == 1 && location_of(*body.exprs[0]).row == location.row) put(" ");
  put("}");
  return {rest.comments};
}

Rest Writer::not_body(const Expr& expr, Comments comments) {
  Location location = location_of(expr);
  Rest rest = insert_comments(comments, location);
  if (!rest.ok()) return {{}, rest.fault};
  put("not ");
  const Body& body = *expr.bodies[0];
  const Expr& first = *body.exprs[0];
  if (body.implicit && body.exprs.size() == 1) {
    bool parens = not_needs_parens(first);
    if (parens) put("(");
    rest = this->expr(first, rest.comments);
    if (rest.stops()) return {{}, Fault::stop};
    if (parens) put(")");
    return {rest.comments};
  }
  if (first.kind == ExprKind::term && is_union(*first.term)) in_parens_ = &first;
  put("{");
  rest = closure_body('{', '}', body, location, location, rest.comments);
  if (rest.stops()) return {{}, Fault::stop};
  if (location_of(*body.exprs.back()).row == location.row) put(" ");
  put("}");
  return {rest.comments};
}

// ---- Chains ----

/// The brace that opens an operand, and the text from it on.
Location Writer::brace_of(const Expr& expr, const Body& body) {
  Location whole = location_of(expr);
  const char* first = location_of(*body.exprs[0]).text.data();
  bool inside = first > whole.text.data() && first <= whole.text.data() + whole.text.size();
  if (!inside) return whole;
  std::size_t brace =
      whole.text.rfind('{', static_cast<std::size_t>(first - whole.text.data()) - 1);
  if (brace == std::string_view::npos) return whole;
  std::int64_t lines =
      std::count(whole.text.begin(), whole.text.begin() + static_cast<std::ptrdiff_t>(brace), '\n');
  return {whole.row + lines, 0, whole.text.substr(brace)};
}

/// An operand stands behind its `not`, and ends before its modifiers.
Location Writer::operand_location(const Expr& expr) {
  Location out = locations_.of(expr);
  const char *first = out.text.data(), *last = first + out.text.size();
  if (!expr.with.empty()) last = expr.with[0].span.text().data();
  if (expr.negated) {
    Location term = locations_.of(*expr.term);
    out = {term.row, term.col, {}};
    first = term.text.data();
  }
  out.text = trimmed({first, static_cast<std::size_t>(last - first)});
  return out;
}

Writer::Operand Writer::operand_of(const Expr& expr, std::size_t at, bool right) {
  const Body& body = *expr.bodies[at];
  bool is_explicit = !body.implicit || body.exprs.size() != 1;
  if (is_explicit) return {&body, true, false, brace_of(expr, body)};
  const Expr& first = *body.exprs[0];
  if (!relocated_ && first.kind == ExprKind::term && (first.negated || !first.with.empty()))
    moved_exprs_[&first] = operand_location(first);
  return {&body, false, operand_needs_parens(*body.exprs[0], expr.kind, right)};
}

bool Writer::breaks_line(const Operand& right, std::int64_t left_end) {
  return (right.is_explicit ? right.brace.row : location_of(*right.body->exprs[0]).row) > left_end;
}

std::int64_t Writer::end_row(const Operand& operand) {
  if (operand.is_explicit) {
    std::int64_t row = closing(operand.brace, '{', '}').row;
    if (row > 0) return row;
  }
  return end_row(*operand.body);
}

std::int64_t Writer::end_row(const Body& body) {
  Location last = location_of(*body.exprs.back());
  return Location{last.row, 0, trimmed(last.text)}.last_row();
}

/// The operands of one chain, whose left-most one may be a chain that binds as tight or tighter.
Rest Writer::logical_chain(const Expr& expr, Comments comments, bool& indented) {
  const Body& left = *expr.bodies[0];
  bool nested = left.implicit && left.exprs.size() == 1 && is_logical(*left.exprs[0]) &&
                !operand_needs_parens(*left.exprs[0], expr.kind, false);
  Rest rest{comments};
  std::int64_t row = 0;
  if (nested) {
    rest = logical_chain(*left.exprs[0], comments, indented);
    row = end_row(left);
  } else {
    Operand first = operand_of(expr, 0, false);
    row = end_row(first);
    rest = operand(first, comments);
  }
  for (std::size_t i = 1; i < expr.bodies.size(); ++i) {
    if (rest.stops()) return rest;
    Operand next = operand_of(expr, i, true);
    put(expr.kind == ExprKind::logical_and ? " and" : " or");
    if (breaks_line(next, row)) {
      if (!indented) up();
      indented = true;
      end_line();
      start_line();
    } else {
      put(" ");
    }
    row = end_row(next);
    rest = operand(next, rest.comments);
  }
  return rest.stops() ? rest : Rest{rest.comments};
}

Rest Writer::logical(const Expr& expr, Comments comments) {
  bool indented = false;
  Rest rest = logical_chain(expr, comments, indented);
  if (indented) down();
  return rest;
}

Rest Writer::operand(const Operand& operand, Comments comments) {
  const Expr& first = *operand.body->exprs[0];
  if (!operand.is_explicit) {
    if (operand.parens) put("(");
    Rest rest = expr(first, comments);
    if (operand.parens) put(")");
    return rest;
  }
  if (first.kind == ExprKind::term && is_union(*first.term)) in_parens_ = &first;
  put("{");
  Rest rest = closure_body('{', '}', *operand.body, operand.brace, operand.brace, comments);
  if (rest.stops()) return rest;
  if (location_of(*operand.body->exprs.back()).row == operand.brace.row) put(" ");
  put("}");
  return {rest.comments};
}

// ---- Bodies in braces ----

/// The body of a closure, on the line of what stands before it if that was so.
Rest Writer::closure_body(char open, char close, const Body& body, const Location& behind,
                          const Location& whole, Comments comments) {
  bool breaks = location_of(*body.exprs[0]).row > behind.row;
  for (std::size_t i = 1; i < body.exprs.size() && !has_unplaced_term(body); ++i)
    breaks = breaks || location_of(*body.exprs[i]).row > location_of(*body.exprs[i - 1]).row;
  Rest rest{comments};
  if (breaks) {
    end_line();
    up();
    rest = this->body(body, comments);
    if (rest.ok()) {
      rest = insert_comments(rest.comments, closing(whole, open, close));
      if (!rest.ok()) rest.comments = {};
    }
    down();
    start_line();
    return rest;
  }
  put(" ");
  for (std::size_t i = 0; i < body.exprs.size(); ++i) {
    rest = expr(*body.exprs[i], rest.comments);
    if (!rest.ok()) return rest;
    if (i + 1 < body.exprs.size()) put("; ");
  }
  rest = insert_comments(rest.comments, closing(whole, open, close));
  return rest.ok() ? rest : Rest{{}, rest.fault};
}

/// A union that a rule's body begins with would be read as a comprehension.
void Writer::mark_union_lead(const Expr& expr) {
  if (expr.negated) return;
  if (is_logical(expr)) {
    const Expr* chain = &expr;
    Operand first = operand_of(*chain, 0, false);
    while (!first.is_explicit && !first.parens && is_logical(*first.body->exprs[0])) {
      chain = first.body->exprs[0];
      first = operand_of(*chain, 0, false);
    }
    if (!first.is_explicit && !first.parens) mark_union_lead(*first.body->exprs[0]);
    return;
  }
  if (expr.kind != ExprKind::term || expr.term->kind != TermKind::call) return;
  if (is_union(*expr.term) && expr.term->items.size() == 3) {
    in_parens_ = &expr;
    return;
  }
  const Term* lead = leading_operand(*expr.term);
  if (lead && is_union(*lead)) term_in_parens_ = lead;
}

}  // namespace lictor::format
