// Refuses rules that depend on themselves, directly or through others. A cycle that needs a
// variable to have some value is a possible one, of which the error says what closes it.
// Source: OPA v1/ast/compile.go, checkRecursion.
#include <algorithm>

#include "compile/dependencies.hpp"
#include "compile/stages.hpp"
#include "compile/types.hpp"
#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

using Path = std::vector<std::size_t>;
using Edge = Dependencies::Edge;

/// Which nodes are on a cycle: those that share a strongly connected component with one of the
/// lists that they need. Lists are numbered behind the nodes. (Tarjan's algorithm.)
class Components {
 public:
  explicit Components(const Dependencies& graph)
      : graph_(graph),
        nodes_(graph.nodes().size()),
        number_(nodes_ + graph.lists(), 0),
        lowest_(number_.size(), 0),
        component_(number_.size(), 0) {
    for (std::size_t node = 0; node < nodes_; ++node) {
      if (number_[node] == 0) visit(node);
    }
  }

  bool is_cyclic(std::size_t node) const {
    const std::vector<Edge>& edges = graph_.edges(node);
    return std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) {
      return component_[nodes_ + edge.list] == component_[node];
    });
  }

 private:
  struct Frame {
    std::size_t vertex;
    std::size_t next = 0;
  };

  std::size_t degree(std::size_t vertex) const {
    return vertex < nodes_ ? graph_.edges(vertex).size() : graph_.list(vertex - nodes_).size();
  }

  std::size_t target(std::size_t vertex, std::size_t edge) const {
    return vertex < nodes_ ? nodes_ + graph_.edges(vertex)[edge].list
                           : graph_.list(vertex - nodes_)[edge];
  }

  void enter(std::size_t vertex) {
    number_[vertex] = lowest_[vertex] = ++count_;
    open_.push_back(vertex);
    path_.push_back({vertex});
  }

  void visit(std::size_t start) {
    enter(start);
    while (!path_.empty()) {
      Frame& top = path_.back();
      std::size_t vertex = top.vertex;
      if (top.next < degree(vertex)) {
        std::size_t to = target(vertex, top.next++);
        if (number_[to] == 0)
          enter(to);
        else if (component_[to] == 0)
          lowest_[vertex] = std::min(lowest_[vertex], number_[to]);
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) {
        std::size_t& outer = lowest_[path_.back().vertex];
        outer = std::min(outer, lowest_[vertex]);
      }
      if (lowest_[vertex] == number_[vertex]) close(vertex);
    }
  }

  void close(std::size_t vertex) {
    ++components_;
    for (std::size_t top = 0; component_[vertex] == 0; open_.pop_back()) {
      top = open_.back();
      component_[top] = components_;
    }
  }

  const Dependencies& graph_;
  std::size_t nodes_;
  std::vector<std::size_t> number_;     // in order of discovery, from 1
  std::vector<std::size_t> lowest_;     // number that is reached
  std::vector<std::size_t> component_;  // from 1; 0 while it is open
  std::vector<std::size_t> open_;
  std::vector<Frame> path_;
  std::size_t count_ = 0;
  std::size_t components_ = 0;
};

/// The edge that leads from one node to another; sure, if there is such a one.
const Edge* edge_between(const Dependencies& graph, std::size_t from, std::size_t to) {
  const Edge* found = nullptr;
  for (const Edge& edge : graph.edges(from)) {
    const std::vector<std::size_t>& list = graph.list(edge.list);
    if (std::find(list.begin(), list.end(), to) == list.end()) continue;
    if (edge.dynamic == nullptr) return &edge;
    if (found == nullptr) found = &edge;
  }
  return found;
}

