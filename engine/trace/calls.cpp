// Calls: functions of the policy, builtins, and what `with` put in their place.
// Source: OPA v1/topdown/eval.go, evalCall, evalFunc and evalBuiltin.
#include <algorithm>

#include "json/write.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {

namespace {

/// The child at a key that is no text.
const TreeNode* child_named(const TreeNode& node, const Term& key) {
  if (!syntax::is_scalar(key)) return nullptr;
  auto same = [&](const auto& child) { return json::to_rego(child.first) == syntax::to_text(key); };
  auto found = std::find_if(node.children.begin(), node.children.end(), same);
  return found == node.children.end() ? nullptr : found->second.get();
}

}  // namespace

/// The rules that a call's ref names, or null.
const TreeNode* Walker::rules_named(const Term& ref) const {
  if (ref.kind != TermKind::ref || ref.items[0]->text != "data") return nullptr;
  const TreeNode* node = &rules_;
  for (std::size_t i = 1; i < ref.items.size() && node; ++i) {
    const Term& key = *ref.items[i];
    node = key.kind == TermKind::string ? node->child(Value::string(key.text))
                                        : child_named(*node, key);
  }
  return node && node->has_rules() ? node : nullptr;
}

/// The function that a ref names, or null.
const TreeNode* Walker::function_named(const Term& ref) const {
  const TreeNode* found = rules_named(ref);
  return found && found->is_function() ? found : nullptr;
}

const Mock* Walker::mock_of(const std::string& name) const {
  const auto& frames = mocks_.back();
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    auto found = frame->find(name);
    if (found != frame->end()) return &found->second;
  }
  return nullptr;
}

Outcome Walker::call(Query& query, const std::string& name, const TreeNode* rules,
                     const Terms& terms, Next next) {
  std::size_t arity = rules ? rules->arity()
                            : static_cast<std::size_t>(std::max(checked_.builtins->arity(name), 0));
  if (const Mock* found = mock_of(name)) {
    Mock mock = *found;
    if (mock.function.empty()) return outputs(query, terms, arity, mock.value, next);
    mocks_.emplace_back();
    auto follow = [&]() -> Outcome {
      mocks_.pop_back();
      Outcome out = next();
      mocks_.emplace_back();
      return out;
    };
    Outcome out = call(query, mock.function, mock.rules, terms, follow);
    mocks_.pop_back();
    return out;
  }
  return rules ? function(query, *rules, terms, next) : builtin(query, name, terms, next);
}

/// Hands on a call's value: to the term that captures it, or as a test.
Outcome Walker::outputs(Query& query, const Terms& terms, std::size_t arity, const Item& value,
                        Next next) {
  bool captured = terms.size() == arity + 2;
  if (captured) return unify(query, {*terms.back(), *query.bindings}, value, next);
  return value.is_value() && value.value.is_false() ? nullptr : next();
}

// ---- Functions ----

std::vector<Item> Walker::operands(const Terms& terms, Query& query) {
  std::vector<Item> out;
  for (std::size_t i = 1; i < terms.size(); ++i) out.emplace_back(*terms[i], *query.bindings);
  return out;
}

/// What a call's operands are unified with: the parameters, and the value if it is captured.
std::vector<Item> Walker::parameters(const Clause& clause, const Terms& terms, Bindings& bindings) {
  std::vector<Item> out;
  for (const Term* arg : clause.flat->args) out.emplace_back(*arg, bindings);
  if (terms.size() == out.size() + 2) out.emplace_back(*clause.flat->value, bindings);
  return out;
}

