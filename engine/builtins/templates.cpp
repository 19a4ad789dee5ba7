// strings.render_template: a template in the language of Go's text/template over an object.
// Numbers of the object are texts to it, as OPA hands them over: {{if eq .n 1}} is an error.
// Source: OPA v1/topdown/template.go (1.22.2), the documentation of Go's text/template.
#include <algorithm>
#include <charconv>

#include "base/hex.hpp"
#include "base/percent.hpp"
#include "builtins/families.hpp"
#include "builtins/go_template.hpp"
#include "json/go_decoder.hpp"

namespace lictor::builtins {
namespace {

using namespace go_template;

/// A value as a template sees it: of the object's, or one that the template made.
struct Item {
  enum class Origin : std::uint8_t { data, integer, real };
  Value value;  // undefined: nothing at all, as of a key that is missing
  Origin origin = Origin::data;
};

struct Failure {
  std::string message;
};
struct Break {};
struct Continue {};

std::string type_name(const Item& item) {
  switch (item.value.kind()) {
    case Kind::string:
      return "string";
    case Kind::boolean:
      return "bool";
    case Kind::number:
      return item.origin == Item::Origin::integer ? "int"
             : item.origin == Item::Origin::real  ? "float64"
                                                  : "json.Number";
    case Kind::object:
      return "map[string]interface {}";
    case Kind::array:
    case Kind::set:
      return "[]interface {}";
    default:
      return "<nil>";
  }
}

bool is_nothing(const Item& item) {
  return item.value.is_undefined() || item.value.is(Kind::null_value);
}
bool is_list(const Item& item) { return item.value.is(Kind::array) || item.value.is(Kind::set); }
/// True for what Go has as a string.
bool is_text(const Item& item) {
  return item.value.is(Kind::string) ||
         (item.value.is(Kind::number) && item.origin == Item::Origin::data);
}

std::string text_of(const Value& value) {
  return value.is(Kind::string) ? std::string(value.as_string()) : number_text(value);
}

/// As Go's fmt.Print writes a value inside another.
std::string printed(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::null_value:
      return "<nil>";
    case Kind::boolean:
      return value.as_boolean() ? "true" : "false";
    case Kind::array:
    case Kind::set: {
      std::string out = "[";
      for (std::uint32_t i = 0; i < value.size(); ++i)
        out += (i == 0 ? "" : " ") + printed(value.items()[i]);
      return out + "]";
    }
    case Kind::object: {
      std::string out = "map[";
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        Member member = object_member(value, i);
        out += (i == 0 ? "" : " ") + printed(member.key) + ":" + printed(member.value);
      }
      return out + "]";
    }
    default:
      return text_of(value);
  }
}

class Renderer {
 public:
  Renderer(Call& call, const Templates& templates) : call_(call), templates_(templates) {}

  std::string run() {
    Item data{call_[1]};
    variables_.emplace_back("$", data);
    walk(templates_.at(main_template), data);
    return std::move(out_);
  }

 private:
  [[noreturn]] static void fail(const std::string& why) { throw Failure{why}; }

  static Item integer(std::int64_t value) { return {Value::integer(value), Item::Origin::integer}; }
  static Item boolean(bool value) { return {Value::boolean(value)}; }
  Item text(const std::string& text) { return {call_.text(text)}; }

  // ---- Nodes ----

  void walk(const std::vector<Node>& nodes, const Item& dot) {
    for (const Node& node : nodes) this->node(node, dot);
  }

  void node(const Node& node, const Item& dot) {
    constexpr std::size_t largest = std::size_t{64} << 20;
    if (out_.size() > largest) fail("the text grows too large");
    std::size_t known = variables_.size();
    switch (node.kind) {
      case Node::Kind::text:
        out_ += node.text;
        return;
      case Node::Kind::action: {
        Item value = pipe(node.pipe, dot);
        if (node.pipe.variables.empty())
          out_ += is_nothing(value) ? "<no value>" : printed(value.value);
        return;
      }
      case Node::Kind::if_:
      case Node::Kind::with: {
        Item value = pipe(node.pipe, dot);
        if (is_true(value))
          walk(node.body, node.kind == Node::Kind::with ? value : dot);
        else
          walk(node.otherwise, dot);
        break;
      }
      case Node::Kind::range:
        range(node, dot);
        break;
      case Node::Kind::call:
        call_template(node, dot);
        return;
      case Node::Kind::break_:
        throw Break{};
      case Node::Kind::continue_:
        throw Continue{};
    }
    variables_.resize(known, {"", {}});
  }

