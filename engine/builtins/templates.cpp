// strings.render_template: a template in the language of Go's text/template over an object.
// Numbers of the object are texts to it, as OPA hands them over: {{if eq .n 1}} is an error.
// Source: OPA v1/topdown/template.go, the documentation of Go's text/template.
#include <algorithm>
#include <charconv>
#include <span>

#include "base/hex.hpp"
#include "base/percent.hpp"
#include "builtins/families.hpp"
#include "builtins/go_format.hpp"
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
  bool boxed = false;  // in Go, an interface: it is a member of an object or a list
};

struct Failure {
  std::string message;
};
/// Thrown by a function of templates.
struct CallFailure {
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

/// As Go's %s writes a value.
std::string printed_as_text(const Value& value) {
  return go_formatted({value, GoValue::Form::json}, 's');
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

  /// Go's words for a failure at the place that was being evaluated.
  std::string error(const std::string& why) const {
    constexpr std::size_t longest = 20;
    if (!at_) return "template: " + name_ + ": " + why;
    std::string_view before = call_[0].as_string().substr(0, at_->position);
    auto lines = std::count(before.begin(), before.end(), '\n');
    std::size_t column = before.size() - (lines > 0 ? before.rfind('\n') + 1 : 0);
    std::string source = at_->source, name;
    if (source.size() > longest) source = first_runes(source, longest) + "...";
    append_go_quoted(name, name_);
    return "template: template:" + std::to_string(lines + 1) + ":" + std::to_string(column) +
           ": executing " + name + " at <" + source + ">: " + why;
  }

 private:
  [[noreturn]] static void fail(const std::string& why) { throw Failure{why}; }
  /// Fails in a function of templates.
  [[noreturn]] static void refuse(const std::string& why) { throw CallFailure{why}; }

  static std::string first_runes(std::string_view text, std::size_t count) {
    std::size_t size = 0;
    for (; count > 0 && size < text.size(); --count) size += decode_rune(text, size).size;
    return std::string(text.substr(0, size));
  }

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
    at_ = &node.place;
    auto found = templates_.find(node.text);
    if (found == templates_.end()) fail("template \"" + node.text + "\" not defined");
    if (++depth_ > deepest)
      fail("exceeded maximum template depth (" + std::to_string(deepest) + ")");
    Item data = node.pipe.commands.empty() ? Item{} : pipe(node.pipe, dot);
    auto outside = std::exchange(variables_, {{"$", data}});
    std::string caller = std::exchange(name_, node.text);
    walk(found->second, data);
    variables_ = std::move(outside);
    name_ = std::move(caller);
    --depth_;
  }

