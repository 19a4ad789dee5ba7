// Builds the tests of each clause, and asks them.
#include "trace/rule_index.hpp"

#include <algorithm>

#include "syntax/visit.hpp"

namespace lictor::trace {
namespace {

using syntax::is_scalar;

bool is_scalar(const Value& value) { return !value.is_collection() && !value.is_undefined(); }

bool is_var(const Term& term) {
  return term.kind == TermKind::var && term.text != "data" && term.text != "input";
}

bool is_ref(const Term& term) {
  return term.kind == TermKind::ref || (term.kind == TermKind::var && !is_var(term));
}

const Term& head_of(const Term& ref) { return ref.kind == TermKind::ref ? *ref.items[0] : ref; }

/// The items behind the head.
std::size_t depth_of(const Term& ref) { return ref.kind == TermKind::ref ? ref.items.size() : 1; }

bool is_ground_to(const Term& ref, std::size_t end) {
  for (std::size_t i = 1; i < end; ++i) {
    if (!syntax::is_ground(*ref.items[i])) return false;
  }
  return true;
}

/// A constant, a var, or an array of them: what a value may be tested against.
bool is_testable(const Term& term) {
  if (is_scalar(term) || is_var(term)) return true;
  return term.kind == TermKind::array &&
         std::all_of(term.items.begin(), term.items.end(),
                     [](const Term* item) { return is_scalar(*item) || is_var(*item); });
}

const Term& any_value() {
  static const Term any = [] {
    Term term;
    term.kind = TermKind::var;
    term.text = "__any__";
    return term;
  }();
  return any;
}

bool same(const Term& a, const Term& b) {
  return a.kind == b.kind && syntax::to_text(a) == syntax::to_text(b);
}

/// The delimiters of a glob in one text; false if they are not known.
bool delimiters_of(const Term& term, std::string& out) {
  if (term.kind != TermKind::array) return false;
  if (term.items.empty()) out = ".";
  for (const Term* item : term.items) {
    if (item->kind != TermKind::string) return false;
    out += item->text;
  }
  return true;
}

std::vector<std::string> split_escaped(std::string_view text, std::string_view delimiters) {
  std::vector<std::string> out;
  std::size_t last = 0;
  bool escaped = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' || escaped) {
      escaped = !escaped;
    } else if (delimiters.find(text[at]) != std::string_view::npos) {
      out.emplace_back(text.substr(last, at - last));
      last = at + 1;
    }
  }
  out.emplace_back(text.substr(last));
  return out;
}

bool has_special(std::string_view part) {
  bool escaped = false;
  for (char c : part) {
    if (c == '\\') {
      escaped = !escaped;
      continue;
    }
    bool special = c == '[' || c == '?' || c == '{' || c == '*';
    if (!escaped && special) return true;
    escaped = false;
  }
  return false;
}

bool is_effect(const Expr& expr) {
  if (expr.kind != ExprKind::term || expr.term->kind != TermKind::call) return false;
  std::string name = syntax::operator_name(*expr.term);
  return name == "internal.print" || name == "internal.test_case";
}

/// True for a body with print() or a test case, which is therefore evaluated in any case. Those in
/// closures count only where the closure is in a body inside of this one.
bool has_effects(const Body& body) {
  return std::any_of(body.exprs.begin(), body.exprs.end(), [](const Expr* expr) {
    bool found = is_effect(*expr);
    auto look = [&](const Expr& inner) { found = found || is_effect(inner); };
    for (const Body* inner : expr->bodies) syntax::visit_exprs(*inner, look);
    if (!expr->bodies.empty())
      syntax::visit_expr_terms(*expr, [&](Term& term) { syntax::visit_exprs(term, look); });
    return found;
  });
}

/// A rule with a key makes a part of an object, also where the key is constant.
bool is_complete(const Clause& clause) {
  return !syntax::head_key(*clause.rule) && clause.has_ground_ref();
}

}  // namespace

bool agree_on_value(const std::vector<const Clause*>& clauses) {
  const Term* value = nullptr;
  for (const Clause* clause : clauses) {
    if (!is_complete(*clause)) return false;
    const Term* own = clause->flat->value;
    if (own == nullptr) continue;
    if (!syntax::is_ground(*own)) return false;
    if (value && !same(*value, *own)) return false;
    value = own;
  }
  return true;
}

