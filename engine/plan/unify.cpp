// Unification, decided while planning: a variable that is not bound yet takes the other side's
// value, patterns are taken apart, and what is left is a test.
#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

bool is_pattern(const Term& term) {
  return term.kind == TermKind::array || term.kind == TermKind::object;
}

bool same_keys(const Term& a, const Term& b) {
  if (a.items.size() != b.items.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); i += 2) {
    if (syntax::to_text(*a.items[i]) != syntax::to_text(*b.items[i])) return false;
  }
  return true;
}

bool is_document(const Term& term) {
  return term.kind == TermKind::ref ||
         (term.kind == TermKind::var && (term.text == "input" || term.text == "data"));
}

/// True for a pattern that no value of the comprehension can have, which OPA sees before it makes
/// one.
bool never_meet(const Term& pattern, const Term& other) {
  if (other.body == nullptr) return false;
  return kind_of(other) != (pattern.kind == TermKind::array ? Kind::array : Kind::object);
}

}  // namespace

Kind kind_of(const Term& comprehension) {
  switch (comprehension.kind) {
    case TermKind::array_comprehension:
      return Kind::array;
    case TermKind::object_comprehension:
      return Kind::object;
    default:
      return Kind::set;
  }
}

void FunctionPlanner::unify(const Term& a, const Term& b, const Next& next) {
  calls_first({&a, &b}, [&] { parts_first({&a, &b}, [&] { unify_sides(a, b, next); }); });
}

void FunctionPlanner::unify_sides(const Term& a, const Term& b, const Next& next) {
  bool a_free = a.kind == TermKind::var && !is_bound(a.text);
  bool b_free = b.kind == TermKind::var && !is_bound(b.text);
  ask_columns(a, b);
  if (a_free) return bind_side(a, b, next);
  if (b_free) return bind_side(b, a, next);
  if (a.kind == TermKind::array && b.kind == TermKind::array) {
    if (a.items.size() != b.items.size()) return jump_fail();
    std::vector<std::pair<const Term*, const Term*>> pairs;
    for (std::size_t i = 0; i < a.items.size(); ++i) pairs.emplace_back(a.items[i], b.items[i]);
    return unify_items(std::move(pairs), next);
  }
  if (a.kind == TermKind::object && b.kind == TermKind::object && same_keys(a, b)) {
    std::vector<std::pair<const Term*, const Term*>> pairs;
    for (std::size_t i = 1; i < a.items.size(); i += 2) pairs.emplace_back(a.items[i], b.items[i]);
    return unify_items(std::move(pairs), next);
  }
  if (is_pattern(a) && !is_bound(a) && never_meet(a, b)) return jump_fail();
  if (is_pattern(a) && !is_bound(a))
    return term(b, [&](Operand value) { destructure(a, value, next); });
  if (is_pattern(b) && !is_bound(b))
    return term(a, [&](Operand value) { destructure(b, value, next); });
  if (b.body && !a.body) return unify_closure(a, b, next);
  if (a.body && is_document(b)) return unify_closure(b, a, next);
  both(a, b, [&](Operand left, Operand right) {
    emit_failing(Opcode::equal, 0, left, right);
    next();
  });
}

/// OPA makes a comprehension only where the other side is of its kind, or a set; its body may raise
/// an error.
void FunctionPlanner::unify_closure(const Term& other, const Term& closure, const Next& next) {
  term(other, [&](Operand value) {
    for (Kind kind :
         {Kind::null_value, Kind::boolean, Kind::number, Kind::string, Kind::array, Kind::object}) {
      if (kind == kind_of(closure)) continue;
      emit_failing(Opcode::is_other_kind, 0, value, 0, static_cast<std::size_t>(kind));
    }
    term(closure, [&](Operand made) {
      emit_failing(Opcode::equal, 0, value, made);
      next();
    });
  });
}

/// Binds a variable, and keeps what was written if it matters for those who go through it.
void FunctionPlanner::bind_side(const Term& var, const Term& other, const Next& next) {
  const Term* literal = compile::has_order_of_terms(other) ? &other : nullptr;
  auto alias = other.kind == TermKind::var ? literals_.find(other.text) : literals_.end();
  if (alias != literals_.end()) literal = alias->second;
  term(other, [&](Operand value) {
    if (literal) literals_[var.text] = literal;
    destructure(var, value, next);  // in `k = xs[k]` it is bound by now
    if (literal) literals_.erase(var.text);
  });
}

/// Takes first a pair of which one side is known, since it may bind what the others need.
void FunctionPlanner::unify_items(std::vector<std::pair<const Term*, const Term*>> pairs,
                                  const Next& next) {
  if (pairs.empty()) return next();
  auto known = [&](const auto& pair) { return is_bound(*pair.first) || is_bound(*pair.second); };
  std::size_t chosen = 0;
  while (chosen + 1 < pairs.size() && !known(pairs[chosen])) ++chosen;
  if (!known(pairs[chosen])) chosen = 0;
  auto [a, b] = pairs[chosen];
  pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(chosen));
  unify(*a, *b, [&, pairs] { unify_items(pairs, next); });
}

void FunctionPlanner::destructure(const Term& pattern, Operand value, const Next& next) {
  if (pattern.kind == TermKind::var && !is_bound(pattern.text))
    return bind_var(pattern.text, value, next);
  if (is_pattern(pattern) && !is_bound(pattern)) {
    bool array = pattern.kind == TermKind::array;
    std::size_t size = array ? pattern.items.size() : pattern.items.size() / 2;
    emit_failing(array ? Opcode::is_array : Opcode::is_object, 0, value, 0, size);
    return destructure_items(pattern, value, 0, next);
  }
  // A set is no pattern: what nothing binds in it makes it equal to none.
  if (pattern.kind == TermKind::set && !is_bound(pattern)) return jump_fail();
  term(pattern, [&](Operand wanted) {
    emit_failing(Opcode::equal, 0, value, wanted);
    next();
  });
}

void FunctionPlanner::destructure_items(const Term& pattern, Operand value, std::size_t at,
                                        const Next& next) {
  if (at == pattern.items.size()) return next();
  bool array = pattern.kind == TermKind::array;
  if (array && is_item_implied(*pattern.items[at]))
    return destructure_items(pattern, value, at + 1, next);
  auto take = [&](Operand key) {
    Operand item = new_register();
    emit_failing(Opcode::get, item, value, key);
    destructure(*pattern.items[array ? at : at + 1], item,
                [&] { destructure_items(pattern, value, at + (array ? 1 : 2), next); });
  };
  if (array) return take(planner_.constant(Value::integer(static_cast<std::int64_t>(at))));
  // A key is no pattern: what nothing binds is the key of no object.
  if (!is_ready(*pattern.items[at])) return jump_fail();
  term(*pattern.items[at], take);
}

}  // namespace lictor::plan
