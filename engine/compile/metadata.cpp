// Annotations of all modules → the values of rego.metadata.chain() and rego.metadata.rule(). In:
// modules with their annotations. Out: the values by clause, or errors where two blocks claim one
// package or document; then the same modules with constants in the place of such calls. Source: OPA
// v1/ast/annotations.go, v1/ast/compile.go (rewriteRegoMetadataCalls).
#include <algorithm>
#include <map>

#include "compile/schema.hpp"
#include "compile/stages.hpp"
#include "syntax/annotations.hpp"
#include "syntax/parse.hpp"

namespace lictor::compile {

using syntax::Annotations;
using syntax::Ast;

namespace {

class AnnotationSet {
 public:
  void add(const Module& module, const Annotations& block, Errors& errors) {
    const std::string package = path_json(module);
    if (block.scope == "rule") {
      by_rule_[block.rule].push_back(&block);
    } else if (block.scope == "package") {
      claim(packages_, package, block, errors);
    } else if (block.scope == "subpackages") {
      claim(documents_, package, block, errors);
    } else {
      claim(documents_, path_json(module, *block.rule), block, errors);
    }
  }

  /// The block nearest to the top of the file, or null.
  const Annotations* of(const Rule& rule) const {
    auto blocks = by_rule_.find(&rule);
    return blocks == by_rule_.end() ? nullptr : blocks->second.front();
  }

  /// From the rule outwards: [{"annotations": …, "path": …}, …].
  std::string chain(const Module& module, const Rule& rule) const {
    std::string path = path_json(module, rule), out = "[";
    auto link = [&](const std::string& of, const Annotations* block) {
      if (out.size() > 1) out += ",";
      out += "{\"path\":" + of;
      if (block) out += ",\"annotations\":" + annotations_value_json(*block);
      out += "}";
    };
    auto blocks = by_rule_.find(&rule);
    if (blocks == by_rule_.end()) {
      link(path, nullptr);
    } else {
      for (auto block = blocks->second.rbegin(); block != blocks->second.rend(); ++block)
        link(path, *block);
    }
    auto document = documents_.find(path);
    if (document != documents_.end()) link(path, document->second);
    std::string package = path_json(module);
    auto of_package = packages_.find(package);
    if (of_package != packages_.end()) link(package, of_package->second);
    for (std::size_t count = module.package.size() + 1; count-- > 0;) {
      std::string above = path_json(module, count);
      auto found = documents_.find(above);
      if (found != documents_.end()) link(above, found->second);
    }
    return out + "]";
  }

  /// The blocks whose schemas hold for a rule: those of the packages around it, its document and
  /// itself.
  std::vector<const Annotations*> around(const Module& module, const Rule& rule) const {
    std::vector<const Annotations*> out;
    auto add_from = [&](const Blocks& blocks, const std::string& path) {
      auto found = blocks.find(path);
      if (found != blocks.end()) out.push_back(found->second);
    };
    for (std::size_t count = 0; count <= module.package.size(); ++count)
      add_from(documents_, path_json(module, count));
    std::string package = path_json(module);
    add_from(packages_, package);
    if (std::string path = path_json(module, rule); path != package) add_from(documents_, path);
    auto own = by_rule_.find(&rule);
    if (own != by_rule_.end()) out.insert(out.end(), own->second.begin(), own->second.end());
    return out;
  }

 private:
  using Blocks = std::map<std::string, const Annotations*>;

  static void claim(Blocks& blocks, const std::string& path, const Annotations& block,
                    Errors& errors) {
    auto [first, fresh] = blocks.try_emplace(path, &block);
    if (fresh) return;
    const Annotations& before = *first->second;
    errors.push_back(error_at(ErrorCode::type, block.span,
                              block.scope + " annotation redeclared: " + before.span.source->name +
                                  ":" + std::to_string(before.row)));
  }

