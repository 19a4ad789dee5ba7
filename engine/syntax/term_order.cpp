#include "syntax/term_order.hpp"

#include <algorithm>

#include "syntax/variables.hpp"
#include "value/number.hpp"

namespace lictor::syntax {
namespace {

/// Terms of different kinds are ordered by these.
int rank(TermKind kind) {
  switch (kind) {
    case TermKind::null_value:
      return 0;
    case TermKind::boolean:
      return 1;
    case TermKind::number:
      return 2;
    case TermKind::string:
      return 3;
    case TermKind::template_string:
      return 4;
    case TermKind::var:
      return 5;
    case TermKind::ref:
      return 6;
    case TermKind::array:
      return 7;
    case TermKind::object:
      return 8;
    case TermKind::set:
      return 9;
    case TermKind::array_comprehension:
      return 10;
    case TermKind::object_comprehension:
      return 11;
    case TermKind::set_comprehension:
      return 12;
    case TermKind::call:
      return 13;
  }
  return 14;
}

/// The call that a template string becomes keeps its place.
int rank(const Term& term) {
  bool is_template =
      term.kind == TermKind::call && term.items[0]->text == "internal.template_string";
  if (is_root(term)) return rank(TermKind::ref);
  return rank(is_template ? TermKind::template_string : term.kind);
}

int compare(const Body& a, const Body& b);

int compare(const Term* a, const Term* b) {
  if (a == nullptr || b == nullptr) return (a != nullptr) - (b != nullptr);
  return compare(*a, *b);
}

/// Compares two sequences item by item; the shorter one is less than a longer one that it begins.
template <typename Sequence, typename Compare>
int compare_sequences(const Sequence& a, const Sequence& b, Compare&& item) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (int order = item(a[i], b[i]); order != 0) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

int compare_items(const Terms& a, const Terms& b) {
  return compare_sequences(a, b,
                           [](const Term* x, const Term* y) { return syntax::compare(*x, *y); });
}

/// `input` by itself is a ref of one item.
Terms items_of_ref(const Term& ref) {
  return ref.kind == TermKind::ref ? ref.items : Terms{const_cast<Term*>(&ref)};
}

int compare_refs(const Term& a, const Term& b) {
  Terms x = items_of_ref(a), y = items_of_ref(b);
  bool names = x[0]->kind == TermKind::var && y[0]->kind == TermKind::var;
  int heads = names ? x[0]->text.compare(y[0]->text) : rank(x[0]->kind) - rank(y[0]->kind);
  if (heads == 0 && !names) heads = syntax::compare(*x[0], *y[0]);
  if (heads != 0) return heads;
  return compare_items(Terms(x.begin() + 1, x.end()), Terms(y.begin() + 1, y.end()));
}

int compare_objects(const Term& a, const Term& b) {
  return compare_sequences(sorted_members_of_object(a), sorted_members_of_object(b),
                           [](const auto& x, const auto& y) {
                             int order = syntax::compare(*x.first, *y.first);
                             return order != 0 ? order : syntax::compare(*x.second, *y.second);
                           });
}

/// What an expression is ordered by first.
int rank(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::some_decl:
    case ExprKind::some_in:
      return 0;
    case ExprKind::term:
      return expr.term->kind == TermKind::call ? 2 : 1;
    case ExprKind::every:
      return 3;
    case ExprKind::not_body:
      return 4;
    case ExprKind::logical_and:
      return 5;
    case ExprKind::logical_or:
      return 6;
  }
  return 7;
}

int compare(const Body& a, const Body& b) {
  return compare_sequences(a.exprs, b.exprs,
                           [](const Expr* x, const Expr* y) { return compare(*x, *y); });
}

/// A variable by the name that OPA's compiler gives it: our "x#3" and "#4" are numbered as its are.
/// Those that capture parts of template strings have no numbers yet.
std::string name_in_opa(const std::string& var) {
  if (var.starts_with("#c") || var.starts_with("#qc")) return "__local__";
  std::size_t mark = var.find('#');
  return mark == std::string::npos ? var : "__local" + var.substr(mark + 1) + "__";
}

/// The operator of a call as a ref has it: its head, then names. Builtins are written as one name.
/// An assignment is an equality by the time that OPA orders expressions.
std::vector<std::string> parts_of_operator(const Term& op) {
  std::vector<std::string> out;
  if (op.text == "assign") return {"eq"};
  if (op.kind == TermKind::ref) {
    for (const Term* item : op.items) out.push_back(item->text);
    return out;
  }
  std::size_t first = 0;
  for (std::size_t dot = op.text.find('.'); dot != std::string::npos;
       dot = op.text.find('.', first)) {
    out.push_back(op.text.substr(first, dot - first));
    first = dot + 1;
  }
  out.push_back(op.text.substr(first));
  return out;
}

int compare_calls(const Term& a, const Term& b) {
  int operators =
      compare_sequences(parts_of_operator(*a.items[0]), parts_of_operator(*b.items[0]),
                        [](const std::string& x, const std::string& y) { return x.compare(y); });
  if (operators != 0) return operators;
  auto operands = [](const Term& call) { return Terms(call.items.begin() + 1, call.items.end()); };
  return compare_items(operands(a), operands(b));
}

int compare_withs(const Expr& a, const Expr& b) {
  return compare_sequences(a.with, b.with, [](const With& x, const With& y) {
    int targets = compare(x.target, y.target);
    return targets != 0 ? targets : compare(x.value, y.value);
  });
}

/// Parts of template strings, by what is written there: {$1 | $1 = x} is an x.
int compare_parts(const Term* a, const Term* b) {
  if (a->body == nullptr || b->body == nullptr) return compare(a, b);
  const Expr &x = *a->body->exprs[0], &y = *b->body->exprs[0];
  int order = compare(x.term->items[2], y.term->items[2]);
  return order != 0 ? order : compare_withs(x, y);
}

}  // namespace

