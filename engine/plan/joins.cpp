// Loops over base documents whose rows are found by an index of the data. In
//
//   some r in data.roles
//   r.name == input.role
//
// only the rows with that name can lead on, so only they are gone through: the data has an index by
// name, made when it is loaded. The same goes for `r := data.roles[_]`, for
// `data.roles[i].name == input.role` and for `input.user in data.admins`. What stands between the
// tests and the loop can neither fail with an error nor print.
#include <algorithm>

#include "plan/planner.hpp"
#include "value/number.hpp"

namespace lictor::plan {
namespace {

/// True for terms that have a value or none, and no other effect.
bool is_harmless(const Term& term) {
  if (term.kind == TermKind::call || term.body != nullptr) return false;
  if (term.kind == TermKind::ref &&
      (term.items[0]->kind != TermKind::var || term.items[0]->text == "data"))
    return false;
  return std::all_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return is_harmless(*item); });
}

}  // namespace

/// The text keys of a ref behind item `at`; nullopt if there are others, or one may name an item of
/// an array.
std::optional<Path> FunctionPlanner::keys_behind(const Term& ref, std::size_t at) const {
  Path out;
  for (std::size_t i = at + 1; i < ref.items.size(); ++i) {
    std::optional<std::string> key = known_text(*ref.items[i]);
    if (!key || array_index(*key)) return std::nullopt;
    out.push_back(*std::move(key));
  }
  return out;
}

/// The path of a column in a term that says `row.a.b`, or the row itself.
std::optional<Path> FunctionPlanner::column_of(const Term& term, const std::string& row) const {
  if (term.kind == TermKind::var && term.text == row) return Path();
  bool of_row = term.kind == TermKind::ref && term.items[0]->kind == TermKind::var &&
                term.items[0]->text == row;
  return of_row ? keys_behind(term, 0) : std::nullopt;
}

/// What the expressions that follow ask of a row, as far as it is known before the row.
std::vector<FunctionPlanner::Column> FunctionPlanner::columns_of(const Term& row) const {
  std::vector<Column> out;
  if (row.kind != TermKind::var || is_bound(row.text) || following_.body == nullptr) return out;
  const std::vector<Expr*>& exprs = following_.body->exprs;
  for (std::size_t at = following_.at; at < exprs.size(); ++at) {
    const Expr& expr = *exprs[at];
    if (expr.kind == ExprKind::some_decl) continue;
    if (expr.kind != ExprKind::term || expr.negated || !expr.with.empty()) break;
    if (expr.term->kind != TermKind::call) {
      if (!is_harmless(*expr.term)) break;
      continue;
    }
    std::string name = syntax::operator_name(*expr.term);
    bool test = is_equality(name) || is_comparison(name);
    if (expr.term->items.size() != 3 || !test || planner_.is_mocked(name)) break;
    const Term &left = *expr.term->items[1], &right = *expr.term->items[2];
    if (!is_harmless(left) || !is_harmless(right)) break;
    if (!is_equality(name)) continue;
    for (auto [of_row, known] : {std::pair(&left, &right), std::pair(&right, &left)}) {
      std::optional<Path> column = column_of(*of_row, row.text);
      if (column && is_bound(*known)) out.push_back({*std::move(column), known, &expr});
    }
  }
  return out;
}

/// Notes what an equality asks of the rows that a ref on one side goes through.
void FunctionPlanner::ask_columns(const Term& a, const Term& b) {
  asked_ = {};
  ask_columns_of_ref(a, b);
  ask_columns_of_ref(b, a);
}

void FunctionPlanner::ask_columns_of_ref(const Term& ref, const Term& other) {
  if (ref.kind != TermKind::ref || ref.items[0]->text != "data") return;
  std::size_t row = 0;
  for (std::size_t i = 1; i < ref.items.size(); ++i) {
    const Term& item = *ref.items[i];
    if (item.kind == TermKind::string) continue;
    if (row != 0 || item.kind != TermKind::var || is_bound(item.text)) return;
    row = i;
  }
  if (row == 0) return;
  bool is_row = other.kind == TermKind::var && !is_bound(other.text);
  if (is_row && row + 1 == ref.items.size()) {
    asked_ = {&ref, columns_of(other)};
  } else if (!is_row && is_harmless(other) && is_bound(other)) {
    if (std::optional<Path> column = keys_behind(ref, row)) asked_ = {&ref, {{*column, &other}}};
  }
}

/// The columns noted for a ref, which are then no longer noted.
std::vector<FunctionPlanner::Column> FunctionPlanner::asked_columns(const Term& ref) {
  if (asked_.ref != &ref) return {};
  return std::exchange(asked_, {}).columns;
}

void FunctionPlanner::rows(const Span& span, Operand collection, const std::vector<Column>& columns,
                           const FunctionRef<void(Operand, Operand)>& next) {
  std::string path = planner_.path_text(collection);
  auto note = [&](const std::string& finding) {
    planner_.note_index(span, "loop over " + (path.empty() ? "a computed value" : path), finding);
  };
  const char* without = known_turns(collection)                 ? "its known members, one by one"
                        : ir::bank_of(collection) != Bank::data ? "all items (no base document)"
                        : !planner_.options().index             ? "all items (indexes are off)"
                        : columns.empty()
                            ? "all items (no item is compared with what is known before the loop)"
                            : nullptr;
  if (without) {
    note(without);
    return loop(collection, next);
  }
  ir::RowIndex index{collection & ir::index_mask, {}};
  std::vector<const Term*> values;
  std::string names;
  for (const Column& column : columns) {
    index.columns.push_back(column.path);
    values.push_back(column.value);
    names += names.empty() ? "by " : " and ";
    for (const std::string& part : column.path) names += "." + part;
    if (column.path.empty()) names += "the item itself";
  }
  note(names);
  terms(values, [&](const std::vector<Operand>& found) {
    std::vector<const Expr*> tests;
    for (const Column& column : columns) {
      if (column.test && filtered_.insert(column.test).second) tests.push_back(column.test);
    }
    found_rows(index, found, next);
    for (const Expr* test : tests) filtered_.erase(test);
  });
}

/// A loop over the rows whose columns have those values.
void FunctionPlanner::found_rows(const ir::RowIndex& index, const std::vector<Operand>& values,
                                 const FunctionRef<void(Operand, Operand)>& next) {
  Operand state = new_registers(3);
  Label outer = fail_;
  emit_failing(Opcode::find_rows, state, planner_.row_index(index), list_of(values), values.size());
  turns(Opcode::next_row, state, next);
  fail_ = outer;
}

/// `wanted in collection`
void FunctionPlanner::member(const Span& span, Operand wanted, Operand collection,
                             const Next& next) {
  if (ir::bank_of(collection) != Bank::data || !planner_.options().index) {
    emit_member(wanted, collection);
    return next();
  }
  planner_.note_index(span, "membership in " + planner_.path_text(collection),
                      "by the item itself");
  auto items = [&](const Next& found) {
    found_rows({collection & ir::index_mask, {Path()}}, {wanted},
               [&](Operand, Operand) { found(); });
  };
  exists(items, next);
}

}  // namespace lictor::plan