  void range(const Node& node, const Item& dot) {
    Item over = pipe(node.pipe, dot);  // which its variables are until the first turn
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
          one(integer(i), {over.value.items()[i], Item::Origin::data, true});
      } else if (over.value.is(Kind::object)) {
        for (std::uint32_t i = 0; i < over.value.size(); ++i) {
          Member member = object_member(over.value, i);
          one({member.key}, {member.value, Item::Origin::data, true});
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

  /// Sets the one or two variables of a range, which were made before.
  void bind(const Pipe& pipe, const Item& key, const Item& value) {
    std::size_t count = pipe.variables.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Item& item = i + 1 == count ? value : key;
      if (pipe.assigns)
        variable(pipe.variables[i]) = item;
      else
        variables_[variables_.size() - count + i].second = item;
    }
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

  Item pipe(const Pipe& pipe, const Item& dot) {
    at_ = &pipe.place;
    std::optional<Item> value;
    for (const Command& command : pipe.commands) {
      value = this->command(command, dot, value);
      value->boxed = false;
      if (value->value.is(Kind::null_value)) value->value = Value();  // what a nil interface holds
    }
    for (const std::string& name : pipe.variables) set(pipe, name, *value);
    return *value;
  }

  /// `last` is the value of the command before, which is one more argument.
  Item command(const Command& command, const Item& dot, const std::optional<Item>& last) {
    const Operand& first = command.operands[0];
    bool has_arguments = command.operands.size() > 1 || last;
    if (first.kind == Operand::Kind::function && first.fields.empty())
      return function(command.operands, command.place, dot, last);
    bool is_pipe = first.kind == Operand::Kind::pipe && first.fields.empty();
    if (!is_pipe) at_ = &first.place;
    if (has_arguments && first.fields.empty())
      fail("can't give argument to non-function " + first.place.source);
    if (first.kind == Operand::Kind::nil) fail("nil is not a command");
    return operand(first, dot, has_arguments);
  }

  Item operand(const Operand& operand, const Item& dot, bool has_arguments = false) {
    Item value = bare(operand, dot);
    for (std::size_t i = 0; i < operand.fields.size(); ++i)
      value = field(value, operand.fields[i], has_arguments && i + 1 == operand.fields.size());
    return value;
  }

  static Item field(const Item& value, const std::string& name, bool has_arguments) {
    if (value.value.is_undefined()) return value;
    if (value.value.is(Kind::null_value)) fail("nil pointer evaluating interface {}." + name);
    if (!value.value.is(Kind::object))
      fail("can't evaluate field " + name + " in type " +
           (value.boxed ? "interface {}" : type_name(value)));
    if (has_arguments) fail(name + " is not a method but has arguments");
    return {lookup(value.value, name), Item::Origin::data, true};
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
        return function({&operand, 1}, operand.term, dot, std::nullopt);
    }
    return {};
  }

  // ---- Functions ----

  /// How many arguments a function takes.
  struct Arity {
    std::string_view name;
    std::size_t least;
    bool more = false;
  };

  static const Arity& arity_of(std::string_view name) {
    static constexpr Arity arities[] = {{"and", 1, true},
                                        {"or", 1, true},
                                        {"call", 1, true},
                                        {"html", 0, true},
                                        {"index", 1, true},
                                        {"slice", 1, true},
                                        {"js", 0, true},
                                        {"len", 1},
                                        {"not", 1},
                                        {"print", 0, true},
                                        {"printf", 1, true},
                                        {"println", 0, true},
                                        {"urlquery", 0, true},
                                        {"eq", 1, true},
                                        {"ne", 2},
                                        {"lt", 2},
                                        {"le", 2},
                                        {"gt", 2},
                                        {"ge", 2}};
    return *std::find_if(std::begin(arities), std::end(arities),
                         [&](const Arity& arity) { return arity.name == name; });
  }

  /// `operands` begins with the function; `place` is where an error of its call is.
  Item function(std::span<const Operand> operands, const Place& place, const Item& dot,
                const std::optional<Item>& last) {
    at_ = &operands[0].term;
    const std::string& name = operands[0].text;
    expect(arity_of(name), operands.size() - 1, last.has_value());
    if (name == "and" || name == "or") return first_that(name == "or", operands, dot, last);
    std::vector<Item> arguments;
    for (std::size_t i = 1; i < operands.size(); ++i)
      arguments.push_back(argument(operands[i], dot, name == "printf" && i == 1));
    if (last) arguments.push_back(*last);
    if (name == "printf" && operands.size() == 1) check_text(*last);
    try {
      return call(name, arguments, operands);
    } catch (const CallFailure& failure) {
      at_ = &place;
      fail("error calling " + name + ": " + failure.message);
    }
  }

  static void expect(const Arity& arity, std::size_t operands, bool has_last) {
    std::size_t given = operands + has_last;
    if (given == arity.least || (arity.more && given > arity.least)) return;
    fail("wrong number of args for " + std::string(arity.name) + ": want " +
         (arity.more ? "at least " : "") + std::to_string(arity.least) + " got " +
         std::to_string(arity.more ? operands : given));
  }

  /// An argument that must be a text is checked where it is evaluated.
  Item argument(const Operand& given, const Item& dot, bool is_text_wanted) {
    at_ = &given.place;
    bool literal = given.kind == Operand::Kind::boolean || given.kind == Operand::Kind::integer ||
                   given.kind == Operand::Kind::real;
    if (is_text_wanted && literal) fail("expected string; found " + given.place.source);
    if (is_text_wanted && given.kind == Operand::Kind::nil) fail("cannot assign nil to string");
    Item out = operand(given, dot);
    if (is_text_wanted) check_text(out);
    return out;
  }

  static void check_text(const Item& item) {
    if (item.value.is(Kind::string)) return;
    if (item.value.is_undefined()) fail("invalid value; expected string");
    bool null = item.value.is(Kind::null_value);
    fail("wrong type for value; expected string; got " +
         (null ? std::string("interface {}") : type_name(item)));
  }

  /// The first argument that is true, or false; the others are not evaluated.
  Item first_that(bool truth, std::span<const Operand> operands, const Item& dot,
                  const std::optional<Item>& last) {
    Item value;
    for (const Operand& given : operands.subspan(1)) {
      value = argument(given, dot, false);
      if (is_true(value) == truth) return value;
    }
    return last ? *last : value;
  }

  Item call(const std::string& name, const std::vector<Item>& given,
            std::span<const Operand> operands) {
    if (name == "print" || name == "println") return text(print(given, name == "println"));
    if (name == "html") return text(escape_html(print_arguments(given)));
    if (name == "js") return text(escape_js(print_arguments(given)));
    if (name == "urlquery") return text(escape_query(print_arguments(given)));
    if (name == "eq") return boolean(equals_any(given));
    if (name == "not") return boolean(!is_true(given[0]));
    if (name == "len") return integer(static_cast<std::int64_t>(length(given[0])));
    if (name == "call") call_of_value(given[0], operands);
    if (name == "printf") return printf(given);
    if (name == "index") return index(given);
    if (name == "slice") return slice(given);
    if (name == "ne") return boolean(!equals(given[0], given[1]));
    if (name == "lt") return boolean(less(given[0], given[1]));
    if (name == "le") return boolean(less(given[0], given[1]) || equals(given[0], given[1]));
    if (name == "gt") return boolean(!less(given[0], given[1]) && !equals(given[0], given[1]));
    return boolean(!less(given[0], given[1]));
  }

  /// No value is a function.
  [[noreturn]] static void call_of_value(const Item& item, std::span<const Operand> operands) {
    if (is_nothing(item)) refuse("call of nil");
    std::string name = operands.size() > 1 ? operands[1].place.source : printed(item.value);
    refuse("non-function " + name + " of type " + type_name(item));
  }

  static bool equals_any(const std::vector<Item>& given) {
    if (given.size() == 1) refuse("missing argument for comparison");
    for (std::size_t i = 1; i < given.size(); ++i) {
      if (equals(given[0], given[i])) return true;
    }
    return false;
  }

  [[noreturn]] static void incomparable(const Item& a, const Item& b) {
    refuse("incompatible types for comparison: " + type_name(a) + " and " + type_name(b));
  }

  /// The kinds of values that Go compares by their order.
  enum class Basic : std::uint8_t { none, boolean, integer, real, text };

  static Basic basic_of(const Item& item) {
    if (is_text(item)) return Basic::text;
    if (item.value.is(Kind::boolean)) return Basic::boolean;
    if (!item.value.is(Kind::number)) return Basic::none;
    return item.origin == Item::Origin::integer ? Basic::integer : Basic::real;
  }

  static bool equals(const Item& a, const Item& b) {
    Basic kind = basic_of(a);
    bool nothing = is_nothing(a) || is_nothing(b);
    if (kind != basic_of(b)) {
      if (!nothing) incomparable(a, b);
      return false;
    }
    if (kind == Basic::text) return text_of(a.value) == text_of(b.value);
    if (kind != Basic::none) return equal(a.value, b.value);
    if (nothing) return is_nothing(a) && is_nothing(b);
    if (is_list(a) != is_list(b)) {
      refuse("non-comparable types " + printed_as_text(a.value) + ": " + type_name(a) + ", " +
             type_name(b) + ": " + printed(b.value));
    }
    refuse("non-comparable type " + printed_as_text(b.value) + ": " + type_name(b));
  }

  static bool less(const Item& a, const Item& b) {
    Basic kind = basic_of(a);
    if (kind == Basic::none || basic_of(b) == Basic::none) refuse("invalid type for comparison");
    if (kind != basic_of(b)) incomparable(a, b);
    if (kind == Basic::boolean) refuse("invalid type for comparison");
    if (kind == Basic::text) return text_of(a.value) < text_of(b.value);
    return compare(a.value, b.value) < 0;
  }

  static std::size_t length(const Item& item) {
    if (is_text(item)) return text_of(item.value).size();
    if (item.value.is_collection()) return item.value.size();
    if (item.value.is_undefined()) refuse("reflect: call of reflect.Value.Type on zero Value");
    if (is_nothing(item)) refuse("len of nil pointer");
    refuse("len of type " + type_name(item));
  }

  static std::size_t position(const Item& index, std::size_t most) {
    if (is_nothing(index)) refuse("cannot index slice/array with nil");
    if (index.origin != Item::Origin::integer)
      refuse("cannot index slice/array with type " + type_name(index));
    std::int64_t at = index.value.as_integer();
    if (at < 0 || static_cast<std::size_t>(at) > most)
      refuse("index out of range: " + std::to_string(at));
    return static_cast<std::size_t>(at);
  }

  Item index(const std::vector<Item>& given) {
    Item item = given[0];
    if (is_nothing(item)) refuse("index of untyped nil");
    for (std::size_t i = 1; i < given.size(); ++i) {
      if (is_nothing(item)) refuse("index of nil pointer");
      if (is_list(item) || is_text(item))
        item = item_at(item, given[i]);
      else if (item.value.is(Kind::object))
        item = member_at(item, given[i]);
      else
        refuse("can't index item of type " + type_name(item));
    }
    return item;
  }

  static Item item_at(const Item& list, const Item& index) {
    std::size_t at = position(index, length(list));
    if (at == length(list)) {
      refuse(std::string("reflect: ") + (is_list(list) ? "slice" : "string") +
             " index out of range");
    }
    return is_list(list) ? Item{list.value.items()[at]}
                         : integer(static_cast<unsigned char>(text_of(list.value)[at]));
  }

  static Item member_at(const Item& object, const Item& key) {
    if (is_nothing(key)) refuse("value is nil; should be of type string");
    if (!key.value.is(Kind::string))
      refuse("value has type " + type_name(key) + "; should be string");
    Value found = lookup(object.value, key.value);
    return {found.is_undefined() ? Value::null() : found};
  }

  Item slice(const std::vector<Item>& given) {
    const Item& item = given[0];
    if (is_nothing(item)) refuse("slice of untyped nil");
    if (given.size() > 4) refuse("too many slice indexes: " + std::to_string(given.size() - 1));
    if (!is_list(item) && !is_text(item)) refuse("can't slice item of type " + type_name(item));
    if (is_text(item) && given.size() == 4) refuse("cannot 3-index slice a string");
    std::size_t size = length(item);
    std::size_t first = given.size() > 1 ? position(given[1], size) : 0;
    std::size_t last = given.size() > 2 ? position(given[2], size) : size;
    std::size_t most = given.size() > 3 ? position(given[3], size) : size;
    check_order(first, last);
    check_order(last, most);
    if (is_text(item)) return text(text_of(item.value).substr(first, last - first));
    return {Value::array(item.value.items() + first, static_cast<std::uint32_t>(last - first))};
  }

  static void check_order(std::size_t low, std::size_t high) {
    if (low <= high) return;
    refuse("invalid slice index: " + std::to_string(low) + " > " + std::to_string(high));
  }

  /// Blanks stand between operands that are no strings, or with `line` between all.
  static std::string print(const std::vector<Item>& items, bool line) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto string = [&](std::size_t k) { return is_text(items[k]); };
      if (i != 0 && (line || (!string(i - 1) && !string(i)))) out += ' ';
      out += printed(items[i].value);
    }
    return line ? out + "\n" : out;
  }

  /// As print does it, but that nothing is shown as such.
  static std::string print_arguments(std::vector<Item> items) {
    bool one = items.size() == 1 && is_text(items[0]);
    for (Item& item : items) {
      if (!one && is_nothing(item)) item = {Value::string("<no value>")};
    }
    return print(items, false);
  }

  Item printf(const std::vector<Item>& given) {
    std::vector<GoValue> values;
    for (std::size_t i = 1; i < given.size(); ++i) {
      const Item& item = given[i];
      bool number = item.value.is(Kind::number);
      values.push_back(
          {item.value, number && item.origin == Item::Origin::integer ? GoValue::Form::integer
                       : number && item.origin == Item::Origin::real  ? GoValue::Form::real
                                                                      : GoValue::Form::json});
    }
    return text(go_sprintf(text_of(given[0].value), values));
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
  const Place* at_ = nullptr;  // what is being evaluated
  std::string name_ = main_template;
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
  Renderer renderer(call, *templates);
  try {
    std::string out = renderer.run();
    replace_all(out, "<no value>", "<undefined>");
    return call.text(out);
  } catch (const Failure& failure) {
    return call.fail(renderer.error(failure.message));
  }
}

constexpr Builtin table[] = {
    {"strings.render_template", "(value: string, vars: object[string: any]) => result: string",
     render_template},
};

}  // namespace

std::span<const Builtin> template_builtins() { return table; }

}  // namespace lictor::builtins
