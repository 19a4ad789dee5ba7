// Rules of every shape, with their defaults, else clauses and METADATA.
#include "generator.hpp"

namespace lictor::differential {

Node Generator::clause(const std::string& head, Scope scope, Kind kind, bool with_value) {
  Node inner = rule_body(scope);
  if (!with_value) return node(Sort::fixed, head + if_text(), "", "", {std::move(inner)});
  Node value = chance(40) ? constant(kind) : term(scope, 1, kind);
  return node(Sort::fixed, head + (chance(90) ? " := " : " = "), if_text(), "",
              {std::move(value), std::move(inner)});
}

/// What is between a head and its body.
std::string Generator::if_text() {
  return style_.has_if() && !(style_.v0 && !style_.v1_import && chance(30)) ? " if " : " ";
}

/// An else clause that always holds, or, in v1 without `if`, one that is refused; the last of its
/// rule.
Node Generator::last_else(const Scope& scope, Kind kind) {
  if (chance(10)) return leaf(Sort::fixed, style_.v0 ? "else { false }" : "else := false");
  if (chance(style_.v0 ? 30 : 5)) {
    Scope inner = scope;
    return node(Sort::fixed, "else = ", " ", "", {constant(kind), rule_body(inner)});
  }
  return node(Sort::fixed, chance(80) ? "else := " : "else = ", "", "", {term(scope, 1, kind)});
}

Node Generator::else_clause(const Scope& scope, Kind kind, bool with_value) {
  if (!chance(style_.odd_elses)) return clause("else", scope, kind, with_value);
  Scope inner = scope;
  if (!style_.has_if() || chance(50))
    return node(Sort::fixed, "else" + if_text(), "", "", {rule_body(inner)});
  return node(Sort::fixed, "else := ", " if ", "", {constant(kind), expr(inner, 1)});
}

Node Generator::with_else(Node first, const Scope& scope, Kind kind, bool with_value) {
  std::vector<Node> clauses;
  clauses.push_back(std::move(first));
  int more = chance(25 + style_.odd_elses / 2) ? between(1, 3) : 0;
  for (int i = 0; i < more; ++i) clauses.push_back(else_clause(scope, kind, with_value));
  if (chance(style_.odd_elses / 2)) clauses.push_back(last_else(scope, kind));
  return list(Sort::fixed, 1, "", " ", "", std::move(clauses));
}

std::vector<Node> Generator::complete(const std::string& name, Kind kind) {
  std::vector<Node> out;
  bool with_value = kind != Kind::boolean || chance(30);
  if (chance(35)) out.push_back(default_rule(name, kind));
  if (chance(15)) {
    out.push_back(node(Sort::fixed, name + " := ", "", "", {term({}, 2, kind)}));
    return out;
  }
  int count = wide_ ? between(8, 12) : chance(75) ? 1 : 2;
  for (int i = 0; i < count; ++i)
    out.push_back(with_else(clause(name, {}, kind, with_value), {}, kind, with_value));
  return out;
}

/// A default's value may be a composite, a closure or a template.
Node Generator::default_rule(const std::string& name, Kind kind) {
  Node value = constant(kind);
  if (chance(style_.odd_terms))
    value = chance(50)   ? nested_constant()
            : chance(50) ? style_.templates ? template_string({}, 0) : constant(kind)
                         : comprehension({}, 1, Kind::array);
  return node(Sort::fixed, "default " + name + (chance(85) ? " := " : " = "), "", "",
              {std::move(value)});
}

std::vector<Node> Generator::function(const std::string& name, int arity, Kind kind) {
  std::vector<Node> out;
  int count = wide_ ? between(8, 12) : chance(60) ? 1 : 2;
  bool with_value = kind != Kind::boolean || chance(40);
  for (int i = 0; i < count; ++i) {
    Scope scope;
    std::string head = name + "(";
    for (int argument = 0; argument < arity; ++argument) {
      if (argument > 0) head += ", ";
      if (chance(80)) {
        scope.push_back({fresh(), Kind::any});
        head += scope.back().name;
      } else if (chance(50)) {
        head += scalar(Kind::any);
      } else {
        Scope declared;
        head += text_of(pattern({}, 1, declared));
        add(scope, declared);
      }
    }
    head += ")";
    out.push_back(with_else(clause(head, scope, kind, with_value), scope, kind, with_value));
  }
  if (chance(20)) {
    std::string arguments = arity == 0 ? "()" : arity == 1 ? "(_)" : "(_, _)";
    if (arity == 1 && chance(30)) arguments = "(" + fresh() + ")";
    out.push_back(default_rule(name + arguments, kind));
  }
  return out;
}

namespace {

/// The key of a `contains`, where OPA takes a variable such as __local0__ for one of its own.
Node without_made_names(Node key) {
  bool named = text_of(key).find("__local") != std::string::npos;
  return named ? leaf(Sort::fixed, "0") : std::move(key);
}

}  // namespace

std::vector<Node> Generator::set(const std::string& name) {
  std::vector<Node> out;
  int count = wide_ ? between(8, 12) : chance(70) ? 1 : 2;
  for (int i = 0; i < count; ++i) {
    Scope scope;
    Node inner = rule_body(scope);
    Node item = without_made_names(head_key(scope, 1));
    out.push_back(style_.has_if() ? node(Sort::fixed, name + " contains ", if_text(), "",
                                         {std::move(item), std::move(inner)})
                                  : node(Sort::fixed, name + "[", "] ", "",
                                         {std::move(item), std::move(inner)}));
  }
  return out;
}

std::vector<Node> Generator::object(const std::string& name) {
  std::vector<Node> out;
  int count = wide_ ? between(8, 12) : chance(70) ? 1 : 2;
  for (int i = 0; i < count; ++i) {
    Scope scope;
    Node inner = rule_body(scope);
    Node entry =
        node(Sort::fixed, "", "] := ", "", {head_key(scope, 0), term(scope, 1, Kind::any)});
    if (style_.has_if() && chance(15)) entry = node(Sort::fixed, "", "", "]", {head_key(scope, 0)});
    out.push_back(
        node(Sort::fixed, name + "[", if_text(), "", {std::move(entry), std::move(inner)}));
  }
  return out;
}

/// What a rule with keys has between its brackets: often a variable, a rule or an import by its
/// bare name, declared or not.
Node Generator::head_key(const Scope& scope, int depth) {
  if (chance(style_.hostile_names)) {
    if (const RuleName* rule = chance(40) ? some_rule(Kind::any, false) : nullptr)
      return leaf(Sort::term, rule->name);
    if (chance(30)) return leaf(Sort::term, fresh());
  }
  return term(scope, depth, Kind::any);
}

/// Refs as heads: name.a.b, name[x].c, name[x] contains y.
std::vector<Node> Generator::nested(const std::string& name) {
  std::vector<Node> out;
  int count = wide_ ? between(8, 12) : between(1, 3);
  if (chance(15))
    out.push_back(default_rule(name + "." + key() + (chance(50) ? "." + key() : ""), Kind::any));
  for (int i = 0; i < count; ++i) {
    Scope scope;
    Node inner = rule_body(scope);
    Node entry = leaf(Sort::fixed, "");
    bool complete = false;
    switch (between(0, 3)) {
      case 0:
        entry = node(Sort::fixed, "." + key() + (chance(30) ? "" : "." + key()) + " := ", "", "",
                     {term(scope, 1, Kind::any)});
        complete = true;
        break;
      case 1:
        entry =
            node(Sort::fixed, "[", "].c := ", "", {head_key(scope, 0), term(scope, 1, Kind::any)});
        break;
      case 2:
        if (!style_.has_if()) break;
        entry = node(Sort::fixed, ".s[", "] contains ", "",
                     {head_key(scope, 0), without_made_names(term(scope, 0, Kind::any))});
        break;
      default:
        entry = node(Sort::fixed, ".t[", "][", "] := 1", {head_key(scope, 0), head_key(scope, 0)});
    }
    Node rule = node(Sort::fixed, name, if_text(), "", {std::move(entry), std::move(inner)});
    out.push_back(complete ? with_else(std::move(rule), {}, Kind::any, true) : std::move(rule));
  }
  return out;
}

/// METADATA for the rule that follows.
std::string Generator::metadata() {
  static constexpr const char* blocks[] = {
      "# title: a",
      "# description: |\n#  b\n#  c",
      "# custom:\n#   d: 2020-01-02\n#   e: [1, x]",
      "# custom:\n#   when: 2020-01-02T03:04:05Z\n#   n: 1.0",
      "# scope: document\n# title: of all",
      "# scope: rule\n# organizations: [o]",
      "# authors:\n# - A B <a@b.c>\n# related_resources:\n# - https://a.b/c",
      "# entrypoint: true",
      "# schemas:\n# - input.s: {type: string}",
      "# schemas:\n# - input.rows: {type: array, items: {type: object, properties: {name: {type: "
      "string}}}}",
      "# schemas:\n# - data.users: {type: array}",
      "# schemas:\n# - input: {type: object, properties: {m: {type: object, properties: {a: {type: "
      "number}}}}}",
      "# custom: {a: 1, b: null, c: true, 1: x}"};
  return "# METADATA\n" + pick(blocks) + "\n";
}

std::string Generator::rule_name(int index) {
  static constexpr const char* names[] = {"k",     "x", "a", "v0",    "v1",    "count",
                                          "upper", "p", "t", "users", "test_a"};
  if (chance(style_.tests)) return chance(70) ? "test_a" : "todo_test_a";
  if (chance(style_.hostile_names)) return pick(names);
  return "r" + std::to_string(index);
}

std::vector<Node> Generator::rules_of(const std::string& name, Shape shape, Kind kind) {
  switch (shape) {
    case Shape::complete:
      return complete(name, kind);
    case Shape::set:
      return set(name);
    case Shape::object:
      return object(name);
    case Shape::function0:
      return function(name, 0, kind);
    case Shape::function1:
      return function(name, 1, kind);
    case Shape::function2:
      return function(name, 2, kind);
    default:
      return nested(name);
  }
}

/// All rules of one name, which later ones may use.
std::vector<Node> Generator::rule_group(int index) {
  std::string name = current_ = rule_name(index);
  auto known = std::find_if(names_.begin(), names_.end(), [&](const RuleName& rule) {
    return rule.name == name && rule.package == package_;
  });
  auto shape = static_cast<Shape>(chance(40) ? 0 : between(0, style_.odd_terms > 0 ? 6 : 5));
  Kind kind = some_kind();
  if (name.starts_with("test_")) shape = Shape::complete, kind = Kind::boolean;
  if (known != names_.end()) shape = known->shape, kind = known->kind;
  std::vector<Node> out = rules_of(name, shape, kind);
  if (chance(style_.metadata)) {
    Node& first = out[below(out.size())];
    first.head = metadata() + first.head;
  }
  if (known == names_.end()) names_.push_back({package_, name, shape, kind});
  return out;
}

}  // namespace lictor::differential