  void call_template(const Node& node, const Item& dot) {
    constexpr int deepest = 1000;
    auto found = templates_.find(node.text);
    if (found == templates_.end()) fail("template \"" + node.text + "\" not defined");
    if (++depth_ > deepest)
      fail("exceeded maximum template depth (" + std::to_string(deepest) + ")");
    Item data = node.pipe.commands.empty() ? Item{} : pipe(node.pipe, dot);
    auto outside = std::exchange(variables_, {{"$", data}});
    walk(found->second, data);
    variables_ = std::move(outside);
    --depth_;
  }

  void range(const Node& node, const Item& dot) {
    Item over = pipe(node.pipe, dot, true);
    std::size_t known = variables_.size();
    std::size_t count = 0;
    auto one = [&](const Item& key, const Item& value) {
      ++count;
      bind(node.pipe, key, value);
      try {
        walk(node.body, value);
      } catch (const Continue&) {
      }
      variables_.resize(known, {"", {}});
    };
    try {
      if (is_list(over)) {
        for (std::uint32_t i = 0; i < over.value.size(); ++i)
          one(integer(i), {over.value.items()[i]});
      } else if (over.value.is(Kind::object)) {
        for (std::uint32_t i = 0; i < over.value.size(); ++i) {
          Member member = object_member(over.value, i);
          one({member.key}, {member.value});
        }
      } else if (over.origin == Item::Origin::integer) {
        if (node.pipe.variables.size() > 1)
          fail("can't use " + printed(over.value) + " to iterate over more than one variable");
        for (std::int64_t i = 0; i < over.value.as_integer(); ++i) one({}, integer(i));
      } else if (!is_nothing(over)) {
        fail("range can't iterate over " + printed(over.value));
      }
    } catch (const Break&) {
      variables_.resize(known, {"", {}});
    }
    if (count == 0) walk(node.otherwise, dot);
  }

  void bind(const Pipe& pipe, const Item& key, const Item& value) {
    if (pipe.variables.empty()) return;
    if (pipe.variables.size() > 1) set(pipe, pipe.variables[0], key);
    set(pipe, pipe.variables.back(), value);
  }

  void set(const Pipe& pipe, const std::string& name, const Item& value) {
    if (!pipe.assigns) {
      variables_.emplace_back(name, value);
      return;
    }
    variable(name) = value;
  }

