// Statements: the package, imports, rules, and queries in their place.
#include <algorithm>
#include <set>

#include "syntax/explain_parser.hpp"
#include "syntax/parse_state.hpp"

namespace lictor::syntax::explain {

std::vector<Statement> Parser::statements() {
  std::vector<Statement> out;
  while (!is(Tok::eof)) {
    if (!skip_rules_ && keyword_rule_name(false)) break;
    if (!statement(out)) break;
  }
  return out;
}

/// False if there are errors.
bool Parser::statement(std::vector<Statement>& out) {
  State start = state_;
  for (Tok keyword : {Tok::package, Tok::import}) {
    if (!is(keyword)) continue;
    std::optional<Statement> path = keyword == Tok::package ? package() : import();
    if (!path && !state_.errors.empty()) return false;
    if (!path) {
      state_ = start;
      continue;
    }
    if (is(Tok::minus)) {  // it would be read as the sign of what follows
      illegal();
      return false;
    }
    if (path->form == Statement::Form::import) {
      // The token at hand was read before the import switched its keywords on.
      if (imported_) switch_on(*path);
    }
    out.push_back(std::move(*path));
    return true;
  }
  if (!skip_rules_) {
    std::vector<Statement> rules = this->rules();
    if (!rules.empty()) {
      std::move(rules.begin(), rules.end(), std::back_inserter(out));
      return true;
    }
    if (!state_.errors.empty()) return false;
    state_ = start;
  }
  MaybeBody query = this->query(true, Tok::eof);
  if (!query) return false;
  Statement one;
  one.place = *(*query)[0]->place;
  one.body = std::move(*query);
  out.push_back(std::move(one));
  return true;
}

// ---- Package and imports ----

/// Reads the keyword; false if it begins a ref, or no path follows.
bool Parser::path_follows() {
  scan_blank();
  if (is(Tok::dot) || is(Tok::left_bracket)) return false;
  if (is(Tok::whitespace)) scan();
  if (take_keyword_as_name()) return true;
  illegal();
  return false;
}

bool Parser::has_string_path(const Node& path) {
  for (std::size_t i = 1; i < path.items.size(); ++i) {
    const Node& item = *path.items[i];
    if (item.kind == TermKind::string) continue;
    fail(item.place,
         std::string("unexpected ") + kind_name(item.kind) + " token: expecting string");
    return false;
  }
  return true;
}

std::optional<Statement> Parser::package() {
  Statement out;
  out.form = Statement::Form::package;
  out.place = state_.place;
  if (!path_follows()) return std::nullopt;
  NodePtr path = term();
  if (!path) {
    if (state_.errors.empty()) fail(state_.place, "expected path");
    return std::nullopt;
  }
  if (path->kind == TermKind::var) return out;
  if (path->kind != TermKind::ref) {
    illegal();
    return std::nullopt;
  }
  const Node& first = *path->items[0];
  if (first.kind != TermKind::var) {
    fail(first.place, std::string("unexpected ") + kind_name(first.kind) + " token: expecting var");
    return std::nullopt;
  }
  if (!has_string_path(*path)) return std::nullopt;
  return out;
}

/// The path of an import, in which no word that a module can switch on is a keyword.
NodePtr Parser::import_path() {
  unsigned keywords = state_.scanner.keywords();
  std::vector<CachedTerm> cache = std::exchange(cache_, {});
  state_.scanner.set_keywords(0);
  state_.scanner.set_not_is_name(true);
  NodePtr path = term();
  state_.scanner.set_keywords(keywords);
  state_.scanner.set_not_is_name(false);
  cache_ = std::move(cache);
  return path;
}

std::optional<Statement> Parser::import() {
  Statement out;
  out.form = Statement::Form::import;
  out.place = state_.place;
  imported_ = nullptr;
  alias_.reset();
  if (!path_follows()) return std::nullopt;
  NodePtr path = import_path();
  if (path && path->kind == TermKind::var) {
    NodePtr ref = std::make_shared<Node>(*path);
    ref->kind = TermKind::ref;
    ref->items = {path};
    path = ref;
  }
  bool is_ref = path && path->kind == TermKind::ref;
  if (is_ref && !has_string_path(*path)) return std::nullopt;
  if (!is_ref) {
    fail(state_.place, "expected path");
    return std::nullopt;
  }
  std::string root = text_of(*path->items[0]);
  if (root != "input" && root != "data" && root != "future" && root != "rego") {
    hint("if this is unexpected, try updating OPA");
    fail(path->place,
         "unexpected import path, must begin with one of: {data, future, input, rego}, got: " +
             root);
    return std::nullopt;
  }
  if (is(Tok::as)) {
    if (!import_alias()) return std::nullopt;
  } else {
    refuse_keyword_at_end(*path);
  }
  if (root == "rego" || root == "future") imported_ = path;
  return out;
}

bool Parser::import_alias() {
  scan();
  if (!is(Tok::ident)) {
    illegal("expected var");
    return false;
  }
  NodePtr alias = term();
  if (alias && alias->kind == TermKind::var) {
    alias_ = alias->place;
    return true;
  }
  if (alias && alias->kind == TermKind::ref && alias->items.size() == 1) {
    fail(alias->place,
         "unexpected import alias, must not be a reserved name, got: " + text_of(*alias));
    return false;
  }
  illegal("expected var");
  return false;
}

bool Parser::is_language_keyword(const std::string& name) const {
  return is_keyword(name, options_.dialect == Dialect::v1 ? v1_keywords : 0U);
}

void Parser::refuse_keyword_at_end(const Node& path) {
  const Node& last = *path.items.back();
  if (path.items.size() > 1 && path.items[0]->text == "future") return;
  if (!is_language_keyword(last.text)) return;
  hint("import a different path or use an alias");
  fail(last.place, "unexpected import path, must not end with a keyword, got: " + last.text);
}

/// What imports of `rego` and `future` switch on.
void Parser::switch_on(Statement& import) {
  const Node& path = *imported_;
  if (path.items[0]->text == "future") {
    switch_on_future(path);
    return reclassify();
  }
  import.version = rego_version(path);
  unsigned more = import.version == 2 ? v2_keywords : 0U;
  if (import.version > 0)
    state_.scanner.set_keywords(state_.scanner.keywords() | v1_keywords | more);
  not_bodies_ = not_bodies_ || import.version == 2;
  reclassify();
}

/// The version that an import of `rego` switches on; 0 if it is refused.
int Parser::rego_version(const Node& path) {
  const Language& language = options_.language();
  std::string name = text_of(path);
  int version = name == "rego.v1" ? 1 : name == "rego.v2" ? 2 : 0;
  bool supported = version == 1 ? language.rego_v1_import : language.rego_v2_import;
  if (version == 0)
    fail(path.place, "invalid import `" + name + "`, must be one of: `rego.v1`, `rego.v2`");
  else if (!supported)
    fail(path.place, "invalid import, `" + name + "` is not supported by current capabilities");
  else if (alias_)
    fail(*alias_, "`rego` imports cannot be aliased");
  return supported && !alias_ ? version : 0;
}

void Parser::switch_on_future(const Node& path) {
  if (path.items.size() == 1 || path.items[1]->text != "keywords")
    return fail(path.place, "invalid import, must be `future.keywords`");
  if (alias_) return fail(*alias_, "`future` imports cannot be aliased");
  bool all = path.items.size() != 3;
  std::string names;
  unsigned on = 0;
  for (const auto& [name, keyword] : future_keywords) {
    if ((options_.language().importable & keyword) == 0) continue;
    names += (names.empty() ? "" : " ") + std::string(name);
    if (all || path.items[2]->text == name) on |= switched_on_by(name);
  }
  if (on == 0 && !all)
    return fail(path.place, "unexpected keyword, must be one of [" + names + "]");
  not_bodies_ = not_bodies_ || (on & keyword_not) != 0;
  state_.scanner.set_keywords(state_.scanner.keywords() | on);
}

/// The token at hand was read before the import was understood.
void Parser::reclassify() {
  if (!is(Tok::ident)) return;
  Tok token = state_.scanner.word(state_.lit);
  bool switchable = token == Tok::not_ || token == Tok::in || token >= Tok::every;
  if (switchable) state_.token = token;
}

// ---- Rules ----

bool Parser::keyword_rule_name(bool is_default) {
  static const std::initializer_list<Tok> rule = {Tok::assign, Tok::unify, Tok::if_, Tok::contains,
                                                  Tok::left_paren};
  static const std::initializer_list<Tok> op = {Tok::assign, Tok::unify, Tok::if_, Tok::contains};
  static const std::initializer_list<Tok> path = {Tok::assign, Tok::unify, Tok::left_paren};
  static const std::initializer_list<Tok> contains = {Tok::if_, Tok::contains};
  const std::initializer_list<Tok>* followers = nullptr;
  if (is_one_of({Tok::every, Tok::if_, Tok::in, Tok::some, Tok::as}))
    followers = &rule;
  else if (is_one_of({Tok::package, Tok::import}))
    followers = &path;
  else if (is_one_of({Tok::not_, Tok::logical_and, Tok::logical_or}))
    followers = &op;
  else if (is(Tok::contains))
    followers = &contains;
  if (followers == nullptr) return false;
  if (!is_default) {
    Tok next = peek(true);
    if (std::find(followers->begin(), followers->end(), next) == followers->end()) return false;
  }
  fail(state_.place,
       std::string(token_name(state_.token)) + " keyword cannot be used for rule name");
  return true;
}

/// A rule and the further bodies that share its head. Nothing: it is no rule, or has errors.
std::vector<Statement> Parser::rules() {
  Statement out;
  out.form = Statement::Form::rule;
  RuleNote rule;
  rule.place = state_.place;
  keyword_begins_ref();
  rule.is_default = is(Tok::default_);
  if (rule.is_default) {
    scan();
    keyword_begins_ref();
  }
  if (!is(Tok::ident)) {
    if (rule.is_default) keyword_rule_name(true);
    return {};
  }
  std::optional<Head> head = this->head(rule.is_default);
  if (!head) return {};
  if (rule.is_default && !default_rule(*head, rule.place)) return {};
  if (!rule.is_default && !rule_body(*head, rule)) return {};
  rule.head = *head;
  out.place = rule.place;
  bool has_body = !rule.is_default && !rule.generated_body;
  out.rules.push_back(std::move(rule));
  if (has_body && is(Tok::else_) && !keyword_begins_ref() && !else_clauses(*head, out)) return {};
  std::vector<Statement> all{std::move(out)};
  while (has_body && is(Tok::left_brace)) {
    if (all[0].rules.size() > 1) {
      fail(state_.place, "expected else keyword");
      return {};
    }
    Statement next;
    next.form = Statement::Form::rule;
    next.place = state_.place;
    scan();
    if (!body(Tok::right_brace)) return {};
    scan();
    copy_wildcards(*head, next.place);
    next.rules.push_back({next.place, *head, false, false});
    all.push_back(std::move(next));
  }
  return all;
}

/// Decides what kind of rule the head has. False: it is no head.
bool Parser::settle_head(Head& head) {
  bool two = !head.has_contains && head.ref->items.size() == 2;
  if (!two) return true;
  const Node& first = *head.ref->items[0];
  const NodePtr& key = head.ref->items[1];
  if (head.has_if) {
    bool varies = !is_ground(*key) || key->kind == TermKind::ref;
    if (varies && head.args.empty()) head.key = key;
    if (!head.value) {
      head.generated_value = true;
      head.value = std::make_shared<Node>();
      return true;
    }
    head.name = first.text;
    return first.kind == TermKind::var;
  }
  if (!head.args.empty()) return true;
  if (first.kind != TermKind::var) return false;
  head.name = first.text;
  head.key = key;
  if (head.value) return true;
  head.ref = std::make_shared<Node>(*head.ref);
  head.ref->items.pop_back();
  return true;
}

/// False: there is no body, or it has errors.
bool Parser::rule_body(Head& head, RuleNote& rule) {
  head.has_if = is(Tok::if_);
  if (!settle_head(head)) return false;
  if (head.has_if) return if_body();
  rule.generated_body = !is(Tok::left_brace);
  if (rule.generated_body) return head.has_contains;
  scan();
  if (!body(Tok::right_brace)) return false;
  scan();
  return true;
}

bool Parser::if_body() {
  scan();
  State start = state_;
  bool brace = is(Tok::left_brace);
  if (ExpressionPtr only = literal()) {
    bool is_set =
        brace && only->form == Expression::Form::term && only->term->kind == TermKind::set;
    if (!is_set) return true;
  }
  if (!brace) return false;
  state_ = start;
  scan();
  if (!body(Tok::right_brace)) return false;
  scan();
  return true;
}

bool Parser::default_rule(const Head& head, const Location& place) {
  if (!head.value) {
    fail(place, "illegal default rule (must have a value)");
    return false;
  }
  std::size_t before = state_.errors.size();
  default_value(*head.value, place);
  if (state_.errors.size() != before) return false;
  std::set<std::string> names;
  for (const NodePtr& arg : head.args) {
    if (arg->kind != TermKind::var)
      fail(place, std::string("illegal default rule (arguments cannot contain ") +
                      kind_name(arg->kind) + ")");
    else if (!names.insert(arg->text).second)
      fail(place, "illegal default rule (arguments cannot be repeated " + arg->text + ")");
  }
  return state_.errors.size() == before;
}

void Parser::default_value(const Node& value, const Location& place) {
  switch (value.kind) {
    case TermKind::ref:
    case TermKind::var:
    case TermKind::call:
      return fail(place, std::string("illegal default rule (value cannot contain ") +
                             kind_name(value.kind) + ")");
    case TermKind::array_comprehension:
    case TermKind::set_comprehension:
    case TermKind::object_comprehension:
      return;
    default:
      for (const NodePtr& item : sorted_items(value, source_.text)) default_value(*item, place);
      default_value(value.body, place);
  }
}

/// The expressions of a template string.
void Parser::default_value(const Expressions& body, const Location& place) {
  for (const ExpressionPtr& expr : body) {
    if (expr->term) default_value(*expr->term, place);
    for (const NodePtr& term : expr->terms) default_value(*term, place);
    default_value(expr->body, place);
  }
}

bool Parser::else_clauses(const Head& head, Statement& rule) {
  if (head.ref->items.size() > 1 && !is_ground(*head.ref)) {
    fail(state_.place, "else keyword cannot be used on rules with variables in head");
    return false;
  }
  if (head.key) {
    fail(state_.place, "else keyword cannot be used on multi-value rules");
    return false;
  }
  do {
    RuleNote clause;
    clause.place = state_.place;
    clause.head = head;
    clause.head.has_if = clause.head.has_contains = clause.head.generated_value = false;
    if (!else_clause(head, clause)) return false;
    bool is_last = clause.generated_body;
    rule.rules.push_back(std::move(clause));
    if (is_last) return true;
  } while (is(Tok::else_));
  return true;
}

/// Each further clause has wildcards of its own for arguments that are nothing else.
void Parser::copy_wildcards(const Head& head, const Location& clause) {
  for (std::size_t i = 0; i < head.args.size(); ++i) {
    bool wildcard = head.args[i]->kind == TermKind::var && head.args[i]->text.starts_with('$');
    if (wildcard) numbers_.copied[{clause.offset, i}] = state_.wildcards++;
  }
}

bool Parser::else_clause(const Head& head, RuleNote& rule) {
  copy_wildcards(head, rule.place);
  scan();
  if (is(Tok::assign) || is(Tok::unify)) {
    scan();
    rule.head.value = infix();
    if (!rule.head.value) return false;
  } else if (is(Tok::left_brace) || is(Tok::if_)) {
    rule.head.generated_value = true;
    rule.head.value = std::make_shared<Node>();
  } else {
    illegal("expected else value term or rule body");
    return false;
  }
  rule.head.has_if = is(Tok::if_);
  rule.generated_body = !rule.head.has_if && !is(Tok::left_brace);
  if (rule.generated_body) return true;
  if (rule.head.has_if) scan();
  if (is(Tok::left_brace)) {
    scan();
    if (!body(Tok::right_brace)) return false;
    scan();
    return true;
  }
  if (!is(Tok::eof)) return literal() != nullptr;
  illegal("rule body expected");
  return false;
}

// ---- Heads ----

std::optional<Head> Parser::head(bool is_default) {
  Head out;
  if (!head_ref(out)) return std::nullopt;
  if (is(Tok::contains)) {
    std::string name = text_of(*out.ref);
    if (out.is_function)
      illegal("the contains keyword can only be used with multi-value rule definitions (e.g., " +
              name + " contains <VALUE> { ... })");
    scan();
    out.has_contains = true;
    out.key = infix();
    if (!out.key) illegal("expected rule key term (e.g., " + name + " contains <VALUE> { ... })");
    return out;
  }
  if (is(Tok::unify) || is(Tok::assign)) head_value(out, is_default);
  bool is_complete = out.ref->items.size() != 2 || !out.args.empty();
  if (!out.value && is_complete) {
    out.generated_value = true;
    out.value = std::make_shared<Node>();
    out.value->kind = TermKind::boolean;
  }
  return out;
}

bool Parser::head_ref(Head& out) {
  NodePtr name = finish_head(variable());
  if (!name) {
    illegal("expected rule head name");
    return false;
  }
  out.ref = name;
  if (name->kind == TermKind::call) {
    out.is_function = true;
    out.ref = name->items[0];
    if (out.ref->items[0]->kind != TermKind::var) {
      illegal("rule head ref " + text_of(*out.ref) + " invalid");
      return false;
    }
    out.args.assign(name->items.begin() + 1, name->items.end());
  } else if (name->kind == TermKind::var) {
    out.ref = std::make_shared<Node>(*name);
    out.ref->kind = TermKind::ref;
    out.ref->items = {name};
  }
  if (out.ref->kind != TermKind::ref) return false;
  if (out.ref->items.size() == 1) out.name = out.ref->items[0]->text;
  return true;
}

void Parser::head_value(Head& out, bool is_default) {
  bool is_assignment = is(Tok::assign);
  std::string name = text_of(*out.ref);
  scan();
  out.value = infix();
  if (out.value) return;
  if (!is_assignment)
    illegal("expected rule value term (e.g., " + name + "[<nil>] = <VALUE> { ... })");
  else if (!out.args.empty())
    illegal("expected function value term (e.g., " + name + "(...) := <VALUE> { ... })");
  else if (is_default)
    illegal("expected default rule value term (e.g., default " + name + " := <VALUE>)");
  else
    illegal("expected rule value term (e.g., " + name + " := <VALUE> { ... })");
}

}  // namespace lictor::syntax::explain
