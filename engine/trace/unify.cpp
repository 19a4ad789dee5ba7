// Unification: two sides become equal by binding variables, for as long as what follows runs.
// Source: OPA v1/topdown/eval.go, biunify.
#include <algorithm>

#include "plan/constant.hpp"
#include "syntax/term_order.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {
namespace {

enum class Side : std::uint8_t { evaluated, scalar, array, object, set };

/// What a side is, as far as unification tells them apart. Vars, refs and closures are evaluated.
Side side(const Item& item) {
  if (item.is_var() || item.is_ref() || item.is_closure()) return Side::evaluated;
  if (!item.is_value()) {
    switch (item.term->kind) {
      case TermKind::array:
        return Side::array;
      case TermKind::object:
        return Side::object;
      default:
        return Side::set;
    }
  }
  switch (item.value.kind()) {
    case Kind::array:
      return Side::array;
    case Kind::object:
      return Side::object;
    case Kind::set:
      return Side::set;
    default:
      return Side::scalar;
  }
}

/// True if an evaluated side can become what the other one is.
bool may_become(const Item& item, Side other) {
  if (!item.is_closure()) return true;
  switch (item.term->kind) {
    case TermKind::array_comprehension:
      return other == Side::array;
    case TermKind::object_comprehension:
      return other == Side::object;
    default:
      return false;
  }
}

std::size_t size_of(const Item& array) {
  return array.is_value() ? array.value.size() : array.term->items.size();
}

Item element(const Item& array, std::size_t at) {
  if (array.is_value()) return array.value.items()[at];
  return {*array.term->items[at], *array.bindings};
}

bool is_composite(TermKind kind) {
  return kind == TermKind::array || kind == TermKind::object || kind == TermKind::set;
}

}  // namespace

Value Walker::constant(const Term& term) {
  auto [at, added] = constants_.try_emplace(&term);
  if (added && syntax::is_ground(term)) at->second = plan::constant_value(term, kept_);
  return at->second;
}

Item Walker::resolved(Item item) {
  while (item.is_var()) {
    const Item* bound = item.bindings->find(item.term->text);
    if (bound == nullptr) return item;
    item = *bound;
  }
  if (item.is_value() || item.is_ref() || item.is_closure()) return item;
  Value value = constant(*item.term);
  return value.is_undefined() ? item : Item(value);
}

Value Walker::plugged(const Item& given) {
  Item item = resolved(given);
  if (item.is_value()) return item.value;
  if (!is_composite(item.term->kind)) return Value();
  std::vector<Value> items;
  for (const Term* part : item.term->items) {
    items.push_back(plugged({*part, *item.bindings}));
    if (items.back().is_undefined()) return Value();
  }
  if (item.term->kind == TermKind::array) return make_array(*arena_, items.data(), items.size());
  if (item.term->kind == TermKind::set) return make_set(*arena_, items.data(), items.size());
  std::size_t count = items.size() / 2;
  Member* members = arena_->allocate<Member>(count);
  Member* end = members;
  for (std::size_t i : syntax::ordered_places(*item.term)) *end++ = {items[i], items[i + 1]};
  return make_unique_object(*arena_, members, count, Duplicates::first_key_last_value);
}

Outcome Walker::unify(Query& query, const Item& left, const Item& right, Next next) {
  Item a = resolved(left), b = resolved(right);
  tell_unification(a, b, query);
  Side of_a = side(a), of_b = side(b);
  if (of_a == Side::evaluated || of_a == Side::set) return unify_evaluated(query, a, b, next);
  if (of_b == Side::evaluated)
    return may_become(b, of_a) ? unify_evaluated(query, a, b, next) : nullptr;
  if (of_a != of_b) return nullptr;
  if (of_a == Side::scalar) return equal(a.value, b.value) ? next() : nullptr;
  if (of_a == Side::array)
    return size_of(a) == size_of(b) ? unify_arrays(query, a, b, 0, next) : nullptr;
  Pairs pairs_a, pairs_b;
  if (!pairs_of(a, pairs_a) || !pairs_of(b, pairs_b) || pairs_a.size() != pairs_b.size())
    return nullptr;
  return unify_pairs(query, pairs_a, pairs_b, 0, next);
}

Outcome Walker::unify_evaluated(Query& query, const Item& a, const Item& b, Next next) {
  if (a.is_ref()) return ref(query, a, b, next);
  if (b.is_ref()) return ref(query, b, a, next);
  if (a.is_closure()) return comprehension(query, a, b, next);
  if (b.is_closure()) return comprehension(query, b, a, next);
  if (a.is_var() && b.is_var() && a.bindings == b.bindings && a.term->text == b.term->text)
    return next();
  if (a.is_var()) return bind(a, b, next);
  if (b.is_var()) return bind(b, a, next);
  Value value_a = plugged(a), value_b = plugged(b);
  bool same = !value_a.is_undefined() && !value_b.is_undefined() && equal(value_a, value_b);
  return same ? next() : nullptr;
}

Outcome Walker::bind(const Item& var, const Item& item, Next next) {
  var.bindings->bind(*var.term, item);
  Outcome out = next();
  var.bindings->unbind();
  return out;
}

Outcome Walker::unify_arrays(Query& query, const Item& a, const Item& b, std::size_t at,
                             Next next) {
  if (at == size_of(a)) return next();
  return unify(query, element(a, at), element(b, at),
               [&] { return unify_arrays(query, a, b, at + 1, next); });
}

/// The members of an object by key; false if a key is not known.
bool Walker::pairs_of(const Item& object, Pairs& out) {
  if (object.is_value()) {
    for (std::uint32_t i = 0; i < object.value.size(); ++i) {
      Member member = object_member(object.value, i);
      out.emplace_back(member.key, member.value);
    }
    return true;
  }
  const Terms& items = object.term->items;
  for (std::size_t i = 0; i < items.size(); i += 2) {
    Value key = plugged({*items[i], *object.bindings});
    if (key.is_undefined()) return false;
    out.emplace_back(key, Item(*items[i + 1], *object.bindings));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  return true;
}

Outcome Walker::unify_pairs(Query& query, const Pairs& a, const Pairs& b, std::size_t at,
                            Next next) {
  if (at == a.size()) return next();
  auto other = std::find_if(b.begin(), b.end(),
                            [&](const auto& pair) { return equal(pair.first, a[at].first); });
  if (other == b.end()) return nullptr;
  return unify(query, a[at].second, other->second,
               [&] { return unify_pairs(query, a, b, at + 1, next); });
}

Outcome Walker::unify_all(Query& query, const std::vector<Item>& a, const std::vector<Item>& b,
                          std::size_t at, Next next) {
  if (a.size() != b.size()) return nullptr;
  if (at == a.size()) return next();
  return unify(query, a[at], b[at], [&] { return unify_all(query, a, b, at + 1, next); });
}

}  // namespace lictor::trace
