// Collects the functions, constants and slots of one program.
#include <algorithm>
#include <deque>

#include "json/write.hpp"
#include "plan/constant.hpp"
#include "plan/kind_slots.hpp"
#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

Path ref_path(const Term& ref) {
  Path out;
  for (std::size_t i = 1; i < ref.items.size(); ++i) out.push_back(ref.items[i]->text);
  return out;
}

/// The ref data.a.b of a path, in terms that it adds.
const Term& data_ref(const Path& path, std::deque<Term>& terms) {
  Term& ref = terms.emplace_back();
  ref.kind = TermKind::ref;
  auto add = [&](TermKind kind, const std::string& text) {
    Term& item = terms.emplace_back();
    item.kind = kind;
    item.text = text;
    ref.items.push_back(&item);
  };
  add(TermKind::var, "data");
  for (const std::string& part : path) add(TermKind::string, part);
  return ref;
}

bool is_key(const Value& key, const std::string& text) {
  return key.is(Kind::string) && key.as_text() == text;
}

bool is_prefix(const Path& prefix, const Path& path) {
  return prefix.size() <= path.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

ProgramPlanner::ProgramPlanner(const Checked& checked, const Options& options)
    : checked_(checked), options_(options) {
  program_.builtins = checked.builtins;
}

void ProgramPlanner::note_query(const CheckedQuery& query) {
  syntax::visit_exprs(*query.body, [&](const Expr& expr) { note_with(expr); });
  compile::visit_all(*query.body, [&](Term& term) { count_name(term); });
  keyed_in_query_ = &query.keyed;
  note_named_rules();
}

void ProgramPlanner::note_entrypoint(const Term& ref) {
  count_name(ref);
  note_named_rules();
}

/// Notes what the rules contain that have been named, and the rules that these name.
void ProgramPlanner::note_named_rules() {
  while (!named_.empty()) {
    const RuleGroup& group = *named_.back();
    named_.pop_back();
    for (const auto* rules : {&group.defaults, &group.rules}) {
      for (const CheckedRule& rule : *rules)
        compile::each_clause(rule.rule, [&](Rule& clause) { note_clause(clause); });
    }
  }
}

void ProgramPlanner::note_clause(Rule& clause) {
  auto note = [&](const Expr& expr) { note_with(expr); };
  compile::visit_rule(clause, [&](Term& term) { count_name(term); });
  if (clause.body) syntax::visit_exprs(*clause.body, note);
  if (clause.value) syntax::visit_exprs(*clause.value, note);
  if (clause.key) syntax::visit_exprs(*clause.key, note);
}

const compile::KeyedComprehension* ProgramPlanner::keyed(const Term& comprehension) const {
  for (const compile::KeyedComprehensions* known : {&checked_.keyed, keyed_in_query_}) {
    if (known == nullptr) continue;
    if (auto found = known->find(&comprehension); found != known->end()) return &found->second;
  }
  return nullptr;
}

void ProgramPlanner::count_name(const Term& term) {
  if (term.kind != TermKind::ref || term.items[0]->kind != TermKind::var ||
      term.items[0]->text != "data")
    return;
  const RuleNode* node = &checked_.root;
  std::size_t i = 1;
  for (; i < term.items.size() && !node->group; ++i) {
    if (term.items[i]->kind != TermKind::string) break;
    node = node->child(term.items[i]->text);
    if (node == nullptr) return;  // a base document
  }
  // A key that is computed may name any rule below, in code that is planned for each.
  bool computed = !node->group && i < term.items.size();
  count_all(*node, computed ? 2 : 1);
}

/// Counts the rules at or below a node.
void ProgramPlanner::count_all(const RuleNode& node, std::size_t times) {
  if (node.group) {
    auto [at, fresh] = names_.try_emplace(node.group, 0);
    at->second += times;
    if (fresh) named_.push_back(node.group);
  }
  for (const auto& [key, child] : node.children) count_all(*child, times);
}

bool ProgramPlanner::names_once(const RuleGroup& group) const {
  if (!options_.optimize) return false;
  auto found = names_.find(&group);
  bool replaced = is_masked(group) || is_mocked(group);
  return !replaced && found != names_.end() && found->second == 1;
}

std::uint32_t ProgramPlanner::name_of(const RuleGroup& group) {
  auto [at, fresh] = inlined_.try_emplace(&group, 0);
  if (fresh) {
    ir::Function function;
    function.name = group.name();
    function.is_function = group.kind == GroupKind::function;
    function.is_inlined = true;
    at->second = static_cast<std::uint32_t>(program_.functions.size());
    program_.functions.push_back(std::move(function));
  }
  return at->second;
}

/// Notes what the modifiers of an expression replace.
void ProgramPlanner::note_with(const Expr& expr) {
  for (const syntax::With& with : expr.with) {
    const Term& target = *with.target;
    if (target.kind != TermKind::ref) {
      mocked_builtins_.insert(target.text);
      continue;
    }
    if (target.items[0]->text != "data") continue;
    std::size_t depth = 0;
    const RuleGroup* group = compile::find_group(checked_, target, &depth);
    if (group && group->kind == GroupKind::function)
      mocked_functions_.insert(group);
    else
      masked_paths_.push_back(ref_path(target));
  }
}

bool ProgramPlanner::is_masked(const Path& path) const {
  return std::any_of(masked_paths_.begin(), masked_paths_.end(),
                     [&](const Path& masked) { return is_prefix(masked, path); });
}

Operand ProgramPlanner::constant(const Value& value) {
  if (value.is(Kind::string)) return constant(value.as_text());
  if (value.is(Kind::boolean)) {
    Operand& known = boolean_constants_[value.is_true() ? 1 : 0];
    if (known == 0) known = add_constant(value);
    return known;
  }
  if (value.is_integer()) {
    auto [at, fresh] = integer_constants_.try_emplace(value.as_integer(), 0);
    if (fresh) at->second = add_constant(value);
    return at->second;
  }
  constexpr std::size_t most_compared = 16;
  if (value.is_collection() && value.size() > most_compared) return large_constant(value);
  auto [at, fresh] = other_constants_.try_emplace(json::to_rego(value), 0);
  if (fresh) at->second = add_constant(prepare_number(*program_.arena, value));
  return at->second;
}

const Value* ProgramPlanner::constant_at(Operand operand) const {
  bool constant = ir::bank_of(operand) == Bank::constant;
  return constant ? &program_.constants[operand & ir::index_mask] : nullptr;
}

/// Large ones are the same where they have one storage.
Operand ProgramPlanner::large_constant(const Value& value) {
  const void* storage = value.items();
  if (value.is(Kind::object)) storage = value.as_object();
  auto [at, fresh] = large_constants_.try_emplace(storage, 0);
  if (fresh) at->second = add_constant(value);
  return at->second;
}

Operand ProgramPlanner::add_constant(const Value& value) {
  freeze(*program_.arena, value);
  program_.constants.push_back(value);
  return ir::operand(Bank::constant, static_cast<std::uint32_t>(program_.constants.size() - 1));
}

Operand ProgramPlanner::table_of_values(Operand collection) {
  const Value* constant = constant_at(collection);
  if (!options_.optimize || constant == nullptr) return collection;
  const Value values = *constant;
  if (!values.is_collection() || values.size() < fewest_large) return collection;
  auto [at, fresh] = value_tables_.try_emplace(collection, 0);
  if (!fresh) return at->second;
  Member* members = program_.arena->allocate<Member>(values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    bool is_object = values.is(Kind::object);
    const Value& value = is_object ? object_member(values, i).value : values.items()[i];
    members[i] = {value, Value::boolean(true)};
  }
  return at->second = add_constant(make_unique_object(*program_.arena, members, values.size(),
                                                      Duplicates::first_key_last_value));
}

Operand ProgramPlanner::constant(std::string_view text) {
  auto [at, fresh] = text_constants_.try_emplace(std::string(text), 0);
  if (fresh) at->second = add_constant(make_string(*program_.arena, text));
  return at->second;
}

Value ProgramPlanner::value_of(const Term& term) {
  Value out = constant_value(term, *program_.arena);
  freeze(*program_.arena, out);
  return out;
}

Operand ProgramPlanner::input_slot(const Path& path) {
  auto [at, fresh] = input_slots_.try_emplace(path, 0);
  if (fresh) {
    at->second = ir::operand(Bank::input, static_cast<std::uint32_t>(input_paths_.size()));
    input_paths_.push_back(path);
  }
  return at->second;
}

Operand ProgramPlanner::data_slot(const Path& path) {
  auto [at, fresh] = data_slots_.try_emplace(path, 0);
  if (fresh) {
    at->second = ir::operand(Bank::data, static_cast<std::uint32_t>(program_.data.size()));
    program_.data.push_back(path);
  }
  return at->second;
}

Operand ProgramPlanner::shown_slot(const Path& path) {
  if (!path.empty()) return data_slot(path);
  if (!shown_data_) {
    program_.shown_data = static_cast<std::uint32_t>(program_.data.size());
    shown_data_ = ir::operand(Bank::data, *program_.shown_data);
    program_.data.emplace_back();
  }
  return *shown_data_;
}

std::uint32_t ProgramPlanner::place(const Span& span) {
  ir::Place out;
  if (span.source) {
    Place at = places_.of(span);
    out = {span.source->name, at.row, at.col, std::string(at.line)};
  }
  if (program_.places.empty()) program_.places.emplace_back();
  const ir::Place& last = program_.places.back();
  if (last.file != out.file || last.row != out.row || last.col != out.col)
    program_.places.push_back(out);
  return static_cast<std::uint32_t>(program_.places.size() - 1);
}

std::uint32_t ProgramPlanner::add_function(ir::Function function,
                                           std::function<void(std::uint32_t)> plan) {
  auto index = static_cast<std::uint32_t>(program_.functions.size());
  program_.functions.push_back(std::move(function));
  pending_.emplace_back(index, std::move(plan));
  return index;
}

const Term* ProgramPlanner::only_value_of(const RuleGroup& group) const {
  bool single = group.kind == GroupKind::complete && group.rules.size() == 1;
  if (!options_.optimize || !single || is_masked(group)) return nullptr;
  const Rule& rule = *group.rules[0].rule;
  const auto& exprs = rule.body->exprs;
  bool always = exprs.size() == 1 && exprs[0]->kind == ExprKind::term && !exprs[0]->negated &&
                exprs[0]->with.empty() && exprs[0]->term->kind == TermKind::boolean &&
                exprs[0]->term->flag;
  return always ? rule.value : nullptr;
}

Value ProgramPlanner::constant_value_of(const RuleGroup& group) {
  auto [at, fresh] = group_constants_.try_emplace(&group);
  const Term* value = fresh ? only_value_of(group) : nullptr;
  if (value && syntax::is_ground(*value)) at->second = value_of(*value);
  return at->second;
}

const RuleGroup& ProgramPlanner::without_parameters(const RuleGroup& group) {
  bool functions =
      std::any_of(group.rules.begin(), group.rules.end(),
                  [](const CheckedRule& checked) { return !checked.rule->args.empty(); });
  if (!functions) return group;
  auto [made, fresh] = documents_.try_emplace(&group, group);
  if (!fresh) return made->second;
  for (CheckedRule& checked : made->second.rules) {
    if (!checked.rule->args.empty()) checked.rule = uncalled(checked);
  }
  return made->second;
}

/// What a rule with parameters is where it is not called. One whose keys are all constant has no
/// value then.
Rule* ProgramPlanner::uncalled(const CheckedRule& checked) {
  Rule* first = nullptr;
  Rule** next = &first;
  bool has_value = !std::all_of(checked.path.begin(), checked.path.end(),
                                [](const Term* key) { return syntax::is_scalar(*key); });
  for (const Rule* clause = checked.rule; clause != nullptr; clause = clause->else_rule) {
    Rule* copy = ast_.rule(clause->span);
    *copy = *clause;
    copy->args.clear();
    if (!has_value) {
      copy->body = ast_.body(copy->span);
      copy->body->exprs.push_back(ast_.expr(ast_.boolean(false, copy->span)));
    }
    *next = copy;
    next = &copy->else_rule;
  }
  return first;
}

std::uint32_t ProgramPlanner::add_record(ir::Record record) {
  program_.records.push_back(std::move(record));
  return static_cast<std::uint32_t>(program_.records.size() - 1);
}

std::uint32_t ProgramPlanner::add_format(ir::Format format) {
  program_.formats.push_back(std::move(format));
  return static_cast<std::uint32_t>(program_.formats.size() - 1);
}

std::uint32_t ProgramPlanner::add_rule_table(ir::RuleTable::Test test,
                                             const ir::RuleTable::Allowed& allowed,
                                             std::vector<std::uint32_t> starts) {
  program_.rule_tables.emplace_back(*program_.arena, test, allowed);
  program_.rule_tables.back().starts = std::move(starts);
  return static_cast<std::uint32_t>(program_.rule_tables.size() - 1);
}

void ProgramPlanner::note_index(const Span& span, std::string subject, std::string finding) {
  if (!notes_) return;
  std::uint32_t at = place(span);
  program_.index_notes.push_back({at, std::move(subject), std::move(finding)});
}

std::string ProgramPlanner::path_text(Operand operand) const {
  Bank bank = ir::bank_of(operand);
  if (bank != Bank::input && bank != Bank::data) return "";
  std::uint32_t index = operand & ir::index_mask;
  std::string out = bank == Bank::input ? "input" : "data";
  for (const std::string& part : bank == Bank::input ? input_paths_[index] : program_.data[index])
    out += "." + part;
  return out;
}

std::uint32_t ProgramPlanner::row_index(ir::RowIndex index) {
  std::vector<ir::RowIndex>& all = program_.row_indexes;
  auto same = [&](const ir::RowIndex& other) {
    return other.slot == index.slot && other.columns == index.columns;
  };
  auto at = std::find_if(all.begin(), all.end(), same);
  auto number = static_cast<std::uint32_t>(at - all.begin());
  if (at == all.end()) all.push_back(std::move(index));
  return number;
}

std::uint32_t ProgramPlanner::add_input_record(ir::Record record,
                                               std::vector<std::uint32_t> inputs) {
  ir::InputRecord made;
  made.inputs = std::move(inputs);
  made.record = add_record(std::move(record));
  program_.input_records.push_back(std::move(made));
  return static_cast<std::uint32_t>(program_.input_records.size() - 1);
}

/// What is read below an input that stands in an input record is read of that input itself.
void ProgramPlanner::reach_through_input_records() {
  for (std::size_t p = 0; p < input_paths_.size(); ++p) {
    for (const ir::InputRecord& made : program_.input_records) {
      const ir::Record& record = program_.records[made.record];
      for (std::uint32_t member : made.inputs) {
        Path path = input_paths_[p];
        if (path.empty() || !is_key(record.members[member].key, path[0])) continue;
        path.erase(path.begin());
        input_slot(path);
      }
    }
  }
}

/// Marks the paths of which only the kind counts. An input record passes values on, so that what is
/// needed whole below the input that it holds is needed whole of that input.
void ProgramPlanner::mark_kind_only() {
  std::vector<bool> whole = paths_needed_whole(program_, input_paths_.size());
  auto pass_on = [&](const Path& path, const ir::InputRecord& made) {
    bool changed = false;
    for (std::uint32_t member : made.inputs) {
      const Value& key = program_.records[made.record].members[member].key;
      if (path.empty() || !is_key(key, path[0])) continue;
      std::uint32_t from = input_slots_.at(Path(path.begin() + 1, path.end())) & ir::index_mask;
      changed |= !whole[from];
      whole[from] = true;
    }
    return changed;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t p = 0; p < input_paths_.size(); ++p) {
      for (const ir::InputRecord& made : program_.input_records)
        changed |= whole[p] && pass_on(input_paths_[p], made);
    }
  }
  for (std::size_t p = 0; p < input_paths_.size(); ++p) {
    json::Shape::Node& node = program_.input.nodes[program_.input.at(input_paths_[p])];
    // The root is what the whole input is taken from.
    node.kind_only = !whole[p] && !node.children.empty() && !input_paths_[p].empty();
  }
}

