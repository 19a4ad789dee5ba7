// Texts that cannot be written down: keys, tokens, certificates, and broken ones of them. In: the
// kind that is wanted. Out: texts that OpenSSL made when first asked for. Keys differ from run to
// run, the rest of each text does not.
#pragma once

#include <span>
#include <string_view>

namespace lictor::builtin_calls {

std::span<const std::string_view> made_tokens();
/// Keys to verify with: PEM, JWKs, sets of them.
std::span<const std::string_view> made_token_keys();
/// Private keys as JWKs.
std::span<const std::string_view> made_signing_keys();
/// One certificate, or chains of them, in PEM and in base64.
std::span<const std::string_view> made_certificates();
std::span<const std::string_view> made_certificate_requests();
std::span<const std::string_view> made_private_keys();

}  // namespace lictor::builtin_calls
