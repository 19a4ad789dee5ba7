// Documents that rules make: complete ones, whose first value is followed at once, and partial
// ones, which are made before anything is read from them. Source: OPA v1/topdown/eval.go,
// evalVirtual.
#include <algorithm>

#include "trace/walker.hpp"

namespace lictor::trace {

bool ValuesLess::operator()(const std::vector<Value>& a, const std::vector<Value>& b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), ValueLess());
}

bool CacheKey::operator<(const CacheKey& other) const {
  if (document != other.document) return document < other.document;
  if (called != other.called) return other.called;
  ValuesLess less;
  if (less(keys, other.keys)) return true;
  if (less(other.keys, keys)) return false;
  return less(scope, other.scope);
}

Value Partial::made(Arena& arena) const {
  if (kind == Kind::value) return value;
  if (kind == Kind::set) {
    std::vector<Value> items(elements.begin(), elements.end());
    return make_set(arena, items.data(), items.size());
  }
  Member* out = arena.allocate<Member>(members.size());
  std::size_t size = 0;
  for (const auto& [key, member] : members) out[size++] = {key, member.made(arena)};
  return make_object(arena, out, size, true);
}

Outcome Walker::virtual_document(Reading& reading, std::size_t at, const TreeNode& node,
                                 Next next) {
  const TreeNode& document = prepared(node);
  Candidates found = candidates(reading.query, document, nullptr);
  if (document.is_multi_value() || !document.only_ground_refs)
    return partial(reading, at, document, found, next);
  if (found.empty() || document.is_function()) return nullptr;
  return complete(reading, at, document, found, next);
}

// ---- Complete documents ----

Outcome Walker::complete(Reading& reading, std::size_t at, const TreeNode& document,
                         const Candidates& candidates, Next next) {
  auto cached = cache_.back().find({&document, {}, {}});
  if (cached != cache_.back().end()) {
    Value value = cached->second;
    return value.is_undefined() ? nullptr : value_ref(reading, at + 1, value, next);
  }
  Value first;
  auto evaluate = [&](const Clause& clause, bool& produced) {
    return complete_rule(reading, at, document, clause, candidates.early_exit, first, produced,
                         next);
  };
  auto produce = [&](const Clause& clause, Conflicts& conflicts, bool& produced) {
    return conflicting_value(reading.query, clause, candidates.early_exit, nullptr, conflicts,
                             produced);
  };
  bool done = false;
  Outcome out = in_order(candidates, evaluate, produce, done);
  if (out == nullptr && !done) cache_.back()[{&document, {}, {}}] = Value();
  return suppressed(out);
}

/// Evaluates rules in order, else-clauses where a rule has no value, and the default where none
/// has.
Outcome Walker::in_order(const Candidates& candidates, Evaluate evaluate, Produce produce,
                         bool& done) {
  DeferredExit deferred;
  for (const Candidates::Set& set : candidates.sets) {
    bool produced = false;
    Outcome out = deferred.take(evaluate(*set.rule, produced));
    if (out) return list_conflicts(out, *set.rule, candidates, produce);
    for (const Clause* other : set.others) {
      if (produced) break;
      out = deferred.take(evaluate(*other, produced));
      if (out) return list_conflicts(out, *other, candidates, produce);
    }
    done = done || produced;
  }
  if (candidates.fallback && !done) return evaluate(*candidates.fallback, done);
  return deferred.first();
}

Outcome Walker::complete_rule(Reading& reading, std::size_t at, const TreeNode& document,
                              const Clause& clause, bool find_one, Value& first, bool& produced,
                              Next next) {
  Bindings bindings;
  Query query = child(reading.query, clause.flat->body->exprs, bindings);
  query.find_one = find_one;
  tell(TraceEvent::Kind::enter, clause, query);
  auto found = [&]() -> Outcome {
    tell(TraceEvent::Kind::exit, clause, query);
    produced = true;
    Value value = plugged({*clause.flat->value, bindings});
    if (!first.is_undefined()) {
      if (!equal(first, value)) return conflict_of(clause, document, false);
    } else {
      first = value;
      cache_.back()[{&document, {}, {}}] = value;
      Item as_written = resolved({*clause.flat->value, bindings});
      if (Outcome out = value_ref(reading, at + 1, as_written, next)) return out;
    }
    tell(TraceEvent::Kind::redo, clause, query);
    return nullptr;
  };
  return run(query, found);
}

