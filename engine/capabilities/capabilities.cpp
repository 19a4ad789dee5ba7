// The public functions of lictor/capabilities.hpp, but for the reader of JSON. In: the tables of
// history.hpp and of builtins. Out: the sets of versions, and their JSON.
#include "lictor/capabilities.hpp"

#include <algorithm>

#include "builtins/table.hpp"
#include "capabilities/history.hpp"
#include "compile/type_text.hpp"
#include "compile/types.hpp"
#include "json/write.hpp"

namespace lictor {
namespace {

namespace history = capabilities;

/// Selects the rows of the history that a version has.
class Version {
 public:
  explicit Version(std::size_t index) : index_(index) {}

  template <typename Row>
  bool has(const Row& row) const {
    return position(row.first) <= index_ && (row.last == nullptr || index_ <= position(row.last));
  }

  /// npos for a name that is no version.
  static std::size_t position(std::string_view name) {
    auto versions = history::versions();
    auto found = std::find(versions.begin(), versions.end(), name);
    return found == versions.end() ? std::string_view::npos
                                   : static_cast<std::size_t>(found - versions.begin());
  }

  std::vector<std::string> names(std::span<const history::NameRow> rows) const {
    std::vector<std::string> out;
    for (const history::NameRow& row : rows) {
      if (has(row)) out.emplace_back(row.name);
    }
    return out;
  }

 private:
  std::size_t index_;
};

/// The signature that the version has, or the one that lictor has.
const char* signature_of(const history::BuiltinRow& row) {
  return row.types ? row.types : builtins::Table::standard()->get(row.name)->signature;
}

DeclaredBuiltin declaration(const history::BuiltinRow& row) {
  DeclaredBuiltin out{row.name, signature_of(row)};
  if (row.infix) out.infix = row.infix;
  out.relation = (row.traits & history::relation) != 0;
  out.deprecated = (row.traits & history::deprecated) != 0;
  out.nondeterministic = (row.traits & history::nondeterministic) != 0;
  return out;
}

/// What a version has, with the names that signatures give to arguments.
Capabilities named_capabilities(std::size_t index) {
  Version version(index);
  Capabilities out;
  for (const history::BuiltinRow& row : history::builtin_history()) {
    if (version.has(row)) out.builtins.push_back(declaration(row));
  }
  out.future_keywords = version.names(history::keyword_history());
  out.features = version.names(history::feature_history());
  for (const history::WasmRow& row : history::wasm_history()) {
    if (version.has(row)) out.wasm_abi_versions.push_back({row.version, row.minor_version});
  }
  return out;
}

// ---- JSON ----

/// Writes the members of one object, leaving out those that have no value.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  ~Members() { out_ += '}'; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  /// The value is to be appended next.
  void name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    json::append_quoted(out_, name, true);
    out_ += ':';
  }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    name(key);
    json::append_quoted(out_, value, true);
  }
  void flag(std::string_view key, bool value) {
    if (!value) return;
    name(key);
    out_ += "true";
  }
  template <typename Items, typename Write>
  void list(std::string_view key, const Items& items, Write&& write) {
    if (items.empty()) return;
    name(key);
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out_ += ',';
      write(items[i]);
    }
    out_ += ']';
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    list(key, values, [&](const std::string& value) { json::append_quoted(out_, value, true); });
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_builtin(std::string& out, const DeclaredBuiltin& builtin, compile::Types& types) {
  Members members(out);
  members.name("name");
  json::append_quoted(out, builtin.name, true);
  members.text("description", builtin.description);
  members.texts("categories", builtin.categories);
  members.name("decl");
  out += builtin.signature.empty() ? "null" : compile::to_json(types.signature(builtin.signature));
  members.text("infix", builtin.infix);
  members.flag("relation", builtin.relation);
  members.flag("deprecated", builtin.deprecated);
  members.flag("nondeterministic", builtin.nondeterministic);
}

}  // namespace

std::string Capabilities::to_json() const {
  std::string out;
  {
    compile::Types types;
    Members members(out);
    members.list("builtins", builtins,
                 [&](const DeclaredBuiltin& builtin) { append_builtin(out, builtin, types); });
    members.texts("future_keywords", future_keywords);
    members.list("wasm_abi_versions", wasm_abi_versions, [&](const WasmVersion& wasm) {
      out += "{\"version\":" + std::to_string(wasm.version) +
             ",\"minor_version\":" + std::to_string(wasm.minor_version) + "}";
    });
    members.texts("features", features);
    members.texts("allow_net", allow_net.value_or(std::vector<std::string>()));
  }
  return out;
}

std::vector<std::string> capabilities_versions() {
  auto versions = history::versions();
  return {versions.begin(), versions.end()};
}

Result<Capabilities> capabilities_of(std::string_view version) {
  std::size_t index = Version::position(version);
  if (index == std::string_view::npos) {
    return Error{
        ErrorCode::load, "no capabilities version found " + std::string(version), {}, 0, 0, {}, {}};
  }
  Capabilities out = named_capabilities(index);
  compile::Types types;
  for (DeclaredBuiltin& builtin : out.builtins)
    builtin.signature = compile::signature_text(types.signature(builtin.signature));
  return out;
}

Capabilities current_capabilities(bool v0_compatible) {
  Capabilities out = named_capabilities(history::versions().size() - 1);
  out.wasm_abi_versions.clear();  // releases can run wasm, this cannot
  if (!v0_compatible) return out;
  out.future_keywords = {"and", "contains", "every", "if", "in", "not", "or"};
  out.features = {"keywords_in_refs", "rego_v1",        "rego_v1_import",
                  "rego_v2",          "rego_v2_import", "rule_head_ref_string_prefixes",
                  "rule_head_refs"};
  return out;
}

}  // namespace lictor
