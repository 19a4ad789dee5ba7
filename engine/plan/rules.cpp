// Rule groups, extents of packages, documents and queries → functions.
#include <algorithm>

#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

/// True if every clause of every rule has one and the same ground value, so that the first success
/// decides.
bool same_constant_value(const RuleGroup& group) {
  std::string text;
  bool same = true;
  for (const CheckedRule& rule : group.rules) {
    compile::each_clause(rule.rule, [&](Rule& clause) {
      if (!syntax::is_ground(*clause.value)) same = false;
      std::string own = syntax::to_text(*clause.value);
      if (!text.empty() && own != text) same = false;
      text = own;
    });
  }
  return same;
}

/// True for variables, scalars and patterns of them: what can be matched before the body runs.
bool is_simple_pattern(const Term& term) {
  if (term.kind == TermKind::var || syntax::is_ground(term)) return true;
  if (term.kind != TermKind::array && term.kind != TermKind::object) return false;
  return std::all_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return is_simple_pattern(*item); });
}

}  // namespace

void FunctionPlanner::complete_group(const RuleGroup& group) {
  Operand result = new_register();
  if (planner_.is_masked(group)) emit(Opcode::masked, 0, planner_.document(group.path));
  group_value(group, result);
  emit(Opcode::ret, 0, result);
}

/// Leaves the value of a complete rule or function in `result`, which stays undefined without one.
void FunctionPlanner::group_value(const RuleGroup& group, Operand result) {
  emit(Opcode::set_undefined, result);
  Label done = new_label();
  bool same = same_constant_value(group);
  candidates(group, 0, [&](const CheckedRule& rule) { clauses(*rule.rule, result, done, same); });
  bind(done);
  if (!group.default_rule()) return;
  Label defined = new_label();
  emit(Opcode::jump_defined, defined, result);
  closure([&] {
    term(*group.default_rule()->value, [&](Operand value) {
      emit(Opcode::move, result, value);
      jump_fail();
    });
  });
  bind(defined);
}

/// Complete rules are inlined outside of loops only, where nothing is evaluated twice.
bool FunctionPlanner::can_inline(const RuleGroup& group) const {
  constexpr int deepest = 6;
  bool once = group.kind == GroupKind::function || loop_depth_ == 0;
  return once && inline_depth_ < deepest && group.kind != GroupKind::partial &&
         planner_.names_once(group);
}

void FunctionPlanner::inline_group(const RuleGroup& group, std::vector<Operand> arguments,
                                   const NextValue& next) {
  Operand result = new_register();
  auto vars = std::exchange(vars_, {});
  auto outer_arguments = std::exchange(arguments_, std::move(arguments));
  std::uint32_t function = std::exchange(function_, planner_.name_of(group));
  ++inline_depth_;
  group_value(group, result);
  --inline_depth_;
  function_ = function;
  arguments_ = std::move(outer_arguments);
  vars_ = std::move(vars);
  if (!group.default_rule()) emit_failing(Opcode::check, 0, result);
  next(result);
}

bool FunctionPlanner::is_condition(const RuleGroup& group) const {
  if (!can_inline(group) || group.default_rule()) return false;
  bool always_true = true;
  for (const CheckedRule& rule : group.rules) {
    compile::each_clause(rule.rule, [&](const Rule& clause) {
      always_true &= clause.value->kind == TermKind::boolean && clause.value->flag;
    });
  }
  return always_true;
}

void FunctionPlanner::inline_condition(const RuleGroup& group, std::vector<Operand> arguments,
                                       const Next& next) {
  Label found = new_label();
  auto vars = std::exchange(vars_, {});
  auto outer_arguments = std::exchange(arguments_, std::move(arguments));
  std::uint32_t function = std::exchange(function_, planner_.name_of(group));
  ++inline_depth_;
  candidates(group, 0, [&](const CheckedRule& rule) {
    compile::each_clause(rule.rule, [&](const Rule& clause) {
      closure([&] { clause_value(clause, [&](Operand) { jump(found); }); });
    });
  });
  --inline_depth_;
  function_ = function;
  arguments_ = std::move(outer_arguments);
  vars_ = std::move(vars);
  jump_fail();
  bind(found);
  next();
}

void FunctionPlanner::function_group(const RuleGroup& group) {
  if (planner_.is_mocked(group)) {
    emit(Opcode::mocked, 0, function_, list_of(parameters(group.arity)), group.arity);
  }
  complete_group(group);
}

