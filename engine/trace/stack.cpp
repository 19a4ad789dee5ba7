// The stack of an error: what each query is at, with the values of its variables.
// Source: OPA v1/topdown/stacktrace.go.
#include <algorithm>

#include "base/one_line.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {
namespace {

/// The vars that an expression reads; not those that it declares, nor those of closures.
class ReadVars {
 public:
  explicit ReadVars(const Expr& expr) { add(expr); }

  const std::vector<const Term*>& all() const { return all_; }

 private:
  void add(const Expr& expr) {
    if (expr.kind == ExprKind::term) {
      const Term& term = *expr.term;
      if (term.kind != TermKind::call) add(term);
      for (std::size_t i = 1; term.kind == TermKind::call && i < term.items.size(); ++i)
        add(*term.items[i]);
    } else if (expr.kind == ExprKind::every) {
      add(*expr.domain);
      for (const Expr* inner : expr.bodies[0]->exprs) add(*inner);
    }
    for (const syntax::With& with : expr.with) {
      if (with.value) add(*with.value);
    }
  }

  void add(const Term& term) {
    if (term.body || is_constant(term)) return;
    if (term.kind == TermKind::var) all_.push_back(&term);
    std::set<std::string> elements;
    for (const Term* item : term.items) {
      bool again = term.kind == TermKind::set && !elements.insert(syntax::to_text(*item)).second;
      if (!again) add(*item);
    }
  }

  /// True for a term without variables, whatever the heads of its refs are.
  static bool is_constant(const Term& term) {
    if (term.body || term.kind == TermKind::var) return false;
    std::size_t first = term.kind == TermKind::ref ? 1 : 0;
    return std::all_of(term.items.begin() + static_cast<std::ptrdiff_t>(first), term.items.end(),
                       [](const Term* item) { return is_constant(*item); });
  }

  std::vector<const Term*> all_;
};

/// Where a var's text stands in an expression's; npos if it does not, as for what was made
/// elsewhere.
std::size_t place_in(const Expr& expr, const Term& var) {
  std::string_view text = expr.written(), own = var.written();
  bool same_file = var.span.source && var.span.source == expr.span.source;
  if (!same_file || own.empty() || var.span.first < expr.span.first) return std::string::npos;
  std::size_t first = var.span.first - expr.span.first;
  return first <= text.size() && text.substr(first, own.size()) == own ? first : std::string::npos;
}

}  // namespace

/// An error of the policy; in a query's own text its place is told by what is written there.
Outcome Walker::failure(ErrorCode code, const Span& span, std::string_view written,
                        std::string message, const Rule* raised) {
  Error error = error_at(code, span, std::move(message));
  if (error.file.empty()) error.written = written;
  return stops_.error(std::move(error), raised);
}

Outcome Walker::with_stack(const Query& query, Outcome outcome) {
  bool bare = outcome && outcome->kind == Stop::Kind::error && outcome->error->stack_trace.empty();
  for (const Query* at = &query; bare && at; at = at->parent)
    outcome->error->stack_trace.push_back(frame(*at));
  return outcome;
}

StackFrame Walker::frame(const Query& query) {
  StackFrame out;
  out.query_id = query.id;
  if (query.exprs->empty()) return out;
  const Expr& expr = *(*query.exprs)[std::min(query.index, query.exprs->size() - 1)];
  if (expr.span.source == nullptr) return out;
  Place place = places_.of(expr.span);
  out.file = expr.span.source->name;
  out.row = place.row;
  out.col = place.col;
  out.text = on_one_line(with_values(query, expr));
  return out;
}

/// The source of an expression with the values of its variables in their place.
std::string Walker::with_values(const Query& query, const Expr& expr) {
  constexpr std::size_t longest = 80;
  struct Part {
    std::size_t first, size;
    std::string value;
  };
  std::vector<Part> parts;
  ReadVars vars(expr);
  for (const Term* var : vars.all()) {
    std::size_t first = place_in(expr, *var);
    if (first == std::string::npos || Item(*var, *query.bindings).is_ref()) continue;
    Value value = plugged({*var, *query.bindings});
    if (value.is_undefined()) continue;
    std::string text = json::to_rego(value);
    if (text.size() <= longest) parts.push_back({first, var->written().size(), std::move(text)});
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.first < b.first; });
  std::string_view source = expr.written();
  std::string out;
  std::size_t at = 0;
  for (const Part& part : parts) {
    if (part.first < at) continue;
    out += source.substr(at, part.first - at);
    out += part.value;
    at = part.first + part.size;
  }
  out += source.substr(at);
  return out;
}

}  // namespace lictor::trace
