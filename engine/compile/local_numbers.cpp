// Numbers for variables: the names that authors chose are searched once, and only in modules whose
// text has the prefix.
#include "compile/local_numbers.hpp"

#include <charconv>
#include <string>
#include <string_view>

#include "syntax/visit.hpp"

namespace lictor::compile {
namespace {

constexpr std::string_view prefix = "__local", suffix = "__";

/// The number in `__local3__`, or -1.
int number_in(std::string_view name) {
  bool alike = name.size() > prefix.size() + suffix.size() && name.starts_with(prefix) &&
               name.ends_with(suffix);
  if (!alike) return -1;
  name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  int number = -1;
  bool is_number =
      std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc();
  return is_number && std::to_string(number) == name ? number : -1;
}

}  // namespace

LocalNumbers::LocalNumbers(const std::vector<syntax::Module*>& modules) {
  auto add = [&](const syntax::Term& term) {
    if (term.kind == syntax::TermKind::var) taken_.insert(number_in(term.text));
  };
  for (const syntax::Module* module : modules) {
    if (module->source->text.find(prefix) == std::string::npos) continue;
    for (syntax::Rule* rule : module->rules) {
      add(*rule->ref->items[0]);
      // OPA does not look for names in the keys of `contains`.
      syntax::each_clause(rule, [&](syntax::Rule clause) {
        clause.key = nullptr;
        syntax::visit_rule(clause, add);
      });
    }
  }
}

int LocalNumbers::next() {
  while (taken_.contains(next_)) ++next_;
  return next_++;
}

}  // namespace lictor::compile