// ---- Building ----

RuleIndex::RuleIndex(const std::vector<const Clause*>& clauses, Walker& walker) : walker_(walker) {
  std::vector<Scope> scopes;
  tests_.resize(clauses.size());
  for (const Clause* clause : clauses) {
    Scope& scope = scopes.emplace_back(Scope{*clause});
    scope.memberships = &tests_[scopes.size() - 1].memberships;
    if (has_effects(*clause->flat->body)) continue;
    Constants constants;
    for (const Expr* expr : clause->flat->body->exprs) add(scope, *expr, constants);
  }
  may_exit_ = agree_on_value(clauses);
  for (std::size_t i = 0; i < scopes.size(); ++i) tests_[i].paths = paths(scopes[i]);
  sort_levels();
}

/// Refs that some clause tests against a value come in order; of the others only a value is asked.
void RuleIndex::sort_levels() {
  std::vector<bool> valued(refs_.size());
  for (const Tests& tests : tests_) {
    for (const Constraints& path : tests.paths) {
      for (const Constraint& constraint : path) {
        if (!constraint.is_var()) valued[constraint.ref] = true;
      }
    }
  }
  std::vector<std::size_t> unvalued;
  for (std::size_t ref = 0; ref < refs_.size(); ++ref) {
    if (statistics_[ref].count > 0) (valued[ref] ? levels_ : unvalued).push_back(ref);
  }
  std::stable_sort(levels_.begin(), levels_.end(), [&](std::size_t a, std::size_t b) {
    const Statistics &of_a = statistics_[a], &of_b = statistics_[b];
    if (of_a.alternated != of_b.alternated) return of_a.alternated < of_b.alternated;
    return of_a.count > of_b.count;
  });
  for (Tests& tests : tests_) {
    for (std::size_t ref : unvalued) {
      auto reads = [&](const Constraints& path) {
        return std::any_of(path.begin(), path.end(),
                           [&](const Constraint& constraint) { return constraint.ref == ref; });
      };
      if (std::all_of(tests.paths.begin(), tests.paths.end(), reads)) tests.required.push_back(ref);
    }
  }
}

void RuleIndex::add(Scope& scope, const Expr& expr, Constants& constants) {
  if (!expr.with.empty() || expr.negated) return;
  if (expr.kind == ExprKind::logical_and || expr.kind == ExprKind::logical_or)
    return add_logical(scope, expr, constants);
  if (expr.kind != ExprKind::term) return;
  const Term& term = with_constants(*expr.term, constants);
  if (term.kind == TermKind::call) {
    std::string name = syntax::operator_name(term);
    bool equality = name == "eq" || name == "assign" || name == "equal";
    if (equality && term.items.size() == 3)
      return add_equality(scope, *term.items[1], *term.items[2], constants);
    return add_call(scope, term, constants);
  }
  if (!is_ref(term) || add_collection_key(scope, term)) return;
  Constants none;
  add_sides(scope, term, any_value(), none);
}

void RuleIndex::add_call(Scope& scope, const Term& call, const Constants& constants) {
  std::string name = syntax::operator_name(call);
  std::size_t operands = call.items.size() - 1;
  if (name == "glob.match" && operands == 3) return add_glob(scope, call);
  if (operands != 2) return;
  if (name == "internal.member_2") return add_in(scope, call, constants);
  if (name == "startswith") return add_affix(scope, call, constants, Test::prefix);
  if (name == "endswith") return add_affix(scope, call, constants, Test::suffix);
  if (name == "strings.any_prefix_match") return add_affixes(scope, call, constants, Test::prefix);
  if (name == "strings.any_suffix_match") return add_affixes(scope, call, constants, Test::suffix);
}

