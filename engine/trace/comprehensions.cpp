// Comprehensions → their values, or a table of them. Source: OPA v1/topdown/eval.go,
// biunifyComprehension.
#include "trace/walker.hpp"

namespace lictor::trace {

Outcome Walker::comprehension(Query& query, const Item& a, const Item& b, Next next) {
  Value value;
  auto keys = comprehension_keys_.find(a.term);
  bool keyed = keys != comprehension_keys_.end();
  Outcome failed = keyed ? keyed_value(query, *a.term, keys->second, value) : Outcome(nullptr);
  if (failed) return failed;
  if (value.is_undefined()) failed = comprehension_value(query, *a.term, value);
  if (failed) return failed;
  return unify(query, value, b, next);
}

Outcome Walker::comprehension_value(Query& query, const Term& term, Value& out) {
  Query inner = child(query, term.body->exprs, *query.bindings);
  tell(TraceEvent::Kind::enter, term.body->exprs, inner);
  Collected collected;
  auto add = [&]() -> Outcome {
    tell(TraceEvent::Kind::exit, term.body->exprs, inner);
    Outcome failed = collect(term, *inner.bindings, false, collected);
    tell(TraceEvent::Kind::redo, term.body->exprs, inner);
    return failed;
  };
  if (Outcome failed = run(inner, add)) return failed;
  out = made(term, collected);
  return nullptr;
}

/// Adds a solution of the body. In a table the last of two values at one key stays, as in OPA.
Outcome Walker::collect(const Term& term, Bindings& bindings, bool in_table, Collected& out) {
  Value first = plugged({*term.items[0], bindings});
  if (term.kind != TermKind::object_comprehension) {
    out.items.push_back(first);
    return nullptr;
  }
  Value value = plugged({*term.items[1], bindings});
  auto [at, added] = out.members.try_emplace(first, value);
  if (in_table) at->second = value;
  if (added || equal(at->second, value)) return nullptr;
  return failure(ErrorCode::eval_conflict, term.items[0]->span, term.items[0]->written(),
                 "object keys must be unique");
}

Value Walker::made(const Term& term, Collected& collected) {
  if (term.kind == TermKind::object_comprehension) {
    Member* members = arena_->allocate<Member>(collected.members.size());
    std::size_t size = 0;
    for (const auto& [key, value] : collected.members) members[size++] = {key, value};
    return make_object(*arena_, members, size, true);
  }
  const std::vector<Value>& items = collected.items;
  return term.kind == TermKind::array_comprehension
             ? make_array(*arena_, items.data(), items.size())
             : make_set(*arena_, items.data(), items.size());
}

/// The value for the keys as they are bound, from a table that is made when it is first needed.
/// Undefined when the table has none: then the comprehension is evaluated by itself.
Outcome Walker::keyed_value(Query& query, const Term& term, const std::vector<std::string>& keys,
                            Value& out) {
  if (query.comprehensions == nullptr)
    query.comprehensions = std::make_shared<ComprehensionCache>();
  auto values = [&](Bindings& bindings) {
    std::vector<Value> found;
    for (const std::string& key : keys) {
      const Item* bound = bindings.find(key);
      found.push_back(bound ? plugged(*bound) : Value());
    }
    return found;
  };
  auto& frame = query.comprehensions->frames.back();
  if (auto known = frame.find(&term); known == frame.end()) {
    Bindings bindings;
    Query inner = child(query, term.body->exprs, bindings);
    std::map<std::vector<Value>, Collected, ValuesLess> groups;
    tell(TraceEvent::Kind::enter, term.body->exprs, inner);
    auto add = [&]() -> Outcome {
      tell(TraceEvent::Kind::exit, term.body->exprs, inner);
      Outcome failed = collect(term, bindings, true, groups[values(bindings)]);
      tell(TraceEvent::Kind::redo, term.body->exprs, inner);
      return failed;
    };
    if (Outcome failed = run(inner, add)) return failed;
    ComprehensionCache::Table& table = query.comprehensions->frames.back()[&term];
    for (auto& [group, collected] : groups) table[group] = made(term, collected);
  }
  const ComprehensionCache::Table& table = query.comprehensions->frames.back().at(&term);
  auto found = table.find(values(*query.bindings));
  if (found != table.end()) out = found->second;
  return nullptr;
}

}  // namespace lictor::trace