void FunctionPlanner::clauses(const Rule& rule, Operand result, Label done, bool same_constant) {
  if (rule.else_rule == nullptr) {
    return closure([&] { rule_value(rule, result, done, same_constant); });
  }
  Operand holds = new_register();
  Label chain_end = new_label();
  for (const Rule* clause = &rule; clause != nullptr; clause = clause->else_rule) {
    std::size_t start = code_.size(), loops = loops_;
    bool once = false;
    emit(Opcode::set_undefined, holds);
    closure([&] {
      clause_value(*clause, [&](Operand value) {
        once = loops_ == loops;
        emit_result(result, value, *clause);
        if (same_constant) return jump(done);
        if (once) return jump(chain_end);
        emit(Opcode::move, holds, planner_.boolean(true));
        jump_fail();
      });
    });
    if (once || same_constant)
      drop(start);
    else
      emit(Opcode::jump_defined, chain_end, holds);
  }
  bind(chain_end);
}

void FunctionPlanner::rule_value(const Rule& rule, Operand result, Label done, bool same_constant) {
  Label rule_end = fail_;
  clause_value(rule, [&](Operand value) {
    emit_result(result, value, rule);
    bool constant = syntax::is_ground(*rule.value);
    jump(same_constant ? done : constant ? rule_end : fail_);
  });
}

void FunctionPlanner::arguments(const Rule& rule, std::size_t at, const Next& next) {
  if (at == rule.args.size()) return next();
  auto others = [&, at] { arguments(rule, at + 1, next); };
  if (!is_simple_pattern(*rule.args[at])) return others();
  destructure(*rule.args[at], arguments_[at], others);
}

void FunctionPlanner::computed_arguments(const Rule& rule, std::size_t at, const Next& next) {
  if (at == rule.args.size()) return next();
  auto others = [&, at] { computed_arguments(rule, at + 1, next); };
  if (is_simple_pattern(*rule.args[at])) return others();
  destructure(*rule.args[at], arguments_[at], others);
}

void FunctionPlanner::clause_value(const Rule& rule, const NextValue& next) {
  arguments(rule, 0, [&] {
    rule_body(rule, [&] { computed_arguments(rule, 0, [&] { term(*rule.value, next); }); });
  });
}

void FunctionPlanner::partial_group(const RuleGroup& group, std::size_t keys) {
  if (planner_.is_masked(group))
    emit(Opcode::masked, 0, planner_.document(group.path), list_of(parameters(keys)), keys);
  Operand result = partial_value(group, keys);
  emit(Opcode::ret, 0, result);
}

bool is_set(const RuleGroup& group) {
  return !group.rules.empty() &&
         std::all_of(group.rules.begin(), group.rules.end(), [&](const CheckedRule& rule) {
           return rule.rule->multi_value && rule.path.size() == group.path.size();
         });
}

namespace {

using Keys = std::vector<const Term*>;

/// The keys of a rule's path behind its group's.
Keys keys_below(const RuleGroup& group, const CheckedRule& rule) {
  return {rule.path.begin() + static_cast<std::ptrdiff_t>(group.path.size()), rule.path.end()};
}

std::size_t ground_prefix(const Keys& keys) {
  auto end = std::find_if_not(keys.begin(), keys.end(),
                              [](const Term* key) { return syntax::is_scalar(*key); });
  return static_cast<std::size_t>(end - keys.begin());
}

/// True if some rule of the group makes, with keys that it computes, the document that `keys` lead
/// into.
bool lead_into_dynamic(const RuleGroup& group, const Keys& keys, std::size_t length) {
  return std::any_of(group.rules.begin(), group.rules.end(), [&](const CheckedRule& other) {
    Keys its = keys_below(group, other);
    std::size_t ground = ground_prefix(its);
    return ground < length && ground < its.size() &&
           std::equal(its.begin(), its.begin() + static_cast<std::ptrdiff_t>(ground), keys.begin(),
                      [](const Term* a, const Term* b) {
                        return syntax::to_text(*a) == syntax::to_text(*b);
                      });
  });
}

/// The path of a rule of a partial group that is a complete rule by itself, all of whose keys are
/// constant and in no document with computed keys; empty for any other rule.
Path complete_path(const RuleGroup& group, const CheckedRule& rule) {
  Keys keys = keys_below(group, rule);
  bool complete = !rule.rule->multi_value && ground_prefix(keys) == keys.size() &&
                  !lead_into_dynamic(group, keys, keys.size());
  if (!complete) return {};
  Path out = group.path;
  for (const Term* key : keys) out.push_back(syntax::to_text(*key));
  return out;
}

bool is_in_some(const std::vector<RuleGroup>& parts, const CheckedRule& rule) {
  return std::any_of(parts.begin(), parts.end(), [&](const RuleGroup& part) {
    return std::any_of(part.rules.begin(), part.rules.end(),
                       [&](const CheckedRule& its) { return its.rule == rule.rule; });
  });
}

/// True if no rule of a group makes its document, but each a part of it at a constant key, so that
/// it is a place like a package.
bool is_place(const RuleGroup& group) {
  return std::all_of(group.rules.begin(), group.rules.end(), [&](const CheckedRule& rule) {
    return ground_prefix(keys_below(group, rule)) > 0;
  });
}

/// True if a rule with computed keys, or in a document with such, has else clauses. Of that chain
/// OPA evaluates one clause, which depends on its index, so that it is left to the tracer.
bool has_other_chain(const RuleGroup& group, const std::vector<RuleGroup>& parts) {
  return std::any_of(group.rules.begin(), group.rules.end(), [&](const CheckedRule& rule) {
    return rule.rule->else_rule != nullptr && !is_in_some(parts, rule);
  });
}

}  // namespace

