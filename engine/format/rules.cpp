// A module's statements: its package, imports and rules.
#include <algorithm>

#include "format/writer.hpp"
#include "syntax/term_order.hpp"
#include "syntax/visit.hpp"

namespace lictor::format {

namespace {

const std::vector<std::string> v0_keywords = {
    "not", "package", "import", "as", "default", "else", "with", "null", "true", "false", "some"};

std::string path_of(const Import& import) {
  std::string out = import.path->items[0]->text;
  for (std::size_t i = 1; i < import.path->items.size(); ++i)
    out += "." + import.path->items[i]->text;
  return out;
}

bool is_future(const Import& import) { return import.path->items[0]->text == "future"; }
bool is_rego(const Import& import, const char* version) {
  return path_of(import) == std::string("rego.") + version;
}

/// The keyword that an import of one gives, or "".
std::string keyword_of(const Import& import) {
  const auto& items = import.path->items;
  bool one = items.size() == 3 && is_future(import) && items[1]->text == "keywords";
  return one && import.alias.empty() ? items[2]->text : "";
}

bool is_true(const Term& term) { return term.kind == TermKind::boolean && term.flag; }

/// `p := 1` has a body that is `true`.
bool has_constant_body(const Rule& rule) {
  if (rule.else_rule || rule.body->exprs.size() != 1) return false;
  const Expr& expr = *rule.body->exprs[0];
  return expr.kind == ExprKind::term && !expr.negated && expr.with.empty() && is_true(*expr.term);
}

bool has_value(const Rule& rule) { return rule.value != nullptr && !rule.multi_value; }

const Term* key_of(const Rule& rule, bool is_else) {
  return is_else ? nullptr : syntax::head_key(rule);
}

bool is_set_term(const Expr& expr) {
  return expr.kind == ExprKind::term && !expr.negated && expr.term->kind == TermKind::set;
}

std::set<std::string> needed_keywords(const Body& body) {
  std::set<std::string> out;
  syntax::visit_exprs(body, [&](const Expr& expr) {
    bool member = expr.kind == ExprKind::term && expr.term->kind == TermKind::call &&
                  syntax::operator_name(*expr.term).starts_with("internal.member_");
    if (member) out.insert("in");
    if (expr.kind == ExprKind::every) out.insert("every");
    if (expr.kind == ExprKind::not_body) out.insert("not");
    if (expr.kind == ExprKind::logical_and) out.insert("and");
    if (expr.kind == ExprKind::logical_or) out.insert("or");
  });
  return out;
}

/// The keywords that what a module has written needs.
std::set<std::string> needed_keywords(const Module& module) {
  std::set<std::string> out;
  auto add = [&](const std::set<std::string>& more) { out.insert(more.begin(), more.end()); };
  for (Rule* rule : module.rules) {
    syntax::each_clause(rule, [&](Rule& clause) {
      add(needed_keywords(*clause.body));
      syntax::visit_rule(clause, [&](Term& term) {
        if (term.body) add(needed_keywords(*term.body));
      });
    });
  }
  return out;
}

}  // namespace

Writer::Writer(const Module& module, const Options& options)
    : module_(module),
      options_(options),
      locations_(*module.source),
      all_comments_(syntax::comments(*module.source)),
      v1_(!options.v0),
      keywords_(v0_keywords) {
  uses_contains_ = uses_if_ = v1_;
  if (v1_) keywords_.insert(keywords_.end(), {"if", "contains", "in", "every"});
  for (const Import& import : module.imports) {
    std::string keyword = keyword_of(import), path = path_of(import);
    if (!keyword.empty()) keywords_.push_back(keyword);
    bool all = path == "rego.v1" || path == "rego.v2" || path == "future.keywords";
    uses_contains_ = uses_contains_ || all || path == "future.keywords.contains";
    uses_if_ = uses_if_ || all || path == "future.keywords.if";
    if (path == "rego.v2")
      keywords_.insert(keywords_.end(), {"if", "contains", "in", "every", "and", "or"});
  }
  for (const Rule* rule : module.rules) {
    std::size_t length = rule->ref->items.size();
    bool member = key_of(*rule, false) != nullptr && !has_value(*rule);
    ref_heads_ = ref_heads_ || length > 2 || (length == 2 && member);
  }
}

Result<std::string> format_module(const Module& module, const Options& options) {
  return Writer(module, options).write();
}

// ---- The module ----

void Writer::module() {
  std::vector<const Comment*>& list = lists_.emplace_back();
  for (const Comment& comment : all_comments_) list.push_back(&comment);
  Rest rest = package(Comments(list));
  if (rest.stops()) return;
  std::vector<const Import*> kept = kept_imports();
  struct Statement {
    Location location;
    const Import* import;
    const Rule* rule;
  };
  std::vector<Statement> statements;
  std::int64_t first_rule = 0;
  for (const Rule* rule : module_.rules) {
    Location location = location_of(*rule);
    if (first_rule == 0 || location.row < first_rule) first_rule = location.row;
    statements.push_back({location, nullptr, rule});
  }
  std::vector<const Import*> in_front;
  bool added_follows = std::any_of(kept.begin(), kept.end(), [&](const Import* import) {
    return added_rows_.contains(import) && first_rule != 0 && added_rows_.at(import) >= first_rule;
  });
  for (const Import* import : kept) {
    if (added_follows && added_rows_.contains(import))
      in_front.push_back(import);
    else
      statements.push_back({location_of(*import), import, nullptr});
  }
  std::stable_sort(statements.begin(), statements.end(), [](const auto& a, const auto& b) {
    return std::pair(a.location.row, a.location.col) < std::pair(b.location.row, b.location.col);
  });
  rest = imports(in_front, rest.comments);
  for (std::size_t i = 0; i < statements.size() && !rest.stops();) {
    std::vector<const Import*> some_imports;
    std::vector<const Rule*> some_rules;
    for (; i < statements.size() && statements[i].import; ++i)
      some_imports.push_back(statements[i].import);
    rest = imports(some_imports, rest.comments);
    if (rest.stops()) return;
    for (; i < statements.size() && statements[i].rule; ++i)
      some_rules.push_back(statements[i].rule);
    rest.comments = rules(some_rules, rest.comments);
  }
  for (const Comment* comment : rest.comments) line(text_of(*comment));
  if (!rest.comments.empty()) put("\n");
}

Rest Writer::package(Comments comments) {
  Rest rest = insert_comments(comments, locations_.of(module_.package_span));
  if (!rest.ok()) return {{}, Fault::stop};
  start_line();
  put("package " + module_.package[0]->text);
  for (std::size_t i = 1; i < module_.package.size(); ++i) {
    const Term& item = *module_.package[i];
    put(needs_brackets(item.text, location_of(item)) ? "[" + syntax::to_text(item) + "]"
                                                     : "." + item.text);
  }
  blank_line();
  return rest;
}

// ---- Imports ----

Location Writer::location_of(const Import& import) {
  auto added = added_rows_.find(&import);
  return added == added_rows_.end() ? locations_.of(import.span) : Location{added->second, 1, {}};
}

/// Imports that the layout needs are added, and what they make useless is dropped.
std::vector<const Import*> Writer::kept_imports() {
  std::vector<const Import*> out;
  for (const Import& import : module_.imports) out.push_back(&import);
  auto has = [&](const char* version) {
    return std::any_of(out.begin(), out.end(),
                       [&](const Import* import) { return is_rego(*import, version); });
  };
  bool v2 = has("v2");
  if (v2 || (v1_ && !options_.for_both && options_.drop_imports))
    std::erase_if(out, [](const Import* import) { return is_rego(*import, "v1"); });
  if (options_.for_both && !v2 && !has("v1")) add_import({"rego", "v1"}, out);
  bool v1 = has("v1") || v2;
  std::set<std::string> needed = needed_keywords(module_);
  if (!v1_ && !v1) {
    for (const std::string& keyword : needed) add_keyword(keyword, out);
    return out;
  }
  if (options_.drop_imports || v1)
    std::erase_if(out, [](const Import* import) { return is_future(*import); });
  if (v2) return out;
  for (const char* keyword : {"and", "not", "or"}) {
    if (needed.contains(keyword)) add_keyword(keyword, out);
  }
  return out;
}

void Writer::add_keyword(const std::string& keyword, std::vector<const Import*>& imports) {
  for (const Import* import : imports) {
    std::string path = path_of(*import);
    bool given = path == "future.keywords" || path == "future.keywords." + keyword ||
                 (path == "future.keywords.every" && keyword == "in");
    if (given) return;
  }
  add_import({"future", "keywords", keyword}, imports);
}

/// Behind others of its kind, or in front of all.
void Writer::add_import(const std::vector<std::string>& path, std::vector<const Import*>& imports) {
  std::int64_t row = 0;
  for (const Import* import : imports) {
    bool alike = is_future(*import) || is_rego(*import, "v1");
    if (alike) row = std::max(row, location_of(*import).row);
  }
  Import& added = added_.emplace_back();
  added.path = scratch_.term(TermKind::ref, {});
  added.path->items.push_back(scratch_.var(path[0], {}));
  for (std::size_t i = 1; i < path.size(); ++i)
    added.path->items.push_back(scratch_.string(path[i], {}));
  added_rows_[&added] = row + 1;
  imports.push_back(&added);
}

/// Imports that stand together are put in order.
Rest Writer::imports(const std::vector<const Import*>& imports, Comments comments) {
  std::map<const Import*, const Comment*> beside;
  std::vector<const Comment*> others;
  for (const Comment* comment : comments) {
    auto same = std::find_if(imports.begin(), imports.end(), [&](const Import* import) {
      return location_of(*import).row == comment->row;
    });
    if (same == imports.end())
      others.push_back(comment);
    else
      beside[*same] = comment;
  }
  Rest rest{comments};
  if (others.size() != comments.size()) rest.comments = lists_.emplace_back(std::move(others));
  for (std::size_t first = 0, end = 0; first < imports.size(); first = end) {
    end = first + 1;
    while (end < imports.size() &&
           location_of(*imports[end]).row - location_of(*imports[end - 1]).row <= 1)
      ++end;
    rest = insert_comments(rest.comments, location_of(*imports[first]));
    if (!rest.ok()) return {{}, Fault::stop};
    std::vector<const Import*> group(imports.begin() + static_cast<std::ptrdiff_t>(first),
                                     imports.begin() + static_cast<std::ptrdiff_t>(end));
    std::stable_sort(group.begin(), group.end(), [](const Import* a, const Import* b) {
      int order = syntax::compare(*a->path, *b->path);
      return order != 0 ? order < 0 : a->alias < b->alias;
    });
    for (const Import* import : group) {
      start_line();
      this->import(*import);
      if (beside.contains(import)) put(" " + text_of(*beside[import]));
      end_line();
    }
    blank_line();
  }
  return rest;
}

void Writer::import(const Import& import) {
  put("import ");
  if (!keyword_of(import).empty()) {
    put(path_of(import));  // as it is, though it has a keyword
  } else if (!ref(import.path->items, {}).ok()) {
    return;
  }
  if (!import.alias.empty()) put(" as " + import.alias);
}

// ---- Rules ----

/// With all its else-clauses.
Location Writer::location_of(const Rule& rule) {
  Span whole = rule.span;
  for (const Rule* next = rule.else_rule; next; next = next->else_rule)
    whole.last = std::max(whole.last, next->span.last);
  return locations_.of(whole);
}

Location Writer::head_location(const Rule& rule, bool is_else) {
  if (is_chained(rule)) return location_of(rule);
  bool bare_call = rule.is_function && rule.generated_value && rule.generated_body;
  if (bare_call) return location_of(*rule.ref);
  if (!is_else) return locations_.of(syntax::head_span(rule));
  std::string_view text = rule.span.text().substr(0, 4);
  if (!rule.generated_value) {
    std::string_view value = rule.value->written();
    text = {text.data(), static_cast<std::size_t>(value.data() + value.size() - text.data())};
  }
  return locations_.at(rule.span.first, text);
}

Comments Writer::rules(const std::vector<const Rule*>& rules, Comments comments) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = *rules[i];
    comments = insert_comments(comments, location_of(rule)).comments;
    comments = this->rule(rule, false, comments).comments;
    bool together = i + 1 < rules.size() && is_groupable(rule) && is_groupable(*rules[i + 1]) &&
                    location_of(*rules[i + 1]).row == location_of(rule).row + 1;
    if (!together) blank_line();
  }
  return comments;
}

