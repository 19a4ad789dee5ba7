// Refuses rules that cannot stand together: of different kinds or arities at one path, inside of
// each other, several defaults, or a rule at the path of a package. Source of the rules: OPA
// v1/ast/compile.go, checkRuleConflicts (1.22.2).
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

/// Rules by the ground part of their path, in OPA's order of values.
struct Node {
  std::map<std::pair<int, std::string>, std::unique_ptr<Node>> children;
  std::vector<const CheckedRule*> rules;
  std::vector<const Module*> packages;
};

std::pair<int, std::string> key_of(const Term& term) {
  int rank = term.kind == TermKind::boolean  ? 1
             : term.kind == TermKind::number ? 2
             : term.kind == TermKind::string ? 3
                                             : 4;
  return {rank, term.text + (term.kind == TermKind::boolean && term.flag ? "1" : "")};
}

std::size_t ground_length(const CheckedRule& rule) {
  std::size_t out = 0;
  while (out < rule.path.size() && syntax::is_scalar(*rule.path[out])) ++out;
  return out;
}

bool is_ground(const CheckedRule& rule) { return ground_length(rule) == rule.path.size(); }

Node& insert(Node& root, const Terms& path, std::size_t length) {
  Node* at = &root;
  for (std::size_t i = 0; i < length; ++i) {
    auto& child = at->children[key_of(*path[i])];
    if (!child) child = std::make_unique<Node>();
    at = child.get();
  }
  return *at;
}

std::string place(const Span& span) {
  return span.source->name + ":" + std::to_string(locate(span.source->text, span.first).row);
}

class Conflicts {
 public:
  explicit Conflicts(Errors& errors) : errors_(errors) {}

  void visit(const Node& node) {
    if (!node.rules.empty() && !check(node)) return;
    for (const auto& [key, child] : node.children) visit(*child);
  }

  void visit_packages(const Node& node) {
    for (const CheckedRule* rule : node.rules) {
      if (!is_ground(*rule)) continue;
      for (const Module* module : node.packages) {
        errors_.push_back(error_at(ErrorCode::type, rule->module->package_span,
                                   "package " + package_text(*module) + " conflicts with rule " +
                                       syntax::to_text(*rule->rule->ref) + " defined at " +
                                       place(rule->rule->span)));
      }
    }
    for (const auto& [key, child] : node.children) visit_packages(*child);
  }

 private:
  static std::string package_text(const Module& module) {
    Term ref;
    ref.kind = TermKind::ref;
    Term head;
    head.kind = TermKind::var;
    head.text = module.package[0]->text;
    ref.items = {&head};
    ref.items.insert(ref.items.end(), module.package.begin() + 1, module.package.end());
    return module.package.size() == 1 ? head.text : syntax::to_text(ref);
  }

  /// False if something stands against the rules of a node.
  bool check(const Node& node) {
    const CheckedRule& first = *node.rules.front();
    std::set<std::size_t> arities;
    std::vector<const CheckedRule*> defaults;
    bool multi = false, single = false, complete = false, partial = false;
    bool set = false, object_of_sets = false, all_below = false, functions_below = false;
    for (const CheckedRule* rule : node.rules) {
      bool ground = is_ground(*rule), contains = rule->rule->multi_value;
      (contains ? multi : single) = true;
      (contains || !ground ? partial : complete) = true;
      if (contains) (ground ? set : object_of_sets) = true;
      (ground ? all_below : functions_below) = true;
      arities.insert(rule->rule->args.size());
      if (rule->rule->is_default) defaults.push_back(rule);
    }
    std::vector<const CheckedRule*> below;
    if (all_below) below = inside(node, false);
    if (below.empty() && functions_below) below = inside(node, true);
    if (!below.empty()) {
      fail(first, "rule " + name(first) + " conflicts with:" + listed(below));
    } else if ((multi && single) || arities.size() > 1 || (complete && partial) ||
               (set && object_of_sets)) {
      fail(first, "conflicting rules " + name(*node.rules.back()) + " found");
    } else if (defaults.size() > 1) {
      std::string text = "multiple default rules " + name(*node.rules.back()) + " found at ";
      for (const CheckedRule* rule : defaults)
        text += (rule == defaults[0] ? "" : ", ") + place(rule->rule->span);
      errors_.push_back(error_at(ErrorCode::type, defaults[0]->module->package_span, text));
    } else {
      return true;
    }
    return false;
  }

  void fail(const CheckedRule& rule, std::string text) {
    errors_.push_back(error_at(ErrorCode::type, rule.rule->span, std::move(text)));
  }

  static std::string name(const CheckedRule& rule) { return rule_name(rule); }

  static std::string listed(const std::vector<const CheckedRule*>& rules) {
    std::string out;
    for (const CheckedRule* rule : rules)
      out += "\n  rule " + name(*rule) + " at " + place(rule->rule->span);
    return out;
  }

  /// The rules below a node, or only the functions; of those at prefixes of each other, the
  /// shorter.
  static std::vector<const CheckedRule*> inside(const Node& node, bool functions) {
    std::vector<const CheckedRule*> out;
    for (const auto& [key, child] : node.children) collect(*child, functions, out);
    return out;
  }

  static void collect(const Node& node, bool functions, std::vector<const CheckedRule*>& out) {
    bool found = false;
    for (const CheckedRule* rule : node.rules) {
      if (found || (functions && rule->rule->args.empty())) continue;
      out.push_back(rule);
      found = true;
    }
    if (found && is_ground(*out.back())) return;
    for (const auto& [key, child] : node.children) collect(*child, functions, out);
  }

  Errors& errors_;
};

}  // namespace

std::string rule_name(const CheckedRule& rule) {
  Term ref, data;
  data.kind = TermKind::var;
  data.text = "data";
  ref.kind = TermKind::ref;
  ref.items = {&data};
  std::deque<Term> named;
  for (Term* item : rule.path) {
    named.push_back(*item);
    if (item->kind == TermKind::var) named.back().text = display_name(item->text);
    ref.items.push_back(&named.back());
  }
  return syntax::to_text(ref);
}

void check_conflicts(const std::vector<Module*>& modules, const Checked& checked, Errors& errors) {
  std::map<const Rule*, const CheckedRule*> found;
  for (const RuleGroup& group : checked.groups) {
    for (const CheckedRule& rule : group.rules) found[rule.rule] = &rule;
    for (const CheckedRule& rule : group.defaults) found[rule.rule] = &rule;
  }
  Node root;
  for (const Module* module : modules) {
    insert(root, module->package, module->package.size()).packages.push_back(module);
    for (const Rule* rule : module->rules) {
      const CheckedRule* checked_rule = found.at(rule);
      insert(root, checked_rule->path, ground_length(*checked_rule)).rules.push_back(checked_rule);
    }
  }
  Conflicts conflicts(errors);
  conflicts.visit(root);
  conflicts.visit_packages(root);
}

}  // namespace lictor::compile
