// Terms → code that leaves their value in an operand.
#include <algorithm>

#include "json/write.hpp"
#include "plan/planner.hpp"
#include "syntax/term_order.hpp"

namespace lictor::plan {
namespace {

/// The opcode of a builtin that the machine does by itself for most operands.
bool own_opcode(std::string_view builtin, Opcode& out) {
  if (builtin == "plus")
    out = Opcode::add;
  else if (builtin == "minus")
    out = Opcode::subtract;
  else if (builtin == "mul")
    out = Opcode::multiply;
  else if (builtin == "count")
    out = Opcode::count;
  else
    return false;
  return true;
}

/// The JSON of a record, made ahead; null if some of it depends on how it is escaped or sorted.
std::unique_ptr<const Layout> layout_of(const ir::Record& record) {
  auto layout = std::make_unique<Layout>();
  std::string text = "{";
  auto append = [&](const Value& value) {
    std::string plain = json::to_json(value, false);
    text += plain;
    return plain == json::to_json(value, true);
  };
  for (std::uint32_t i = 0; i < record.members.size(); ++i) {
    const auto& [key, value] = record.members[i];
    if (i != 0) text += ',';
    if (!key.is(Kind::string) || !append(key)) return nullptr;
    text += ':';
    if (value.is_undefined()) {
      layout->pieces.push_back({std::exchange(text, {}), i});
    } else if (!append(value)) {
      return nullptr;
    }
  }
  layout->after = text + "}";
  return layout;
}

/// A format of sprintf without flags, whose verbs the machine knows.
std::optional<ir::Format> plain_format(const std::string& text) {
  ir::Format out;
  std::string piece;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      piece += text[i];
      continue;
    }
    if (++i == text.size() || std::string_view("vsd").find(text[i]) == std::string_view::npos)
      return std::nullopt;
    out.texts.push_back(std::exchange(piece, {}));
    out.verbs += text[i];
  }
  out.texts.push_back(std::move(piece));
  return out;
}

/// A format as it is written.
std::string text_of(const ir::Format& format) {
  std::string out;
  for (std::size_t k = 0; k < format.texts.size(); ++k) {
    for (char c : format.texts[k]) out += c == '%' ? std::string("%%") : std::string(1, c);
    if (k < format.verbs.size()) out += {'%', format.verbs[k]};
  }
  return out;
}

/// The format of `sprintf("…%v…", […])`, if each hole has its value.
std::optional<ir::Format> format_of(const Term& call) {
  if (syntax::operator_name(call) != "sprintf" || call.items.size() != 3) return std::nullopt;
  const Term &text = *call.items[1], &values = *call.items[2];
  if (text.kind != TermKind::string || values.kind != TermKind::array) return std::nullopt;
  std::optional<ir::Format> out = plain_format(text.text);
  if (!out || values.items.empty() || out->verbs.size() != values.items.size()) return std::nullopt;
  return out;
}

}  // namespace

void FunctionPlanner::term(const Term& term, const NextValue& next) {
  Step step(*this, term.span);
  if (auto early = early_.extract(&term)) return next(early.mapped());
  if (syntax::is_ground(term)) return next(planner_.constant(planner_.value_of(term)));
  switch (term.kind) {
    case TermKind::var:
      return next(bound(term));
    case TermKind::ref:
      return ref(term, next);
    case TermKind::array:
      return composite(term, Opcode::make_array, next);
    case TermKind::object:
      return object(term, next);
    case TermKind::set:
      return composite(term, Opcode::make_set, next);
    case TermKind::call:
      return call(term, term.items.size() - 1, next);
    default:
      return comprehension(term, next);
  }
}

/// Evaluates each item once it is ready; next gets the values in the order of the items.
void FunctionPlanner::terms(const std::vector<const Term*>& items, const NextValues& next) {
  calls_first(items, [&] { terms_once_ready(items, next); });
}

void FunctionPlanner::terms_once_ready(const std::vector<const Term*>& items,
                                       const NextValues& next) {
  std::vector<Operand> values(items.size());
  std::vector<bool> known(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    known[i] = syntax::is_ground(*items[i]);
    if (known[i]) values[i] = planner_.constant(planner_.value_of(*items[i]));
  }
  auto next_item = [&] {
    std::size_t first = items.size();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (known[i]) continue;
      if (is_ready(*items[i])) return i;
      first = std::min(first, i);
    }
    return first;
  };
  auto step = [&](auto& self) -> void {
    std::size_t i = next_item();
    if (i == items.size()) return next(values);
    known[i] = true;
    term(*items[i], [&](Operand value) {
      values[i] = value;
      self(self);
    });
    known[i] = false;
  };
  step(step);
}

namespace {

/// The outermost calls within a term, in the order in which OPA takes them out.
void add_calls(const Term& term, std::vector<const Term*>& out) {
  if (term.body) return;
  if (term.kind == TermKind::call) return out.push_back(&term);
  for (std::size_t at : syntax::ordered_places(term)) {
    add_calls(*term.items[at], out);
    if (term.kind == TermKind::object) add_calls(*term.items[at + 1], out);
  }
}

}  // namespace

