// providers.aws.sign_req: a request with the headers that sign it for AWS (version 4).
// Source: OPA v1/topdown/providers.go, internal/providers/aws/signing_v4.go.
#include <algorithm>
#include <chrono>
#include <map>

#include "base/hex.hpp"
#include "base/letters.hpp"
#include "base/uri.hpp"
#include "builtins/families.hpp"
#include "builtins/go_time.hpp"
#include "builtins/signatures.hpp"

namespace lictor::builtins {
namespace {

constexpr std::string_view request_keys[] = {"method",
                                             "url",
                                             "body",
                                             "enable_redirect",
                                             "force_json_decode",
                                             "force_yaml_decode",
                                             "headers",
                                             "raw_body",
                                             "tls_use_system_certs",
                                             "tls_ca_cert",
                                             "tls_ca_cert_file",
                                             "tls_ca_cert_env_variable",
                                             "tls_client_cert",
                                             "tls_client_cert_file",
                                             "tls_client_cert_env_variable",
                                             "tls_client_key",
                                             "tls_client_key_file",
                                             "tls_client_key_env_variable",
                                             "tls_insecure_skip_verify",
                                             "tls_server_name",
                                             "timeout",
                                             "cache",
                                             "force_cache",
                                             "force_cache_duration_seconds",
                                             "raise_error",
                                             "caching_mode",
                                             "max_retry_attempts",
                                             "cache_ignored_headers"};
constexpr std::string_view required_request_keys[] = {"method", "url"};
constexpr std::string_view required_settings[] = {"aws_service", "aws_access_key",
                                                  "aws_secret_access_key", "aws_region"};

using Headers = std::map<std::string, std::string>;

/// The text of a string, or "".
std::string text_of(const Value& value) {
  return value.is(Kind::string) ? std::string(value.as_string()) : "";
}

std::string lower_case(std::string_view text) {
  std::u32string runes = to_runes(text);
  for (char32_t& rune : runes) rune = to_lower(rune);
  return from_runes(runes);
}

/// Keys as a set in Rego's notation; "" if there are none.
std::string shown(Call& call, const std::vector<Value>& keys) {
  return keys.empty() ? "" : json::to_rego(make_set(call.arena, keys.data(), keys.size()));
}

/// Those of `names` that the object's members make wrong.
template <typename Names, typename IsWrong>
std::string wrong_members(Call& call, const Value& object, const Names& names, IsWrong is_wrong) {
  std::vector<Value> wrong;
  for (std::string_view name : names)
    if (is_wrong(lookup(object, name))) wrong.push_back(Value::string(name));
  return shown(call, wrong);
}

bool is_missing(const Value& value) { return value.is_undefined(); }
bool is_no_text(const Value& value) { return !value.is(Kind::string); }

std::string unknown_keys(Call& call, const Value& request) {
  std::vector<Value> unknown;
  for (std::uint32_t i = 0; i < request.size(); ++i) {
    const Value& key = sorted_members(request)[i].key;
    bool known = key.is(Kind::string) && std::find(std::begin(request_keys), std::end(request_keys),
                                                   key.as_string()) != std::end(request_keys);
    if (!known) unknown.push_back(key);
  }
  return shown(call, unknown);
}

std::string utc(std::string_view layout, std::int64_t ns) {
  namespace chrono = std::chrono;
  auto seconds = chrono::floor<chrono::seconds>(
      chrono::sys_time<chrono::nanoseconds>(chrono::nanoseconds(ns)));
  chrono::sys_days day = chrono::floor<chrono::days>(seconds);
  chrono::year_month_day date(day);
  chrono::hh_mm_ss time(seconds - day);
  CivilTime civil;
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<int>(static_cast<unsigned>(date.month()));
  civil.day = static_cast<int>(static_cast<unsigned>(date.day()));
  civil.hour = static_cast<int>(time.hours().count());
  civil.minute = static_cast<int>(time.minutes().count());
  civil.second = static_cast<int>(time.seconds().count());
  return format_time(layout, civil);
}

struct Request {
  std::string method, body;
  Uri url;
  Headers headers;
};

struct Settings {
  std::string service, access_key, secret, region, session_token;
  bool unsigned_payload = false;
  std::int64_t time_ns = 0;
};

/// The headers that AWS asks for, and the one that has the signature.
class Signer {
 public:
  Signer(const Request& request, const Settings& settings)
      : request_(request),
        settings_(settings),
        date_(utc("20060102", settings.time_ns)),
        time_(utc("20060102T150405Z", settings.time_ns)),
        payload_(settings.unsigned_payload ? "UNSIGNED-PAYLOAD"
                                           : hex_text(digest_of(Hash::sha256, request.body))) {
    own_ = {{"host", request.url.host}, {"x-amz-date", time_}};
    if (settings.service == "s3" || settings.service == "glacier")
      own_["x-amz-content-sha256"] = payload_;
    if (!settings.session_token.empty()) own_["x-amz-security-token"] = settings.session_token;
  }

