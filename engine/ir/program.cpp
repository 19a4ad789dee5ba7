// Text and verification of programs, both driven by the operand kinds in opcodes.def.
#include "ir/program.hpp"

#include <algorithm>
#include <set>

#include "json/write.hpp"

namespace lictor::ir {
namespace {

struct OpcodeInfo {
  const char* name;
  const char* operands;
};

constexpr OpcodeInfo opcodes[] = {
#define OP(name, operands, meaning) {#name, operands},
#include "ir/opcodes.def"
#undef OP
};

std::string path_text(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& part : path) out += "." + part;
  return out;
}

void slot_paths(const json::Shape& shape, std::uint32_t at, const std::string& path,
                std::vector<std::string>& out) {
  const json::Shape::Node& node = shape.nodes[at];
  if (node.whole) {
    if (out.size() <= node.slot) out.resize(node.slot + 1);
    out[node.slot] = node.kind_only ? path + " (kind)" : path;
  }
  for (const json::Shape::Child& child : node.children) {
    slot_paths(shape, child.node, path + "." + child.key, out);
  }
}

class Dumper {
 public:
  Dumper(const Program& program, const BuiltinName& builtin_name)
      : program_(program), builtin_name_(builtin_name) {
    slot_paths(program.input, 0, "input", input_paths_);
  }

  std::string run() {
    for (std::size_t i = 0; i < program_.functions.size(); ++i) {
      if (!program_.functions[i].is_inlined) function(i);
    }
    return std::move(out_);
  }

 private:
  std::uint32_t end_of(std::size_t index) const {
    std::uint32_t entry = program_.functions[index].entry;
    auto end = static_cast<std::uint32_t>(program_.code.size());
    for (const Function& other : program_.functions) {
      if (other.entry > entry && other.entry < end) end = other.entry;
    }
    return end;
  }

  void function(std::size_t index) {
    const Function& function = program_.functions[index];
    out_ += "function " + function.name + " (parameters " + std::to_string(function.parameters) +
            ", registers " + std::to_string(function.registers) + ")" +
            (function.memo == Memo::none    ? ""
             : function.memo == Memo::value ? " memo"
                                            : " memo by arguments") +
            "\n";
    for (std::uint32_t at = function.entry; at < end_of(index); ++at) instruction(at);
  }

  std::string text(Operand operand) const {
    std::uint32_t index = operand & index_mask;
    switch (bank_of(operand)) {
      case Bank::reg:
        return "r" + std::to_string(index);
      case Bank::constant:
        return json::to_rego(program_.constants[index]);
      case Bank::input:
        return index < input_paths_.size() ? input_paths_[index] : "input?";
      case Bank::data:
        return program_.shown_data == index ? "shown data"
                                            : "data" + path_text(program_.data[index]);
    }
    return "?";
  }

  std::string list(std::uint32_t first, std::uint16_t n) const {
    std::string out = "[";
    for (std::uint32_t i = 0; i < n; ++i)
      out += (i == 0 ? "" : ", ") + text(program_.operands[first + i]);
    return out + "]";
  }

  /// `inputs` are the members that are the input.
  std::string record(const Record& record, const std::vector<std::uint32_t>& inputs = {}) const {
    std::string out;
    for (std::uint32_t k = 0; k < record.members.size(); ++k) {
      bool input = std::find(inputs.begin(), inputs.end(), k) != inputs.end();
      bool hole = record.members[k].value.is_undefined();
      out += (k == 0 ? "{" : ", ") + json::to_rego(record.members[k].key) + ": " +
             (input  ? "input"
              : hole ? "_"
                     : json::to_rego(record.members[k].value));
    }
    return out + "}";
  }

  std::string input_record(const InputRecord& made) const {
    return record(program_.records[made.record], made.inputs);
  }

