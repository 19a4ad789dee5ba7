// What listeners are told: the steps, with their nodes in Rego's notation and the values of their
// variables. Source: OPA v1/topdown/eval.go, traceEvent, and trace.go.
#include <algorithm>

#include "syntax/visit.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {
namespace {

using Kind = TraceEvent::Kind;
using Node = TraceEvent::Node;

/// Gives a copy of a node the form in which OPA shows it: its author's names, and equalities.
template <typename Copy>
const Copy& as_shown(Copy& node) {
  syntax::visit_all(node, [](Term& term) {
    bool is_var = term.kind == TermKind::var && !term.flag;
    if (is_var) term.text = compile::display_name(term.text);
    bool assigns = term.kind == TermKind::call && term.items[0]->text == "assign";
    if (assigns) term.items[0]->text = "eq";
  });
  return node;
}

/// The compiler's own key of `every x in xs` is not shown.
void hide_key(Expr& expr) {
  bool own_key = expr.kind == ExprKind::every && expr.key &&
                 compile::display_name(expr.key->text).starts_with("__local");
  if (own_key) expr.key = nullptr;
}

std::string shown(const Expr& expr) {
  syntax::Ast scratch;
  Expr* copy = scratch.copy(expr);
  hide_key(*copy);
  Body body;
  body.exprs = {copy};
  return syntax::to_text(as_shown(body));
}

std::string shown(const std::vector<Expr*>& exprs) {
  syntax::Ast scratch;
  Body body;
  for (const Expr* expr : exprs) body.exprs.push_back(scratch.copy(*expr));
  return syntax::to_text(as_shown(body));
}

std::string shown(const Term& term) {
  syntax::Ast scratch;
  Expr* copy = scratch.expr(scratch.copy(term));
  Body body;
  body.exprs = {copy};
  as_shown(body);
  return syntax::to_text(*copy->term);
}

/// The ref of a rule, up to what is not constant.
std::string rule_text(const Clause& clause) {
  syntax::Ast scratch;
  Term* ref = scratch.term(TermKind::ref, {});
  ref->items.push_back(scratch.var("data", {}));
  for (std::size_t i = 1; i < clause.ref.size() && syntax::is_ground(*clause.ref[i]); ++i)
    ref->items.push_back(scratch.copy(*clause.ref[i]));
  return syntax::to_text(*ref);
}

/// All terms below a node, as the copies that visitors take do not keep their places.
template <typename Visit>
void each_term(const Expr& expr, Visit&& visit) {
  Body body;
  body.exprs = {const_cast<Expr*>(&expr)};
  syntax::visit_all(body, [&](Term& term) { visit(static_cast<const Term&>(term)); });
}

/// The tabs in front of a place in its line.
std::vector<std::uint32_t> tabs_before(const Span& span, const Place& place) {
  std::vector<std::uint32_t> out;
  std::size_t line = span.source->text.rfind('\n', span.first);
  std::size_t at = span.first == 0 || line == std::string::npos ? 0 : line + 1;
  for (std::uint32_t col = 1; col < place.col; ++col, ++at) {
    if (span.source->text[at] == '\t') out.push_back(col);
  }
  return out;
}

std::string indented(const std::vector<std::uint32_t>& tabs, const Place& place,
                     std::string_view text) {
  std::string out;
  for (std::uint32_t col = 1; col < place.col; ++col)
    out += std::find(tabs.begin(), tabs.end(), col) != tabs.end() ? '\t' : ' ';
  return out.append(text);
}

/// The expression that the compiler took others out of.
const Expr& base_of(const Expr& expr) {
  const Expr* at = &expr;
  while (at->origin) at = at->origin;
  return *at;
}

}  // namespace

// ---- Values of variables ----

/// A document that was computed, at the ground part of a ref; undefined if there is none.
Value Walker::known_document(const Term& ref) {
  const TreeNode* node = &rules_;
  std::size_t at = 1;
  if (ref.items[0]->text != "data") return Value();
  for (; at < ref.items.size() && node && !node->has_rules(); ++at) {
    if (!syntax::is_ground(*ref.items[at])) return Value();
    node = node->child(constant(*ref.items[at]));
  }
  if (node == nullptr || !node->has_rules()) return Value();
  CacheKey key{node, {}, {}};
  for (; at < ref.items.size() && syntax::is_ground(*ref.items[at]); ++at)
    key.keys.push_back(constant(*ref.items[at]));
  auto found = cache_.back().find(key);
  return found == cache_.back().end() ? Value() : found->second;
}

void Walker::add_document(const Term& ref, Variables& out) {
  Value value = known_document(ref);
  if (value.is_undefined()) return;
  Term ground = ref;
  auto first_open = std::find_if_not(ground.items.begin() + 1, ground.items.end(),
                                     [](const Term* item) { return syntax::is_ground(*item); });
  ground.items.erase(first_open, ground.items.end());
  out[{syntax::to_text(ground), {}}] = json::to_rego(value);
}

