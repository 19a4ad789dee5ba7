// Go's words for what is wrong with the text of an IP address. In: a text. Out: the error, or ""
// for an address. Source: Go's package net/netip (1.27), ParseAddr.
#pragma once

#include <string>
#include <string_view>

namespace lictor {

std::string address_error(std::string_view text);

}  // namespace lictor
