// Refuses rules that conflict: of different kinds or arities at one path, inside of each other,
// several defaults, or a rule at the path of a package or of a base document. Source of the rules:
// OPA v1/ast/compile.go, checkRuleConflicts, and v1/ast/conflicts.go.
#include <algorithm>

#include "compile/stages.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

/// Rules by the ground part of their path, in OPA's order of values.
struct Node {
  std::map<std::pair<int, std::string>, std::unique_ptr<Node>> children;
  std::vector<const CheckedRule*> rules;
  std::vector<const Module*> packages;
};

constexpr int string_rank = 3;

std::pair<int, std::string> key_of(const Term& term) {
  int rank = term.kind == TermKind::boolean  ? 1
             : term.kind == TermKind::number ? 2
             : term.kind == TermKind::string ? string_rank
                                             : 4;
  return {rank, term.text + (term.kind == TermKind::boolean && term.flag ? "1" : "")};
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

/// A rule's path with variables in the place of what is evaluated.
std::vector<Term> head_path(const CheckedRule& rule, const HeadNumbers& heads) {
  std::vector<Term> out;
  std::size_t first = rule.path.size() - (rule.rule->ref->items.size() - 1);
  for (std::size_t i = 0; i < rule.path.size(); ++i) {
    auto number = i < first ? heads.end() : heads.find({rule.rule, i - first});
    if (number == heads.end()) {
      out.push_back(*rule.path[i]);
      continue;
    }
    Term& var = out.emplace_back();
    var.kind = TermKind::var;
    var.text = "#" + std::to_string(number->second);
  }
  return out;
}

class Conflicts {
 public:
  Conflicts(const HeadNumbers& heads, Errors& errors) : heads_(heads), errors_(errors) {}

  void visit(const Node& node) {
    if (is_full(errors_)) return;
    if (!node.rules.empty()) check(node);
    for (const auto& [key, child] : node.children) visit(*child);
  }

  void visit_packages(const Node& node) {
    for (const CheckedRule* rule : node.rules) {
      if (!is_ground(*rule)) continue;
      for (const Module* module : node.packages) {
        if (is_full(errors_)) return;
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

  void check(const Node& node) {
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
      fail(first, "rule " + name(*node.rules.back()) + " conflicts with:" + listed(below));
    } else if ((multi && single) || arities.size() > 1 || (complete && partial) ||
               (set && object_of_sets)) {
      fail(first, "conflicting rules " + name(*node.rules.back()) + " found");
    } else if (defaults.size() > 1) {
      std::string text = "multiple default rules " + name(*node.rules.back()) + " found at ";
      for (const CheckedRule* rule : defaults)
        text += (rule == defaults[0] ? "" : ", ") + place(rule->rule->span);
      errors_.push_back(error_at(ErrorCode::type, defaults[0]->module->package_span, text));
    }
  }

  std::string place(const Span& span) {
    return span.source->name + ":" + std::to_string(places_.of(span).row);
  }

  void fail(const CheckedRule& rule, std::string text) {
    errors_.push_back(error_at(ErrorCode::type, rule.rule->span, std::move(text)));
  }

  std::string name(const CheckedRule& rule) const { return rule_name(rule, heads_); }

  std::string listed(const std::vector<const CheckedRule*>& rules) {
    std::string out;
    for (const CheckedRule* rule : rules)
      out += "\n  rule " + name(*rule) + " at " + place(rule->rule->span);
    return out;
  }

  /// The rules below a node, or only the functions, by their refs; none whose ref continues that of
  /// another.
  std::vector<const CheckedRule*> inside(const Node& node, bool functions) const {
    std::vector<std::pair<Ref, const CheckedRule*>> found;
    for (const auto& [key, child] : node.children) collect(*child, functions, found);
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::lexicographical_compare(a.first.begin(), a.first.end(), b.first.begin(),
                                          b.first.end(), is_less);
    });
    std::vector<const CheckedRule*> out;
    const Ref* last = nullptr;
    for (const auto& [ref, rule] : found) {
      if (last && begins_with(ref, *last)) continue;
      out.push_back(rule);
      last = &ref;
    }
    return out;
  }

  using Ref = std::vector<Term>;

  static bool is_less(const Term& a, const Term& b) { return syntax::compare(a, b) < 0; }

  static bool begins_with(const Ref& ref, const Ref& start) {
    auto equal = [](const Term& a, const Term& b) { return syntax::compare(a, b) == 0; };
    return start.size() <= ref.size() && std::equal(start.begin(), start.end(), ref.begin(), equal);
  }

  void collect(const Node& node, bool functions,
               std::vector<std::pair<Ref, const CheckedRule*>>& out) const {
    for (const CheckedRule* rule : node.rules) {
      if (!functions || !rule->rule->args.empty()) out.emplace_back(head_path(*rule, heads_), rule);
    }
    for (const auto& [key, child] : node.children) collect(*child, functions, out);
  }

  const HeadNumbers& heads_;
  Errors& errors_;
  Places places_;
};

}  // namespace

std::string rule_name(const CheckedRule& rule, const HeadNumbers& heads) {
  Term ref, data;
  data.kind = TermKind::var;
  data.text = "data";
  ref.kind = TermKind::ref;
  ref.items = {&data};
  std::vector<Term> path = head_path(rule, heads);
  for (Term& part : path) {
    if (part.kind == TermKind::var) part.text = display_name(part.text);
    ref.items.push_back(&part);
  }
  return syntax::to_text(ref);
}

namespace {

/// The rules of all modules, by the ground part of their path, and the packages.
Node tree_of(const std::vector<Module*>& modules, const Checked& checked) {
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
  return root;
}

/// Only strings can name base documents.
void check_data(const Node& node, const HasData& has_data, std::vector<std::string>& path,
                Errors& errors) {
  if (is_full(errors)) return;
  if (!node.rules.empty() && has_data(path)) {
    std::string text;
    for (const std::string& part : path) text += (text.empty() ? "" : "/") + part;
    errors.push_back(error_at(ErrorCode::compile, node.rules.front()->rule->span,
                              "conflicting rule for data path " + text + " found"));
    return;
  }
  for (const auto& [key, child] : node.children) {
    if (key.first != string_rank) continue;
    path.push_back(key.second);
    check_data(*child, has_data, path, errors);
    path.pop_back();
  }
}

}  // namespace

void check_conflicts(const std::vector<Module*>& modules, const Checked& checked,
                     const HasData& has_data, const HeadNumbers& heads, Errors& errors) {
  Node root = tree_of(modules, checked);
  Conflicts conflicts(heads, errors);
  conflicts.visit(root);
  std::vector<std::string> path;
  if (has_data) check_data(root, has_data, path, errors);
  conflicts.visit_packages(root);
}

Errors data_conflicts(const std::vector<Module*>& modules, const Checked& checked,
                      const HasData& has_data) {
  std::vector<std::string> path;
  Findings findings;
  Errors errors;
  check_data(tree_of(modules, checked), has_data, path, errors);
  findings.add(std::move(errors));
  return std::move(findings).sorted();
}

}  // namespace lictor::compile