  static std::string rule_table(const RuleTable& table) {
    constexpr std::size_t most = 12;
    auto starts = [&](const std::vector<std::uint32_t>& rules) {
      std::string out;
      for (std::size_t i = 0; i < rules.size() && i < most; ++i)
        out += " @" + std::to_string(table.starts[rules[i]]);
      return out + (rules.size() > most ? " …" : "");
    };
    constexpr const char* tests[] = {"{", "{starts with ", "{ends with "};
    std::string out = tests[static_cast<std::size_t>(table.test())];
    auto choices = table.choices();
    for (std::size_t i = 0; i < choices.size() && i < most; ++i)
      out +=
          (i == 0 ? "" : ", ") + json::to_rego(choices[i].first) + ":" + starts(choices[i].second);
    if (choices.size() > most) out += ", … " + std::to_string(choices.size()) + " in all";
    if (!table.others().empty()) out += ", any:" + starts(table.others());
    return out + "}";
  }

  std::string row_index(const RowIndex& index) const {
    std::string out = "data" + path_text(program_.data[index.slot]) + " by {";
    for (std::size_t c = 0; c < index.columns.size(); ++c)
      out += (c == 0 ? "" : ", ") + path_text(index.columns[c]);
    return out + "}";
  }

  std::string field(char kind, std::uint32_t value, std::uint16_t n) const {
    switch (kind) {
      case 'd':
      case 'r':
        return text(value);
      case 'v':
        return list(value, n);
      case 'f':
        return program_.functions[value].name;
      case 'l':
        return "@" + std::to_string(value);
      case 'g':
        return "data" + path_text(program_.documents[value]);
      case 'x':
        return builtin_name_(value);
      case 'e':
        return record(program_.records[value]);
      case 'i':
        return input_record(program_.input_records[value]);
      case 's':
        return json::to_rego(program_.formats[value].text);
      case 'w':
        return row_index(program_.row_indexes[value]);
      case 't':
        return rule_table(program_.rule_tables[value]);
      default:
        return "#" + std::to_string(value);
    }
  }

  void instruction(std::uint32_t at) {
    const Instruction& i = program_.code[at];
    const char* kinds = opcode_operands(i.op);
    out_ += "  " + std::to_string(at) + "\t" + opcode_name(i.op);
    const std::uint32_t values[] = {i.a, i.b, i.c, i.n};
    for (int k = 0; k < 4; ++k) {
      if (kinds[k] == 't' && i.op == Opcode::next_rule) continue;  // as told where it was found
      if (kinds[k] != '.') out_ += " " + field(kinds[k], values[k], i.n);
    }
    if (i.fail != 0) out_ += " else @" + std::to_string(i.fail);
    out_ += "\n";
  }

  const Program& program_;
  const BuiltinName& builtin_name_;
  std::vector<std::string> input_paths_;
  std::string out_;
};

class Verifier {
 public:
  Verifier(const Program& program, std::size_t builtins) : program_(program), builtins_(builtins) {
    for (const Function& function : program.functions) {
      most_registers_ = std::max(most_registers_, function.registers);
    }
  }

  std::string run() {
    for (const Function& function : program_.functions) {
      if (function.entry >= program_.code.size()) return function.name + ": entry outside the code";
      if (function.memo == Memo::value && function.memo_slot >= program_.memo_slots)
        return function.name + ": unknown memo slot";
    }
    for (std::uint32_t at = 0; at < program_.code.size(); ++at) {
      std::string fault = instruction(program_.code[at]);
      if (!fault.empty()) return std::to_string(at) + ": " + fault;
    }
    if (program_.code.empty()) return "no code";
    Opcode last = program_.code.back().op;
    return never_goes_on(last) ? "" : "control runs off the end";
  }

 private:
  bool good_operand(Operand operand) const {
    std::uint32_t index = operand & index_mask;
    switch (bank_of(operand)) {
      case Bank::reg:
        return index < most_registers_;
      case Bank::constant:
        return index < program_.constants.size();
      case Bank::input:
        return index < program_.input.slot_count;
      case Bank::data:
        return index < program_.data.size();
    }
    return false;
  }

  bool good_list(std::uint32_t first, std::uint16_t n) const {
    if (first + n > program_.operands.size()) return false;
    for (std::uint32_t i = 0; i < n; ++i) {
      if (!good_operand(program_.operands[first + i])) return false;
    }
    return true;
  }