  std::map<const Rule*, std::vector<const Annotations*>> by_rule_;
  Blocks packages_, documents_;
};

/// JSON is Rego.
Term* parsed(const std::string& json, const Term& call, Ast& ast) {
  Source source{"", json};
  Result<Term*> value = syntax::parse_term(source, {}, ast);
  if (!value) return nullptr;
  visit_all(**value, [&](Term& term) { term.span = call.span; });
  return *value;
}

/// Puts a value in the place of a call. A result may be bound by a second argument, as of any call.
void replace(Term& call, Term* value, Ast& ast) {
  if (call.items.size() == 1)
    call = *value;
  else
    call = *ast.call("eq", {call.items[1], value}, call.span);
}

/// An expression that is such a call by itself holds whatever is around it: OPA loses its `not` and
/// its `with`.
void drop_modifiers(Rule& clause) {
  auto drop = [](Expr& expr) {
    if (metadata_call(expr) == MetadataCall::none) return;
    expr.negated = false;
    expr.with.clear();
  };
  syntax::visit_exprs(*clause.body, drop);
  if (clause.key) syntax::visit_exprs(*clause.key, drop);
  if (clause.value) syntax::visit_exprs(*clause.value, drop);
}

/// The first calls in a clause or in those that follow it.
void find_calls(Rule* rule, const Term*& chain, const Term*& own) {
  each_clause(rule, [&](Rule& clause) {
    visit_rule(clause, [&](const Term& term) {
      MetadataCall call = metadata_call(term);
      if (chain == nullptr && call == MetadataCall::chain) chain = &term;
      if (own == nullptr && call == MetadataCall::rule) own = &term;
    });
  });
}

void replace_calls(Rule& clause, const Metadata& metadata, Ast& ast) {
  drop_modifiers(clause);
  visit_rule(clause, [&](Term& term) {
    MetadataCall call = metadata_call(term);
    if (call == MetadataCall::chain) replace(term, ast.copy(*metadata.chain), ast);
    if (call == MetadataCall::rule) replace(term, ast.copy(*metadata.rule), ast);
  });
}

}  // namespace

MetadataCall metadata_call(const Term& term) {
  if (term.kind != TermKind::call) return MetadataCall::none;
  std::string name = syntax::operator_name(term);
  return name == "rego.metadata.chain"  ? MetadataCall::chain
         : name == "rego.metadata.rule" ? MetadataCall::rule
                                        : MetadataCall::none;
}

MetadataCall metadata_call(const Expr& expr) {
  return expr.kind == ExprKind::term ? metadata_call(*expr.term) : MetadataCall::none;
}

MetadataOfClauses metadata_of_clauses(const std::vector<Module*>& modules,
                                      const builtins::Table& builtins, Ast& ast, Errors& errors) {
  MetadataOfClauses out;
  AnnotationSet set;
  for (const Module* module : modules) {
    for (const Annotations& block : module->annotations) set.add(*module, block, errors);
  }
  if (!errors.empty()) return out;
  for (Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) {
        const Term *chain = nullptr, *own = nullptr;
        find_calls(&clause, chain, own);
        if (!builtins.get("rego.metadata.chain")) chain = nullptr;
        if (!builtins.get("rego.metadata.rule")) own = nullptr;
        if (chain) out[&clause].chain = parsed(set.chain(*module, clause), *chain, ast);
        const Annotations* block = set.of(clause);
        if (own)
          out[&clause].rule = parsed(block ? annotations_value_json(*block) : "{}", *own, ast);
      });
    }
  }
  return out;
}

void replace_metadata(const std::vector<Module*>& modules, const MetadataOfClauses& metadata,
                      Ast& ast) {
  if (metadata.empty()) return;
  for (Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) {
        if (auto found = metadata.find(&clause); found != metadata.end())
          replace_calls(clause, found->second, ast);
      });
    }
  }
}

SchemaAnnotations schema_annotations(const std::vector<Module*>& modules, Ast& ast) {
  SchemaAnnotations out;
  AnnotationSet set;
  std::map<const Annotations*, std::vector<syntax::SchemaAnnotation>> declared;
  Errors none;  // reported by replace_metadata()
  for (const Module* module : modules) {
    for (const Annotations& block : module->annotations) {
      set.add(*module, block, none);
      if (block.fields.contains("schemas")) declared[&block] = schemas_of(block, ast);
    }
  }
  if (declared.empty()) return out;
  for (Module* module : modules) {
    for (Rule* rule : module->rules) {
      each_clause(rule, [&](Rule& clause) {
        for (const Annotations* block : set.around(*module, clause)) {
          const auto& schemas = declared[block];
          out[&clause].insert(out[&clause].end(), schemas.begin(), schemas.end());
        }
      });
    }
  }
  return out;
}

}  // namespace lictor::compile
