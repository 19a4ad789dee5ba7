// Rules on values and variables.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "builtins/graphql/rules.hpp"
#include "builtins/graphql/suggest.hpp"

namespace lictor::builtins::graphql {
namespace {

constexpr std::string_view built_in_scalars[] = {"Int", "Float", "String", "Boolean", "ID"};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// --- values as GraphQL writes them

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  out += "\\u00";
  out += digits[c >> 4];
  out += digits[c & 15];
}

void append_quoted_byte(std::string& out, char c) {
  constexpr std::string_view marks = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  std::size_t mark = marks.find(c);
  auto byte = static_cast<unsigned char>(c);
  if (mark != std::string_view::npos) {
    out += '\\';
    out += letters[mark];
  } else if (byte < 0x20 || byte == 0x7F) {
    append_escape(out, byte);
  } else {
    out += c;
  }
}

/// Control characters are escaped, U+0080 to U+009F too; bytes that are not UTF-8 stay.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (text[i] == '\xC2' && next >= 0x80 && next <= 0x9F) {
      append_escape(out, next);
      ++i;
    } else {
      append_quoted_byte(out, text[i]);
    }
  }
  return out + '"';
}

void append_value(std::string& out, const Ref<Literal>& value);

void append_children(std::string& out, const Literal& value, std::string_view brackets) {
  out += brackets[0];
  for (std::uint32_t i = 0; i < value.children.size(); ++i) {
    const ChildValue& child = *value.children[i];
    if (i > 0) out += ',';
    if (value.kind == object_value) out.append(child.name).append(":");
    append_value(out, child.value);
  }
  out += brackets[1];
}

void append_value(std::string& out, const Ref<Literal>& value) {
  if (!value) {
    out += "<nil>";
    return;
  }
  switch (value->kind) {
    case variable_value:
      out.append("$").append(value->raw);
      return;
    case string_value:
    case block_value:
      out += quoted(value->raw);
      return;
    case list_value:
      return append_children(out, *value, "[]");
    case object_value:
      return append_children(out, *value, "{}");
    case int_value:
    case float_value:
    case boolean_value:
    case null_value:
    case enum_value:
      out += value->raw;
      return;
    default:
      throw MissingNode{};
  }
}

std::string text_of(Validation& validation, Literal& value) {
  std::string out;
  append_value(out, &value);
  validation.budget.spend(out.size());
  return out;
}

// --- what Go can read

enum class Range : std::uint8_t { fits, too_large, no_number };

template <class Int>
Range integer_range(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
    return Range::no_number;
  return error == std::errc::result_out_of_range ? Range::too_large : Range::fits;
}

/// Removes underscores between digits and after 0x; nullopt if one is elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
  bool is_hex = text.starts_with("0x");
  auto is_digit = [&](std::size_t i) {
    auto c = static_cast<unsigned char>(i < text.size() ? text[i] : 0);
    return std::isdigit(c) || (is_hex && std::isxdigit(c));
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    bool may_follow = i > 0 && (is_digit(i - 1) || (is_hex && i == 2));
    if (!may_follow || !is_digit(i + 1)) return std::nullopt;
  }
  return out;
}

/// Skips digits with at most one point; false if there are none.
bool skip_mantissa(std::string_view& text, std::string_view digits) {
  std::size_t before = std::min(text.find_first_not_of(digits), text.size());
  text.remove_prefix(before);
  if (!text.starts_with('.')) return before > 0;
  std::size_t after = std::min(text.find_first_not_of(digits, 1), text.size()) - 1;
  text.remove_prefix(after + 1);
  return before + after > 0;
}

bool is_float_text(std::string_view text) {
  constexpr std::string_view hex_digits = "0123456789abcdef";
  bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  if (!skip_mantissa(text, is_hex ? hex_digits : hex_digits.substr(0, 10))) return false;
  if (text.empty()) return !is_hex;
  if (text[0] != (is_hex ? 'p' : 'e')) return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether Go reads the text as a float. Trees that were not parsed may contain any text.
bool is_readable_float(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "nan") return true;
  if (lower.starts_with('+') || lower.starts_with('-')) lower.erase(0, 1);
  if (lower == "inf" || lower == "infinity") return true;
  std::optional<std::string> number = without_underscores(lower);
  return number && is_float_text(*number) && !std::isinf(std::strtod(number->c_str(), nullptr));
}

bool is_boolean(std::string_view text) {
  return is_one_of(
      text, {"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"});
}

/// Whether Go can make a value of a literal, with the defaults of variables.
class Readable {
 public:
  explicit Readable(Validation& validation) : validation_(validation) {}

