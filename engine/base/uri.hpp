// URI references and their parts. In: a text. Out: its parts, or a thrown UriError in the words of
// Go's net/url; parts → text, with what must be escaped; a reference → where it leads from another.
// Source: Go 1.27's net/url.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lictor {

/// What is wrong about a URI.
struct UriError {
  std::string text;
};

struct Uri {
  std::string scheme, opaque, host, path, raw_path, query, fragment;
  std::optional<std::string> user;  // escaped
  std::string escaped_path, escaped_fragment;
  std::string path_hint, fragment_hint;  // as written, where Go would escape otherwise
  bool has_authority = false, has_query = false;
};

Uri parse_uri(std::string_view text);
/// As Go's URL.String().
std::string to_text(const Uri& uri);
/// Where `reference` leads from a document at `base`. Source: RFC 3986, section 5.2.
Uri resolve_reference(const Uri& base, const Uri& reference);
/// True for nothing, and for digits after a colon.
bool is_port(std::string_view text);

}  // namespace lictor