/// OPA evaluates the calls within an expression before its refs and closures, which shows where one
/// of them is an error.
void FunctionPlanner::calls_first(const std::vector<const Term*>& items, const Next& next) {
  std::vector<const Term*> calls;
  for (const Term* item : items) add_calls(*item, calls);
  bool alone = calls.size() == 1 && items.size() == 1 && calls[0] == items[0];
  bool strict = planner_.options().strict_errors && !calls.empty();
  bool shows = !alone && (strict || std::any_of(items.begin(), items.end(), [&](const Term* item) {
                            return may_be_an_error(*item);
                          }));
  if (!shows) return next();
  evaluate_first(calls, next);
}

/// Each of the terms is used once behind this.
void FunctionPlanner::evaluate_first(const std::vector<const Term*>& parts, const Next& next) {
  auto evaluate = [&](auto& self, std::size_t i) -> void {
    if (i == parts.size()) return next();
    if (early_.contains(parts[i]) || !is_ready(*parts[i])) return self(self, i + 1);
    term(*parts[i], [&](Operand value) {
      early_[parts[i]] = value;
      self(self, i + 1);
    });
  };
  evaluate(evaluate, 0);
}

/// OPA evaluates what stands within a ref or a collection before the ref itself, or the other side
/// of an equality; it shows where a part is an error.
void FunctionPlanner::parts_first(const std::vector<const Term*>& tops, const Next& next) {
  std::vector<const Term*> parts;
  auto add = [&](auto& self, const Term& term, bool top) -> void {
    if (!may_be_an_error(term) || term.kind == TermKind::call) return;
    bool whole = term.kind == TermKind::ref || term.body != nullptr;
    if (whole && !top) parts.push_back(&term);
    if (term.body || (whole && !top)) return;
    for (std::size_t at : syntax::ordered_places(term)) {
      if (at == 0 && term.kind == TermKind::ref) continue;
      self(self, *term.items[at], false);
      if (term.kind == TermKind::object) self(self, *term.items[at + 1], false);
    }
  };
  for (const Term* top : tops) add(add, *top, true);
  evaluate_first(parts, next);
}

bool FunctionPlanner::may_be_an_error(const Term& term) const {
  if (term.body) return true;
  bool rules = term.kind == TermKind::ref && term.items[0]->kind == TermKind::var &&
               term.items[0]->text == "data";
  return rules || std::any_of(term.items.begin(), term.items.end(),
                              [this](const Term* item) { return may_be_an_error(*item); });
}

void FunctionPlanner::both(const Term& a, const Term& b,
                           const FunctionRef<void(Operand, Operand)>& next) {
  calls_first({&a, &b}, [&] {
    if (!is_ready(b) || is_ready(a))
      return term(a, [&](Operand left) { term(b, [&](Operand right) { next(left, right); }); });
    term(b, [&](Operand right) { term(a, [&](Operand left) { next(left, right); }); });
  });
}

/// An object of constant keys is laid out in key order here, so that nothing is left to sort.
/// The record of an object with distinct constant keys; `values` gets what its holes hold.
std::optional<ir::Record> FunctionPlanner::record_of(const Term& object,
                                                     std::vector<const Term*>& values) {
  std::vector<std::pair<Value, const Term*>> fields;
  for (std::size_t i = 0; i < object.items.size(); i += 2) {
    if (!syntax::is_ground(*object.items[i])) return std::nullopt;
    fields.emplace_back(planner_.value_of(*object.items[i]), object.items[i + 1]);
  }
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  bool distinct =
      std::adjacent_find(fields.begin(), fields.end(), [](const auto& a, const auto& b) {
        return equal(a.first, b.first);
      }) == fields.end();
  if (!distinct) return std::nullopt;
  ir::Record made;
  for (const auto& [key, value] : fields) {
    bool ground = syntax::is_ground(*value);
    made.members.push_back({key, ground ? planner_.value_of(*value) : Value()});
    if (ground) continue;
    made.holes.push_back(static_cast<std::uint32_t>(made.members.size() - 1));
    values.push_back(value);
  }
  return made;
}

void FunctionPlanner::object(const Term& object, const NextValue& next) {
  std::vector<const Term*> values;
  std::optional<ir::Record> made = record_of(object, values);
  if (!made) {
    // Of keys that are equal the last value counts.
    Term sorted = object;
    sorted.items.clear();
    for (std::size_t i : syntax::ordered_places(object))
      sorted.items.insert(sorted.items.end(), {object.items[i], object.items[i + 1]});
    return composite(sorted, Opcode::make_object, next);
  }
  made->layout = layout_of(*made);
  std::uint32_t number = planner_.add_record(*std::move(made));
  terms(values, [&](const std::vector<Operand>& found) {
    Operand out = new_register();
    emit(Opcode::make_record, out, number, list_of(found), found.size());
    next(out);
  });
}

