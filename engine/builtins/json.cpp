// JSON and YAML documents as texts. Source: OPA v1/topdown/encoding.go.
#include <map>
#include <utility>

#include "builtins/families.hpp"
#include "builtins/json_text.hpp"
#include "json/go_decoder.hpp"
#include "json/read.hpp"
#include "json/yaml.hpp"
#include "lictor/yaml.hpp"

namespace lictor::builtins {
namespace {

Value marshal(Call& call) { return call.text(json::to_json(call[0])); }

Value unmarshal(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Result<Value> value = unmarshal_json(call[0].as_text(), call.arena);
  return value ? *value : call.fail(value.error().message);
}

Value is_valid(Call& call) {
  if (!call.is(0, Kind::string)) return Value::boolean(false);
  Arena scratch;
  return Value::boolean(json::read_owned(call[0].as_text(), scratch).has_value() ||
                        json::is_go_json(call[0].as_text()));
}

Value yaml_unmarshal(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  Result<std::string> json = yaml_to_json(call[0].as_string());
  if (!json) return call.fail(json.error().message);
  Result<Value> value = json::read_owned(*json, call.arena);
  if (!value) return call.fail(value.error().message);
  return *value;
}

Value yaml_marshal(Call& call) {
  Result<std::string> out = json::to_yaml(call[0]);
  return out ? call.text(*out) : call.fail(out.error().message);
}

Value yaml_is_valid(Call& call) {
  return Value::boolean(call.is(0, Kind::string) && yaml_to_json(call[0].as_string()).has_value());
}

/// Members in the order of their keys' texts, which JSON shows them in.
std::map<std::string, Value> members_by_text(const Value& object) {
  std::map<std::string, Value> out;
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    const Member& member = sorted_members(object)[i];
    bool text = member.key.is(Kind::string);
    out[text ? std::string(member.key.as_string()) : json::to_json(member.key)] = member.value;
  }
  return out;
}

/// Writes JSON with a line for each member and item.
class LineWriter {
 public:
  LineWriter(std::string& out, std::string_view prefix, std::string_view indent)
      : out_(out), prefix_(prefix), indent_(indent) {}

  void write(const Value& value, int level = 0) {
    if (!value.is_collection() || value.size() == 0) return json::append_json(out_, value);
    bool is_object = value.is(Kind::object);
    out_ += is_object ? '{' : '[';
    is_object ? write_members(value, level + 1) : write_items(value, level + 1);
    new_line(level);
    out_ += is_object ? '}' : ']';
  }

 private:
  void new_line(int level) {
    out_ += '\n';
    out_ += prefix_;
    for (int i = 0; i < level; ++i) out_ += indent_;
  }

  void write_members(const Value& object, int level) {
    bool first = true;
    for (const auto& [key, value] : members_by_text(object)) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line(level);
      json::append_quoted(out_, key, true);
      out_ += ": ";
      write(value, level);
    }
  }

  void write_items(const Value& list, int level) {
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      if (i != 0) out_ += ',';
      new_line(level);
      write(list.items()[i], level);
    }
  }

  std::string& out_;
  std::string_view prefix_, indent_;
};

struct MarshalOptions {
  std::string_view prefix, indent = "\t";
  bool lines = false;
  bool has_lines = false;  // "pretty" was given
};

/// Reads one option; returns OPA's words for what is wrong with it, or "".
std::string read_option(std::uint32_t index, const Member& option, MarshalOptions& out) {
  std::string place = std::to_string(index);
  if (!option.key.is(Kind::string)) {
    return "failed to stringify key " + json::to_rego(option.key) + " at index " + place +
           ": operand " + place + " must be string but got " + kind_name(option.key.kind());
  }
  std::string_view key = option.key.as_string();
  std::string shown = json::to_rego(option.key);
  if (key == "pretty") {
    if (!option.value.is(Kind::boolean)) return "key " + shown + " failed cast to bool";
    out.has_lines = true;
    out.lines = option.value.is_true();
    return "";
  }
  if (key != "prefix" && key != "indent") return "object contained unknown key " + shown;
  if (!option.value.is(Kind::string)) {
    return "key " + shown + " failed cast to string: operand " + place +
           " must be string but got " + kind_name(option.value.kind());
  }
  (key == "prefix" ? out.prefix : out.indent) = option.value.as_string();
  out.lines = out.lines || !out.has_lines;
  return "";
}

Value marshal_with_options(Call& call) {
  if (!call.is(1, Kind::object)) return call.wrong_type(1, "object");
  MarshalOptions options;
  for (std::uint32_t i = 0; i < call[1].size(); ++i) {
    std::string wrong = read_option(i, sorted_members(call[1])[i], options);
    if (!wrong.empty()) return call.type_error("operand 2 " + wrong);
  }
  if (!options.lines) return marshal(call);
  std::string out(options.prefix);
  LineWriter(out, options.prefix, options.indent).write(call[0]);
  return call.text(out);
}

constexpr Builtin table[] = {
    {"json.marshal", "(x: any) => y: string", marshal},
    {"json.marshal_with_options",
     "(x: any, opts: object<indent: string, prefix: string, pretty: boolean>[string: any]) => y: "
     "string",
     marshal_with_options},
    {"json.unmarshal", "(x: string) => y: any", unmarshal},
    {"json.is_valid", "(x: string) => result: boolean", is_valid},
    {"yaml.marshal", "(x: any) => y: string", yaml_marshal},
    {"yaml.unmarshal", "(x: string) => y: any", yaml_unmarshal},
    {"yaml.is_valid", "(x: string) => result: boolean", yaml_is_valid},
};

}  // namespace

std::span<const Builtin> json_builtins() { return table; }

Result<Value> unmarshal_json(std::string_view text, Arena& arena) {
  Result<Value> value = json::read_owned(text, arena);
  if (value || value.error().code != ErrorCode::input) return value;
  json::GoDecoding go = json::go_decoding(text);
  if (!go.error.empty()) {
    Error error;
    error.message = go.error;
    return error;
  }
  return json::read_owned(go.first, arena);
}

}  // namespace lictor::builtins
