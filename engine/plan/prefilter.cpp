// OPA finds candidate rules by an index before it evaluates any of them, and that can be seen: in
//
//   p if { conflicting; input.method == "GET" }
//
// a POST leaves p undefined, though `conflicting` alone is an error. So a body's tests of input and
// arguments against constants come first here too. They are total, so nothing else changes; and a
// rule that fails, fails at once. Source: OPA v1/ast/index.go, of whose forms these are
// covered: equality with constants, also through a local, members of a collection, membership in
// constants, starts and ends of texts, globs, and bare refs. Bodies with `with` or negation keep
// those in place, and so does what is asked for several values.
#include <algorithm>

#include "plan/planner.hpp"

namespace lictor::plan {
namespace {

bool is_path(const Term& term, std::size_t end) {
  return std::all_of(term.items.begin() + 1, term.items.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const Term* item) { return item->kind == TermKind::string; });
}

bool is_input(const Term& term) {
  return term.kind == TermKind::ref && term.items[0]->kind == TermKind::var &&
         term.items[0]->text == "input" && term.items.size() > 1;
}

Path path_of(const Term& term, std::size_t end) {
  Path out;
  for (std::size_t i = 1; i < end; ++i) out.push_back(term.items[i]->text);
  return out;
}

}  // namespace

bool is_indexed_constant(const Term& term) {
  if (term.kind != TermKind::array) return syntax::is_scalar(term);
  return std::all_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return syntax::is_scalar(*item); });
}

std::optional<std::string> glob_prefix(const Term& pattern, const Term& delimiters) {
  if (pattern.kind != TermKind::string || delimiters.kind != TermKind::array) return std::nullopt;
  bool dots = delimiters.items.empty();
  std::string between = dots ? "." : "";
  for (const Term* item : delimiters.items) {
    if (item->kind != TermKind::string) return std::nullopt;
    between += item->text;
  }
  const std::string& text = pattern.text;
  if (text.find_first_of("[]{}?!\\") != std::string::npos) return std::nullopt;
  for (std::size_t at = 0; (at = text.find('*', at)) != std::string::npos; ++at) {
    bool starts = at == 0 || between.find(text[at - 1]) != std::string::npos;
    bool ends = at + 1 == text.size() || between.find(text[at + 1]) != std::string::npos;
    if (!starts || !ends) return std::nullopt;
  }
  return text.substr(0, text.find('*'));
}

std::size_t tested_text(const Term& call) {
  std::string name = syntax::operator_name(call);
  auto is_text = [](const Term* term) { return term->kind == TermKind::string; };
  const Term& last = *call.items.back();
  if (name == "glob.match" && call.items.size() == 4)
    return glob_prefix(*call.items[1], *call.items[2]) ? 3 : 0;
  if (call.items.size() != 3) return 0;
  if (name == "startswith" || name == "endswith") return is_text(&last) ? 1 : 0;
  if (name != "strings.any_prefix_match" && name != "strings.any_suffix_match") return 0;
  if (is_text(&last)) return 1;
  bool many = last.kind == TermKind::array || last.kind == TermKind::set;
  return many && !last.items.empty() && std::all_of(last.items.begin(), last.items.end(), is_text)
             ? 1
             : 0;
}

/// The operand of what an index looks at: an input path, an argument, or a local that stands for
/// one.
bool FunctionPlanner::index_operand(const Term& term, const Aliases& aliases, Operand& out) {
  auto alias = term.kind == TermKind::var ? aliases.find(term.text) : aliases.end();
  if (is_input(term) && !is_bound("input") && is_path(term, term.items.size()))
    out = planner_.input_slot(path_of(term, term.items.size()));
  else if (alias != aliases.end())
    out = alias->second;
  else if (term.kind == TermKind::var && is_bound(term.text))
    out = vars_.at(term.text);
  else
    return false;
  return !open_.contains(out);
}

/// Emits the test of an equality with a constant, or remembers a local. True if nothing is left to
/// do.
bool FunctionPlanner::prefilter_equality(const Expr& expr, Aliases& aliases) {
  const Term *left = expr.term->items[1], *right = expr.term->items[2];
  if (syntax::is_ground(*left)) std::swap(left, right);
  Operand operand = 0;
  if (is_indexed_constant(*right)) {
    if (!index_operand(*left, aliases, operand)) return false;
    emit_failing(Opcode::equal, 0, operand, planner_.constant(planner_.value_of(*right)));
    return !(left->kind == TermKind::var && aliases.contains(left->text));
  }
  bool names_local = left->kind == TermKind::var && !is_bound(left->text);
  if (!names_local || !index_operand(*right, aliases, operand)) return false;
  aliases[left->text] = operand;
  if (right->kind == TermKind::ref) require(operand);
  return false;
}

