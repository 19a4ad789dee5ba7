// The tree of rules. Source: OPA v1/ast/compile.go, NewRuleTree and buildRuleIndices.
#include <algorithm>

#include "plan/constant.hpp"
#include "trace/rule_index.hpp"

namespace lictor::trace {
namespace {

void add_below(const TreeNode& node, std::vector<const Clause*>& out) {
  for (const Clause& clause : node.own) out.push_back(&clause);
  for (const auto& [key, child] : node.children) add_below(*child, out);
}

}  // namespace

bool Clause::has_ground_ref() const {
  return std::all_of(ref.begin() + 1, ref.end(),
                     [](const Term* term) { return syntax::is_ground(*term); });
}

bool TreeNode::is_function() const {
  return fallback ? fallback->is_function() : own.front().is_function();
}

std::size_t TreeNode::arity() const {
  return (fallback ? *fallback : own.front()).rule->args.size();
}

bool TreeNode::is_multi_value() const { return !own.empty() && own.front().rule->multi_value; }

TreeNode& Walker::tree_node(const std::vector<Value>& path) {
  TreeNode* node = &rules_;
  for (const Value& key : path) {
    std::unique_ptr<TreeNode>& child = node->children[key];
    if (child == nullptr) child = std::make_unique<TreeNode>();
    node = child.get();
  }
  return *node;
}

void Walker::add_clause(const compile::CheckedRule& rule, bool is_default) {
  std::vector<Value> path;
  for (const Term* part : rule.path) {
    if (!syntax::is_scalar(*part)) break;
    path.push_back(plan::constant_value(*part, kept_));
  }
  TreeNode& node = tree_node(path);
  if (node.ref == nullptr) {
    Term* ref = ast_.term(TermKind::ref, {});
    ref->items.push_back(ast_.var("data", {}));
    ref->items.insert(ref->items.end(), rule.path.begin(),
                      rule.path.begin() + static_cast<std::ptrdiff_t>(path.size()));
    node.ref = ref;
  }
  for (const Rule* clause = rule.rule; clause; clause = clause->else_rule) {
    Clause made{clause, &checked_.flat->clauses.at(clause), {nullptr}, sets_};
    made.ref.insert(made.ref.end(), rule.path.begin(), rule.path.end());
    const auto& flat = made.flat->path;
    std::copy(flat.begin(), flat.end(), made.ref.end() - static_cast<std::ptrdiff_t>(flat.size()));
    if (is_default) {
      node.fallback = &defaults_.emplace_back(std::move(made));
      break;
    }
    node.own.push_back(std::move(made));
  }
  ++sets_;
}

void Walker::add_packages(const compile::RuleNode& from, std::vector<Value>& path) {
  if (from.is_package) tree_node(path);
  for (const auto& [name, child] : from.children) {
    path.push_back(Value::string(kept_.copy(name)));
    add_packages(*child, path);
    path.pop_back();
  }
}

void Walker::add_rules() {
  for (const compile::RuleGroup& group : checked_.groups) {
    for (const compile::CheckedRule& rule : group.rules) add_clause(rule, false);
    for (const compile::CheckedRule& rule : group.defaults) add_clause(rule, true);
  }
  std::vector<Value> path;
  add_packages(checked_.root, path);
}

/// The document with what finds its rules.
const TreeNode& Walker::prepared(const TreeNode& document) {
  if (document.index) return document;
  document.only_ground_refs =
      std::all_of(document.own.begin(), document.own.end(),
                  [](const Clause& clause) { return clause.has_ground_ref(); });
  if (document.only_ground_refs) {
    for (const Clause& clause : document.own) document.clauses.push_back(&clause);
  } else {
    add_below(document, document.clauses);
  }
  document.index = std::make_shared<RuleIndex>(document.clauses, *this);
  return document;
}

}  // namespace lictor::trace
