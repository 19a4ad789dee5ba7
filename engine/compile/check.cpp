// Runs the stages in order and stops behind the first one that found errors.
#include "compile/check.hpp"

#include <algorithm>
#include <tuple>

#include "compile/comprehension_keys.hpp"
#include "compile/flatten.hpp"
#include "compile/schema.hpp"
#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

/// Makes the rules of a package known by their names.
void add_package(const std::string& package, const Checked& checked, Ast& ast, Globals& globals) {
  for (const RuleGroup& group : checked.groups) {
    std::string path = "data";
    for (const std::string& part : group.path) {
      if (path == package) {
        std::vector<std::string> full{"data"};
        full.insert(full.end(), group.path.begin(), group.path.end());
        full.resize(1 + static_cast<std::size_t>(std::count(package.begin(), package.end(), '.')) +
                    1);
        globals[part] = {full, ast.var("data", {}), false};
      }
      path += "." + part;
    }
  }
}

void place(Term& term, const Span& span) {
  auto set = [&](auto& node) {
    node.span = span;
    node.parens = {};
  };
  visit_all(term, [&](Term& inner) {
    set(inner);
    if (inner.kind == TermKind::call) set(*inner.items[0]);
  });
  visit_exprs(term, [&](Expr& expr) {
    set(expr);
    for (Term* var : expr.vars) set(*var);
    for (With& with : expr.with) with.span = with.builtin_span = span;
  });
}

/// The head of a chained clause is a copy of the one before it, which OPA places at the clause's
/// body, but for its ref.
void place_chained_heads(const std::vector<Module*>& modules) {
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      if (!syntax::is_chained(*rule)) continue;
      for (Term* arg : rule->args) place(*arg, rule->span);
      if (rule->key) place(*rule->key, rule->span);
      if (rule->value) place(*rule->value, rule->span);
    }
  }
}

void take_flat_form(CheckedRule& rule, Rule& clause, const Checked& checked, Ast& ast) {
  const FlatClause& flat = checked.flat->clauses.at(&clause);
  clause.body = ast.copy(*flat.body);
  if (flat.key) clause.key = ast.copy(*flat.key);
  if (flat.value) clause.value = ast.copy(*flat.value);
  for (std::size_t i = 0; i < flat.path.size(); ++i)
    clause.ref->items[i + 1] = ast.copy(*flat.path[i]);
  if (&clause != rule.rule) return;
  std::copy(clause.ref->items.begin() + 1, clause.ref->items.end(),
            rule.path.end() - static_cast<std::ptrdiff_t>(flat.path.size()));
}

/// The order of the places that rules make, as far as those are constant: what is above others
/// first.
bool stands_before(const CheckedRule& a, const CheckedRule& b) {
  std::size_t length = std::min(a.path.size(), b.path.size());
  for (std::size_t i = 0; i < length; ++i) {
    bool in_a = syntax::is_scalar(*a.path[i]), in_b = syntax::is_scalar(*b.path[i]);
    if (!in_a || !in_b) return in_b;
    if (int order = syntax::compare(*a.path[i], *b.path[i]); order != 0) return order < 0;
  }
  return a.path.size() < b.path.size() && syntax::is_scalar(*b.path[length]);
}

/// True if OPA evaluates heads behind their bodies. What waits for a variable may come later still,
/// which shows where the head is an error.
bool heads_come_last(const syntax::Body& flat, const Flattener& flattener) {
  auto comes_last = [&](const syntax::Body& body) {
    auto first = std::find_if(body.exprs.begin(), body.exprs.end(),
                              [&](const syntax::Expr* expr) { return flattener.is_of_head(expr); });
    return std::all_of(first, body.exprs.end(),
                       [](const syntax::Expr* expr) { return expr->generated; });
  };
  bool out = comes_last(flat);
  visit_all(flat, [&](Term& term) { out = out && (!term.body || comes_last(*term.body)); });
  return out;
}

/// Orders the rules of each document, and each clause as it was written, or else takes its flat
/// form.
void order_rules(Checked& checked, Ast& ast) {
  for (RuleGroup& group : checked.inner_functions)
    std::stable_sort(group.rules.begin(), group.rules.end(), stands_before);
  for (RuleGroup& group : checked.groups) {
    std::stable_sort(group.rules.begin(), group.rules.end(), stands_before);
    for (CheckedRule& rule : group.rules) {
      each_clause(rule.rule, [&](Rule& clause) {
        const FlatClause& flat = checked.flat->clauses.at(&clause);
        bool ordered = !flat.loses && heads_come_last(*flat.body, checked.flat->flattener) &&
                       order_clause(clause, checked) && !iterates_literal(*flat.body);
        if (!ordered) take_flat_form(rule, clause, checked, ast);
      });
    }
  }
}

}  // namespace

void Findings::add(Errors errors, bool fatal) {
  for (Error& error : errors) {
    if (limit_reached_) return;
    fatal_ = fatal_ || fatal;
    errors_.push_back(std::move(error));
    limit_reached_ = errors_.size() == most;
    fatal_ = fatal_ || limit_reached_;
  }
}