/// A term with each local in its refs that is bound to a scalar replaced by it.
const Term& RuleIndex::with_constants(const Term& term, const Constants& constants) {
  if (constants.empty()) return term;
  if (term.kind == TermKind::call) {
    Term* out = nullptr;
    for (std::size_t i = 1; i < term.items.size(); ++i) {
      if (term.items[i]->kind != TermKind::ref) continue;
      const Term& item = with_constants(*term.items[i], constants);
      if (&item == term.items[i]) continue;
      if (out == nullptr) out = walker_.ast_.copy(term);
      out->items[i] = const_cast<Term*>(&item);
    }
    return out ? *out : term;
  }
  if (term.kind != TermKind::ref) return term;
  Term* out = nullptr;
  for (std::size_t i = 1; i < term.items.size(); ++i) {
    if (term.items[i]->kind != TermKind::var) continue;
    auto found = constants.find(term.items[i]->text);
    if (found == constants.end() || !is_scalar(*found->second)) continue;
    if (out == nullptr) out = walker_.ast_.copy(term);
    out->items[i] = const_cast<Term*>(found->second);
  }
  return out ? *out : term;
}

void RuleIndex::add_equality(Scope& scope, const Term& a, const Term& b, Constants& constants) {
  if (add_member_ref(scope, a, b, constants) || add_member_ref(scope, b, a, constants)) return;
  if (!add_sides(scope, a, b, constants)) add_sides(scope, b, a, constants);
}

bool RuleIndex::add_sides(Scope& scope, const Term& a, const Term& b, Constants& constants) {
  if (is_var(a)) {
    if (syntax::is_ground(b)) {
      constants[a.text] = &b;
    } else if (is_var(b)) {
      auto known = constants.find(b.text);
      if (known != constants.end()) constants[a.text] = known->second;
    }
    if (!is_testable(b)) return false;
    const Term* ref = ref_of_var(scope, a.text);
    if (ref == nullptr) return false;
    insert(scope, {intern(*ref), &b});
    return true;
  }
  if (!is_ref(a)) return false;
  const Term* ref = with_resolved_head(scope, a);
  if (ref == nullptr || !is_valid(*ref)) return false;
  const Term* value = &b;
  auto known = is_var(b) ? constants.find(b.text) : constants.end();
  if (known != constants.end())
    value = known->second;
  else if (!is_testable(b))
    return false;
  insert(scope, {intern(*ref), value});
  return true;
}

/// `input.xs[_] == "v"`: the collection has such a member.
bool RuleIndex::add_member_ref(Scope& scope, const Term& a, const Term& b,
                               const Constants& constants) {
  if (!is_ref(a)) return false;
  const Term* ref = with_resolved_head(scope, a);
  if (ref == nullptr || depth_of(*ref) < 2) return false;
  std::size_t last = ref->items.size() - 1;
  if (!is_ground_to(*ref, last) || syntax::is_ground(*ref->items[last])) return false;
  Term* prefix = walker_.ast_.copy(*ref);
  prefix->items.pop_back();
  if (!is_valid(*prefix)) return false;
  const Term* value = &b;
  auto known = is_var(b) ? constants.find(b.text) : constants.end();
  if (known != constants.end()) value = known->second;
  if (!is_scalar(*value)) return false;
  insert(scope, {intern(*prefix), value, Test::member});
  return true;
}

/// `data.groups.g1[input.user]`: the key is in the collection.
bool RuleIndex::add_collection_key(Scope& scope, const Term& ref) {
  if (ref.kind != TermKind::ref || ref.items.size() < 2 || head_of(ref).text != "data")
    return false;
  Term* prefix = walker_.ast_.copy(ref);
  const Term& last = *prefix->items.back();
  prefix->items.pop_back();
  if (!is_ground_to(*prefix, prefix->items.size()) || is_virtual(*prefix)) return false;
  const Term* key = nullptr;
  if (is_var(last)) {
    key = ref_of_var(scope, last.text);
  } else if (is_ref(last) && is_ground_to(last, depth_of(last)) && !is_virtual(last)) {
    key = &last;
  }
  if (key == nullptr || is_virtual(*key)) return false;
  std::size_t number = intern(*key);
  ++statistics_[number].count;
  if (scope.memberships) scope.memberships->push_back({number, intern(*prefix)});
  return true;
}

