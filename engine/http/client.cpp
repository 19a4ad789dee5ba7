#include "client.hpp"

#include <charconv>
#include <vector>

#include "base/unicode.hpp"
#include "freshness.hpp"
#include "lictor/print.hpp"
#include "request.hpp"
#include "round_trips.hpp"

namespace lictor::http {
namespace {

using Reason = Failure::Reason;
using Wrong = std::optional<Failure>;

/// How an answer is to be kept.
struct Keeping {
  bool keeps = false;
  std::int64_t forced_seconds = 0;  // instead of what the headers say; 0: they say it
};

Wrong read_forced_seconds(const Value& request, std::int64_t& out) {
  Value value = lookup(request, "force_cache_duration_seconds");
  if (value.is_undefined()) {
    return Failure{Reason::builtin,
                   "'force_cache' set but 'force_cache_duration_seconds' parameter is missing"};
  }
  std::string text = to_rego(value), shown;
  std::int32_t seconds = 0;
  const char* last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, seconds);
  out = seconds;
  bool whole = end == last && error != std::errc::invalid_argument;
  if (whole && error == std::errc()) return std::nullopt;
  append_go_quoted(shown, text);
  return Failure{Reason::builtin, "strconv.ParseInt: parsing " + shown +
                                      (whole ? ": value out of range" : ": invalid syntax")};
}

Wrong read_keeping(const Value& request, Keeping& out) {
  bool forced = false;
  if (Wrong wrong = read_boolean(request, "cache", out.keeps)) return wrong;
  if (Wrong wrong = read_boolean(request, "force_cache", forced)) return wrong;
  if (!forced) return std::nullopt;
  out.keeps = true;
  return read_forced_seconds(request, out.forced_seconds);
}

Wrong read_decoding(const Value& request, Decoding& out) {
  Wrong wrong = read_boolean(request, "force_json_decode", out.forces_json);
  return wrong ? wrong : read_boolean(request, "force_yaml_decode", out.forces_yaml);
}

bool contains(const Value& names, std::string_view name) {
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (names.items()[i].as_string() == name) return true;
  }
  return false;
}

bool is_array_of_strings(const Value& value) {
  if (!value.is(Kind::array)) return false;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    if (!value.items()[i].is(Kind::string)) return false;
  }
  return true;
}

/// The headers that tell requests apart.
Value telling_headers(const Value& headers, const Value& ignored, Builder& make) {
  std::vector<Member> kept;
  for (std::uint32_t i = 0; i < headers.size(); ++i) {
    Member member = object_member(headers, i);
    bool is_ignored = member.key.is(Kind::string) && contains(ignored, member.key.as_string());
    if (!is_ignored) kept.push_back(member);
  }
  return make.object(kept);
}

/// The identity of a request: all of it, except for the headers that it asks to ignore.
Wrong read_key(const Value& request, Builder& make, Value& out) {
  Value ignored = lookup(request, "cache_ignored_headers"), headers = lookup(request, "headers");
  bool filters = !ignored.is_undefined() && !headers.is_undefined();
  if (filters && !is_array_of_strings(ignored))
    return Failure{Reason::plain, "cache_ignored_headers must be an array of strings"};
  // OPA crashes here.
  if (filters && !headers.is(Kind::object))
    return Failure{Reason::builtin, "invalid type for headers key"};
  std::vector<Member> members;
  for (std::uint32_t i = 0; i < request.size(); ++i) members.push_back(object_member(request, i));
  if (filters) {
    members.push_back({Value::utf8_string("headers"), telling_headers(headers, ignored, make)});
  }
  members.push_back({Value::utf8_string("cache_ignored_headers"), Value::null()});
  out = make.object(members);
  return std::nullopt;
}

bool has_caching_mode(const Value& request) {
  Value mode = lookup(request, "caching_mode");
  bool known = mode.is(Kind::string) &&
               (mode.as_string() == "serialized" || mode.as_string() == "deserialized");
  return mode.is_undefined() || known;
}

}  // namespace

/// One call.
class Sending {
 public:
  Sending(Client& client, const Value& request, const Evaluation& evaluation)
      : client_(client), request_(request), evaluation_(evaluation) {}

  Outcome run();

 private:
  Outcome answer(const Response& response) const {
    return answer_of(response, decoding_, evaluation_.make);
  }
  Wrong ask(const Value& request, const std::map<std::string, std::string>& more, Response& out);
  Outcome ask_anew();
  bool remembers(const Outcome& outcome) const;
  Outcome ask_or_recall();
  std::shared_ptr<const KeptAnswer> recall() const;
  bool is_fresh(const KeptAnswer& kept) const;
  std::optional<Outcome> revalidate(const KeptAnswer& kept);
  Wrong renew(KeptAnswer kept, Headers news, Response& out);
  Expiry expiry(const Headers& headers) const;
  Wrong keep(const Response& response);

  Client& client_;
  const Value& request_;
  const Evaluation& evaluation_;
  Value key_;
  std::string key_text_;
  Keeping keeping_;
  Decoding decoding_;
};

