// Mail addresses as RFC 5322 has them, with names, comments and groups: "Ann <ann@example.com>".
// Entry: is_mail_address(). Source: Go 1.27's net/mail.
#pragma once

#include <string_view>

namespace lictor::builtins {

/// True for the text of exactly one address.
bool is_mail_address(std::string_view text);

}  // namespace lictor::builtins