  std::string input_record(const InputRecord& made, std::uint16_t n) const {
    if (made.record >= program_.records.size()) return "unknown record";
    const Record& record = program_.records[made.record];
    if (record.holes.size() != n) return "bad number of values";
    if (made.nodes.size() != record.members.size()) return "bad number of nodes";
    for (std::uint32_t member : made.inputs) {
      if (member >= record.members.size()) return "unknown member";
    }
    for (std::uint32_t node : made.nodes) {
      if (node >= program_.input.nodes.size()) return "unknown node";
    }
    for (InputRecord::Move move : made.moves) {
      if (std::max(move.from, move.to) >= program_.input.slot_count) return "unknown slot";
    }
    return "";
  }

  std::string format(const Format& format, std::uint16_t n) const {
    if (format.builtin >= builtins_) return "unknown builtin";
    bool holes = format.verbs.size() == n && format.texts.size() == n + 1U;
    return holes ? "" : "bad number of values";
  }

  std::string instruction(const Instruction& i) const {
    const char* kinds = opcode_operands(i.op);
    const std::uint32_t values[] = {i.a, i.b, i.c, i.n};
    for (int k = 0; k < 4; ++k) {
      switch (kinds[k]) {
        case 'd':
          if (bank_of(values[k]) != Bank::reg || !good_operand(values[k])) return "bad destination";
          break;
        case 'r':
          if (i.op != Opcode::with_function && i.op != Opcode::with_builtin &&
              !good_operand(values[k]))
            return "bad operand";
          break;
        case 'v':
          if (!good_list(values[k], i.n)) return "bad list of operands";
          break;
        case 'f':
          if (values[k] >= program_.functions.size()) return "unknown function";
          break;
        case 'x':
          if (values[k] >= builtins_) return "unknown builtin";
          break;
        case 'e':
          if (values[k] >= program_.records.size()) return "unknown record";
          if (program_.records[values[k]].holes.size() != i.n) return "bad number of values";
          break;
        case 'i':
          if (values[k] >= program_.input_records.size()) return "unknown input record";
          if (std::string fault = input_record(program_.input_records[values[k]], i.n);
              !fault.empty())
            return fault;
          break;
        case 'g':
          if (values[k] >= program_.documents.size()) return "unknown document";
          break;
        case 's':
          if (values[k] >= program_.formats.size()) return "unknown format";
          if (std::string fault = format(program_.formats[values[k]], i.n); !fault.empty())
            return fault;
          break;
        case 'w':
          if (values[k] >= program_.row_indexes.size()) return "unknown row index";
          if (program_.row_indexes[values[k]].columns.size() != i.n) return "bad number of columns";
          if (program_.row_indexes[values[k]].slot >= program_.data.size())
            return "unknown data slot";
          break;
        case 't':
          if (values[k] >= program_.rule_tables.size()) return "unknown rule table";
          for (std::uint32_t start : program_.rule_tables[values[k]].starts) {
            if (start >= program_.code.size()) return "bad label in a rule table";
          }
          break;
        default:
          break;
      }
    }
    if (i.op == Opcode::jump && i.a >= program_.code.size()) return "bad label";
    return i.fail >= program_.code.size() ? "bad fail label" : "";
  }

  const Program& program_;
  std::size_t builtins_;
  std::uint32_t most_registers_ = 0;
};

}  // namespace

bool never_goes_on(Opcode op) {
  return op == Opcode::ret || op == Opcode::jump || op == Opcode::jump_register ||
         op == Opcode::next_rule || op == Opcode::unbound;
}

const char* opcode_name(Opcode op) { return opcodes[static_cast<std::size_t>(op)].name; }
const char* opcode_operands(Opcode op) { return opcodes[static_cast<std::size_t>(op)].operands; }

std::string dump(const Program& program, const BuiltinName& builtin_name) {
  return Dumper(program, builtin_name).run();
}

std::string explain_index(const Program& program) {
  std::string out;
  std::set<std::string> told;  // what is planned in several copies is told of once
  for (const IndexNote& note : program.index_notes) {
    const Place& place = program.places[note.place];
    std::string line = place.file.empty() ? "" : place.file + ":";
    line += std::to_string(place.row) + "\t" + note.subject + ": " + note.finding + "\n";
    if (told.insert(line).second) out += line;
  }
  return out;
}

std::string verify(const Program& program, std::size_t builtin_count) {
  return Verifier(program, builtin_count).run();
}

}  // namespace lictor::ir
