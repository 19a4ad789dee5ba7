// Bodies and their expressions → code that reaches what follows once for each solution.
#include <algorithm>

#include "plan/planner.hpp"

namespace lictor::plan {

void FunctionPlanner::body(const Body& body, const Next& next) { exprs(body, 0, next); }

void FunctionPlanner::exprs(const Body& body, std::size_t at, const Next& next) {
  if (at == body.exprs.size()) {
    Following inside = std::exchange(following_, {});  // what follows now is not of this body
    next();
    following_ = inside;
    return;
  }
  if (filtered_.contains(body.exprs[at])) return exprs(body, at + 1, next);
  Following outer = std::exchange(following_, {&body, at + 1});
  expr(*body.exprs[at], [&, at] { exprs(body, at + 1, next); });
  following_ = outer;
}

void FunctionPlanner::expr(const Expr& expr, const Next& next) {
  Step step(*this, expr.span);
  if (expr.with.empty()) return plain_expr(expr, next);
  following_ = {};  // what follows is evaluated without the replacements
  with(
      expr, [&](const Next& inner) { plain_expr(expr, inner); }, next);
}

void FunctionPlanner::plain_expr(const Expr& expr, const Next& next) {
  if (expr.negated) {
    return none([&](const Next& found) { term_expr(*expr.term, found); }, next);
  }
  switch (expr.kind) {
    case ExprKind::term:
      return term_expr(*expr.term, next);
    case ExprKind::some_decl:
      return next();
    case ExprKind::some_in:
      return some_in(expr, next);
    case ExprKind::every:
      return every(expr, next);
    case ExprKind::not_body:
      return none([&](const Next& found) { body(*expr.bodies[0], found); }, next);
    case ExprKind::logical_and: {
      std::function<void(std::size_t)> step = [&](std::size_t i) {
        if (i == expr.bodies.size()) return next();
        exists([&](const Next& found) { body(*expr.bodies[i], found); }, [&, i] { step(i + 1); });
      };
      return step(0);
    }
    case ExprKind::logical_or:
      return exists(
          [&](const Next& found) {
            for (const Body* option : expr.bodies) closure([&] { body(*option, found); });
            jump_fail();
          },
          next);
  }
}

void FunctionPlanner::term_expr(const Term& term, const Next& next) {
  if (term.kind == TermKind::call) return call_expr(term, next);
  if (term.kind == TermKind::boolean) return term.flag ? next() : jump_fail();
  std::size_t depth = 0;
  const RuleGroup* group = compile::find_group(planner_.checked(), term, &depth);
  if (group && group->kind == GroupKind::complete && depth == term.items.size() &&
      is_condition(*group)) {
    return inline_condition(*group, {}, next);
  }
  this->term(term, [&](Operand value) {
    emit_failing(Opcode::test, 0, value);
    next();
  });
}

namespace {

struct ComparisonName {
  const char* name;
  ir::Comparison comparison;
};

constexpr ComparisonName comparisons[] = {
    {"equal", ir::Comparison::equal}, {"neq", ir::Comparison::not_equal},
    {"lt", ir::Comparison::less},     {"lte", ir::Comparison::less_equal},
    {"gt", ir::Comparison::greater},  {"gte", ir::Comparison::greater_equal},
};

struct KindName {
  const char* name;
  Kind kind;
};

constexpr KindName kinds[] = {
    {"is_array", Kind::array},   {"is_boolean", Kind::boolean}, {"is_null", Kind::null_value},
    {"is_number", Kind::number}, {"is_object", Kind::object},   {"is_set", Kind::set},
    {"is_string", Kind::string},
};

const KindName* find_kind(const std::string& name) {
  for (const KindName& item : kinds) {
    if (name == item.name) return &item;
  }
  return nullptr;
}

const ComparisonName* find_comparison(const std::string& name) {
  for (const ComparisonName& item : comparisons) {
    if (name == item.name) return &item;
  }
  return nullptr;
}

}  // namespace

bool is_equality(const std::string& builtin) {
  return builtin == "eq" || builtin == "assign" || builtin == "equal";
}

bool is_comparison(const std::string& builtin) { return find_comparison(builtin) != nullptr; }

/// True if it matters that OPA unifies each clause's value with the operand that captures it: where
/// that fails, the next `else` or the default is evaluated, and later calls find its value.
bool FunctionPlanner::output_selects_clause(const Term& call, const RuleGroup& group) const {
  const Term& output = *call.items.back();
  bool is_tested =
      call.items.size() == group.arity + 2 && (output.kind != TermKind::var || is_bound(output));
  bool has_others = group.default_rule() != nullptr ||
                    std::any_of(group.rules.begin(), group.rules.end(), [](const auto& checked) {
                      return checked.rule->else_rule != nullptr;
                    });
  return is_tested && has_others;
}

void FunctionPlanner::call_expr(const Term& call, const Next& next) {
  const std::string name = syntax::operator_name(call);
  if (name == "eq" || name == "assign") return unify(*call.items[1], *call.items[2], next);
  std::size_t given = call.items.size() - 1;
  const ComparisonName* comparison = find_comparison(name);
  // Nothing replaces `==`, which is OPA's `=` where its value is only tested.
  bool equal = comparison && comparison->comparison == ir::Comparison::equal;
  if (comparison && given == 2 && (equal || !planner_.is_mocked(name))) {
    const Term &a = *call.items[1], &b = *call.items[2];
    if (equal && (a.body || b.body)) return unify(a, b, next);
    auto compare = [&] {
      both(a, b, [&](Operand left, Operand right) {
        emit_failing(Opcode::compare, 0, left, right,
                     static_cast<std::size_t>(comparison->comparison));
        next();
      });
    };
    if (!equal) return compare();
    ask_columns(a, b);
    return calls_first({&a, &b}, [&] { parts_first({&a, &b}, compare); });
  }
  if (name == "internal.member_2" && given == 2 && !planner_.is_mocked(name)) {
    return both(*call.items[1], *call.items[2], [&](Operand wanted, Operand collection) {
      member(call.span, wanted, collection, next);
    });
  }
  if (const KindName* kind = find_kind(name); kind && given == 1 && !planner_.is_mocked(name)) {
    return term(*call.items[1], [&](Operand value) {
      emit_failing(Opcode::is_kind, 0, value, 0, static_cast<std::size_t>(kind->kind));
      next();
    });
  }
  int arity = -1;
  if (call.items[0]->kind == TermKind::ref) {
    const RuleGroup& group = *compile::find_group(planner_.checked(), *call.items[0]);
    arity = static_cast<int>(group.arity);
    if (output_selects_clause(call, group)) emit(Opcode::unbound, 0);
    if (given == group.arity && is_condition(group)) {
      auto first = call.items.begin() + 1;
      return terms({first, call.items.end()}, [&](const std::vector<Operand>& arguments) {
        inline_condition(group, arguments, next);
      });
    }
  } else {
    arity = planner_.builtins().arity(name);
  }
  bool has_output = arity >= 0 && given == static_cast<std::size_t>(arity) + 1;
  if (!has_output && may_be_replaced(call)) return replaceable_test(call, next);
  this->call(call, has_output ? given - 1 : given, [&](Operand value) {
    if (has_output) return destructure(*call.items.back(), value, next);
    emit_failing(Opcode::test, 0, value);
    next();
  });
}

/// True for a call of what some `with` replaces.
bool FunctionPlanner::may_be_replaced(const Term& call) const {
  const Term& op = *call.items[0];
  if (op.kind == TermKind::ref)
    return planner_.is_mocked(*compile::find_group(planner_.checked(), op));
  return planner_.is_mocked(op.text);
}

/// A call whose value is only tested holds, whatever a document in the function's place is: OPA
/// does not evaluate that then.
void FunctionPlanner::replaceable_test(const Term& call, const Next& next) {
  const Term& op = *call.items[0];
  auto first = call.items.begin() + 1;
  terms({first, call.items.end()}, [&](const std::vector<Operand>& arguments) {
    exists(
        [&](const Next& found) {
          Label replaced = new_label();
          if (op.kind == TermKind::ref) {
            const RuleGroup& group = *compile::find_group(planner_.checked(), op);
            emit(Opcode::jump_replaced, replaced, planner_.group_function(group, 0));
          } else {
            auto number = static_cast<std::uint32_t>(planner_.builtins().find(op.text));
            emit(Opcode::jump_replaced_builtin, replaced, number);
          }
          emit_call(call, arguments, [&](Operand value) {
            emit_failing(Opcode::test, 0, value);
            found();
          });
          bind(replaced);
          found();
        },
        next);
  });
}

void FunctionPlanner::some_in(const Expr& expr, const Next& next) {
  const Term& head = expr.domain->kind == TermKind::ref ? *expr.domain->items[0] : *expr.domain;
  bool in_data = expr.domain->kind == TermKind::ref && head.kind == TermKind::var &&
                 head.text == "data" && expr.domain->items.size() > 1;
  // What `with` puts at a key hides the base document there.
  bool has_key = expr.key != nullptr || !expr.vars.empty();
  if (in_data && has_key && planner_.replaces_data()) {
    Term element = *expr.domain;
    element.items.push_back(expr.key ? expr.key : expr.vars[0]);
    return ref(element, [&](Operand value) { destructure(*expr.value, value, next); });
  }
  term(*expr.domain, [&](Operand domain) {
    rows(expr.span, domain, columns_of(*expr.value), [&](Operand key, Operand value) {
      auto match_value = [&] { destructure(*expr.value, value, next); };
      if (expr.key)
        destructure(*expr.key, key, match_value);
      else
        match_value();
    });
  });
}

/// every: no item of the domain lacks a solution of the body.
void FunctionPlanner::every(const Expr& expr, const Next& next) {
  term(*expr.domain, [&](Operand domain) {
    if (!known_turns(domain)) emit_failing(Opcode::scan, new_registers(2), domain);
    none(
        [&](const Next& found) {
          loop(domain, [&](Operand key, Operand value) {
            auto lacking = [&] {
              none([&](const Next& solved) { body(*expr.bodies[0], solved); }, found);
            };
            auto match_value = [&] { destructure(*expr.value, value, lacking); };
            if (expr.key)
              destructure(*expr.key, key, match_value);
            else
              match_value();
          });
        },
        next);
  });
}

void FunctionPlanner::none(const FunctionRef<void(const Next&)>& inner, const Next& next) {
  Label outer = fail_;
  closure([&] { inner([&] { jump(outer); }); });
  next();
}

void FunctionPlanner::exists(const FunctionRef<void(const Next&)>& inner, const Next& next) {
  Label found = new_label();
  closure([&] { inner([&] { jump(found); }); });
  jump_fail();
  bind(found);
  next();
}

/// The state with replacements is current while the expression runs, and the old one while what
/// follows runs.
void FunctionPlanner::with(const Expr& expr, const FunctionRef<void(const Next&)>& inner,
                           const Next& next) {
  std::vector<Replacement> replacements;
  std::function<void(std::size_t)> replace = [&](std::size_t i) {
    if (i < expr.with.size()) {
      return replacement(expr.with[i], [&, i](Replacement made) {
        replacements.push_back(std::move(made));
        replace(i + 1);
      });
    }
    auto before = vars_;
    keep_slots_in(expr);
    Operand saved = new_register(), forked = new_register();
    Label outer = fail_;
    emit(Opcode::state_save, saved);
    emit(Opcode::state_fork, forked);
    Label exhausted = new_label();
    fail_ = exhausted;
    for (std::size_t k = 0; k < expr.with.size(); ++k) with_target(expr, k, replacements[k]);
    auto outside = vars_;
    auto required_outside = std::exchange(required_, {});
    auto called_outside = std::exchange(called_, {});
    inner([&] {
      auto required_inside = std::exchange(required_, required_outside);
      auto called_inside = std::exchange(called_, called_outside);
      Label again = fail_;
      keep_slots(outside);
      emit(Opcode::state_set, 0, saved);
      Label back = new_label();
      fail_ = back;
      next();
      bind(back);
      emit(Opcode::state_set, 0, forked);
      jump(again);
      fail_ = again;
      required_ = std::move(required_inside);
      called_ = std::move(called_inside);
    });
    required_ = std::move(required_outside);
    called_ = std::move(called_outside);
    bind(exhausted);
    emit(Opcode::state_set, 0, saved);
    jump(outer);
    fail_ = outer;
    vars_ = std::move(before);
  };
  replace(0);
}

/// A copy that stays when the slots change.
Operand FunctionPlanner::keep(Operand value) {
  Operand kept = new_register();
  emit(Opcode::move, kept, value);
  return kept;
}

const RuleGroup* FunctionPlanner::function_named(const Term& target) const {
  const RuleGroup* group = compile::find_group(planner_.checked(), target);
  return group && group->kind == GroupKind::function ? group : nullptr;
}

void FunctionPlanner::replacement(const syntax::With& with,
                                  const FunctionRef<void(Replacement)>& next) {
  if (with.value == nullptr || function_named(*with.value)) return next({});
  const RuleGroup* group = compile::find_group(planner_.checked(), *with.value);
  if (input_record(with, next)) return;
  bool for_document = with.target->kind == TermKind::ref && !function_named(*with.target);
  if (group && !for_document) {
    // A rule in the place of a function may be undefined until the function is called.
    Operand kept = new_register();
    emit(Opcode::set_undefined, kept);
    closure([&] {
      term(*with.value, [&](Operand value) {
        emit(Opcode::move, kept, value);
        jump_fail();
      });
    });
    return next({kept});
  }
  term(*with.value, [&](Operand value) { next({keep(value)}); });
}

/// Plans `with input as` an object with known keys, in which the input may stand; false for
/// anything else.
bool FunctionPlanner::input_record(const syntax::With& with,
                                   const FunctionRef<void(Replacement)>& next) {
  const Term& target = *with.target;
  bool is_input =
      target.kind == TermKind::ref && target.items.size() == 1 && target.items[0]->text == "input";
  if (!is_input || !planner_.options().optimize) return false;
  const Term* object = with.value;
  std::size_t depth = 0;
  const RuleGroup* group = compile::find_group(planner_.checked(), *object, &depth);
  if (group && depth == object->items.size()) object = planner_.only_value_of(*group);
  if (object == nullptr || object->kind != TermKind::object) return false;
  std::vector<const Term*> values;
  std::optional<ir::Record> record = record_of(*object, values);
  if (!record) return false;

  std::vector<std::uint32_t> inputs, holes;
  std::vector<const Term*> computed;
  for (std::size_t k = 0; k < values.size(); ++k) {
    bool input = values[k]->kind == TermKind::ref && values[k]->items.size() == 1 &&
                 values[k]->items[0]->text == "input";
    (input ? inputs : holes).push_back(record->holes[k]);
    if (!input) computed.push_back(values[k]);
  }
  record->holes = std::move(holes);
  std::uint32_t number = planner_.add_input_record(*std::move(record), std::move(inputs));
  // The rule that says the object knows no variable of this one.
  auto outside = vars_;
  if (object != with.value) vars_.clear();
  terms(computed, [&](const std::vector<Operand>& found) {
    Replacement out{0, number, {}};
    for (Operand value : found) out.holes.push_back(keep(value));
    auto inside = std::exchange(vars_, outside);
    next(std::move(out));
    vars_ = std::move(inside);
  });
  vars_ = std::move(outside);
  return true;
}

namespace {

bool is_slot(Operand operand) {
  return ir::bank_of(operand) == Bank::input || ir::bank_of(operand) == Bank::data;
}

}  // namespace

/// Variables of an expression that are bound to a slot keep its value when the slot gets another.
void FunctionPlanner::keep_slots_in(const Expr& expr) {
  auto keep_slot = [&](const Term& term) {
    auto var = term.kind == TermKind::var ? vars_.find(term.text) : vars_.end();
    if (var != vars_.end() && is_slot(var->second)) var->second = keep(var->second);
  };
  compile::visit_expr_terms(expr, [&](Term& top) { compile::visit_all(top, keep_slot); });
  for (const Body* body : expr.bodies) compile::visit_all(*body, keep_slot);
}

/// Variables that were bound to a slot inside keep its value when the slot gets its old value back.
void FunctionPlanner::keep_slots(const Vars& outside) {
  for (auto& [var, operand] : vars_) {
    if (is_slot(operand) && !outside.contains(var)) operand = keep(operand);
  }
}

void FunctionPlanner::with_target(const Expr& expr, std::size_t at,
                                  const Replacement& replacement) {
  const syntax::With& with = expr.with[at];
  const Term& target = *with.target;
  Operand value = replacement.value;
  place_ = planner_.place(target.span);
  if (target.kind != TermKind::ref) {
    int number = planner_.builtins().find(target.text);
    if (number < 0) return;  // `assign`, which is never called
    return replace_function(Opcode::with_builtin, static_cast<std::uint32_t>(number), with, value);
  }
  if (const RuleGroup* group = function_named(target)) {
    return replace_function(Opcode::with_function, planner_.group_function(*group, 0), with, value);
  }
  if (replacement.input_record) {
    return emit_failing(Opcode::with_object, 0, *replacement.input_record,
                        list_of(replacement.holes), replacement.holes.size());
  }
  bool input = target.items[0]->text == "input";
  std::size_t keys = target.items.size() - 1;
  std::vector<Operand> path;
  for (std::size_t i = 0; i < keys; ++i) {
    path.push_back(planner_.constant(planner_.value_of(*target.items[i + 1])));
  }
  if (input && keys != 0) planner_.need_whole_input();
  place_ = planner_.place(expr.span);
  bool has_value = with.value && !function_named(*with.value);
  if (!has_value) {
    value = new_register();
    emit(Opcode::set_undefined, value);
  }
  emit(input ? Opcode::with_input : Opcode::with_data, 0, value, list_of(path), keys);
}

void FunctionPlanner::replace_function(Opcode op, std::uint32_t target, const syntax::With& with,
                                       Operand operand) {
  if (!with.value) {
    const builtins::Builtin* by = planner_.builtins().get(with.builtin);
    // A relation gives its values one by one, and `eq` is an error: that is left to the tracer.
    if (by == nullptr || by->trait == builtins::Trait::relation) return emit(Opcode::unbound, 0);
    return emit(op, 0, target, planner_.builtins().number_of(*by), 2);
  }
  const RuleGroup* group = compile::find_group(planner_.checked(), *with.value);
  if (group && group->kind == GroupKind::function) {
    return emit(op, 0, target, planner_.group_function(*group, 0), 1);
  }
  emit(op, 0, target, operand, group ? 3 : 0);
}

}  // namespace lictor::plan
