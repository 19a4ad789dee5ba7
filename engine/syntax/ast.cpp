// Copies of nodes, and what can be said of one by itself.
#include "syntax/ast.hpp"

#include <algorithm>

#include "syntax/variables.hpp"

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
  out->origin = from.origin;
  out->term = copied(from.term);
  out->key = copied(from.key);
  out->value = copied(from.value);
  out->domain = copied(from.domain);
  for (const Term* var : from.vars) out->vars.push_back(copy(*var));
  for (const Body* body : from.bodies) out->bodies.push_back(copy(*body));
  for (const With& with : from.with) {
    out->with.push_back(
        {copy(*with.target), copied(with.value), with.builtin, with.span, with.builtin_span});
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
  bool bare_call = rule.is_function && rule.generated_body;
  if (!two || bare_call || rule.multi_value) return nullptr;
  const Term* key = rule.ref->items[1];
  bool constant = !has_variable(*key) && key->kind != TermKind::ref && !is_root(*key);
  return rule.has_if && constant ? nullptr : key;
}

bool has_name(const Rule& rule) {
  if (rule.ref->items.size() == 1) return true;
  if (rule.ref->items.size() != 2 || rule.multi_value) return false;
  return rule.has_if ? !rule.generated_value || !rule.args.empty() : head_key(rule) != nullptr;
}

bool is_scalar(const Term& term) {
  return term.kind == TermKind::null_value || term.kind == TermKind::boolean ||
         term.kind == TermKind::number || term.kind == TermKind::string;
}

bool is_ground(const Term& term) {
  if (is_scalar(term)) return true;
  switch (term.kind) {
    case TermKind::array:
    case TermKind::object:
    case TermKind::set:
      return std::all_of(term.items.begin(), term.items.end(),
                         [](const Term* item) { return is_ground(*item); });
    default:
      return false;
  }
}

bool has_no_variables(const Term& term) {
  bool parts = term.kind == TermKind::ref || term.kind == TermKind::array ||
               term.kind == TermKind::object || term.kind == TermKind::set;
  if (!parts) return is_scalar(term);
  return std::all_of(term.items.begin() + (term.kind == TermKind::ref ? 1 : 0), term.items.end(),
                     [](const Term* item) { return has_no_variables(*item); });
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

}  // namespace lictor::syntax
