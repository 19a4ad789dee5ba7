#include "request.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <vector>

#include "base/go_duration.hpp"
#include "base/hex.hpp"
#include "base/letters.hpp"
#include "base/percent.hpp"
#include "base/unicode.hpp"
#include "headers.hpp"
#include "lictor/builder.hpp"
#include "lictor/print.hpp"

namespace lictor::http {
namespace {

using Reason = Failure::Reason;
using Wrong = std::optional<Failure>;

std::string quoted(std::string_view text) {
  std::string out;
  append_go_quoted(out, text);
  return out;
}

Failure builtin(std::string message) { return {Reason::builtin, std::move(message)}; }
Failure plain(std::string message) { return {Reason::plain, std::move(message)}; }
Failure operand(const std::string& message) { return {Reason::operand, "operand 1 " + message}; }

std::string environment(const std::string& name) {
  const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
  return value ? value : "";
}

/// The words of an operating system's error, as Go has them.
std::string system_error(int code) {
  std::string out = std::strerror(code);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

/// Returns "" or Go's words.
std::string read_file(const std::string& path, std::string& out) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "open " + path + ": " + system_error(errno);
  std::ostringstream text;
  errno = 0;
  if (!(text << file.rdbuf()) && errno != 0) return "read " + path + ": " + system_error(errno);
  out = text.str();
  return "";
}

/// As Go's strconv.ParseBool of Rego's notation, which for strings has quotes.
Wrong parse_boolean(const Value& value, bool& out) {
  std::string text = to_rego(value);
  constexpr std::array yes = {"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::array no = {"0", "f", "F", "FALSE", "false", "False"};
  out = std::find(yes.begin(), yes.end(), text) != yes.end();
  if (out || std::find(no.begin(), no.end(), text) != no.end()) return std::nullopt;
  return builtin("strconv.ParseBool: parsing " + quoted(text) + ": invalid syntax");
}

/// As OPA's util.Atoi64: decimal digits, and zeros after a point.
bool parse_integer(std::string_view text, std::int64_t& out) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > 19) return false;
  std::size_t point = std::min(text.find('.'), text.size());
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (fraction.find_first_not_of('0') != fraction.npos) return false;
  std::uint64_t whole = 0;
  for (char c : text.substr(0, point)) {
    if (c < '0' || c > '9') return false;
    whole = whole * 10 + static_cast<unsigned>(c - '0');
  }
  if (whole > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
  out = negative ? -static_cast<std::int64_t>(whole) : static_cast<std::int64_t>(whole);
  return true;
}

Wrong parse_timeout(const Value& value, std::chrono::nanoseconds& out) {
  std::int64_t time = 0;
  if (value.is(Kind::number)) {
    if (!value.is_integer()) {
      return builtin("invalid timeout number value " + to_rego(value) + ", must be int64");
    }
    time = value.as_integer();
  } else if (value.is(Kind::string)) {
    if (!parse_integer(value.as_string(), time)) {
      std::string wrong = parse_go_duration(value.as_string(), time);
      if (!wrong.empty()) return builtin("invalid timeout value " + to_rego(value) + ": " + wrong);
    }
  } else {
    return operand(std::string("'timeout' must be one of {string, number} but got ") +
                   kind_name(value.kind()));
  }
  out = std::chrono::nanoseconds(time);
  return std::nullopt;
}

/// A value in a header's place, as Go's %q shows it.
std::string in_go_quotes(const Value& value, bool is_inner = false) {
  switch (value.kind()) {
    case Kind::null_value:
      return is_inner ? "<nil>" : "%!q(<nil>)";
    case Kind::boolean:
      return value.as_boolean() ? "%!q(bool=true)" : "%!q(bool=false)";
    case Kind::number:
      return quoted(to_rego(value));
    case Kind::string:
      return quoted(value.as_string());
    case Kind::object: {
      std::string out = "map[";
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        Member member = object_member(value, i);
        bool is_text = member.key.is(Kind::string);
        out += i == 0 ? "" : " ";
        out += quoted(is_text ? std::string(member.key.as_string()) : to_json(member.key)) + ":";
        out += in_go_quotes(member.value, true);
      }
      return out + "]";
    }
    default: {
      std::string out = "[";
      for (std::uint32_t i = 0; i < value.size(); ++i)
        out += (i == 0 ? "" : " ") + in_go_quotes(value.items()[i], true);
      return out + "]";
    }
  }
}

/// Where the parts of TLS come from; each pair of sources is used when both are given.
struct TlsSources {
  std::string ca, ca_file, ca_variable;
  std::string certificate, certificate_file, certificate_variable;
  std::string key, key_file, key_variable;
  std::string server_name;
  bool uses_system = false, skips_verification = false;
};

/// Reads one operand.
class Reader {
 public:
  Reader(const Options& options, Request& out) : options_(options), out_(out) {}

