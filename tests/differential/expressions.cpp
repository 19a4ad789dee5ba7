// Expressions and bodies: loops, conditions, closures, `with` and prints.
#include "generator.hpp"

namespace lictor::differential {

Node Generator::pattern(const Scope& scope, int depth, Scope& declared) {
  auto declare = [&] {
    declared.push_back({fresh(), Kind::any});
    return leaf(Sort::fixed, declared.back().name);
  };
  if (depth <= 0) return declare();
  std::vector<Node> children;
  if (chance(60)) {
    int count = between(1, 3);
    for (int i = 0; i < count; ++i)
      children.push_back(chance(70)   ? declare()
                         : chance(40) ? leaf(Sort::fixed, "_")
                                      : term(scope, 0, Kind::any));
    return list(Sort::fixed, 0, "[", ", ", "]", std::move(children));
  }
  children.push_back(node(Sort::fixed, "\"" + key() + "\": ", "", "", {declare()}));
  if (chance(40)) children.push_back(node(Sort::fixed, "\"name\": ", "", "", {declare()}));
  return list(Sort::fixed, 0, "{", ", ", "}", std::move(children));
}

Node Generator::assignment(Scope& scope, int depth) {
  Scope declared;
  if (chance(35)) {
    bool assigns = chance(30);
    Node target = pattern(assigns ? Scope() : scope, 1, declared);
    Node value = open_reference(scope, depth);
    add(scope, declared);
    return node(Sort::expr, "", " = ", "", {std::move(target), std::move(value)});
  }
  Kind kind = some_kind();
  Node value = term(scope, depth, kind);
  scope.push_back({fresh(), kind});
  return node(Sort::expr, scope.back().name + (chance(80) ? " := " : " = "), "", "",
              {std::move(value)});
}

Node Generator::collection(const Scope& scope, int depth) {
  if (chance(60)) return open_reference(scope, depth);
  if (const RuleName* rule = chance(50) ? some_rule(Kind::set, false) : nullptr)
    return leaf(Sort::term, rule->name);
  static constexpr Kind kinds[] = {Kind::array, Kind::object, Kind::set};
  return term(scope, depth, kinds[below(3)]);
}

std::string Generator::iterable() {
  const RuleName* rule =
      chance(40) ? some_rule(chance(50) ? Kind::set : Kind::object, false) : nullptr;
  return rule ? rule->name : root();
}

Node Generator::iteration(Scope& scope, int depth) {
  switch (between(style_.keywords ? 0 : 2, 4)) {
    case 0: {
      Node domain = collection(scope, depth);
      scope.push_back({fresh(), Kind::any});
      return node(Sort::expr, "some " + scope.back().name + " in ", "", "", {std::move(domain)});
    }
    case 1: {
      Node domain = collection(scope, depth);
      Scope declared{{fresh(), Kind::any}, {fresh(), Kind::any}};
      std::string head = "some " + declared[0].name + ", " + declared[1].name + " in ";
      add(scope, declared);
      return node(Sort::expr, head, "", "", {std::move(domain)});
    }
    case 2: {
      std::string head = root();
      scope.push_back({fresh(), Kind::any});
      std::vector<Node> operands;
      if (chance(40)) operands.push_back(operand(scope, 0));
      return list(Sort::expr, 0, head + "[" + scope.back().name + "]", "", "", std::move(operands));
    }
    case 3: {
      std::string head = iterable();
      scope.push_back({fresh(), Kind::any});
      return leaf(Sort::expr, head + "[" + scope.back().name + "]");
    }
    default: {
      std::string head = iterable(), key = fresh(), value = fresh();
      scope.push_back({key, Kind::any});
      scope.push_back({value, Kind::any});
      return leaf(Sort::expr, value + " = " + head + "[" + key + "]");
    }
  }
}

Node Generator::comparison(const Scope& scope, int depth) {
  static constexpr const char* operators[] = {" == ", " != ", " < ", " <= ", " > ", " >= ", " = "};
  Kind kind = some_kind();
  return node(Sort::expr, "", pick(operators), "",
              {term(scope, depth, kind), term(scope, depth, kind)});
}

Node Generator::condition(const Scope& scope, int depth) {
  switch (between(0, 4)) {
    case 0:
      return node(Sort::expr, "", "", "", {boolean_call(scope, depth)});
    case 1:
      return node(Sort::expr, "", "", "", {reference(scope, depth, Kind::any)});
    case 2:
      if (!style_.keywords) return comparison(scope, depth);
      return node(Sort::expr, chance(20) ? "0, " : "", " in ", "",
                  {open_term(scope, depth), open_reference(scope, depth)});
    default:
      return comparison(scope, depth);
  }
}

Node Generator::with(Node inner, const Scope& scope) {
  static constexpr const char* targets[] = {"input",  "input.s",    "input.m.a", "input.d",
                                            "data.s", "data.users", "data.m.a"};
  if (chance(style_.mocks)) return mock(std::move(inner), scope);
  std::string target = pick(targets);
  if (chance(3)) target += chance(50) ? "[0]" : "[\"0\"]";
  Node value = term(scope, 1, Kind::any);
  const RuleName* rule = chance(30) ? some_rule(Kind::any, true) : nullptr;
  if (rule) target = rule->package + "." + rule->name;
  return node(Sort::expr, "", " with " + target + " as ", "", {std::move(inner), std::move(value)});
}

/// Replaces a function or a builtin, also one that is an operator or named like a keyword.
Node Generator::mock(Node inner, const Scope& scope) {
  static constexpr const char* builtins[] = {
      "count", "upper",          "sum",        "plus",   "minus", "equal",      "lt",      "or",
      "and",   "json.unmarshal", "startswith", "concat", "abs",   "object.get", "sprintf", "neq",
      "round", "data.m",         "lower",      "input.m"};
  static constexpr const char* refused[] = {"contains",
                                            "eq",
                                            "print",
                                            "internal.member_2",
                                            "walk",
                                            "internal.print",
                                            "rego.metadata.rule",
                                            "assign",
                                            "data",
                                            "data.t"};
  std::string target = chance(6) ? pick(refused) : pick(builtins);
  const RuleName* rule = chance(40) ? some_rule(Kind::any, true) : nullptr;
  if (rule)
    target =
        rule->package == package_ && chance(50) ? rule->name : rule->package + "." + rule->name;
  Node value = chance(50) ? constant(some_kind()) : term(scope, 1, Kind::any);
  if (chance(35)) value = leaf(Sort::term, chance(5) ? pick(refused) : pick(builtins));
  if (const RuleName* other = chance(50) ? some_rule(Kind::any, true) : nullptr)
    value = leaf(Sort::term, spelled(*other));
  return node(Sort::expr, "", " with " + target + " as ", "", {std::move(inner), std::move(value)});
}

/// Uses a builtin that mocks replace often.
Node Generator::mockable(const Scope& scope, int depth) {
  switch (between(0, 4)) {
    case 0:
      return node(Sort::term, "count(", "", ")", {open_term(scope, depth)});
    case 1:
      return node(Sort::term, "contains(", ", ", ")",
                  {open_term(scope, depth), term(scope, 0, Kind::string)});
    case 2:
      return node(Sort::term, "", " + ", "",
                  {open_term(scope, depth), term(scope, 0, Kind::number)});
    case 3:
      return node(Sort::term, "upper(", "", ")", {term(scope, depth, Kind::string)});
    default: {
      const RuleName* rule = some_rule(Kind::any, true);
      return rule && is_function(*rule) ? call_rule(*rule, scope, depth)
                                        : open_reference(scope, depth);
    }
  }
}

Node Generator::print(const Scope& scope, int depth) {
  std::vector<Node> arguments;
  int count = between(0, 3);
  for (int i = 0; i < count; ++i) arguments.push_back(term(scope, depth, Kind::any));
  return list(Sort::expr, 0, "print(", ", ", ")", std::move(arguments));
}

/// Declared variables that a later expression binds, or none does.
Node Generator::declaration(Scope& scope) {
  std::string first = fresh();
  std::string head = "some " + first;
  std::string root_text = root();
  if (chance(40)) {
    std::string second = fresh();
    scope.push_back({second, Kind::any});
    head += ", " + second;
    root_text += "[" + second + "]";
  }
  scope.push_back({first, Kind::any});
  return leaf(Sort::expr, head + "\n  " + (chance(85) ? first + " = " + root_text : root_text));
}

Node Generator::odd_expr(Scope& scope, int depth) {
  switch (between(0, 5)) {
    case 0:
      return declaration(scope);
    case 1:
      return node(Sort::expr, "", "", "", {odd_term(scope, depth, Kind::any)});
    case 2:
      return node(Sort::expr, "not ", "", "", {odd_term(scope, depth, Kind::any)});
    case 3:
      return with(with(condition(scope, depth), scope), scope);
    case 4:
      return style_.keywords ? every(scope, depth) : declaration(scope);
    default:
      return logical(scope, depth);
  }
}

/// Forms of `future.keywords.not`, `and` and `or`, if this module imports them.
Node Generator::logical(Scope& scope, int depth) {
  if (!style_.logical) return condition(scope, depth);
  if (chance(40)) {
    Scope inner = scope;
    return node(Sort::expr, "not ", "", "", {body(inner, depth, between(1, 2), "{ ", "; ", " }")});
  }
  std::vector<Node> operands;
  int count = between(2, 3);
  for (int i = 0; i < count; ++i) {
    Scope inner = scope;
    operands.push_back(chance(60) ? condition(scope, depth)
                                  : body(inner, depth, 1, "{ ", "; ", " }"));
  }
  return list(Sort::expr, 1, "", chance(50) ? " or " : " and ", "", std::move(operands));
}

Node Generator::expr(Scope& scope, int depth) {
  if (chance(style_.prints)) {
    Node one = print(scope, depth > 1 ? 1 : 0);
    if (chance(10)) one = with(std::move(one), scope);
    return chance(10) ? node(Sort::expr, "not ", "", "", {std::move(one)}) : one;
  }
  if (chance(style_.odd_terms)) return odd_expr(scope, depth);
  if (chance(style_.mocks))
    return mock(node(Sort::expr, "", "", "", {mockable(scope, depth > 0 ? depth - 1 : 0)}), scope);
  int choice = between(0, 99);
  if (choice < 24) return assignment(scope, depth);
  if (choice < 46) return iteration(scope, depth);
  if (choice < 74) return condition(scope, depth);
  if (choice < 84) {
    Node inner = condition(scope, depth);
    if (chance(25)) inner = with(std::move(inner), scope);
    return node(Sort::expr, "not ", "", "", {std::move(inner)});
  }
  if (choice < 90 && style_.keywords) return every(scope, depth);
  return with(condition(scope, depth), scope);
}

Node Generator::every(const Scope& outer, int depth) {
  Node domain = collection(outer, depth);
  Scope scope = outer;
  std::string head = "every ";
  Scope declared;
  if (chance(30)) {
    declared.push_back({fresh(), Kind::any});
    head += declared.back().name + ", ";
  }
  declared.push_back({fresh(), Kind::any});
  head += declared.back().name + " in ";
  add(scope, declared);
  std::vector<Node> exprs;
  for (const Var& var : declared)
    exprs.push_back(node(Sort::expr, var.name, chance(50) ? " != " : " <= ", "",
                         {leaf(Sort::fixed, ""), term(scope, 1, Kind::any)}));
  if (chance(50)) exprs.push_back(expr(scope, depth > 1 ? depth - 1 : 1));
  Node inner = chance(style_.layouts)
                   ? list(Sort::fixed, 1, "{\n    ", "\n    ", "\n  }", std::move(exprs))
                   : list(Sort::fixed, 1, "{ ", "; ", " }", std::move(exprs));
  return node(Sort::expr, head, " ", "", {std::move(domain), std::move(inner)});
}

Node Generator::body(Scope& scope, int depth, int count, std::string head, std::string separator,
                     std::string tail) {
  std::vector<Node> exprs;
  for (int i = 0; i < count; ++i) exprs.push_back(expr(scope, depth > 0 ? depth : 1));
  if (chance(4) && exprs.size() > 1) std::swap(exprs.front(), exprs.back());
  return list(Sort::fixed, 1, std::move(head), std::move(separator), std::move(tail),
              std::move(exprs));
}

Node Generator::index_test(Scope& scope) {
  static constexpr const char* paths[] = {"input.s", "input.s", "input.d", "input.m.a"};
  std::string tested = pick(paths);
  if (!scope.empty() && chance(40)) tested = scope[0].name;
  if (chance(20)) {
    std::string local = fresh();
    std::string assignment = local + " := " + tested;
    scope.push_back({local, Kind::any});
    return leaf(Sort::expr, assignment + "; " + local + " == " + scalar(Kind::any));
  }
  switch (between(style_.keywords ? 0 : 1, 7)) {
    case 0:
      return leaf(Sort::expr, tested + " in {" + scalar(Kind::any) + ", " + scalar(Kind::any) +
                                  ", " + scalar(Kind::string) + "}");
    case 1:
      return leaf(Sort::expr, "startswith(" + tested + ", " + scalar(Kind::string) + ")");
    case 2:
      return leaf(Sort::expr, "glob.match(\"" + key() + "*\", [], " + tested + ")");
    case 3:
      return leaf(Sort::expr, tested + " = [" + scalar(Kind::any) + ", _]");
    case 4:
      return leaf(Sort::expr, tested + "[0] == " + scalar(Kind::any));
    default:
      return leaf(Sort::expr, tested + (chance(50) ? " == " : " = ") + scalar(Kind::any));
  }
}

Node Generator::join(Scope& scope) {
  static constexpr const char* columns[] = {".name", ".name", ".level", ".tags", ".tags.a", ""};
  static constexpr const char* values[] = {"input.s", "\"a\"", "1", "input.d", "input.m.a"};
  std::string row = fresh(), column = pick(columns), value = pick(values);
  if (!scope.empty() && chance(30)) value = scope[below(scope.size())].name;
  std::string loop = "some " + row + " in data.users", asked = row + column;
  bool keyed = !style_.keywords || chance(25);
  if (keyed) {
    loop = "some " + row;
    asked = "data.users[" + row + "]" + column;
  } else if (chance(30)) {
    loop = row + " := data.users[_]";
  }
  std::string test = chance(80) ? asked + " == " + value : value + " = " + asked;
  std::string between = chance(20) && !keyed ? row + ".level >= 1; " : "";
  std::string more = chance(30) && !keyed ? "; " + row + ".level == " + scalar(Kind::number) : "";
  std::string with = chance(10) ? " with data.users as [{\"name\": \"a\", \"level\": 1}]" : "";
  if (chance(10)) with = " with input.s as \"b\"";
  scope.push_back({row, Kind::any});
  return leaf(Sort::expr, loop + "; " + between + test + with + more);
}

/// A comprehension's body on one line or on several.
Node Generator::closure_body(Scope& scope, int depth) {
  static constexpr const char* separators[] = {"; ", "\n    ", ";\n    ", "  # one\n    ",
                                               "\n\n    ;"};
  int count = between(1, 2);
  if (!chance(style_.layouts)) return body(scope, depth, count, "", "; ", "");
  return body(scope, depth, count, chance(50) ? "\n    " : "", pick(separators),
              chance(50) ? "\n  " : "");
}

Node Generator::rule_body(Scope& scope) {
  if (!wide_ && chance(style_.layouts)) return body(scope, 2, between(1, 3), "{ ", "; ", " }");
  if (!wide_) return body(scope, 2, between(1, 3), "{\n  ", "\n  ", "\n}");
  std::vector<Node> exprs;
  if (chance(90)) exprs.push_back(index_test(scope));
  if (exprs.empty() || chance(30)) exprs.push_back(expr(scope, 1));
  if (chance(20)) exprs.push_back(index_test(scope));
  if (chance(30)) exprs.push_back(join(scope));
  if (chance(20)) std::swap(exprs.front(), exprs.back());
  return list(Sort::fixed, 1, "{\n  ", "\n  ", "\n}", std::move(exprs));
}

}  // namespace lictor::differential
