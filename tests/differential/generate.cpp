// Writes programs whose rules refer to rules above them, so that nothing recurs, and whose
// constants come from a small pool, so that joins and comparisons meet. Most are safe; some are
// refused on purpose.
#include "generate.hpp"

#include <random>

namespace lictor::differential {
namespace {

enum class Shape : unsigned char { complete, set, object, function1, function2, nested };

struct RuleName {
  std::string name;
  Shape shape;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Program program() {
    Program out;
    std::vector<Node> rules;
    int count = between(2, 7);
    for (int i = 0; i < count; ++i) {
      for (Node& rule : rule_group(i)) rules.push_back(std::move(rule));
    }
    out.module = list(Sort::fixed, 1, "package t\n\n", "\n\n", "\n", std::move(rules));
    out.data = document(true);
    out.input = document(false);
    const RuleName& last = names_[below(names_.size())];
    bool function = last.shape == Shape::function1 || last.shape == Shape::function2;
    out.query = function || chance(60) ? "data.t" : "data.t." + last.name;
    return out;
  }

 private:
  // --- choices
  std::size_t below(std::size_t bound) { return random_() % bound; }
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool chance(int percent) { return static_cast<int>(below(100)) < percent; }
  template <std::size_t size>
  std::string pick(const char* const (&choices)[size]) {
    return choices[below(size)];
  }

  std::string fresh() { return "v" + std::to_string(variables_++); }

  // --- documents: users, roles and grants whose fields meet
  std::string scalar() {
    static constexpr const char* scalars[] = {"0",    "1",     "2",     "3",     "1.5",
                                              "-1",   "\"a\"", "\"b\"", "\"c\"", "\"\"",
                                              "true", "false", "null",  "1e2",   "2.0"};
    return pick(scalars);
  }
  std::string key() {
    static constexpr const char* keys[] = {"a", "b", "c", "x", "y"};
    return pick(keys);
  }

  Node json(int depth) {
    int kind = depth == 0 ? 0 : between(0, 5);
    if (kind <= 2) return leaf(Sort::json, scalar());
    std::vector<Node> children;
    int count = between(0, 3);
    if (kind == 3) {
      for (int i = 0; i < count; ++i) children.push_back(json(depth - 1));
      return list(Sort::json, 0, "[", ", ", "]", std::move(children));
    }
    static constexpr const char* keys[] = {"a", "b", "c", "x", "y"};
    for (int i = 0; i < count; ++i) {
      children.push_back(node(
          Sort::fixed,
          "\"" + std::string(keys[(below(2) + 2 * static_cast<std::size_t>(i)) % 5]) + "\": ", "",
          "", {json(depth - 1)}));
    }
    return list(Sort::json, 0, "{", ", ", "}", std::move(children));
  }

  Node rows() {
    std::vector<Node> rows;
    int count = between(0, 4);
    for (int i = 0; i < count; ++i) {
      std::vector<Node> fields;
      fields.push_back(
          node(Sort::fixed, "\"name\": ", "", "", {leaf(Sort::json, "\"" + key() + "\"")}));
      if (chance(80))
        fields.push_back(node(Sort::fixed, "\"level\": ", "", "", {leaf(Sort::json, scalar())}));
      if (chance(60)) fields.push_back(node(Sort::fixed, "\"tags\": ", "", "", {json(1)}));
      rows.push_back(list(Sort::json, 0, "{", ", ", "}", std::move(fields)));
    }
    return list(Sort::json, 0, "[", ", ", "]", std::move(rows));
  }

  Node document(bool data) {
    std::vector<Node> members;
    members.push_back(node(Sort::fixed, data ? "\"users\": " : "\"rows\": ", "", "", {rows()}));
    members.push_back(node(Sort::fixed, "\"d\": ", "", "", {json(3)}));
    members.push_back(node(Sort::fixed, "\"s\": ", "", "", {leaf(Sort::json, scalar())}));
    members.push_back(node(Sort::fixed, "\"m\": ", "", "",
                           {node(Sort::fixed, "{", ", ", "}",
                                 {node(Sort::fixed, "\"a\": ", "", "", {json(1)}),
                                  node(Sort::fixed, "\"b\": ", "", "", {json(1)})})}));
    return list(Sort::fixed, 0, "{", ", ", "}", std::move(members));
  }

  // --- scopes
  struct Scope {
    std::vector<std::string> vars;
  };