void Walker::add_variable(const Term& var, const Query& query, Variables& out) {
  if (Item(var, *query.bindings).is_ref()) return;
  Value value = plugged({var, *query.bindings});
  if (value.is_undefined()) return;
  std::string name = compile::display_name(var.text);
  std::string_view own = name == "_" ? std::string_view(var.text) : std::string_view();
  out[{name, std::string(own)}] = json::to_rego(value);
}

void Walker::add_variables(const Expr& expr, const Query& query, Variables& out) {
  each_term(expr, [&](const Term& term) {
    if (term.kind == TermKind::ref) add_document(term, out);
  });
  each_term(expr, [&](const Term& term) {
    if (term.kind == TermKind::var) add_variable(term, query, out);
  });
}

// ---- Events ----

void Walker::tell(Kind kind, const Expr& expr, Query& query) {
  if (!is_heard()) return;
  bool is_every = expr.kind == ExprKind::every;
  TraceEvent event =
      event_at(kind, is_every ? Node::every : Node::expr, expr.span, expr.written(), query);
  if (options_.tracing.texts) {
    Variables variables;
    add_variables(expr, query, variables);
    finish(event, query, shown(expr), variables);
  }
  if (options_.tracing.values && kind == Kind::fail && !is_every) add_values(event, expr, query);
  options_.tracing.hear(event);
}

void Walker::tell(Kind kind, const Clause& clause, Query& query) {
  if (!is_heard()) return;
  Span head = syntax::head_span(*clause.rule);
  TraceEvent event = event_at(kind, Node::rule, head, head.text(), query);
  if (options_.tracing.texts) {
    Variables variables;
    auto add = [&](const Term* item) {
      if (item == nullptr) return;
      syntax::visit_all(*const_cast<Term*>(item), [&](Term& term) {
        if (term.kind == TermKind::var) add_variable(term, query, variables);
      });
    };
    for (const Term* arg : clause.flat->args) add(arg);
    bool key_in_ref = !clause.rule->key && syntax::head_key(*clause.rule);
    add(key_in_ref ? clause.flat->path[0] : clause.flat->key);
    add(clause.flat->value);
    finish(event, query, rule_text(clause), variables);
  }
  options_.tracing.hear(event);
}

void Walker::tell(Kind kind, const std::vector<Expr*>& body, Query& query) {
  if (!is_heard() || body.empty()) return;
  TraceEvent event = event_at(kind, Node::body, body[0]->span, body[0]->written(), query);
  if (options_.tracing.texts) {
    Variables variables;
    for (const Expr* expr : body) add_variables(*expr, query, variables);
    finish(event, query, shown(body), variables);
  }
  options_.tracing.hear(event);
}

/// What a lookup of rules leaves.
void Walker::tell_index(const std::string& document, const Candidates& found, Query& query) {
  if (!is_heard() || !options_.tracing.texts) return;
  const Expr& expr = query.expr();
  TraceEvent event = event_at(Kind::index, Node::expr, expr.span, expr.written(), query);
  Variables variables;
  add_variables(expr, query, variables);
  finish(event, query, document, variables);
  std::size_t count = found.sets.size();
  event.message = "(matched " + std::to_string(count) + (count == 1 ? " rule" : " rules") +
                  (found.early_exit ? ", early exit)" : ")");
  options_.tracing.hear(event);
}

std::string Walker::shown_item(const Item& item) {
  if (item.is_value()) return json::to_rego(item.value);
  return shown(*item.term);
}

void Walker::tell_unification(const Item& a, const Item& b, Query& query) {
  if (!is_heard() || !options_.tracing.unifications) return;
  TraceEvent event = event_of(Kind::unify, Node::expr, query);
  event.range = query.told;
  Variables variables;
  for (const Item* item : {&a, &b}) {
    if (item->is_value()) continue;
    Expr expr;
    expr.term = const_cast<Term*>(item->term);
    add_variables(expr, query, variables);
  }
  finish(event, query, shown_item(a) + " = " + shown_item(b), variables);
  options_.tracing.hear(event);
}

void Walker::tell_note(std::string_view message, Query& query) {
  if (!is_heard() || !options_.tracing.texts) return;
  const Expr& expr = query.expr();
  TraceEvent event = event_at(Kind::note, Node::expr, expr.span, expr.written(), query);
  event.message = message;
  options_.tracing.hear(event);
}

void Walker::tell_test_case(const Value& keys, const Query& query) {
  if (!is_heard() || !options_.tracing.texts) return;
  TraceEvent event;
  event.kind = Kind::test_case;
  event.query_id = query.id;
  event.text = "internal.test_case(" + json::to_rego(keys) + ")";
  event.keys = json::to_json(keys);
  options_.tracing.hear(event);
}

TraceEvent Walker::event_of(Kind kind, Node node, const Query& query) {
  TraceEvent out;
  out.kind = kind;
  out.node = node;
  out.query_id = query.id;
  out.parent_id = query.parent ? query.parent->id : 0;
  return out;
}

