// Which registers are defined where in the code of a function, and what need not be done as it is
// known. In: code whose jumps are to numbered labels. Out: the same code, of the same length, in
// which
//   a result that nothing has set before is moved rather than set once,
//   jumps to a test whether a register is defined go on where the test would, if that is known,
//   tests that always go one way are jumps, and registers of which no one asks are not made
//   undefined,
//   a rule whose value stands in a register is not called again.
// What is left of these is taken away with other needless jumps (emit.cpp).
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.hpp"

namespace lictor::plan {

/// Code before its labels are resolved: `a` and `fail` of an instruction are numbers of labels.
struct LabeledCode {
  std::vector<ir::Instruction>& code;
  std::vector<std::uint32_t>& labels;  // the instruction that each stands for
  std::uint32_t unbound;               // what is no label, and where a label stands for nothing
  const ir::Program& program;  // whose rule tables start at labels, and whose lists are read
  std::uint32_t registers;
};

void use_definedness(const LabeledCode& code);

}  // namespace lictor::plan