void RuleIndex::add_glob(Scope& scope, const Term& call) {
  std::string delimiters;
  const Term &pattern = *call.items[1], &match = *call.items[3];
  if (!delimiters_of(*call.items[2], delimiters) || pattern.kind != TermKind::string) return;
  Term* parts = walker_.ast_.term(TermKind::array, {});
  for (const std::string& part : split_escaped(pattern.text, delimiters)) {
    if (part != "*" && has_special(part)) return;
    parts->items.push_back(part == "*" ? const_cast<Term*>(&any_value())
                                       : walker_.ast_.string(part, {}));
  }
  const Term* ref = is_var(match) ? ref_of_var(scope, match.text) : nullptr;
  if (ref) insert(scope, {intern(*ref), parts, Test::glob, delimiters});
}

void RuleIndex::add_in(Scope& scope, const Term& call, const Constants& constants) {
  const Term *value = call.items[1], *collection = call.items[2];
  const Term* ref = is_var(*value) ? ref_of_var(scope, value->text) : nullptr;
  if (ref) {
    if (is_var(*collection)) {
      auto known = constants.find(collection->text);
      if (known == constants.end()) return;
      collection = known->second;
    }
    bool is_object = collection->kind == TermKind::object;
    if (collection->kind != TermKind::array && collection->kind != TermKind::set && !is_object)
      return;
    std::vector<const Term*> members;
    for (std::size_t i = is_object ? 1 : 0; i < collection->items.size(); i += is_object ? 2 : 1)
      members.push_back(collection->items[i]);
    if (std::any_of(members.begin(), members.end(), [](const Term* item) { return is_var(*item); }))
      return;
    for (const Term* member : members) insert(scope, {intern(*ref), member});
    return;
  }
  auto known = is_var(*value) ? constants.find(value->text) : constants.end();
  if (known != constants.end()) value = known->second;
  if (!is_var(*value) && !is_scalar(*value)) return;
  const Term* of = valid_ref_of(scope, *collection);
  if (of) insert(scope, {intern(*of), value, is_var(*value) ? Test::equals : Test::member});
}

void RuleIndex::add_affix(Scope& scope, const Term& call, const Constants& constants, Test test) {
  const Term* ref = valid_ref_of(scope, *call.items[1]);
  const Term* base = call.items[2];
  auto known = is_var(*base) ? constants.find(base->text) : constants.end();
  if (known != constants.end()) base = known->second;
  if (ref && base->kind == TermKind::string) insert(scope, {intern(*ref), base, test});
}

void RuleIndex::add_affixes(Scope& scope, const Term& call, const Constants& constants, Test test) {
  const Term* base = call.items[2];
  auto known = is_var(*base) ? constants.find(base->text) : constants.end();
  if (known != constants.end()) base = known->second;
  if (base->kind == TermKind::string) return add_affix(scope, call, constants, test);
  const Term* ref = valid_ref_of(scope, *call.items[1]);
  bool many = base->kind == TermKind::array || base->kind == TermKind::set;
  auto is_text = [](const Term* item) { return item->kind == TermKind::string; };
  if (!ref || !many || !std::all_of(base->items.begin(), base->items.end(), is_text)) return;
  for (const Term* item : base->items) insert(scope, {intern(*ref), item, test});
}

// ---- `and` and `or` ----

void RuleIndex::add_logical(Scope& scope, const Expr& expr, const Constants& constants) {
  Alternatives left = operand(scope, *expr.bodies[0], constants);
  bool is_and = expr.kind == ExprKind::logical_and;
  if (!is_and && left.empty()) return;
  Alternatives right = operand(scope, *expr.bodies[1], constants);
  if (is_and) {
    require(scope, left);
    return require(scope, right);
  }
  if (right.empty()) return;
  left.insert(left.end(), right.begin(), right.end());
  require(scope, left);
}

/// The ways in which an operand can hold; none if nothing is known of it. Its locals stay within.
RuleIndex::Alternatives RuleIndex::operand(Scope& scope, const Body& body,
                                           const Constants& constants) {
  Scope inner{scope.clause};
  inner.outer = scope.own;
  inner.outer.insert(inner.outer.end(), scope.outer.begin(), scope.outer.end());
  Constants known = constants;
  for (const Expr* expr : body.exprs) add(inner, *expr, known);
  Alternatives out = paths(inner);
  if (out.size() == 1 && out[0].empty()) return {};
  for (Constraints& path : out) {
    for (Constraint& constraint : path) {
      if (constraint.is_var()) constraint.value = &any_value();
    }
  }
  return out;
}