  Wrong read(const Value& object);

 private:
  Wrong read_member(std::string_view key, const Value& value);
  Wrong read_text(std::string_view key, std::string text);
  Wrong read_headers(const Value& value);
  Wrong load_pairs();
  Wrong load_roots();
  Wrong finish();
  Wrong apply_url();
  bool apply_socket();
  Wrong apply_headers();

  const Options& options_;
  Request& out_;
  std::string url_;
  Value headers_;
  TlsSources sources_;
  std::shared_ptr<Tls> tls_ = std::make_shared<Tls>();
};

struct TextKey {
  std::string_view name;
  std::string TlsSources::*field;  // null: not of TLS
};

constexpr TextKey text_keys[] = {
    {"method", nullptr},
    {"raw_body", nullptr},
    {"tls_ca_cert", &TlsSources::ca},
    {"tls_ca_cert_env_variable", &TlsSources::ca_variable},
    {"tls_ca_cert_file", &TlsSources::ca_file},
    {"tls_client_cert", &TlsSources::certificate},
    {"tls_client_cert_env_variable", &TlsSources::certificate_variable},
    {"tls_client_cert_file", &TlsSources::certificate_file},
    {"tls_client_key", &TlsSources::key},
    {"tls_client_key_env_variable", &TlsSources::key_variable},
    {"tls_client_key_file", &TlsSources::key_file},
    {"tls_server_name", &TlsSources::server_name},
    {"url", nullptr},
};

constexpr std::string_view other_keys[] = {"body",
                                           "cache",
                                           "cache_ignored_headers",
                                           "caching_mode",
                                           "enable_redirect",
                                           "force_cache",
                                           "force_cache_duration_seconds",
                                           "force_json_decode",
                                           "force_yaml_decode",
                                           "headers",
                                           "max_retry_attempts",
                                           "raise_error",
                                           "timeout",
                                           "tls_insecure_skip_verify",
                                           "tls_use_system_certs"};

const TextKey* find_text_key(std::string_view name) {
  const auto* at = std::find_if(std::begin(text_keys), std::end(text_keys),
                                [&](const TextKey& key) { return key.name == name; });
  return at == std::end(text_keys) ? nullptr : at;
}

bool is_known_key(const Value& key) {
  if (!key.is(Kind::string)) return false;
  std::string_view name = key.as_string();
  return find_text_key(name) ||
         std::find(std::begin(other_keys), std::end(other_keys), name) != std::end(other_keys);
}

Wrong Reader::read_text(std::string_view key, std::string text) {
  const TextKey* known = find_text_key(key);
  if (known->field) {
    sources_.*known->field = std::move(text);
  } else if (key == "url") {
    if (auto wrong = refusal(options_, text)) return builtin(*wrong);
    url_ = std::move(text);
  } else if (key == "method") {
    std::u32string runes = to_runes(text);
    for (char32_t& rune : runes) rune = to_upper(rune);
    out_.method = from_runes(runes);
  } else {
    out_.body = std::move(text);
  }
  return std::nullopt;
}

Wrong Reader::read_member(std::string_view key, const Value& value) {
  if (find_text_key(key)) {
    if (!value.is(Kind::string)) return builtin(quoted(key) + " must be a string");
    return read_text(key, std::string(trimmed(value.as_string(), "\"")));
  }
  if (key == "body") {
    // "raw_body", which follows, takes precedence.
    out_.body = to_json(value);
  } else if (key == "enable_redirect") {
    return parse_boolean(value, out_.follows_redirects);
  } else if (key == "tls_use_system_certs") {
    return parse_boolean(value, sources_.uses_system);
  } else if (key == "tls_insecure_skip_verify") {
    return parse_boolean(value, sources_.skips_verification);
  } else if (key == "timeout") {
    return parse_timeout(value, out_.timeout);
  } else if (key == "headers") {
    if (!value.is(Kind::object)) return builtin("invalid type for headers key");
    headers_ = value;
  }
  return std::nullopt;
}

Wrong Reader::read(const Value& object) {
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    Member member = object_member(object, i);
    if (Wrong wrong = read_member(member.key.as_string(), member.value)) return wrong;
  }
  if (Wrong wrong = load_pairs()) return wrong;
  if (Wrong wrong = load_roots()) return wrong;
  return finish();
}

