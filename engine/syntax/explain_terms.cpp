// Terms: operators, refs, calls, collections, strings.
#include <algorithm>
#include <array>

#include "json/escape.hpp"
#include "syntax/explain_parser.hpp"
#include "value/number.hpp"

namespace lictor::syntax::explain {

// ---- Operators ----

NodePtr Parser::infix() {
  Depth depth(*this);
  return membership(nullptr, true, state_.place.offset);
}

NodePtr Parser::infix_in_list() {
  Depth depth(*this);
  return membership(nullptr, false, state_.place.offset);
}

NodePtr Parser::call_of(std::vector<NodePtr> items, const Location& place, std::uint32_t offset) {
  NodePtr out = std::make_shared<Node>();
  out->kind = TermKind::call;
  out->items = std::move(items);
  out->place = place;
  set_range(out->place, offset, state_.last_end);
  return out;
}

/// The token at hand as the operator that it names.
NodePtr Parser::operator_here() { return membership_operator(token_name(state_.token)); }

NodePtr Parser::membership_operator(const char* name) {
  NodePtr op = make(TermKind::var);
  op->text = name;
  NodePtr out = make(TermKind::ref);
  out->items = {op};
  scan();
  return out;
}

NodePtr Parser::operator_at(std::initializer_list<Tok> kinds) {
  return is_one_of(kinds) ? operator_here() : nullptr;
}

NodePtr Parser::membership(NodePtr left, bool key_value, std::uint32_t offset) {
  Depth depth(*this);
  if (!left) left = relation(nullptr, offset);
  if (!left) return left;
  auto finished = [&](std::vector<NodePtr> items) {
    NodePtr out = call_of(std::move(items), left->place, offset);
    return is(Tok::in) ? membership(out, key_value, offset) : out;
  };
  if (key_value && is(Tok::comma)) {
    State before = state_;
    scan();
    NodePtr middle = relation(nullptr, offset);
    if (middle && is(Tok::in)) {
      NodePtr op = membership_operator("internal.member_3");
      if (NodePtr right = relation(nullptr, state_.place.offset))
        return finished({op, left, middle, right});
    }
    state_ = before;
  }
  keyword_begins_ref();
  if (!is(Tok::in)) return left;
  NodePtr op = membership_operator("internal.member_2");
  NodePtr right = relation(nullptr, state_.place.offset);
  return right ? finished({op, left, right}) : left;
}

NodePtr Parser::relation(NodePtr left, std::uint32_t offset) {
  return level(0, std::move(left), offset);
}

/// Binary operators, from the loosest level to the tightest.
NodePtr Parser::level(int index, NodePtr left, std::uint32_t offset) {
  static const std::array<std::initializer_list<Tok>, 5> levels = {{
      {Tok::equal, Tok::neq, Tok::lt, Tok::gt, Tok::lte, Tok::gte},
      {Tok::or_},
      {Tok::and_},
      {Tok::plus, Tok::minus},
      {Tok::mul, Tok::div, Tok::rem},
  }};
  if (index == static_cast<int>(levels.size())) return term();
  const std::initializer_list<Tok>& operators = levels[static_cast<std::size_t>(index)];
  if (!left) left = level(index + 1, nullptr, offset);
  while (left) {
    NodePtr op = operator_at(operators);
    if (!op) break;
    NodePtr right = level(index + 1, nullptr, state_.place.offset);
    if (!right) break;
    left = call_of({op, left, right}, left->place, offset);
  }
  return left;
}

// ---- Single terms ----

NodePtr Parser::make(TermKind kind) const {
  NodePtr out = std::make_shared<Node>();
  out->kind = kind;
  out->place = state_.place;
  return out;
}

NodePtr Parser::variable() {
  NodePtr out = make(TermKind::var);
  out->text = state_.lit;
  if (state_.lit != "_") return out;
  int number = state_.wildcards++;
  numbers_.written[state_.place.offset] = number;
  out->text = "$" + std::to_string(number);
  return out;
}

NodePtr Parser::as_root(NodePtr head) {
  bool root = head->kind == TermKind::var && (head->text == "input" || head->text == "data");
  if (!root) return head;
  NodePtr out = std::make_shared<Node>();
  out->kind = TermKind::ref;
  out->place = head->place;
  out->items = {head};
  return out;
}

NodePtr Parser::term() {
  Depth depth(*this);
  std::uint32_t offset = state_.place.offset;
  auto place_of = [](const CachedTerm& one) { return one.offset; };
  auto known = std::find_if(cache_.rbegin(), cache_.rend(),
                            [&](const CachedTerm& one) { return place_of(one) <= offset; });
  if (known != cache_.rend() && known->offset == offset) {
    NodePtr out = known->term;
    state_ = known->after;
    return out;
  }
  NodePtr out = term_without_cache();
  forget_terms_from(offset);
  cache_.push_back({offset, out, state_});
  return out;
}

std::vector<Parser::CachedTerm> Parser::terms_from(std::uint32_t offset) const {
  auto first = cache_.end();
  while (first != cache_.begin() && std::prev(first)->offset >= offset) --first;
  return {first, cache_.end()};
}

void Parser::forget_terms_from(std::uint32_t offset) {
  while (!cache_.empty() && cache_.back().offset >= offset) cache_.pop_back();
}

NodePtr Parser::term_without_cache() {
  if (at_logical_operator() && peek(false) == Tok::left_paren) state_.token = Tok::ident;
  switch (state_.token) {
    case Tok::null:
      return finish(make(TermKind::null_value));
    case Tok::true_:
    case Tok::false_:
      return finish(make(TermKind::boolean));
    case Tok::minus: {
      Location minus = state_.place;
      State before = state_;
      scan();
      if (!is(Tok::ident) && !is(Tok::contains)) {
        state_ = before;
        return finish(number());
      }
      NodePtr value = finish(variable());
      return value ? negative(value, minus) : nullptr;
    }
    case Tok::dot:
    case Tok::number:
      return finish(number());
    case Tok::string:
      return finish(string());
    case Tok::template_part:
    case Tok::template_end:
      return finish(template_string(false));
    case Tok::raw_template_part:
    case Tok::raw_template_end:
      return finish(template_string(true));
    case Tok::ident:
    case Tok::contains:
      return finish(variable());
    case Tok::left_bracket:
      return finish(array());
    case Tok::left_brace:
      return finish(set_or_object());
    case Tok::left_paren:
      return finish(group());
    default:
      illegal();
      return nullptr;
  }
}

/// A minus sign before a ref or a call is a subtraction from zero.
NodePtr Parser::negative(NodePtr value, const Location& minus) {
  NodePtr name = std::make_shared<Node>(), op = std::make_shared<Node>();
  name->kind = TermKind::var;
  name->text = "minus";
  op->kind = TermKind::ref;
  op->items = {name};
  NodePtr zero = std::make_shared<Node>();
  zero->kind = TermKind::number;
  zero->text = "0";
  return call_of({op, zero, value}, minus, minus.offset);
}

NodePtr Parser::group() {
  std::uint32_t offset = state_.place.offset;
  scan();
  NodePtr out = infix();
  if (!out) return nullptr;
  if (!is(Tok::right_paren)) {
    fail(state_.place, "non-terminated expression");
    return nullptr;
  }
  set_range(out->place, offset, state_.token_end);
  return out;
}

NodePtr Parser::finish(NodePtr head) {
  if (!head) return head;
  std::uint32_t offset = state_.place.offset;
  scan_blank();
  if (is_one_of({Tok::left_paren, Tok::dot, Tok::left_bracket})) return ref(head, offset);
  if (is(Tok::whitespace)) scan();
  return as_root(head);
}

/// As finish(), but blanks may follow the name of a rule, and no operator.
NodePtr Parser::finish_head(NodePtr head) {
  std::uint32_t offset = state_.place.offset;
  scan_blank();
  bool is_operator =
      is_one_of({Tok::plus, Tok::minus, Tok::mul, Tok::div, Tok::rem, Tok::and_, Tok::or_,
                 Tok::equal, Tok::neq, Tok::gt, Tok::gte, Tok::lt, Tok::lte});
  if (is_operator)
    illegal();
  else if (is(Tok::whitespace))
    scan();
  if (is_one_of({Tok::left_paren, Tok::dot, Tok::left_bracket})) return ref(head, offset);
  return as_root(head);
}

namespace {}  // namespace

NodePtr Parser::number() {
  NodePtr out = make(TermKind::number);
  std::string prefix;
  if (is(Tok::minus)) {
    prefix = "-";
    scan();
    if (!is(Tok::number) && !is(Tok::dot)) {
      illegal("expected number");
      return nullptr;
    }
  }
  bool fraction = is(Tok::dot);
  if (fraction) {
    prefix += "0.";
    scan();
    if (!is(Tok::number)) {
      illegal("expected number");
      return nullptr;
    }
  }
  std::string_view lit = state_.lit;
  bool exponent = lit.size() > 2 && (lit[1] == 'e' || lit[1] == 'E');
  if (!fraction && lit.size() > 1 && lit[0] == '0' && lit[1] != '.' && !exponent) {
    illegal("expected number without leading zero");
    return nullptr;
  }
  std::string text = prefix + std::string(lit);
  out->text = fraction ? text.substr(0, prefix.size() - 2) + text.substr(prefix.size() - 1) : text;
  const char* fault = is_number_text(text) ? number_fault(text) : "invalid float";
  if (!fault) return out;
  if (fault == std::string_view("number too big"))
    fail(state_.place, fault);
  else
    illegal(fault);
  return nullptr;
}

NodePtr Parser::string() {
  if (state_.lit.size() < 2) return nullptr;
  NodePtr out = make(TermKind::string);
  std::string_view inner = state_.lit.substr(1, state_.lit.size() - 2);
  out->text = inner;
  bool escapes = state_.lit[0] == '"' && inner.find('\\') != inner.npos;
  if (!escapes) return out;
  std::optional<std::string> text = json::unescape(inner);
  if (!text || !state_.lit.ends_with('"')) {
    fail(state_.place, "illegal string literal: " + std::string(state_.lit));
    return nullptr;
  }
  out->text = *text;
  return out;
}

namespace {

/// The literal text of a template string without its backslashes before braces.
std::string without_brace_escapes(std::string_view lit, bool raw) {
  std::string out;
  for (std::size_t i = 0; i < lit.size(); ++i) {
    bool escape = lit[i] == '\\' && i + 1 < lit.size();
    if (escape && lit[i + 1] == '{') continue;
    out += lit[i];
    if (escape && !raw) out += lit[++i];
  }
  return out;
}

}  // namespace

NodePtr Parser::template_string(bool raw) {
  NodePtr out = make(TermKind::template_string);
  if (!options_.language().template_strings) {
    fail(state_.place, "template strings are not supported by current capabilities");
    return nullptr;
  }
  while (true) {
    bool is_part = is_one_of(
        {Tok::template_part, Tok::template_end, Tok::raw_template_part, Tok::raw_template_end});
    if (!is_part) {
      fail(state_.place, "expected template-string part");
      return nullptr;
    }
    std::string text = without_brace_escapes(state_.lit, raw);
    std::string_view inner = std::string_view(text).substr(1, text.size() - 2);
    if (!raw && inner.find('\\') != inner.npos && !json::unescape(inner)) {
      fail(state_.place, "illegal template-string part: " + text);
      return nullptr;
    }
    if (is(Tok::template_end) || is(Tok::raw_template_end)) break;
    if (!template_part(raw, out->body)) return nullptr;
  }
  set_range(out->place, out->place.offset, state_.token_end);
  return out;
}

bool Parser::template_part(bool raw, Expressions& parts) {
  scan();
  ExpressionPtr part = literal();
  if (!part) {
    fail(state_.place, "invalid template-string expression");
    return false;
  }
  std::string op = global_operator(*part);
  const char* fault = part->negated                           ? "unexpected negation ('not')"
                      : op == "eq"                            ? "unexpected unification ('=')"
                      : op == "assign"                        ? "unexpected assignment (':=')"
                      : part->form == Expression::Form::every ? "unexpected 'every'"
                      : part->form == Expression::Form::some  ? "unexpected 'some'"
                                                              : nullptr;
  if (fault) {
    fail(*part->place, std::string(fault) + " in template-string expression");
    return false;
  }
  if (!is(Tok::right_brace)) {
    fail(state_.place, "expected } to end template string expression");
    return false;
  }
  parts.push_back(part);
  state_.last_end = state_.token_end;
  state_.skipped_newline = false;
  take(state_.scanner.next_template_part(raw));
  return true;
}

// ---- Refs and calls ----

NodePtr Parser::ref(NodePtr head, std::uint32_t offset) {
  Depth depth(*this);
  Location place = head->place;
  std::uint32_t end = 0;
  NodePtr out = access(std::move(head), offset, end);
  if (!out) return out;
  out->place = place;
  set_range(out->place, offset, end);
  return out;
}

NodePtr Parser::access(NodePtr head, std::uint32_t offset, std::uint32_t& end) {
  switch (head->kind) {
    case TermKind::null_value:
    case TermKind::boolean:
    case TermKind::number:
    case TermKind::string:
    case TermKind::template_string:
    case TermKind::ref:
      fail(head->place, std::string("illegal ref (head cannot be ") + kind_name(head->kind) + ")");
      break;
    default:
      break;
  }
  NodePtr out = std::make_shared<Node>();
  out->kind = TermKind::ref;
  out->place = head->place;
  out->items.push_back(head);
  while (true) {
    switch (state_.token) {
      case Tok::dot: {
        scan_blank();
        if (!is(Tok::ident) && !is_ref_keyword(state_.token)) {
          illegal("expected identifier");
          return nullptr;
        }
        NodePtr field = make(TermKind::string);
        field->text = state_.lit;
        out->items.push_back(field);
        scan_blank();
        break;
      }
      case Tok::left_paren: {
        set_range(out->place, offset, state_.place.offset);
        NodePtr called = call(out, offset);
        if (called && is(Tok::whitespace))
          scan();
        else if (called && (is(Tok::dot) || is(Tok::left_bracket)))
          called = ref(called, offset);
        end = state_.last_end;
        return called;
      }
      case Tok::left_bracket: {
        scan();
        NodePtr index = infix();
        if (!index) return nullptr;
        if (!is(Tok::right_bracket)) {
          illegal("expected [");
          return nullptr;
        }
        out->items.push_back(index);
        scan_blank();
        break;
      }
      case Tok::whitespace:
        end = state_.last_end;
        scan();
        return out;
      default:
        end = state_.last_end;
        return out;
    }
  }
}

NodePtr Parser::call(NodePtr op, std::uint32_t offset) {
  Depth depth(*this);
  NodePtr out = std::make_shared<Node>();
  out->kind = TermKind::call;
  out->place = op->place;
  out->items.push_back(op);
  scan();
  bool is_empty = is(Tok::right_paren);
  if (!is_empty && !list(Tok::right_paren, out->items)) return nullptr;
  std::uint32_t end = state_.token_end;
  scan_blank();
  bool is_set = is_empty && op->items.size() == 1 && op->items[0]->text == "set" &&
                op->items[0]->kind == TermKind::var;
  if (is_set) {
    out->kind = TermKind::set;
    out->items.clear();
  }
  set_range(out->place, offset, end);
  return out;
}

// ---- Collections ----

bool Parser::list(Tok end, std::vector<NodePtr>& items) {
  if (is(end)) return true;
  while (true) {
    NodePtr item = infix_in_list();
    if (!item) return false;
    items.push_back(item);
    if (is(end)) return true;
    if (!is(Tok::comma)) {
      illegal(std::string("expected \",\" or \"") + token_name(end) + "\"");
      return false;
    }
    scan();
    if (is(end)) return true;
  }
}

bool Parser::pairs(Tok end, std::vector<NodePtr>& items) {
  if (is(end)) return true;
  while (true) {
    NodePtr key = infix_in_list();
    if (!key) return false;
    if (!is(Tok::colon)) {
      illegal("expected \":\"");
      return false;
    }
    scan();
    NodePtr value = infix_in_list();
    if (!value) return false;
    items.push_back(key);
    items.push_back(value);
    if (is(end)) return true;
    if (!is(Tok::comma)) {
      illegal(std::string("expected \",\" or \"") + token_name(end) + "\"");
      return false;
    }
    scan();
    if (is(end)) return true;
  }
}

namespace {

NodePtr collection(TermKind kind, std::vector<NodePtr> items, Expressions body = {}) {
  NodePtr out = std::make_shared<Node>();
  out->kind = kind;
  out->items = std::move(items);
  out->body = std::move(body);
  return out;
}

}  // namespace

NodePtr Parser::bracketed(NodePtr (Parser::*inside)()) {
  Depth depth(*this);
  Location place = state_.place;
  NodePtr out = (this->*inside)();
  if (!out) return out;
  out->place = place;
  set_range(out->place, place.offset, state_.token_end);
  return out;
}

NodePtr Parser::array() { return bracketed(&Parser::array_inside); }

NodePtr Parser::array_inside() {
  scan();
  if (is(Tok::right_bracket)) return collection(TermKind::array, {});
  bool comprehension = !is(Tok::comma);
  if (!comprehension) scan();
  State start = state_;
  NodePtr head = term();
  if (!head) return nullptr;
  if (is(Tok::right_bracket)) return collection(TermKind::array, {head});
  std::vector<NodePtr> items;
  if (is(Tok::comma)) {
    scan();
    items.push_back(head);
    return list(Tok::right_bracket, items) ? collection(TermKind::array, items) : nullptr;
  }
  if (is(Tok::or_) && comprehension) {
    scan();
    if (MaybeBody inner = body(Tok::right_bracket))
      return collection(TermKind::array_comprehension, {head}, *inner);
    if (!is(Tok::comma)) return nullptr;
  }
  state_ = start;
  return list(Tok::right_bracket, items) ? collection(TermKind::array, items) : nullptr;
}

NodePtr Parser::set_or_object() { return bracketed(&Parser::set_or_object_inside); }

NodePtr Parser::set_or_object_inside() {
  scan();
  if (is(Tok::right_brace)) return collection(TermKind::object, {});
  bool comprehension = !is(Tok::comma);
  if (!comprehension) scan();
  State start = state_;
  NodePtr head = term();
  if (!head) return nullptr;
  bool is_set = (is(Tok::or_) && comprehension) || is(Tok::right_brace) || is(Tok::comma);
  if (is_set) return set(start, head, comprehension);
  if (is(Tok::colon)) return object(head, comprehension);
  state_ = start;
  head = infix_in_list();
  if (!head) return nullptr;
  if (is(Tok::right_brace) || is(Tok::comma)) return set(start, head, false);
  if (is(Tok::colon)) return object(head, comprehension);
  illegal("non-terminated set");
  return nullptr;
}

NodePtr Parser::set(const State& start, NodePtr first, bool comprehension) {
  if (is(Tok::right_brace)) return collection(TermKind::set, {first});
  std::vector<NodePtr> items;
  if (is(Tok::comma)) {
    scan();
    items.push_back(first);
    return list(Tok::right_brace, items) ? collection(TermKind::set, items) : nullptr;
  }
  if (comprehension) {
    scan();
    if (MaybeBody inner = body(Tok::right_brace))
      return collection(TermKind::set_comprehension, {first}, *inner);
    if (!is(Tok::comma)) return nullptr;
  }
  state_ = start;
  return list(Tok::right_brace, items) ? collection(TermKind::set, items) : nullptr;
}

NodePtr Parser::object(NodePtr key, bool comprehension) {
  scan();
  State start = state_;
  NodePtr value = term();
  if (!value) return nullptr;
  if (comprehension) {
    if (is(Tok::right_brace) || is(Tok::comma)) return object_end(key, value, true);
    if (is(Tok::or_)) {
      if (NodePtr done = object_end(key, value, true)) return done;
    }
  }
  state_ = start;
  value = infix_in_list();
  if (!value) return nullptr;
  if (is(Tok::right_brace) || is(Tok::comma)) return object_end(key, value, false);
  illegal("non-terminated object");
  return nullptr;
}

NodePtr Parser::object_end(NodePtr key, NodePtr value, bool comprehension) {
  if (is(Tok::right_brace)) return collection(TermKind::object, {key, value});
  if (is(Tok::or_)) {
    if (!comprehension) {
      illegal("non-terminated object");
      return nullptr;
    }
    scan();
    MaybeBody inner = body(Tok::right_brace);
    return inner ? collection(TermKind::object_comprehension, {key, value}, *inner) : nullptr;
  }
  std::vector<NodePtr> items{key, value};
  scan();
  return pairs(Tok::right_brace, items) ? collection(TermKind::object, items) : nullptr;
}

}  // namespace lictor::syntax::explain