void RuleIndex::require(Scope& scope, const Alternatives& alternatives) {
  if (alternatives.empty()) return;
  if (alternatives.size() == 1) {
    for (const Constraint& constraint : alternatives[0]) insert(scope, constraint);
    return;
  }
  for (const Constraints& path : alternatives) {
    for (const Constraint& constraint : path) ++statistics_[constraint.ref].count;
  }
  scope.choices.push_back(alternatives);
}

RuleIndex::Alternatives RuleIndex::paths(const Scope& scope) {
  constexpr std::size_t most = 32;
  Alternatives out{scope.own};
  for (const Alternatives& choice : scope.choices) {
    if (out.size() * choice.size() > most) return {scope.own};
    Alternatives combined;
    for (const Constraints& path : out) {
      for (const Constraints& other : choice) {
        combined.push_back(path);
        combined.back().insert(combined.back().end(), other.begin(), other.end());
      }
    }
    out = std::move(combined);
  }
  return out;
}

void RuleIndex::insert(Scope& scope, Constraint constraint) {
  bool seen = false;
  for (Constraint& other : scope.own) {
    if (other.ref != constraint.ref) continue;
    seen = true;
    bool member = constraint.test == Test::member, other_member = other.test == Test::member;
    bool alike = other.is_affix() == constraint.is_affix() &&
                 (!other.is_affix() || other.test == constraint.test) && member == other_member;
    if (alike && same(*other.value, *constraint.value)) return;
    if (!constraint.is_var() && !constraint.is_affix() && other.is_var()) {
      other = std::move(constraint);
      return;
    }
    if (constraint.is_var() || other.is_var()) continue;
    int kind = constraint.is_affix() || other.is_affix() ? 2 : 1;
    int& alternated = statistics_[constraint.ref].alternated;
    alternated = std::max(alternated, kind);
  }
  if (!seen) ++statistics_[constraint.ref].count;
  scope.own.push_back(std::move(constraint));
}

// ---- Refs ----

std::size_t RuleIndex::intern(const Term& ref) {
  auto [at, added] = numbers_.try_emplace(syntax::to_text(ref), refs_.size());
  if (added) {
    refs_.push_back(&ref);
    statistics_.emplace_back();
  }
  return at->second;
}

/// The ref that a local stands for: one that was bound to it, or an argument.
const Term* RuleIndex::ref_of_var(const Scope& scope, const std::string& var) {
  for (const Constraints* known : {&scope.own, &scope.outer}) {
    for (const Constraint& constraint : *known) {
      if (constraint.is_var() && constraint.value->text == var) return refs_[constraint.ref];
    }
  }
  const Terms& args = scope.clause.flat->args;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i]->kind != TermKind::var || args[i]->text != var) continue;
    Term* ref = walker_.ast_.term(TermKind::ref, {});
    Term* number = walker_.ast_.term(TermKind::number, {});
    number->text = std::to_string(i);
    ref->items = {walker_.ast_.var("args", {}), number};
    return ref;
  }
  return nullptr;
}

/// A ref whose head is a local that stands for another ref, as what it means.
const Term* RuleIndex::with_resolved_head(const Scope& scope, const Term& ref) {
  const Term& head = head_of(ref);
  if (!is_var(head)) return &ref;
  const Term* resolved = ref_of_var(scope, head.text);
  if (resolved == nullptr) return nullptr;
  Term* out = walker_.ast_.term(TermKind::ref, {});
  if (resolved->kind == TermKind::ref)
    out->items = resolved->items;
  else
    out->items.push_back(const_cast<Term*>(resolved));
  out->items.insert(out->items.end(), ref.items.begin() + 1, ref.items.end());
  return out;
}

const Term* RuleIndex::valid_ref_of(const Scope& scope, const Term& term) {
  const Term* ref = is_var(term) ? ref_of_var(scope, term.text) : is_ref(term) ? &term : nullptr;
  return ref && is_valid(*ref) ? ref : nullptr;
}

