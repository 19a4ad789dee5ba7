// Terms, and the collections that they make.
#include <algorithm>

#include "format/writer.hpp"
#include "syntax/term_order.hpp"
#include "syntax/visit.hpp"

namespace lictor::format {

namespace {

std::size_t arity_of(const Term& infix_call) {
  return syntax::operator_name(infix_call) == "internal.member_3" ? 3 : 2;
}

bool is_closing_quote(char c) { return c == '"' || c == '`'; }

/// A brace that opens an expression is escaped in text.
std::string escaped_braces(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && (i == 0 || text[i - 1] != '\\')) out += '\\';
    out += text[i];
  }
  return out;
}

/// Text that is written when a scope ends, be it by a fault.
class Closing {
 public:
  Closing(std::string& out, std::string_view text) : out_(out), text_(text) {}
  ~Closing() { out_ += text_; }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;

 private:
  std::string& out_;
  std::string_view text_;
};

}  // namespace

bool is_unplaced(const Term& term) {
  if (term.kind == TermKind::var) return term.text.starts_with("__local");
  bool sign = term.kind == TermKind::call && !term.infix && term.items[0]->span.text() == "-";
  return sign;
}

bool has_unplaced_term(const Term& term) {
  bool found = is_unplaced(term) || (term.body && has_unplaced_term(*term.body));
  for (Term* item : term.items)
    syntax::visit_all(*item, [&](Term& inner) { found = found || is_unplaced(inner); });
  return found;
}

bool has_unplaced_term(const Body& body) {
  bool found = false;
  syntax::visit_all(body, [&](Term& term) { found = found || is_unplaced(term); });
  syntax::visit_exprs(body, [&](const Expr& expr) {
    for (const Term* var : expr.vars) found = found || is_unplaced(*var);
  });
  return found;
}

bool is_union(const Term& term) {
  return term.kind == TermKind::call && term.items[0]->kind == TermKind::var &&
         term.items[0]->text == "or";
}

const Term* leading_operand(const Term& call) {
  if (syntax::infix_of(call) == nullptr) return nullptr;
  std::size_t arity = arity_of(call), given = call.items.size() - 1;
  return given == arity ? call.items[1] : given == arity + 1 ? call.items.back() : nullptr;
}

Location Writer::location_of(const Term& term) {
  if (relocated_) return *relocated_;
  auto moved = moved_.find(&term);
  return moved == moved_.end() ? locations_.of(term) : moved->second;
}

Location Writer::location_of(const Expr& expr) {
  if (relocated_) return *relocated_;
  auto moved = moved_exprs_.find(&expr);
  return moved == moved_exprs_.end() ? locations_.of(expr) : moved->second;
}

Rest Writer::term(const Term& term, Comments comments) {
  if (comments.empty()) return term_in_parens(false, term, comments);
  std::size_t size = out_.size();
  int level = level_;
  Rest rest = term_in_parens(false, term, comments);
  if (rest.stops()) return {{}, Fault::stop};
  if (rest.ok()) return rest;
  out_.resize(size);
  level_ = level;
  Location location = location_of(term);
  if (before_end_ && !location.text.empty()) {
    auto row = static_cast<std::int64_t>(before_end_->row);
    if (row >= location.row && row <= location.last_row()) before_end_ = nullptr;
  }
  rest = unformatted(location, comments);
  return rest.stops() ? Rest{{}, Fault::stop} : Rest{rest.comments, Fault::comment};
}

/// Writes the text as it was; the comments in it are written with it.
Rest Writer::unformatted(const Location& location, Comments comments) {
  if (location.text.empty()) {
    fail(location, "original unformatted text is empty");
    return {{}, Fault::stop};
  }
  put(location.text);
  std::int64_t last = location.last_row();
  while (!comments.empty() && comments[0]->row < last) comments = comments.subspan(1);
  while (comment_on_final_line_ && !comments.empty() && comments[0]->row == last) {
    put(" ");
    put(comments[0]->span.text());
    comments = comments.subspan(1);
  }
  return {comments};
}

Rest Writer::term_in_parens(bool parens, const Term& term, Comments comments) {
  if (term_in_parens_ == &term) {
    term_in_parens_ = nullptr;
    parens = true;
  }
  Rest rest = insert_comments(comments, location_of(term));
  if (!rest.ok()) return {{}, rest.fault};
  if (!inline_) start_line();
  rest = value(parens, term, rest.comments);
  if (!rest.ok()) return {{}, rest.fault};
  if (!inline_) start_line();
  return rest;
}