/// Complete rules inside a partial group whose evaluation differs from that of its other rules:
/// they have a default or else clauses, or print until one holds.
std::vector<RuleGroup> FunctionPlanner::complete_parts(const RuleGroup& group) {
  std::map<Path, RuleGroup> found;
  for (const CheckedRule& rule : group.defaults) {
    if (Path path = complete_path(group, rule); !path.empty()) found[path].defaults.push_back(rule);
  }
  for (const CheckedRule& rule : group.rules) {
    if (rule.rule->else_rule == nullptr && !tells(*rule.rule->body)) continue;
    if (Path path = complete_path(group, rule); !path.empty()) found[path];
  }
  std::vector<RuleGroup> out;
  for (auto& [path, part] : found) {
    part.path = path;
    part.index = group.index;
    for (const CheckedRule& rule : group.rules) {
      if (complete_path(group, rule) == path) part.rules.push_back(rule);
    }
    out.push_back(std::move(part));
  }
  return out;
}

/// Puts the value of a complete rule into the document of its group.
void FunctionPlanner::complete_part(const RuleGroup& group, const RuleGroup& part, std::size_t keys,
                                    Operand list) {
  const CheckedRule& first = part.rules.empty() ? part.defaults.front() : part.rules.front();
  Keys path = keys_below(group, first);
  std::size_t given = std::min(keys, path.size());
  for (std::size_t i = 0; i < given; ++i)
    emit_failing(Opcode::equal, 0, planner_.constant(planner_.value_of(*path[i])),
                 static_cast<Operand>(i));
  Operand value = new_register();
  group_value(part, value);
  emit_failing(Opcode::check, 0, value);
  for (std::size_t i = given; i < keys; ++i) {
    Operand below = new_register();
    emit_failing(Opcode::get, below, value, static_cast<Operand>(i));
    value = below;
  }
  std::vector<Operand> above;
  for (std::size_t i = given; i < path.size(); ++i)
    above.push_back(planner_.constant(planner_.value_of(*path[i])));
  append_entry(*first.rule, above, value, false, list);
}

/// OPA merges base documents with what rules make at a place, which is left to the tracer.
void FunctionPlanner::leave_to_tracer_if(Operand base) {
  block([&] {
    emit_failing(Opcode::check, 0, base);
    emit(Opcode::unbound, 0);
  });
}

/// Builds the document of a partial group, or its value at the given keys.
Operand FunctionPlanner::partial_value(const RuleGroup& whole, std::size_t keys) {
  const RuleGroup& group = planner_.without_parameters(whole);
  Operand list = new_register(), result = new_register();
  auto vars = std::exchange(vars_, {});
  if (is_place(group)) leave_to_tracer_if(planner_.data_slot(group.path));
  emit(Opcode::list, list);
  bool set = false, only_members = keys == 0 && is_set(group);
  for (const CheckedRule& rule : group.rules) {
    set |= rule.rule->multi_value && rule.path.size() == group.path.size();
    closure([&] { partial_place(group, rule, keys, list); });
  }
  std::vector<RuleGroup> parts = complete_parts(group);
  for (const RuleGroup& part : parts) closure([&] { complete_part(group, part, keys, list); });
  if (has_other_chain(group, parts)) emit(Opcode::unbound, 0);
  candidates(group, keys, [&](const CheckedRule& rule) {
    closure([&] {
      if (is_in_some(parts, rule)) return jump_fail();
      partial_rule(group, rule, keys, list, only_members);
    });
  });
  place_ = group.rules.empty() ? 0 : planner_.place(group.rules.front().rule->span);
  if (only_members)
    emit(Opcode::finish_set, result, list);
  else
    emit(Opcode::finish_tree, result, list, 0, keys != 0 ? 0 : set ? 2 : 1);
  vars_ = std::move(vars);
  return result;
}