/// A shortest way from a node back to it, along sure edges or all; empty if there is none.
Path cycle_through(const Dependencies& graph, std::size_t start, bool sure) {
  constexpr std::size_t unseen = static_cast<std::size_t>(-1);
  std::vector<std::size_t> before(graph.nodes().size(), unseen);
  std::vector<char> seen_lists(graph.lists(), 0);
  Path waiting{start};
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    std::size_t node = waiting[i];
    for (const Edge& edge : graph.edges(node)) {
      if ((sure && edge.dynamic) || seen_lists[edge.list]) continue;
      seen_lists[edge.list] = 1;
      for (std::size_t to : graph.list(edge.list)) {
        if (to == start) {
          Path out{start};
          for (std::size_t at = node; at != start; at = before[at]) out.push_back(at);
          out.push_back(start);
          std::reverse(out.begin(), out.end());
          return out;
        }
        if (before[to] != unseen) continue;
        before[to] = node;
        waiting.push_back(to);
      }
    }
  }
  return {};
}

// ---- What closes a possible cycle ----

/// An operand of a ref, and the value that it needs to select a rule.
struct Condition {
  std::size_t place;
  const Term* operand;
  const Term* value;
};

/// One condition an operand; nothing if one would need two values.
std::vector<Condition> conditions(const Term& ref, const CheckedRule& rule,
                                  const std::vector<std::size_t>& places) {
  std::vector<Condition> out;
  for (std::size_t place : places) {
    const Term *operand = ref.items[place], *value = rule.path[place - 1];
    auto same = std::find_if(out.begin(), out.end(), [&](const Condition& condition) {
      return syntax::compare(*condition.operand, *operand) == 0;
    });
    if (same == out.end())
      out.push_back({place, operand, value});
    else if (syntax::compare(*same->value, *value) != 0)
      return {};
  }
  return out;
}

const Origin* origin_of(const DynamicRef& ref, const Condition& condition) {
  const Term& operand = *ref.selecting->items[condition.place];
  auto found = operand.kind == TermKind::var ? ref.origins.find(operand.text) : ref.origins.end();
  return found == ref.origins.end() ? nullptr : &found->second;
}

bool may_return(const std::string& builtin, const Term& value, const builtins::Table& builtins) {
  Types types(builtins);
  TypeRef function = types.builtin(builtin);
  if (function == nullptr || function->value == nullptr || !value.items.empty()) return true;
  TypeRef result = function->value, wanted = types.of_constant(value);
  return compare(types.either(result, wanted), result) == 0;
}

/// True if what is known of an operand rules its value out, so that the condition says nothing.
bool is_ruled_out(const DynamicRef& ref, const Condition& condition,
                  const builtins::Table& builtins) {
  const Origin* origin = origin_of(ref, condition);
  if (origin == nullptr) return false;
  if (origin->kind == Origin::Kind::builtin)
    return !may_return(origin->builtin, *condition.value, builtins);
  if (origin->kind != Origin::Kind::collection) return false;
  std::vector<const Term*> values;
  members(*origin->term, values);
  return std::none_of(values.begin(), values.end(), [&](const Term* value) {
    return syntax::compare(*value, *condition.value) == 0;
  });
}

/// A term with the names that its author gave to variables, and assignments as the equalities that
/// OPA makes of them.
Term* shown(const Term& term, Ast& ast) {
  Term* out = ast.copy(term);
  visit_exprs(*out, [&](Expr& expr) {
    if (is_assignment(expr)) expr.term->items[0] = ast.var("eq", expr.term->span);
  });
  visit_all(*out, [](Term& inner) {
    bool own = inner.kind == TermKind::var && !is_root(inner.text) && !is_wildcard(inner.text);
    if (own) inner.text = display_name(inner.text);
  });
  return out;
}

/// A ref up to its first operand that is not constant.
std::string constant_prefix(const Term& term, Ast& ast) {
  Term* out = shown(term, ast);
  if (out->kind != TermKind::ref) return syntax::to_text(*out);
  auto end = std::find_if_not(out->items.begin() + 1, out->items.end(),
                              [](const Term* item) { return syntax::is_ground(*item); });
  out->items.erase(end, out->items.end());
  return syntax::to_text(*out);
}

