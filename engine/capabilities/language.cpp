#include "capabilities/language.hpp"

#include <algorithm>

namespace lictor::capabilities {
namespace {

using syntax::Dialect;
using syntax::Language;

bool has(const Capabilities& capabilities, std::string_view feature) {
  const std::vector<std::string>& all = capabilities.features;
  return std::find(all.begin(), all.end(), feature) != all.end();
}

}  // namespace

Language language_of(const Capabilities& capabilities, Dialect dialect) {
  Language out;
  bool v1 = has(capabilities, "rego_v1"), v2 = has(capabilities, "rego_v2");
  out.rego_v1_import = v1 || v2 || has(capabilities, "rego_v1_import");
  out.rego_v2_import = v2 || has(capabilities, "rego_v2_import");
  out.keywords_in_refs = has(capabilities, "keywords_in_refs");
  out.template_strings = has(capabilities, "template_strings");
  out.general_heads = v1 || v2 || has(capabilities, "rule_head_refs");
  out.ref_heads = out.general_heads || has(capabilities, "rule_head_ref_string_prefixes");
  out.importable = v1 ? syntax::v1_keywords : 0;
  if (dialect == Dialect::v1 && !v1) {
    out.refusal = "illegal capabilities: rego_v1 feature required for parsing v1 Rego";
    return out;
  }
  for (const std::string& keyword : capabilities.future_keywords) {
    unsigned known = 0;
    for (const syntax::KeywordName& name : syntax::future_keywords)
      known |= keyword == name.name ? name.keyword : 0U;
    out.importable |= known;
    if (known != 0) continue;
    out.refusal = "illegal capabilities: unknown keyword: " + keyword;
    return out;
  }
  return out;
}

}  // namespace lictor::capabilities