/// What stands at a rule's path as far as it is constant exists even if the rule does not hold, as
/// packages do: `p[0].a := 1 if false` makes {0: {}}. (Constant strings are in the group's path.)
void FunctionPlanner::partial_place(const RuleGroup& group, const CheckedRule& checked,
                                    std::size_t keys, Operand list) {
  Keys path = keys_below(group, checked);
  std::size_t constant = ground_prefix(path);
  bool set = checked.rule->multi_value && constant == path.size();
  if (!set && constant == path.size() && constant != 0) --constant;
  if (constant == 0 || keys > constant || lead_into_dynamic(group, path, constant))
    return jump_fail();
  for (std::size_t i = 0; i < keys; ++i)
    emit_failing(Opcode::equal, 0, planner_.constant(planner_.value_of(*path[i])),
                 static_cast<Operand>(i));
  std::vector<Operand> above;
  for (std::size_t i = keys; i < constant; ++i)
    above.push_back(planner_.constant(planner_.value_of(*path[i])));
  syntax::Term empty;
  empty.kind = set ? TermKind::set : TermKind::object;
  emit(Opcode::append_place, list, planner_.constant(planner_.value_of(empty)), list_of(above),
       above.size());
  jump_fail();
}

void FunctionPlanner::partial_rule(const RuleGroup& group, const CheckedRule& checked,
                                   std::size_t keys, Operand list, bool only_members) {
  const Rule& rule = *checked.rule;
  Keys path = keys_below(group, checked);
  if (rule.multi_value) path.push_back(rule.key);
  std::size_t given = std::min(keys, path.size());
  std::vector<std::size_t> late;
  auto after_body = [&] {
    std::function<void(std::size_t)> compare = [&](std::size_t i) {
      if (i < late.size()) {
        return term(*path[late[i]], [&, i](Operand value) {
          emit_failing(Opcode::equal, 0, value, static_cast<Operand>(late[i]));
          compare(i + 1);
        });
      }
      std::vector<const Term*> rest(path.begin() + static_cast<std::ptrdiff_t>(given), path.end());
      terms(rest, [&](const std::vector<Operand>& found) {
        if (rule.multi_value && given == path.size()) {
          return append_entry(rule, {}, static_cast<Operand>(given - 1), false, list);
        }
        if (only_members) {
          emit(Opcode::append, list, found.back());
          return jump_fail();
        }
        if (rule.multi_value) {
          std::vector<Operand> above(found.begin(), found.end() - 1);
          return append_entry(rule, above, found.back(), true, list);
        }
        term(*rule.value, [&](Operand value) {
          for (std::size_t k = given; k < keys; ++k) {
            Operand below = new_register();
            emit_failing(Opcode::get, below, value, static_cast<Operand>(k));
            value = below;
          }
          append_entry(rule, found, value, false, list);
        });
      });
    };
    compare(0);
  };
  std::function<void(std::size_t)> match = [&](std::size_t i) {
    if (i == given) return rule_body(rule, after_body);
    if (is_simple_pattern(*path[i]))
      return destructure(*path[i], static_cast<Operand>(i), [&, i] { match(i + 1); });
    late.push_back(i);
    match(i + 1);
  };
  match(0);
}

void FunctionPlanner::append_entry(const Rule& rule, const std::vector<Operand>& path,
                                   Operand value, bool member, Operand list) {
  place_ = planner_.place(rule.span);
  emit(member ? Opcode::append_member : Opcode::append_path, list, value, list_of(path),
       path.size());
  jump_fail();
}

