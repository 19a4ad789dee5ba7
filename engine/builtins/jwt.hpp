// JSON web tokens: their parts. Private to the token builtins. Source: OPA v1/topdown/tokens.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "builtins/builtin.hpp"

namespace lictor::builtins {

/// A token in its compact form: three parts in base64.
struct Token {
  std::string_view header, payload, signature;

  /// What is signed: header and payload.
  std::string_view signed_text() const {
    return {header.data(), static_cast<std::size_t>(payload.end() - header.begin())};
  }
};

/// Nothing if the call has failed.
std::optional<Token> split_token(Call& call, std::string_view text);
/// Decodes a part, with or without padding; `context` comes before the error.
std::optional<std::string> decode_part(Call& call, std::string_view part,
                                       std::string_view context = {});
/// The header's object; undefined if the call has failed.
Value decode_token_header(Call& call, const Token& token);
/// The object that the payload's JSON is; undefined if the call has failed.
Value payload_object(Call& call, std::string_view json);

/// What a header says. Its members have been read in the order of their names.
struct TokenHeader {
  std::string_view algorithm, key_id, content_type;
  bool has_unknown_critical = false;

  /// RFC 7515, 4.1.1 and 4.1.11.
  bool is_valid() const { return !algorithm.empty() && !has_unknown_critical; }
};
std::optional<TokenHeader> read_token_header(Call& call, const Value& header);

Value io_jwt_decode_verify(Call& call);
Value io_jwt_encode_sign(Call& call);
Value io_jwt_encode_sign_raw(Call& call);

}  // namespace lictor::builtins
