// Types as OPA writes them for people and for programs. In: types. Out: their notation, such as
// "array[any<number, string>]", where "???" is an unknown type, and their JSON.
// Source: OPA v1/types/types.go and v1/ast/check_elide.go.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "compile/types.hpp"

namespace lictor::compile {

std::string to_text(TypeRef type);
/// As to_text(), but for Types::signature() to read: keys that are not plain names are JSON.
std::string signature_text(TypeRef type);
/// Behind a label, only the outermost constructor of a type where both are long.
std::string elided_text(TypeRef type, const std::string& label = {});
/// Two types with what is needed to see how they differ.
std::pair<std::string, std::string> differing_texts(TypeRef a, TypeRef b);
/// Compact JSON; `name` is that of a parameter, or empty.
std::string to_json(TypeRef type, std::string_view name = {});

}  // namespace lictor::compile
