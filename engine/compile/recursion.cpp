// Refuses rules that depend on themselves, directly or through others.
#include <algorithm>

#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

class Recursion {
 public:
  Recursion(const Checked& checked, Errors& errors) : checked_(checked), errors_(errors) {
    edges_.resize(checked.groups.size());
    state_.resize(checked.groups.size());
    for (const RuleGroup& group : checked.groups) collect(group);
  }

  void run() {
    for (const RuleGroup& group : checked_.groups) visit(group.index);
  }

 private:
  enum class State : std::uint8_t { unseen, open, done };

  void collect(const RuleGroup& group) {
    std::set<std::size_t>& out = edges_[group.index];
    for (const CheckedRule& rule : group.rules) {
      each_clause(rule.rule, [&](Rule& clause) {
        visit_rule(clause, [&](Term& term) {
          if (term.kind != TermKind::ref) return;
          each_group(checked_, term, [&](const RuleGroup& used) { out.insert(used.index); });
        });
      });
    }
  }

  void visit(std::size_t start) {
    if (state_[start] != State::unseen) return;
    struct Frame {
      std::size_t group;
      std::set<std::size_t>::const_iterator next;
    };
    std::vector<Frame> path{{start, edges_[start].begin()}};
    state_[start] = State::open;
    while (!path.empty()) {
      Frame& top = path.back();
      if (top.next == edges_[top.group].end()) {
        state_[top.group] = State::done;
        path.pop_back();
        continue;
      }
      std::size_t target = *top.next++;
      if (state_[target] == State::open) {
        auto first = std::find_if(path.begin(), path.end(),
                                  [&](const Frame& frame) { return frame.group == target; });
        std::vector<std::size_t> cycle;
        for (; first != path.end(); ++first) cycle.push_back(first->group);
        report(cycle);
      } else if (state_[target] == State::unseen) {
        state_[target] = State::open;
        path.push_back({target, edges_[target].begin()});
      }
    }
  }

  static std::string name(const RuleGroup& group) { return rule_name(group.rules.front()); }

  void report(const std::vector<std::size_t>& cycle) {
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      const RuleGroup& group = checked_.groups[cycle[i]];
      std::string text = "rule " + name(group) + " is recursive: ";
      for (std::size_t j = 0; j <= cycle.size(); ++j) {
        if (j != 0) text += " -> ";
        text += name(checked_.groups[cycle[(i + j) % cycle.size()]]);
      }
      errors_.push_back(error_at(ErrorCode::recursion, group.rules.front().rule->span, text));
    }
  }

  const Checked& checked_;
  Errors& errors_;
  std::vector<std::set<std::size_t>> edges_;
  std::vector<State> state_;
};

}  // namespace

void check_recursion(const Checked& checked, Errors& errors) { Recursion(checked, errors).run(); }

}  // namespace lictor::compile