/// A rule that is written on one line.
bool Writer::is_groupable(const Rule& rule) {
  if (rule.body->exprs.size() > 1 || rule.is_default || rule.else_rule) return false;
  if (rule.body->exprs.size() == 1 && is_set_term(*rule.body->exprs[0])) return false;
  return (v1_ || uses_if_) && (uses_contains_ || has_value(rule));
}

Rest Writer::rule(const Rule& rule, bool is_else, Comments comments) {
  if (!is_else) start_line();
  if (rule.is_default) put("default ");
  bool is_constant = has_constant_body(rule);
  comment_on_final_line_ = is_constant;
  Rest rest = head(rule, is_else, is_constant, comments);
  if (rest.stops()) return {{}, Fault::stop};
  bool commented = rest.fault == Fault::comment;
  if (is_constant) {
    end_line();
    return {rest.comments};
  }
  comment_on_final_line_ = true;
  bool uses_if = (v1_ || uses_if_) && (uses_contains_ || has_value(rule));
  Location head_place = head_location(rule, is_else), whole = location_of(rule);
  const Location* outer = relocated_;
  if (rule.literal_body) relocated_ = &whole;
  const Expr& first = *rule.body->exprs[0];
  if (uses_if) {
    put(" if");
    bool one_line = rule.body->exprs.size() == 1 && !is_set_term(first) &&
                    location_of(first).row == head_place.last_row();
    if (one_line) {
      put(" ");
      rest = expr(first, rest.comments);
      relocated_ = outer;
      if (rest.stops()) return {{}, Fault::stop};
      end_line();
      return rule.else_rule ? else_rule(rule, rest.comments) : Rest{rest.comments};
    }
  }
  if (commented && !rest.comments.empty()) {
    put(" { ");
  } else {
    put(" {");
    end_line();
  }
  if (uses_if && !is_else) mark_union_lead(first);
  up();
  rest = body(*rule.body, rest.comments);
  relocated_ = outer;
  if (rest.stops()) return {{}, Fault::stop};
  bool has_args = !rule.args.empty() && !is_else;
  Location close = has_args                ? closing(whole, '{', '}', '(', ')')
                   : key_of(rule, is_else) ? closing(whole, '{', '}', '[', ']')
                                           : closing(whole, '{', '}');
  rest = insert_comments(rest.comments, close);
  if (!rest.ok()) return {{}, rest.fault};
  down();
  start_line();
  put("}");
  return rule.else_rule ? else_rule(rule, rest.comments) : rest;
}