  std::string var(const Scope& scope) { return scope.vars[below(scope.vars.size())]; }

  // --- terms
  Node constant() { return leaf(Sort::term, scalar()); }

  Node composite(const Scope& scope, int depth) {
    std::vector<Node> children;
    int count = between(0, 3);
    switch (between(0, 2)) {
      case 0:
        for (int i = 0; i < count; ++i) children.push_back(term(scope, depth - 1));
        return list(Sort::term, 0, "[", ", ", "]", std::move(children));
      case 1:
        if (count == 0) return leaf(Sort::term, "set()");
        for (int i = 0; i < count; ++i) children.push_back(term(scope, depth - 1));
        return list(Sort::term, 1, "{", ", ", "}", std::move(children));
      default:
        for (int i = 0; i < count; ++i) {
          Node name = chance(75) ? leaf(Sort::fixed, "\"" + key() + "\"") : term(scope, 0);
          children.push_back(
              node(Sort::fixed, "", ": ", "", {std::move(name), term(scope, depth - 1)}));
        }
        return list(Sort::term, 0, "{", ", ", "}", std::move(children));
    }
  }

  std::string root() {
    static constexpr const char* roots[] = {"input.rows", "input.d",   "input.m",  "input.s",
                                            "data.users", "data.d",    "data.m",   "data.s",
                                            "input",      "input.m.a", "data.m.b", "input.missing"};
    return pick(roots);
  }

  /// A ref into a document or a rule, whose operands are bound.
  Node reference(const Scope& scope, int depth) {
    std::string head = root();
    if (!names_.empty() && chance(45)) {
      const RuleName& rule = names_[below(names_.size())];
      if (rule.shape == Shape::function1 || rule.shape == Shape::function2)
        return call_rule(rule, scope, depth);
      head = chance(80) ? rule.name : "data.t." + rule.name;
    } else if (!scope.vars.empty() && chance(40)) {
      head = var(scope);
    }
    std::vector<Node> operands;
    int count = between(0, 2);
    for (int i = 0; i < count; ++i) operands.push_back(operand(scope, depth));
    return list(Sort::term, 0, head, "", "", std::move(operands));
  }

  Node operand(const Scope& scope, int depth) {
    switch (between(0, 4)) {
      case 0:
        return leaf(Sort::fixed, "." + key());
      case 1:
        return leaf(Sort::fixed, chance(50) ? ".name" : ".level");
      case 2:
        return leaf(Sort::fixed, "[" + std::to_string(between(0, 2)) + "]");
      default:
        return node(Sort::fixed, "[", "", "]", {term(scope, depth > 0 ? depth - 1 : 0)});
    }
  }

  Node call_rule(const RuleName& rule, const Scope& scope, int depth) {
    std::vector<Node> arguments;
    arguments.push_back(term(scope, depth - 1));
    if (rule.shape == Shape::function2) arguments.push_back(term(scope, depth - 1));
    return node(Sort::term, rule.name + "(", ", ", ")", std::move(arguments));
  }

  Node call(const Scope& scope, int depth) {
    if (chance(35)) {
      static constexpr const char* operators[] = {" + ", " - ", " * ", " / ", " % ", " & ", " | "};
      return node(Sort::term, "(", pick(operators), ")",
                  {term(scope, depth - 1), term(scope, depth - 1)});
    }
    if (chance(20)) {
      static constexpr const char* operators[] = {
          " == ", " != ", " < ", " <= ", " > ", " >= ", " in "};
      return node(Sort::term, "(", pick(operators), ")",
                  {term(scope, depth - 1), term(scope, depth - 1)});
    }
    if (chance(50)) {
      static constexpr const char* unary[] = {
          "count",     "sum",       "max",          "min",       "sort",
          "is_number", "is_string", "to_number",    "type_name", "object.keys",
          "abs",       "upper",     "json.marshal", "is_array",  "any"};
      std::string name = pick(unary);
      if (name == "any") name = "all_true";
      if (name == "all_true")
        return node(Sort::term, "numbers.range(0, count(", "", "))", {term(scope, depth - 1)});
      return node(Sort::term, name + "(", "", ")", {term(scope, depth - 1)});
    }
    switch (between(0, 4)) {
      case 0:
        return node(Sort::term, "object.get(", ", ", ")",
                    {term(scope, depth - 1), term(scope, 0), term(scope, depth - 1)});
      case 1:
        return node(Sort::term, "array.concat(", ", ", ")",
                    {term(scope, depth - 1), term(scope, depth - 1)});
      case 2:
        return node(Sort::term, "object.union(", ", ", ")",
                    {term(scope, depth - 1), term(scope, depth - 1)});
      case 3:
        return node(Sort::term, "sprintf(\"%v-%v\", [", ", ", "])",
                    {term(scope, depth - 1), term(scope, depth - 1)});
      default:
        return node(Sort::term, "concat(\",\", ", "", ")", {term(scope, depth - 1)});
    }
  }

