// Which rules of a document OPA's index leaves to evaluate: their number and order decide query
// ids, and a rule that is left out cannot fail. In: flat clauses. Out: for the input, data and
// arguments of a lookup, the clauses whose tests against constants hold. Source of the forms: OPA
// v1/ast/index.go, index_affix.go. Each clause is tested by itself here, where OPA walks a
// trie that all share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trace/walker.hpp"

namespace lictor::trace {

class RuleIndex {
 public:
  RuleIndex(const std::vector<const Clause*>& clauses, Walker& walker);

  /// The value of a ref, or undefined.
  using Resolve = FunctionRef<Value(const Term&)>;
  /// True for clauses that can hold, in order. A function may be looked up without arguments, when
  /// a whole package is read: nothing is known of them then.
  std::vector<bool> lookup(Resolve resolve, bool has_arguments) const;

 private:
  enum class Test : std::uint8_t { equals, glob, prefix, suffix, member };
  /// What a clause asks of the value of a ref; a var asks only that there is one.
  struct Constraint {
    std::size_t ref;
    const Term* value;
    Test test = Test::equals;
    std::string delimiters = {};  // of globs

    bool is_var() const { return value->kind == TermKind::var; }
    bool is_affix() const { return test == Test::prefix || test == Test::suffix; }
  };
  using Constraints = std::vector<Constraint>;
  using Alternatives = std::vector<Constraints>;
  using Constants = std::map<std::string, const Term*>;
  struct Membership {
    std::size_t key, collection;
  };

  /// What is known of one clause, or of an operand of `and` and `or` within it.
  struct Scope {
    const Clause& clause;
    Constraints own = {};
    Constraints outer = {};
    std::vector<Alternatives> choices = {};
    std::vector<Membership>* memberships = nullptr;
  };
  struct Tests {
    Alternatives paths;
    std::vector<Membership> memberships;
    std::vector<std::size_t> required;
  };
  struct Statistics {
    int count = 0;
    int alternated = 0;
  };
  class Answers;

  void add(Scope& scope, const Expr& expr, Constants& constants);
  void add_call(Scope& scope, const Term& call, const Constants& constants);
  void add_equality(Scope& scope, const Term& a, const Term& b, Constants& constants);
  bool add_sides(Scope& scope, const Term& a, const Term& b, Constants& constants);
  bool add_member_ref(Scope& scope, const Term& a, const Term& b, const Constants& constants);
  bool add_collection_key(Scope& scope, const Term& ref);
  void add_glob(Scope& scope, const Term& call);
  void add_in(Scope& scope, const Term& call, const Constants& constants);
  void add_affix(Scope& scope, const Term& call, const Constants& constants, Test test);
  void add_affixes(Scope& scope, const Term& call, const Constants& constants, Test test);
  void add_logical(Scope& scope, const Expr& expr, const Constants& constants);
  Alternatives operand(Scope& scope, const Body& body, const Constants& constants);
  void require(Scope& scope, const Alternatives& alternatives);
  void insert(Scope& scope, Constraint constraint);
  static Alternatives paths(const Scope& scope);

  const Term& with_constants(const Term& term, const Constants& constants);
  std::size_t intern(const Term& ref);
  const Term* ref_of_var(const Scope& scope, const std::string& var);
  const Term* with_resolved_head(const Scope& scope, const Term& ref);
  const Term* valid_ref_of(const Scope& scope, const Term& term);
  bool is_valid(const Term& ref) const;
  bool is_virtual(const Term& ref) const;
  void sort_levels();

  bool holds(const Tests& tests, Answers& answers) const;
  bool holds(const Constraints& path, Answers& answers) const;
  bool matches(const Constraint& constraint, const Value& value) const;
  static Constraints with_one_end(Constraints values);

  Walker& walker_;
  std::vector<const Term*> refs_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<Statistics> statistics_;
  std::vector<std::size_t> levels_;
  std::vector<Tests> tests_;  // by clause
  bool may_exit_ = false;
};

/// True if a caller could stop at the first of these clauses that holds: all have one value.
bool agree_on_value(const std::vector<const Clause*>& clauses);

}  // namespace lictor::trace
