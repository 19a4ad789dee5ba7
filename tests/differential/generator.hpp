// Writes programs whose rules refer to rules above them, so that nothing recurs, and whose
// constants come from a small pool, so that joins and comparisons meet. Terms are chosen by the
// kind of value that their place takes, so that most programs pass OPA's type checker; what is in
// `input` and `data` may be anything. Some programs are refused on purpose. A program has a style,
// which says how much it has of what is unusual.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "generate.hpp"
#include "node.hpp"

namespace lictor::differential {

enum class Kind : unsigned char { any, number, string, boolean, array, object, set };
enum class Shape : unsigned char { complete, set, object, function1, function2, nested, function0 };

struct Var {
  std::string name;
  Kind kind;
};

using Scope = std::vector<Var>;

struct RuleName {
  std::string package;  // "data.t"
  std::string name;
  Shape shape;
  Kind kind;  // of its value, its members, or its result
};

/// How much of each unusual form a program has, in percent.
struct Style {
  int hostile_names = 0;  // variables and rules named like one another and like what is built in
  int odd_terms = 0;
  int odd_elses = 0;
  int prints = 0;
  int mocks = 0;
  int metadata = 0;
  int layouts = 0;
  int tests = 0;
  int overlaps = 0;  // data at the paths of rules
  int modules = 1;
  bool odd_numbers = false;
  bool odd_queries = false;
  bool strict_errors = false;
  bool v0 = false;
  bool keywords = true;   // `in`, `every`, `if` and `contains` may be used in this module
  bool templates = true;  // and template strings
  bool v1_import = false;
  bool logical = false;  // so may `not {`, `and` and `or`

  bool has_if() const { return keywords; }
};

class Generator {
 public:
  Generator(std::uint64_t seed, const Form& form);
  Program program();

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
  /// A variable's name: mostly a new one, else one that rules, imports, builtins or variables that
  /// the compiler makes may have.
  std::string fresh();
  static bool is_function(const RuleName& rule) {
    return rule.shape == Shape::function0 || rule.shape == Shape::function1 ||
           rule.shape == Shape::function2;
  }
  static bool fits(Kind have, Kind want) {
    return have == Kind::any || want == Kind::any || have == want;
  }
  // --- documents: rows whose fields meet
  std::string scalar(Kind kind);
  std::string key() {
    static constexpr const char* keys[] = {"a", "b", "c", "x", "y"};
    return pick(keys);
  }
  Node json(int depth);
  static Node member(const std::string& name, Node value) {
    return node(Sort::fixed, "\"" + name + "\": ", "", "", {std::move(value)});
  }
  std::string odd_number();
  Node rows();
  Node document(bool data);
  // --- terms
  Node constant(Kind kind);
  const Var* some_var(const Scope& scope, Kind want);
  const RuleName* some_rule(Kind want, bool functions);
  std::string root();
  Node operand(const Scope& scope, int depth);
  /// A ref into `input`, `data` or a variable of unknown kind: anything.
  Node open_reference(const Scope& scope, int depth);
  Node reference(const Scope& scope, int depth, Kind want);
  std::string spelled(const RuleName& rule);
  Node call_rule(const RuleName& rule, const Scope& scope, int depth);
  /// A term of which the checker knows nothing.
  Node open_term(const Scope& scope, int depth);
  Node composite(const Scope& scope, int depth, Kind kind);
  Node binary(const Scope& scope, int depth, Kind kind, std::string symbol) {
    return node(Sort::term, "(", std::move(symbol), ")",
                {term(scope, depth - 1, kind), term(scope, depth - 1, kind)});
  }
  Node unary(const Scope& scope, int depth, Kind kind, std::string name) {
    return node(Sort::term, std::move(name) + "(", "", ")", {term(scope, depth - 1, kind)});
  }
  Node number_call(const Scope& scope, int depth);
  Node string_call(const Scope& scope, int depth);
  Node boolean_call(const Scope& scope, int depth);
  Node array_call(const Scope& scope, int depth);
  Node object_call(const Scope& scope, int depth) {
    return node(Sort::term, "object.union(", ", ", ")",
                {term(scope, depth - 1, Kind::object), term(scope, depth - 1, Kind::object)});
  }
  Node set_call(const Scope& scope, int depth);
  Node call(const Scope& scope, int depth, Kind kind);
  Node comprehension(const Scope& outer, int depth, Kind kind);
  Kind some_kind();
  Node template_string(const Scope& scope, int depth);
  Node negative(const Scope& scope, int depth);
  Node ref_into(const Scope& scope, int depth);
  Node nested_constant();
  Node odd_term(const Scope& scope, int depth, Kind want);
  Node term(const Scope& scope, int depth, Kind want);
  // --- expressions
  Node pattern(const Scope& scope, int depth, Scope& declared);
  static void add(Scope& scope, const Scope& declared) {
    scope.insert(scope.end(), declared.begin(), declared.end());
  }
  Node assignment(Scope& scope, int depth);
  /// Something to iterate over, and the kind of what it holds.
  Node collection(const Scope& scope, int depth);
  std::string iterable();
  Node iteration(Scope& scope, int depth);
  Node comparison(const Scope& scope, int depth);
  Node condition(const Scope& scope, int depth);
  Node with(Node inner, const Scope& scope);
  Node mock(Node inner, const Scope& scope);
  Node mockable(const Scope& scope, int depth);
  Node print(const Scope& scope, int depth);
  Node declaration(Scope& scope);
  Node odd_expr(Scope& scope, int depth);
  Node logical(Scope& scope, int depth);
  Node closure_body(Scope& scope, int depth);
  Node expr(Scope& scope, int depth);
  Node every(const Scope& outer, int depth);
  Node body(Scope& scope, int depth, int count, std::string head, std::string separator,
            std::string tail);
  /// What OPA's index, and ours, may find a rule by.
  Node index_test(Scope& scope);
  /// A loop over rows and what it asks of them, which an index of the data may answer.
  Node join(Scope& scope);
  Node rule_body(Scope& scope);
  // --- rules
  Node clause(const std::string& head, Scope scope, Kind kind, bool with_value);
  std::string if_text();
  Node last_else(const Scope& scope, Kind kind);
  Node else_clause(const Scope& scope, Kind kind, bool with_value);
  Node with_else(Node first, const Scope& scope, Kind kind, bool with_value);
  std::vector<Node> complete(const std::string& name, Kind kind);
  Node default_rule(const std::string& name, Kind kind);
  Node head_key(const Scope& scope, int depth);
  std::string metadata();
  std::string rule_name(int index);
  std::vector<Node> rules_of(const std::string& name, Shape shape, Kind kind);
  std::vector<Node> function(const std::string& name, int arity, Kind kind);
  std::vector<Node> set(const std::string& name);
  std::vector<Node> object(const std::string& name);
  /// Refs as heads: name.a.b, name[x].c, name[x] contains y.
  std::vector<Node> nested(const std::string& name);
  std::vector<Node> rule_group(int index);
  // --- modules
  std::string package(int index);
  void start_module(int index);
  std::string import_lines();
  Node module(int index);
  Node overlap();
  std::string query();

  std::mt19937_64 random_;
  bool wide_;
  Style style_;
  std::vector<RuleName> names_;
  std::string package_;
  std::string current_;  // the name of the rules that are being written
  std::vector<std::pair<std::string, std::string>> imports_;  // paths and their aliases
  std::vector<std::string> import_roots_;                     // aliases of documents
  int variables_ = 0;
  int groups_ = 0;
  int templates_ = 0;
};

}  // namespace lictor::differential
