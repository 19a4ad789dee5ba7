// The two text forms of nodes: Rego's notation, as OPA writes what its compiler made, and a tree.
// Source of the former: OPA v1/ast/policy_appenders.go, term_appenders.go.
#include <algorithm>
#include <cctype>
#include <map>

#include "base/unicode.hpp"
#include "syntax/parse_state.hpp"
#include "syntax/term_order.hpp"

namespace lictor::syntax {
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

std::string join(const Terms& items, std::size_t first) {
  std::string out;
  for (std::size_t i = first; i < items.size(); ++i) {
    if (i != first) out += ", ";
    out += to_text(*items[i]);
  }
  return out;
}

bool has_control_or_backslash(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F || c == '\\') return true;
    // The controls U+0080 to U+009F.
    bool two = c == 0xC2 && i + 1 < text.size();
    if (two && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

/// In brackets of a ref, quotes are escaped only beside what has to be.
std::string key_text(const Term& key) {
  bool plain = key.kind == TermKind::string && !has_control_or_backslash(key.text);
  return plain ? '"' + key.text + '"' : to_text(key);
}

std::string ref_text(const Term& ref) {
  const Term& head = *ref.items[0];
  std::string out = head.kind == TermKind::string ? head.text : to_text(head);
  for (std::size_t i = 1; i < ref.items.size(); ++i) {
    const Term& item = *ref.items[i];
    bool dotted =
        item.kind == TermKind::string && is_name(item.text) && !is_keyword(item.text, v1_keywords);
    out += dotted ? "." + item.text : "[" + key_text(item) + "]";
  }
  return out;
}

std::string object_text(const Term& object) {
  std::string out = "{";
  for (const auto& [key, value] : sorted_members_of_object(object))
    out += (out.size() == 1 ? "" : ", ") + to_text(*key) + ": " + to_text(*value);
  return out + "}";
}

/// `x = y` as it is written; other operators, `:=` too, as calls.
std::string infix_text(const Term& term) {
  bool call = term.kind == TermKind::call && term.items.size() == 3;
  std::string name = call ? operator_name(term) : "";
  if (name != "eq") return to_text(term);
  return to_text(*term.items[1]) + " = " + to_text(*term.items[2]);
}

bool begins_with_brace(const Expr& expr) {
  return expr.kind == ExprKind::term && begins_with_brace(*expr.term);
}

std::string in_parens(bool parens, const Body& body) {
  return parens ? "(" + to_text(body) + ")" : to_text(body);
}

std::string negation_text(const Body& body) {
  bool bare = body.implicit && body.exprs.size() == 1;
  if (!bare) return "not {" + to_text(body) + "}";
  const Expr& expr = *body.exprs[0];
  bool parens = !expr.with.empty() || expr.kind == ExprKind::logical_and ||
                expr.kind == ExprKind::logical_or || expr.kind == ExprKind::not_body ||
                begins_with_brace(expr);
  return "not " + in_parens(parens, body);
}

std::string operand_text(const Body& body, ExprKind chain, bool right) {
  bool bare = body.implicit && body.exprs.size() == 1;
  if (!bare) return "{ " + to_text(body) + " }";
  const Expr& expr = *body.exprs[0];
  bool within_and = chain == ExprKind::logical_and;
  bool parens = !expr.with.empty() || begins_with_brace(expr) ||
                (expr.kind == ExprKind::logical_or && (within_and || right)) ||
                (expr.kind == ExprKind::logical_and && within_and && right);
  return in_parens(parens, body);
}

std::string logical_text(const Expr& expr) {
  return operand_text(*expr.bodies[0], expr.kind, false) +
         (expr.kind == ExprKind::logical_and ? " and " : " or ") +
         operand_text(*expr.bodies[1], expr.kind, true);
}

std::string declaration_text(const Expr& expr, const char* word) {
  return word + (expr.key ? to_text(*expr.key) + ", " : "") + to_text(*expr.value) + " in " +
         to_text(*expr.domain);
}

std::string kind_text(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::term:
      return infix_text(*expr.term);
    case ExprKind::some_decl:
      return "some " + join(expr.vars, 0);
    case ExprKind::some_in:
      return declaration_text(expr, "some ");
    case ExprKind::every:
      return declaration_text(expr, "every ") + " { " + to_text(*expr.bodies[0]) + " }";
    case ExprKind::not_body:
      return negation_text(*expr.bodies[0]);
    case ExprKind::logical_and:
    case ExprKind::logical_or:
      return logical_text(expr);
  }
  return {};
}

/// Braces in text are escaped, where they are not yet.
std::string escaped_braces(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && (i == 0 || text[i - 1] != '\\')) out += '\\';
    out += text[i];
  }
  return out;
}