// ---- Partial documents ----

Partial Walker::empty_result(const TreeNode& document) {
  bool is_set = document.is_multi_value() && document.only_ground_refs;
  return {is_set ? Partial::Kind::set : Partial::Kind::object};
}

Outcome Walker::partial(Reading& reading, std::size_t at, const TreeNode& document,
                        const Candidates& candidates, Next next) {
  if (reading.size() != at + 1) return part(reading, at, document, candidates, next);
  auto cached = cache_.back().find({&document, {}, {}});
  Value value;
  if (cached != cache_.back().end()) {
    value = cached->second;
  } else {
    if (Outcome failed = whole(reading.query, at, document, candidates, value)) return failed;
    cache_.back()[{&document, {}, {}}] = value;
  }
  return unify(reading.query, value, reading.other, next);
}

Outcome Walker::whole(Query& query, std::size_t at, const TreeNode& document,
                      const Candidates& candidates, Value& out) {
  Partial result = empty_result(document);
  std::vector<std::vector<Value>> visited;
  for (const Candidates::Set& set : candidates.sets) {
    const Clause& clause = *set.rule;
    Bindings bindings;
    Query inner = child(query, clause.flat->body->exprs, bindings);
    tell(TraceEvent::Kind::enter, clause, inner);
    auto found = [&]() -> Outcome {
      tell(TraceEvent::Kind::exit, clause, inner);
      bool existed = false;
      if (Outcome failed = add_value(at, clause, bindings, result, visited, existed)) return failed;
      tell(TraceEvent::Kind::redo, clause, inner);
      return nullptr;
    };
    if (Outcome failed = run(inner, found)) return failed;
  }
  out = result.made(*arena_);
  return nullptr;
}

/// What a ref asks of the keys of a partial document, as the key of what is made for it.
struct Walker::PartKey {
  CacheKey key;
  bool all = false;      // the first key is open: the whole document is made
  std::size_t last = 0;  // of the ref: where the keys end
  Value cached;
};

Walker::PartKey Walker::part_key(Reading& reading, std::size_t at, const TreeNode& document,
                                 const Candidates& candidates) {
  PartKey out;
  out.key.document = &document;
  auto look = [&] {
    auto cached = cache_.back().find(out.key);
    if (cached != cache_.back().end()) out.cached = cached->second;
    return !out.cached.is_undefined();
  };
  out.last = at;
  if (look()) return out;
  Item first = resolved(reading.item(at + 1));
  out.all = first.is_var();
  if (out.all) return out;
  std::size_t most = 0;
  for (const Candidates::Set& set : candidates.sets)
    most = std::max(most, set.rule->ref.size() + (set.rule->rule->multi_value ? 1 : 0));
  most = std::min(most, reading.size());
  for (std::size_t i = at + 1; i < most; ++i) {
    Value key = plugged(reading.item(i));
    bool in_keys = !key.is_undefined() && out.key.scope.empty() && out.last + 1 == i;
    if (in_keys) {
      out.key.keys.push_back(key);
      out.last = i;
    } else if (!out.key.keys.empty()) {
      out.key.scope.push_back(key);
    } else {
      break;
    }
    if (look()) return out;
  }
  while (!out.key.scope.empty() && out.key.scope.back().is_undefined()) out.key.scope.pop_back();
  return out;
}

Outcome Walker::part(Reading& reading, std::size_t at, const TreeNode& document,
                     const Candidates& candidates, Next next) {
  if (candidates.empty()) return nullptr;
  PartKey key = part_key(reading, at, document, candidates);
  if (!key.cached.is_undefined()) return value_ref(reading, key.last + 1, key.cached, next);
  if (key.all) {
    Value value;
    if (Outcome failed = whole(reading.query, at, document, candidates, value)) return failed;
    cache_.back()[key.key] = value;
    return value_ref(reading, at + 1, value, next);
  }
  Partial result = empty_result(document);
  std::vector<std::vector<Value>> visited;
  for (const Candidates::Set& set : candidates.sets) {
    if (Outcome failed = rule_for_part(reading, at, *set.rule, result, visited)) return failed;
  }
  Value value = result.made(*arena_);
  Value part = found_in(value, key.key.keys.data(), key.key.keys.size());
  if (!key.key.keys.empty() && !part.is_undefined()) cache_.back()[key.key] = part;
  return value_ref(reading, at + 1, value, next);
}

