// The types of all documents, as the type checker leaves them for queries. INVARIANT: the keys of
// types are terms of the flat clauses, which live as long.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compile/types.hpp"
#include "syntax/ast.hpp"

namespace lictor::compile {

/// What a term is as a key. The term outlives it.
class TypeKey {
 public:
  explicit TypeKey(const syntax::Term& term);
  auto operator<=>(const TypeKey& other) const = default;

 private:
  char kind_;
  std::string_view text_;
  std::string own_;  // of terms that are no scalars
};

/// Types by path. INVARIANT: `key` is a term that says the node's place.
struct TypeNode {
  std::map<TypeKey, TypeNode> children;
  const syntax::Term* key = nullptr;
  TypeRef value = nullptr;

  const TypeNode* child(const TypeKey& of) const {
    auto found = children.find(of);
    return found == children.end() ? nullptr : &found->second;
  }
  const TypeNode* child(const syntax::Term& term) const {
    return children.empty() ? nullptr : child(TypeKey(term));  // as in most layers
  }
  TypeNode* child(const syntax::Term& term) {
    return const_cast<TypeNode*>(std::as_const(*this).child(term));
  }
  TypeNode& add(const syntax::Term& term);
};

/// A layer of what is known; what a body teaches is gone behind it.
struct TypeEnv {
  explicit TypeEnv(TypeEnv* outer = nullptr)
      : next(outer), documents(outer ? outer->documents : 0) {}
  TypeEnv(const TypeEnv&) = delete;
  TypeEnv& operator=(const TypeEnv&) = delete;

  TypeNode own;
  TypeEnv* vars = this;  // where variables are noted; a layer made by `with` uses the body's
  TypeEnv* next;
  std::size_t documents;  // the number of what `with` makes of documents here; 0: nothing

  void know(const syntax::Term& var, TypeRef type) { vars->own.add(var).value = type; }
};

struct DocumentTypes {
  explicit DocumentTypes(const builtins::Table& builtins) : types(builtins) {}

  syntax::Ast ast;
  Types types;
  TypeEnv base;  // knows nothing of `data`, so anything may be there
  TypeEnv env{&base};
  syntax::Term* data = ast.var("data", {});  // where every rule's path begins
};

/// What is known of a call's arguments while they may still hold calls, whose values are unknown.
std::vector<TypeRef> argument_types(const syntax::Term& call, DocumentTypes& documents);
/// What is known of the document at a ref.
TypeRef type_of_document(const syntax::Term& ref, DocumentTypes& documents);

}  // namespace lictor::compile