Rest Writer::value(bool parens, const Term& term, Comments comments) {
  Location location = location_of(term);
  switch (term.kind) {
    case TermKind::ref:
      return ref(term.items, comments);
    case TermKind::object: {
      Closing close(out_, "}");
      put("{");
      std::vector<Element> elements;
      for (std::size_t i = 0; i < term.items.size(); i += 2)
        elements.push_back({term.items[i], term.items[i + 1]});
      return iterable(std::move(elements), location, closing(location, '{', '}'), Unions::in_parens,
                      comments);
    }
    case TermKind::array: {
      Closing close(out_, "]");
      put("[");
      std::vector<Element> elements;
      for (const Term* item : term.items) elements.push_back({item});
      return iterable(std::move(elements), location, closing(location, '[', ']'), Unions::in_parens,
                      comments);
    }
    case TermKind::set: {
      if (term.items.empty()) {
        put("set()");
        return insert_comments(comments, closing(location, '(', ')'));
      }
      Closing close(out_, "}");
      put("{");
      std::vector<Element> elements;
      for (const Term* item : syntax::sorted_members(term)) elements.push_back({item});
      return iterable(std::move(elements), location, closing(location, '{', '}'), Unions::in_parens,
                      comments);
    }
    case TermKind::array_comprehension:
    case TermKind::set_comprehension:
    case TermKind::object_comprehension:
      return comprehension(term, comments);
    case TermKind::string:
      return string(term, comments);
    case TermKind::template_string:
      return template_string(term, comments);
    case TermKind::var:
      put(term.text.starts_with('$') ? "_" : term.text);
      return {comments};
    case TermKind::call:
      return call(parens, term, comments);
    case TermKind::number: {
      // The tree has a digit in front of a point that has none.
      bool bare = term.span.text().starts_with('.') || term.span.text().starts_with("-.");
      put(bare ? term.span.text() : term.text);
      return {comments};
    }
    default:
      put(syntax::to_text(term));
      return {comments};
  }
}

/// As it was written, escapes and all.
Rest Writer::string(const Term& term, Comments comments) {
  std::string_view text = location_of(term).text;
  if (text.starts_with('`')) {
    put(text);
    return {comments};
  }
  // The text may have more in front: `else := "x"`.
  bool quoted = !text.empty() && is_closing_quote(text.back());
  if (quoted)
    put(text.substr(text.find(text.back())));
  else
    put(syntax::to_text(term));
  return {comments};
}

Rest Writer::template_string(const Term& term, Comments comments) {
  bool raw = term.span.text().starts_with("$`");
  put(raw ? "$`" : "$\"");
  for (std::size_t i = 0; i < term.items.size(); ++i) {
    const Term& part = *term.items[i];
    if (part.kind == TermKind::string) {
      std::string text = escaped_braces(raw ? part.text : syntax::to_text(part));
      put(raw ? text : text.substr(1, text.size() - 2));
    } else if (part.kind != TermKind::set_comprehension) {
      put(syntax::to_text(part));
    } else {
      Rest rest =
          template_part(part, i + 1 < term.items.size() ? term.items[i + 1] : nullptr, comments);
      if (!rest.ok()) return rest;
      comments = rest.comments;
    }
  }
  put(raw ? "`" : "\"");
  return {comments};
}

/// An expression in a template string, with the comments before it and before the `next` part.
Rest Writer::template_part(const Term& part, const Term* next, Comments comments) {
  // The grammar makes the set of an expression's values of it: {x | x = expression}.
  Expr written = *part.body->exprs[0];
  written.term = written.term->items[2];
  put("{");
  up();
  if (before_end_) {
    end_line();
    start_line();
  } else if (Comments before = comments_before(comments, location_of(written)); !before.empty()) {
    put(" ");
    inline_ = true;
    write_comments(before);
    comments = comments.subspan(before.size());
  }
  Rest rest = expr(written, comments);
  if (!rest.ok()) return rest;
  if (next) {
    Comments before = comments_before(rest.comments, location_of(*next));
    if (!before.empty()) {
      end_line();
      write_comments(before);
      rest.comments = rest.comments.subspan(before.size());
      start_line();
    }
  }
  put("}");
  down();
  return rest;
}

Rest Writer::ref(const Terms& items, Comments comments) {
  const Term& head = *items[0];
  bool parens = head.kind == TermKind::call && location_of(head).text.starts_with('(');
  Rest rest = term_in_parens(parens, head, comments);
  if (!rest.ok()) return {{}, rest.fault};
  for (std::size_t i = 1; i < items.size(); ++i) {
    const Term& item = *items[i];
    if (item.kind == TermKind::string) {
      put(needs_brackets(item.text, location_of(item)) ? "[" + syntax::to_text(item) + "]"
                                                       : "." + item.text);
      continue;
    }
    put("[");
    if (item.kind == TermKind::var && item.text != "input" && item.text != "data") {
      put(item.text.starts_with('$') ? "_" : item.text);
    } else {
      rest = term(item, rest.comments);
      if (rest.stops()) return {{}, Fault::stop};
      if (!rest.ok()) put("\n");  // the bracket is not to be part of the comment
    }
    put("]");
  }
  return {rest.comments};
}