Wrong Reader::load_pairs() {
  const TlsSources& from = sources_;
  auto add = [&](std::string_view certificate, std::string_view key, const std::string& what) {
    std::string wrong = add_key_pair(*tls_, certificate, key);
    return wrong.empty() ? Wrong() : builtin(what + wrong);
  };
  if (!from.certificate.empty() && !from.key.empty()) {
    if (Wrong wrong = add(from.certificate, from.key, "")) return wrong;
  }
  if (!from.certificate_file.empty() && !from.key_file.empty()) {
    std::string certificate, key;
    std::string unread = read_file(from.certificate_file, certificate);
    if (unread.empty()) unread = read_file(from.key_file, key);
    if (!unread.empty()) return builtin(unread);
    if (Wrong wrong = add(certificate, key, "")) return wrong;
  }
  if (from.certificate_variable.empty() || from.key_variable.empty()) return std::nullopt;
  return add(environment(from.certificate_variable), environment(from.key_variable),
             "cannot extract public/private key pair from envvars " +
                 quoted(from.certificate_variable) + ", " + quoted(from.key_variable) + ": ");
}

/// A PEM text in which line breaks may be written as \n.
std::string with_line_breaks(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escape = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == 'n';
    out += escape ? '\n' : text[i];
    i += escape ? 1 : 0;
  }
  return out;
}

Wrong Reader::load_roots() {
  const TlsSources& from = sources_;
  if (!from.ca.empty() && !add_roots(*tls_, with_line_breaks(from.ca)))
    return builtin("could not append certificates");
  if (!from.ca_file.empty()) {
    std::string pem;
    std::string unread = read_file(from.ca_file, pem);
    if (!unread.empty()) return builtin(unread);
    if (!add_roots(*tls_, pem))
      return builtin("could not append CA certificates from " + quoted(from.ca_file));
  }
  if (!from.ca_variable.empty() && !add_roots(*tls_, environment(from.ca_variable))) {
    return builtin("could not add CA certificates from envvar " + quoted(from.ca_variable) +
                   ": could not append certificates");
  }
  return std::nullopt;
}

/// "%2Ftmp%2Fx+y" → "/tmp/x y"; nothing for a bad escape.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    bool whole = i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (!whole) return std::nullopt;
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

using Parameters = std::map<std::string, std::vector<std::string>>;

/// As Go's url.ParseQuery; nothing where that has an error.
std::optional<Parameters> parse_query(std::string_view text) {
  Parameters out;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('&'), text.size());
    std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    std::size_t sign = std::min(item.find('='), item.size());
    auto key = unescaped(item.substr(0, sign));
    auto value = unescaped(item.substr(std::min(sign + 1, item.size())));
    if (item.find(';') != item.npos || !key || !value) return std::nullopt;
    out[*key].push_back(*value);
  }
  return out;
}

/// unix://HOST/PATH?socket=FILE is http://HOST/PATH by way of a socket. False for other URLs.
bool Reader::apply_socket() {
  if (out_.url.scheme != "unix" || out_.url.query.empty()) return false;
  std::optional<Parameters> parameters = parse_query(out_.url.query);
  if (!parameters) return false;
  auto sockets = parameters->find("socket");
  out_.socket = sockets == parameters->end() ? "" : sockets->second.front();
  parameters->erase("socket");
  std::string query;
  for (const auto& [key, values] : *parameters) {
    for (const std::string& value : values)
      query += (query.empty() ? "" : "&") + escape_query(key) + "=" + escape_query(value);
  }
  out_.url.scheme = "http";
  out_.url.query = query;
  out_.url.has_query = !query.empty();
  return true;
}

