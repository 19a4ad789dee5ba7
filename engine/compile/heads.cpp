// Heads of rules that are refs, which old versions of Rego do not have.
// Source: OPA v1/ast/compile.go, rewriteRuleHeadRefs.
#include "compile/stages.hpp"

namespace lictor::compile {
namespace {

/// True if OPA goes on to the rule's else-clauses.
bool check_head(const Rule& rule, const syntax::Language& language, Errors& errors) {
  auto refuse = [&](ErrorCode code, const std::string& what) {
    errors.push_back(
        error_at(code, rule.span, what + " are not supported: " + syntax::to_text(*rule.ref)));
  };
  if (!language.ref_heads && !has_name(rule)) {
    refuse(ErrorCode::compile, "rule heads with refs");
    return false;
  }
  const Terms& items = rule.ref->items;
  for (std::size_t i = 1; i < items.size() && !language.general_heads; ++i) {
    bool is_last = !rule.multi_value && i + 1 == items.size();
    if (!is_last && items[i]->kind != syntax::TermKind::string)
      refuse(ErrorCode::type, "rule heads with general refs (containing variables)");
  }
  return true;
}

}  // namespace

void check_heads(const std::vector<Module*>& modules, const syntax::Language& language,
                 Errors& errors) {
  for (const Module* module : modules) {
    for (const Rule* rule : module->rules) {
      while (rule && check_head(*rule, language, errors)) rule = rule->else_rule;
    }
  }
}

}  // namespace lictor::compile
