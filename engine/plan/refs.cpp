// Refs → field access, loops over what variables in brackets range over, and calls of rules.
#include <algorithm>

#include "plan/planner.hpp"
#include "syntax/term_order.hpp"
#include "value/number.hpp"

namespace lictor::plan {

void FunctionPlanner::ref(const Term& term, const NextValue& next) {
  calls_first({&term}, [&] { parts_first({&term}, [&] { ref_of_parts(term, next); }); });
}

void FunctionPlanner::ref_of_parts(const Term& term, const NextValue& next) {
  const Term& head = *term.items[0];
  if (head.kind == TermKind::var) {
    if (is_bound(head.text)) {
      auto literal = literals_.find(head.text);
      bool loops = literal != literals_.end() && term.items.size() > 1 && !is_bound(*term.items[1]);
      if (loops) return literal_keys(*literal->second, term, next);
      return value_ref(vars_.at(head.text), term, 1, next);
    }
    if (head.text == "input") return input_ref(term, next);
    if (head.text != "data") return jump_fail();  // as in `xs[xs]`, which OPA takes for safe
    return data_ref(&planner_.checked().root, {}, term, 1, next);
  }
  this->term(head, [&](Operand value) { value_ref(value, term, 1, next); });
}

/// Goes through a set, or an object's keys, in the order in which OPA has the terms. Of equal keys
/// the first one's value counts.
void FunctionPlanner::literal_keys(const Term& literal, const Term& ref, const NextValue& next) {
  bool is_set = literal.kind == TermKind::set;
  syntax::Places order = syntax::ordered_places(literal);
  std::vector<const Term*> keys, pairs;
  for (std::size_t i : order) keys.push_back(literal.items[i]);
  for (auto i = order.rbegin(); i != order.rend() && !is_set; ++i)
    pairs.insert(pairs.end(), {literal.items[*i], literal.items[*i + 1]});
  auto made = [&](const std::vector<const Term*>& items, Opcode op, const NextValue& use) {
    terms(items, [&](const std::vector<Operand>& values) {
      Operand out = new_register();
      emit(op, out, 0, list_of(values), values.size());
      use(out);
    });
  };
  auto turns = [&](Operand key, Operand value) {
    destructure(*ref.items[1], key, [&] {
      if (is_set) return value_ref(key, ref, 2, next);
      Operand found = new_register();
      emit_failing(Opcode::get, found, value, key);
      value_ref(found, ref, 2, next);
    });
  };
  made(keys, Opcode::make_array, [&](Operand array) {
    if (is_set) return loop(array, [&](Operand, Operand key) { turns(key, key); });
    made(pairs, Opcode::make_object,
         [&](Operand object) { loop(array, [&](Operand, Operand key) { turns(key, object); }); });
  });
}

void FunctionPlanner::loop(Operand collection, const FunctionRef<void(Operand, Operand)>& next) {
  if (std::optional<Value> known = known_turns(collection))
    return unrolled(collection, *known, next);
  Operand state = new_registers(2);
  Label outer = fail_;
  emit_failing(Opcode::scan, state, collection);
  turns(Opcode::next, state, next);
  fail_ = outer;
}

/// The turns of a loop that was started; leaves `fail_` at where the next one is sought.
void FunctionPlanner::turns(Opcode op, Operand state,
                            const FunctionRef<void(Operand, Operand)>& next) {
  Operand key = new_register(), value = new_register();
  Label again = new_label();
  bind(again);
  std::size_t turn = code_.size();
  emit_failing(op, state, key, value);
  fail_ = again;
  ++loop_depth_;
  ++loops_;
  next(key, value);
  --loop_depth_;
  bool wanted = is_read(key, turn + 1) || is_read(value, turn + 1);
  if (op == Opcode::next_row && !wanted) code_[turn].n = 1;
}

/// True if an instruction from there on reads a register.
bool FunctionPlanner::is_read(Operand at, std::size_t from) const {
  const std::vector<Operand>& listed = planner_.program().operands;
  for (; from < code_.size(); ++from) {
    const ir::Instruction& i = code_[from];
    const char* kinds = ir::opcode_operands(i.op);
    const std::uint32_t operands[] = {i.a, i.b, i.c};
    for (std::size_t k = 0; k < std::size(operands); ++k) {
      auto list = listed.begin() + (kinds[k] == 'v' ? operands[k] : 0);
      if (kinds[k] == 'r' && operands[k] == at) return true;
      if (kinds[k] == 'v' && std::find(list, list + i.n, at) != list + i.n) return true;
    }
  }
  return false;
}

namespace {

std::vector<Operand> below(std::vector<Operand> place, Operand key) {
  if (!place.empty()) place.push_back(key);
  return place;
}

}  // namespace

Operand FunctionPlanner::emit_get(Operand value, Operand key, const BasePath& place) {
  Operand out = new_register();
  if (place.empty() || !planner_.replaces_data()) {
    emit_failing(place.empty() ? Opcode::get : Opcode::get_base, out, value, key);
    note_member_of(value, out);
  } else {
    std::vector<Operand> known{value};
    known.insert(known.end(), place.begin(), place.end());
    known.push_back(key);
    emit_failing(Opcode::get_replaceable, out, 0, list_of(known), known.size());
  }
  return out;
}

void FunctionPlanner::value_ref(Operand value, const Term& ref, std::size_t at,
                                const NextValue& next, const BasePath& place) {
  if (at == ref.items.size()) return next(value);
  const Term& item = *ref.items[at];
  // What is in the brackets is known, or a ref with variables of its own: xs[ys[i]].
  if (is_computed(item)) {
    return term(item, [&](Operand key) {
      Operand out = emit_get(value, key, place);
      value_ref(out, ref, at + 1, next, below(place, key));
    });
  }
  bool replaceable = !place.empty() && planner_.replaces_data();
  rows(ref.span, value, asked_columns(ref), [&](Operand key, Operand found) {
    destructure(item, key, [&] {
      // What `with` puts at the key hides the base document; what goes through both has them
      // merged.
      Operand out = replaceable ? emit_get(value, key, place) : found;
      value_ref(out, ref, at + 1, next, below(place, key));
    });
  });
}

/// True for a key that is not sought among those that are there.
bool FunctionPlanner::is_computed(const Term& key) const {
  return is_bound(key) || key.kind == TermKind::ref || key.kind == TermKind::call;
}

/// The text that a term is known to be.
std::optional<std::string> FunctionPlanner::known_text(const Term& term) const {
  if (term.kind == TermKind::string) return term.text;
  auto var = term.kind == TermKind::var ? vars_.find(term.text) : vars_.end();
  const Value* value = var == vars_.end() ? nullptr : planner_.constant_at(var->second);
  if (value == nullptr || !value->is(Kind::string)) return std::nullopt;
  return std::string(value->as_string());
}

void FunctionPlanner::input_ref(const Term& ref, const NextValue& next) {
  Path path;
  std::size_t at = 1;
  for (; at < ref.items.size(); ++at) {
    std::optional<std::string> key = known_text(*ref.items[at]);
    if (!key) break;
    path.push_back(*std::move(key));
  }
  Operand slot = planner_.input_slot(path);
  if (at == ref.items.size()) require(slot);
  value_ref(slot, ref, at, next);
}

/// Base documents are addressed by texts, as OPA's storage is: data.xs[2] is the path xs/2. What
/// may name an item of an array is looked up where it is known what is there.
void FunctionPlanner::base_ref(Path path, const Term& ref, std::size_t at, const NextValue& next) {
  auto is_key = [](const Term& item) {
    return item.kind == TermKind::string && !array_index(item.text);
  };
  while (at < ref.items.size() && is_key(*ref.items[at])) path.push_back(ref.items[at++]->text);
  bool names_child = at < ref.items.size() && is_computed(*ref.items[at]);
  Operand slot = names_child ? planner_.data_slot(path) : planner_.shown_slot(path);
  if (at == ref.items.size()) require(slot);
  value_ref(slot, ref, at, next, {slot});
}

void FunctionPlanner::data_ref(const RuleNode* node, Path path, const Term& ref, std::size_t at,
                               const NextValue& next) {
  if (node->group) return group_ref(*node->group, ref, at, next);
  bool whole_package = node->is_package && at == ref.items.size();
  if (node->children.empty() && !whole_package) return base_ref(std::move(path), ref, at, next);
  if (at == ref.items.size()) {
    Operand out = new_register();
    emit_failing(Opcode::call, out, planner_.named_extent_function(*node, path));
    return next(out);
  }
  const Term& item = *ref.items[at];
  if (item.kind != TermKind::string && syntax::is_ground(item))
    return base_ref(std::move(path), ref, at, next);
  if (item.kind != TermKind::string) return dynamic_ref(*node, path, ref, at, next);
  const RuleNode* child = node->child(item.text);
  if (child == nullptr) return base_ref(std::move(path), ref, at, next);
  path.push_back(item.text);
  data_ref(child, std::move(path), ref, at + 1, next);
}

/// Goes through what is at a node in OPA's order: the members of its base document, in place of
/// which a child of the same name is evaluated, then the other children. The code of each child is
/// there once and returns by a register.
void FunctionPlanner::each_child_or_base(const RuleNode& node, Operand base, const Term& item,
                                         const NextChild& child_code, const NextMember& base_code) {
  Operand back_to = new_register();
  Label phases = new_label();
  jump(phases);
  std::vector<Label> starts;
  for (const auto& [name, child] : node.children) {
    starts.push_back(new_label());
    bind(starts.back());
    closure([&, &name = name, &child = child] {
      destructure(item, planner_.constant(name), [&] { child_code(name, *child); });
    });
    emit(Opcode::jump_register, 0, back_to);
  }
  bind(phases);
  auto visit = [&](Label start) {
    Label back = new_label();
    emit(Opcode::load_label, back_to, back);
    jump(start);
    bind(back);
    jump_fail();
  };
  closure([&] {
    loop(base, [&](Operand key, Operand value) {
      std::size_t i = 0;
      for (const auto& [name, child] : node.children) {
        closure([&, &name = name] {
          emit_failing(Opcode::equal, 0, key, planner_.constant(name));
          visit(starts[i]);
        });
        emit_failing(Opcode::differs, 0, key, planner_.constant(name));
        ++i;
      }
      destructure(item, key, [&] { base_code(key, value); });
    });
  });
  std::size_t i = 0;
  for (const auto& [name, child] : node.children) {
    closure([&, &name = name] {
      Label absent = new_label();
      Label skip = std::exchange(fail_, absent);
      emit_get(base, planner_.constant(name), {base});
      fail_ = skip;
      jump_fail();
      bind(absent);
      visit(starts[i]);
    });
    ++i;
  }
}

/// A key that is not constant may name each of the node's children, or a base document. All of them
/// leave their value in one register and jump to one copy of what follows, which jumps back for the
/// next solution.
void FunctionPlanner::dynamic_ref(const RuleNode& node, const Path& path, const Term& ref,
                                  std::size_t at, const NextValue& next) {
  std::vector<std::string> vars;
  for (std::size_t i = at; i < ref.items.size(); ++i) unbound_vars(*ref.items[i], vars);
  Vars homes;
  for (const std::string& var : vars) homes[var] = new_register();
  Operand result = new_register(), resume = new_register();
  Label follow = new_label();
  Label outer = fail_;
  auto arrive = [&](Operand value) {
    for (const auto& [var, home] : homes) emit(Opcode::move, home, vars_.at(var));
    emit(Opcode::move, result, value);
    Label back = new_label();
    emit(Opcode::load_label, resume, back);
    jump(follow);
    bind(back);
    jump_fail();
  };
  auto below = [&](const std::string& name, const RuleNode& child) {
    Path longer = path;
    longer.push_back(name);
    data_ref(&child, std::move(longer), ref, at + 1, arrive);
  };
  const Term& item = *ref.items[at];
  if (is_computed(item)) {
    term(item, [&](Operand key) {
      for (const auto& [name, child] : node.children) {
        closure([&, &name = name, &child = child] {
          emit_failing(Opcode::equal, 0, key, planner_.constant(name));
          below(name, *child);
        });
      }
      Operand slot = planner_.data_slot(path);
      closure([&] {
        for (const auto& [name, child] : node.children)
          emit_failing(Opcode::differs, 0, key, planner_.constant(name));
        Operand found = emit_get(slot, key, {slot});
        value_ref(found, ref, at + 1, arrive, {slot, key});
      });
      jump_fail();
    });
  } else {
    Operand slot = planner_.shown_slot(path);
    each_child_or_base(node, slot, item, below, [&](Operand key, Operand value) {
      Operand found = planner_.replaces_data() ? emit_get(slot, key, {slot}) : value;
      value_ref(found, ref, at + 1, arrive, {slot, key});
    });
    jump(outer);
  }
  bind(follow);
  ++loops_;
  Label retry = new_label();
  fail_ = retry;
  for (const auto& [var, home] : homes) vars_[var] = home;
  next(result);
  for (const auto& [var, home] : homes) vars_.erase(var);
  bind(retry);
  emit(Opcode::jump_register, 0, resume);
  fail_ = outer;
}

namespace {

/// How many keys the deepest rule of a group has below the group's path.
std::size_t key_count(const RuleGroup& group) {
  std::size_t most = 0;
  for (const CheckedRule& rule : group.rules) {
    most = std::max(most, rule.path.size() - group.path.size() + (rule.rule->multi_value ? 1 : 0));
  }
  for (const CheckedRule& fallback : group.defaults)
    most = std::max(most, fallback.path.size() - group.path.size());
  return most;
}

}  // namespace

void FunctionPlanner::whole_group(const RuleGroup& group, const NextValue& next) {
  Value constant = planner_.constant_value_of(group);
  if (!constant.is_undefined()) return next(planner_.constant(constant));
  if (can_inline(group)) return inline_group(group, {}, next);
  if (group.kind == GroupKind::partial && loop_depth_ == 0 && planner_.names_once(group))
    return next(partial_value(group, 0));
  next(call_once(planner_.group_function(group, 0)));
}

void FunctionPlanner::group_ref(const RuleGroup& group, const Term& ref, std::size_t at,
                                const NextValue& next) {
  if (group.kind == GroupKind::function) return jump_fail();
  std::size_t most = group.kind == GroupKind::partial ? key_count(group) : 0, keys = 0;
  while (keys < most && at + keys < ref.items.size() && is_bound(*ref.items[at + keys])) ++keys;
  if (keys == 0) {
    if (group.kind != GroupKind::partial || at == ref.items.size())
      return whole_group(group, [&](Operand value) { value_ref(value, ref, at, next); });
    return value_ref(call_once(planner_.group_function(group, 0)), ref, at, next);
  }
  auto first = ref.items.begin() + static_cast<std::ptrdiff_t>(at);
  terms({first, first + static_cast<std::ptrdiff_t>(keys)}, [&](const std::vector<Operand>& found) {
    Operand out = new_register();
    emit_failing(Opcode::call, out, planner_.group_function(group, keys), list_of(found), keys);
    value_ref(out, ref, at + keys, next);
  });
}

Operand FunctionPlanner::call_once(std::uint32_t function) {
  for (const auto& [known, value] : called_) {
    if (known == function) return value;
  }
  Operand out = new_register();
  emit_failing(Opcode::call, out, function);
  called_.emplace_back(function, out);
  return out;
}

}  // namespace lictor::plan
