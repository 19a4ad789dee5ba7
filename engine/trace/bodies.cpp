// Bodies: one expression behind another, each calling what follows for each of its solutions.
// Source: OPA v1/topdown/eval.go, evalExpr to evalLogicalOr.
#include "trace/walker.hpp"

namespace lictor::trace {

Query Walker::child(Query& parent, const std::vector<Expr*>& exprs, Bindings& bindings) {
  Query out = parent;
  out.exprs = &exprs;
  out.index = 0;
  out.id = next_id_++;
  out.bindings = &bindings;
  out.parent = &parent;
  out.find_one = false;
  return out;
}

/// The tracer is slow, and what follows an expression is on the stack: there is an end to both.
bool Walker::gives_up() {
  constexpr std::uint64_t between_looks_at_the_clock = 256;
  bool late = steps_ % between_looks_at_the_clock == 0 && options_.time.count() != 0 &&
              std::chrono::steady_clock::now() > deadline_;
  bool deep = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < stack_end_;
  needs_stack_ = needs_stack_ || deep;
  return ++steps_ > options_.steps || late || deep;
}

Outcome Walker::run(Query& query, Next next) {
  if (gives_up()) return stops_.exit(Stop::Kind::limit, nullptr);
  if (query.index >= query.exprs->size()) {
    Outcome out = next();
    auto exit = query.find_one ? Stop::Kind::early_exit : Stop::Kind::deferred_exit;
    if (out) return out->is_exit() ? stops_.exit(exit, out) : out;
    return query.find_one ? stops_.exit(Stop::Kind::early_exit, nullptr) : nullptr;
  }
  const Expr& expr = query.expr();
  tell(TraceEvent::Kind::eval, expr, query);
  if (!expr.with.empty()) return with(query, next);
  return with_stack(query, step(query, next, true));
}

Outcome Walker::advance(Query& query, Next next) {
  ++query.index;
  Outcome out = run(query, next);
  --query.index;
  return out;
}

Outcome Walker::step(Query& query, Next next, bool goes_on) {
  const Expr& expr = query.expr();
  bool defined = false;
  auto found = [&]() -> Outcome {
    defined = true;
    Outcome out = goes_on ? advance(query, next) : next();
    if (!expr.negated) tell(TraceEvent::Kind::redo, expr, query);
    return out;
  };
  Outcome out = nullptr;
  switch (expr.kind) {
    case ExprKind::term:
      out = expr.negated ? negated(query, found) : term_step(query, expr, found);
      break;
    case ExprKind::every:
      out = every(query, expr, found);
      break;
    case ExprKind::not_body:
      out = without_solution(query, expr.bodies[0]->exprs, found);
      break;
    case ExprKind::logical_and:
    case ExprKind::logical_or:
      out = logical(query, expr, found);
      break;
    default:  // declarations only
      out = found();
  }
  if (out == nullptr && !defined) tell(TraceEvent::Kind::fail, expr, query);
  return out;
}

Outcome Walker::term_step(Query& query, const Expr& expr, Next next) {
  const Term& term = *expr.term;
  Bindings& bindings = *query.bindings;
  if (term.kind == TermKind::call) {
    std::string name = syntax::operator_name(term);
    if (name == "eq" || name == "assign")
      return unify(query, {*term.items[1], bindings}, {*term.items[2], bindings}, next);
    return call(query, name, rules_named(*term.items[0]), term.items, next);
  }
  Term result;
  result.kind = TermKind::var;
  result.text = "$" + std::to_string(query.id) + "_" + std::to_string(query.index);
  Item value(result, bindings);
  return unify(query, {term, bindings}, value,
               [&]() -> Outcome { return plugged(value).is_false() ? nullptr : next(); });
}

Outcome Walker::negated(Query& query, Next next) {
  const Expr& expr = query.expr();
  std::vector<Expr*>& positive = complements_[&expr];
  if (positive.empty()) {
    positive.push_back(ast_.copy(expr));
    positive[0]->parens = expr.written();
    if (!expr.origin) positive[0]->origin = &expr;
    positive[0]->negated = false;
    positive[0]->with.clear();
  }
  return without_solution(query, positive, next);
}

Outcome Walker::without_solution(Query& query, const std::vector<Expr*>& exprs, Next next) {
  Query inner = child(query, exprs, *query.bindings);
  tell(TraceEvent::Kind::enter, exprs, inner);
  bool defined = false;
  auto found = [&]() -> Outcome {
    for (auto kind : {TraceEvent::Kind::exit, TraceEvent::Kind::redo}) tell(kind, exprs, inner);
    defined = true;
    return nullptr;
  };
  if (Outcome out = run(inner, found)) return out;
  return defined ? nullptr : next();
}

Outcome Walker::every(Query& query, const Expr& expr, Next next) {
  Item domain(*expr.domain, *query.bindings);
  if (!plugged(domain).is_collection()) {
    tell(TraceEvent::Kind::fail, expr, query);
    return nullptr;
  }
  std::vector<Expr*>& generator = generators_[&expr];
  if (generator.empty()) {
    Term* element = ast_.term(TermKind::ref, expr.domain->span);
    element->items = {expr.domain, expr.key};
    generator.push_back(ast_.expr(ast_.call("eq", {element, expr.value}, expr.domain->span)));
    generator[0]->parens = expr.domain->parens;
  }
  Query elements = child(query, generator, *query.bindings);
  tell(TraceEvent::Kind::enter, expr, elements);
  bool all = true;
  auto check = [&]() -> Outcome {
    if (!all) return nullptr;
    Query body = child(elements, expr.bodies[0]->exprs, *query.bindings);
    body.find_one = true;
    const std::vector<Expr*>& exprs = expr.bodies[0]->exprs;
    tell(TraceEvent::Kind::enter, exprs, body);
    bool done = false;
    auto found = [&]() -> Outcome {
      for (auto kind : {TraceEvent::Kind::exit, TraceEvent::Kind::redo}) tell(kind, exprs, body);
      done = true;
      return nullptr;
    };
    Outcome out = run(body, found);
    all = done;
    tell(TraceEvent::Kind::redo, expr, elements);
    return suppressed(out);
  };
  if (Outcome out = run(elements, check)) return out;
  Outcome out = all ? next() : nullptr;
  tell(all ? TraceEvent::Kind::exit : TraceEvent::Kind::fail, expr, elements);
  return out;
}

Outcome Walker::logical(Query& query, const Expr& expr, Next next) {
  bool is_and = expr.kind == ExprKind::logical_and, holds = false;
  if (Outcome out = operand_holds(query, *expr.bodies[0], holds)) return out;
  if (holds != is_and) return is_and ? nullptr : next();
  if (Outcome out = operand_holds(query, *expr.bodies[1], holds)) return out;
  return holds ? next() : nullptr;
}

Outcome Walker::operand_holds(Query& query, const Body& body, bool& holds) {
  Query inner = child(query, body.exprs, *query.bindings);
  inner.find_one = true;
  tell(TraceEvent::Kind::enter, body.exprs, inner);
  holds = false;
  auto found = [&]() -> Outcome {
    for (auto kind : {TraceEvent::Kind::exit, TraceEvent::Kind::redo})
      tell(kind, body.exprs, inner);
    holds = true;
    return nullptr;
  };
  return suppressed(run(inner, found));
}

}  // namespace lictor::trace
