// Copies of nodes, and their two text forms.
#include "syntax/ast.hpp"

#include <algorithm>
#include <cctype>

#include "base/unicode.hpp"

namespace lictor::syntax {

Term* Ast::copy(const Term& from) {
  Term* out = term(from.kind, from.span);
  out->flag = from.flag;
  out->infix = from.infix;
  out->parens = from.parens;
  out->text = from.text;
  for (const Term* item : from.items) out->items.push_back(copy(*item));
  if (from.body) out->body = copy(*from.body);
  return out;
}

std::string_view Expr::written() const {
  if (!parens.empty()) return parens;
  if (generated || with.empty() || span.source == nullptr) return span.text();
  return Span{span.source, span.first, std::max(span.last, with.back().span.last)}.text();
}

Expr* Ast::copy(const Expr& from) {
  Expr* out = expr(from.kind, from.span);
  auto copied = [this](const Term* term) { return term ? copy(*term) : nullptr; };
  out->negated = from.negated;
  out->generated = from.generated;
  out->parens = from.parens;
  out->term = copied(from.term);
  out->key = copied(from.key);
  out->value = copied(from.value);
  out->domain = copied(from.domain);
  for (const Term* var : from.vars) out->vars.push_back(copy(*var));
  for (const Body* body : from.bodies) out->bodies.push_back(copy(*body));
  for (const With& with : from.with) {
    out->with.push_back({copy(*with.target), copied(with.value), with.builtin, with.span});
  }
  return out;
}

Body* Ast::copy(const Body& from) {
  Body* out = body(from.span);
  out->implicit = from.implicit;
  for (const Expr* expr : from.exprs) out->exprs.push_back(copy(*expr));
  return out;
}

Span head_span(const Rule& rule) {
  Span out = rule.span;
  if (out.source == nullptr || is_chained(rule)) return out;
  const char* text = out.source->text.data();
  auto end_of = [&](const Term& term) {
    std::string_view written = term.written();
    return static_cast<std::uint32_t>(written.data() + written.size() - text);
  };
  if (rule.is_default) out.first = rule.ref->span.first;
  if (rule.value && !rule.generated_value) {
    out.last = end_of(*rule.value);
  } else if (rule.has_contains) {
    out.last = end_of(*rule.key);
  } else if (rule.ref->span.first < out.first) {  // `else` by itself
    out.last = out.first + 4;
  } else if (!rule.args.empty()) {
    std::size_t close = out.source->text.find(')', end_of(*rule.args.back()));
    if (close != std::string::npos) out.last = static_cast<std::uint32_t>(close) + 1;
  } else {
    out.last = end_of(*rule.ref);
  }
  return out;
}

const Term* head_key(const Rule& rule) {
  if (rule.key) return rule.key;
  bool two = rule.ref->items.size() == 2 && rule.args.empty() && !rule.is_default;
  if (!two || rule.multi_value) return nullptr;
  const Term* key = rule.ref->items[1];
  return rule.has_if && is_ground(*key) ? nullptr : key;
}

bool is_ground(const Term& term) {
  switch (term.kind) {
    case TermKind::null_value:
    case TermKind::boolean:
    case TermKind::number:
    case TermKind::string:
      return true;
    case TermKind::array:
    case TermKind::object:
    case TermKind::set:
      return std::all_of(term.items.begin(), term.items.end(),
                         [](const Term* item) { return is_ground(*item); });
    default:
      return false;
  }
}

const char* kind_name(TermKind kind) {
  switch (kind) {
    case TermKind::null_value:
      return "null";
    case TermKind::boolean:
      return "boolean";
    case TermKind::number:
      return "number";
    case TermKind::string:
      return "string";
    case TermKind::var:
      return "var";
    case TermKind::ref:
      return "ref";
    case TermKind::array:
      return "array";
    case TermKind::object:
      return "object";
    case TermKind::set:
      return "set";
    case TermKind::array_comprehension:
      return "arraycomprehension";
    case TermKind::set_comprehension:
      return "setcomprehension";
    case TermKind::object_comprehension:
      return "objectcomprehension";
    case TermKind::call:
      return "call";
    case TermKind::template_string:
      return "templatestring";
  }
  return "";
}

namespace {

bool is_name(const std::string& text) {
  auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), letter);
}

