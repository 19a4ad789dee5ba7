// What Go's JSON decoder makes of a text that is not one JSON document, in its words. In: a text.
// Out: its first value's extent, or the error. Only for texts that the reader refused.
// INVARIANT: agrees with the reader on what a JSON value is; only nesting has limits of its own.
// Source: Go encoding/json, Decoder (1.27), and OPA v1/util/json.go, UnmarshalJSON.
#pragma once

#include <string>
#include <string_view>

namespace lictor::json {

struct GoDecoding {
  std::string_view first;  // the text's first value
  std::string error;       // empty if Go takes the text, as it does with `1 null`
};

GoDecoding go_decoding(std::string_view text);

/// True if the text is one JSON document; its numbers may be beyond what OPA reads.
bool is_go_json(std::string_view text);

}  // namespace lictor::json
