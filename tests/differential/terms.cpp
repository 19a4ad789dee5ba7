// Terms of the kind of value that their place takes.
#include "generator.hpp"

namespace lictor::differential {

Node Generator::constant(Kind kind) {
  static constexpr const char* arrays[] = {"[]", "[1, 2]", "[\"a\", 1]", "[[1], \"b\"]"};
  static constexpr const char* objects[] = {"{}", "{\"a\": 1}", "{\"a\": 1, \"b\": \"c\"}",
                                            "{\"x\": {\"y\": 2}}"};
  static constexpr const char* sets[] = {"set()", "{1, 2}", "{\"a\", \"b\"}", "{[1], 2}"};
  switch (kind) {
    case Kind::array:
      return leaf(Sort::term, pick(arrays));
    case Kind::object:
      return leaf(Sort::term, pick(objects));
    case Kind::set:
      return leaf(Sort::term, pick(sets));
    default:
      return leaf(Sort::term, scalar(kind));
  }
}

const Var* Generator::some_var(const Scope& scope, Kind want) {
  std::vector<const Var*> fitting;
  for (const Var& var : scope) {
    if (fits(var.kind, want)) fitting.push_back(&var);
  }
  return fitting.empty() ? nullptr : fitting[below(fitting.size())];
}

const RuleName* Generator::some_rule(Kind want, bool functions) {
  std::vector<const RuleName*> fitting;
  for (const RuleName& rule : names_) {
    if (rule.name == current_ && rule.package == package_) continue;  // or it would recur
    bool document = rule.shape == Shape::complete ? fits(rule.kind, want)
                    : rule.shape == Shape::set    ? fits(Kind::set, want)
                    : is_function(rule)           ? functions && fits(rule.kind, want)
                                                  : fits(Kind::object, want);
    if (document && (!is_function(rule) || functions)) fitting.push_back(&rule);
  }
  return fitting.empty() ? nullptr : fitting[below(fitting.size())];
}

std::string Generator::root() {
  static constexpr const char* roots[] = {
      "input.rows", "input.d", "input.m",   "input.s",  "data.users",    "data.d",      "data.m",
      "data.s",     "input",   "input.m.a", "data.m.b", "input.missing", "data.missing"};
  if (!import_roots_.empty() && chance(20)) return import_roots_[below(import_roots_.size())];
  return pick(roots);
}

Node Generator::operand(const Scope& scope, int depth) {
  static constexpr const char* items[] = {"[0]",     "[1]",     "[2]",     "[1.0]",
                                          "[\"0\"]", "[\"1\"]", "[\"01\"]"};
  switch (between(0, 5)) {
    case 0:
      return leaf(Sort::fixed, "." + key());
    case 1:
      return leaf(Sort::fixed, chance(50) ? ".name" : ".level");
    case 2:
      return leaf(Sort::fixed, pick(items));
    default:
      return node(Sort::fixed, "[", "", "]", {term(scope, depth > 0 ? depth - 1 : 0, Kind::any)});
  }
}

Node Generator::open_reference(const Scope& scope, int depth) {
  std::string head = root();
  std::vector<Var> open;
  for (const Var& var : scope) {
    if (var.kind == Kind::any) open.push_back(var);
  }
  if (!open.empty() && chance(45)) head = open[below(open.size())].name;
  std::vector<Node> operands;
  int count = between(0, 2);
  for (int i = 0; i < count; ++i) operands.push_back(operand(scope, depth));
  return list(Sort::term, 0, head, "", "", std::move(operands));
}

Node Generator::reference(const Scope& scope, int depth, Kind want) {
  const RuleName* rule = chance(45) ? some_rule(want, true) : nullptr;
  if (rule == nullptr) return open_reference(scope, depth);
  if (is_function(*rule)) return call_rule(*rule, scope, depth);
  return leaf(Sort::term, spelled(*rule));
}

Node Generator::call_rule(const RuleName& rule, const Scope& scope, int depth) {
  std::vector<Node> arguments;
  if (rule.shape != Shape::function0) arguments.push_back(open_term(scope, depth - 1));
  if (rule.shape == Shape::function2) arguments.push_back(open_term(scope, depth - 1));
  return node(Sort::term, spelled(rule) + "(", ", ", ")", std::move(arguments));
}

Node Generator::open_term(const Scope& scope, int depth) {
  const Var* var = chance(50) ? some_var(scope, Kind::any) : nullptr;
  if (var && var->kind == Kind::any) return leaf(Sort::term, var->name);
  return open_reference(scope, depth);
}

Node Generator::composite(const Scope& scope, int depth, Kind kind) {
  std::vector<Node> children;
  int count = between(0, 3);
  if (kind == Kind::array) {
    for (int i = 0; i < count; ++i) children.push_back(term(scope, depth - 1, Kind::any));
    return list(Sort::term, 0, "[", ", ", "]", std::move(children));
  }
  if (kind == Kind::set) {
    if (count == 0) return leaf(Sort::term, "set()");
    for (int i = 0; i < count; ++i) children.push_back(term(scope, depth - 1, Kind::any));
    return list(Sort::term, 1, "{", ", ", "}", std::move(children));
  }
  for (int i = 0; i < count; ++i) {
    Node name = chance(75) ? leaf(Sort::fixed, "\"" + key() + "\"") : term(scope, 0, Kind::any);
    children.push_back(
        node(Sort::fixed, "", ": ", "", {std::move(name), term(scope, depth - 1, Kind::any)}));
  }
  return list(Sort::term, 0, "{", ", ", "}", std::move(children));
}

Node Generator::number_call(const Scope& scope, int depth) {
  static constexpr const char* operators[] = {" + ", " - ", " * ", " / ", " % "};
  static constexpr const char* functions[] = {"abs", "round", "ceil", "floor"};
  switch (between(0, 4)) {
    case 0:
    case 1:
      return binary(scope, depth, Kind::number, pick(operators));
    case 2:
      return unary(scope, depth, Kind::number, pick(functions));
    case 3: {
      static constexpr Kind countable[] = {Kind::array, Kind::object, Kind::set, Kind::string};
      return unary(scope, depth, countable[below(4)], "count");
    }
    default:
      return node(Sort::term, "to_number(", "", ")", {open_term(scope, depth - 1)});
  }
}

Node Generator::string_call(const Scope& scope, int depth) {
  switch (between(0, 5)) {
    case 0:
      return unary(scope, depth, Kind::string, chance(50) ? "upper" : "lower");
    case 1:
      return node(Sort::term, "concat(\",\", ", "", ")", {open_term(scope, depth - 1)});
    case 2:
      return node(Sort::term, "sprintf(\"%v-%v\", [", ", ", "])",
                  {term(scope, depth - 1, Kind::any), term(scope, depth - 1, Kind::any)});
    case 3:
      return unary(scope, depth, Kind::any, chance(50) ? "json.marshal" : "type_name");
    case 4:
      if (!style_.templates) break;
      return template_string(scope, depth - 1);
    default:
      break;
  }
  return node(Sort::term, "replace(", ", ", ")",
              {term(scope, depth - 1, Kind::string), term(scope, 0, Kind::string),
               term(scope, 0, Kind::string)});
}

Node Generator::boolean_call(const Scope& scope, int depth) {
  static constexpr const char* comparisons[] = {" != ", " < ", " <= ", " > ", " >= ", " == "};
  static constexpr const char* tests[] = {"is_number", "is_string",  "is_array", "is_set",
                                          "is_object", "is_boolean", "is_null"};
  switch (between(0, 3)) {
    case 0:
      return node(Sort::term, "(", pick(comparisons), ")",
                  {term(scope, depth - 1, Kind::any), term(scope, depth - 1, Kind::any)});
    case 1:
      return unary(scope, depth, Kind::any, pick(tests));
    case 2:
      if (!style_.keywords) break;
      return node(Sort::term, chance(20) ? "(\"a\", " : "(", " in ", ")",
                  {open_term(scope, depth - 1), open_term(scope, depth - 1)});
    default:
      break;
  }
  return node(Sort::term, chance(50) ? "startswith(" : "contains(", ", ", ")",
              {term(scope, depth - 1, Kind::string), term(scope, depth - 1, Kind::string)});
}

Node Generator::array_call(const Scope& scope, int depth) {
  switch (between(0, 3)) {
    case 0:
      return node(Sort::term, "array.concat(", ", ", ")",
                  {term(scope, depth - 1, Kind::array), term(scope, depth - 1, Kind::array)});
    case 1:
      return node(Sort::term, "sort(", "", ")",
                  {term(scope, depth - 1, chance(50) ? Kind::array : Kind::set)});
    case 2:
      return node(Sort::term, "array.slice(", ", ", ")",
                  {term(scope, depth - 1, Kind::array), term(scope, 0, Kind::number),
                   term(scope, 0, Kind::number)});
    default:
      return node(Sort::term, "split(", ", ", ")",
                  {term(scope, depth - 1, Kind::string), term(scope, 0, Kind::string)});
  }
}

Node Generator::set_call(const Scope& scope, int depth) {
  static constexpr const char* operators[] = {" & ", " | ", " - "};
  if (chance(70)) return binary(scope, depth, Kind::set, pick(operators));
  return unary(scope, depth, Kind::object, "object.keys");
}

Node Generator::call(const Scope& scope, int depth, Kind kind) {
  switch (kind) {
    case Kind::number:
      return number_call(scope, depth);
    case Kind::string:
      return string_call(scope, depth);
    case Kind::boolean:
      return boolean_call(scope, depth);
    case Kind::array:
      return array_call(scope, depth);
    case Kind::object:
      return object_call(scope, depth);
    case Kind::set:
      return set_call(scope, depth);
    default:
      return node(Sort::term, "object.get(", ", ", ")",
                  {open_term(scope, depth - 1), term(scope, 0, Kind::any),
                   term(scope, depth - 1, Kind::any)});
  }
}

Node Generator::comprehension(const Scope& outer, int depth, Kind kind) {
  Scope scope = outer;
  Node inner = closure_body(scope, depth - 1);
  if (kind == Kind::array)
    return node(Sort::term, "[", " | ", "]", {term(scope, depth - 1, Kind::any), std::move(inner)});
  if (kind == Kind::set)
    return node(Sort::term, "{", " | ", "}", {term(scope, depth - 1, Kind::any), std::move(inner)});
  Node pair = node(Sort::fixed, "", ": ", "",
                   {term(scope, 0, Kind::any), term(scope, depth - 1, Kind::any)});
  return node(Sort::term, "{", " | ", "}", {std::move(pair), std::move(inner)});
}

Kind Generator::some_kind() {
  static constexpr Kind kinds[] = {Kind::number, Kind::number,  Kind::string,
                                   Kind::string, Kind::boolean, Kind::array,
                                   Kind::object, Kind::set,     Kind::any};
  return kinds[below(9)];
}

Node Generator::term(const Scope& scope, int depth, Kind want) {
  const Var* var = some_var(scope, want);
  if (depth <= 0) return var && chance(60) ? leaf(Sort::term, var->name) : constant(want);
  if (chance(style_.odd_terms)) return odd_term(scope, depth, want);
  int choice = between(0, 99);
  if (choice < 28 && var) return leaf(Sort::term, var->name);
  if (choice < 38) return constant(want);
  if (choice < 62) return reference(scope, depth, want);
  Kind kind = want == Kind::any ? some_kind() : want;
  bool collection = kind == Kind::array || kind == Kind::object || kind == Kind::set;
  if (collection && choice < 76) return composite(scope, depth, kind);
  if (collection && choice < 88) return comprehension(scope, depth, kind);
  return call(scope, depth, kind);
}

/// A rule of another package or an import by its path or alias, and one of this package by its
/// name.
std::string Generator::spelled(const RuleName& rule) {
  std::string path = rule.package + "." + rule.name;
  if (rule.package == package_ && chance(80)) return rule.name;
  for (const auto& [imported, alias] : imports_) {
    if (path == imported && chance(70)) return alias;
    if (path.starts_with(imported + ".") && chance(70)) return alias + path.substr(imported.size());
  }
  return path;
}

Node Generator::template_string(const Scope& scope, int depth) {
  std::vector<Node> parts;
  int count = between(1, 2);
  bool raw = chance(25);
  bool nested = templates_ > 0;
  ++templates_;
  for (int i = 0; i < count; ++i) parts.push_back(term(scope, nested ? 0 : depth, Kind::any));
  --templates_;
  // Quotes of a template's own kind may be in its expressions, but not in those of its parts.
  std::string quote = raw ? "`" : "\"";
  return node(Sort::term, "$" + quote + "<{", "}-{", "}>" + quote, std::move(parts));
}

Node Generator::negative(const Scope& scope, int depth) {
  static constexpr const char* odd[] = {"- ", "--", "-(", "- - "};
  std::string sign = chance(93) ? "-" : pick(odd);
  Node operand = chance(60)   ? open_term(scope, depth - 1)
                 : chance(50) ? unary(scope, depth, Kind::number, "abs")
                              : leaf(Sort::term, scalar(Kind::number));
  return node(Sort::term, sign, "", sign == "-(" ? ")" : "", {std::move(operand)});
}

/// A ref whose head is no variable: a constant, a closure or a call.
Node Generator::ref_into(const Scope& scope, int depth) {
  static constexpr const char* heads[] = {
      "[1, [2]]", "{\"a\": {\"b\": 1}}", "{1, \"a\"}", "[]", "{\"a\"}", "{1: 2}"};
  static constexpr const char* scalars[] = {"\"abc\"", "1", "null", "\"\"", "true"};
  Node head = leaf(Sort::term, chance(5) ? pick(scalars) : pick(heads));
  if (chance(30)) head = comprehension(scope, depth - 1, chance(50) ? Kind::array : Kind::object);
  if (chance(20)) head = call(scope, depth - 1, Kind::object);
  return node(Sort::term, "", "", "", {std::move(head), operand(scope, depth - 1)});
}

Node Generator::nested_constant() {
  static constexpr const char* constants[] = {
      "{{1}, {2}}",   "{set()}",         "{1: 2}",          "{[1]: {2}, null: 3}",
      "{{1}: \"a\"}", "{true: {{}: 1}}", "[set(), {}, []]", "{{1: {2}}}",
      "{1.5: 1}",     "[[[]]]",          "{\"a\": {1, 2}}", "{null}",
      "{{\"a\": 1}}"};
  return leaf(Sort::term, pick(constants));
}

Node Generator::odd_term(const Scope& scope, int depth, Kind want) {
  switch (between(0, 9)) {
    case 0:
    case 1:
      return negative(scope, depth);
    case 2:
      return ref_into(scope, depth);
    case 3:
      return nested_constant();
    case 4:
    case 5:
      return string_call(scope, depth);
    case 6:
      if (!style_.keywords) return negative(scope, depth);
      return node(Sort::term, chance(50) ? "(" : "(0, ", " in ", ")",
                  {term(scope, depth - 1, Kind::any), term(scope, depth - 1, Kind::any)});
    case 7:
      return leaf(Sort::term, chance(50)   ? "rego.metadata.rule()"
                              : chance(30) ? "rego.metadata.chain()"
                                           : "object.get(rego.metadata.rule(), \"title\", 1)");
    case 8:
      return node(Sort::term, "json.unmarshal(", "", ")", {term(scope, depth - 1, Kind::string)});
    default:
      return comprehension(scope, depth, want == Kind::object ? Kind::object : Kind::array);
  }
}

}  // namespace lictor::differential