/// Says which slots an input record fills from where. The slots have their numbers.
void ProgramPlanner::connect(ir::InputRecord& made) {
  json::Shape& shape = program_.input;
  const ir::Record& record = program_.records[made.record];
  for (std::uint32_t k = 0; k < record.members.size(); ++k) {
    const json::Shape::Node& root = shape.nodes[0];
    auto child = std::find_if(root.children.begin(), root.children.end(), [&](const auto& read) {
      return is_key(record.members[k].key, read.key);
    });
    bool input = std::find(made.inputs.begin(), made.inputs.end(), k) != made.inputs.end();
    made.nodes.push_back(input || child == root.children.end() ? 0 : child->node);
    if (!input) continue;
    for (const Path& path : input_paths_) {
      if (path.empty() || !is_key(record.members[k].key, path[0])) continue;
      Path from(path.begin() + 1, path.end());
      made.moves.push_back({shape.nodes[shape.at(from)].slot, shape.nodes[shape.at(path)].slot});
    }
  }
}

std::uint32_t ProgramPlanner::group_function(const RuleGroup& group, std::size_t keys) {
  auto [at, fresh] = group_functions_.try_emplace({&group, keys}, 0);
  if (!fresh) {
    // A second caller may ask for the same arguments.
    ir::Function& known = program_.functions[at->second];
    if (known.parameters != 0) known.memo = ir::Memo::keyed;
    return at->second;
  }
  ir::Function function;
  function.name = group.name();
  for (std::size_t i = 0; i < keys; ++i) function.name += "[_]";
  bool takes = group.kind == GroupKind::function;
  function.is_function = takes;
  function.parameters = static_cast<std::uint32_t>(takes ? group.arity : keys);
  function.memo = function.parameters == 0 ? ir::Memo::value : ir::Memo::none;
  bool has_value =
      group.kind == GroupKind::partial ? is_set(group) : group.default_rule() != nullptr;
  function.is_total = keys == 0 && has_value && !takes && !is_masked(group);
  std::uint32_t parameters = function.parameters;
  at->second =
      add_function(std::move(function), [this, &group, keys, parameters](std::uint32_t index) {
        FunctionPlanner planner(*this, index, parameters);
        if (group.kind == GroupKind::complete)
          planner.complete_group(group);
        else if (group.kind == GroupKind::function)
          planner.function_group(group);
        else
          planner.partial_group(group, keys);
        planner.finish();
      });
  return at->second;
}