namespace {

/// By the time that OPA makes a set, variables stand for calls, and later ones for refs and
/// closures.
int rank_when_made(const Term& member) {
  if (syntax::is_scalar(member)) return 0;
  if (member.kind == TermKind::var) return 1;
  if (member.kind == TermKind::call) return 2;
  return member.kind == TermKind::ref || member.body ? 3 : 4;
}

bool stands_before(const Term* a, const Term* b) {
  if (int rank = rank_when_made(*a) - rank_when_made(*b); rank != 0) return rank < 0;
  bool collections = a->kind == b->kind && rank_when_made(*a) == 4;
  return collections &&
         std::lexicographical_compare(a->items.begin(), a->items.end(), b->items.begin(),
                                      b->items.end(), stands_before);
}

/// The members of a set as OPA has them, of which the first one's spelling stays where some are
/// equal.
std::vector<const Term*> members_in_order(const Term& set) {
  std::vector<const Term*> out;
  for (std::size_t at : syntax::ordered_places(set)) out.push_back(set.items[at]);
  std::stable_sort(out.begin(), out.end(), stands_before);
  return out;
}

}  // namespace

void FunctionPlanner::composite(const Term& term, Opcode op, const NextValue& next) {
  std::vector<const Term*> items(term.items.begin(), term.items.end());
  if (op == Opcode::make_set) items = members_in_order(term);
  terms(items, [&](const std::vector<Operand>& values) {
    if (std::optional<Operand> known = folded_collection(op, values)) return next(*known);
    Operand out = new_register();
    emit(op, out, 0, list_of(values), values.size());
    next(out);
  });
}

void FunctionPlanner::call(const Term& call, std::size_t inputs, const NextValue& next) {
  bool may_format = planner_.options().optimize && !planner_.is_mocked("sprintf");
  if (std::optional<ir::Format> made = format_of(call); made && may_format)
    return format(call, *std::move(made), next);
  auto first = call.items.begin() + 1;
  terms({first, first + static_cast<std::ptrdiff_t>(inputs)},
        [&](const std::vector<Operand>& arguments) { emit_call(call, arguments, next); });
}

void FunctionPlanner::format(const Term& call, ir::Format made, const NextValue& next) {
  const Term& values = *call.items[2];
  terms({values.items.begin(), values.items.end()}, [&](std::vector<Operand> found) {
    ir::Format format = made;
    fold_into(format, found);
    if (found.empty()) return next(planner_.constant(format.texts[0]));
    format.text = make_string(*planner_.program().arena, text_of(format));
    format.builtin = builtins::own_number("sprintf");
    Operand out = new_register();
    place_ = planner_.place(call.span);
    emit_failing(Opcode::format, out, planner_.add_format(std::move(format)), list_of(found),
                 found.size());
    next(out);
  });
}

void FunctionPlanner::emit_call(const Term& call, const std::vector<Operand>& arguments,
                                const NextValue& next) {
  Operand out = new_register();
  place_ = planner_.place(call.span);
  const Term& op = *call.items[0];
  if (op.kind == TermKind::ref) {
    const RuleGroup* group = compile::find_group(planner_.checked(), op);
    if (can_inline(*group)) return inline_group(*group, arguments, next);
    // A rule that is called is not replaced by `with`; that is left to the tracer.
    bool is_document = group->kind != GroupKind::function;
    if (is_document && planner_.is_masked(*group)) emit(Opcode::unbound, 0);
    emit_failing(Opcode::call, out, planner_.group_function(*group, 0), list_of(arguments),
                 arguments.size());
    return next(out);
  }
  const builtins::Builtin* known = planner_.builtins().get(op.text);
  if (!known) throw error_at(ErrorCode::type, call.span, "undefined function " + op.text);
  const builtins::Builtin& builtin = *known;
  std::uint32_t number = planner_.builtins().number_of(builtin);
  bool mocked = planner_.is_mocked(op.text);
  if (op.text == "internal.print") planner_.program().prints = true;
  if (builtin.function == nullptr && !mocked) {
    throw error_at(ErrorCode::type, call.span, "undefined function " + op.text,
                   "this build has no implementation of it: add a host function of this name");
  }
  if (std::optional<Operand> known = mocked ? std::nullopt : folded_call(builtin, arguments))
    return next(*known);
  if (Opcode op; !mocked && own_opcode(builtin.name, op)) {
    Operand second = arguments.size() > 1 ? arguments[1] : 0;
    emit_failing(op, out, arguments[0], second, number);
    return next(out);
  }
  emit_failing(mocked ? Opcode::mockable : Opcode::builtin, out, number, list_of(arguments),
               arguments.size());
  if (builtin.trait != builtins::Trait::relation) return next(out);
  loop(out, [&](Operand, Operand value) { next(value); });
}

}  // namespace lictor::plan
