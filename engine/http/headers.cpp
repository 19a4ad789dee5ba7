#include "headers.hpp"

#include <algorithm>

namespace lictor::http {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool is_token_character(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return is_letter(c) || is_digit(c) || (c != '\0' && marks.find(c) != marks.npos);
}

/// Reads a Content-Type from the left.
class MediaType {
 public:
  explicit MediaType(std::string_view text) : rest_(text) {}

  std::string_view token() {
    auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_character);
    std::string_view out = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(out.size());
    return out;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\v\f\r"), rest_.size()));
  }

  /// A token or a quoted string; false if there is neither.
  bool value(std::string& out) {
    if (!rest_.starts_with('"')) {
      out = token();
      return !out.empty();
    }
    constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
    for (std::size_t i = 1; i < rest_.size() && rest_[i] != '\r' && rest_[i] != '\n'; ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      bool escape = rest_[i] == '\\' && i + 1 < rest_.size();
      if (escape && specials.find(rest_[i + 1]) != specials.npos) ++i;
      out += rest_[i];
    }
    return false;
  }

  /// The parameters; false if they are malformed, or one has two values.
  bool parameters() {
    std::map<std::string, std::string> seen;
    for (;;) {
      skip_blanks();
      if (rest_.empty() || trimmed(rest_, " \t\n\v\f\r") == ";") return true;
      if (!take(';')) return false;
      skip_blanks();
      std::string name = lower_case(token()), text;
      skip_blanks();
      if (name.empty() || !take('=')) return false;
      skip_blanks();
      if (!value(text)) return false;
      auto [at, is_new] = seen.emplace(name, text);
      if (!is_new && at->second != text) return false;
    }
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string_view first_value(const Headers& headers, std::string_view lower_name) {
  auto at = headers.find(lower_name);
  return at == headers.end() || at->second.empty() ? std::string_view() : at->second.front();
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string canonical_name(std::string_view name) {
  std::string out(name);
  if (!is_token(name)) return out;
  bool starts = true;
  for (char& c : out) {
    c = starts ? upper(c) : lower(c);
    starts = c == '-';
  }
  return out;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F;
  });
}

bool is_json_type(std::string_view content_type) {
  std::size_t end = std::min(content_type.find(';'), content_type.size());
  std::string type = lower_case(trimmed(content_type.substr(0, end), " \t\n\v\f\r"));
  MediaType reader(type);
  std::string_view family = reader.token();
  if (family.empty() || !reader.take('/')) return false;
  std::string_view name = reader.token();
  bool whole = !name.empty() && family.size() + 1 + name.size() == type.size();
  bool json = family == "application" && (name == "json" || name.ends_with("+json"));
  return whole && json && MediaType(content_type.substr(end)).parameters();
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  std::size_t start = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

}  // namespace lictor::http