/// Where a condition's operand gets its value; "" if that is not known.
std::string origin_text(const DynamicRef& ref, const Condition& condition,
                        const std::string& rule_name) {
  Ast scratch;
  const Term& operand = *ref.written->items[condition.place];
  if (operand.kind == TermKind::ref && operand.items[0]->text == "data")
    return "rule values aren't known at compile time";
  const Origin* origin = origin_of(ref, condition);
  if (origin == nullptr || operand.kind != TermKind::var) return {};
  std::string name = syntax::to_text(*condition.operand);
  switch (origin->kind) {
    case Origin::Kind::input:
      return name + " comes from " + constant_prefix(*origin->term, scratch);
    case Origin::Kind::rule:
      return name + " comes from rule " + constant_prefix(*origin->term, scratch) +
             ", whose value isn't known at compile time";
    case Origin::Kind::collection: {
      constexpr std::size_t most = 5;
      std::vector<const Term*> values;
      members(*origin->term, values);
      return name + " is one of " +
             (values.size() > most ? std::to_string(values.size()) + " values"
                                   : syntax::to_text(*origin->term));
    }
    case Origin::Kind::builtin:
      return name + " is computed by " + origin->builtin;
    case Origin::Kind::head_key:
      return name + " is a key of " + rule_name;
    case Origin::Kind::head_argument:
      return name + " is an argument of " + rule_name;
  }
  return {};
}

/// How a ref may lead to a rule, and where its operands' values come from.
std::string cause_text(const Dependencies& graph, const DynamicRef& dynamic, std::size_t from,
                       std::size_t to, bool first) {
  constexpr std::size_t most = 2;
  const CheckedRule& rule = *graph.nodes()[to].rule;
  Ast scratch;
  Term& ref = *shown(*dynamic.written, scratch);
  ref.items.resize(std::min(ref.items.size(), rule.path.size() + 1));
  std::string out = " (" + syntax::to_text(ref);
  if (!first) out += " in " + graph.name(from);
  std::vector<Condition> found =
      conditions(ref, rule, selection(*dynamic.selecting, rule.path, dynamic.bound).operands);
  bool vague = found.empty() || found.size() > most ||
               std::any_of(found.begin(), found.end(), [&](const Condition& condition) {
                 return is_ruled_out(dynamic, condition, graph.builtins());
               });
  if (vague) return out + " could refer to " + graph.name(to) + ")";
  out += " refers to " + graph.name(to);
  const char* separator = " if ";
  for (const Condition& condition : found) {
    out += separator + syntax::to_text(*condition.operand) + " is " +
           syntax::to_text(*condition.value);
    std::string origin = origin_text(dynamic, condition, graph.name(from));
    if (!origin.empty()) out += " (" + origin + ")";
    separator = " and ";
  }
  return out + ")";
}

std::string cause_of(const Dependencies& graph, const Path& cycle) {
  for (std::size_t i = 1; i < cycle.size(); ++i) {
    const Edge* edge = edge_between(graph, cycle[i - 1], cycle[i]);
    if (edge->dynamic) return cause_text(graph, *edge->dynamic, cycle[i - 1], cycle[i], i == 1);
  }
  return {};
}

Error recursion(const Dependencies& graph, std::size_t node) {
  Path cycle = cycle_through(graph, node, true);
  bool sure = !cycle.empty();
  if (!sure) cycle = cycle_through(graph, node, false);
  std::string text = "rule " + graph.name(node) + (sure ? " is" : " may be") + " recursive: ";
  for (std::size_t i = 0; i < cycle.size(); ++i)
    text += (i == 0 ? "" : " -> ") + graph.name(cycle[i]);
  if (!sure) text += cause_of(graph, cycle);
  return error_at(ErrorCode::recursion, graph.nodes()[node].clause->span, std::move(text));
}

}  // namespace

void check_recursion(const Checked& checked, Errors& errors) {
  // More than are ever told, as looking for a cycle takes time.
  constexpr std::size_t most = 20;
  const Dependencies& graph = *checked.dependencies;
  Components components(graph);
  for (std::size_t node = 0; node < graph.nodes().size() && errors.size() < most; ++node) {
    if (components.is_cyclic(node)) errors.push_back(recursion(graph, node));
  }
}

}  // namespace lictor::compile
