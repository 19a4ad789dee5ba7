#include "base/uri.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <vector>

#include "base/digits.hpp"
#include "base/go_address.hpp"
#include "base/hex.hpp"
#include "base/percent.hpp"
#include "base/unicode.hpp"

namespace lictor {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The parts of a URI between which the rules of escaping differ.
enum class Part { path, host, zone, user, fragment };

/// True for ASCII characters that may be in a host or its zone as they are.
constexpr std::string_view host_marks = "!\"$&'()*+,:;<=>[]";

bool is_host_character(char c) {
  return is_unreserved(c) || (c != '\0' && host_marks.find(c) != host_marks.npos);
}

void check_escape(std::string_view escape, Part part) {
  bool whole = escape.size() == 3 && hex_digit(escape[1]) >= 0 && hex_digit(escape[2]) >= 0;
  bool good = whole;
  // A host escapes only what is not ASCII, and the percent sign before a zone.
  if (whole && part == Part::host) good = hex_digit(escape[1]) >= 8 || escape == "%25";
  if (whole && part == Part::zone) {
    auto c = static_cast<char>(hex_digit(escape[1]) * 16 + hex_digit(escape[2]));
    good = escape == "%25" || c == ' ' || is_host_character(c);
  }
  if (!good) throw UriError{"invalid URL escape " + in_quotes(escape)};
}

std::string unescaped(std::string_view text, Part part) {
  std::string out;
  bool is_host = part == Part::host || part == Part::zone;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      check_escape(text.substr(i, 3), part);
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
      continue;
    }
    bool ascii = static_cast<unsigned char>(text[i]) < 0x80;
    if (is_host && ascii && !is_host_character(text[i]))
      throw UriError{"invalid character " + in_quotes(text.substr(i, 1)) + " in host name"};
    out += text[i];
  }
  return out;
}

constexpr std::string_view path_marks = "$&+,/:;=@";
constexpr std::string_view fragment_marks = "$&+,/:;=?@!()*";

/// Escapes all but letters, digits and `marks`.
std::string escaped(std::string_view text, std::string_view marks) {
  std::string out;
  for (char c : text) {
    bool plain = is_unreserved(c) || (c != '\0' && marks.find(c) != marks.npos);
    if (plain)
      out += c;
    else
      append_percent(out, c);
  }
  return out;
}

/// True if a text with escapes may stay as it is.
bool is_escaped(std::string_view text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return c != '\0' &&
           (is_unreserved(c) || std::strchr("!$&'()*+,;=:@[]%", c) || marks.find(c) != marks.npos);
  });
}

struct UriReader {
  Uri& out;

  void read(std::string_view text);

 private:
  std::string_view take_scheme(std::string_view text);
  void read_authority(std::string_view text);
  void read_host(std::string_view text);
  void read_address(std::string_view text);
};

void set_path(Uri& out, std::string_view text) {
  out.path = unescaped(text, Part::path);
  bool plain = text == escaped(out.path, path_marks);
  out.raw_path = plain ? out.path : text;
  out.path_hint = plain ? "" : text;
  out.escaped_path =
      is_escaped(text, path_marks) ? std::string(text) : escaped(out.path, path_marks);
}

/// The scheme in lower case; returns what follows it.
std::string_view UriReader::take_scheme(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (is_letter(c)) continue;
    if (c == ':') {
      if (i == 0) throw UriError{"missing protocol scheme"};
      for (char upper : text.substr(0, i))
        out.scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(upper)));
      return text.substr(i + 1);
    }
    bool inner = is_digit(c) || c == '+' || c == '-' || c == '.';
    if (!inner || i == 0) break;
  }
  return text;
}

void check_port(std::string_view text) {
  if (!is_port(text)) throw UriError{"invalid port " + in_quotes(text) + " after host"};
}

/// An IPv6 address in brackets, perhaps with a zone, and a port.
void UriReader::read_address(std::string_view text) {
  std::size_t close = text.rfind(']');
  if (close == std::string_view::npos) throw UriError{"missing ']' in host"};
  std::string_view port = text.substr(close + 1), name = text.substr(1, close - 1);
  check_port(port);
  std::size_t zone = std::min(name.find("%25"), name.size());
  std::string address =
      unescaped(name.substr(0, zone), Part::host) + unescaped(name.substr(zone), Part::zone);
  std::string wrong = address_error(address);
  if (!wrong.empty()) throw UriError{"invalid host: " + wrong};
  if (address.find(':') == address.npos) throw UriError{"invalid IP-literal"};
  out.host = "[" + address + "]" + std::string(port);
}

void UriReader::read_host(std::string_view text) {
  std::size_t open = text.rfind('[');
  if (open == 0) return read_address(text);
  if (open != std::string_view::npos) throw UriError{"invalid IP-literal"};
  bool strict = out.scheme == "http" || out.scheme == "https";
  std::size_t colon = strict ? text.find(':') : text.rfind(':');
  if (colon != std::string_view::npos) check_port(text.substr(colon));
  out.host = unescaped(text, Part::host);
}

