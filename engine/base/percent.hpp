// Percent-escapes of URIs, as Go's net/url writes them.
#pragma once

#include <string>
#include <string_view>

#include "base/hex.hpp"

namespace lictor {

/// True for the characters that stand for themselves in every part of a URI.
inline bool is_unreserved(char c) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

inline void append_percent(std::string& out, char c) {
  out += '%';
  append_hex_byte(out, c);
}

/// A key or a value of a query, in which a plus is a blank.
inline std::string escape_query(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (is_unreserved(c))
      out += c;
    else if (c == ' ')
      out += '+';
    else
      append_percent(out, c);
  }
  return out;
}

}  // namespace lictor