bool Writer::needs_brackets(const std::string& text, const Location& location) const {
  auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  bool plain = !text.empty() && (text[0] < '0' || text[0] > '9') &&
               std::all_of(text.begin(), text.end(), is_name);
  if (!plain) return true;
  bool keyword = std::find(keywords_.begin(), keywords_.end(), text) != keywords_.end();
  return keyword && location.text.starts_with('"');
}

// ---- Calls ----

Rest Writer::call(bool parens, const Term& call, Comments comments) {
  const char* infix = syntax::infix_of(call);
  if (infix == nullptr) return plain_call(call, comments);
  std::vector<const Term*> operands(call.items.begin() + 1, call.items.end());
  if (operands.size() != arity_of(call)) {
    fail(location_of(call), call.items[0]->text + ": arity mismatch");
    return {comments};
  }
  if (std::string_view(infix) == "in") return membership(true, operands, comments);
  if (parens) put("(");
  Rest rest = term_in_parens(true, *operands[0], comments);
  if (!rest.ok()) return {{}, rest.fault};
  put(" " + std::string(infix) + " ");
  rest = term_in_parens(true, *operands[1], rest.comments);
  if (!rest.ok()) return {{}, rest.fault};
  if (parens) put(")");
  return rest;
}

/// A call that is an expression, whose result may be one of its operands.
Rest Writer::call_statement(const Term& call, Comments comments) {
  const char* infix = syntax::infix_of(call);
  if (infix == nullptr) return plain_call(call, comments);
  std::vector<const Term*> operands(call.items.begin() + 1, call.items.end());
  bool is_membership = std::string_view(infix) == "in";
  if (is_membership && operands.size() == arity_of(call))
    return membership(false, operands, comments);
  if (is_membership || operands.size() < 2 || operands.size() > 3) {
    fail(locations_.of_operator(call), call.items[0]->text + ": arity mismatch");
    return is_membership ? Rest{comments} : plain_call(call, comments);
  }
  Rest rest{comments};
  if (operands.size() == 3) {
    rest = term(*operands[2], rest.comments);
    if (!rest.ok()) return {{}, rest.fault};
    put(" = ");
  }
  rest = term(*operands[0], rest.comments);
  if (!rest.ok()) return {{}, rest.fault};
  put(" " + std::string(infix) + " ");
  Rest last = term(*operands[1], rest.comments);
  return operands.size() == 3 && !last.ok() ? Rest{{}, last.fault} : last;
}

Rest Writer::plain_call(const Term& call, Comments comments) {
  Location location = relocated_ ? *relocated_ : locations_.of_operator(call);
  Rest rest{comments};
  if (call.items[0]->kind == TermKind::ref) {
    rest = ref(call.items[0]->items, comments);
    if (!rest.ok()) return rest;
  } else {
    rest = insert_comments(comments, location);
    if (!rest.ok()) return {{}, rest.fault};
    if (!inline_) start_line();
    put(call.items[0]->text.starts_with('$') ? "_" : call.items[0]->text);
  }
  Closing close(out_, ")");
  put("(");
  std::vector<Element> elements;
  for (std::size_t i = 1; i < call.items.size(); ++i) elements.push_back({call.items[i]});
  // OPA goes on with all comments here, and writes those twice that stand before the operator.
  rest = iterable(std::move(elements), location, closing(location, '(', ')'), Unions::as_written,
                  comments);
  return rest.ok() ? rest : Rest{{}, rest.fault};
}

Rest Writer::membership(bool parens, const std::vector<const Term*>& operands, Comments comments) {
  bool with_key = operands.size() == 3;
  parens = parens && with_key;
  Closing close(out_, parens ? ")" : "");
  if (parens) put("(");
  Rest rest{comments};
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) put(i + 1 < operands.size() ? ", " : " in ");
    rest = term_in_parens(true, *operands[i], rest.comments);
    if (!rest.ok()) return {{}, rest.fault};
  }
  return rest;
}

// ---- Comprehensions ----

