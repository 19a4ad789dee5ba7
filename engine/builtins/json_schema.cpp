// json.match_schema and json.verify_schema. Schemas are compiled once a thread, as long as they are
// used. Source: OPA v1/topdown/jsonschema.go.
#include "builtins/json_schema.hpp"

#include <unordered_map>

#include "builtins/families.hpp"
#include "json/read.hpp"
#include "json/write.hpp"

namespace lictor::builtins {
namespace {

/// Keeps as many compiled schemas as fit, by their texts.
class SchemaCache {
 public:
  std::shared_ptr<const JsonSchema> get(std::string text) {
    constexpr std::size_t most = 500, most_bytes = std::size_t{8} << 20;
    auto found = compiled_.find(text);
    if (found != compiled_.end()) return found->second;
    auto schema = compile_schema(text, Patterns::compiled);
    if (compiled_.size() >= most || bytes_ + text.size() > most_bytes) {
      compiled_.clear();
      bytes_ = 0;
    }
    bytes_ += text.size();
    return compiled_.emplace(std::move(text), std::move(schema)).first->second;
  }

 private:
  std::unordered_map<std::string, std::shared_ptr<const JsonSchema>> compiled_;
  std::size_t bytes_ = 0;  // of all texts that are kept
};

std::shared_ptr<const JsonSchema> compiled(std::string text) {
  thread_local SchemaCache cache;
  return cache.get(std::move(text));
}

/// The text of a schema or a document that a policy gives as a text or as a value.
std::string json_text(const Value& given) {
  if (given.is(Kind::string)) return std::string(given.as_string());
  if (given.is(Kind::object) || given.is(Kind::array)) return json::to_json(given);
  throw SchemaError{"wrong type, expected string or object"};
}

bool is_json(const Value& value, int levels = 64) {
  if (value.is(Kind::string)) return value.is_known_utf8() || valid_utf8(value.as_string());
  if (!value.is_collection()) return true;
  if (value.is(Kind::set) || levels == 0) return false;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    Value inner = value.is(Kind::array) ? value.items()[i] : object_member(value, i).value;
    bool good = is_json(inner, levels - 1);
    if (good && value.is(Kind::object)) {
      Value key = object_member(value, i).key;
      good = key.is(Kind::string) && is_json(key);
    }
    if (!good) return false;
  }
  return true;
}

/// The document that an operand is or spells, with what JSON has and nothing else.
Value document_of(Call& call, const Value& given) {
  bool is_document = (given.is(Kind::object) || given.is(Kind::array)) && is_json(given);
  if (is_document) return given;
  Result<Value> read = json::read_owned(json_text(given), call.arena);
  if (!read) throw SchemaError{"invalid JSON string"};
  return *read;
}

Value pair(Call& call, bool valid, const Value& second) {
  Value* items = call.arena.allocate<Value>(2);
  items[0] = Value::boolean(valid);
  items[1] = second;
  return Value::array(items, 2);
}

Value described(Call& call, const Mismatch& mismatch) {
  Member* members = call.arena.allocate<Member>(4);
  members[0] = {Value::utf8_string("desc"), call.text(mismatch.description)};
  members[1] = {Value::utf8_string("error"),
                call.text(mismatch.field + ": " + mismatch.description)};
  members[2] = {Value::utf8_string("field"), call.text(mismatch.field)};
  members[3] = {Value::utf8_string("type"), call.text(mismatch.type)};
  return make_object(call.arena, members, 4, true);
}

Value match(Call& call) {
  try {
    Value document = document_of(call, call[0]);
    auto schema = compiled(json_text(call[1]));
    std::vector<Mismatch> mismatches = match_schema(*schema, document);
    ArenaVector<Value> out(call.arena);
    for (const Mismatch& mismatch : mismatches) out.push_back(described(call, mismatch));
    return pair(call, out.size() == 0, make_array(call.arena, out.data(), out.size()));
  } catch (const SchemaError& wrong) {
    return call.fail(wrong.text);
  }
}

Value verify(Call& call) {
  try {
    compiled(json_text(call[0]));
    return pair(call, true, Value::null());
  } catch (const SchemaError& wrong) {
    return pair(call, false, call.text("jsonschema: " + wrong.text));
  }
}

constexpr Builtin table[] = {
    {"json.match_schema",
     "(document: any<string, object[any: any]>, schema: any<string, object[any: any]>) => output: "
     "array<boolean, array[object<desc: string, error: string, field: string, type: string>]>",
     match},
    {"json.verify_schema",
     "(schema: any<string, object[any: any]>) => output: array<boolean, any<null, string>>",
     verify},
};

}  // namespace

std::span<const Builtin> json_schema_builtins() { return table; }

}  // namespace lictor::builtins