std::uint32_t ProgramPlanner::document(const Path& path) {
  auto next = static_cast<std::uint32_t>(program_.documents.size());
  auto [at, fresh] = document_numbers_.try_emplace(path, next);
  if (fresh) program_.documents.push_back(path);
  return at->second;
}

std::uint32_t ProgramPlanner::extent_function(const RuleNode& node, const Path& path) {
  auto [at, fresh] = extent_functions_.try_emplace(path, 0);
  if (!fresh) return at->second;
  ir::Function function;
  function.name = "data";
  for (const std::string& part : path) function.name += "." + part;
  function.memo = ir::Memo::value;
  at->second = add_function(std::move(function), [this, &node, path](std::uint32_t index) {
    FunctionPlanner planner(*this, index, 0);
    planner.extent(node, path);
    planner.finish();
  });
  return at->second;
}

std::uint32_t ProgramPlanner::named_extent_function(const RuleNode& node, const Path& path) {
  std::uint32_t extent = extent_function(node, path);
  if (!is_masked(path)) return extent;
  auto [at, fresh] = named_extent_functions_.try_emplace(path, 0);
  if (!fresh) return at->second;
  std::uint32_t number = document(path);
  ir::Function function;
  function.name = program_.functions[extent].name;
  at->second = add_function(std::move(function), [this, number, extent](std::uint32_t index) {
    FunctionPlanner planner(*this, index, 0);
    planner.masked_extent(number, extent);
    planner.finish();
  });
  return at->second;
}

