// Refs: the tree of rules and base documents, then what is inside of a value.
// Source: OPA v1/topdown/eval.go, evalTree and evalTerm.
#include <algorithm>

#include "eval/state.hpp"
#include "syntax/term_order.hpp"
#include "trace/walker.hpp"
#include "value/number.hpp"

namespace lictor::trace {
Value found_in(Value document, const Value* path, std::size_t size) {
  for (std::size_t i = 0; i < size && !document.is_undefined(); ++i)
    document = document.is_collection() ? lookup(document, path[i]) : Value();
  return document;
}

Outcome Walker::ref(Query& query, const Item& a, const Item& b, Next next) {
  Reading reading{query, *a.term, *a.bindings, b};
  const Term& head = a.term->kind == TermKind::ref ? *a.term->items[0] : *a.term;
  if (head.kind == TermKind::var && head.text == "data") {
    std::vector<Value> path;
    return tree(reading, 1, &rules_, path, next);
  }
  bool is_input = head.kind == TermKind::var && head.text == "input";
  Item value = is_input ? Item(query.input) : resolved({head, *a.bindings});
  bool known = !value.is_var() && !(value.is_value() && value.value.is_undefined());
  return known ? value_ref(reading, 1, value, next) : nullptr;
}

// ---- Inside of a value ----

/// What is at a key; undefined if nothing is.
Item Walker::part_of(const Item& collection, const Value& key) {
  if (collection.is_value())
    return collection.value.is_collection() ? lookup(collection.value, key) : Value();
  const Terms& items = collection.term->items;
  auto item = [&](std::size_t at) { return Item(*items[at], *collection.bindings); };
  switch (collection.term->kind) {
    case TermKind::array: {
      std::optional<std::int64_t> at = key.is(Kind::number) ? to_int64(key) : std::nullopt;
      bool inside = at && *at >= 0 && *at < static_cast<std::int64_t>(items.size());
      return inside ? resolved(item(static_cast<std::size_t>(*at))) : Value();
    }
    case TermKind::object:
      for (std::size_t i : syntax::ordered_places(*collection.term)) {
        Value found = plugged(item(i));
        if (!found.is_undefined() && equal(found, key)) return resolved(item(i + 1));
      }
      return Value();
    case TermKind::set:
      for (std::size_t i = 0; i < items.size(); ++i) {
        Value found = plugged(item(i));
        if (!found.is_undefined() && equal(found, key)) return key;
      }
      return Value();
    default:
      return Value();
  }
}

Outcome Walker::value_ref(Reading& reading, std::size_t at, const Item& value, Next next) {
  if (at == reading.size()) return unify(reading.query, value, reading.other, next);
  Value key = plugged(reading.item(at));
  if (key.is_undefined()) return value_keys(reading, at, value, next);
  Item part = part_of(value, key);
  if (part.is_value() && part.value.is_undefined()) return nullptr;
  return value_ref(reading, at + 1, part, next);
}

Outcome Walker::value_keys(Reading& reading, std::size_t at, const Item& collection, Next next) {
  DeferredExit deferred;
  Item key = resolved(reading.item(at));
  auto turn = [&](const Item& found) {
    auto go_on = [&]() -> Outcome {
      Item part = part_of(collection, plugged(found));
      if (part.is_value() && part.value.is_undefined()) return nullptr;
      return value_ref(reading, at + 1, part, next);
    };
    return deferred.take(unify(reading.query, found, key, go_on));
  };
  if (!collection.is_value()) {
    const Term& literal = *collection.term;
    if (literal.kind == TermKind::array) {
      for (std::size_t i = 0; i < literal.items.size() && key.is_var(); ++i) {
        if (Outcome out = turn(Value::integer(static_cast<std::int64_t>(i)))) return out;
      }
    } else {
      for (std::size_t i : syntax::ordered_places(literal)) {
        if (Outcome out = turn({*literal.items[i], *collection.bindings})) return out;
      }
    }
    return deferred.first();
  }
  const Value& value = collection.value;
  if (value.is(Kind::array)) {
    for (std::uint32_t i = 0; i < value.size() && key.is_var(); ++i) {
      if (Outcome out = turn(Value::integer(i))) return out;
    }
  } else if (value.is(Kind::object)) {
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (Outcome out = turn(object_member(value, i).key)) return out;
    }
  } else if (value.is(Kind::set)) {
    // The one element that can be meant is looked up: `some x in xs` where x is known.
    Value wanted = at + 1 == reading.size() ? plugged(reading.other) : Value();
    if (!wanted.is_undefined()) {
      if (!has_value(value, wanted)) return nullptr;
      Outcome out = turn(wanted);
      return out ? out : deferred.first();
    }
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (Outcome out = turn(value.items()[i])) return out;
    }
  }
  return deferred.first();
}

// ---- The tree of documents ----