/// Of a glob and a text that are known to start alike, takes what stands behind that, so that rules
/// whose globs differ only there do the same.
void FunctionPlanner::match_behind_start(const Term& glob, std::vector<Operand>& arguments) {
  std::size_t start = glob_prefix(*glob.items[1], *glob.items[2])->size();
  if (start > UINT16_MAX) return;
  std::string_view rest = std::string_view(glob.items[1]->text).substr(start);
  arguments[0] = planner_.constant(Value::string(planner_.program().arena->copy(rest)));
  Operand behind = new_register();
  emit(Opcode::behind, behind, arguments[2], 0, start);
  arguments[2] = behind;
}

/// Emits a test of a text, which nothing else fulfils. True if nothing is left to do.
bool FunctionPlanner::prefilter_text(const Expr& expr, const Aliases& aliases) {
  const Term& call = *expr.term;
  std::size_t at = planner_.options().strict_errors ? 0 : tested_text(call);
  Operand operand = 0;
  if (at == 0 || !index_operand(*call.items[at], aliases, operand)) return false;
  emit_failing(Opcode::is_kind, 0, operand, 0, static_cast<std::size_t>(Kind::string));
  std::vector<Operand> arguments;
  for (std::size_t i = 1; i < call.items.size(); ++i) {
    arguments.push_back(i == at ? operand : planner_.constant(planner_.value_of(*call.items[i])));
  }
  if (is_start_implied(expr)) match_behind_start(call, arguments);
  emit_call(call, arguments, [&](Operand holds) { emit_failing(Opcode::test, 0, holds); });
  return !aliases.contains(call.items[at]->text);
}

void FunctionPlanner::prefilter(const Body& body, std::size_t at, Aliases aliases,
                                const Next& next) {
  if (at == body.exprs.size()) return next();
  const Expr& expr = *body.exprs[at];
  auto others = [&, at] { prefilter(body, at + 1, aliases, next); };
  if (is_implied(expr)) {
    filtered_.insert(&expr);
    return others();
  }
  if (expr.kind != ExprKind::term || expr.negated || !expr.with.empty()) return others();
  const Term& term = *expr.term;
  Operand operand = 0;
  if (is_input(term) && index_operand(term, aliases, operand)) {
    require(operand);
    return others();
  }
  if (term.kind != TermKind::call) return others();
  std::string name = syntax::operator_name(term);
  if (planner_.is_mocked(name)) return others();
  if (prefilter_text(expr, aliases)) filtered_.insert(&expr);
  if (term.items.size() != 3) return others();
  bool equality = is_equality(name);
  const Term& left = *term.items[1];
  bool member = is_input(left) && !is_bound("input") && left.items.back()->kind == TermKind::var &&
                !is_bound(left.items.back()->text) && is_path(left, left.items.size() - 1) &&
                left.items.size() > 2;
  if (equality && member && syntax::is_scalar(*term.items[2])) {
    Operand wanted = planner_.constant(planner_.value_of(*term.items[2]));
    Operand collection = planner_.input_slot(path_of(left, left.items.size() - 1));
    return exists(
        [&](const Next& found) {
          loop(collection, [&](Operand, Operand value) {
            emit_failing(Opcode::equal, 0, value, wanted);
            found();
          });
        },
        others);
  }
  if (equality) {
    if (prefilter_equality(expr, aliases)) filtered_.insert(&expr);
    return others();
  }
  if (name != "internal.member_2" || !syntax::is_ground(*term.items[2]) ||
      !index_operand(left, aliases, operand)) {
    return others();
  }
  require(operand);
  emit_member(operand, planner_.constant(planner_.value_of(*term.items[2])));
  if (!aliases.contains(left.text)) filtered_.insert(&expr);
  others();
}

/// True if a body tells how far it got, so that OPA does not index it.
bool FunctionPlanner::tells(const Body& body) {
  return std::any_of(body.exprs.begin(), body.exprs.end(), [](const Expr* expr) {
    if (expr->kind != ExprKind::term || expr->term->kind != TermKind::call) return false;
    std::string name = syntax::operator_name(*expr->term);
    return name == "internal.print" || name == "internal.test_case";
  });
}

void FunctionPlanner::rule_body(const Rule& rule, const Next& next) {
  if (!planner_.options().index || tells(*rule.body)) return body(*rule.body, next);
  auto outer = std::exchange(open_, {});
  open_ = asked_for_several(rule);
  prefilter(*rule.body, 0, {}, [&] {
    open_ = {};
    body(*rule.body, next);
  });
  open_ = std::move(outer);
}

}  // namespace lictor::plan
