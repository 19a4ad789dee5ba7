// What each release of OPA was capable of, as a generated table. A row is a declaration with the
// first and the last version that has it. INVARIANT: rows are sorted by name, then by version.
#pragma once

#include <span>

namespace lictor::capabilities {

/// Bits of BuiltinRow::traits.
enum : unsigned { relation = 1, deprecated = 2, nondeterministic = 4 };

struct BuiltinRow {
  const char* name;
  const char* first;
  const char* last = nullptr;   // null: the newest version
  const char* types = nullptr;  // null: those of the builtin's table in builtins/
  const char* infix = nullptr;
  unsigned traits = 0;
};

struct NameRow {
  const char* name;
  const char* first;
  const char* last = nullptr;
};

struct WasmRow {
  int version, minor_version;
  const char* first;
  const char* last = nullptr;
};

/// Oldest first.
std::span<const char* const> versions();
std::span<const BuiltinRow> builtin_history();
std::span<const NameRow> feature_history();
std::span<const NameRow> keyword_history();
std::span<const WasmRow> wasm_history();

}  // namespace lictor::capabilities