/// Evaluates a rule with the keys of its head bound to what the ref asks for.
Outcome Walker::rule_for_part(Reading& reading, std::size_t at, const Clause& clause,
                              Partial& result, std::vector<std::vector<Value>>& visited) {
  Bindings bindings;
  Query query = child(reading.query, clause.flat->body->exprs, bindings);
  tell(TraceEvent::Kind::enter, clause, query);
  bool defined = false;
  auto found = [&]() -> Outcome {
    tell(TraceEvent::Kind::exit, clause, query);
    bool existed = false;
    if (Outcome failed = add_value(at, clause, bindings, result, visited, existed)) return failed;
    if (existed) tell(TraceEvent::Kind::duplicate, clause, query);
    tell(TraceEvent::Kind::redo, clause, query);
    return nullptr;
  };
  auto body = [&]() -> Outcome {
    defined = true;
    return run(query, found);
  };
  Outcome out = unify_head(reading, at + 1, clause, query, body);
  if (out == nullptr && !defined) tell(TraceEvent::Kind::fail, clause, query);
  return out;
}

Outcome Walker::unify_head(Reading& reading, std::size_t at, const Clause& clause, Query& query,
                           Next next) {
  Bindings& bindings = *query.bindings;
  if (at < reading.size() && at < clause.ref.size()) {
    return unify(query, reading.item(at), {*clause.ref[at], bindings},
                 [&] { return unify_head(reading, at + 1, clause, query, next); });
  }
  bool has_key = clause.rule->multi_value && at < reading.size();
  if (!has_key) return next();
  return unify(query, reading.item(at), {*clause.flat->key, bindings}, next);
}

/// The error of a function in a document whose key or value is made of its parameters.
Outcome Walker::has_no_value(const Clause& clause) {
  return failure(ErrorCode::eval_internal, clause.rule->span, "", "var requires evaluation");
}

/// Puts the value of a solution in its place; `existed` says that it was there before.
Outcome Walker::add_value(std::size_t at, const Clause& clause, Bindings& bindings, Partial& result,
                          std::vector<std::vector<Value>>& visited, bool& existed) {
  bool is_set = clause.rule->multi_value;
  const Term& term = is_set ? *clause.flat->key : *clause.flat->value;
  Value added = plugged({term, bindings});
  if (added.is_undefined()) return has_no_value(clause);
  if (result.kind == Partial::Kind::set) {
    existed = !result.elements.insert(added).second;
    return nullptr;
  }
  std::vector<Value> path;
  for (std::size_t i = at + 1; i < clause.ref.size(); ++i) {
    path.push_back(plugged({*clause.ref[i], bindings}));
    if (path.back().is_undefined()) return has_no_value(clause);
  }
  auto is_inside = [&](const std::vector<Value>& other) {
    return other.size() < path.size() && std::equal(other.begin(), other.end(), path.begin(),
                                                    [](auto& a, auto& b) { return equal(a, b); });
  };
  if (std::any_of(visited.begin(), visited.end(), is_inside)) return key_conflict(clause);
  visited.push_back(path);
  Partial* place = &result;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    place = &place->members[path[i]];
    if (place->kind != Partial::Kind::object) return key_conflict(clause);
  }
  auto [leaf, is_new] = place->members.try_emplace(path.back());
  Partial& member = leaf->second;
  if (is_new) member.kind = is_set ? Partial::Kind::set : Partial::Kind::value;
  if (is_set) {
    if (member.kind != Partial::Kind::set) return key_conflict(clause);
    existed = !member.elements.insert(added).second;
  } else if (is_new) {
    member.value = added;
  } else if (existed = equal(member.made(*arena_), added); !existed) {
    return key_conflict(clause);
  }
  return nullptr;
}

}  // namespace lictor::trace