std::uint32_t ProgramPlanner::groups_function(const compile::KeyedComprehension& keyed, Kind kind) {
  auto [at, fresh] = groups_functions_.try_emplace(&keyed, 0);
  if (!fresh) return at->second;
  ir::Function function;
  function.name = "groups by";
  for (const std::string& key : keyed.keys) function.name += " " + compile::display_name(key);
  function.memo = ir::Memo::value;
  function.is_total = true;
  at->second = add_function(std::move(function), [this, &keyed, kind](std::uint32_t index) {
    notes_ = false;  // they stand where it is evaluated one by one
    FunctionPlanner planner(*this, index, 0);
    planner.groups(keyed, kind);
    planner.finish();
    notes_ = true;
  });
  return at->second;
}

ir::Program ProgramPlanner::finish() {
  while (!pending_.empty()) {
    auto [index, plan] = std::move(pending_.back());
    pending_.pop_back();
    plan(index);
  }
  for (ir::Function& function : program_.functions) {
    if (function.memo == ir::Memo::value) function.memo_slot = program_.memo_slots++;
  }
  if (needs_whole_input_) input_slot({});
  reach_through_input_records();
  for (const Path& path : input_paths_) {
    std::uint32_t node = program_.input.at(path);
    program_.input.nodes[node].whole = true;
  }
  if (options_.optimize) mark_kind_only();
  program_.input.number_slots();
  for (ir::InputRecord& made : program_.input_records) connect(made);
  std::vector<std::uint32_t> renumbered;
  for (const Path& path : input_paths_) {
    renumbered.push_back(program_.input.nodes[program_.input.at(path)].slot);
  }
  for (Operand& item : program_.operands) {
    if (ir::bank_of(item) == Bank::input)
      item = ir::operand(Bank::input, renumbered[item & ir::index_mask]);
  }
  for (ir::Instruction& instruction : program_.code) {
    const char* kinds = ir::opcode_operands(instruction.op);
    std::uint32_t* fields[] = {&instruction.a, &instruction.b, &instruction.c};
    for (int k = 0; k < 3; ++k) {
      bool is_operand = kinds[k] == 'r' || kinds[k] == 'd';
      if (is_operand && ir::bank_of(*fields[k]) == Bank::input) {
        *fields[k] = ir::operand(Bank::input, renumbered[*fields[k] & ir::index_mask]);
      }
    }
  }
  return std::move(program_);
}

namespace {

Result<ir::Program> finished(ProgramPlanner& planner) {
  try {
    return planner.finish();
  } catch (Error& error) {
    return std::move(error);
  }
}

}  // namespace

Result<ir::Program> plan_document(const Checked& checked, const Path& path,
                                  const Options& options) {
  ProgramPlanner planner(checked, options);
  std::deque<Term> terms;
  const Term& ref = data_ref(path, terms);
  planner.note_entrypoint(ref);
  ir::Function function;
  function.name = "entry";
  planner.program().entry = planner.add_function(std::move(function), [&](std::uint32_t index) {
    FunctionPlanner code(planner, index, 0);
    code.document(ref);
    code.finish();
  });
  return finished(planner);
}

Result<ir::Program> plan_query(const Checked& checked, const CheckedQuery& query,
                               const Options& options) {
  ProgramPlanner planner(checked, options);
  planner.note_query(query);
  ir::Function function;
  function.name = "query";
  planner.program().is_query = true;
  planner.program().columns = query.vars;
  planner.program().entry = planner.add_function(std::move(function), [&](std::uint32_t index) {
    FunctionPlanner code(planner, index, 0);
    code.query(query);
    code.finish();
  });
  return finished(planner);
}

}  // namespace lictor::plan
