// The making of nodes, and the checks that need a whole rule or module.
#include "syntax/parse_state.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/stack.hpp"
#include "base/unicode.hpp"
#include "syntax/parse_error.hpp"
#include "syntax/variables.hpp"

namespace lictor::syntax {

ParseState::ParseState(const Source& source, const ParseOptions& options, Ast& ast, Module* module)
    : ast(&ast),
      source(&source),
      options(options),
      begin(source.text.data()),
      start(begin + (source.text.starts_with("\xEF\xBB\xBF") ? 3 : 0)),
      end(source.text.data() + source.text.size()),
      module(module),
      keywords(options.extra_keywords | (options.dialect == Dialect::v1 ? v1_keywords : 0)),
      doubted(options.restricted != nullptr),  // the grammar has the whole language
      furthest(begin) {
  if (module == nullptr) return;
  module->source = &source;
  module->dialect = options.dialect;
}

namespace {
/// What one more level may take. A chain of else-clauses nests in the grammar, but not in the text.
constexpr std::size_t least_stack = std::size_t{128} << 10;
}  // namespace

Nesting::Nesting(ParseState& state, const char* at) : state_(state) {
  std::size_t most_steps = 1000000 + 64 * static_cast<std::size_t>(state.end - state.begin);
  if (++state.depth > max_nesting) {
    --state.depth;
    throw ParseFailure{parse_error_at(state.span_from(at), "max recursion depth exceeded",
                                      "nest less than 1000 levels deep")};
  }
  if (std::size_t left = stack_left(); left != 0 && left < least_stack) {
    --state.depth;
    throw ParseFailure{parse_error_at(state.span_from(at), "rule is too long",
                                      "use at most 1000 else-clauses in a row")};
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
  doubted = mark.doubted;
  wildcards = mark.wildcards;
}

const Language& Language::whole(Dialect dialect) {
  static const Language v1;
  static const Language v0 = [] {
    Language out;
    out.template_strings = false;
    return out;
  }();
  return dialect == Dialect::v0 ? v0 : v1;
}

// ---- Places ----

Span ParseState::span(std::string_view text) const {
  std::uint32_t first = offset(text.data());
  return {source, first, first + static_cast<std::uint32_t>(text.size())};
}

namespace {

constexpr char32_t byte_order_mark = 0xFEFF;

/// Where the comment begins that ends at `last`, or null if none does.
const char* comment_at_end(const char* first, const char* last) {
  std::string_view before(first, static_cast<std::size_t>(last - first));
  if (::memrchr(first, '#', before.size()) == nullptr) return nullptr;
  before.remove_prefix(before.rfind('\n') + 1);  // nothing if there is one line only
  if (before.find('#') == std::string_view::npos) return nullptr;
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
  for (std::size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      if (text[i++] == '\0') return false;
      continue;
    }
    Rune rune = decode_rune(text, i);
    if (!rune.valid || (rune.code == byte_order_mark && i > 0)) return false;
    i += rune.size;
  }
  bool blank = skip_trivia(start, end) == end;
  if (blank && module == nullptr) {
    Error empty;
    empty.code = ErrorCode::compile;
    empty.message = "empty query cannot be compiled";
    errors.push_back(std::move(empty));
  }
  return !blank;
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
    doubted = doubted || scalar;
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
  doubted = doubted || root || value->kind == TermKind::ref;
}

void ParseState::open_call(Term*& value) {
  bool called_twice = value->kind == TermKind::call && value->parens.empty();
  doubted = doubted || called_twice;
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
    doubted = doubted || is_scalar(op) || op.kind == TermKind::template_string;
    Term* ref = ast->term(TermKind::ref, op.span);
    ref->items.push_back(value->items[0]);
    value->items[0] = ref;
  }
}

void ParseState::add_template(Term* value, Expr* part) {
  if (part->kind != ExprKind::term || part->negated) {
    throw ParseFailure{parse_error_at(part->span, "invalid template string expression")};
  }
  std::string op = part->term->kind == TermKind::call ? operator_name(*part->term) : "";
  if (op == "eq" || op == "assign") doubted = true;
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

void ParseState::negate(Term* call, Term* operand) {
  const Term* name = operand;
  while (!name->items.empty()) name = name->items[0];
  doubted = doubted || (name->text != "contains" && is_keyword(name->text, keywords));
  Span sign{source, call->span.first, call->span.first + 1};
  Term* zero = ast->term(TermKind::number, sign);
  zero->text = "0";
  call->items = {ast->var("minus", sign), zero, operand};
}

void ParseState::check_with_target(const Term& target) {
  const Term& first = target.kind == TermKind::ref ? *target.items[0] : target;
  bool named = first.kind == TermKind::var && first.parens.empty() && target.parens.empty() &&
               !is_keyword(first.text, keywords);
  doubted = doubted || !named;
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
  auto is_var = [](const Term* term) { return term->kind == TermKind::var && !is_root(*term); };
  return every->domain != nullptr && is_var(every->value) &&
         (every->key == nullptr || is_var(every->key));
}

bool ParseState::check_some(const Expr* some) {
  if (some->kind == ExprKind::some_in) return some->vars.empty();
  for (const Term* var : some->vars)
    doubted = doubted || !var->parens.empty() || is_keyword(var->text, keywords);
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

void ParseState::check_operator_word(const char* at) {
  if (at == end || (*at != 'i' && *at != 'a' && *at != 'o')) return;
  std::string_view word = scan_identifier(at, end);
  const char* after = at + word.size();
  bool touches = after != end && (*after == '.' || *after == '[');
  doubted = doubted || (touches && is_keyword(word, keywords));
}

void ParseState::fold(Expr* chain, Expr* operand) {
  if (is_bare_group(*operand)) {
    chain->bodies.push_back(operand->bodies[0]);
    return;
  }
  bool effect = operand->kind == ExprKind::term && operand->term->kind == TermKind::call &&
                operator_name(*operand->term).ends_with("print");
  bool declaration = operand->kind == ExprKind::some_decl || operand->kind == ExprKind::some_in ||
                     operand->kind == ExprKind::every;
  doubted = doubted || effect || declaration;
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
  const Term& name = *ref->items[0];
  doubted = doubted || name.kind != TermKind::var || is_keyword(name.text, keywords);
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

void ParseState::check_default(const Rule& rule) {
  bool closure = rule.value && (rule.value->kind == TermKind::array_comprehension ||
                                rule.value->kind == TermKind::set_comprehension ||
                                rule.value->kind == TermKind::object_comprehension);
  bool good = rule.body == nullptr && rule.value && (closure || is_ground(*rule.value));
  std::vector<std::string> names;
  for (const Term* arg : rule.args) {
    bool repeated = std::find(names.begin(), names.end(), arg->text) != names.end();
    good = good && arg->kind == TermKind::var && !is_root(*arg) && !repeated;
    names.push_back(arg->text);
  }
  bool no_value = rule.generated_value && rule.ref->items.size() == 2 && rule.args.empty();
  doubted = doubted || !good || no_value;
}

void ParseState::check_else(const Rule& rule) {
  bool ground = std::all_of(rule.ref->items.begin() + 1, rule.ref->items.end(),
                            [](const Term* item) { return is_scalar(*item); });
  // p.q := 1 { … } has a key, as `p[q] = 1 { … }` has.
  bool has_key = rule.ref->items.size() == 2 && !rule.is_function && !rule.has_if;
  doubted = doubted || rule.multi_value || has_key || !ground;
}

void ParseState::check_rule(const Rule& rule) {
  bool empty_set = rule.is_function && rule.args.empty() && rule.ref->items.size() == 1 &&
                   rule.ref->items[0]->text == "set";
  if (empty_set || (rule.has_contains && rule.is_function)) doubted = true;
  // Blanks may follow a name, but not the rest of a ref.
  bool blank = rule.is_function && source->text[rule.ref->span.last] != '(';
  doubted = doubted || (blank && rule.ref->items.size() > 1);
  if (rule.is_default) check_default(rule);
  if (rule.else_rule) check_else(rule);
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

bool ParseState::is_head(const Rule& rule, const char* next) const {
  bool bare =
      rule.body == nullptr && rule.value == nullptr && !rule.has_contains && !rule.is_default;
  bool name = rule.ref->items.size() == 1 && !rule.is_function;
  return !bare || !(name || operator_at(next, end, *this));
}

/// The statement `eq(x, y)` is the rule `x = y`.
void ParseState::take_equality(Rule* rule) {
  bool alone = rule->is_function && rule->body == nullptr && rule->value == nullptr &&
               !rule->is_default && rule->ref->items.size() == 1;
  const std::string& name = rule->ref->items[0]->text;
  if (!alone || (name != "eq" && name != "assign")) return;
  doubted = true;
  if (rule->args.size() < 2) return;
  rule->assigned = name == "assign";
  rule->value = rule->args[1];
  Term* left = rule->args[0];
  rule->is_function = left->kind == TermKind::call;
  rule->args.clear();
  if (rule->is_function) rule->args.assign(left->items.begin() + 1, left->items.end());
  set_head_ref(rule, rule->is_function ? left->items[0] : left);
}

/// An equality whose left side is a call, or anything in parentheses, is a head with a value.
void ParseState::set_head(Rule* rule, Expr* expr) {
  doubted = true;
  const Term& call = *expr->term;
  std::string op = call.kind == TermKind::call ? operator_name(call) : "";
  bool equality = (op == "eq" || op == "assign") && call.items.size() > 2;
  Term* left = equality ? call.items[1] : expr->term;
  rule->assigned = op == "assign";
  if (equality) rule->value = call.items[2];
  rule->is_function = left->kind == TermKind::call;
  if (rule->is_function) rule->args.assign(left->items.begin() + 1, left->items.end());
  set_head_ref(rule, rule->is_function ? left->items[0] : left);
}

void ParseState::finish_rule(Rule* rule) {
  if (rule->body == nullptr && rule->is_function && !is_call_head(*rule)) doubted = true;
  bool parts = rule->body == nullptr && !rule->has_contains && !rule->is_default;
  bool no_arguments = rule->is_function && rule->args.empty() && rule->value == nullptr;
  if (parts && (no_arguments || has_blank_behind_name(*rule))) doubted = true;
  take_equality(rule);
  infer_partial(rule);
  check_rule(*rule);
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
    doubted = doubted || ref->items[i]->kind != TermKind::string;
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
  bool known = root == "input" || root == "data" || root == "future" || root == "rego";
  doubted = doubted || !known ||
            std::any_of(path->items.begin() + 1, path->items.end(),
                        [](const Term* item) { return item->kind != TermKind::string; });
  module->imports.push_back({statement, path, {}});
}

void ParseState::set_alias(Term* name) {
  Import& import = module->imports.back();
  import.alias = name->text;
  bool reserved = name->text == "input" || name->text == "data";
  doubted = doubted || reserved || import.path->items[0]->text == "rego";
}

void ParseState::future_keyword(const Import& import) {
  const auto& items = import.path->items;
  bool known = items.size() >= 2 && items[1]->text == "keywords" && import.alias.empty();
  doubted = doubted || !known;
  const std::string name = items.size() == 3 ? items[2]->text : "";
  unsigned on = name.empty() ? options.language().importable : switched_on_by(name);
  doubted = doubted || on == 0;
  keywords |= on;
}

void ParseState::finish_import() {
  const Import& import = module->imports.back();
  const auto& items = import.path->items;
  const std::string& root = items[0]->text;
  if (root == "future") return future_keyword(import);
  if (root != "rego") {
    // A path that ends with a keyword needs an alias.
    bool ends_with_keyword =
        import.alias.empty() &&
        is_keyword(items.back()->text, options.dialect == Dialect::v1 ? v1_keywords : 0U);
    doubted = doubted || ends_with_keyword;
    return;
  }
  std::string version = items.size() == 2 ? items[1]->text : "";
  doubted = doubted || (version != "v1" && version != "v2");
  keywords |= v1_keywords;
  if (version == "v2") keywords |= v2_keywords;
  module->dialect = Dialect::v1;
}

/// Notes what v1 does not allow.
void ParseState::finish_module() {
  module->keywords = keywords;
  if (module->dialect != Dialect::v1) return;
  for (const Rule* rule : module->rules) {
    bool bare = rule->generated_body && rule->generated_value && !rule->multi_value;
    doubted = doubted || has_keyword_name(*rule) ||
              (!rule->is_default &&
               ((bare && !rule->is_function) || (!rule->generated_body && !rule->has_if) ||
                (rule->multi_value && !rule->has_contains)));
    for (const Rule* next = rule->else_rule; next != nullptr; next = next->else_rule)
      doubted = doubted || (!next->generated_body && !next->has_if);
  }
}

}  // namespace lictor::syntax