bool RuleIndex::is_valid(const Term& ref) const {
  const Term& head = head_of(ref);
  bool is_root = head.kind == TermKind::var && !is_var(head);
  return is_root && is_ground_to(ref, depth_of(ref)) && !is_virtual(ref);
}

/// True if rules have a part in the document.
bool RuleIndex::is_virtual(const Term& ref) const {
  if (head_of(ref).text != "data") return false;
  const TreeNode* node = &walker_.rules_;
  for (std::size_t i = 1; i < depth_of(ref); ++i) {
    const Term& item = *ref.items[i];
    if (!syntax::is_ground(item)) return true;
    node = node->child(walker_.constant(item));
    if (node == nullptr) return false;
    if (node->has_rules()) return true;
  }
  return true;
}

// ---- Asking ----

/// The values of refs, each asked for once a lookup.
class RuleIndex::Answers {
 public:
  Answers(const std::vector<const Term*>& refs, Resolve resolve, bool has_arguments)
      : refs_(refs),
        resolve_(resolve),
        has_arguments_(has_arguments),
        values_(refs.size()),
        known_(refs.size()) {}

  /// True for an argument that is not given.
  bool is_unknown(std::size_t ref) const {
    return !has_arguments_ && head_of(*refs_[ref]).text == "args";
  }

  const Value& operator[](std::size_t ref) {
    if (!known_[ref]) values_[ref] = resolve_(*refs_[ref]);
    known_[ref] = true;
    return values_[ref];
  }

 private:
  const std::vector<const Term*>& refs_;
  Resolve resolve_;
  bool has_arguments_;
  std::vector<Value> values_;
  std::vector<bool> known_;
};

std::vector<bool> RuleIndex::lookup(Resolve resolve, bool has_arguments) const {
  Answers answers(refs_, resolve, has_arguments);
  std::vector<bool> out;
  for (const Tests& tests : tests_) out.push_back(holds(tests, answers));
  return out;
}

bool RuleIndex::holds(const Tests& tests, Answers& answers) const {
  bool found = std::any_of(tests.paths.begin(), tests.paths.end(),
                           [&](const Constraints& path) { return holds(path, answers); });
  if (!found) return false;
  for (std::size_t ref : tests.required) {
    if (!answers.is_unknown(ref) && answers[ref].is_undefined()) return false;
  }
  for (const Membership& membership : tests.memberships) {
    if (may_exit_) break;
    if (answers.is_unknown(membership.key) || answers.is_unknown(membership.collection)) continue;
    const Value &key = answers[membership.key], &collection = answers[membership.collection];
    if (key.is_undefined() || collection.is_undefined()) return false;
    if (collection.is(Kind::object) && lictor::lookup(collection, key).is_undefined()) return false;
    if (collection.is(Kind::set) && !has_value(collection, key)) return false;
  }
  return true;
}

bool RuleIndex::holds(const Constraints& path, Answers& answers) const {
  std::size_t left = path.size();
  for (std::size_t level : levels_) {
    Constraints values;
    for (const Constraint& constraint : path) {
      if (constraint.ref == level) values.push_back(constraint);
    }
    if (values.empty()) continue;
    left -= values.size();
    if (answers.is_unknown(level)) continue;
    bool concrete = std::any_of(values.begin(), values.end(),
                                [](const Constraint& one) { return !one.is_var(); });
    if (concrete && values.size() > 1)
      std::erase_if(values, [](const Constraint& one) { return one.is_var(); });
    const Value& value = answers[level];
    bool affixes = std::any_of(values.begin(), values.end(),
                               [](const Constraint& one) { return one.is_affix(); });
    bool composites = std::any_of(values.begin(), values.end(), [](const Constraint& one) {
      return !one.is_var() && !is_scalar(*one.value);
    });
    // Alternatives that cannot meet again end the path.
    bool last = values.size() > 1 && concrete && (left == 0 || affixes || composites);
    if (last) values = with_one_end(std::move(values));
    bool matched = !value.is_undefined() &&
                   std::any_of(values.begin(), values.end(), [&](const Constraint& one) {
                     return one.is_var() || matches(one, value);
                   });
    if (!matched || last) return matched;
  }
  return true;
}