TraceEvent Walker::event_at(Kind kind, Node node, const Span& place, std::string_view written,
                            Query& query) {
  TraceEvent event = event_of(kind, node, query);
  if (place.source) query.told = range_of(*place.source, places_.of(place), written);
  event.range = query.told;
  return event;
}

void Walker::finish(TraceEvent& event, const Query& query, std::string text,
                    const Variables& variables) {
  event.text = std::move(text);
  if (event.kind == Kind::exit && query.find_one) event.message = "early";
  for (const auto& [names, value] : variables) event.variables.push_back({names.first, value});
}

// ---- What an expression fails with ----

/// Gathers values by the text that they stand for.
class Walker::Shown {
 public:
  Shown(Walker& walker, const Query& query) : walker_(walker), query_(query) {}

  /// Variables without a value: undefined ones, those of them that the policy declares, or none.
  enum class Unbound : std::uint8_t { all, declared, none };

  void add(const Expr& expr, Unbound unbound) {
    if (expr.kind == ExprKind::term && expr.term->kind == TermKind::call) {
      for (std::size_t i = 1; i < expr.term->items.size(); ++i) add(*expr.term->items[i], unbound);
    } else if (expr.kind == ExprKind::term) {
      add(*expr.term, unbound);
    }
    for (const Term* part : {expr.key, expr.value, expr.domain}) {
      if (part) add(*part, unbound);
    }
    for (const Body* body : expr.bodies) {
      for (const Expr* inner : body->exprs) add(*inner, unbound);
    }
    for (const syntax::With& with : expr.with) {
      if (with.value) add(*with.value, unbound);
    }
  }

  /// A document that was computed, at the place where its ref begins.
  void add_document(const Term& ref) {
    Value value = walker_.known_document(ref);
    if (!value.is_undefined()) found_[std::string(text_of(*ref.items[0]))] = {value, ref.items[0]};
  }

  void take(std::vector<TraceValue>& out) {
    for (const auto& [text, found] : found_) {
      const Span& span = found.term->span;
      Place place = walker_.places_.of(span);
      out.push_back({text, found.value.is_undefined() ? "undefined" : json::to_rego(found.value),
                     place.row, place.col, tabs_before(span, place)});
    }
  }

 private:
  struct Found {
    Value value;
    const Term* term;
  };

  static std::string_view text_of(const Term& term) { return term.written(); }

  void add(const Term& term, Unbound unbound) {
    if (term.body) return;
    bool placed = term.span.source != nullptr;
    if (placed && term.kind == TermKind::ref) {
      Value value = selected(term);
      if (!value.is_undefined()) put(term, value);
    } else if (placed && term.kind == TermKind::var) {
      variable(term, unbound);
    }
    std::size_t first = term.kind == TermKind::call ? 1 : 0;
    for (std::size_t i = first; i < term.items.size(); ++i) add(*term.items[i], unbound);
  }

  void variable(const Term& var, Unbound unbound) {
    bool is_root = Item(var, *query_.bindings).is_ref();
    Value value = is_root ? Value() : walker_.plugged({var, *query_.bindings});
    bool is_declared = var.text.find('#', 1) != std::string::npos;
    if (!value.is_undefined() || unbound == Unbound::all ||
        (unbound == Unbound::declared && is_declared))
      put(var, value);
  }

  void put(const Term& term, const Value& value) {
    auto [at, added] = found_.try_emplace(std::string(text_of(term)), Found{value, &term});
    if (!added && at->second.value.is_undefined()) at->second = {value, &term};
  }

  /// What a ref selects in the value of a variable.
  Value selected(const Term& ref) {
    if (ref.items.size() < 2 || ref.items[0]->kind != TermKind::var) return Value();
    std::vector<Value> parts;
    for (const Term* item : ref.items) {
      Item part(*item, *query_.bindings);
      bool plain = !part.is_ref() && (part.is_var() || syntax::is_ground(*item));
      parts.push_back(plain ? walker_.plugged(part) : Value());
      if (parts.back().is_undefined()) return Value();
    }
    return found_in(parts[0], parts.data() + 1, parts.size() - 1);
  }

  Walker& walker_;
  const Query& query_;
  std::map<std::string, Found> found_;
};

void Walker::add_values(TraceEvent& event, const Expr& expr, const Query& query) {
  const Expr& base = base_of(expr);
  if (base.span.source == nullptr) return;
  Place place = places_.of(base.span);
  event.source = indented(tabs_before(base.span, place), place, base.written());
  Shown values(*this, query);
  each_term(expr, [&](const Term& term) {
    if (term.kind == TermKind::ref) values.add_document(term);
  });
  using Unbound = Shown::Unbound;
  values.add(expr, expr.negated ? Unbound::declared : Unbound::all);
  for (const Query* at = &query; at; at = at->parent) {
    for (const Expr* other : *at->exprs) {
      if (other != &expr && &base_of(*other) == &base) values.add(*other, Unbound::none);
    }
  }
  values.take(event.values);
}

}  // namespace lictor::trace