void sort_by_place(Errors& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const Error& a, const Error& b) {
    bool a_nowhere = a.row == 0, b_nowhere = b.row == 0;
    std::string_view a_code = code_name(a.code), b_code = code_name(b.code);
    return std::tie(a_nowhere, a.file, a.row, a.col, a_code, a.message) <
           std::tie(b_nowhere, b.file, b.row, b.col, b_code, b.message);
  });
}

Errors Findings::sorted() && {
  sort_by_place(errors_);
  return std::move(*this).as_found();
}

Errors Findings::as_found() && {
  if (limit_reached_)
    errors_.push_back({ErrorCode::compile, "error limit reached", {}, 0, 0, {}, {}});
  return std::move(errors_);
}

Result<Checked> check(std::vector<Module*> modules, const CheckOptions& options, Ast& ast,
                      const HasData& has_data) {
  return check(std::move(modules), options, nullptr, ast, has_data);
}

Result<Checked> check(std::vector<Module*> modules, const CheckOptions& options,
                      const Schemas* schemas, Ast& ast, const HasData& has_data) {
  Findings findings;
  Checked checked;
  checked.builtins = options.builtins;
  LocalNumbers numbers;
  HeadNumbers heads;
  auto run = [&](auto&& stage) {
    if (!findings.is_fatal()) stage();
  };
  auto fatal = [&](auto&& stage) {
    run([&] {
      Errors errors;
      stage(errors);
      findings.add(std::move(errors));
    });
  };
  std::stable_sort(modules.begin(), modules.end(), [](const Module* a, const Module* b) {
    return a->source->name < b->source->name;
  });
  fatal([&](Errors& errors) { check_sizes(modules, errors); });
  if (findings.is_fatal()) return std::move(findings).sorted();
  place_chained_heads(modules);
  Errors shadowing = shadowing_faults(modules, options.strict);
  resolve_names(modules, options.strict, ast, findings);
  fatal([&](Errors& errors) {
    if (options.language) check_heads(modules, *options.language, errors);
  });
  run([&] { findings.add_recoverable(std::move(shadowing)); });
  run([&] {
    if (options.test_cases) number_tests(modules, ast);
  });
  run([&] {
    numbers = LocalNumbers(modules);
    heads = number_heads(modules, numbers);
    rewrite_locals(modules, options, numbers, ast, findings);
  });
  run([&] { group_rules(modules, checked, ast); });
  fatal([&](Errors& errors) { check_templates(checked, errors); });
  fatal([&](Errors& errors) { check_void_calls(checked, errors); });
  fatal([&](Errors& errors) { check_prints(checked, errors); });
  MetadataOfClauses metadata;
  fatal([&](Errors& errors) {
    metadata = metadata_of_clauses(modules, *checked.builtins, ast, errors);
  });
  fatal([&](Errors& errors) { check_with(checked, ast, errors); });
  fatal([&](Errors& errors) { check_conflicts(modules, checked, has_data, heads, errors); });
  bool has_equality = checked.builtins->has_equality();
  fatal([&](Errors& errors) {
    if (options.test_cases && has_equality) check_test_cases(checked, errors);
    if (has_equality) check_calls(checked, errors);
  });
  run([&] {
    flatten(modules, checked, std::move(numbers), std::move(heads), metadata);
    replace_metadata(modules, metadata, ast);
  });
  fatal([&](Errors& errors) {
    if (options.test_cases && !has_equality) check_test_cases(checked, errors);
    if (!has_equality) check_flat_calls(checked, errors);
  });
  fatal([&](Errors& errors) { check_safety(checked, errors); });
  fatal([&](Errors& errors) { check_recursion(checked, errors); });
  run([&] {
    checked.flat->finish(options.test_values);
    Errors errors;
    check_types(checked, schema_annotations(modules, ast), schemas, errors);
    findings.add_recoverable(std::move(errors));
  });
  run([&] { check_deprecated(modules, options, findings); });
  if (!findings.empty()) return std::move(findings).sorted();
  KeyedPlaces keyed = keyed_places(checked);
  mark_keyed_objects(keyed, modules, checked);
  order_rules(checked, ast);
  if (options.test_cases) tell_test_cases(checked, ast);
  hoist_negations(modules, ast);
  add_keyed(keyed, modules, checked, ast, checked.keyed);
  return checked;
}

namespace {

/// A safe query as OPA evaluates it, in flat form.
TracedQuery captured_form(const syntax::Body& body, const Checked& checked, Ast& ast) {
  TracedQuery out = captured(body, checked, ast);
  out.body = flattened(*out.body, checked);
  Errors none;
  std::ignore = check_safety(*out.body, checked, none);
  return out;
}

TracedQuery traced_form(const syntax::Body& body, const Checked& checked, Ast& ast) {
  TracedQuery out = captured_form(body, checked, ast);
  checked.flat->flattener.finish_query(*out.body);
  return out;
}

/// OPA checks safety where values are captured already: what captures an unsafe value is unsafe.
bool check_query_safety(syntax::Body& flat, const syntax::Body& body, const Checked& checked,
                        Ast& ast, Errors& errors) {
  Errors plain;
  bool complete = check_safety(flat, checked, plain);
  if (plain.empty()) return complete;
  std::ignore =
      check_safety(*flattened(*captured(body, checked, ast).body, checked), checked, errors);
  if (errors.empty()) errors = std::move(plain);
  sort_by_place(errors);
  return complete;
}

/// OPA checks types where values are captured already, which its errors show.
void check_query_types(syntax::Body& flat, const syntax::Body& body, const Checked& checked,
                       Ast& ast, Errors& errors) {
  Errors plain;
  check_types(flat, checked, plain);
  if (plain.empty()) return;
  check_types(*captured_form(body, checked, ast).body, checked, errors);
  if (errors.empty()) errors = std::move(plain);
}

}  // namespace