  Node comprehension(const Scope& outer, int depth) {
    Scope scope = outer;
    Node inner = body(scope, depth - 1, between(1, 2), "", "; ", "");
    switch (between(0, 2)) {
      case 0:
        return node(Sort::term, "[", " | ", "]", {term(scope, depth - 1), std::move(inner)});
      case 1:
        return node(Sort::term, "{", " | ", "}", {term(scope, depth - 1), std::move(inner)});
      default: {
        Node pair = node(Sort::fixed, "", ": ", "", {term(scope, 0), term(scope, depth - 1)});
        return node(Sort::term, "{", " | ", "}", {std::move(pair), std::move(inner)});
      }
    }
  }

  Node term(const Scope& scope, int depth) {
    if (depth <= 0)
      return !scope.vars.empty() && chance(60) ? leaf(Sort::term, var(scope)) : constant();
    int choice = between(0, 99);
    if (choice < 25 && !scope.vars.empty()) return leaf(Sort::term, var(scope));
    if (choice < 35) return constant();
    if (choice < 62) return reference(scope, depth);
    if (choice < 76) return composite(scope, depth);
    if (choice < 92) return call(scope, depth);
    return comprehension(scope, depth);
  }

  /// Something to iterate over.
  Node collection(const Scope& scope, int depth) {
    return chance(65)   ? reference(scope, depth)
           : chance(50) ? composite(scope, depth)
                        : term(scope, depth);
  }

  // --- expressions
  Node pattern(const Scope& scope, int depth, std::vector<std::string>& declared) {
    auto leaf_or_var = [&]() -> Node {
      if (chance(60)) {
        declared.push_back(fresh());
        return leaf(Sort::fixed, declared.back());
      }
      return chance(30) ? leaf(Sort::fixed, "_") : term(scope, 0);
    };
    if (depth <= 0 || chance(60)) {
      declared.push_back(fresh());
      return leaf(Sort::fixed, declared.back());
    }
    std::vector<Node> children;
    if (chance(60)) {
      int count = between(1, 3);
      for (int i = 0; i < count; ++i) children.push_back(leaf_or_var());
      return list(Sort::fixed, 0, "[", ", ", "]", std::move(children));
    }
    int count = between(1, 2);
    for (int i = 0; i < count; ++i)
      children.push_back(node(Sort::fixed, "\"" + key() + "\": ", "", "", {leaf_or_var()}));
    return list(Sort::fixed, 0, "{", ", ", "}", std::move(children));
  }

  void declare(Scope& scope, const std::vector<std::string>& names) {
    scope.vars.insert(scope.vars.end(), names.begin(), names.end());
  }

  Node assignment(Scope& scope, int depth) {
    std::vector<std::string> declared;
    bool assigns = chance(70);
    Node target = pattern(scope, 1, declared);
    Node value = chance(25) ? collection(scope, depth) : term(scope, depth);
    declare(scope, declared);
    return node(Sort::expr, "", assigns ? " := " : " = ", "",
                {std::move(target), std::move(value)});
  }

  Node iteration(Scope& scope, int depth) {
    Node domain = collection(scope, depth);
    std::string value = fresh();
    switch (between(0, 3)) {
      case 0:
        scope.vars.push_back(value);
        return node(Sort::expr, "some " + value + " in ", "", "", {std::move(domain)});
      case 1: {
        std::string key = fresh();
        declare(scope, {key, value});
        return node(Sort::expr, "some " + key + ", " + value + " in ", "", "", {std::move(domain)});
      }
      case 2: {
        std::string head = !names_.empty() && chance(40) ? rule_head() : root();
        scope.vars.push_back(value);
        std::vector<Node> operands;
        if (chance(30)) operands.push_back(operand(scope, 0));
        return list(Sort::expr, 0, head + "[" + value + "]", "", "", std::move(operands));
      }
      default: {
        std::string head = !names_.empty() && chance(40) ? rule_head() : root();
        std::string key = fresh();
        declare(scope, {key, value});
        return leaf(Sort::expr, value + " = " + head + "[" + key + "]");
      }
    }
  }

