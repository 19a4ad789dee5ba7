// The intermediate representation: a program of a register machine, as plain data.
// In: built by plan/. Out: run by eval/, printed by dump(), checked by verify().
// INVARIANT of a verified program: every operand, label, function and builtin exists, and control
// never runs off the end of the code.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "ir/rule_table.hpp"
#include "json/shape.hpp"
#include "lictor/error.hpp"
#include "lictor/value.hpp"
#include "value/object.hpp"

namespace lictor::builtins {
class Table;
}

namespace lictor::ir {

enum class Opcode : std::uint16_t {
#define OP(name, operands, meaning) name,
#include "ir/opcodes.def"
#undef OP
};

constexpr std::size_t opcode_count = 0
#define OP(name, operands, meaning) +1
#include "ir/opcodes.def"
#undef OP
    ;

enum class Comparison : std::uint16_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal
};

/// Where an operand lives: the two top bits of its number.
enum class Bank : std::uint32_t { reg = 0, constant = 1, input = 2, data = 3 };

using Operand = std::uint32_t;
constexpr std::uint32_t bank_shift = 30;
constexpr std::uint32_t index_mask = (1u << bank_shift) - 1;

constexpr Operand operand(Bank bank, std::uint32_t index) {
  return (static_cast<std::uint32_t>(bank) << bank_shift) | index;
}
constexpr Bank bank_of(Operand operand) { return static_cast<Bank>(operand >> bank_shift); }

struct Instruction {
  Opcode op;
  std::uint16_t n = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t fail = 0;
};

enum class Memo : std::uint8_t {
  none,
  value,  // no parameters: one value an evaluation
  keyed,  // one value for each tuple of arguments
};

struct Function {
  std::string name;         // e.g. "data.a.p", "data.a.p[_]"
  std::uint32_t entry = 0;  // index of the first instruction
  std::uint32_t parameters = 0;
  std::uint32_t registers = 0;
  Memo memo = Memo::none;
  std::uint32_t memo_slot = 0;  // of Memo::value, below Program::memo_slots
  bool is_function = false;     // written with arguments, for the text of conflicts
  bool is_inlined = false;      // has no code of its own; only lends its name to errors
  bool is_total = false;        // always has a value
};

/// An object whose keys are constant, in key order, and some of its values too.
struct Record {
  std::vector<Member> members;
  std::vector<std::uint32_t> holes;      // the members whose values are not constant
  std::unique_ptr<const Layout> layout;  // null if its JSON cannot be made ahead
};

/// What sprintf makes of a constant format whose verbs are %v, %s and %d: texts with holes between.
struct Format {
  std::vector<std::string> texts;  // one more than there are holes
  std::string verbs;               // the letter of each hole
  Value text;                      // the format as it was written
  std::uint32_t builtin = 0;       // for operands that are neither texts nor integers
};

/// An input that `with` makes of a record. Where no one asks for the input as a whole, it is never
/// built: its slots are taken from the values of the record, and from the slots of the input that
/// stands in it.
struct InputRecord {
  struct Move {
    std::uint32_t from;  // slots
    std::uint32_t to;
  };
  std::uint32_t record = 0;
  std::vector<std::uint32_t> inputs;  // the members that are the input as it was before
  std::vector<std::uint32_t> nodes;   // by member: where the shape reads it, or 0 if it does not
  std::vector<Move> moves;
};

/// Columns by which the rows of a base document are found.
struct RowIndex {
  std::uint32_t slot = 0;                         // of the document, in Program::data
  std::vector<std::vector<std::string>> columns;  // the path of each within a row
};

/// A place in a policy, for the text of errors.
struct Place {
  std::string file;
  std::uint32_t row = 0;
  std::uint32_t col = 0;
  std::string line;
};

/// How the rules of a document, or the items of a loop, are found.
struct IndexNote {
  std::uint32_t place = 0;
  std::string subject;  // "data.a.allow (12 rules)", "loop over data.roles"
  std::string finding;  // "by input.user", or why there is no index
};

/// The key of the document in data that only those who name it see.
constexpr std::string_view hidden_document = "system";

struct Program {
  std::shared_ptr<const builtins::Table> builtins;  // whose numbers the code has
  std::vector<Instruction> code;
  std::vector<Function> functions;
  std::vector<Operand> operands;  // what lists of operands hold, one list behind another
  std::vector<Value> constants;
  std::vector<Record> records;
  std::vector<InputRecord> input_records;
  std::vector<Format> formats;
  std::vector<RuleTable> rule_tables;
  std::vector<RowIndex> row_indexes;
  std::vector<Place> places;
  std::vector<IndexNote> index_notes;
  std::vector<std::uint32_t> place_of;         // by instruction: what it stands for in a policy
  json::Shape input;                           // the paths of input that are read
  std::vector<std::vector<std::string>> data;  // the path of each data slot
  std::optional<std::uint32_t> shown_data;     // the slot of data without `data.system`
  std::vector<std::vector<std::string>> documents;  // what `with` may replace: paths
  std::uint32_t entry = 0;                          // the function to run
  std::uint32_t memo_slots = 0;
  std::vector<std::string> columns;  // of a query: the variables of a row, behind its expressions
  bool is_query = false;
  bool prints = false;                                       // some code calls print()
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();  // holds the constants
};

const char* opcode_name(Opcode op);
/// True if what stands behind such an instruction is not reached from it.
bool never_goes_on(Opcode op);
/// Operand kinds as opcodes.def has them.
const char* opcode_operands(Opcode op);

/// The name of a builtin by its number.
using BuiltinName = std::function<const char*(std::uint32_t number)>;

/// The program as text, one instruction a line.
std::string dump(const Program& program, const BuiltinName& builtin_name);

/// What finds the rules and the rows of a program, a line each: PLACE SUBJECT: FINDING.
std::string explain_index(const Program& program);

/// Returns the first fault, or "" for a sound program. `builtin_count` bounds builtin numbers.
std::string verify(const Program& program, std::size_t builtin_count);

}  // namespace lictor::ir
