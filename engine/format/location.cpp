#include "format/location.hpp"

#include <algorithm>

namespace lictor::format {

using syntax::Expr;
using syntax::Term;
using syntax::TermKind;

namespace {

/// Behind the bracket that closes the first one that is opened, from `at` on; counts lines. The
/// text's size if there is none.
std::size_t behind_brackets(std::string_view text, std::size_t at, char open, char close,
                            std::int64_t& lines) {
  at = text.find(open, at);
  if (at == std::string_view::npos) return text.size();
  for (int depth = 1; depth > 0;) {
    if (++at >= text.size()) return text.size();
    if (text[at] == open)
      ++depth;
    else if (text[at] == close)
      --depth;
    else if (text[at] == '\n')
      ++lines;
  }
  return at;
}

}  // namespace

std::int64_t Location::last_row() const { return row + std::count(text.begin(), text.end(), '\n'); }

Locations::Locations(const Source& source) : source_(source), starts_{0} {
  for (std::size_t i = 0; i < source.text.size(); ++i) {
    if (source.text[i] == '\n') starts_.push_back(i + 1);
  }
}

Location Locations::at(std::size_t offset, std::string_view text) const {
  auto line = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return {line - starts_.begin(), static_cast<std::int64_t>(offset - line[-1]) + 1, text};
}

Location Locations::of_operator(const Term& call) const {
  const Term& op = *call.items[0];
  if (op.kind != TermKind::var) return of(op);
  return at(call.span.first, call.span.text().substr(0, op.text.size()));
}

/// Behind the last operand of a chain that begins at `first`, with the brackets around it.
const char* Locations::end_of_chain(const Expr& expr, const char* first) const {
  const syntax::Body& operand = *expr.bodies.back();
  std::string_view text = of(*operand.exprs.back()).text;
  const char *last = text.data() + text.size(), *end = source_.text.data() + source_.text.size();
  auto extend_to = [&](char closing) {
    const char* found = std::find(last, end, closing);
    if (found != end) last = found + 1;
  };
  if (!operand.implicit) extend_to('}');
  while (std::count(first, last, '(') > std::count(first, last, ')')) {
    const char* before = last;
    extend_to(')');
    if (last == before) break;
  }
  return last;
}

/// From its first byte, be it a parenthesis, to the end of its modifiers.
Location Locations::of(const Expr& expr) const {
  std::string_view text = expr.span.text();
  const char *first = text.data(), *last = text.data() + text.size();
  bool chain =
      expr.kind == syntax::ExprKind::logical_and || expr.kind == syntax::ExprKind::logical_or;
  if (chain) last = std::max(last, end_of_chain(expr, first));
  if (!expr.parens.empty()) {
    first = std::min(first, expr.parens.data());
    last = std::max(last, expr.parens.data() + expr.parens.size());
  }
  if (!expr.with.empty()) {
    std::string_view with = expr.with.back().span.text();
    last = std::max(last, with.data() + with.size());
  }
  return at(static_cast<std::size_t>(first - source_.text.data()),
            {first, static_cast<std::size_t>(last - first)});
}

Location closing(const Location& location, char open, char close, char skip_open, char skip_close) {
  std::string_view text = location.text;
  std::int64_t lines = 0;
  std::size_t at = 0;
  if (skip_open != '\0') at = behind_brackets(text, 0, skip_open, skip_close, lines);
  at = behind_brackets(text, at, open, close, lines);
  if (at >= text.size()) return {};
  return {location.row + lines, 0, {}};
}

}  // namespace lictor::format