int compare(const Expr& a, const Expr& b) {
  if (int order = rank(a) - rank(b); order != 0) return order;
  if (a.negated != b.negated) return a.negated ? 1 : -1;
  for (auto term : {&Expr::key, &Expr::value, &Expr::domain, &Expr::term}) {
    if (int order = compare(a.*term, b.*term); order != 0) return order;
  }
  if (int order = compare_items(a.vars, b.vars); order != 0) return order;
  int order = compare_sequences(a.bodies, b.bodies,
                                [](const Body* x, const Body* y) { return compare(*x, *y); });
  return order != 0 ? order : compare_withs(a, b);
}

int compare(const Term& a, const Term& b) {
  if (int order = rank(a) - rank(b); order != 0) return order;
  if (a.kind == TermKind::ref || is_root(a)) return compare_refs(a, b);
  switch (a.kind) {
    case TermKind::null_value:
      return 0;
    case TermKind::boolean:
      return a.flag - b.flag;
    case TermKind::number:
      return compare_numbers(view_number(a.text), view_number(b.text));
    case TermKind::string:
      return a.text.compare(b.text);
    case TermKind::var:
      return name_in_opa(a.text).compare(name_in_opa(b.text));
    case TermKind::object:
      return compare_objects(a, b);
    case TermKind::set:
      return compare_items(sorted_members(a), sorted_members(b));
    case TermKind::template_string:
      if (a.items.size() != b.items.size()) return a.items.size() < b.items.size() ? -1 : 1;
      return compare_sequences(a.items, b.items, compare_parts);
    case TermKind::call:
      return compare_calls(a, b);
    default:
      if (int order = compare_items(a.items, b.items); order != 0) return order;
      return a.body && b.body ? compare(*a.body, *b.body) : 0;
  }
}

Terms sorted_members(const Term& set) {
  Terms out = set.items;
  std::stable_sort(out.begin(), out.end(),
                   [](const Term* a, const Term* b) { return compare(*a, *b) < 0; });
  out.erase(std::unique(out.begin(), out.end(),
                        [](const Term* a, const Term* b) { return compare(*a, *b) == 0; }),
            out.end());
  return out;
}

std::vector<std::pair<Term*, Term*>> sorted_members_of_object(const Term& object) {
  std::vector<std::pair<Term*, Term*>> out;
  for (std::size_t i = 0; i + 1 < object.items.size(); i += 2)
    out.emplace_back(object.items[i], object.items[i + 1]);
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return compare(*a.first, *b.first) < 0; });
  return out;
}

Places ordered_places(const Term& composite) {
  std::size_t step = composite.kind == TermKind::object ? 2 : 1;
  Places out;
  for (std::size_t i = 0; i < composite.items.size(); i += step) out.push_back(i);
  if (composite.kind != TermKind::object && composite.kind != TermKind::set) return out;
  auto less = [&](std::size_t a, std::size_t b) {
    return compare(*composite.items[a], *composite.items[b]) < 0;
  };
  // Most have been put in order before.
  if (!std::is_sorted(out.begin(), out.end(), less)) std::stable_sort(out.begin(), out.end(), less);
  return out;
}

}  // namespace lictor::syntax