Rest Writer::comprehension(const Term& term, Comments comments) {
  bool is_array = term.kind == TermKind::array_comprehension;
  char open = is_array ? '[' : '{', close = is_array ? ']' : '}';
  Closing closing_text(out_, is_array ? "]" : "}");
  put(is_array ? "[" : "{");
  if (term.kind != TermKind::object_comprehension)
    return heads_body(open, close, *term.items[0], location_of(*term.items[0]), term, comments);
  const Term &key = *term.items[0], &value = *term.items[1];
  // The value is not to come to a line of its own.
  Location beside = location_of(value);
  beside.row = location_of(term).row;
  moved_[&value] = beside;
  bool parens = is_union(key);
  if (parens) put("(");
  Rest rest = this->term(key, comments);
  if (!rest.ok()) return {{}, rest.fault};
  if (parens) put(")");
  put(": ");
  return heads_body(open, close, value, beside, term, rest.comments);
}

/// A comprehension's last head, and its body.
Rest Writer::heads_body(char open, char close, const Term& head, const Location& head_location,
                        const Term& term, Comments comments) {
  Location whole = location_of(term);
  if (head_location.row > whole.row) {
    end_line();
    start_line();
  }
  bool parens =
      head.kind == TermKind::call && (is_union(head) || head_location.text.starts_with('('));
  Rest rest = term_in_parens(parens, head, comments);
  if (!rest.ok()) return {{}, rest.fault};
  put(" |");
  return closure_body(open, close, *term.body, head_location, whole, rest.comments);
}

// ---- Lists ----

std::vector<std::vector<Writer::Element>> Writer::lines_of(std::vector<Element>& elements) {
  // OPA does not trust the places of its own variables, but does not look into objects for them.
  bool generated = std::any_of(elements.begin(), elements.end(), [](const Element& element) {
    return element.value == nullptr && has_unplaced_term(*element.key);
  });
  if (generated) return {elements};
  std::stable_sort(elements.begin(), elements.end(), [&](const Element& a, const Element& b) {
    Location one = location_of(*a.key), other = location_of(*b.key);
    return std::pair(one.row, one.col) < std::pair(other.row, other.col);
  });
  std::vector<std::vector<Element>> out(1);
  std::int64_t row = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    std::int64_t next = location_of(*elements[i].key).row;
    if (i > 0 && next > row) out.emplace_back();
    row = next;
    out.back().push_back(elements[i]);
  }
  return out;
}

/// Elements that stood on lines of their own stay there. `last` is where what holds them begins.
Rest Writer::iterable(std::vector<Element> elements, const Location& last, const Location& close,
                      Unions unions, Comments comments) {
  std::vector<std::vector<Element>> lines = lines_of(elements);
  bool breaks = false;
  if (lines.size() == 1) {
    for (const Comment* comment : comments) {
      if (comment->row >= close.row) break;
      if (comment->row > last.row) return {comments, Fault::comment};
    }
    if (!elements.empty()) {
      std::size_t first = last.text.find(location_of(*elements[0].key).text);
      std::size_t newline = last.text.find('\n');
      breaks = first != std::string_view::npos && newline < first && newline > 0;
    }
  }
  bool many_lines = lines.size() > 1 || breaks;
  if (many_lines) {
    delay_ = true;
    end_line();
    up();
    start_line();
  }
  Rest rest{comments};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    rest = iterable_line(lines[i], unions, rest.comments);
    if (!rest.ok()) return {{}, rest.fault};
    if (i + 1 == lines.size()) break;
    put(",");
    end_line();
    start_line();
  }
  if (!many_lines) return rest;
  put(",");
  end_line();
  rest = insert_comments(rest.comments, close);
  if (!rest.ok()) return {{}, rest.fault};
  down();
  start_line();
  return rest;
}

Rest Writer::iterable_line(const std::vector<Element>& line, Unions unions, Comments comments) {
  Rest rest{comments};
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i > 0) put(", ");
    rest = element(line[i], unions, rest.comments);
    if (!rest.ok()) return i + 1 == line.size() ? rest : Rest{{}, rest.fault};
  }
  return rest;
}

/// `x | y` is written in parentheses where it would be read as a comprehension.
Rest Writer::element(const Element& element, Unions unions, Comments comments) {
  bool parens = is_union(*element.key) &&
                (unions == Unions::in_parens || location_of(*element.key).text.starts_with('('));
  if (element.value == nullptr) {
    Closing close(out_, parens ? ")" : "");
    if (parens) put("(");
    return term(*element.key, comments);
  }
  if (parens) put("(");
  Rest rest = term(*element.key, comments);
  if (!rest.ok()) return {{}, rest.fault};
  if (parens) put(")");
  put(": ");
  bool value_parens = is_union(*element.value);
  Closing close(out_, value_parens ? ")" : "");
  if (value_parens) put("(");
  return term(*element.value, rest.comments);
}

}  // namespace lictor::format