Outcome Walker::function(Query& query, const TreeNode& rules, const Terms& terms, Next next) {
  const TreeNode& document = prepared(rules);
  Candidates found = candidates(query, document, &terms);
  if (found.empty()) return nullptr;
  CacheKey key{&document, {}, {}, true};
  bool known = true;
  for (std::size_t i = 1; i <= document.arity() && i < terms.size(); ++i) {
    key.keys.push_back(plugged({*terms[i], *query.bindings}));
    known = known && !key.keys.back().is_undefined();
  }
  auto cached = cache_.back().find(key);
  if (known && cached != cache_.back().end()) {
    Value value = cached->second;
    return outputs(query, terms, document.arity(), value, next);
  }
  Value first;
  auto evaluate = [&](const Clause& clause, bool& produced) {
    return function_rule(query, clause, terms, found.early_exit, key, first, produced, next);
  };
  auto produce = [&](const Clause& clause, Conflicts& conflicts, bool& produced) {
    return conflicting_value(query, clause, found.early_exit, &terms, conflicts, produced);
  };
  bool done = false;
  return suppressed(in_order(found, evaluate, produce, done));
}

Outcome Walker::function_rule(Query& parent, const Clause& clause, const Terms& terms,
                              bool find_one, const CacheKey& key, Value& first, bool& produced,
                              Next next) {
  Bindings bindings;
  Query query = child(parent, clause.flat->body->exprs, bindings);
  query.find_one = find_one;
  tell(TraceEvent::Kind::enter, clause, query);
  bool captured = terms.size() == clause.flat->args.size() + 2;
  auto found = [&]() -> Outcome {
    tell(TraceEvent::Kind::exit, clause, query);
    produced = true;
    Value value = plugged({*clause.flat->value, bindings});
    cache_.back()[key] = value;
    bool is_new = first.is_undefined();
    if (!is_new && !equal(first, value)) return conflict_of(clause, *key.document, true);
    first = value;
    bool fails = !captured && value.is_false();
    if (fails) return nullptr;
    if (is_new) {
      if (Outcome out = next()) return out;
    }
    tell(TraceEvent::Kind::redo, clause, query);
    return nullptr;
  };
  auto body = [&] { return run(query, found); };
  return unify_all(query, operands(terms, parent), parameters(clause, terms, bindings), 0, body);
}

// ---- Builtins ----

namespace {

std::string location_of(const syntax::Expr& expr) {
  const Source* source = expr.span.source;
  if (source == nullptr || source->name.empty()) return std::string(expr.written());
  return source->name + ":" + std::to_string(locate(source->text, expr.span.first).row);
}

}  // namespace

Outcome Walker::builtin(Query& query, const std::string& name, const Terms& terms, Next next) {
  const builtins::Builtin* known = checked_.builtins->get(name);
  if (known == nullptr || known->function == nullptr) {
    return failure(ErrorCode::eval_internal, query.expr().span, query.expr().written(),
                   "unsupported built-in: " + name);
  }
  const builtins::Builtin& found = *known;
  std::size_t arity =
      found.arity() < 0 ? terms.size() - 1 : static_cast<std::size_t>(found.arity());
  std::vector<Value> values;
  for (std::size_t i = 1; i <= arity; ++i) {
    values.push_back(plugged({*terms[i], *query.bindings}));
    if (values.back().is_undefined())
      return failure(
          ErrorCode::eval_internal, query.expr().span, query.expr().written(),
          "built-in function " + name + " called with operand " + std::to_string(i) +
              " that requires evaluation: " + shown_item(resolved({*terms[i], *query.bindings})));
  }
  auto location = [&] { return location_of(query.expr()); };
  FunctionRef<std::string()> where(location);
  builtins::Call call{found, *arena_, values, environment_, true, &where};
  Value value = found.function(call);
  if (name == "trace" && values[0].is(Kind::string)) tell_note(values[0].as_string(), query);
  if (name == "internal.test_case") tell_test_case(values[0], query);
  if (call.failed) {
    std::string message = call.halted ? environment_.message : name + ": " + environment_.message;
    message = repair_utf8(message);
    Outcome error = with_stack(
        query, failure(call.code, query.expr().span, query.expr().written(), std::move(message)));
    if (call.halted) return error;
    builtin_errors_.push_back(error);
    return nullptr;
  }
  if (value.is_undefined()) return nullptr;
  if (found.trait != builtins::Trait::relation) return outputs(query, terms, arity, value, next);
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (Outcome out = outputs(query, terms, arity, value.items()[i], next)) return out;
  }
  return nullptr;
}

}  // namespace lictor::trace
