// walk and reachability. Source: OPA v1/topdown/walk.go, reachable.go.
#include <set>

#include "builtins/families.hpp"
#include "builtins/watch.hpp"

namespace lictor::builtins {
namespace {

/// All [path, value] pairs inside a value, the outer before the inner.
void walk_into(Arena& arena, const Value& value, std::vector<Value>& path, ArenaVector<Value>& out,
               Watch& watch) {
  watch.tick(1 + path.size());
  Value* pair = arena.allocate<Value>(2);
  pair[0] = make_array(arena, path.data(), path.size());
  pair[1] = value;
  out.push_back(Value::array(pair, 2));
  if (!value.is_collection()) return;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    Value key = value.is(Kind::array) ? Value::integer(i)
                : value.is(Kind::set) ? value.items()[i]
                                      : sorted_members(value)[i].key;
    path.push_back(key);
    walk_into(arena, value.is(Kind::object) ? sorted_members(value)[i].value : value.items()[i],
              path, out, watch);
    path.pop_back();
  }
}

Value walk(Call& call) {
  ArenaVector<Value> out(call.arena);
  std::vector<Value> path;
  Watch watch(call.environment);
  walk_into(call.arena, call[0], path, out, watch);
  return Value::array(out.data(), static_cast<std::uint32_t>(out.size()));
}

bool graph_operands(Call& call) {
  if (!call.is(0, Kind::object)) {
    call.wrong_type(0, "object");
    return false;
  }
  if (call.is(1, Kind::array) || call.is(1, Kind::set)) return true;
  call.wrong_type(1, "{array, set}");
  return false;
}

Value reachable(Call& call) {
  if (!graph_operands(call)) return Value();
  std::vector<Value> queue(call[1].items(), call[1].items() + call[1].size());
  std::set<Value, ValueLess> seen;
  ArenaVector<Value> out(call.arena);
  Watch watch(call.environment);
  while (!queue.empty()) {
    watch.tick(10);  // for the search in what was seen
    Value node = queue.back();
    queue.pop_back();
    Value edges = lookup(call[0], node);
    if (edges.is_undefined() || !seen.insert(node).second) continue;
    out.push_back(node);
    if (edges.is(Kind::array) || edges.is(Kind::set))
      queue.insert(queue.end(), edges.items(), edges.items() + edges.size());
  }
  return make_watched_set(call.environment, out.data(), out.size());
}

class Paths {
 public:
  explicit Paths(Call& call) : call_(call), watch_(call.environment), out_(call.arena) {}

  Value run() {
    for (std::uint32_t i = 0; i < call_[1].size(); ++i) {
      const Value& root = call_[1].items()[i];
      if (!lookup(call_[0], root).is_undefined()) start(root);
    }
    return make_watched_set(call_.environment, out_.data(), out_.size());
  }

 private:
  /// The nodes that an edge leads to; none if they are no list.
  std::span<const Value> neighbors(const Value& node) const {
    Value edges = lookup(call_[0], node);
    bool list = edges.is(Kind::array) || edges.is(Kind::set);
    return list ? std::span(edges.items(), edges.size()) : std::span<const Value>();
  }

  /// A root may occur twice: an edge from it to itself is followed, as it is the first one.
  void start(const Value& root) {
    path_ = {root};
    if (neighbors(root).empty()) return add();
    seen_.insert(root);
    for (const Value& next : neighbors(root)) follow(next, false);
    seen_.clear();
  }

  void follow(const Value& node, bool may_be_cycle) {
    watch_.tick(10 + path_.size());
    bool is_cycle = may_be_cycle && seen_.contains(node);
    if (is_cycle || lookup(call_[0], node).is_undefined()) return add();
    path_.push_back(node);
    if (neighbors(node).empty()) {
      add();
    } else {
      bool is_new = seen_.insert(node).second;
      for (const Value& next : neighbors(node)) follow(next, true);
      if (is_new) seen_.erase(node);
    }
    path_.pop_back();
  }

  void add() { out_.push_back(make_array(call_.arena, path_.data(), path_.size())); }

  Call& call_;
  Watch watch_;
  ArenaVector<Value> out_;
  std::vector<Value> path_;
  std::set<Value, ValueLess> seen_;  // the nodes of the path
};

Value reachable_paths(Call& call) { return graph_operands(call) ? Paths(call).run() : Value(); }

constexpr Builtin table[] = {
    {"walk", "(x: any) => output: array<array[any], any>", walk, Trait::relation},
    {"graph.reachable",
     "(graph: object[any: any<array[any], set[any]>], initial: any<array[any], set[any]>) => "
     "output: set[any]",
     reachable},
    {"graph.reachable_paths",
     "(graph: object[any: any<array[any], set[any]>], initial: any<array[any], set[any]>) => "
     "output: set[array[any]]",
     reachable_paths},
};

}  // namespace

std::span<const Builtin> graph_builtins() { return table; }

}  // namespace lictor::builtins
