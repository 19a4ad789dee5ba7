// The making of nodes, and the checks that need a whole rule or module.
#include "syntax/parse_state.hpp"

#include <algorithm>
#include <cctype>

#include "base/unicode.hpp"
#include "syntax/parse_error.hpp"

namespace lictor::syntax {

ParseState::ParseState(const Source& source, const ParseOptions& options, Ast& ast, Module* module)
    : ast(&ast),
      source(&source),
      options(options),
      begin(source.text.data()),
      end(source.text.data() + source.text.size()),
      module(module),
      keywords(options.extra_keywords | (options.dialect == Dialect::v1 ? v1_keywords : 0)),
      furthest(begin) {
  if (module == nullptr) return;
  module->source = &source;
  module->dialect = options.dialect;
}

Nesting::Nesting(ParseState& state, const char* at) : state_(state) {
  std::size_t most_steps = 1000000 + 64 * static_cast<std::size_t>(state.end - state.begin);
  if (++state.depth > max_nesting) {
    --state.depth;
    throw ParseFailure{parse_error_at(state.span_from(at), "max recursion depth exceeded",
                                      "nest less than 500 levels deep")};
  }
  if (++state.steps > most_steps) {
    --state.depth;
    throw ParseFailure{parse_error_at(state.span_from(at), "expression is too ambiguous")};
  }
}

void ParseState::go_back(const Mark& mark) {
  errors.resize(mark.errors);
  calls.resize(mark.calls);
  pending = mark.pending;
  refused = mark.refused;
  wildcards = mark.wildcards;
}

// ---- Places ----

Span ParseState::span(std::string_view text) const {
  std::uint32_t first = offset(text.data());
  return {source, first, first + static_cast<std::uint32_t>(text.size())};
}

namespace {

/// Where the comment begins that ends at `last`, or null if none does.
const char* comment_at_end(const char* first, const char* last) {
  bool may_be = false;
  for (const char* line = last; line > first && line[-1] != '\n'; --line)
    may_be = may_be || line[-1] == '#';
  if (!may_be) return nullptr;
  for (const char* at = first; at < last; ++at) {
    if (*at == '#') {
      const char* end = std::find(at, last, '\n');
      if (end == last) return at;
      at = end;
    } else if (*at == '`') {
      at = std::find(at + 1, last, '`');
    } else if (*at == '"') {
      for (++at; at < last && *at != '"'; ++at) at += *at == '\\' ? 1 : 0;
    }
  }
  return nullptr;
}

}  // namespace

void ParseState::end_span(Span& span, const char* at) const {
  const char* first = begin + span.first;
  for (const char* comment = at; comment != nullptr;) {
    at = comment;
    while (at > first && std::isspace(static_cast<unsigned char>(at[-1]))) --at;
    comment = comment_at_end(first, at);
  }
  span.last = std::max(span.first, offset(at));
}

bool ParseState::newline_before(const char* at) const {
  while (at != begin && (at[-1] == ' ' || at[-1] == '\t' || at[-1] == '\r')) --at;
  return at == begin || at[-1] == '\n';
}

void ParseState::note_failure(const char* at) { furthest = std::max(furthest, at); }

// ---- Errors ----

void ParseState::error(ErrorCode code, const Span& span, std::string message, std::string hint) {
  errors.push_back(error_at(code, span, std::move(message), std::move(hint)));
}

namespace {

std::string token_name(const char* at, const char* end, unsigned keywords) {
  if (at == end) return "eof";
  std::string_view word = scan_identifier(at, end);
  if (!word.empty()) return is_keyword(word, keywords) ? std::string(word) : "identifier";
  if (*at == '"' || *at == '`') return "string";
  if (std::isdigit(static_cast<unsigned char>(*at))) return "number";
  for (std::string_view two : {":=", "==", "!=", "<=", ">="}) {
    if (std::string_view(at, static_cast<std::size_t>(end - at)).substr(0, 2) == two) {
      return two == ":="   ? "assign"
             : two == "==" ? "equal"
             : two == "!=" ? "neq"
             : two == "<=" ? "lte"
                           : "gte";
    }
  }
  switch (*at) {
    case '=':
      return "eq";
    case '+':
      return "plus";
    case '-':
      return "minus";
    case '*':
      return "mul";
    case '/':
      return "div";
    case '%':
      return "rem";
    case '&':
      return "and";
    case '|':
      return "or";
    case '<':
      return "lt";
    case '>':
      return "gt";
    default:
      return std::string(1, *at);
  }
}

}  // namespace

void ParseState::report_unexpected(const char* at) {
  static constexpr std::string_view known = "{}[](),.;:=+-*/%&|<>!\"`_";
  bool legal = at == end || std::isalnum(static_cast<unsigned char>(*at)) ||
               known.find(*at) != std::string_view::npos;
  const char* where = at == end && at != begin ? at - 1 : at;
  std::string name = legal ? token_name(at, end, keywords) : "illegal";
  std::string hint;
  std::string_view word = scan_identifier(at, end);
  for (std::string_view keyword : {"if", "contains", "in", "every"}) {
    if (word == keyword && !is_keyword(word, keywords)) {
      hint = "`import future.keywords." + std::string(keyword) + "` to use `" +
             std::string(keyword) + "`";
    }
  }
  errors.push_back(parse_error_at(span_from(where), "unexpected " + name + " token", hint));
}

bool ParseState::check_text() {
  std::string_view text(source->text);
  std::size_t bad = text.find('\0');
  for (std::size_t i = 0; bad == std::string_view::npos && i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    Rune rune = decode_rune(text, i);
    if (!rune.valid) bad = i;
    i += rune.size;
  }
  if (bad == std::string_view::npos) {
    bool blank = skip_trivia(begin, end) == end;
    if (blank) error(ErrorCode::parse, span_from(begin), module ? "empty module" : "empty query");
    return !blank;
  }
  errors.push_back(
      parse_error_at(span_from(begin + bad), "illegal utf-8 character", "save the file as UTF-8"));
  return false;
}

// ---- Terms ----

Term* ParseState::make_var(std::string_view name) {
  std::string text = name == "_" ? "$" + std::to_string(wildcards++) : std::string(name);
  return ast->var(std::move(text), span(name));
}

Term* ParseState::make_infix(const char* name, Terms operands) {
  Span whole{source, operands.front()->span.first, operands.back()->span.last};
  std::string_view left = operands.front()->parens, right = operands.back()->parens;
  const char* first = left.empty() ? begin + whole.first : left.data();
  const char* last = right.empty() ? begin + whole.last : right.data() + right.size();
  Term* out = ast->call(name, std::move(operands), whole);
  out->infix = true;
  if (!left.empty() || !right.empty())
    out->parens = {first, static_cast<std::size_t>(last - first)};
  return out;
}

void ParseState::close_group(Term* value, const char* end_of_group) const {
  const char* at = value->written().data();
  while (at > begin && std::isspace(static_cast<unsigned char>(at[-1]))) --at;
  bool found = at > begin && at[-1] == '(';  // a comment may stand between
  if (found) value->parens = {at - 1, static_cast<std::size_t>(end_of_group - at + 1)};
}

void ParseState::access(Term*& value, Term* operand) {
  if (value->kind != TermKind::ref) {
    bool scalar = value->kind == TermKind::null_value || value->kind == TermKind::boolean ||
                  value->kind == TermKind::number || value->kind == TermKind::string ||
                  value->kind == TermKind::template_string;
    refused = refused || scalar;
    Term* ref = ast->term(TermKind::ref, value->span);
    ref->items.push_back(value);
    if (value->span.last <= value->span.first) end_before(operand, value->span);
    value = ref;
  }
  value->items.push_back(operand);
}

/// Ends the span of a ref's head where its first dot or bracket stands.
void ParseState::end_before(const Term* operand, Span& span) const {
  const char* at = operand->written().data();
  while (at > begin + span.first && at[-1] != '[' && at[-1] != '.') --at;
  if (at > begin + span.first) span.last = offset(at - 1);
}

void ParseState::check_group(const Term* value) {
  bool root = value->kind == TermKind::var && (value->text == "input" || value->text == "data");
  refused = refused || root || value->kind == TermKind::ref;
}

void ParseState::open_call(Term*& value) {
  Term* call = ast->term(TermKind::call, value->span);
  calls.emplace_back(call, value);
  call->items.push_back(value);
  value = call;
}

void ParseState::close_call(Term*& value) {
  calls.pop_back();
  const Term& op = *value->items[0];
  if (op.kind == TermKind::var && op.text == "set" && value->items.size() == 1) {
    value->kind = TermKind::set;
    value->items.clear();
  } else if (op.kind != TermKind::var && op.kind != TermKind::ref) {
    throw ParseFailure{parse_error_at(value->span, "a call needs the name of a function")};
  }
}

void ParseState::add_template(Term* value, Expr* part) {
  if (part->kind != ExprKind::term || part->negated) {
    throw ParseFailure{parse_error_at(part->span, "invalid template string expression")};
  }
  std::string op = part->term->kind == TermKind::call ? operator_name(*part->term) : "";
  if (op == "eq" || op == "assign") refused = true;
  bool scalar = part->term->kind <= TermKind::string && !has_comment(*part);  // `with` goes
  if (scalar) {
    value->items.push_back(part->term);
    return;
  }
  Term* set = ast->term(TermKind::set_comprehension, part->span);
  std::string name = "$" + std::to_string(wildcards++);
  set->items.push_back(ast->var(name, part->span));
  set->body = ast->body(part->span);
  part->term = ast->call("eq", {ast->var(name, part->span), part->term}, part->span);
  set->body->exprs.push_back(part);
  value->items.push_back(set);
}

/// True if a comment stands between the braces around a template's expression.
bool ParseState::has_comment(const Expr& part) const {
  std::string_view text = source->text;
  std::size_t open = text.rfind('{', part.span.first), close = text.find('}', part.span.last);
  std::string_view before = text.substr(open, part.span.first - open);
  std::string_view behind = text.substr(part.span.last, close - part.span.last);
  return before.find('#') != before.npos || behind.find('#') != behind.npos;
}

void ParseState::keep_pending(Term* value) { value->items.push_back(pending); }

void ParseState::drop_kept(Term* value) {
  pending = value->items.back();
  value->items.pop_back();
  value->body = nullptr;
}

// ---- Expressions ----

void ParseState::set_some(Expr* some, Term* term) {
  std::string name = term->kind == TermKind::call && term->infix ? operator_name(*term) : "";
  if (name == "internal.member_2") {
    if (some->kind == ExprKind::some_decl) some->kind = ExprKind::some_in;
    some->value = term->items[1];
    some->domain = term->items[2];
  } else if (name == "internal.member_3") {
    if (some->kind == ExprKind::some_decl) some->kind = ExprKind::some_in;
    some->key = term->items[1];
    some->value = term->items[2];
    some->domain = term->items[3];
  } else {
    some->vars.push_back(term);
  }
}

bool ParseState::check_every(const Expr* every) {
  auto is_var = [](const Term* term) { return term->kind == TermKind::var; };
  return every->domain != nullptr && is_var(every->value) &&
         (every->key == nullptr || is_var(every->key));
}

bool ParseState::check_some(const Expr* some) const {
  if (some->kind == ExprKind::some_in) return some->vars.empty();
  return std::all_of(some->vars.begin(), some->vars.end(),
                     [](const Term* var) { return var->kind == TermKind::var; });
}

Expr* ParseState::negate(Expr* outer, Expr* inner) {
  bool chain = inner->kind == ExprKind::logical_and || inner->kind == ExprKind::logical_or;
  if ((keywords & keyword_not) == 0 && !chain) {
    inner->negated = true;
    inner->span.first = outer->span.first;
    return inner;
  }
  outer->kind = ExprKind::not_body;
  Body* body = ast->body(inner->span);
  body->implicit = true;
  body->exprs.push_back(inner);
  outer->bodies = {body};
  return outer;
}

bool is_bare_group(const Expr& expr) {
  return expr.kind == ExprKind::logical_and && expr.bodies.size() == 1 && expr.with.empty();
}

void ParseState::fold(Expr* chain, Expr* operand) {
  if (is_bare_group(*operand)) {
    chain->bodies.push_back(operand->bodies[0]);
    return;
  }
  Body* body = ast->body(operand->span);
  body->implicit = true;
  body->exprs.push_back(operand);
  chain->bodies.push_back(body);
}

void ParseState::chain(Expr*& value, ExprKind kind) {
  Expr* out = ast->expr(kind, value->span);
  fold(out, value);
  value = out;
}

// ---- Rules ----

void ParseState::set_head_ref(Rule* rule, Term* ref) {
  if (ref->kind != TermKind::ref) {
    Term* head = ast->term(TermKind::ref, ref->span);
    head->items.push_back(ref);
    ref = head;
  }
  refused = refused || ref->items[0]->kind != TermKind::var;
  rule->ref = ref;
  rule->span.last = ref->span.last;
}

void ParseState::chain_body(Rule* rule, Body* body) {
  body->span.first = statement.first;  // with its brace
  chained.emplace_back(rule, body);
}

void ParseState::infer_partial(Rule* rule) {
  bool two = rule->ref->items.size() == 2 && !rule->is_function && !rule->is_default;
  if (rule->has_contains) {
    rule->multi_value = true;
  } else if (two && !rule->has_if && rule->value == nullptr) {
    // p[x] { … } defines a set, as it did before `contains`.
    rule->multi_value = true;
    rule->key = rule->ref->items[1];
    rule->ref->items.pop_back();
  }
  if (!rule->multi_value && rule->value == nullptr) {
    rule->generated_value = true;
    rule->value = ast->boolean(true, rule->span);
  }
}

bool ParseState::check_default(const Rule& rule) {
  bool closure = rule.value->kind == TermKind::array_comprehension ||
                 rule.value->kind == TermKind::set_comprehension ||
                 rule.value->kind == TermKind::object_comprehension;
  bool good = rule.body == nullptr && !rule.multi_value && (closure || is_ground(*rule.value));
  std::vector<std::string> names;
  for (const Term* arg : rule.args) {
    bool repeated = std::find(names.begin(), names.end(), arg->text) != names.end();
    good = good && arg->kind == TermKind::var && !repeated;
    names.push_back(arg->text);
  }
  refused = refused || !good;
  return good;
}

bool ParseState::check_else(const Rule& rule) {
  if (rule.else_rule == nullptr) return true;
  bool ground = std::all_of(rule.ref->items.begin() + 1, rule.ref->items.end(),
                            [](const Term* item) { return is_ground(*item); });
  refused = refused || rule.multi_value || !ground;
  return !refused;
}

bool ParseState::check_rule(const Rule& rule) {
  bool empty_set = rule.is_function && rule.args.empty() && rule.ref->items.size() == 1 &&
                   rule.ref->items[0]->text == "set";
  if (empty_set || (rule.has_contains && rule.is_function)) refused = true;
  return !refused && (!rule.is_default || check_default(rule)) && check_else(rule);
}

/// A call that is all of a statement is a rule unless it calls a builtin; only a body lets blanks
/// stand before its parenthesis.
bool ParseState::is_call_head(const Rule& rule) const {
  bool has_blank = source->text[rule.ref->span.last] != '(';
  bool calls_builtin = rule.value == nullptr && !rule.has_contains && options.is_builtin &&
                       options.is_builtin(to_text(*rule.ref));
  return !has_blank && !calls_builtin;
}

/// Without a body, two statements stand where a rule's name and what seems to follow it do.
bool ParseState::has_blank_behind_name(const Rule& rule) const {
  if (rule.ref->items.size() < 2) return false;
  char behind = source->text[rule.ref->items[0]->span.last];
  return behind != '.' && behind != '[';
}

namespace {

void place(Body& body, const Span& span);

void place(Term& term, const Span& span) {
  term.span = span;
  term.parens = {};
  for (Term* item : term.items) place(*item, span);
  if (term.body) place(*term.body, span);
}

void place(Body& body, const Span& span) {
  body.span = span;
  for (Expr* expr : body.exprs) {
    expr->span = span;
    expr->parens = {};
    for (Term* term : {expr->term, expr->key, expr->value, expr->domain}) {
      if (term) place(*term, span);
    }
    for (With& with : expr->with) {
      with.span = span;
      for (Term* term : {with.target, with.value}) {
        if (term) place(*term, span);
      }
    }
    for (Body* inner : expr->bodies) place(*inner, span);
  }
}

}  // namespace

void ParseState::end_else(Rule* clause, const char* end_of_clause) const {
  end_span(clause->span, end_of_clause);
  if (clause->literal_body) place(*clause->body, clause->span);
}

Body* ParseState::true_body(const Span& place) {
  Body* out = ast->body(place);
  out->exprs.push_back(ast->expr(ast->boolean(true, place)));
  return out;
}

/// The body of a rule without one stands where OPA says that it does: at the value, if there is
/// one.
Body* ParseState::implicit_body(const Rule& rule) {
  constexpr std::uint32_t keyword = sizeof("default") - 1;
  if (rule.is_default) return true_body({source, rule.span.first, rule.span.first + keyword});
  if (rule.has_contains) return true_body(rule.ref->items[0]->span);
  if (rule.value == nullptr) return true_body(rule.is_function ? rule.ref->span : rule.span);
  Body* out = true_body(rule.value->span);
  out->exprs[0]->parens = rule.value->parens;
  return out;
}

bool ParseState::finish_rule(Rule* rule) {
  if (rule->body == nullptr && rule->is_function && !is_call_head(*rule)) refused = true;
  bool parts = rule->body == nullptr && !rule->has_contains && !rule->is_default;
  bool no_arguments = rule->is_function && rule->args.empty() && rule->value == nullptr;
  if (parts && (no_arguments || has_blank_behind_name(*rule))) refused = true;
  bool bare = rule->body == nullptr && rule->value == nullptr && !rule->has_contains &&
              !rule->is_default && rule->ref->items.size() == 1;
  if (bare && !rule->is_function) {
    refused = true;
    return false;
  }
  infer_partial(rule);
  if (!check_rule(*rule)) return false;
  if (rule->body == nullptr) {
    rule->generated_body = true;
    rule->body = implicit_body(*rule);
  }
  for (Rule* other = rule->else_rule; other != nullptr; other = other->else_rule) {
    other->ref = ast->copy(*rule->ref);
    other->is_function = rule->is_function;
    for (const Term* arg : rule->args) other->args.push_back(ast->copy(*arg));
    if (other->value == nullptr) {
      other->generated_value = true;
      other->value = ast->boolean(true, other->span);
    }
    if (other->body == nullptr) {
      other->generated_body = true;
      other->body = true_body(head_span(*other));
    }
  }
  return true;
}

void ParseState::add_rule(Rule* rule) {
  module->rules.push_back(rule);
  for (auto& [owner, body] : chained) {
    if (owner != rule) continue;
    Rule* next = ast->rule(body->span);
    auto copied = [this](const Term* term) { return term ? ast->copy(*term) : nullptr; };
    next->multi_value = rule->multi_value;
    next->is_function = rule->is_function;
    next->has_if = rule->has_if;
    next->has_contains = rule->has_contains;
    next->assigned = rule->assigned;
    next->generated_value = rule->generated_value;
    next->ref = copied(rule->ref);
    for (const Term* arg : rule->args) next->args.push_back(copied(arg));
    next->key = copied(rule->key);
    next->value = copied(rule->value);
    next->body = body;
    module->rules.push_back(next);
  }
  chained.clear();
}

// ---- Package and imports ----

void ParseState::set_package(Term* ref) {
  module->package_span = statement;
  if (ref->kind == TermKind::var) {
    module->package.push_back(ast->string(ref->text, ref->span));
    return;
  }
  module->package.push_back(ast->string(ref->items[0]->text, ref->items[0]->span));
  for (std::size_t i = 1; i < ref->items.size(); ++i) {
    if (ref->items[i]->kind != TermKind::string) {
      throw ParseFailure{parse_error_at(
          ref->items[i]->span,
          "unexpected " + to_text(*ref->items[i]) + " token: package path must be strings")};
    }
    module->package.push_back(ref->items[i]);
  }
}

void ParseState::add_import(Term* path) {
  if (path->kind != TermKind::ref) {
    Term* ref = ast->term(TermKind::ref, path->span);
    ref->items.push_back(path);
    path = ref;
  }
  const std::string& root = path->items[0]->text;
  if (root != "input" && root != "data" && root != "future" && root != "rego") {
    throw ParseFailure{parse_error_at(
        path->span,
        "unexpected import path, must begin with one of: {data, future, input, rego}, got: " +
            root)};
  }
  for (std::size_t i = 1; i < path->items.size(); ++i) {
    if (path->items[i]->kind == TermKind::string) continue;
    throw ParseFailure{
        parse_error_at(path->items[i]->span, "unexpected import path: elements must be strings")};
  }
  module->imports.push_back({statement, path, {}});
}

void ParseState::set_alias(Term* name) {
  Import& import = module->imports.back();
  import.alias = name->text;
  bool reserved = name->text == "input" || name->text == "data";
  refused = refused || reserved || import.path->items[0]->text == "rego";
}

void ParseState::future_keyword(const Import& import) {
  const auto& items = import.path->items;
  bool known = items.size() >= 2 && items[1]->text == "keywords" && items.size() <= 3;
  if (!known)
    throw ParseFailure{
        parse_error_at(import.path->span, "invalid import, must be `future.keywords`")};
  if (!import.alias.empty()) {
    throw ParseFailure{parse_error_at(import.path->span, "`future` imports cannot be aliased")};
  }
  if (items.size() == 2) {
    keywords |= v1_keywords | keyword_and | keyword_or | keyword_not;
    return;
  }
  const std::string& name = items[2]->text;
  unsigned bit = name == "if"         ? keyword_if
                 : name == "contains" ? keyword_contains
                 : name == "in"       ? keyword_in
                 : name == "every"    ? keyword_every | keyword_in
                 : name == "and"      ? keyword_and
                 : name == "or"       ? keyword_or
                 : name == "not"      ? keyword_not
                                      : 0u;
  if (bit == 0) {
    throw ParseFailure{parse_error_at(
        import.path->span, "unexpected keyword, must be one of [and contains every if in not or]")};
  }
  keywords |= bit;
}

void ParseState::finish_import() {
  const Import& import = module->imports.back();
  const auto& items = import.path->items;
  if (items[0]->text == "future") {
    future_keyword(import);
  } else if (items[0]->text == "rego") {
    std::string version = items.size() == 2 ? items[1]->text : "";
    if (version != "v1" && version != "v2") {
      throw ParseFailure{parse_error_at(
          import.path->span,
          "invalid import `" + to_text(*import.path) + "`, must be `rego.v1` or `rego.v2`")};
    }
    keywords |= v1_keywords;
    if (version == "v2") keywords |= keyword_and | keyword_or | keyword_not;
    module->dialect = Dialect::v1;
  }
}

bool ParseState::finish_module() {
  module->keywords = keywords;
  if (module->dialect != Dialect::v1) return true;
  for (const Rule* rule : module->rules) {
    if (rule->is_default) continue;
    std::string what = rule->args.empty() ? "rule" : "function";
    if (rule->generated_body && rule->generated_value && !rule->multi_value && !rule->is_function) {
      error(ErrorCode::parse, rule->span,
            what + " must have value assignment and/or body declaration");
    }
    if (!rule->generated_body && !rule->has_if)
      error(ErrorCode::parse, rule->span, "`if` keyword is required before " + what + " body");
    if (rule->multi_value && !rule->has_contains)
      error(ErrorCode::parse, rule->span, "`contains` keyword is required for partial set rules");
  }
  return errors.empty();
}

}  // namespace lictor::syntax
