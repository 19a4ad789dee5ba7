// Reads URLs as far as they can name a file; the host, the query and the fragment name nothing.
// Source of what is refused and the words: Go net/url, Parse (1.27).
#include "file_url.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

namespace lictor::cli {
namespace {

struct UrlParts {
  std::string scheme;
  std::string path;
  std::string error;
};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_hexadecimal(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

int digit_of(char c) {
  return c <= '9' ? c - '0' : std::tolower(static_cast<unsigned char>(c)) - 'a' + 10;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

/// The length of the scheme at the start, or nothing if there is none.
std::optional<std::size_t> scheme_length(std::string_view url) {
  for (std::size_t i = 0; i < url.size(); ++i) {
    char c = url[i];
    if (c == ':') return i;
    bool inner = std::isdigit(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
    if (!is_letter(c) && (!inner || i == 0)) return std::nullopt;
  }
  return std::nullopt;
}

/// Replaces %XX in a path.
UrlParts with_path(std::string scheme, std::string_view raw) {
  UrlParts out{std::move(scheme), {}, {}};
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out.path += raw[i];
      continue;
    }
    if (i + 2 >= raw.size() || !is_hexadecimal(raw[i + 1]) || !is_hexadecimal(raw[i + 2])) {
      out.error = "invalid URL escape \"" + std::string(raw.substr(i, 3)) + "\"";
      return out;
    }
    out.path += static_cast<char>(digit_of(raw[i + 1]) * 16 + digit_of(raw[i + 2]));
    i += 2;
  }
  return out;
}

UrlParts parse(std::string_view url) {
  if (std::any_of(url.begin(), url.end(), is_control))
    return {{}, {}, "net/url: invalid control character in URL"};
  std::optional<std::size_t> length = scheme_length(url);
  if (length == 0u) return {{}, {}, "missing protocol scheme"};
  std::string scheme(url.substr(0, length.value_or(0)));
  for (char& c : scheme) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view rest = length ? url.substr(*length + 1) : url;
  rest = rest.substr(0, rest.find('?'));
  if (!rest.starts_with('/')) {
    if (length) return {scheme, {}, {}};
    std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment.find(':') != std::string_view::npos)
      return {{}, {}, "first path segment in URL cannot contain colon"};
  }
  if (rest.starts_with("//") && length) {
    std::size_t path = rest.find('/', 2);
    rest = path == std::string_view::npos ? std::string_view() : rest.substr(path);
  }
  return with_path(scheme, rest);
}

Error load_error(std::string message) {
  return Error{ErrorCode::load, std::move(message), {}, 0, 0, {}, {}};
}

}  // namespace

Result<std::string> local_path(const std::string& path) {
  if (path.find("://") == std::string::npos) return path;
  std::string url = path.substr(0, path.find('#'));
  UrlParts parts = parse(url);
  if (!parts.error.empty()) return load_error("parse \"" + url + "\": " + parts.error);
  if (parts.scheme != "file") return load_error("unsupported URL scheme: " + path);
  return parts.path;
}

}  // namespace lictor::cli
