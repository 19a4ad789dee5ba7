// Asks OPA and lictor what a program says, in one notation.
#pragma once

#include <string>

#include "node.hpp"
#include "reference.hpp"

namespace lictor::differential {

/// What a program says: a line for each row of its query and for each print, "undefined", or
/// "CODE: MESSAGE @FILE:ROW:COL" of each of its errors.
struct Outcome {
  std::string text;
  bool refused = false;  // it did not compile
  bool crashed = false;
};

enum class Way {
  decided,
  unindexed,  // both without their indexes of rules, which keep some errors from being met
  traced,     // an error of a builtin is one of the program, and errors have their stacks
  explained,  // as above, and each step is told
};

Outcome ask_opa(tests::Reference& opa, const Program& program, Way way = Way::decided);

/// What the engine says, for Way::decided and Way::unindexed.
Outcome ask_lictor(const Program& program, Way way = Way::decided, bool optimize = true);

/// What the tracer says, for Way::traced and Way::explained.
Outcome ask_tracer(const Program& program, Way way);

}  // namespace lictor::differential
