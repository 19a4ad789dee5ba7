#include "builtins/json_formats.hpp"

#include <algorithm>

#include "base/go_address.hpp"
#include "base/uri.hpp"
#include "builtins/go_time.hpp"
#include "builtins/mail_address.hpp"
#include "builtins/regex_match.hpp"

namespace lictor::builtins {
namespace {

bool matches(std::string_view text, std::string_view pattern) {
  return matches_regex(pattern, text).value_or(false);
}

bool is_time(std::string_view text, std::initializer_list<std::string_view> layouts) {
  return std::any_of(layouts.begin(), layouts.end(), [&](std::string_view layout) {
    CivilTime time;
    return parse_time(layout, text, time).empty();
  });
}

bool is_date(std::string_view text) { return is_time(text, {"2006-01-02"}); }
bool is_clock_time(std::string_view text) { return is_time(text, {"15:04:05Z07:00", "15:04:05"}); }
bool is_date_time(std::string_view text) {
  return is_date(text) || is_clock_time(text) || is_time(text, {layout_of("RFC3339")});
}

bool is_address(std::string_view text, char mark) {
  return address_error(text).empty() && text.find('%') == text.npos && text.find(mark) != text.npos;
}
bool is_ipv4(std::string_view text) { return is_address(text, '.'); }
bool is_ipv6(std::string_view text) { return is_address(text, ':'); }

/// Nothing for a text that is no reference.
std::optional<Uri> reference(std::string_view text) {
  if (text.find('\\') != text.npos) return std::nullopt;
  try {
    return parse_uri(text);
  } catch (const UriError&) {
    return std::nullopt;
  }
}
bool is_uri_reference(std::string_view text) { return reference(text).has_value(); }
bool is_uri(std::string_view text) {
  std::optional<Uri> uri = reference(text);
  return uri && !uri->scheme.empty();
}
bool is_uri_template(std::string_view text) {
  std::optional<Uri> uri = reference(text);
  return uri && matches(uri->path, "^([^{]*({[^}]*})?)*$");
}

bool is_hostname(std::string_view text) {
  constexpr std::string_view pattern =
      R"(^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]{0,61}[a-zA-Z0-9]))*$)";
  return text.size() < 256 && matches(text, pattern);
}
bool is_uuid(std::string_view text) {
  return matches(text, "^(?i)[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$");
}
bool is_pointer(std::string_view text) { return matches(text, "^(?:/(?:[^~/]|~0|~1)*)*$"); }
bool is_relative_pointer(std::string_view text) {
  return matches(text, "^(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)$");
}

struct Format {
  std::string_view name;
  bool (*has)(std::string_view text);
};

constexpr Format formats[] = {
    {"date", is_date},
    {"time", is_clock_time},
    {"date-time", is_date_time},
    {"hostname", is_hostname},
    {"email", is_mail_address},
    {"idn-email", is_mail_address},
    {"ipv4", is_ipv4},
    {"ipv6", is_ipv6},
    {"uri", is_uri},
    {"uri-reference", is_uri_reference},
    {"iri", is_uri},
    {"iri-reference", is_uri_reference},
    {"uri-template", is_uri_template},
    {"uuid", is_uuid},
    {"regex", is_regex},
    {"json-pointer", is_pointer},
    {"relative-json-pointer", is_relative_pointer},
};

}  // namespace

bool has_format(std::string_view text, std::string_view format) {
  const Format* known = std::find_if(std::begin(formats), std::end(formats),
                                     [&](const Format& one) { return one.name == format; });
  return known == std::end(formats) || known->has(text);
}

}  // namespace lictor::builtins
