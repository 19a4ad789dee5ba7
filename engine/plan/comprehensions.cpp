// Comprehensions → code that makes their values. Where one is evaluated for many values of the
// variables that it shares with the body around it, as in
//
//   some user, profile in data.users
//   mine := [ticket | some ticket in input.tickets; ticket.owner == user]
//
// it is evaluated once for all of them, from the second time on: by itself, its solutions grouped
// by what `user` is in them. Loops that find their rows by an index need no groups. OPA always
// makes them where it can, and where that shows we do so too: by the spelling of a number that
// stands for `user`, by what is printed, or by a conflict at another user.
#include <algorithm>

#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

std::string names_of(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys)
    out += (out.empty() ? "" : " and ") + compile::display_name(key);
  return out;
}

}  // namespace

void FunctionPlanner::comprehension(const Term& comprehension, const NextValue& next) {
  Operand out = new_register();
  const compile::KeyedComprehension* keyed = keyed_by_bound(comprehension);
  bool again = loop_depth_ > 0 || !arguments_.empty();
  if (keyed && shows_groups(comprehension, keyed->keys))
    only_group(comprehension, *keyed, out);
  else if (keyed && again && planner_.options().index)
    group_or_solutions(comprehension, *keyed, out);
  else
    all_solutions(comprehension, out);
  next(out);
}

void FunctionPlanner::only_group(const Term& comprehension,
                                 const compile::KeyedComprehension& keyed, Operand out) {
  Kind kind = kind_of(comprehension);
  planner_.note_index(comprehension.span, "comprehension",
                      "all at once, by " + names_of(keyed.keys) + ", where it shows");
  Operand groups = new_register();
  place_ = planner_.place(comprehension.span);
  emit_failing(Opcode::call, groups, planner_.groups_function(keyed, kind));
  take_group(keyed, kind, groups, out);
}

void FunctionPlanner::group_or_solutions(const Term& comprehension,
                                         const compile::KeyedComprehension& keyed, Operand out) {
  Label one = new_label(), grouped = new_label(), done = new_label();
  std::size_t choice = code_.size(), loops = loops_;
  jump(grouped);
  bind(one);
  all_solutions(comprehension, out);
  bool finds_rows = std::any_of(code_.begin() + static_cast<std::ptrdiff_t>(choice), code_.end(),
                                [](const ir::Instruction& i) { return i.op == Opcode::find_rows; });
  bool worth_it = loops_ != loops && !finds_rows;
  std::string finding = finds_rows        ? "one by one (its rows are found by an index)"
                        : loops_ == loops ? "one by one (it has no loop)"
                                          : "all at once, by " + names_of(keyed.keys);
  planner_.note_index(comprehension.span, "comprehension", finding);
  if (!worth_it) return drop(choice);
  Kind kind = kind_of(comprehension);
  jump(done);
  bind(grouped);
  Operand groups = new_register();
  emit_failing(Opcode::groups, groups, planner_.groups_function(keyed, kind));
  code_.back().fail = one;
  take_group(keyed, kind, groups, out);
  bind(done);
}

/// Leaves in `out` the group of the keys as they are bound.
void FunctionPlanner::take_group(const compile::KeyedComprehension& keyed, Kind kind,
                                 Operand groups, Operand out) {
  Label outer = fail_, missing = new_label(), found = new_label();
  fail_ = missing;
  emit_failing(Opcode::get, out, groups, key_of_group(keyed));
  jump(found);
  bind(missing);
  Value none = kind == Kind::array ? Value::array(nullptr, 0)
               : kind == Kind::set ? Value::set(nullptr, 0)
                                   : make_object(*planner_.program().arena, nullptr, 0, true);
  emit(Opcode::move, out, planner_.constant(none));
  bind(found);
  fail_ = outer;
}

/// The keys as they are bound, as a value.
Operand FunctionPlanner::key_of_group(const compile::KeyedComprehension& keyed) {
  std::vector<Operand> keys;
  for (const std::string& key : keyed.keys) keys.push_back(vars_.at(key));
  if (keys.size() == 1) return keys[0];
  Operand out = new_register();
  emit(Opcode::make_array, out, 0, list_of(keys), keys.size());
  return out;
}