/// Starts and ends of one text: only those are tested that admit less.
RuleIndex::Constraints RuleIndex::with_one_end(Constraints values) {
  auto shortest = [&](Test test) {
    std::size_t out = std::string::npos;
    for (const Constraint& one : values) {
      if (one.test == test) out = std::min(out, one.value->text.size());
    }
    return out;
  };
  std::size_t prefix = shortest(Test::prefix), suffix = shortest(Test::suffix);
  if (prefix == std::string::npos || suffix == std::string::npos) return values;
  Test dropped = suffix > prefix ? Test::prefix : Test::suffix;
  std::erase_if(values, [&](const Constraint& one) { return one.test == dropped; });
  return values;
}

namespace {

template <typename Holds>
bool any_element(const Value& collection, Holds&& holds) {
  for (std::uint32_t i = 0; i < collection.size(); ++i) {
    bool is_object = collection.is(Kind::object);
    if (holds(is_object ? object_member(collection, i).value : collection.items()[i])) return true;
  }
  return false;
}

}  // namespace

bool RuleIndex::matches(const Constraint& constraint, const Value& value) const {
  const Term& wanted = *constraint.value;
  auto equals = [&](const Value& found, const Term& term) {
    return is_scalar(found) && equal(found, walker_.constant(term));
  };
  auto fits_array = [&](std::size_t size, auto&& element) {
    if (size != wanted.items.size()) return false;
    for (std::size_t i = 0; i < size; ++i) {
      if (is_scalar(*wanted.items[i]) && !equals(element(i), *wanted.items[i])) return false;
    }
    return true;
  };
  auto is_array_of = [&](const Value& found) {
    return found.is(Kind::array) &&
           fits_array(found.size(), [&](std::size_t i) { return found.items()[i]; });
  };
  auto has_end = [&](const Value& found) {
    if (!found.is(Kind::string)) return false;
    std::string_view text = found.as_string();
    return constraint.test == Test::prefix ? text.starts_with(wanted.text)
                                           : text.ends_with(wanted.text);
  };
  switch (constraint.test) {
    case Test::equals:
      if (is_scalar(wanted)) return equals(value, wanted);
      return wanted.kind != TermKind::array || is_array_of(value);
    case Test::glob: {
      if (!value.is(Kind::string)) return is_array_of(value);
      std::vector<std::string> parts = split_escaped(value.as_string(), constraint.delimiters);
      return fits_array(parts.size(), [&](std::size_t i) { return Value::string(parts[i]); });
    }
    case Test::member:
      return value.is_collection() &&
             any_element(value, [&](const Value& element) { return equals(element, wanted); });
    default:
      return value.is_collection() ? any_element(value, has_end) : has_end(value);
  }
}

// ---- The walker's side ----

Candidates Walker::candidates(Query& query, const TreeNode& document, const Terms* arguments) {
  auto resolve = [&](const Term& ref) -> Value {
    const Term& head = head_of(ref);
    if (head.text == "args") {
      std::size_t at = std::stoul(ref.items[1]->text) + 1;
      bool given = arguments && at < arguments->size();
      return given ? plugged({*(*arguments)[at], *query.bindings}) : Value();
    }
    std::vector<Value> path;
    for (std::size_t i = 1; i < depth_of(ref); ++i) path.push_back(constant(*ref.items[i]));
    if (head.text == "data") return base_document(query, path.data(), path.size());
    return found_in(query.input, path.data(), path.size());
  };
  std::vector<bool> found = options_.tracing.index
                                ? document.index->lookup(resolve, arguments != nullptr)
                                : std::vector<bool>(document.clauses.size(), true);
  Candidates out;
  out.fallback = document.fallback;
  constexpr std::size_t tests_per_step = 16;
  steps_ += found.size() / tests_per_step;
  std::size_t set = 0;
  std::vector<const Clause*> all;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    const Clause& clause = *document.clauses[i];
    all.push_back(&clause);
    bool is_else = !out.sets.empty() && set == clause.set;
    if (is_else)
      out.sets.back().others.push_back(&clause);
    else
      out.sets.push_back({&clause, {}});
    set = clause.set;
  }
  out.early_exit = options_.tracing.early_exit && agree_on_value(all);
  tell_index(document.name(), out, query);
  return out;
}

}  // namespace lictor::trace