  const Headers& own_headers() const { return own_; }

  std::string authorization() const {
    std::string names;
    std::string request = canonical_request(names);
    std::string text = "AWS4-HMAC-SHA256\n" + time_ + "\n" + scope() + "\n" +
                       hex_text(digest_of(Hash::sha256, request));
    std::string key = "AWS4" + settings_.secret;
    for (const std::string& part : {date_, settings_.region, settings_.service})
      key = authentication_code(Hash::sha256, key, part);
    key = authentication_code(Hash::sha256, key, "aws4_request");
    return "AWS4-HMAC-SHA256 Credential=" + settings_.access_key + "/" + scope() +
           ",SignedHeaders=" + names +
           ",Signature=" + hex_text(authentication_code(Hash::sha256, key, text));
  }

 private:
  std::string scope() const {
    return date_ + "/" + settings_.region + "/" + settings_.service + "/aws4_request";
  }

  Headers signed_headers() const {
    Headers out = own_;
    for (const auto& [name, value] : request_.headers) {
      std::string lower = lower_case(name);
      bool ignored =
          lower == "authorization" || lower == "user-agent" || lower == "x-amzn-trace-id";
      if (!ignored) out[lower] = value;
    }
    return out;
  }

  std::string canonical_request(std::string& names) const {
    std::string path = request_.url.path == "*" ? "*" : request_.url.escaped_path;
    std::string out = request_.method + "\n" + path + "\n" + request_.url.query + "\n";
    for (const auto& [name, value] : signed_headers()) {
      out += name + ":" + value + "\n";
      names += (names.empty() ? "" : ";") + name;
    }
    return out + "\n" + names + "\n" + payload_;
  }

  const Request& request_;
  const Settings& settings_;
  std::string date_, time_, payload_;
  Headers own_;
};

/// Reads the operands in OPA's order; the first that is wrong fails the call.
class OperandReader {
 public:
  OperandReader(Call& call, Request& request, Settings& settings)
      : call_(call), request_(request), settings_(settings) {}

  bool run() {
    // OPA calls each of them the first.
    for (std::size_t i = 0; i < 2; ++i)
      if (!call_.is(i, Kind::object)) return fail_kind(i, "object");
    return read_settings() && read_time() && check_request() && read_request() &&
           read_unsigned_payload();
  }

 private:
  bool fail(const std::string& text) {
    call_.type_error(text);
    return false;
  }
  bool fail_kind(std::size_t operand, const char* wanted) {
    return fail("operand 1 must be " + std::string(wanted) + " but got " +
                kind_name(call_[operand].kind()));
  }

