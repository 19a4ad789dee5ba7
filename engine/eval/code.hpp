// What the machine runs: the instructions of a program, whose operands are offsets into one array
// of values, so that an operand costs no more than an addition.
// In: a verified program. Out: a step an instruction, in the same order, and behind them what joins
// functions. Immutable and shared.
//
// The array belongs to a context and has, one behind another, the constants, the data slots, the
// input slots, and the registers of each function. Rules do not call themselves, so that a function
// has its registers once; where `with` makes one come back to itself, the machine keeps them. A
// rule that is called from one place, and from there once, needs no call: the caller goes on at its
// first step, and where it would return it goes on behind the call; not where `with` replaces
// functions, as only a call keeps registers.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.hpp"

namespace lictor::eval {

/// Into the array of values, in bytes.
using Offset = std::uint32_t;
/// So many registers behind another.
constexpr Offset behind(Offset offset, std::uint32_t registers) {
  return offset + registers * static_cast<Offset>(sizeof(Value));
}

struct Step {
  ir::Opcode op;
  std::uint16_t n;
  // As an instruction's; operands are offsets.
  std::uint32_t a, b, c;
  const Step* fail;
};

struct Code {
  struct Function {
    const Step* entry;
    std::uint32_t parameters;
    std::uint32_t registers;
    Offset first;  // register
    ir::Memo memo;
    std::uint32_t memo_slot;
  };

  explicit Code(const ir::Program& program);
  Code(Code&&) = default;  // steps stay where they are
  Code(const Code&) = delete;

  std::vector<Step> steps;
  std::vector<Function> functions;
  std::vector<Offset> operands;  // what lists of operands hold
  Offset data = 0;               // the first data slot; constants stand before it
  Offset input = 0;              // the first input slot
  std::size_t values = 0;        // in the array

 private:
  void place_operands(const ir::Program& program, Offset registers, std::size_t first,
                      std::size_t end);
  void join(const ir::Function& function, std::size_t call, std::size_t end);
};

}  // namespace lictor::eval
