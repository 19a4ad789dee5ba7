#include "capabilities/history.hpp"

namespace lictor::capabilities {
namespace {

#include "capabilities/history.inc"

}  // namespace

std::span<const char* const> versions() { return version_names; }
std::span<const BuiltinRow> builtin_history() { return builtin_rows; }
std::span<const NameRow> feature_history() { return feature_rows; }
std::span<const NameRow> keyword_history() { return keyword_rows; }
std::span<const WasmRow> wasm_history() { return wasm_rows; }

}  // namespace lictor::capabilities
