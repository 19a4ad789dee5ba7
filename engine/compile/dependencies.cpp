#include "compile/dependencies.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "syntax/term_order.hpp"

namespace lictor::compile {
namespace {

using Values = std::vector<const Term*>;
using KnownValues = std::map<std::string, Values, std::less<>>;

/// A ref with more values than this is left as it is.
constexpr std::size_t most_values = 64;

bool equal(const Term& a, const Term& b) { return syntax::compare(a, b) == 0; }

bool is_var(const Term& term) { return term.kind == TermKind::var && !is_root(term.text); }

bool has_variable_operand(const Term& ref) {
  return !std::all_of(ref.items.begin() + 1, ref.items.end(),
                      [](const Term* item) { return syntax::is_ground(*item); });
}

/// True if every rule of a group has the group's own path.
bool is_uniform(const RuleGroup& group) {
  auto whole = [&](const CheckedRule& rule) { return rule.path.size() == group.path.size(); };
  return std::all_of(group.rules.begin(), group.rules.end(), whole) &&
         std::all_of(group.defaults.begin(), group.defaults.end(), whole);
}

const CheckedRule& any_rule(const RuleGroup& group) {
  return group.rules.empty() ? group.defaults.front() : group.rules.front();
}

/// False if two constant operands differ.
bool may_select(const Term& ref, const Terms& path) {
  for (std::size_t i = 1; i < std::min(ref.items.size(), path.size() + 1); ++i) {
    const Term &a = *ref.items[i], &b = *path[i - 1];
    if (syntax::is_ground(a) && syntax::is_ground(b) && !equal(a, b)) return false;
  }
  return true;
}

/// What a constant has at a constant key, or null.
const Term* part(const Term& collection, const Term& key) {
  switch (collection.kind) {
    case TermKind::array: {
      bool index = key.kind == TermKind::number && key.text.size() < 10 &&
                   key.text.find_first_not_of("0123456789") == std::string::npos;
      std::size_t at = index ? std::stoul(key.text) : collection.items.size();
      return at < collection.items.size() ? collection.items[at] : nullptr;
    }
    case TermKind::object:
      for (std::size_t i = collection.items.size(); i >= 2; i -= 2) {
        if (equal(*collection.items[i - 2], key)) return collection.items[i - 1];
      }
      return nullptr;
    case TermKind::set:
      for (const Term* item : collection.items) {
        if (equal(*item, key)) return item;
      }
      return nullptr;
    default:
      return nullptr;
  }
}

// ---- Known values ----

std::optional<Values> values_of(const Term& term, const KnownValues& known);

std::optional<Values> values_of_ref(const Term& ref, const KnownValues& known) {
  std::optional<Values> out = values_of(*ref.items[0], known);
  for (std::size_t i = 1; i < ref.items.size() && out; ++i) {
    const Term& key = *ref.items[i];
    Values next;
    for (const Term* value : *out) {
      if (!syntax::is_ground(key)) {
        if (!members(*value, next)) return std::nullopt;
      } else if (const Term* found = part(*value, key)) {
        next.push_back(found);
      }
    }
    if (next.size() > most_values) return std::nullopt;
    out = std::move(next);
  }
  return out;
}

/// The constants that a term can be; nothing if they are not known.
std::optional<Values> values_of(const Term& term, const KnownValues& known) {
  if (term.kind == TermKind::ref) return values_of_ref(term, known);
  if (syntax::is_ground(term)) return Values{&term};
  auto found = term.kind == TermKind::var ? known.find(term.text) : known.end();
  if (found == known.end()) return std::nullopt;
  return found->second;
}

/// Adds what an expression says of a variable; the first expression that does counts.
void learn(const Expr& expr, KnownValues& known) {
  bool plain = is_equality(expr) && !expr.negated && expr.with.empty();
  if (!plain) return;
  const Term *left = expr.term->items[1], *right = expr.term->items[2];
  for (auto [var, other] : {std::pair(left, right), std::pair(right, left)}) {
    if (!is_var(*var)) continue;
    std::optional<Values> values = values_of(*other, known);
    if (!values) continue;
    known.try_emplace(var->text, std::move(*values));
    return;
  }
}

// ---- Origins ----

/// Finds where variables get their values in the expressions before one of a body.
class Origins {
 public:
  Origins(const FlatClause& clause, std::size_t end, const builtins::Table& builtins)
      : builtins_(builtins), length_(clause.body->exprs.size()), clause_(clause) {
    for (std::size_t i = 0; i < std::min(end, length_); ++i) read(*clause.body->exprs[i]);
    auto note = [&](const Term* term, Origin::Kind kind) {
      if (term && is_var(*term)) head_[term->text] = kind;
    };
    for (const Term* item : clause.path) note(item, Origin::Kind::head_key);
    note(clause.key, Origin::Kind::head_key);
    for (const Term* arg : clause.args) note(arg, Origin::Kind::head_argument);
  }