  std::string rule_head() {
    const RuleName& rule = names_[below(names_.size())];
    bool function = rule.shape == Shape::function1 || rule.shape == Shape::function2;
    return function ? "data.users" : rule.name;
  }

  Node comparison(const Scope& scope, int depth) {
    static constexpr const char* operators[] = {
        " == ", " != ", " < ", " <= ", " > ", " >= ", " = ", " in "};
    return node(Sort::expr, "", pick(operators), "", {term(scope, depth), term(scope, depth)});
  }

  Node with(Node inner, const Scope& scope) {
    static constexpr const char* targets[] = {"input",  "input.s",    "input.m.a", "input.d",
                                              "data.s", "data.users", "data.m.a"};
    std::string target = pick(targets);
    if (!names_.empty() && chance(20)) {
      const RuleName& rule = names_[below(names_.size())];
      if (rule.shape == Shape::function1 || rule.shape == Shape::function2) return inner;
      target = "data.t." + rule.name;
    }
    return node(Sort::expr, "", " with " + target + " as ", "", {std::move(inner), term(scope, 1)});
  }

  Node expr(Scope& scope, int depth) {
    int choice = between(0, 99);
    if (choice < 22) return assignment(scope, depth);
    if (choice < 42) return iteration(scope, depth);
    if (choice < 64) return comparison(scope, depth);
    if (choice < 78) return node(Sort::expr, "", "", "", {reference(scope, depth)});
    if (choice < 86) {
      Node inner = chance(50) ? comparison(scope, depth)
                              : node(Sort::expr, "", "", "", {reference(scope, depth)});
      if (chance(25)) inner = with(std::move(inner), scope);
      return node(Sort::expr, "not ", "", "", {std::move(inner)});
    }
    if (choice < 92) return every(scope, depth);
    Node inner = chance(60) ? comparison(scope, depth)
                            : node(Sort::expr, "", "", "", {reference(scope, depth)});
    return with(std::move(inner), scope);
  }

  Node every(const Scope& outer, int depth) {
    Node domain = collection(outer, depth);
    Scope scope = outer;
    std::string head = "every ";
    if (chance(30)) {
      scope.vars.push_back(fresh());
      head += scope.vars.back() + ", ";
    }
    scope.vars.push_back(fresh());
    head += scope.vars.back() + " in ";
    Node inner = body(scope, depth - 1, between(1, 2), "{ ", "; ", " }");
    return node(Sort::expr, head, " ", "", {std::move(domain), std::move(inner)});
  }

  Node body(Scope& scope, int depth, int count, std::string head, std::string separator,
            std::string tail) {
    std::vector<Node> exprs;
    for (int i = 0; i < count; ++i) exprs.push_back(expr(scope, depth > 0 ? depth : 1));
    if (chance(8) && exprs.size() > 1) std::swap(exprs.front(), exprs.back());
    return list(Sort::fixed, 1, std::move(head), std::move(separator), std::move(tail),
                std::move(exprs));
  }

  Node rule_body(Scope& scope) { return body(scope, 2, between(1, 4), "{\n  ", "\n  ", "\n}"); }

  // --- rules
  Node clause(const std::string& head, Scope scope, bool with_value) {
    Node inner = rule_body(scope);
    if (!with_value) return node(Sort::fixed, head + " if ", "", "", {std::move(inner)});
    Node value = chance(40) ? constant() : term(scope, 1);
    return node(Sort::fixed, head + " := ", " if ", "", {std::move(value), std::move(inner)});
  }

  Node with_else(Node first, const Scope& scope, bool with_value) {
    std::vector<Node> clauses;
    clauses.push_back(std::move(first));
    int more = chance(25) ? between(1, 2) : 0;
    for (int i = 0; i < more; ++i) clauses.push_back(clause("else", scope, with_value));
    return list(Sort::fixed, 1, "", " ", "", std::move(clauses));
  }