  bool check(const Ref<Literal>& value) {
    Level level(depth_);
    validation_.budget.spend();
    if (!value) return true;
    switch (value->kind) {
      case variable_value:
        return !value->variable || check(value->variable->default_value);
      case int_value:
        return integer_range<std::int64_t>(value->raw) == Range::fits;
      case float_value:
        return is_readable_float(value->raw);
      case boolean_value:
        return is_boolean(value->raw);
      case list_value:
      case object_value:
        return check_children(*value);
      case string_value:
      case block_value:
      case enum_value:
      case null_value:
        return true;
      default:
        throw MissingNode{};
    }
  }

 private:
  bool check_children(const Literal& value) {
    return std::all_of(value.children.begin(), value.children.end(), [&](Ref<ChildValue> child) {
      if (value.kind == object_value && !child->value) throw MissingNode{};
      return check(child->value);
    });
  }

  Validation& validation_;
  int depth_ = 0;
};

// --- values of wrong types

/// What is wrong with a value of the type, in words that depend on the type.
std::string wrong_type_message(Validation& validation, Literal& value) {
  struct Row {
    std::string_view type, message;
  };
  static constexpr Row rows[] = {
      {"String", "String cannot represent a non string value: "},
      {"String!", "String cannot represent a non string value: "},
      {"[String]", "String cannot represent a non string value: "},
      {"Boolean", "Boolean cannot represent a non boolean value: "},
      {"Boolean!", "Boolean cannot represent a non boolean value: "},
      {"Float", "Float cannot represent non numeric value: "},
      {"Float!", "Float cannot represent non numeric value: "},
      {"ID", "ID cannot represent a non-string and non-integer value: "},
      {"ID!", "ID cannot represent a non-string and non-integer value: "},
  };
  std::string type = type_text(*value.expected_type), text = text_of(validation, value);
  if (type == "Int" || type == "Int!") {
    bool too_large = integer_range<std::int32_t>(value.raw) == Range::too_large;
    return (too_large ? "Int cannot represent non 32-bit signed integer value: "
                      : "Int cannot represent non-integer value: ") +
           text;
  }
  for (const Row& row : rows)
    if (row.type == type) return std::string(row.message) + text;
  if (value.definition->kind == kinds::enumeration)
    return join("Enum \"", type, "\" cannot represent non-enum value: ", text, ".");
  return join("Expected value of type \"", type, "\", found ", text, ".");
}

void report_wrong_type(Validation& validation, Literal& value) {
  validation.report(value.position, wrong_type_message(validation, value));
}

std::vector<std::string_view> enum_names(const Definition& type) {
  std::vector<std::string_view> out;
  if (type.kind != kinds::enumeration) return out;
  for (Ref<EnumValueDefinition> value : type.enum_values) out.push_back(value->name);
  return out;
}

std::string enum_suggestion(Validation& validation, const Literal& value) {
  return suggestion("Did you mean the enum value", value.raw, enum_names(*value.definition),
                    validation.budget);
}

void check_string(Validation& validation, Literal& value) {
  const Definition& type = *value.definition;
  if (type.kind == kinds::enumeration) {
    validation.report(value.position,
                      join("Enum \"", type_text(*value.expected_type),
                           "\" cannot represent non-enum value: ", text_of(validation, value), ".",
                           enum_suggestion(validation, value)));
  } else if (!is_one_of(type.name, {"String", "ID"})) {
    report_wrong_type(validation, value);
  }
}

void check_enum(Validation& validation, Literal& value) {
  const Definition& type = *value.definition;
  if (type.kind != kinds::enumeration) return report_wrong_type(validation, value);
  if (validation.names().find(type.enum_values, value.raw)) return;
  validation.report(value.position, join("Value \"", text_of(validation, value),
                                         "\" does not exist in \"", type_text(*value.expected_type),
                                         "\" enum.", enum_suggestion(validation, value)));
}

void check_required_fields(Validation& validation, Literal& value) {
  for (Ref<FieldDefinition> field : value.definition->fields) {
    validation.budget.spend();
    if (!field->type->non_null || field->default_value) continue;
    Ref<ChildValue> child = validation.names().find(value.children, field->name);
    if (child && child->value) continue;
    validation.report(value.position, join("Field \"", value.definition->name, ".", field->name,
                                           "\" of required type \"", type_text(*field->type),
                                           "\" was not provided."));
  }
}

/// OPA names the first field of the type, whichever is null.
void check_one_of(Validation& validation, Literal& value) {
  const Definition& type = *value.definition;
  if (value.children.size() != 1) {
    validation.report(value.position,
                      join("OneOf Input Object \"", type.name, "\" must specify exactly one key."));
    return;
  }
  Ref<Literal> child = value.children[0]->value;
  if (child && child->kind != null_value) return;
  if (type.fields.empty()) throw MissingNode{};
  validation.report(child->position,
                    join("Field \"", type.name, ".", type.fields[0]->name, "\" must be non-null."));
}