/// The function that makes all groups.
void FunctionPlanner::groups(const compile::KeyedComprehension& keyed, Kind kind) {
  Operand list = new_register(), out = new_register();
  const Term& comprehension = *keyed.alone;
  emit(Opcode::list, list);
  closure([&] {
    body(*comprehension.body, [&] {
      terms({comprehension.items.begin(), comprehension.items.end()},
            [&](const std::vector<Operand>& made) {
              Operand item = made[0];
              if (kind == Kind::object) {
                item = new_register();
                emit(Opcode::make_array, item, 0, list_of(made), made.size());
              }
              emit(Opcode::append_pair, list, key_of_group(keyed), item);
              jump_fail();
            });
    });
  });
  place_ = planner_.place(comprehension.span);
  emit(Opcode::finish_groups, out, list, 0, static_cast<std::size_t>(kind));
  emit(Opcode::ret, 0, out);
}

/// The comprehension if all that it shares with the body around it is bound.
const compile::KeyedComprehension* FunctionPlanner::keyed_by_bound(
    const Term& comprehension) const {
  const compile::KeyedComprehension* out = planner_.keyed(comprehension);
  if (out == nullptr) return nullptr;
  const std::vector<std::string>& keys = out->keys;
  bool all_bound =
      std::all_of(keys.begin(), keys.end(), [&](const auto& key) { return is_bound(key); });
  compile::VarSet vars;
  compile::all_vars(*comprehension.body, vars);
  for (Term* item : comprehension.items) compile::all_vars(*item, vars);
  bool only_keys = std::all_of(vars.begin(), vars.end(), [&](std::string_view var) {
    return !is_bound(var) || std::find(keys.begin(), keys.end(), var) != keys.end();
  });
  return all_bound && only_keys ? out : nullptr;
}

/// True if it can be seen that all groups are made at once.
bool FunctionPlanner::shows_groups(const Term& comprehension,
                                   const std::vector<std::string>& keys) const {
  if (tells(*comprehension.body)) return true;
  auto is_key = [&](const Term& term) {
    return term.kind == TermKind::var &&
           std::find(keys.begin(), keys.end(), term.text) != keys.end();
  };
  // Keys that are compared with what is no variable: their spelling goes nowhere from there.
  std::set<const Term*> compared;
  for (const Expr* expr : comprehension.body->exprs) {
    bool call = expr->kind == ExprKind::term && expr->term->kind == TermKind::call;
    if (!call || expr->term->items.size() != 3) continue;
    const std::string name = syntax::operator_name(*expr->term);
    const Term *left = expr->term->items[1], *right = expr->term->items[2];
    if (!is_equality(name) && !is_comparison(name)) continue;
    if (right->kind != TermKind::var) compared.insert(left);
    if (left->kind != TermKind::var) compared.insert(right);
  }
  bool shows = false;
  auto look_at = [&](const Term& term) {
    shows = shows || (is_key(term) && !compared.contains(&term)) || may_conflict(term);
  };
  compile::visit_all(*comprehension.body, look_at);
  for (Term* item : comprehension.items) compile::visit_all(*item, look_at);
  return shows;
}

/// True for a call of a function of several rules.
bool FunctionPlanner::may_conflict(const Term& term) const {
  bool call = term.kind == TermKind::call && term.items[0]->kind == TermKind::ref;
  const RuleGroup* group = call ? compile::find_group(planner_.checked(), *term.items[0]) : nullptr;
  return group && group->rules.size() > 1;
}

/// Leaves in `out` the collection of all solutions.
void FunctionPlanner::all_solutions(const Term& comprehension, Operand out) {
  Operand list = new_register();
  emit(Opcode::list, list);
  bool object = comprehension.kind == TermKind::object_comprehension;
  closure([&] {
    body(*comprehension.body, [&] {
      term(*comprehension.items[0], [&](Operand first) {
        if (!object) {
          emit(Opcode::append, list, first);
          return jump_fail();
        }
        term(*comprehension.items[1], [&](Operand value) {
          emit(Opcode::append_pair, list, first, value);
          jump_fail();
        });
      });
    });
  });
  place_ = planner_.place(comprehension.span);
  emit(object && comprehension.flag                        ? Opcode::finish_table
       : object                                            ? Opcode::finish_object
       : comprehension.kind == TermKind::set_comprehension ? Opcode::finish_set
                                                           : Opcode::finish_array,
       out, list);
}

}  // namespace lictor::plan