std::string quoted(const std::string& text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

std::string join(const std::vector<Term*>& items, std::size_t first) {
  std::string out;
  for (std::size_t i = first; i < items.size(); ++i) {
    if (i != first) out += ", ";
    out += to_text(*items[i]);
  }
  return out;
}

std::string ref_text(const Term& ref) {
  std::string out = to_text(*ref.items[0]);
  for (std::size_t i = 1; i < ref.items.size(); ++i) {
    const Term& item = *ref.items[i];
    if (item.kind == TermKind::string && is_name(item.text)) {
      out += "." + item.text;
    } else {
      out += "[" + to_text(item) + "]";
    }
  }
  return out;
}

std::string object_text(const Term& object) {
  std::string out = "{";
  for (std::size_t i = 0; i + 1 < object.items.size(); i += 2) {
    if (i != 0) out += ", ";
    out += to_text(*object.items[i]) + ": " + to_text(*object.items[i + 1]);
  }
  return out + "}";
}

}  // namespace

namespace {

/// An equality as it is written; other operators as calls.
std::string infix_text(const Term& term) {
  bool call = term.kind == TermKind::call && term.items.size() == 3;
  std::string name = call ? operator_name(term) : "";
  if (name != "eq" && name != "assign") return to_text(term);
  return to_text(*term.items[1]) + (name == "eq" ? " = " : " := ") + to_text(*term.items[2]);
}

}  // namespace

std::string to_text(const Expr& expr) {
  std::string out = expr.negated ? "not " : "";
  switch (expr.kind) {
    case ExprKind::term:
      out += infix_text(*expr.term);
      break;
    case ExprKind::some_decl:
      out += "some " + join(expr.vars, 0);
      break;
    case ExprKind::some_in:
    case ExprKind::every:
      out += expr.kind == ExprKind::every ? "every " : "some ";
      if (expr.key) out += to_text(*expr.key) + ", ";
      out += to_text(*expr.value) + " in " + to_text(*expr.domain);
      break;
    case ExprKind::not_body:
      out += "not";
      break;
    case ExprKind::logical_and:
      out += "and";
      break;
    case ExprKind::logical_or:
      out += "or";
      break;
  }
  for (const Body* body : expr.bodies) out += " { " + to_text(*body) + " }";
  for (const With& with : expr.with) {
    out += " with " + to_text(*with.target) + " as " +
           (with.value ? to_text(*with.value) : with.builtin);
  }
  return out;
}

std::string to_text(const Body& body) {
  std::string out;
  for (const Expr* expr : body.exprs) {
    if (!out.empty()) out += "; ";
    out += to_text(*expr);
  }
  return out;
}

std::string operator_name(const Term& call) { return to_text(*call.items[0]); }

std::string to_text(const Term& term) {
  switch (term.kind) {
    case TermKind::null_value:
      return "null";
    case TermKind::boolean:
      return term.flag ? "true" : "false";
    case TermKind::number:
      return term.text;
    case TermKind::string:
      return quoted(term.text);
    case TermKind::var:
      return term.text[0] == '$' ? "_" : term.text;
    case TermKind::ref:
      return ref_text(term);
    case TermKind::array:
      return "[" + join(term.items, 0) + "]";
    case TermKind::object:
      return object_text(term);
    case TermKind::set:
      return term.items.empty() ? "set()" : "{" + join(term.items, 0) + "}";
    case TermKind::array_comprehension:
      return "[" + to_text(*term.items[0]) + " | " + to_text(*term.body) + "]";
    case TermKind::set_comprehension:
      return "{" + to_text(*term.items[0]) + " | " + to_text(*term.body) + "}";
    case TermKind::object_comprehension:
      return "{" + to_text(*term.items[0]) + ": " + to_text(*term.items[1]) + " | " +
             to_text(*term.body) + "}";
    case TermKind::call:
      return to_text(*term.items[0]) + "(" + join(term.items, 1) + ")";
    case TermKind::template_string:
      return "$template(" + join(term.items, 0) + ")";
  }
  return {};
}

namespace {

void dump_rule(std::string& out, const Rule& rule, const char* label) {
  out += std::string(label) + to_text(*rule.ref);
  if (rule.is_function) out += "(" + join(rule.args, 0) + ")";
  if (rule.multi_value) out += " contains " + to_text(*rule.key);
  if (rule.value) out += (rule.assigned ? " := " : " = ") + to_text(*rule.value);
  out += "\n";
  if (!rule.is_default && rule.body) {
    for (const Expr* expr : rule.body->exprs) out += "    " + to_text(*expr) + "\n";
  }
  if (rule.else_rule) dump_rule(out, *rule.else_rule, "  else ");
}

}  // namespace

std::string dump(const Module& module) {
  std::string out = "package";
  for (const Term* part : module.package) out += " " + to_text(*part);
  out += "\n";
  for (const Import& import : module.imports) {
    out += "import " + to_text(*import.path);
    if (!import.alias.empty()) out += " as " + import.alias;
    out += "\n";
  }
  for (const Rule* rule : module.rules) {
    dump_rule(out, *rule, rule->is_default ? "default rule " : "rule ");
  }
  return out;
}

}  // namespace lictor::syntax