  std::optional<Origin> of(const std::string& var, std::size_t steps = 0) const {
    // A chain that is longer than the body is a loop.
    if (steps > length_) return std::nullopt;
    auto output = outputs_.find(var);
    if (output != outputs_.end()) return Origin{Origin::Kind::builtin, nullptr, output->second};
    auto binding = bindings_.find(var);
    if (binding != bindings_.end()) {
      const Term& term = *binding->second;
      if (is_var(term)) return of(term.text, steps + 1);
      if (std::optional<Origin> out = of_term(term, steps)) return out;
    }
    auto head = head_.find(var);
    if (head != head_.end()) return Origin{head->second};
    return std::nullopt;
  }

 private:
  void read(const Expr& expr) {
    if (expr.negated || !expr.with.empty() || expr.kind != ExprKind::term) return;
    if (is_equality(expr)) {
      const Term *left = expr.term->items[1], *right = expr.term->items[2];
      if (is_var(*left)) bindings_.try_emplace(left->text, right);
      if (is_var(*right)) bindings_.try_emplace(right->text, left);
      return;
    }
    const Term& call = *expr.term;
    if (call.kind != TermKind::call || call.items[0]->kind != TermKind::var) return;
    int arity = builtins_.arity(call.items[0]->text);
    const Term& last = *call.items.back();
    bool has_output = arity >= 0 && call.items.size() == static_cast<std::size_t>(arity) + 2;
    if (has_output && is_var(last)) outputs_[last.text] = call.items[0]->text;
  }

  std::optional<Origin> of_term(const Term& term, std::size_t steps) const {
    const Term& head = term.kind == TermKind::ref ? *term.items[0] : term;
    if (head.kind == TermKind::var && is_root(head.text))
      return Origin{head.text == "input" ? Origin::Kind::input : Origin::Kind::rule, &term};
    bool reads = term.kind == TermKind::ref && term.items.size() == 2;
    if (!reads || syntax::is_ground(*term.items[1])) return std::nullopt;
    const Term* collection = followed(term.items[0], steps);
    Values ignored;
    bool constant = collection && syntax::is_ground(*collection) && members(*collection, ignored);
    if (!constant) return std::nullopt;
    return Origin{Origin::Kind::collection, collection};
  }

  const Term* followed(const Term* term, std::size_t steps) const {
    for (; steps <= bindings_.size() && is_var(*term); ++steps) {
      auto found = bindings_.find(term->text);
      if (found == bindings_.end()) return nullptr;
      term = found->second;
    }
    return term;
  }

