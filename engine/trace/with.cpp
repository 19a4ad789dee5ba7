// `with`: while its expression is evaluated, input, data and functions are replaced; not in what
// follows. Source: OPA v1/topdown/eval.go, evalWith.
#include <algorithm>

#include "eval/state.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {

namespace {

/// True if `with` can put something at a target: keys of documents are texts.
bool is_place(const Term& target) {
  return target.kind != TermKind::ref ||
         std::all_of(target.items.begin() + 1, target.items.end(),
                     [](const Term* key) { return key->kind == TermKind::string; });
}

}  // namespace

Replacements Walker::replacements(const Query& query) {
  Replacements out;
  out.input = query.input;
  out.replaced = query.replaced;
  for (const syntax::With& with : query.expr().with) {
    Mock mock;
    mock.rules = with.value ? function_named(*with.value) : nullptr;
    if (mock.rules || !with.value)
      mock.function = mock.rules ? mock.rules->name() : with.builtin;
    else
      mock.value = resolved({*with.value, *query.bindings});
    const Term& target = *with.target;
    if (target.flag) {  // a builtin
      out.mocks[target.text] = mock;
      continue;
    }
    std::vector<Value> path;
    for (std::size_t i = 1; i < target.items.size(); ++i)
      path.push_back(constant(*target.items[i]));
    const std::string& root = target.kind == TermKind::ref ? target.items[0]->text : target.text;
    if (root == "input") {
      out.input = eval::put(*arena_, out.input, path.data(), path.size(), plugged(mock.value));
      continue;
    }
    if (function_named(target)) {
      out.mocks[syntax::to_text(target)] = mock;
    } else {
      out.replaced =
          eval::put(*arena_, out.replaced, path.data(), path.size(), plugged(mock.value));
    }
    out.targets.push_back(path);
  }
  return out;
}

void Walker::replace(Query& query, const Replacements& by) {
  query.input = by.input;
  query.replaced = by.replaced;
  query.comprehensions->frames.emplace_back();
  cache_.emplace_back();
  targets_.push_back(by.targets);
  mocks_.back().push_back(by.mocks);
}

void Walker::restore(Query& query, const Query& before) {
  query.input = before.input;
  query.replaced = before.replaced;
  query.comprehensions->frames.pop_back();
  cache_.pop_back();
  targets_.pop_back();
  mocks_.back().pop_back();
}

Outcome Walker::with(Query& query, Next next) {
  if (query.comprehensions == nullptr)
    query.comprehensions = std::make_shared<ComprehensionCache>();
  const Expr& expr = query.expr();
  bool places = std::all_of(expr.with.begin(), expr.with.end(),
                            [](const syntax::With& with) { return is_place(*with.target); });
  if (!places)
    return with_stack(
        query, failure(ErrorCode::eval_conflict, expr.span, expr.written(), "bad document path"));
  const Query before = query;
  const Replacements by = replacements(query);
  replace(query, by);
  auto follow = [&]() -> Outcome {
    restore(query, before);
    Outcome out = advance(query, next);
    replace(query, by);
    return out;
  };
  Outcome out = with_stack(query, step(query, follow, false));
  restore(query, before);
  return out;
}

}  // namespace lictor::trace