  Item& variable(const std::string& name) {
    auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                              [&](const auto& known) { return known.first == name; });
    if (found == variables_.rend()) fail("undefined variable: " + name);
    return found->second;
  }

  static bool is_true(const Item& item) {
    switch (item.value.kind()) {
      case Kind::boolean:
        return item.value.as_boolean();
      case Kind::number:
        if (item.origin == Item::Origin::data) return true;  // a text that is not empty
        return compare(item.value, Value::integer(0)) != 0;
      case Kind::string:
      case Kind::array:
      case Kind::set:
      case Kind::object:
        return item.value.size() != 0;
      default:
        return false;
    }
  }

  // ---- Pipelines ----

  Item pipe(const Pipe& pipe, const Item& dot, bool in_range = false) {
    std::optional<Item> value;
    for (const Command& command : pipe.commands) value = this->command(command, dot, value);
    if (!in_range) {
      for (const std::string& name : pipe.variables) set(pipe, name, *value);
    }
    return *value;
  }

  /// `last` is the value of the command before, which is one more argument.
  Item command(const Command& command, const Item& dot, const std::optional<Item>& last) {
    const Operand& first = command.operands[0];
    bool has_arguments = command.operands.size() > 1 || last;
    if (first.kind == Operand::Kind::function) return function(command, dot, last);
    if (first.kind == Operand::Kind::nil) fail("nil is not a command");
    if (has_arguments && first.fields.empty())
      fail("can't give argument to non-function " + spelled(first));
    if (has_arguments) fail(first.fields.back() + " is not a method but has arguments");
    return operand(first, dot);
  }

  static std::string spelled(const Operand& operand) {
    switch (operand.kind) {
      case Operand::Kind::dot:
        return ".";
      case Operand::Kind::string:
        return "\"" + operand.text + "\"";
      default:
        return operand.text;
    }
  }

  Item operand(const Operand& operand, const Item& dot) {
    return fields(operand, bare(operand, dot));
  }

  Item bare(const Operand& operand, const Item& dot) {
    switch (operand.kind) {
      case Operand::Kind::dot:
        return dot;
      case Operand::Kind::nil:
        return {};
      case Operand::Kind::boolean:
        return boolean(operand.number != 0);
      case Operand::Kind::integer:
        return integer(operand.number);
      case Operand::Kind::real: {
        double value = 0;
        std::from_chars(operand.text.data(), operand.text.data() + operand.text.size(), value);
        return {make_number(call_.arena, value), Item::Origin::real};
      }
      case Operand::Kind::string:
        return text(operand.text);
      case Operand::Kind::variable:
        return variable(operand.text);
      case Operand::Kind::pipe:
        return pipe(*operand.pipe, dot);
      case Operand::Kind::function:
        return function({{operand}}, dot, std::nullopt);
    }
    return {};
  }

  static Item fields(const Operand& operand, Item value) {
    for (const std::string& name : operand.fields) {
      if (value.value.is_undefined()) continue;
      if (value.value.is(Kind::null_value)) fail("nil pointer evaluating interface {}." + name);
      if (!value.value.is(Kind::object))
        fail("can't evaluate field " + name + " in type " + type_name(value));
      value = {lookup(value.value, name)};
    }
    return value;
  }

  // ---- Functions ----

  Item function(const Command& command, const Item& dot, const std::optional<Item>& last) {
    const std::string& name = command.operands[0].text;
    if (name == "and" || name == "or") return first_that(name == "or", command, dot, last);
    std::vector<Item> arguments;
    for (std::size_t i = 1; i < command.operands.size(); ++i)
      arguments.push_back(operand(command.operands[i], dot));
    if (last) arguments.push_back(*last);
    return call(name, arguments);
  }

  /// The first argument that is true, or false; the others are not evaluated.
  Item first_that(bool truth, const Command& command, const Item& dot,
                  const std::optional<Item>& last) {
    std::size_t count = command.operands.size() - 1 + (last ? 1 : 0);
    if (count == 0)
      fail("wrong number of args for " + command.operands[0].text + ": want at least 1 got 0");
    Item value;
    for (std::size_t i = 1; i <= count; ++i) {
      value = i < command.operands.size() ? operand(command.operands[i], dot) : *last;
      if (is_true(value) == truth) break;
    }
    return value;
  }

  static void expect(const std::string& name, const std::vector<Item>& given, std::size_t least,
                     std::size_t most) {
    if (given.size() >= least && given.size() <= most) return;
    fail("wrong number of args for " + name + ": want " + (least == most ? "" : "at least ") +
         std::to_string(least) + " got " + std::to_string(given.size()));
  }

  Item call(const std::string& name, const std::vector<Item>& given) {
    constexpr std::size_t any = SIZE_MAX;
    if (name == "print" || name == "println") return text(print(given, name == "println"));
    if (name == "html") return text(escape_html(print_arguments(given)));
    if (name == "js") return text(escape_js(print_arguments(given)));
    if (name == "urlquery") return text(escape_query(print_arguments(given)));
    if (name == "eq") {
      expect(name, given, 1, any);
      if (given.size() == 1) fail("error calling eq: missing argument for comparison");
      return boolean(std::any_of(given.begin() + 1, given.end(),
                                 [&](const Item& item) { return equals(given[0], item); }));
    }
    if (name == "not") {
      expect(name, given, 1, 1);
      return boolean(!is_true(given[0]));
    }
    if (name == "len") {
      expect(name, given, 1, 1);
      return integer(static_cast<std::int64_t>(length(given[0])));
    }
    if (name == "call") fail("error calling call: call of nil");
    if (name == "printf") {
      expect(name, given, 1, any);
      return printf(given);
    }
    if (name == "index") {
      expect(name, given, 1, any);
      return index(given);
    }
    if (name == "slice") {
      expect(name, given, 1, any);
      return slice(given);
    }
    expect(name, given, 2, 2);
    if (name == "ne") return boolean(!equals(given[0], given[1]));
    if (name == "lt") return boolean(less(given[0], given[1]));
    if (name == "le") return boolean(less(given[0], given[1]) || equals(given[0], given[1]));
    if (name == "gt") return boolean(!less(given[0], given[1]) && !equals(given[0], given[1]));
    return boolean(!less(given[0], given[1]));
  }

  [[noreturn]] static void incomparable(const Item& a, const Item& b) {
    fail("incompatible types for comparison: " + type_name(a) + " and " + type_name(b));
  }

  static bool equals(const Item& a, const Item& b) {
    if (is_nothing(a) || is_nothing(b)) return is_nothing(a) && is_nothing(b);
    if (is_text(a) && is_text(b)) return text_of(a.value) == text_of(b.value);
    bool same = a.value.kind() == b.value.kind() && is_text(a) == is_text(b) &&
                (!a.value.is(Kind::number) || a.origin == b.origin);
    if (!same) incomparable(a, b);
    if (a.value.is_collection()) fail("non-comparable type " + type_name(a));
    return equal(a.value, b.value);
  }

  static bool less(const Item& a, const Item& b) {
    for (const Item* item : {&a, &b}) {
      if (is_nothing(*item) || item->value.is_collection()) fail("invalid type for comparison");
    }
    if (is_text(a) && is_text(b)) return text_of(a.value) < text_of(b.value);
    bool numbers = a.value.is(Kind::number) && b.value.is(Kind::number) && a.origin == b.origin;
    if (numbers) return compare(a.value, b.value) < 0;
    if (a.value.kind() == b.value.kind()) fail("invalid type for comparison");
    incomparable(a, b);
  }

  static std::size_t length(const Item& item) {
    if (is_text(item)) return text_of(item.value).size();
    if (item.value.is_collection()) return item.value.size();
    if (is_nothing(item)) fail("error calling len: len of nil pointer");
    fail("error calling len: len of type " + type_name(item));
  }

  static std::size_t position(const Item& index, std::size_t most) {
    if (is_nothing(index)) fail("cannot index slice/array with nil");
    if (index.origin != Item::Origin::integer)
      fail("cannot index slice/array with type " + type_name(index));
    std::int64_t at = index.value.as_integer();
    if (at < 0 || static_cast<std::size_t>(at) > most)
      fail("index out of range: " + std::to_string(at));
    return static_cast<std::size_t>(at);
  }

  Item index(const std::vector<Item>& given) {
    Item item = given[0];
    if (is_nothing(item)) fail("error calling index: index of untyped nil");
    for (std::size_t i = 1; i < given.size(); ++i) {
      if (is_nothing(item)) fail("error calling index: index of nil pointer");
      if (is_list(item) || is_text(item)) {
        std::size_t at = position(given[i], length(item));
        if (at == length(item)) fail("error calling index: reflect: slice index out of range");
        item = is_list(item) ? Item{item.value.items()[at]}
                             : integer(static_cast<unsigned char>(text_of(item.value)[at]));
      } else if (item.value.is(Kind::object)) {
        if (!is_text(given[i]))
          fail("error calling index: value has type " + type_name(given[i]) + "; should be string");
        Value found = lookup(item.value, text_of(given[i].value));
        item = {found.is_undefined() ? Value::null() : found};
      } else {
        fail("error calling index: can't index item of type " + type_name(item));
      }
    }
    return item;
  }

  Item slice(const std::vector<Item>& given) {
    const Item& item = given[0];
    if (is_nothing(item)) fail("error calling slice: slice of untyped nil");
    if (given.size() > 4) fail("error calling slice: too many slice indexes");
    if (!is_list(item) && !is_text(item))
      fail("error calling slice: can't slice item of type " + type_name(item));
    if (is_text(item) && given.size() == 4)
      fail("error calling slice: cannot 3-index slice a string");
    std::size_t size = length(item);
    std::size_t first = given.size() > 1 ? position(given[1], size) : 0;
    std::size_t last = given.size() > 2 ? position(given[2], size) : size;
    if (first > last)
      fail("error calling slice: invalid slice index: " + std::to_string(first) + " > " +
           std::to_string(last));
    if (is_text(item)) return text(text_of(item.value).substr(first, last - first));
    return {Value::array(item.value.items() + first, static_cast<std::uint32_t>(last - first))};
  }

  static std::string shown(const Item& item) {
    return item.value.is_undefined() ? "<no value>" : printed(item.value);
  }

  /// Blanks stand between operands that are no strings, or with `line` between all.
  static std::string print(const std::vector<Item>& items, bool line) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto string = [&](std::size_t k) { return is_text(items[k]); };
      if (i != 0 && (line || (!string(i - 1) && !string(i)))) out += ' ';
      out += shown(items[i]);
    }
    return line ? out + "\n" : out;
  }

  static std::string print_arguments(const std::vector<Item>& items) { return print(items, false); }

  /// As sprintf does it; what the object has as a number is a text.
  Item printf(const std::vector<Item>& given) {
    if (!given[0].value.is(Kind::string))
      fail("wrong type for value; expected string; got " + type_name(given[0]));
    auto* values = call_.arena.allocate<Value>(given.size());
    for (std::size_t i = 1; i < given.size(); ++i) {
      const Item& item = given[i];
      bool go = item.origin != Item::Origin::data && item.value.is(Kind::number);
      values[i - 1] = go ? item.value : call_.text(shown(item));
    }
    const Value operands[] = {call_.text(text_of(given[0].value)),
                              make_array(call_.arena, values, given.size() - 1)};
    Call inner{call_.arena, operands, call_.environment};
    return {all()[static_cast<std::size_t>(find("sprintf"))].function(inner)};
  }

  // ---- Escapes ----

  static std::string escape_html(const std::string& text) {
    std::string out;
    for (char c : text) {
      switch (c) {
        case '\0':
          append_rune(out, replacement_rune);
          break;
        case '"':
          out += "&#34;";
          break;
        case '\'':
          out += "&#39;";
          break;
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '>':
          out += "&gt;";
          break;
        default:
          out += c;
      }
    }
    return out;
  }

  static std::string escape_js(const std::string& text) {
    std::string out;
    for (char c : text) {
      bool control =
          static_cast<unsigned char>(c) < ' ' || c == '<' || c == '>' || c == '&' || c == '=';
      if (c == '\\' || c == '\'' || c == '"') {
        out += '\\';
        out += c;
      } else if (control) {
        out += "\\u00";
        append_hex_byte(out, c);
      } else {
        out += c;
      }
    }
    return out;
  }

  Call& call_;
  const Templates& templates_;
  std::string out_;
  int depth_ = 0;
  std::vector<std::pair<std::string, Item>> variables_;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

Value render_template(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  if (!call.is(1, Kind::object)) return call.wrong_type(1, "object");
  // OPA reads the values from their Rego notation as if it were JSON.
  std::string error = json::go_decoding(json::to_rego(call[1])).error;
  if (!error.empty()) return call.fail(error);
  std::optional<Templates> templates = go_template::parse(call[0].as_text(), error);
  if (!templates) return call.fail(error);
  try {
    std::string out = Renderer(call, *templates).run();
    replace_all(out, "<no value>", "<undefined>");
    return call.text(out);
  } catch (const Failure& failure) {
    return call.fail("template: template: executing \"template\": " + failure.message);
  }
}

constexpr Builtin table[] = {
    {"strings.render_template", "(value: string, vars: object[string: any]) => result: string",
     render_template},
};

}  // namespace

std::span<const Builtin> template_builtins() { return table; }

}  // namespace lictor::builtins
