// Types from OPA's JSON of them, as capabilities files have it; type_text.hpp writes that JSON.
// In: a JSON value. Out: a type, or what is wrong with the JSON. Accepts what Go's decoder does:
// members in any case and with any other ones beside them, null in the place of a list.
// Source: OPA v1/types/decode.go.
#pragma once

#include <string>

#include "compile/types.hpp"
#include "lictor/value.hpp"

namespace lictor::compile {

/// The type of a function; null, and `fault` set, if the JSON is none.
TypeRef read_function_type(const Value& json, Types& types, std::string& fault);

/// A member of an object by its name, in any case if there is none in this one; undefined if there
/// is none.
Value member_of(const Value& object, std::string_view name);

}  // namespace lictor::compile
