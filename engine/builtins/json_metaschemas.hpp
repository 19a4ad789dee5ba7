// The schemas of JSON schemas themselves, which a $ref may name by their address. In: the address
// without its fragment. Out: the text, or nothing. Source: json-schema.org, drafts 4, 6 and 7.
#pragma once

#include <string_view>

namespace lictor::builtins {

std::string_view metaschema(std::string_view address);

}  // namespace lictor::builtins