  bool read_settings() {
    const Value& given = call_[1];
    std::string missing = wrong_members(call_, given, required_settings, is_missing);
    if (!missing.empty())
      return fail("operand 2 missing required AWS config parameters(s): " + missing);
    std::string invalid = wrong_members(call_, given, required_settings, is_no_text);
    if (!invalid.empty())
      return fail("operand 2 invalid values for required AWS config parameters(s): " + invalid);
    settings_.service = text_of(lookup(given, "aws_service"));
    settings_.access_key = text_of(lookup(given, "aws_access_key"));
    settings_.secret = text_of(lookup(given, "aws_secret_access_key"));
    settings_.region = text_of(lookup(given, "aws_region"));
    settings_.session_token = text_of(lookup(given, "aws_session_token"));
    return true;
  }

  bool read_time() {
    if (!call_.is(2, Kind::number)) return fail_kind(2, "number");
    std::optional<std::int64_t> ns = to_int64(call_[2]);
    if (!ns) return fail("operand 3 could not convert time_ns value into a unix timestamp");
    settings_.time_ns = *ns;
    return true;
  }

  bool check_request() {
    std::string unknown = unknown_keys(call_, call_[0]);
    if (!unknown.empty()) return fail("operand 1 invalid request parameters(s): " + unknown);
    std::string missing = wrong_members(call_, call_[0], required_request_keys, is_missing);
    return missing.empty() || fail("operand 1 missing required request parameters(s): " + missing);
  }

  bool read_request() {
    Value headers = lookup(call_[0], "headers");
    if (!headers.is_undefined() && !headers.is(Kind::object))
      return fail("operand 0 must be object but got " + std::string(kind_name(headers.kind())));
    std::string invalid = wrong_members(call_, call_[0], required_request_keys, is_no_text);
    if (!invalid.empty())
      return fail("operand 1 invalid values for required request parameters(s): " + invalid);
    try {
      request_.url = parse_uri(lookup(call_[0], "url").as_string());
    } catch (const UriError& wrong) {
      call_.fail(wrong.text);
      return false;
    }
    request_.method = text_of(lookup(call_[0], "method"));
    for (std::uint32_t i = 0; i < headers.size(); ++i) {
      const Member& member = sorted_members(headers)[i];
      request_.headers[text_of(member.key)] = text_of(member.value);
    }
    Value raw = lookup(call_[0], "raw_body"), body = lookup(call_[0], "body");
    if (!raw.is_undefined()) {
      request_.body = text_of(raw);
    } else if (!body.is_undefined()) {
      request_.body = json::to_json(body);
    }
    return true;
  }

  bool read_unsigned_payload() {
    Value given = lookup(call_[1], "disable_payload_signing");
    if (given.is_undefined()) return true;
    settings_.unsigned_payload = given.is_true();
    return given.is(Kind::boolean) ||
           fail("operand 2 invalid value for 'disable_payload_signing' in AWS config");
  }

  Call& call_;
  Request& request_;
  Settings& settings_;
};

Value object_of(Call& call, const Headers& headers) {
  ArenaVector<Member> out(call.arena, headers.size());
  for (const auto& [name, value] : headers) out.push_back({call.text(name), call.text(value)});
  return make_object(call.arena, out.data(), out.size(), true);
}

Value with_headers(Call& call, const Value& request, const Value& headers) {
  Member* members = call.arena.allocate<Member>(request.size() + 1);
  std::copy_n(sorted_members(request), request.size(), members);
  members[request.size()] = {Value::utf8_string("headers"), headers};
  return make_unique_object(call.arena, members, request.size() + 1, Duplicates::last_wins);
}

Value sign_request(Call& call) {
  Request request;
  Settings settings;
  if (!OperandReader(call, request, settings).run()) return Value();
  Signer signer(request, settings);
  Headers headers = request.headers;
  headers["Authorization"] = signer.authorization();
  for (const auto& [name, value] : signer.own_headers()) headers[name] = value;
  return with_headers(call, call[0], object_of(call, headers));
}

constexpr Builtin table[] = {
    {"providers.aws.sign_req",
     "(request: object[string: any], aws_config: object[string: any], time_ns: number) => "
     "signed_request: object[any: any]",
     sign_request},
};

}  // namespace

std::span<const Builtin> provider_builtins() { return table; }

}  // namespace lictor::builtins