std::string template_text(const Term& term) {
  std::string out = "$\"";
  for (const Term* part : term.items) {
    if (part->kind == TermKind::string) {
      std::string text = escaped_braces(quoted(part->text));
      out += text.substr(1, text.size() - 2);
    } else if (part->kind == TermKind::set_comprehension) {
      // The grammar makes the set of an expression's values of it: {x | x = expression}.
      Expr written = *part->body->exprs[0];
      written.term = written.term->items[2];
      out += "{" + to_text(written) + "}";
    } else {
      out += to_text(*part);
    }
  }
  return out + "\"";
}

}  // namespace

bool begins_with_brace(const Term& term) {
  switch (term.kind) {
    case TermKind::set:
      return !term.items.empty();
    case TermKind::object:
    case TermKind::set_comprehension:
    case TermKind::object_comprehension:
      return true;
    case TermKind::ref:
      return begins_with_brace(*term.items[0]);
    default:
      return false;
  }
}

const char* infix_of(const Term& call) {
  static const std::map<std::string_view, const char*> infixes = {{"assign", ":="},
                                                                  {"eq", "="},
                                                                  {"equal", "=="},
                                                                  {"neq", "!="},
                                                                  {"lt", "<"},
                                                                  {"lte", "<="},
                                                                  {"gt", ">"},
                                                                  {"gte", ">="},
                                                                  {"plus", "+"},
                                                                  {"minus", "-"},
                                                                  {"mul", "*"},
                                                                  {"div", "/"},
                                                                  {"rem", "%"},
                                                                  {"and", "&"},
                                                                  {"or", "|"},
                                                                  {"internal.member_2", "in"},
                                                                  {"internal.member_3", "in"}};
  if (call.kind != TermKind::call) return nullptr;
  auto found = infixes.find(operator_name(call));
  return found == infixes.end() ? nullptr : found->second;
}

std::string to_text(const Expr& expr) {
  std::string out = expr.negated ? "not " : "";
  out += kind_text(expr);
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

namespace {

/// Operators are written between their operands here, unlike elsewhere.
std::string comprehension_head(const Term& term) {
  const char* infix = term.items.size() == 3 ? infix_of(term) : nullptr;
  if (infix == nullptr || std::string_view(infix) == "in") return to_text(term);
  return "(" + comprehension_head(*term.items[1]) + " " + infix + " " +
         comprehension_head(*term.items[2]) + ")";
}

}  // namespace

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
      return term.items.empty() ? "set()" : "{" + join(sorted_members(term), 0) + "}";
    case TermKind::array_comprehension:
      return "[" + comprehension_head(*term.items[0]) + " | " + to_text(*term.body) + "]";
    case TermKind::set_comprehension:
      return "{" + comprehension_head(*term.items[0]) + " | " + to_text(*term.body) + "}";
    case TermKind::object_comprehension:
      return "{" + comprehension_head(*term.items[0]) + ": " + comprehension_head(*term.items[1]) +
             " | " + to_text(*term.body) + "}";
    case TermKind::call:
      return to_text(*term.items[0]) + "(" + join(term.items, 1) + ")";
    case TermKind::template_string:
      return template_text(term);
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