/// What rules say, and what base documents say at the same place, which wins.
void FunctionPlanner::extent(const RuleNode& node, const Path& path) {
  Operand list = new_register(), result = new_register();
  emit(Opcode::list, list);
  for (const auto& [name, child] : node.children) {
    if (child->group && child->group->kind == GroupKind::function) continue;
    if (path.empty() && name == ir::hidden_document) continue;
    Path below = path;
    below.push_back(name);
    std::uint32_t mark = registers_;
    block([&, &name = name, &child = child] {
      auto append = [&](Operand value) {
        emit(Opcode::append_pair, list, planner_.constant(name), value);
        jump_fail();
      };
      if (child->group) return whole_group(*child->group, append);
      append(call_once(planner_.extent_function(*child, below)));
    });
    registers_ = mark;
  }
  emit(Opcode::finish_object, result, list);
  Operand base = planner_.shown_slot(path);
  block([&] {
    emit_failing(Opcode::check, 0, base);
    block([&] {
      emit_failing(Opcode::is_kind, 0, base, 0, static_cast<std::size_t>(Kind::object));
      Operand both = new_register();
      auto merge = builtins::own_number("object.union");
      emit_failing(Opcode::builtin, both, merge, list_of({result, base}), 2);
      emit(Opcode::ret, 0, both);
    });
    emit(Opcode::ret, 0, base);
  });
  emit(Opcode::ret, 0, result);
}

void FunctionPlanner::masked_extent(std::uint32_t number, std::uint32_t extent) {
  emit(Opcode::masked, 0, number);
  block([&] { emit(Opcode::ret, 0, call_once(extent)); });
  return_undefined();
}

void FunctionPlanner::document(const Term& ref) {
  closure([&] { this->ref(ref, [&](Operand value) { emit(Opcode::ret, 0, value); }); });
  return_undefined();
}

void FunctionPlanner::return_undefined() {
  Operand nothing = new_register();
  emit(Opcode::set_undefined, nothing);
  emit(Opcode::ret, 0, nothing);
}

namespace {

/// A query of one expression that loops over nothing may answer false; any other leaves such rows
/// out.
bool drops_false(const Body& query) {
  bool loops = query.exprs.size() > 1;
  for (const Expr* expr : query.exprs) {
    compile::visit_expr_terms(*expr, [&](Term& top) {
      compile::visit_terms(top, [&](Term& term) {
        if (term.kind != TermKind::ref) return;
        loops |= !std::all_of(term.items.begin() + 1, term.items.end(),
                              [](Term* item) { return syntax::is_ground(*item); });
      });
    });
  }
  return loops;
}

}  // namespace

void FunctionPlanner::query(const CheckedQuery& query) {
  Operand rows = new_register(), result = new_register();
  drops_false_ = drops_false(*query.body);
  emit(Opcode::list, rows);
  closure([&] { query_exprs(query, 0, {}, rows); });
  emit(Opcode::finish_array, result, rows);
  emit(Opcode::ret, 0, result);
}

void FunctionPlanner::query_exprs(const CheckedQuery& query, std::size_t at,
                                  std::vector<Operand> row, Operand rows) {
  if (at == query.body->exprs.size()) {
    if (drops_false_) {
      for (Operand value : row) emit_failing(Opcode::test, 0, value);
    }
    for (const std::string& var : query.vars) row.push_back(vars_.at(var));
    Operand made = new_register();
    emit(Opcode::make_array, made, 0, list_of(row), row.size());
    emit(Opcode::append, rows, made);
    return jump_fail();
  }
  const Expr& item = *query.body->exprs[at];
  auto go_on = [&](Operand value) {
    if (item.generated) return query_exprs(query, at + 1, row, rows);
    std::vector<Operand> longer = row;
    longer.push_back(value);
    query_exprs(query, at + 1, longer, rows);
  };
  bool is_call = item.kind == ExprKind::term && item.term->kind == TermKind::call;
  std::string name = is_call ? syntax::operator_name(*item.term) : "";
  int arity = is_call ? compile::function_arity(*item.term, planner_.checked()) : -1;
  bool has_value =
      item.kind == ExprKind::term && !item.negated && name != "eq" && name != "assign" &&
      !(is_call && arity >= 0 && static_cast<int>(item.term->items.size()) == arity + 2);
  if (!has_value) return expr(item, [&] { go_on(planner_.boolean(true)); });
  if (item.with.empty()) return term(*item.term, go_on);
  Operand kept = new_register();
  with(
      item,
      [&](const Next& inner) {
        term(*item.term, [&](Operand value) {
          emit(Opcode::move, kept, value);
          inner();
        });
      },
      [&] { go_on(kept); });
}

}  // namespace lictor::plan