void check_unknown_fields(Validation& validation, Literal& value) {
  const Definition& type = *value.definition;
  for (Ref<ChildValue> child : value.children) {
    if (validation.names().find(type.fields, child->name)) continue;
    std::vector<std::string_view> names;
    for (Ref<FieldDefinition> field : type.fields) names.push_back(field->name);
    validation.report(
        child->position,
        join("Field \"", child->name, "\" is not defined by type \"", type.name, "\".",
             suggestion("Did you mean", child->name, names, validation.budget)));
  }
}

void check_object(Validation& validation, Literal& value) {
  check_required_fields(validation, value);
  for (Ref<Directive> directive : value.definition->directives)
    if (directive->name == "oneOf") check_one_of(validation, value);
  check_unknown_fields(validation, value);
}

void check_value(Validation& validation, Literal& value) {
  std::string_view type = value.definition->name;
  switch (value.kind) {
    case int_value:
      if (!is_one_of(type, {"Int", "Float", "ID"})) report_wrong_type(validation, value);
      return;
    case float_value:
      if (type != "Float") report_wrong_type(validation, value);
      return;
    case boolean_value:
      if (type != "Boolean") report_wrong_type(validation, value);
      return;
    case list_value:
      if (!value.expected_type->element) report_wrong_type(validation, value);
      return;
    case string_value:
    case block_value:
      return check_string(validation, value);
    case enum_value:
      return check_enum(validation, value);
    case object_value:
      return check_object(validation, value);
    default:
      return;
  }
}

bool is_one_of_object(Validation& validation, const Literal& value) {
  return value.kind == object_value && value.definition &&
         validation.names().find(value.definition->directives, "oneOf");
}

}  // namespace

void undefined_variable(Validation& validation, Literal& value) {
  if (!validation.operation || value.kind != variable_value || value.variable) return;
  std::string_view operation = validation.operation->name;
  std::string message = join("Variable \"", text_of(validation, value), "\" is not defined");
  if (!operation.empty()) message += join(" by operation \"", operation, "\"");
  validation.report(value.position, message + ".");
}

void repeated_input_fields(Validation& validation, Literal& value) {
  if (value.kind != object_value) return;
  std::unordered_set<std::string_view> seen;
  for (Ref<ChildValue> child : value.children) {
    if (seen.insert(child->name).second) continue;
    validation.report(child->position,
                      join("There can be only one input field named \"", child->name, "\"."));
  }
}

void value_of_wrong_type(Validation& validation, Literal& value) {
  if (!value.definition || !value.expected_type) return;
  if (value.kind == null_value && value.expected_type->non_null) {
    validation.report(value.position,
                      join("Expected value of type \"", type_text(*value.expected_type),
                           "\", found ", text_of(validation, value), "."));
  }
  const Definition& type = *value.definition;
  bool is_built_in = std::find(std::begin(built_in_scalars), std::end(built_in_scalars),
                               type.name) != std::end(built_in_scalars);
  if (type.kind == kinds::scalar && !is_built_in) return;
  if (!Readable(validation).check(&value)) report_wrong_type(validation, value);
  check_value(validation, value);
}

/// A nullable variable is allowed where the variable or the position has a default.
void variable_in_wrong_place(Validation& validation, Literal& value) {
  if (value.kind != variable_value || !value.expected_type || !value.variable ||
      !validation.operation)
    return;
  Type expected = *value.expected_type;
  Ref<Literal> variable_default = value.variable->default_value;
  bool has_default = variable_default && variable_default->kind != null_value;
  if (has_default || value.expected_type_has_default) expected.non_null = false;
  if (is_compatible(*value.variable->type, expected)) return;
  validation.report(value.position,
                    join("Variable \"", text_of(validation, value), "\" of type \"",
                         type_text(*value.variable->type), "\" used in position expecting type \"",
                         type_text(*value.expected_type), "\"."));
}

void nullable_variable_in_one_of(Validation& validation, Literal& value) {
  if (!is_one_of_object(validation, value)) return;
  for (Ref<ChildValue> child : value.children) {
    Ref<Literal> variable = child->value;
    if (!variable || variable->kind != variable_value || !variable->variable) continue;
    if (variable->variable->type->non_null) continue;
    const Position& at = variable->variable->position;
    validation.report(at.known ? at : variable->position,
                      join("Variable \"", text_of(validation, *variable), "\" is of type \"",
                           type_text(*variable->variable->type),
                           "\" but must be non-nullable to be used for OneOf Input Object \"",
                           value.definition->name, "\"."));
  }
}

}  // namespace lictor::builtins::graphql