Result<CheckedQuery> check_query(syntax::Body* body, const QueryScope& scope,
                                 const Checked& checked, Ast& ast) {
  if (Errors errors; check_sizes(*body, errors), !errors.empty()) return errors;
  Findings findings;
  Globals globals;
  for (const syntax::Import& import : scope.imports) {
    Global global;
    for (const Term* item : import.path->items) global.path.push_back(item->text);
    global.head = ast.var(global.path[0], {});
    globals[import_name(import)] = std::move(global);
  }
  if (!scope.package.empty()) add_package(scope.package, checked, ast, globals);
  CheckedQuery query{body, {}, nullptr};
  resolve_names(*body, globals, ast);
  rewrite_locals(*body, query.vars, checked, ast, findings);
  auto run = [&](auto&& stage) {
    if (!findings.empty()) return;
    Errors errors;
    stage(errors);
    findings.add(std::move(errors));
  };
  syntax::Body *flat = nullptr, *ordered = nullptr;
  bool complete = true;
  run([&](Errors& errors) { check_templates(*body, checked, errors); });
  run([&](Errors& errors) { check_void_calls(*body, checked, errors); });
  run([&](Errors& errors) { check_prints(*body, checked, errors); });
  run([&](Errors& errors) { check_with(*body, checked, ast, errors); });
  run([&](Errors& errors) {
    if (checked.builtins->has_equality())
      check_calls(*body, checked, errors);
    else
      check_flat_calls(*flattened(*captured(*body, checked, ast).body, checked), checked, errors);
  });
  run([&](Errors& errors) {
    flat = flattened(*body, checked);
    bool drops = checked.flat->flattener.drops();
    complete = check_query_safety(*flat, *body, checked, ast, errors) && !drops;
  });
  run([&](Errors& errors) {
    ordered = ast.copy(*flat);
    check_query_types(*flat, *body, checked, ast, errors);
  });
  if (!findings.empty()) return std::move(findings).as_found();
  KeyedPlaces keyed = keyed_places(*flat, checked);
  mark_keyed_objects(keyed, {body, ordered, flat});
  bool as_written =
      complete && heads_come_last(*flat, checked.flat->flattener) && !iterates_literal(*flat);
  query.flat = as_written ? ordered : ast.copy(*flat);
  if (scope.traced) query.traced = traced_form(*body, checked, ast);
  if (!as_written || !order_body(*body, checked)) body->exprs = query.flat->exprs;
  hoist_negations(*body, ast);
  add_keyed(keyed, *body, checked, ast, query.keyed);
  return query;
}

void take_flat_forms(Checked& checked, Ast& ast) {
  for (RuleGroup& group : checked.groups) {
    for (CheckedRule& rule : group.rules) {
      each_clause(rule.rule, [&](Rule& clause) { take_flat_form(rule, clause, checked, ast); });
    }
  }
}

std::string display_name(std::string_view var) {
  if (is_wildcard(var) || captures_query_value(var)) return "_";
  if (is_generated(var)) return "__local" + std::string(var.substr(1)) + "__";
  return std::string(var.substr(0, var.find('#')));
}

bool is_left_out_of_rows(std::string_view var) { return is_wildcard(var) || is_named_as_made(var); }

std::string dump(const Checked& checked) {
  std::string out;
  for (const RuleGroup& group : checked.groups) {
    const char* kind = group.kind == GroupKind::complete   ? "complete"
                       : group.kind == GroupKind::function ? "function"
                                                           : "partial";
    out += std::string(kind) + " " + group.name() + "\n";
    if (group.default_rule())
      out += "  default " + syntax::to_text(*group.default_rule()->value) + "\n";
    for (const CheckedRule& checked_rule : group.rules) {
      const char* label = "  rule";
      each_clause(checked_rule.rule, [&](Rule& rule) {
        out += label;
        for (const Term* arg : rule.args) out += " (" + syntax::to_text(*arg) + ")";
        for (std::size_t i = group.path.size(); i < checked_rule.path.size(); ++i) {
          out += " [" + syntax::to_text(*checked_rule.path[i]) + "]";
        }
        if (rule.multi_value)
          out += " contains " + syntax::to_text(*rule.key);
        else
          out += " := " + syntax::to_text(*rule.value);
        out += "\n";
        for (const Expr* expr : rule.body->exprs) out += "    " + syntax::to_text(*expr) + "\n";
        label = "  else";
      });
    }
  }
  return out;
}

}  // namespace lictor::compile