/// `else` stays on the line of the brace before it if it stood there.
Rest Writer::else_rule(const Rule& rule, Comments comments) {
  const Rule& next = *rule.else_rule;
  Location head_place = head_location(next, true);
  std::string_view text = location_of(rule).text;
  std::int64_t lines = location_of(next).row - location_of(rule).row;
  bool on_line = false;
  if (lines > 0 && lines <= std::count(text.begin(), text.end(), '\n')) {
    std::size_t start = 0;
    for (std::int64_t i = 0; i < lines; ++i) start = text.find('\n', start) + 1;
    std::size_t word = text.find_first_not_of(" \t\r\v\f", start);
    on_line = word == std::string_view::npos || !text.substr(word).starts_with("else");
  }
  bool comment_above =
      (!comments.empty() && comments[0]->row < head_place.row) || before_end_ != nullptr;
  if (!comment_above && on_line) {
    put(" ");
  } else {
    blank_line();
    start_line();
  }
  Rest rest = insert_comments(comments, head_place);
  if (!rest.ok()) return {{}, rest.fault};
  if (comment_above && !on_line) start_line();
  if (next.value) moved_[next.value] = head_place;
  return this->rule(next, true, rest.comments);
}

Rest Writer::head(const Rule& rule, bool is_else, bool is_constant, Comments comments) {
  Location location = head_location(rule, is_else);
  const Location* outer = relocated_;
  if (is_chained(rule)) relocated_ = &location;
  Rest rest = head_parts(rule, location, is_else, is_constant, comments);
  relocated_ = outer;
  return rest;
}