Outcome Sending::run() {
  if (Wrong wrong = check_keys(request_)) return *wrong;
  if (Wrong wrong = read_key(request_, evaluation_.make, key_)) return *wrong;
  if (Wrong wrong = read_keeping(request_, keeping_)) return *wrong;
  key_text_ = to_rego(key_);
  auto earlier = evaluation_.recent.find(key_text_);
  if (earlier != evaluation_.recent.end()) return earlier->second;
  Outcome outcome = keeping_.keeps ? ask_or_recall() : ask_anew();
  if (remembers(outcome)) evaluation_.recent.emplace(key_text_, outcome);
  return outcome;
}

/// Within an evaluation, OPA asks again for answers of other statuses, but not after errors.
bool Sending::remembers(const Outcome& outcome) const {
  const Value* answer = std::get_if<Value>(&outcome);
  if (!answer) return true;
  return keeping_.keeps ||
         is_cacheable(static_cast<int>(lookup(*answer, "status_code").as_integer()));
}

Wrong Sending::ask(const Value& operand, const std::map<std::string, std::string>& more,
                   Response& out) {
  Request request;
  if (Wrong wrong = read_request(operand, client_.options_, request)) return wrong;
  std::int64_t retries = 0;
  if (Wrong wrong = read_retries(operand, retries)) return wrong;
  RoundTrips trips(client_.connections_, client_.options_, evaluation_.is_stopped);
  return trips.run(request, retries, more, out);
}

/// Without a cache, OPA looks at the flags of decoding only when it has the response.
Outcome Sending::ask_anew() {
  Response response;
  Wrong wrong = ask(request_, {}, response);
  if (wrong && !wrong->in_body) return *wrong;
  if (Wrong wrong_flag = read_decoding(request_, decoding_)) return *wrong_flag;
  return wrong ? Outcome(*wrong) : answer(response);
}

std::shared_ptr<const KeptAnswer> Sending::recall() const { return client_.cache_.find(key_text_); }

bool Sending::is_fresh(const KeptAnswer& kept) const {
  return evaluation_.now_ns < kept.expires_ns;
}

Outcome Sending::ask_or_recall() {
  if (Wrong wrong = read_decoding(request_, decoding_)) return *wrong;
  auto kept = recall();
  if (kept && is_fresh(*kept)) return answer(kept->response);
  Turn turn(client_.cache_, key_text_, evaluation_.is_stopped);
  kept = recall();  // who had the turn before may have been given an answer
  if (kept && is_fresh(*kept)) return answer(kept->response);
  if (kept) {
    if (std::optional<Outcome> outcome = revalidate(*kept)) return *outcome;
  }
  Response response;
  if (Wrong wrong = ask(request_, {}, response)) return *wrong;
  keep(response);  // what cannot be kept is an answer nevertheless
  return answer(response);
}

/// Has the server say whether an old answer still holds; nothing if it has to be asked anew.
std::optional<Outcome> Sending::revalidate(const KeptAnswer& kept) {
  std::string tag(first_value(kept.response.headers, "etag"));
  std::string modified(first_value(kept.response.headers, "last-modified"));
  std::map<std::string, std::string> conditions;
  if (!tag.empty()) conditions["If-None-Match"] = tag;
  if (!modified.empty()) conditions["If-Modified-Since"] = modified;
  Response response;
  Wrong wrong;
  if (!conditions.empty()) wrong = ask(key_, conditions, response);
  client_.cache_.erase(key_text_);
  if (conditions.empty()) return std::nullopt;
  bool in_body = wrong && wrong->in_body;
  if (wrong && !in_body) return *wrong;
  if (response.status_code == 304) {
    wrong = renew(kept, response.headers, response);
  } else if (response.status_code != 200) {
    return std::nullopt;
  } else if (in_body) {
    wrong->reason = Reason::plain;
  } else {
    wrong = keep(response);
  }
  return wrong ? Outcome(*wrong) : answer(response);
}

Expiry Sending::expiry(const Headers& headers) const {
  if (keeping_.forced_seconds > 0) return later(evaluation_.now_ns, keeping_.forced_seconds);
  return expiry_of(headers);
}

/// Keeps a response if it may be kept.
Wrong Sending::keep(const Response& response) {
  bool may = keeping_.forced_seconds > 0 || may_store(response.headers);
  if (!may || !is_cacheable(response.status_code) || !has_caching_mode(key_)) return std::nullopt;
  Expiry expires = expiry(response.headers);
  if (auto* wrong = std::get_if<std::string>(&expires)) return Failure{Reason::plain, *wrong};
  client_.cache_.insert(key_text_, {response, std::get<std::int64_t>(expires)});
  return std::nullopt;
}

/// Takes over the headers of a 304 response.
Wrong Sending::renew(KeptAnswer kept, Headers news, Response& out) {
  for (const auto& [name, values] : news) kept.response.headers[name] = values;
  Expiry expires = expiry(news);
  if (auto* wrong = std::get_if<std::string>(&expires)) return Failure{Reason::plain, *wrong};
  kept.expires_ns = std::get<std::int64_t>(expires);
  out = kept.response;
  client_.cache_.insert(key_text_, std::move(kept));
  return std::nullopt;
}

Outcome Client::send(const Value& request, const Evaluation& evaluation) {
  return Sending(*this, request, evaluation).run();
}

std::optional<bool> raises_error(const Value& request) {
  Value value = lookup(request, "raise_error");
  if (value.is_undefined()) return true;
  if (!value.is(Kind::boolean)) return std::nullopt;
  return value.as_boolean();
}

}  // namespace lictor::http