  const builtins::Table& builtins_;
  std::size_t length_;
  const FlatClause& clause_;
  std::map<std::string, const Term*> bindings_;
  std::map<std::string, std::string> outputs_;
  std::map<std::string, Origin::Kind> head_;
};

}  // namespace

bool members(const Term& collection, std::vector<const Term*>& out) {
  switch (collection.kind) {
    case TermKind::array:
    case TermKind::set:
      out.insert(out.end(), collection.items.begin(), collection.items.end());
      return true;
    case TermKind::object:
      for (std::size_t i = 1; i < collection.items.size(); i += 2)
        out.push_back(collection.items[i]);
      return true;
    default:
      return false;
  }
}

Selection selection(const Term& ref, const Terms& rule_path, const VarSet& bound) {
  Selection out;
  auto occurs_once = [&](const Term& var) {
    auto same = [&](const Term* item) { return is_var(*item) && item->text == var.text; };
    return std::count_if(ref.items.begin(), ref.items.end(), same) == 1;
  };
  for (std::size_t i = 1; i < std::min(ref.items.size(), rule_path.size() + 1); ++i) {
    const Term &operand = *ref.items[i], &wanted = *rule_path[i - 1];
    if (!syntax::is_ground(wanted)) continue;
    // A variable without a value goes through all that there is.
    if (is_var(operand) && !bound.contains(operand.text) && occurs_once(operand)) continue;
    if (!syntax::is_ground(operand)) {
      out.operands.push_back(i);
    } else if (!equal(operand, wanted)) {
      return out;
    }
  }
  out.sure = out.operands.empty();
  return out;
}

/// Reads what one clause needs.
class Dependencies::Reader {
 public:
  Reader(Dependencies& out, const Checked& checked, const FlatClause& clause)
      : out_(out), checked_(checked), clause_(clause) {
    for (Term* term : clause.args) all_vars(*term, bound_);
    for (Term* term : {clause.key, clause.value}) {
      if (term) all_vars(*term, bound_);
    }
    if (clause.path.size() == 1) all_vars(*clause.path[0], bound_);
  }

  std::vector<Edge> edges() {
    for (Expr* expr : clause_.body->exprs) {
      visit_expr_terms(*expr, [&](Term& term) { read(term); });
      for (Body* inner : expr->bodies) visit_all(*inner, [&](Term& term) { note(term); });
      advance(*expr);
    }
    for (Term* term : clause_.path) read(*term);
    for (Term* term : clause_.args) read(*term);
    for (Term* term : {clause_.key, clause_.value}) {
      if (term) read(*term);
    }
    return finished();
  }

 private:
  /// A ref and the rules that it may select, all of them surely or none.
  struct Need {
    const Term* written;
    const Term* selecting;
    std::size_t at;
    std::size_t list;
    bool sure;
    VarSet bound = {};
  };

  void advance(const Expr& expr) {
    visit_expr_terms(expr, [&](Term& term) { all_vars(term, bound_); });
    for (const Body* inner : expr.bodies) all_vars(*inner, bound_);
    learn(expr, known_);
    ++at_;
  }

  void read(Term& term) {
    visit_all(term, [&](Term& inner) { note(inner); });
  }

  void note(const Term& term) {
    bool data = term.kind == TermKind::ref && term.items[0]->kind == TermKind::var &&
                term.items[0]->text == "data";
    if (!data) return;
    if (!has_variable_operand(term)) return note(term, term, term, true);
    std::vector<const Term*> narrowed{&term};
    if (!known_.empty()) narrowed = expanded(term);
    const Term& selecting = narrowed.size() == 1 ? *narrowed[0] : term;
    for (const Term* ref : narrowed) note(term, selecting, *ref, false);
  }

  /// The refs that a ref can be, by the known values of its operands.
  std::vector<const Term*> expanded(const Term& ref) {
    std::vector<const Term*> out{&ref};
    for (std::size_t i = 1; i < ref.items.size(); ++i) {
      if (syntax::is_ground(*ref.items[i])) continue;
      std::optional<Values> values = values_of(*ref.items[i], known_);
      bool narrows = values && !values->empty() && out.size() * values->size() <= most_values;
      if (!narrows) continue;
      std::vector<const Term*> next;
      for (const Term* prefix : out) {
        for (const Term* value : *values) {
          Term* copy = out_.ast_.term(TermKind::ref, prefix->span);
          copy->items = prefix->items;
          copy->items[i] = const_cast<Term*>(value);
          next.push_back(copy);
        }
      }
      out = std::move(next);
    }
    return out;
  }

