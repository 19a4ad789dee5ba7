// Groups rules by the path of strings that they define. Where one group's path is a prefix of
// another's (a.b[x] and a.b.c.d), the shorter one takes both.
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

/// Of the strings that a rule's path begins with, which lie in its terms.
using Path = boost::container::small_vector<std::string_view, 6>;

Path ground_path(const CheckedRule& rule) {
  Path out;
  for (const Term* part : rule.path) {
    if (part->kind != TermKind::string) break;
    out.push_back(part->text);
  }
  return out;
}

/// The parts of a module's package are the same terms for all of its rules.
struct PathLess {
  bool operator()(const Path& a, const Path& b) const {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (a[i].data() == b[i].data() && a[i].size() == b[i].size()) continue;
      if (int order = a[i].compare(b[i]); order != 0) return order < 0;
    }
    return a.size() < b.size();
  }
};

bool is_prefix(const Path& prefix, const Path& path) {
  return prefix.size() <= path.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

std::string data_ref(const Terms& path, std::size_t length) {
  Term data, ref;
  data.kind = TermKind::var;
  data.text = "data";
  ref.kind = TermKind::ref;
  ref.items = {&data};
  ref.items.insert(ref.items.end(), path.begin(),
                   path.begin() + static_cast<std::ptrdiff_t>(length));
  return syntax::to_text(ref);
}

/// What a rule makes at the group's path. A function below it is a part of the group's document:
/// `f[i](x)` cannot be called, and OPA shows its values.
GroupKind kind_of(const CheckedRule& rule, std::size_t depth) {
  if (rule.rule->multi_value || rule.path.size() > depth) return GroupKind::partial;
  // f() without arguments is a document like any other.
  return rule.rule->args.empty() ? GroupKind::complete : GroupKind::function;
}

/// True for a function in the document of its group, such as f[1](x): it can be called, as its keys
/// are constant.
bool is_inner_function(const CheckedRule& rule, std::size_t depth) {
  return !rule.rule->args.empty() && rule.path.size() > depth &&
         std::all_of(rule.path.begin(), rule.path.end(),
                     [](const Term* key) { return syntax::is_scalar(*key); });
}

bool same_key(const Term* a, const Term* b) { return syntax::to_text(*a) == syntax::to_text(*b); }

void add_inner_function(const CheckedRule& rule, RuleGroup& around, Checked& checked) {
  auto same = [&](const RuleGroup* other) {
    const Terms& path = other->rules.front().path;
    return std::equal(path.begin(), path.end(), rule.path.begin(), rule.path.end(), same_key);
  };
  auto found = std::find_if(around.functions.begin(), around.functions.end(), same);
  if (found != around.functions.end()) return (*found)->rules.push_back(rule);
  RuleGroup& made = checked.inner_functions.emplace_back();
  made.kind = GroupKind::function;
  for (const Term* key : rule.path) made.path.push_back(key->text);
  made.rules.push_back(rule);
  made.arity = rule.rule->args.size();
  made.index = around.index;
  around.functions.push_back(&made);
}

/// The paths of groups: ground paths of which none is a proper prefix of another.
std::vector<Path> group_paths(const std::vector<CheckedRule>& rules) {
  std::vector<Path> paths;
  paths.reserve(rules.size());
  for (const CheckedRule& rule : rules) paths.push_back(ground_path(rule));
  std::sort(paths.begin(), paths.end(), PathLess());
  std::vector<Path> kept;
  for (Path& path : paths) {
    if (kept.empty() || !is_prefix(kept.back(), path)) kept.push_back(std::move(path));
  }
  return kept;
}

void insert_package(RuleNode& root, const Module& module) {
  RuleNode* node = &root;
  for (const Term* part : module.package) {
    auto& child = node->children[part->text];
    if (!child) child = std::make_unique<RuleNode>();
    node = child.get();
    if (node->group) return;
  }
  node->is_package = true;
}

void insert(RuleNode& root, RuleGroup& group) {
  RuleNode* node = &root;
  for (const std::string& part : group.path) {
    auto& child = node->children[part];
    if (!child) child = std::make_unique<RuleNode>();
    node = child.get();
  }
  node->children.clear();
  node->group = &group;
}

}  // namespace

std::string RuleGroup::name() const {
  return data_ref((rules.empty() ? defaults : rules).front().path, path.size());
}

void group_rules(const std::vector<Module*>& modules, Checked& checked, Ast& ast) {
  std::vector<CheckedRule> rules;
  for (const Module* module : modules) {
    for (Rule* rule : module->rules) {
      CheckedRule item{rule, module, module->package};
      const auto& head = rule->ref->items;
      item.path.push_back(ast.string(head[0]->text, head[0]->span));
      item.path.insert(item.path.end(), head.begin() + 1, head.end());
      rules.push_back(std::move(item));
    }
  }
  for (const Module* module : modules) insert_package(checked.root, *module);
  std::map<Path, RuleGroup*, PathLess> groups;
  for (Path& path : group_paths(rules)) {
    RuleGroup& group = checked.groups.emplace_back();
    group.path.assign(path.begin(), path.end());
    group.index = checked.groups.size() - 1;
    insert(checked.root, group);
    groups[std::move(path)] = &group;
  }
  for (CheckedRule& rule : rules) {
    Path path = ground_path(rule);
    auto found = groups.find(path);
    while (found == groups.end()) {
      path.pop_back();
      found = groups.find(path);
    }
    RuleGroup& group = *found->second;
    bool first = group.rules.empty() && group.defaults.empty();
    if (first) {
      group.kind = kind_of(rule, group.path.size());
      group.arity = rule.rule->args.size();
    }
    if (!rule.rule->is_default && is_inner_function(rule, group.path.size()))
      add_inner_function(rule, group, checked);
    (rule.rule->is_default ? group.defaults : group.rules).push_back(std::move(rule));
  }
}

std::size_t ground_length(const CheckedRule& rule) {
  auto end = std::find_if_not(rule.path.begin(), rule.path.end(),
                              [](const Term* part) { return syntax::is_scalar(*part); });
  return static_cast<std::size_t>(end - rule.path.begin());
}

const RuleGroup* outer_group(const Checked& checked, const Term& ref) {
  if (ref.kind != TermKind::ref || ref.items[0]->text != "data") return nullptr;
  const RuleNode* node = &checked.root;
  for (std::size_t i = 1; i < ref.items.size() && node->group == nullptr; ++i) {
    node = ref.items[i]->kind == TermKind::string ? node->child(ref.items[i]->text) : nullptr;
    if (node == nullptr) return nullptr;
  }
  return node->group;
}

const RuleGroup* find_group(const Checked& checked, const Term& ref, std::size_t* depth) {
  const RuleGroup* group = outer_group(checked, ref);
  if (group == nullptr) return nullptr;
  for (const RuleGroup* inner : group->functions) {
    const Terms& path = inner->rules.front().path;
    bool named =
        std::equal(path.begin(), path.end(), ref.items.begin() + 1, ref.items.end(), same_key);
    if (!named) continue;
    if (depth) *depth = ref.items.size();
    return inner;
  }
  if (depth) *depth = group->path.size() + 1;
  return group;
}

}  // namespace lictor::compile
