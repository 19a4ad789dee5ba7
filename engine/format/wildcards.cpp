// Clauses of one rule that share a head share its wildcards; OPA then writes each of them as a
// variable, `_3` for the module's fourth, but not those that are arguments by themselves. Of a
// head's ref it so writes only a single key, `p[_0]`, and that in the first clause only. In: a
// parsed module. Out: the same with these names. Source: OPA v1/format/format.go,
// unmangleWildcardVar.
#include <map>
#include <string>
#include <vector>

#include "format/format.hpp"
#include "syntax/explain.hpp"
#include "syntax/visit.hpp"

namespace lictor::format {
namespace {

using syntax::Module;
using syntax::Rule;
using syntax::Term;

bool is_wildcard(const Term& term) {
  return term.kind == syntax::TermKind::var && term.text.starts_with('$');
}

class Heads {
 public:
  explicit Heads(const Module& module) {
    for (Rule* rule : module.rules) {
      Rule* first = rule;
      syntax::each_clause(rule, [&](Rule& clause) { add(clause, &clause == first); });
    }
  }

  /// By the offset of where each was written; null for one that keeps its name.
  std::map<std::uint32_t, std::vector<Term*>> repeated() const {
    std::map<std::uint32_t, std::vector<Term*>> out;
    for (const auto& [name, terms] : found_) {
      if (terms.size() > 1) out[terms[0]->span.first] = terms;
    }
    return out;
  }

 private:
  void add(Rule& clause, bool has_head) {
    if (has_head && !clause.key && clause.ref->items.size() == 2)
      add_ref_key(*clause.ref->items[1]);
    for (Term* arg : clause.args) {
      if (!is_wildcard(*arg)) add(*arg);
    }
    if (has_head && clause.key) add(*clause.key);
    if (has_head && clause.value) add(*clause.value);
  }

  /// Later clauses have copies of the key, which OPA names, but it writes their refs.
  void add_ref_key(Term& key) {
    syntax::visit_all(key, [&](Term& inner) {
      if (!is_wildcard(inner)) return;
      std::vector<Term*>& terms = found_[inner.text];
      terms.push_back(terms.empty() ? &inner : nullptr);
    });
  }

  void add(Term& term) {
    auto add_wildcard = [&](Term& inner) {
      if (is_wildcard(inner)) found_[inner.text].push_back(&inner);
    };
    syntax::visit_all(term, add_wildcard);
    syntax::visit_exprs(term, [&](syntax::Expr& expr) {
      for (Term* var : expr.vars) add_wildcard(*var);
    });
  }

  std::map<std::string, std::vector<Term*>> found_;
};

}  // namespace

void name_shared_wildcards(const Module& module, syntax::Dialect dialect) {
  if (module.source->text.find('_') == std::string::npos) return;
  auto repeated = Heads(module).repeated();
  if (repeated.empty()) return;
  syntax::ParseOptions options;
  options.dialect = dialect;
  syntax::WildcardNumbers numbers = syntax::wildcard_numbers(*module.source, options);
  for (auto& [offset, terms] : repeated) {
    auto number = numbers.written.find(offset);
    if (number == numbers.written.end()) continue;
    for (Term* term : terms) {
      if (term != nullptr) term->text = "_" + std::to_string(number->second);
    }
  }
}

}  // namespace lictor::format
