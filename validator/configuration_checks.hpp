// What configured texts may be: hosts, addresses, tokens, packages, JSON objects, certificates.
// In: a text from the environment or from code. Out: whether it can be used as it is.
// INVARIANT: what these accept cannot change the meaning of a URL, an HTTP header or a module that
// it is put into.
#pragma once

#include <string>
#include <string_view>

namespace lictor::validator {

/// A name (RFC 1123) or an IP address, IPv6 with or without brackets; no scheme, port or path.
bool is_host(const std::string& text);
/// An IPv4 or IPv6 address without brackets.
bool is_ip_address(const std::string& text);
/// Visible ASCII and spaces: what an HTTP header can hold without a change.
bool is_header_value(std::string_view text);
/// a/b/c, as package_of() returns it: parts that are neither empty nor "." or "..".
bool is_package(std::string_view package);
/// A JSON object in UTF-8, nested no deeper than the engine reads with ease.
bool is_json_object(const std::string& text);
bool is_utf8(std::string_view text);
/// A file that can be read and has a certificate in PEM.
bool has_certificate(const std::string& file);

}  // namespace lictor::validator
