// Texts of several values: what print() and template strings are compiled to. Each operand is a
// scalar, or a set of the values that an expression has; one text is made for each combination.
// Source: OPA v1/topdown/print.go, template_string.go.
#include <cstdio>
#include <functional>

#include "builtins/families.hpp"

namespace lictor::builtins {
namespace {

std::string shown(const Value& value) {
  return value.is(Kind::string) ? std::string(value.as_string()) : json::to_rego(value);
}

/// The combinations of the operands' values, in order.
class Combinations {
 public:
  using Visit = std::function<bool(const std::vector<std::string>&)>;

  Combinations(Call& call, Visit visit)
      : call_(call), visit_(std::move(visit)), texts_(call[0].size()) {}

  /// False if `visit` returned false, or after an error.
  bool run(std::uint32_t from = 0) {
    if (from == texts_.size()) return visit_(texts_);
    const Value& operand = call_[0].items()[from];
    if (!operand.is_collection()) return with(from, shown(operand));
    if (!operand.is(Kind::set)) {
      call_.halt(ErrorCode::eval_internal,
                 "illegal argument type: " + std::string(kind_name(operand.kind())));
      return false;
    }
    if (operand.size() == 0) return with(from, "<undefined>");
    for (std::uint32_t i = 0; i < operand.size(); ++i) {
      if (!with(from, shown(operand.items()[i]))) return false;
    }
    return true;
  }

 private:
  bool with(std::uint32_t index, std::string text) {
    texts_[index] = std::move(text);
    return run(index + 1);
  }

  Call& call_;
  Visit visit_;
  std::vector<std::string> texts_;
};

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += separator;
    out += texts[i];
  }
  return out;
}

}  // namespace

void write_printed(const Listener* listener, const std::string& line) {
  if (listener && listener->print)
    listener->print(line);
  else
    std::fprintf(stderr, "%s\n", line.c_str());
}

namespace {

Value print(Call& call) {
  if (!call.environment.print) return Value::boolean(true);
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  auto print_line = [&](const std::vector<std::string>& texts) {
    std::string line = joined(texts, " ");
    if (call.environment.lines)
      call.environment.lines->push_back(std::move(line));
    else
      write_printed(call.environment.listener, line);
    return true;
  };
  return Combinations(call, print_line).run() ? Value::boolean(true) : Value();
}

Value template_string(Call& call) {
  if (!call.is(0, Kind::array)) return call.wrong_type(0, "array");
  std::optional<std::string> out;
  auto take = [&](const std::vector<std::string>& texts) {
    if (out) {
      call.halt(ErrorCode::eval_conflict, "template-strings must not produce multiple outputs");
      return false;
    }
    out = joined(texts, "");
    return true;
  };
  return Combinations(call, take).run() ? call.text(*out) : Value();
}

constexpr Builtin table[] = {
    {"internal.print", "(array[set[any]]) => ???", print, Trait::has_side_effect},
    {"internal.template_string", "(array[any]) => string", template_string},
};

}  // namespace

std::span<const Builtin> printing_builtins() { return table; }

}  // namespace lictor::builtins