  void note(const Term& written, const Term& selecting, const Term& ref, bool constant) {
    each_group(checked_, ref, [&](const RuleGroup& group) {
      auto add = [&](std::size_t list, bool sure) {
        needs_.emplace_back(&written, &selecting, at_, list, sure);
        if (!sure) needs_.back().bound = bound_vars(written, selecting, bound_);
      };
      if (is_uniform(group)) {
        bool sure = constant || selection(selecting, any_rule(group).path, bound_).sure;
        return add(group.index, sure);
      }
      std::vector<std::size_t> sure, unsure;
      for (std::size_t node : out_.selected(group, ref)) {
        bool is_sure = constant || selection(selecting, out_.nodes_[node].rule->path, bound_).sure;
        (is_sure ? sure : unsure).push_back(node);
      }
      if (!sure.empty()) add(new_list(std::move(sure)), true);
      if (!unsure.empty()) add(new_list(std::move(unsure)), false);
    });
  }

  std::size_t new_list(std::vector<std::size_t> nodes) {
    out_.lists_.push_back(std::move(nodes));
    return out_.lists_.size() - 1;
  }

  static VarSet bound_vars(const Term& written, const Term& selecting, const VarSet& bound) {
    VarSet out;
    for (const Term* ref : {&written, &selecting}) {
      for (const Term* item : ref->items) {
        if (is_var(*item) && bound.contains(item->text)) out.insert(item->text);
      }
    }
    return out;
  }

  /// A rule that some ref selects surely is not needed by what another may select.
  std::vector<Edge> finished() {
    std::vector<Edge> out;
    std::set<std::size_t> lists, nodes;
    for (const Need& need : needs_) {
      if (need.sure && lists.insert(need.list).second) out.push_back({need.list, nullptr});
    }
    bool all_sure = std::all_of(needs_.begin(), needs_.end(), [](auto& need) { return need.sure; });
    if (all_sure) return out;
    for (std::size_t list : lists) nodes.insert(out_.lists_[list].begin(), out_.lists_[list].end());
    const Term* last = nullptr;
    for (Need& need : needs_) {
      if (need.sure || lists.contains(need.list)) continue;
      std::vector<std::size_t> left;
      const std::vector<std::size_t>& all = out_.lists_[need.list];
      std::copy_if(all.begin(), all.end(), std::back_inserter(left),
                   [&](std::size_t node) { return !nodes.contains(node); });
      if (left.empty()) continue;
      if (need.written != last) out_.dynamic_.push_back(dynamic(need));
      last = need.written;
      std::size_t list = left.size() == all.size() ? need.list : new_list(std::move(left));
      out.push_back({list, &out_.dynamic_.back()});
    }
    return out;
  }

  DynamicRef dynamic(Need& need) {
    DynamicRef out{out_.ast_.copy(*need.written), out_.ast_.copy(*need.selecting), {}, {}};
    out.bound = bound_vars(*out.written, *out.selecting, need.bound);
    Origins origins(clause_, need.at, *checked_.builtins);
    for (const Term* item : need.selecting->items) {
      if (!is_var(*item)) continue;
      std::optional<Origin> origin = origins.of(item->text);
      if (!origin) continue;
      if (origin->term) origin->term = out_.ast_.copy(*origin->term);
      out.origins.emplace(item->text, std::move(*origin));
    }
    return out;
  }

