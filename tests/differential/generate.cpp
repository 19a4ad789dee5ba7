// Writes programs whose rules refer to rules above them, so that nothing recurs, and whose
// constants come from a small pool, so that joins and comparisons meet. Terms are chosen by the
// kind of value that their place takes, so that most programs pass OPA's type checker; what stands
// in `input` and `data` may be anything. Some programs are refused on purpose.
#include "generate.hpp"

#include <random>

namespace lictor::differential {
namespace {

enum class Kind : unsigned char { any, number, string, boolean, array, object, set };
enum class Shape : unsigned char { complete, set, object, function1, function2, nested };

struct Var {
  std::string name;
  Kind kind;
};

using Scope = std::vector<Var>;

struct RuleName {
  std::string name;
  Shape shape;
  Kind kind;  // of its value, its members, or its result
};

class Generator {
 public:
  Generator(std::uint64_t seed, bool wide) : random_(seed), wide_(wide) {}

  Program program() {
    Program out;
    std::vector<Node> rules;
    int count = wide_ ? between(1, 2) : between(2, 7);
    for (int i = 0; i < count; ++i) {
      for (Node& rule : rule_group(i)) rules.push_back(std::move(rule));
    }
    out.module = list(Sort::fixed, 1, "package t\n\n", "\n\n", "\n", std::move(rules));
    out.data = document(true);
    out.input = document(false);
    const RuleName& last = names_[below(names_.size())];
    out.query = is_function(last) || chance(60) ? "data.t" : "data.t." + last.name;
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

  static bool is_function(const RuleName& rule) {
    return rule.shape == Shape::function1 || rule.shape == Shape::function2;
  }

  static bool fits(Kind have, Kind want) {
    return have == Kind::any || want == Kind::any || have == want;
  }

  // --- documents: rows whose fields meet
  std::string scalar(Kind kind) {
    // No number in two spellings: OPA loses documents whose rules have keys like 2 and 2.0.
    static constexpr const char* numbers[] = {"0", "1", "2", "3", "1.5", "-1", "1e2", "2.50"};
    static constexpr const char* strings[] = {"\"a\"", "\"b\"", "\"c\"", "\"\"", "\"A b\""};
    static constexpr const char* booleans[] = {"true", "false"};
    switch (kind) {
      case Kind::number:
        return pick(numbers);
      case Kind::string:
        return pick(strings);
      case Kind::boolean:
        return pick(booleans);
      default:
        return chance(45)   ? pick(numbers)
               : chance(70) ? pick(strings)
               : chance(75) ? pick(booleans)
                            : "null";
    }
  }

  std::string key() {
    static constexpr const char* keys[] = {"a", "b", "c", "x", "y"};
    return pick(keys);
  }

  Node json(int depth) {
    int kind = depth == 0 ? 0 : between(0, 5);
    if (kind <= 2) return leaf(Sort::json, scalar(Kind::any));
    std::vector<Node> children;
    int count = between(0, 3);
    if (kind == 3) {
      for (int i = 0; i < count; ++i) children.push_back(json(depth - 1));
      return list(Sort::json, 0, "[", ", ", "]", std::move(children));
    }
    static constexpr const char* keys[] = {"a", "b", "c", "x", "y"};
    for (int i = 0; i < count; ++i) {
      std::size_t at = (below(2) + 2 * static_cast<std::size_t>(i)) % 5;
      children.push_back(member(keys[at], json(depth - 1)));
    }
    return list(Sort::json, 0, "{", ", ", "}", std::move(children));
  }

  static Node member(const std::string& name, Node value) {
    return node(Sort::fixed, "\"" + name + "\": ", "", "", {std::move(value)});
  }

  Node rows() {
    std::vector<Node> rows;
    int count = between(0, 4);
    for (int i = 0; i < count; ++i) {
      std::vector<Node> fields;
      fields.push_back(member("name", leaf(Sort::json, "\"" + key() + "\"")));
      if (chance(80))
        fields.push_back(
            member("level", leaf(Sort::json, scalar(chance(70) ? Kind::number : Kind::any))));
      if (chance(60)) fields.push_back(member("tags", json(1)));
      rows.push_back(list(Sort::json, 0, "{", ", ", "}", std::move(fields)));
    }
    return list(Sort::json, 0, "[", ", ", "]", std::move(rows));
  }

  Node document(bool data) {
    std::vector<Node> members;
    members.push_back(member(data ? "users" : "rows", rows()));
    members.push_back(member("d", json(3)));
    members.push_back(member("s", leaf(Sort::json, scalar(Kind::any))));
    members.push_back(member(
        "m", node(Sort::fixed, "{", ", ", "}", {member("a", json(1)), member("b", json(1))})));
    return list(Sort::fixed, 0, "{", ", ", "}", std::move(members));
  }

  // --- terms
  Node constant(Kind kind) {
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

  const Var* some_var(const Scope& scope, Kind want) {
    std::vector<const Var*> fitting;
    for (const Var& var : scope) {
      if (fits(var.kind, want)) fitting.push_back(&var);
    }
    return fitting.empty() ? nullptr : fitting[below(fitting.size())];
  }

  const RuleName* some_rule(Kind want, bool functions) {
    std::vector<const RuleName*> fitting;
    for (const RuleName& rule : names_) {
      bool document = rule.shape == Shape::complete ? fits(rule.kind, want)
                      : rule.shape == Shape::set    ? fits(Kind::set, want)
                      : is_function(rule)           ? functions && fits(rule.kind, want)
                                                    : fits(Kind::object, want);
      if (document) fitting.push_back(&rule);
    }
    return fitting.empty() ? nullptr : fitting[below(fitting.size())];
  }

  std::string root() {
    static constexpr const char* roots[] = {
        "input.rows", "input.d", "input.m",   "input.s",  "data.users",    "data.d",      "data.m",
        "data.s",     "input",   "input.m.a", "data.m.b", "input.missing", "data.missing"};
    return pick(roots);
  }

  Node operand(const Scope& scope, int depth) {
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

  /// A ref into `input`, `data` or a variable of unknown kind: anything.
  Node open_reference(const Scope& scope, int depth) {
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

  Node reference(const Scope& scope, int depth, Kind want) {
    const RuleName* rule = chance(45) ? some_rule(want, true) : nullptr;
    if (rule == nullptr) return open_reference(scope, depth);
    if (is_function(*rule)) return call_rule(*rule, scope, depth);
    return leaf(Sort::term, chance(80) ? rule->name : "data.t." + rule->name);
  }

  Node call_rule(const RuleName& rule, const Scope& scope, int depth) {
    std::vector<Node> arguments;
    arguments.push_back(open_term(scope, depth - 1));
    if (rule.shape == Shape::function2) arguments.push_back(open_term(scope, depth - 1));
    return node(Sort::term, rule.name + "(", ", ", ")", std::move(arguments));
  }

  /// A term of which the checker knows nothing.
  Node open_term(const Scope& scope, int depth) {
    const Var* var = chance(50) ? some_var(scope, Kind::any) : nullptr;
    if (var && var->kind == Kind::any) return leaf(Sort::term, var->name);
    return open_reference(scope, depth);
  }

  Node composite(const Scope& scope, int depth, Kind kind) {
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

  Node binary(const Scope& scope, int depth, Kind kind, std::string symbol) {
    return node(Sort::term, "(", std::move(symbol), ")",
                {term(scope, depth - 1, kind), term(scope, depth - 1, kind)});
  }

  Node unary(const Scope& scope, int depth, Kind kind, std::string name) {
    return node(Sort::term, std::move(name) + "(", "", ")", {term(scope, depth - 1, kind)});
  }

  Node number_call(const Scope& scope, int depth) {
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

  Node string_call(const Scope& scope, int depth) {
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
        return node(Sort::term, "$\"<{", "}-{", "}>\"",
                    {term(scope, 0, Kind::any), open_reference(scope, 0)});
      default:
        return node(Sort::term, "replace(", ", ", ")",
                    {term(scope, depth - 1, Kind::string), term(scope, 0, Kind::string),
                     term(scope, 0, Kind::string)});
    }
  }

  Node boolean_call(const Scope& scope, int depth) {
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
        return node(Sort::term, "(", " in ", ")",
                    {open_term(scope, depth - 1), open_term(scope, depth - 1)});
      default:
        return node(Sort::term, chance(50) ? "startswith(" : "contains(", ", ", ")",
                    {term(scope, depth - 1, Kind::string), term(scope, depth - 1, Kind::string)});
    }
  }

  Node array_call(const Scope& scope, int depth) {
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

  Node object_call(const Scope& scope, int depth) {
    return node(Sort::term, "object.union(", ", ", ")",
                {term(scope, depth - 1, Kind::object), term(scope, depth - 1, Kind::object)});
  }

  Node set_call(const Scope& scope, int depth) {
    static constexpr const char* operators[] = {" & ", " | ", " - "};
    if (chance(70)) return binary(scope, depth, Kind::set, pick(operators));
    return unary(scope, depth, Kind::object, "object.keys");
  }

  Node call(const Scope& scope, int depth, Kind kind) {
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

  Node comprehension(const Scope& outer, int depth, Kind kind) {
    Scope scope = outer;
    Node inner = body(scope, depth - 1, between(1, 2), "", "; ", "");
    if (kind == Kind::array)
      return node(Sort::term, "[", " | ", "]",
                  {term(scope, depth - 1, Kind::any), std::move(inner)});
    if (kind == Kind::set)
      return node(Sort::term, "{", " | ", "}",
                  {term(scope, depth - 1, Kind::any), std::move(inner)});
    Node pair = node(Sort::fixed, "", ": ", "",
                     {term(scope, 0, Kind::any), term(scope, depth - 1, Kind::any)});
    return node(Sort::term, "{", " | ", "}", {std::move(pair), std::move(inner)});
  }

  Kind some_kind() {
    static constexpr Kind kinds[] = {Kind::number, Kind::number,  Kind::string,
                                     Kind::string, Kind::boolean, Kind::array,
                                     Kind::object, Kind::set,     Kind::any};
    return kinds[below(9)];
  }

  Node term(const Scope& scope, int depth, Kind want) {
    const Var* var = some_var(scope, want);
    if (depth <= 0) return var && chance(60) ? leaf(Sort::term, var->name) : constant(want);
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

  // --- expressions
  Node pattern(const Scope& scope, int depth, Scope& declared) {
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

  static void add(Scope& scope, const Scope& declared) {
    scope.insert(scope.end(), declared.begin(), declared.end());
  }

  Node assignment(Scope& scope, int depth) {
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

  /// Something to iterate over, and the kind of what it holds.
  Node collection(const Scope& scope, int depth) {
    if (chance(60)) return open_reference(scope, depth);
    if (const RuleName* rule = chance(50) ? some_rule(Kind::set, false) : nullptr)
      return leaf(Sort::term, rule->name);
    static constexpr Kind kinds[] = {Kind::array, Kind::object, Kind::set};
    return term(scope, depth, kinds[below(3)]);
  }

  std::string iterable() {
    const RuleName* rule =
        chance(40) ? some_rule(chance(50) ? Kind::set : Kind::object, false) : nullptr;
    return rule ? rule->name : root();
  }

  Node iteration(Scope& scope, int depth) {
    switch (between(0, 4)) {
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
        return list(Sort::expr, 0, head + "[" + scope.back().name + "]", "", "",
                    std::move(operands));
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

  Node comparison(const Scope& scope, int depth) {
    static constexpr const char* operators[] = {
        " == ", " != ", " < ", " <= ", " > ", " >= ", " = "};
    Kind kind = some_kind();
    return node(Sort::expr, "", pick(operators), "",
                {term(scope, depth, kind), term(scope, depth, kind)});
  }

  Node condition(const Scope& scope, int depth) {
    switch (between(0, 4)) {
      case 0:
        return node(Sort::expr, "", "", "", {boolean_call(scope, depth)});
      case 1:
        return node(Sort::expr, "", "", "", {reference(scope, depth, Kind::any)});
      case 2:
        return node(Sort::expr, "", " in ", "",
                    {open_term(scope, depth), open_reference(scope, depth)});
      default:
        return comparison(scope, depth);
    }
  }

  Node with(Node inner, const Scope& scope) {
    static constexpr const char* targets[] = {"input",  "input.s",    "input.m.a", "input.d",
                                              "data.s", "data.users", "data.m.a"};
    std::string target = pick(targets);
    if (chance(3)) target += chance(50) ? "[0]" : "[\"0\"]";
    Node value = term(scope, 1, Kind::any);
    if (chance(30)) {
      const RuleName* rule = some_rule(Kind::any, true);
      if (rule) target = "data.t." + rule->name;
    } else if (chance(10)) {
      target = chance(50) ? "count" : "upper";
      value = constant(target == "count" ? Kind::number : Kind::string);
    }
    return node(Sort::expr, "", " with " + target + " as ", "",
                {std::move(inner), std::move(value)});
  }

  Node expr(Scope& scope, int depth) {
    int choice = between(0, 99);
    if (choice < 24) return assignment(scope, depth);
    if (choice < 46) return iteration(scope, depth);
    if (choice < 74) return condition(scope, depth);
    if (choice < 84) {
      Node inner = condition(scope, depth);
      if (chance(25)) inner = with(std::move(inner), scope);
      return node(Sort::expr, "not ", "", "", {std::move(inner)});
    }
    if (choice < 90) return every(scope, depth);
    return with(condition(scope, depth), scope);
  }

  Node every(const Scope& outer, int depth) {
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
    Node inner = list(Sort::fixed, 1, "{ ", "; ", " }", std::move(exprs));
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

  /// What OPA's index, and ours, may find a rule by.
  Node index_test(Scope& scope) {
    static constexpr const char* paths[] = {"input.s", "input.s", "input.d", "input.m.a"};
    std::string tested = pick(paths);
    if (!scope.empty() && chance(40)) tested = scope[0].name;
    if (chance(20)) {
      std::string local = fresh();
      std::string assignment = local + " := " + tested;
      scope.push_back({local, Kind::any});
      return leaf(Sort::expr, assignment + "; " + local + " == " + scalar(Kind::any));
    }
    switch (between(0, 7)) {
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

  /// A loop over rows and what it asks of them, which an index of the data may answer.
  Node join(Scope& scope) {
    static constexpr const char* columns[] = {".name", ".name", ".level", ".tags", ".tags.a", ""};
    static constexpr const char* values[] = {"input.s", "\"a\"", "1", "input.d", "input.m.a"};
    std::string row = fresh(), column = pick(columns), value = pick(values);
    if (!scope.empty() && chance(30)) value = scope[below(scope.size())].name;
    std::string loop = "some " + row + " in data.users", asked = row + column;
    bool keyed = chance(25);
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

  Node rule_body(Scope& scope) {
    if (!wide_) return body(scope, 2, between(1, 4), "{\n  ", "\n  ", "\n}");
    std::vector<Node> exprs;
    if (chance(90)) exprs.push_back(index_test(scope));
    if (exprs.empty() || chance(30)) exprs.push_back(expr(scope, 1));
    if (chance(20)) exprs.push_back(index_test(scope));
    if (chance(30)) exprs.push_back(join(scope));
    if (chance(20)) std::swap(exprs.front(), exprs.back());
    return list(Sort::fixed, 1, "{\n  ", "\n  ", "\n}", std::move(exprs));
  }

  // --- rules
  Node clause(const std::string& head, Scope scope, Kind kind, bool with_value) {
    Node inner = rule_body(scope);
    if (!with_value) return node(Sort::fixed, head + " if ", "", "", {std::move(inner)});
    Node value = chance(40) ? constant(kind) : term(scope, 1, kind);
    return node(Sort::fixed, head + " := ", " if ", "", {std::move(value), std::move(inner)});
  }

  Node with_else(Node first, const Scope& scope, Kind kind, bool with_value) {
    std::vector<Node> clauses;
    clauses.push_back(std::move(first));
    int more = chance(25) ? between(1, 2) : 0;
    for (int i = 0; i < more; ++i) clauses.push_back(clause("else", scope, kind, with_value));
    return list(Sort::fixed, 1, "", " ", "", std::move(clauses));
  }

  std::vector<Node> complete(const std::string& name, Kind kind) {
    std::vector<Node> out;
    bool with_value = kind != Kind::boolean || chance(30);
    if (chance(35))
      out.push_back(node(Sort::fixed, "default " + name + " := ", "", "", {constant(kind)}));
    if (chance(15)) {
      out.push_back(node(Sort::fixed, name + " := ", "", "", {term({}, 2, kind)}));
      return out;
    }
    int count = wide_ ? between(8, 12) : chance(75) ? 1 : 2;
    for (int i = 0; i < count; ++i)
      out.push_back(with_else(clause(name, {}, kind, with_value), {}, kind, with_value));
    return out;
  }

  std::vector<Node> function(const std::string& name, int arity, Kind kind) {
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
      std::string arguments = arity == 1 ? "(_)" : "(_, _)";
      out.push_back(
          node(Sort::fixed, "default " + name + arguments + " := ", "", "", {constant(kind)}));
    }
    return out;
  }

  std::vector<Node> set(const std::string& name) {
    std::vector<Node> out;
    int count = wide_ ? between(8, 12) : chance(70) ? 1 : 2;
    for (int i = 0; i < count; ++i) {
      Scope scope;
      Node inner = rule_body(scope);
      out.push_back(node(Sort::fixed, name + " contains ", " if ", "",
                         {term(scope, 1, Kind::any), std::move(inner)}));
    }
    return out;
  }

  std::vector<Node> object(const std::string& name) {
    std::vector<Node> out;
    int count = wide_ ? between(8, 12) : chance(70) ? 1 : 2;
    for (int i = 0; i < count; ++i) {
      Scope scope;
      Node inner = rule_body(scope);
      Node entry = node(Sort::fixed, "", "] := ", "",
                        {term(scope, 0, Kind::any), term(scope, 1, Kind::any)});
      out.push_back(
          node(Sort::fixed, name + "[", " if ", "", {std::move(entry), std::move(inner)}));
    }
    return out;
  }

  /// Refs as heads: name.a.b, name[x].c, name[x] contains y.
  std::vector<Node> nested(const std::string& name) {
    std::vector<Node> out;
    int count = wide_ ? between(8, 12) : between(1, 3);
    for (int i = 0; i < count; ++i) {
      Scope scope;
      Node inner = rule_body(scope);
      Node entry = leaf(Sort::fixed, "");
      switch (between(0, 3)) {
        case 0:
          entry = node(Sort::fixed, "." + key() + "." + key() + " := ", "", "",
                       {term(scope, 1, Kind::any)});
          break;
        case 1:
          entry = node(Sort::fixed, "[", "].c := ", "",
                       {term(scope, 0, Kind::string), term(scope, 1, Kind::any)});
          break;
        case 2:
          entry = node(Sort::fixed, ".s[", "] contains ", "",
                       {term(scope, 0, Kind::any), term(scope, 1, Kind::any)});
          break;
        default:
          entry = node(Sort::fixed, ".t[", "][", "] := 1",
                       {term(scope, 0, Kind::any), term(scope, 0, Kind::any)});
      }
      out.push_back(node(Sort::fixed, name, " if ", "", {std::move(entry), std::move(inner)}));
    }
    return out;
  }

  std::vector<Node> rule_group(int index) {
    std::string name = "r" + std::to_string(index);
    auto shape = static_cast<Shape>(chance(40) ? 0 : between(0, 5));
    Kind kind = some_kind();
    std::vector<Node> out;
    switch (shape) {
      case Shape::complete:
        out = complete(name, kind);
        break;
      case Shape::set:
        out = set(name);
        break;
      case Shape::object:
        out = object(name);
        break;
      case Shape::function1:
        out = function(name, 1, kind);
        break;
      case Shape::function2:
        out = function(name, 2, kind);
        break;
      case Shape::nested:
        out = nested(name);
        break;
    }
    names_.push_back({name, shape, kind});
    return out;
  }

  std::mt19937_64 random_;
  bool wide_;
  std::vector<RuleName> names_;
  int variables_ = 0;
};

}  // namespace

Program generate(std::uint64_t seed, bool wide) { return Generator(seed, wide).program(); }

}  // namespace lictor::differential
