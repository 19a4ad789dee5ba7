// The types of all documents, as the type checker leaves them for queries. INVARIANT: the keys of
// types are terms of the flat clauses, which live as long.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compile/types.hpp"
#include "syntax/ast.hpp"

namespace lictor::compile {

/// Types by path. INVARIANT: `key` is the term whose key_of() is the node's place.
struct TypeNode {
  std::map<std::string, std::unique_ptr<TypeNode>, std::less<>> children;
  const syntax::Term* key = nullptr;
  TypeRef value = nullptr;

  TypeNode* child(const syntax::Term& term) const;
  TypeNode& add(const syntax::Term& term);
  static std::string key_of(const syntax::Term& term);
};

/// A layer of what is known; what a body teaches is gone behind it.
struct TypeEnv {
  explicit TypeEnv(TypeEnv* outer = nullptr) : next(outer) {}
  TypeEnv(const TypeEnv&) = delete;
  TypeEnv& operator=(const TypeEnv&) = delete;

  TypeNode own;
  TypeEnv* vars = this;  // where variables are noted; a layer made by `with` uses the body's
  TypeEnv* next;
  std::uint64_t changes = 0;

  void know(const syntax::Term& var, TypeRef type) {
    vars->own.add(var).value = type;
    ++vars->changes;
  }
};

struct DocumentTypes {
  syntax::Ast ast;
  Types types;
  TypeEnv base;  // knows nothing of `data`, so anything may be there
  TypeEnv env{&base};
  syntax::Term* data = ast.var("data", {});  // where every rule's path begins
};

/// What is known of a call's arguments while they may still hold calls, whose values are unknown.
std::vector<TypeRef> argument_types(const syntax::Term& call, DocumentTypes& documents);

}  // namespace lictor::compile