  Dependencies& out_;
  const Checked& checked_;
  const FlatClause& clause_;
  std::size_t at_ = 0;
  KnownValues known_;
  VarSet bound_;
  std::vector<Need> needs_;
};

Dependencies::Dependencies(const Checked& checked)
    : heads_(&checked.flat->flattener.heads()), builtins_(checked.builtins.get()) {
  for (const RuleGroup& group : checked.groups) {
    std::vector<std::size_t>& list = lists_.emplace_back();
    for (const auto* rules : {&group.rules, &group.defaults}) {
      for (const CheckedRule& rule : *rules) {
        each_clause(rule.rule, [&](Rule& clause) {
          list.push_back(nodes_.size());
          nodes_.push_back({&rule, &clause});
        });
      }
    }
  }
  edges_.resize(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    edges_[i] = Reader(*this, checked, checked.flat->clauses.at(nodes_[i].clause)).edges();
}

/// The nodes of those rules of a group that a ref may select.
std::vector<std::size_t> Dependencies::selected(const RuleGroup& group, const Term& ref) const {
  std::vector<std::size_t> out;
  for (std::size_t node : lists_[group.index]) {
    if (may_select(ref, nodes_[node].rule->path)) out.push_back(node);
  }
  return out;
}

namespace {

/// The places of nodes in the order in which OPA visits them: by their places in the text.
std::vector<std::size_t> ranks_of(const std::vector<Dependencies::Node>& nodes) {
  std::vector<std::size_t> order(nodes.size()), ranks(nodes.size());
  std::iota(order.begin(), order.end(), 0);
  auto place = [&](std::size_t node) {
    const Span& span = nodes[node].clause->span;
    return std::make_pair(std::string_view(span.source->name), span.first);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

}  // namespace

std::vector<std::size_t> Dependencies::order() const {
  const std::vector<std::size_t> ranks = ranks_of(nodes_);
  std::vector<std::size_t> out;
  std::vector<char> seen(nodes_.size(), 0), done_lists(lists_.size(), 0);
  struct Frame {
    std::size_t node;
    std::vector<std::size_t> needs;  // the last one is the next
  };
  std::vector<Frame> path;
  auto enter = [&](std::size_t node) {
    if (std::exchange(seen[node], 1)) return;
    Frame& frame = path.emplace_back(Frame{node, {}});
    for (const Edge& edge : edges_[node]) {
      if (done_lists[edge.list]) continue;
      for (std::size_t need : lists_[edge.list]) {
        if (!seen[need]) frame.needs.push_back(need);
      }
    }
    std::sort(frame.needs.begin(), frame.needs.end(),
              [&](std::size_t a, std::size_t b) { return ranks[a] > ranks[b]; });
  };
  std::vector<std::size_t> starts(nodes_.size());
  for (std::size_t node = 0; node < nodes_.size(); ++node) starts[ranks[node]] = node;
  for (std::size_t start : starts) {
    enter(start);
    while (!path.empty()) {
      Frame& top = path.back();
      if (!top.needs.empty()) {
        std::size_t need = top.needs.back();
        top.needs.pop_back();
        enter(need);
        continue;
      }
      for (const Edge& edge : edges_[top.node]) done_lists[edge.list] = 1;
      out.push_back(top.node);
      path.pop_back();
    }
  }
  return out;
}

void Dependencies::reverse() const {
  if (!users_.empty()) return;
  users_.resize(lists_.size());
  memberships_.resize(nodes_.size());
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    for (const Edge& edge : edges_[node]) users_[edge.list].push_back(node);
  }
  for (std::size_t list = 0; list < lists_.size(); ++list) {
    for (std::size_t node : lists_[list]) memberships_[node].push_back(list);
  }
}

std::vector<std::size_t> Dependencies::read_by(const Checked& checked, const Term& ref) const {
  std::vector<std::size_t> out;
  each_group(checked, ref, [&](const RuleGroup& group) {
    for (std::size_t node : selected(group, ref)) out.push_back(node);
  });
  return out;
}

std::vector<std::size_t> Dependencies::affected(const Checked& checked, const Term& ref) const {
  std::vector<std::size_t> out;
  std::vector<char> seen(nodes_.size(), 0);
  auto add = [&](std::size_t node) {
    if (!seen[node]) out.push_back(node);
    seen[node] = 1;
  };
  for (std::size_t node : read_by(checked, ref)) add(node);
  if (out.empty()) return out;
  reverse();
  std::vector<char> seen_lists(lists_.size(), 0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t list : memberships_[out[i]]) {
      if (seen_lists[list]) continue;
      seen_lists[list] = 1;
      for (std::size_t user : users_[list]) add(user);
    }
  }
  return out;
}

}  // namespace lictor::compile
