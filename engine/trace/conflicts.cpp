// Conflicts: once there is one, the rules are evaluated again for all values that conflict.
// Source: OPA v1/topdown/conflicts.go.
#include <algorithm>
#include <tuple>

#include "base/one_line.hpp"
#include "json/write.hpp"
#include "trace/walker.hpp"

namespace lictor::trace {

Outcome Walker::conflict_of(const Clause& clause, const TreeNode& document, bool called) {
  std::string text = std::string(called ? "function " : "rule ") + document.name() +
                     " produced conflicting values" + (called ? " for the same inputs" : "");
  return failure(ErrorCode::eval_conflict, clause.rule->span, clause.rule->span.text(), text,
                 clause.rule);
}

Outcome Walker::key_conflict(const Clause& clause) {
  return failure(ErrorCode::eval_conflict, clause.rule->span, clause.rule->span.text(),
                 "object keys must be unique");
}

/// The values of the rules of one document that differ from the first one.
struct Walker::Conflicts {
  struct Found {
    std::string file;  // of the rule that has it
    std::uint32_t row;
    std::uint32_t col;
    Value value;
  };
  static constexpr std::size_t most = 10;
  std::vector<Found> found;
  bool more = false;

  /// A line each, in the order of the source.
  std::string text();
};

std::string Walker::Conflicts::text() {
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::tie(a.file, a.row, a.col) < std::tie(b.file, b.row, b.col);
  });
  std::string out = ":";
  for (const Found& one : found) {
    out += "\n  " + on_one_line(json::to_rego(one.value)) + " at " + one.file + ":" +
           std::to_string(one.row);
  }
  return more ? out + "\n  ..." : out;
}

/// Notes a value if it differs from the first one; a stop once nothing more is to be learned.
Outcome Walker::add_conflict(Conflicts& conflicts, const Clause& clause, const Value& value) {
  std::vector<Conflicts::Found>& all = conflicts.found;
  if (!all.empty() && equal(all[0].value, value)) return nullptr;
  if (all.size() == Conflicts::most) {
    conflicts.more = true;
    return stops_.exit(Stop::Kind::conflict_limit, nullptr);
  }
  const Span& span = clause.rule->span;
  Place place = places_.of(span);
  all.push_back({span.source->name, place.row, place.col, value});
  return all.size() == 1 ? nullptr : stops_.exit(Stop::Kind::conflict_found, nullptr);
}

/// Evaluates a rule for the values that it adds to a conflict.
Outcome Walker::conflicting_value(Query& parent, const Clause& clause, bool find_one,
                                  const Terms* arguments, Conflicts& conflicts, bool& produced) {
  Bindings bindings;
  Query query = child(parent, clause.flat->body->exprs, bindings);
  query.find_one = find_one;
  tell(TraceEvent::Kind::enter, clause, query);
  auto found = [&]() -> Outcome {
    tell(TraceEvent::Kind::exit, clause, query);
    produced = true;
    Outcome stop = add_conflict(conflicts, clause, plugged({*clause.flat->value, bindings}));
    if (stop == nullptr) tell(TraceEvent::Kind::redo, clause, query);
    return stop;
  };
  Outcome out = nullptr;
  if (arguments == nullptr) {
    out = run(query, found);
  } else {
    auto body = [&] { return run(query, found); };
    out = unify_all(query, operands(*arguments, parent), parameters(clause, *arguments, bindings),
                    0, body);
  }
  bool done =
      out && (out->kind == Stop::Kind::deferred_exit || out->kind == Stop::Kind::conflict_found);
  return done ? nullptr : out;
}

/// Adds to a conflict that `clause` raised all values that conflict; any other stop stays as it is.
Outcome Walker::list_conflicts(Outcome stop, const Clause& clause, const Candidates& candidates,
                               Produce produce) {
  bool own = stop->kind == Stop::Kind::error && stop->raised == clause.rule;
  if (!own) return stop;
  std::size_t errors = builtin_errors_.size();
  Conflicts conflicts;
  Outcome failed = nullptr;
  for (const Candidates::Set& set : candidates.sets) {
    bool produced = false;
    failed = produce(*set.rule, conflicts, produced);
    for (const Clause* other : set.others) {
      if (produced || failed) break;
      failed = produce(*other, conflicts, produced);
    }
    if (failed) break;
  }
  builtin_errors_.resize(errors);
  if (conflicts.found.size() < 2) return stop;
  stop->error->message += conflicts.text();
  return stop;
}

}  // namespace lictor::trace