Rest Writer::head_parts(const Rule& rule, const Location& location, bool is_else, bool is_constant,
                        Comments comments) {
  const Terms& items = rule.ref->items;
  Rest rest{comments};
  if (is_else) {
    rest = insert_comments(comments, location);
    if (!rest.ok()) return {{}, rest.fault};
    if (!inline_) start_line();
    put("else");
  } else if (ref_heads_ || items.size() == 1) {
    rest = ref(items, comments);
    if (!rest.ok()) return {{}, rest.fault};
  } else {
    bool commented = !comments.empty() && location_of(*items[1]).row == comments[0]->row;
    if (commented) return unformatted(location, comments);
    put(syntax::to_text(*items[0]) + "[" + syntax::to_text(*items[1]) + "]");
  }
  if (!rule.args.empty() && !is_else) {
    put("(");
    std::vector<Element> args;
    for (const Term* arg : rule.args) args.push_back({arg});
    rest = iterable(std::move(args), location, closing(location, '(', ')'), Unions::as_written,
                    rest.comments);
    put(")");
    if (!rest.ok()) return rest;
  }
  const Term* key = key_of(rule, is_else);
  if (key && !has_value(rule)) {
    put(uses_contains_ ? " contains " : "[");
    rest = term(*key, rest.comments);
    if (!rest.ok()) return rest;
    if (!uses_contains_) put("]");
  }
  return head_value(rule, is_else, is_constant, rest.comments);
}

Rest Writer::head_value(const Rule& rule, bool is_else, bool is_constant, Comments comments) {
  const Term* key = key_of(rule, is_else);
  bool shown = has_value(rule) && (key || !is_true(*rule.value) || is_constant || rule.is_default);
  if (!shown) return {comments};
  // A value that OPA made, and gave the head's location.
  bool bare = rule.generated_body && !rule.is_default;
  bool made = is_chained(rule) ||
              (rule.generated_value &&
               (bare || (rule.has_if && !rule.has_contains && rule.ref->items.size() == 2)));
  bool constant_ref = v1_ && is_constant && !key && (is_else || rule.args.empty());
  if (made && !is_else && is_true(*rule.value) && !constant_ref) return {comments};
  put(rule.assigned || v1_ ? " := " : " = ");
  return term(*rule.value, comments);
}

}  // namespace lictor::format
