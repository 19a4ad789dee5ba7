// URIs and their parts. Source: OPA v1/topdown/uri.go (1.22.2) over Go 1.26's net/url, whose errors
// are told in its words.

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/hex.hpp"
#include "base/percent.hpp"
#include "builtins/families.hpp"
#include "builtins/go_address.hpp"

namespace lictor::builtins {
namespace {

/// Thrown while a URI is read, with what is wrong about it.
struct Wrong {
  std::string text;
};

std::string in_quotes(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

/// The parts of a URI between which the rules of escaping differ.
enum class Part { path, host, zone, user, fragment };

/// True for ASCII characters that may stand in a host or its zone as they are.
bool is_host_character(char c) {
  return is_unreserved(c) || (c != '\0' && std::strchr("!\"$&'()*+,:;<=>[]", c));
}

void check_escape(std::string_view escape, Part part) {
  bool whole = escape.size() == 3 && hex_digit(escape[1]) >= 0 && hex_digit(escape[2]) >= 0;
  bool good = whole;
  // A host escapes only what is not ASCII, and the percent sign in front of a zone.
  if (whole && part == Part::host) good = hex_digit(escape[1]) >= 8 || escape == "%25";
  if (whole && part == Part::zone) {
    auto c = static_cast<char>(hex_digit(escape[1]) * 16 + hex_digit(escape[2]));
    good = escape == "%25" || c == ' ' || is_host_character(c);
  }
  if (!good) throw Wrong{"invalid URL escape " + in_quotes(escape)};
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
      throw Wrong{"invalid character " + in_quotes(text.substr(i, 1)) + " in host name"};
    out += text[i];
  }
  return out;
}

std::string escaped_path(std::string_view path) {
  std::string out;
  for (char c : path) {
    bool plain = is_unreserved(c) || (c != '\0' && std::strchr("$&+,/:;=@", c));
    if (plain)
      out += c;
    else
      append_percent(out, c);
  }
  return out;
}

struct Uri {
  std::string scheme, host, path, raw_path, query, fragment;

  void read(std::string_view text);

 private:
  std::string_view take_scheme(std::string_view text);
  void read_authority(std::string_view text);
  void read_host(std::string_view text);
  void read_address(std::string_view text);
  void read_path(std::string_view text);
};

/// The scheme in lower case; returns what stands behind it.
std::string_view Uri::take_scheme(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool letter =
        static_cast<unsigned char>(c) < 0x80 && std::isalpha(static_cast<unsigned char>(c));
    if (letter) continue;
    if (c == ':') {
      if (i == 0) throw Wrong{"missing protocol scheme"};
      for (char upper : text.substr(0, i))
        scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(upper)));
      return text.substr(i + 1);
    }
    bool inner = std::isdigit(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
    if (!inner || i == 0) break;
  }
  return text;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return std::isdigit(static_cast<unsigned char>(c));
         });
}

void check_port(std::string_view text) {
  if (!is_port(text)) throw Wrong{"invalid port " + in_quotes(text) + " after host"};
}

/// An IPv6 address in brackets, perhaps with a zone, and a port.
void Uri::read_address(std::string_view text) {
  std::size_t close = text.rfind(']');
  if (close == std::string_view::npos) throw Wrong{"missing ']' in host"};
  std::string_view port = text.substr(close + 1), name = text.substr(1, close - 1);
  check_port(port);
  std::size_t zone = std::min(name.find("%25"), name.size());
  std::string address =
      unescaped(name.substr(0, zone), Part::host) + unescaped(name.substr(zone), Part::zone);
  std::string wrong = address_error(address);
  if (!wrong.empty()) throw Wrong{"invalid host: " + wrong};
  if (address.find(':') == address.npos) throw Wrong{"invalid IP-literal"};
  host = "[" + address + "]" + std::string(port);
}