/// `path` is what was read behind `data`; `node` is there, or null where no rules are.
Outcome Walker::tree(Reading& reading, std::size_t at, const TreeNode* node,
                     std::vector<Value>& path, Next next) {
  if (at == reading.size()) {
    Value value;
    if (Outcome failed = extent(reading.query, node, path, value)) return failed;
    if (value.is_undefined()) return nullptr;
    return unify(reading.query, reading.other, value, next);
  }
  Value key = plugged(reading.item(at));
  if (key.is_undefined()) return tree_keys(reading, at, node, path, next);
  return tree_child(reading, at, node, key, path, next);
}

Outcome Walker::tree_child(Reading& reading, std::size_t at, const TreeNode* node, const Value& key,
                           std::vector<Value>& path, Next next) {
  path.resize(at - 1);
  path.push_back(key);
  const TreeNode* below = nullptr;
  if (node && !is_replaced(path.data(), path.size())) below = node->child(key);
  if (below && below->has_rules()) return virtual_document(reading, at, *below, next);
  return tree(reading, at + 1, below, path, next);
}

Outcome Walker::tree_keys(Reading& reading, std::size_t at, const TreeNode* node,
                          std::vector<Value>& path, Next next) {
  path.resize(at - 1);
  Value base = base_document(reading.query, path.data(), path.size());
  DeferredExit deferred;
  auto turn = [&](const Value& key) {
    auto go_on = [&] { return tree_child(reading, at, node, key, path, next); };
    return unify(reading.query, key, reading.item(at), go_on);
  };
  for (std::uint32_t i = 0; base.is_collection() && i < base.size(); ++i) {
    Value key = base.is(Kind::array)    ? Value::integer(i)
                : base.is(Kind::object) ? object_member(base, i).key
                                        : base.items()[i];
    Outcome out = turn(key);
    bool second = deferred.first() != nullptr;
    if (Outcome stopped = second ? out : deferred.take(out)) return stopped;
  }
  if (deferred.first()) return deferred.first();
  if (node == nullptr) return nullptr;
  for (const auto& [key, below] : node->children) {
    bool in_base = base.is_collection() && !lookup(base, key).is_undefined();
    if (in_base) continue;
    if (Outcome out = turn(key)) return out;
  }
  return nullptr;
}

/// All that a document is: what rules make of it, and the base document.
Outcome Walker::extent(Query& query, const TreeNode* node, const std::vector<Value>& path,
                       Value& out) {
  Value base = base_document(query, path.data(), path.size());
  Value made;
  if (node) {
    if (Outcome failed = leaves(query, *node, path.size(), made)) return failed;
  }
  out = made.is_undefined() ? base : base.is_undefined() ? made : eval::merged(*arena_, base, made);
  return nullptr;
}

Outcome Walker::leaves(Query& query, const TreeNode& node, std::size_t depth, Value& out) {
  std::vector<Member> members;
  for (const auto& [key, below] : node.children) {
    if (depth == 0 && key.as_string() == ir::hidden_document) continue;
    Value value;
    if (below->has_rules()) {
      Term var;
      var.kind = TermKind::var;
      var.text = "$leaf";
      Item leaf(var, *query.bindings);
      auto keep = [&]() -> Outcome {
        value = plugged(leaf);
        return nullptr;
      };
      const Term& whole = *below->ref;
      if (Outcome failed = unify(query, {whole, *query.bindings}, leaf, keep)) return failed;
    } else if (Outcome failed = leaves(query, *below, depth + 1, value)) {
      return failed;
    }
    if (!value.is_undefined()) members.push_back({key, value});
  }
  Member* copy = arena_->allocate<Member>(members.size());
  std::copy(members.begin(), members.end(), copy);
  out = make_object(*arena_, copy, members.size(), true);
  return nullptr;
}

/// What `with` put there, else what was loaded; the former hides the latter at its targets.
Value Walker::base_document(const Query& query, const Value* path, std::size_t size) {
  Value replaced = found_in(query.replaced, path, size);
  if (is_replaced(path, size)) return replaced;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < size; ++i) {
    bool is_key = path[i].is(Kind::string) || path[i].is(Kind::number);
    if (!is_key) return replaced;
    texts.push_back(path[i].is(Kind::string) ? std::string(path[i].as_string())
                                             : json::to_rego(path[i]));
  }
  Value loaded = size == 0 ? eval::shown_data(*arena_, data_) : eval::lookup_path(data_, texts);
  if (replaced.is_undefined() || loaded.is_undefined())
    return replaced.is_undefined() ? loaded : replaced;
  return eval::merged(*arena_, replaced, loaded);
}

bool Walker::is_replaced(const Value* path, std::size_t size) const {
  auto starts = [&](const std::vector<Value>& target) {
    return target.size() <= size && std::equal(target.begin(), target.end(), path,
                                               [](auto& a, auto& b) { return equal(a, b); });
  };
  return std::any_of(targets_.begin(), targets_.end(), [&](const auto& frame) {
    return std::any_of(frame.begin(), frame.end(), starts);
  });
}

}  // namespace lictor::trace
