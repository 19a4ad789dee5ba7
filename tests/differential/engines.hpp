// Asks OPA and lictor what a program says, in one notation.
#pragma once

#include <string>

#include "node.hpp"
#include "reference.hpp"

namespace lictor::differential {

/// What a program says: a value in Rego's notation, "undefined", or "CODE: MESSAGE" of its first
/// error.
struct Outcome {
  std::string text;
  bool refused = false;  // it did not compile
};

/// With `plain`, OPA evaluates every rule: without its index and without early exit.
Outcome ask_opa(tests::Reference& opa, const Program& program, bool plain = false);

Outcome ask_lictor(const Program& program, bool optimize = true);

}  // namespace lictor::differential