void Uri::read_host(std::string_view text) {
  std::size_t open = text.rfind('[');
  if (open == 0) return read_address(text);
  if (open != std::string_view::npos) throw Wrong{"invalid IP-literal"};
  bool strict = scheme == "http" || scheme == "https";
  std::size_t colon = strict ? text.find(':') : text.rfind(':');
  if (colon != std::string_view::npos) check_port(text.substr(colon));
  host = unescaped(text, Part::host);
}

void Uri::read_authority(std::string_view text) {
  std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return read_host(text);
  read_host(text.substr(at + 1));
  std::string_view user = text.substr(0, at);
  bool good = std::all_of(user.begin(), user.end(), [](char c) {
    bool ascii = static_cast<unsigned char>(c) < 0x80 && c != '\0';
    return ascii && (is_unreserved(c) || std::strchr(":!$&'()*+,;=%@", c));
  });
  if (!good) throw Wrong{"net/url: invalid userinfo"};
  unescaped(user, Part::user);
}

void Uri::read_path(std::string_view text) {
  path = unescaped(text, Part::path);
  raw_path = text == escaped_path(path) ? path : text;
}

/// What stands in front of the fragment.
void Uri::read(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      throw Wrong{"net/url: invalid control character in URL"};
  }
  std::string_view rest = take_scheme(text);
  std::size_t mark = rest.find('?');
  if (mark != std::string_view::npos) query = rest.substr(mark + 1);
  rest = rest.substr(0, mark);
  if (!rest.starts_with('/')) {
    if (!scheme.empty()) return;
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos)
      throw Wrong{"first path segment in URL cannot contain colon"};
  }
  if (rest.starts_with("//") && (!scheme.empty() || !rest.starts_with("///"))) {
    rest.remove_prefix(2);
    std::size_t end = std::min(rest.find('/'), rest.size());
    read_authority(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  read_path(rest);
}

/// Throws what Go says about a URI that is none.
Uri parse_uri(std::string_view text) {
  std::size_t hash = std::min(text.find('#'), text.size());
  std::string_view shown = text.substr(0, hash);
  Uri out;
  try {
    out.read(shown);
    if (hash + 1 < text.size()) {
      shown = text;
      out.fragment = unescaped(text.substr(hash + 1), Part::fragment);
    }
  } catch (const Wrong& wrong) {
    throw Wrong{"parse " + in_quotes(shown) + ": " + wrong.text};
  }
  return out;
}

Value parse(Call& call) {
  if (!call.is(0, Kind::string)) return call.wrong_type(0, "string");
  try {
    Uri uri = parse_uri(call[0].as_string());
    std::size_t colon = uri.host.rfind(':');
    bool has_port = colon != std::string::npos && is_port(std::string_view(uri.host).substr(colon));
    std::string name = has_port ? uri.host.substr(0, colon) : uri.host;
    std::string port = has_port ? uri.host.substr(colon + 1) : "";
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    ArenaVector<Member> members(call.arena);
    auto add = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) members.push_back({Value::string(key), call.text(value)});
    };
    add("fragment", uri.fragment);
    add("hostname", name);
    add("path", uri.path);
    add("port", port);
    add("raw_path", uri.path.empty() ? "" : uri.raw_path);
    add("raw_query", uri.query);
    add("scheme", uri.scheme);
    return make_object(call.arena, members.data(), members.size(), true);
  } catch (const Wrong& wrong) {
    return call.fail(wrong.text);
  }
}

Value is_valid(Call& call) {
  if (!call.is(0, Kind::string) || call[0].size() == 0) return Value::boolean(false);
  try {
    parse_uri(call[0].as_string());
    return Value::boolean(true);
  } catch (const Wrong&) {
    return Value::boolean(false);
  }
}

constexpr Builtin table[] = {
    {"uri.is_valid", "(uri: string) => result: boolean", is_valid},
    {"uri.parse", "(uri: string) => output: object[string: string]", parse},
};

}  // namespace

std::span<const Builtin> uri_builtins() { return table; }

}  // namespace lictor::builtins
