// What policies may use: builtins, keywords, features of the language, and hosts. OPA's releases
// each have a set, and a file of OPA's format (`opa capabilities`) makes one of one's own.
//
//   lictor::EngineOptions options;
//   options.capabilities =
//   std::make_shared<lictor::Capabilities>(*lictor::capabilities_of("v1.0.0"));
//
// An Engine with capabilities refuses policies that need more, with OPA's errors. Builtins that
// lictor does not know are checked by their types; an evaluation that calls one ends with an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/error.hpp"

namespace lictor {

struct DeclaredBuiltin {
  std::string name;
  /// In OPA's notation of types: "(number, string) => object[string: any]". The keys of an object
  /// that are not plain names are JSON: object<"a b": string, 1: any>. Empty: no types were given.
  std::string signature;
  std::string infix = {};  // its infix operator, such as "+"
  bool relation = false;   // it yields several values
  bool deprecated = false;
  bool nondeterministic = false;
  std::string description = {};
  std::vector<std::string> categories = {};
};

struct WasmVersion {
  std::int64_t version = 0;
  std::int64_t minor_version = 0;
};

struct Capabilities {
  std::vector<DeclaredBuiltin> builtins;
  std::vector<std::string> future_keywords;  // that `import future.keywords` knows
  std::vector<std::string> features;         // "rego_v1", "template_strings", …
  std::vector<WasmVersion> wasm_abi_versions = {};
  std::optional<std::vector<std::string>> allow_net = {};  // hosts; nothing: all of them

  /// The hosts that may be reached; null: all of them.
  const std::vector<std::string>* hosts() const { return allow_net ? &*allow_net : nullptr; }

  /// Compact JSON with the members and the order that OPA gives them.
  std::string to_json() const;
};

/// The versions of OPA whose capabilities are known, oldest first: "v0.17.0", …
std::vector<std::string> capabilities_versions();
/// What a version of OPA was capable of. An error for a version that is not known.
Result<Capabilities> capabilities_of(std::string_view version);
/// What this version is capable of, with the names of arguments.
Capabilities current_capabilities(bool v0_compatible = false);
/// Reads OPA's JSON format, as OPA does: members with other names are left out.
Result<Capabilities> read_capabilities(std::string_view json);

}  // namespace lictor
