// What the machine runs: the instructions of a program, whose operands are places in one array of
// values, so that an operand costs no more than an addition.
// In: a verified program. Out: a step an instruction, in the same order, and behind them what joins
// functions. Immutable and shared.
//
// The array belongs to a context and has, one behind another, the constants, the data slots, the
// input slots, and the registers of each function. Rules do not call themselves, so that a function
// needs its registers once; where `with` makes one come back to itself, the machine keeps them. A
// rule that is asked for in one place, and there once, needs no call: the place goes on at its
// first step, and where it would return it goes on behind the place.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.hpp"

namespace lictor::eval {

/// A place in the array of values, in bytes.
using Place = std::uint32_t;
/// The place so many registers behind another.
constexpr Place behind(Place place, std::uint32_t registers) {
  return place + registers * static_cast<Place>(sizeof(Value));
}

struct Step {
  ir::Opcode op;
  std::uint16_t n;
  // As an instruction's; operands are places.
  std::uint32_t a, b, c;
  const Step* fail;
};

struct Code {
  struct Function {
    const Step* entry;
    std::uint32_t parameters;
    std::uint32_t registers;
    Place first;  // register
    ir::Memo memo;
    std::uint32_t memo_slot;
  };

  explicit Code(const ir::Program& program);
  Code(Code&&) = default;  // steps stay where they are
  Code(const Code&) = delete;

  std::vector<Step> steps;
  std::vector<Function> functions;
  std::vector<Place> operands;  // what lists of operands hold
  Place data = 0;               // the first data slot; constants stand before it
  Place input = 0;              // the first input slot
  std::size_t values = 0;       // in the array

 private:
  void place_operands(const ir::Program& program, Place registers, std::size_t first,
                      std::size_t end);
  void join(const ir::Function& function, std::size_t call, std::size_t end);
};

}  // namespace lictor::eval
