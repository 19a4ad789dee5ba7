// Which clauses each clause may need: the graph that forbids recursion, and that tells in which
// order types are found. In: flat clauses as they are before anything is bound for them. Out:
// clauses by number, and the edges between them. Variables of a ref whose values are known lead to
// what these select only: `some x in ["a", "b"]; data[x].p` needs two documents, not all of them.
// INVARIANT: an edge is kept where its need cannot be ruled out; it is sure where no value of a
// variable can make it go away.
// Source of the rules: OPA v1/ast/compile.go, NewGraph and what it calls.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "compile/flatten.hpp"
#include "compile/stages.hpp"

namespace lictor::compile {

/// Where a variable gets its value.
struct Origin {
  enum class Kind : std::uint8_t { input, rule, collection, builtin, head_key, head_argument };
  Kind kind;
  const Term* term = nullptr;  // input, rule: the constant part of the ref; collection: itself
  std::string builtin = {};
};

/// A ref that leads to rules by what its variables hold.
struct DynamicRef {
  const Term* written;
  const Term* selecting;  // with what is known of its variables in their place
  VarSet bound;           // its variables that have a value when it is evaluated
  std::map<std::string, Origin> origins;
};

class Dependencies {
 public:
  /// A clause; else-clauses stand behind their rule's first one.
  struct Node {
    const CheckedRule* rule;
    Rule* clause;
  };
  /// Rules that are needed together.
  struct Edge {
    std::size_t list;           // of rules
    const DynamicRef* dynamic;  // null if the edge is sure
  };

  explicit Dependencies(const Checked& checked);
  Dependencies(const Dependencies&) = delete;
  Dependencies& operator=(const Dependencies&) = delete;

  const std::vector<Node>& nodes() const { return nodes_; }
  /// A node's rule as errors show it.
  std::string name(std::size_t node) const { return rule_name(*nodes_[node].rule, *heads_); }
  const builtins::Table& builtins() const { return *builtins_; }
  const std::vector<Edge>& edges(std::size_t node) const { return edges_[node]; }
  std::size_t lists() const { return lists_.size(); }
  /// The nodes of a list's rules.
  const std::vector<std::size_t>& list(std::size_t number) const { return lists_[number]; }

  /// The nodes in an order in which each follows those that it needs.
  std::vector<std::size_t> order() const;
  /// The nodes that a ref may read.
  std::vector<std::size_t> read_by(const Checked& checked, const Term& ref) const;
  /// The nodes that a ref reads, and those that need them, however far.
  std::vector<std::size_t> affected(const Checked& checked, const Term& ref) const;

 private:
  class Reader;

  std::vector<std::size_t> selected(const RuleGroup& group, const Term& ref) const;
  void reverse() const;

  std::vector<Node> nodes_;
  const HeadNumbers* heads_;
  const builtins::Table* builtins_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<std::vector<std::size_t>> lists_;  // the first ones are the groups' own
  std::deque<DynamicRef> dynamic_;
  Ast ast_;  // of dynamic refs, as the clauses are rewritten later
  mutable std::vector<std::vector<std::size_t>> users_;        // by list: the nodes that need it
  mutable std::vector<std::vector<std::size_t>> memberships_;  // by node: the lists that have it
};

/// How a ref selects a rule: which of its operands, none of them constant, must be the rule's.
struct Selection {
  bool sure = false;
  std::vector<std::size_t> operands;  // places in the ref
};
Selection selection(const Term& ref, const Terms& rule_path, const VarSet& bound);

/// The elements of a constant collection; of an object, its values. False if it is no collection.
bool members(const Term& collection, std::vector<const Term*>& out);

}  // namespace lictor::compile