  std::vector<Node> complete(const std::string& name) {
    std::vector<Node> out;
    if (chance(35))
      out.push_back(node(Sort::fixed, "default " + name + " := ", "", "", {constant()}));
    bool with_value = chance(55);
    if (chance(15)) {
      out.push_back(node(Sort::fixed, name + " := ", "", "", {term({}, 2)}));
      return out;
    }
    int count = chance(70) ? 1 : 2;
    for (int i = 0; i < count; ++i)
      out.push_back(with_else(clause(name, {}, with_value), {}, with_value));
    return out;
  }

  std::vector<Node> function(const std::string& name, int arity) {
    std::vector<Node> out;
    int count = chance(60) ? 1 : 2;
    bool with_value = chance(70);
    for (int i = 0; i < count; ++i) {
      Scope scope;
      std::string head = name + "(";
      for (int argument = 0; argument < arity; ++argument) {
        if (argument > 0) head += ", ";
        if (chance(80)) {
          scope.vars.push_back(fresh());
          head += scope.vars.back();
        } else if (chance(50)) {
          head += scalar();
        } else {
          std::vector<std::string> declared;
          head += text_of(pattern({}, 1, declared));
          declare(scope, declared);
        }
      }
      head += ")";
      out.push_back(with_else(clause(head, scope, with_value), scope, with_value));
    }
    if (chance(20)) {
      std::string arguments = arity == 1 ? "(_)" : "(_, _)";
      out.push_back(
          node(Sort::fixed, "default " + name + arguments + " := ", "", "", {constant()}));
    }
    return out;
  }

  std::vector<Node> set(const std::string& name) {
    std::vector<Node> out;
    int count = chance(70) ? 1 : 2;
    for (int i = 0; i < count; ++i) {
      Scope scope;
      Node inner = rule_body(scope);
      out.push_back(
          node(Sort::fixed, name + " contains ", " if ", "", {term(scope, 1), std::move(inner)}));
    }
    return out;
  }

  std::vector<Node> object(const std::string& name) {
    std::vector<Node> out;
    int count = chance(70) ? 1 : 2;
    for (int i = 0; i < count; ++i) {
      Scope scope;
      Node inner = rule_body(scope);
      Node key = term(scope, 0);
      out.push_back(node(Sort::fixed, name + "[", "", "",
                         {node(Sort::fixed, "", "] := ", "", {std::move(key), term(scope, 1)}),
                          node(Sort::fixed, " if ", "", "", {std::move(inner)})}));
    }
    return out;
  }

  /// Refs as heads: name.a.b, name[x].c, name[x] contains y.
  std::vector<Node> nested(const std::string& name) {
    std::vector<Node> out;
    int count = between(1, 3);
    for (int i = 0; i < count; ++i) {
      Scope scope;
      Node inner = rule_body(scope);
      switch (between(0, 3)) {
        case 0:
          out.push_back(node(Sort::fixed, name + "." + key() + "." + key() + " := ", " if ", "",
                             {term(scope, 1), std::move(inner)}));
          break;
        case 1:
          out.push_back(
              node(Sort::fixed, name + "[", " if ", "",
                   {node(Sort::fixed, "", "].c := ", "", {term(scope, 0), term(scope, 1)}),
                    std::move(inner)}));
          break;
        case 2:
          out.push_back(
              node(Sort::fixed, name + ".s[", " if ", "",
                   {node(Sort::fixed, "", "] contains ", "", {term(scope, 0), term(scope, 1)}),
                    std::move(inner)}));
          break;
        default:
          out.push_back(
              node(Sort::fixed, name + ".t[", " if ", "",
                   {node(Sort::fixed, "", "][", "] := 1", {term(scope, 0), term(scope, 0)}),
                    std::move(inner)}));
      }
    }
    return out;
  }

  std::vector<Node> rule_group(int index) {
    std::string name = "r" + std::to_string(index);
    auto shape = static_cast<Shape>(chance(40) ? 0 : between(0, 5));
    std::vector<Node> out;
    switch (shape) {
      case Shape::complete:
        out = complete(name);
        break;
      case Shape::set:
        out = set(name);
        break;
      case Shape::object:
        out = object(name);
        break;
      case Shape::function1:
        out = function(name, 1);
        break;
      case Shape::function2:
        out = function(name, 2);
        break;
      case Shape::nested:
        out = nested(name);
        break;
    }
    names_.push_back({name, shape});
    return out;
  }

  std::mt19937_64 random_;
  std::vector<RuleName> names_;
  int variables_ = 0;
};

}  // namespace

Program generate(std::uint64_t seed) { return Generator(seed).program(); }

}  // namespace lictor::differential