Wrong Reader::apply_url() {
  try {
    out_.url = parse_uri(url_);
    if (apply_socket()) out_.url = parse_uri(to_text(out_.url));
    if (out_.url.host.ends_with(':')) out_.url.host.pop_back();
  } catch (const UriError& wrong) {
    return builtin(wrong.text);
  }
  return std::nullopt;
}

Wrong Reader::apply_headers() {
  std::map<std::string, Value> canonical;
  for (std::uint32_t i = 0; headers_.is(Kind::object) && i < headers_.size(); ++i) {
    Member member = object_member(headers_, i);
    bool is_text = member.key.is(Kind::string);
    canonical[canonical_name(is_text ? std::string(member.key.as_string()) : to_json(member.key))] =
        member.value;
  }
  for (const auto& [name, value] : canonical) {
    if (!value.is(Kind::string))
      return builtin("invalid type for headers value " + in_go_quotes(value));
    out_.headers[name] = value.as_string();
  }
  return std::nullopt;
}

Wrong Reader::finish() {
  // A wrong URL or method is found before a wrong header; the host's name is needed before both.
  Wrong wrong_header = apply_headers();
  auto host = out_.headers.find("Host");
  tls_->server_name = sources_.server_name;
  if (tls_->server_name.empty() && host != out_.headers.end()) tls_->server_name = host->second;
  tls_->skips_verification = sources_.skips_verification;
  tls_->trusts_system = sources_.uses_system || tls_->roots.empty();
  bool is_plain = tls_->server_name.empty() && !tls_->skips_verification && tls_->roots.empty() &&
                  tls_->pairs.empty() && !sources_.uses_system;
  if (!out_.method.empty() && !is_token(out_.method))
    return builtin("net/http: invalid method " + quoted(out_.method));
  if (Wrong wrong = apply_url()) return wrong;
  if (!is_plain && !out_.socket) out_.tls = tls_;
  return wrong_header;
}

}  // namespace

std::optional<Failure> check_keys(const Value& object) {
  std::vector<Value> unknown;
  bool has_method = false, has_url = false;
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    Value key = object_member(object, i).key;
    bool is_text = key.is(Kind::string);
    if (!is_known_key(key)) unknown.push_back(key);
    has_method |= is_text && key.as_string() == "method";
    has_url |= is_text && key.as_string() == "url";
  }
  Builder make;
  if (!unknown.empty())
    return operand("invalid request parameters(s): " + to_rego(make.set(unknown)));
  std::vector<Value> missing;
  if (!has_method) missing.push_back(Value::utf8_string("method"));
  if (!has_url) missing.push_back(Value::utf8_string("url"));
  if (missing.empty()) return std::nullopt;
  return operand("missing required request parameters(s): " + to_rego(make.set(missing)));
}

std::optional<Failure> read_request(const Value& object, const Options& options, Request& out) {
  constexpr std::chrono::seconds default_timeout{5};
  out.timeout = default_timeout;
  return Reader(options, out).read(object);
}

std::optional<std::string> refusal(const Options& options, const std::string& url) {
  if (!options.allow_net) return std::nullopt;
  try {
    std::string host = parse_uri(url).host;
    host.erase(std::min(host.find(':'), host.size()));
    const std::vector<std::string>& allowed = *options.allow_net;
    if (std::find(allowed.begin(), allowed.end(), host) != allowed.end()) return std::nullopt;
    return "disallowed host: " + host;
  } catch (const UriError& wrong) {
    return wrong.text;
  }
}

std::optional<Failure> read_boolean(const Value& object, std::string_view key, bool& out) {
  Value value = lookup(object, key);
  out = value.is_true();
  if (value.is_undefined() || value.is(Kind::boolean)) return std::nullopt;
  return builtin("invalid value for " + quoted(key) + " field");
}

std::optional<Failure> read_retries(const Value& object, std::int64_t& out) {
  Value value = lookup(object, "max_retry_attempts");
  if (value.is_undefined()) return std::nullopt;
  out = value.is_integer() ? value.as_integer() : -1;
  if (out >= 0) return std::nullopt;
  return plain("invalid value " + to_rego(value) + " for field \"max_retry_attempts\"");
}

}  // namespace lictor::http
