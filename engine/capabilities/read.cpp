// OPA's JSON format of capabilities → Capabilities. In: a text whose first JSON value counts, as in
// OPA. Out: the set, or the first fault. Entry point: read_capabilities().
#include <functional>

#include "base/arena.hpp"
#include "compile/type_json.hpp"
#include "compile/type_text.hpp"
#include "json/go_decoder.hpp"
#include "json/read.hpp"
#include "lictor/capabilities.hpp"

namespace lictor {
namespace {

using compile::member_of;

/// After a fault, what it returns means nothing.
class CapabilitiesReader {
 public:
  Capabilities read(const Value& json) {
    Capabilities out;
    if (json.is(Kind::null_value)) return out;
    if (!json.is(Kind::object)) fail("capabilities must be an object");
    each(json, "builtins", [&](const Value& item) { out.builtins.push_back(builtin(item)); });
    out.future_keywords = texts(json, "future_keywords");
    each(json, "wasm_abi_versions",
         [&](const Value& item) { out.wasm_abi_versions.push_back(wasm_version(item)); });
    out.features = texts(json, "features");
    if (member_of(json, "allow_net").is(Kind::array))
      out.allow_net = texts(json, "allow_net");
    else
      texts(json, "allow_net");
    return out;
  }

  const std::string& fault() const { return fault_; }

 private:
  void fail(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
  }

  /// A member that is not null; undefined if there is none.
  static Value present(const Value& object, std::string_view name) {
    Value out = member_of(object, name);
    return out.is(Kind::null_value) ? Value() : out;
  }

  void each(const Value& object, const std::string& name,
            const std::function<void(const Value&)>& visit) {
    Value list = present(object, name);
    if (!list.is_undefined() && !list.is(Kind::array)) fail("'" + name + "' must be an array");
    if (!list.is(Kind::array)) return;
    for (std::uint32_t i = 0; i < list.size(); ++i) visit(list.items()[i]);
  }

  std::string as_text(const Value& value, const std::string& name) {
    bool none = value.is_undefined() || value.is(Kind::null_value);
    if (!none && !value.is(Kind::string)) fail("'" + name + "' must be a string");
    return value.is(Kind::string) ? std::string(value.as_string()) : "";
  }

  std::string text(const Value& object, const std::string& name) {
    return as_text(member_of(object, name), name);
  }

  std::vector<std::string> texts(const Value& object, const std::string& name) {
    std::vector<std::string> out;
    each(object, name, [&](const Value& item) { out.push_back(as_text(item, name)); });
    return out;
  }

  bool flag(const Value& object, const std::string& name) {
    Value value = present(object, name);
    if (!value.is_undefined() && !value.is(Kind::boolean)) fail("'" + name + "' must be a boolean");
    return value.is_true();
  }

  std::int64_t integer(const Value& object, const std::string& name) {
    Value value = present(object, name);
    if (value.is_undefined()) return 0;
    if (!value.is_integer()) fail("'" + name + "' must be an integer");
    return value.is_integer() ? value.as_integer() : 0;
  }

  WasmVersion wasm_version(const Value& json) {
    if (!json.is(Kind::object) && !json.is(Kind::null_value))
      fail("a version of wasm_abi_versions must be an object");
    return {integer(json, "version"), integer(json, "minor_version")};
  }

  DeclaredBuiltin builtin(const Value& json) {
    DeclaredBuiltin out;
    if (!json.is(Kind::object)) {
      fail("a builtin must be an object");
      return out;
    }
    out.name = text(json, "name");
    out.description = text(json, "description");
    out.categories = texts(json, "categories");
    out.signature = signature(present(json, "decl"), out.name);
    out.infix = text(json, "infix");
    out.relation = flag(json, "relation");
    out.deprecated = flag(json, "deprecated");
    out.nondeterministic = flag(json, "nondeterministic");
    return out;
  }

  std::string signature(const Value& declaration, const std::string& builtin) {
    if (declaration.is_undefined()) return "";
    std::string fault;
    compile::TypeRef type = compile::read_function_type(declaration, types_, fault);
    if (!type) fail("builtin " + builtin + ": " + fault);
    return type ? compile::signature_text(type) : "";
  }

  compile::Types types_;
  std::string fault_;
};

Error not_capabilities(std::string why) {
  return {ErrorCode::load, "capabilities: " + std::move(why), {}, 0, 0, {}, {}};
}

}  // namespace

Result<Capabilities> read_capabilities(std::string_view json) {
  json::GoDecoding decoding = json::go_decoding(json);
  std::string_view first = decoding.first.empty() ? json : decoding.first;
  Arena arena;
  Result<Value> value = json::read_owned(first, arena);
  if (!value) return not_capabilities(value.error().message);
  CapabilitiesReader reader;
  Capabilities out = reader.read(*value);
  if (!reader.fault().empty()) return not_capabilities(reader.fault());
  return out;
}

}  // namespace lictor