void UriReader::read_authority(std::string_view text) {
  std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return read_host(text);
  read_host(text.substr(at + 1));
  std::string_view user = text.substr(0, at);
  bool good = std::all_of(user.begin(), user.end(), [](char c) {
    bool ascii = static_cast<unsigned char>(c) < 0x80 && c != '\0';
    return ascii && (is_unreserved(c) || std::strchr(":!$&'()*+,;=%@", c));
  });
  if (!good) throw UriError{"net/url: invalid userinfo"};
  std::size_t colon = user.find(':');
  out.user = escaped(unescaped(user.substr(0, colon), Part::user), "$&+,;=");
  if (colon != std::string_view::npos)
    *out.user += ":" + escaped(unescaped(user.substr(colon + 1), Part::user), "$&+,;=");
}

/// What comes before the fragment.
void UriReader::read(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      throw UriError{"net/url: invalid control character in URL"};
  }
  std::string_view rest = take_scheme(text);
  std::size_t mark = rest.find('?');
  if (mark != std::string_view::npos) out.query = rest.substr(mark + 1);
  out.has_query = mark != std::string_view::npos;
  rest = rest.substr(0, mark);
  if (!rest.starts_with('/')) {
    if (!out.scheme.empty()) {
      out.opaque = rest;
      return;
    }
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos)
      throw UriError{"first path segment in URL cannot contain colon"};
  }
  if (rest.starts_with("//") && (!out.scheme.empty() || !rest.starts_with("///"))) {
    rest.remove_prefix(2);
    std::size_t end = std::min(rest.find('/'), rest.size());
    read_authority(rest.substr(0, end));
    rest.remove_prefix(end);
    out.has_authority = true;
  }
  set_path(out, rest);
  if (text == "*") out.path_hint.clear();
}

/// The path without its "." and ".." segments, from the root on.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool is_folder = false;
  std::string_view rest = path.starts_with('/') ? path.substr(1) : path;
  for (bool more = true; more;) {
    std::size_t end = rest.find('/');
    std::string_view segment = rest.substr(0, end);
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + 1);
    is_folder = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!is_folder) kept.push_back(segment);
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (is_folder || out.empty()) out += '/';
  return out;
}

std::string resolve_path(std::string_view base, std::string_view reference) {
  std::string whole(reference);
  if (reference.empty())
    whole = base;
  else if (reference[0] != '/')
    whole = std::string(base.substr(0, base.rfind('/') + 1)) + whole;
  return whole.empty() ? whole : without_dots(whole);
}

}  // namespace

Uri parse_uri(std::string_view text) {
  std::size_t hash = std::min(text.find('#'), text.size());
  std::string_view shown = text.substr(0, hash);
  Uri out;
  try {
    UriReader{out}.read(shown);
    if (hash + 1 < text.size()) {
      shown = text;
      std::string_view fragment = text.substr(hash + 1);
      out.fragment = unescaped(fragment, Part::fragment);
      if (fragment != escaped(out.fragment, fragment_marks)) out.fragment_hint = fragment;
      out.escaped_fragment = is_escaped(fragment, fragment_marks)
                                 ? std::string(fragment)
                                 : escaped(out.fragment, fragment_marks);
    }
  } catch (const UriError& wrong) {
    throw UriError{"parse " + in_quotes(shown) + ": " + wrong.text};
  }
  return out;
}

Uri resolve_reference(const Uri& base, const Uri& reference) {
  Uri out = reference;
  if (reference.scheme.empty()) out.scheme = base.scheme;
  if (!reference.scheme.empty() || !reference.host.empty() || reference.user) {
    set_path(out, resolve_path(reference.escaped_path, ""));
    return out;
  }
  if (reference.path.empty() && !reference.has_query) {
    out.query = base.query;
    out.has_query = !base.query.empty();
    if (reference.fragment.empty()) {
      out.fragment = base.fragment;
      out.escaped_fragment = base.escaped_fragment;
    }
  }
  if (reference.path.empty() && !base.opaque.empty()) {
    out.opaque = base.opaque;
    return out;
  }
  out.host = base.host;
  out.user = base.user;
  out.has_authority = base.has_authority;
  set_path(out, resolve_path(base.escaped_path, reference.escaped_path));
  return out;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return is_digit(c); });
}

std::string to_text(const Uri& uri) {
  std::string out = uri.scheme.empty() ? "" : uri.scheme + ":";
  if (!uri.opaque.empty()) {
    out += uri.opaque;
  } else {
    bool addressed = uri.has_authority || !uri.host.empty() || uri.user;
    bool shown = addressed && (!uri.scheme.empty() || !uri.host.empty() || uri.user) &&
                 (!uri.host.empty() || !uri.path.empty() || uri.user);
    if (shown) out += "//" + (uri.user ? *uri.user + "@" : "") + escaped(uri.host, host_marks);
    std::string path = uri.path == "*" ? "*" : uri.escaped_path;
    // Two slashes would begin an authority.
    if (!addressed && !uri.scheme.empty() && path.starts_with("//")) path = "%2F" + path.substr(1);
    if (!path.empty() && path[0] != '/' && !uri.host.empty()) out += '/';
    out += path;
  }
  if (uri.has_query) out += "?" + uri.query;
  if (!uri.fragment.empty()) out += "#" + uri.escaped_fragment;
  return out;
}

}  // namespace lictor
