// What a type error has to say besides its message: which types met which. In: the types that a
// check compared. Out: the lines that OPA shows below the message, and its JSON for programs.
// INVARIANT: types are read when an error is told, not when it is found, as most are never told.
// Source: OPA v1/ast/check.go, v1/ast/check_elide.go and v1/types.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compile/types.hpp"
#include "lictor/error.hpp"
#include "syntax/ast.hpp"

namespace lictor::compile {

/// A call's arguments are not those that a function wants.
struct WrongArguments {
  std::vector<TypeRef> have;
  TypeRef function;  // its result is wanted behind its arguments, unless `bare`
  bool bare = false;
  bool of_function = false;  // `have` is what another function takes: null in JSON if that is none
};

/// Two that were to be equal.
struct Mismatch {
  TypeRef left;
  TypeRef right;
};

/// A ref's text, split at the operand that is wrong.
struct SplitRef {
  std::string text;
  std::string json;
  std::string before;   // what stands before the operand
  std::string through;  // and with it
  std::string operand;
  std::size_t at;

  SplitRef(const syntax::Term& ref, std::size_t at);
};

/// What a ref leads to has no parts: `ref.at` is its last operand that is right.
struct NoParts {
  SplitRef ref;
  TypeRef have;
};

/// An operand that what it is applied to does not have.
struct WrongOperand {
  SplitRef ref;
  TypeRef have = nullptr;  // unless the operand is a constant
  TypeRef want = nullptr;
  std::optional<std::vector<const syntax::Term*>> one_of = {};  // in order
};

using TypeFault = std::variant<std::monostate, WrongArguments, Mismatch, NoParts, WrongOperand>;

/// True if the fault may follow from a type that is not known.
bool is_of_unknown(const TypeFault& fault);
/// Gives the error the fault's lines and JSON.
void explain(const TypeFault& fault, Error& error);

/// The constant keys that a type's objects have, in order, each once.
std::vector<const syntax::Term*> constant_keys(TypeRef type);

}  // namespace lictor::compile
