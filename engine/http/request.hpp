// What a policy asks for. In: the operand of http.send. Out: a Request, or OPA's words for what is
// wrong with it. Source: OPA v1/topdown/http.go, createHTTPRequest.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/uri.hpp"
#include "failure.hpp"
#include "lictor/http.hpp"
#include "lictor/value.hpp"
#include "tls.hpp"

namespace lictor::http {

struct Request {
  std::string method;  // in capitals
  Uri url;
  std::optional<std::string> body;
  std::map<std::string, std::string> headers;  // by canonical name
  std::optional<std::string> socket;           // a Unix domain socket in place of the URL's host
  std::shared_ptr<const Tls> tls;              // null: what the system trusts
  bool follows_redirects = false;
  std::chrono::nanoseconds timeout{0};  // 0 and less: none
};

/// Checks the names of an object's keys.
std::optional<Failure> check_keys(const Value& object);

std::optional<Failure> read_request(const Value& object, const Options& options, Request& out);

/// The error for a host that may not be asked, or for a URL that is none.
std::optional<std::string> refusal(const Options& options, const std::string& url);

/// A boolean member; false if it is missing.
std::optional<Failure> read_boolean(const Value& object, std::string_view key, bool& out);

/// `max_retry_attempts`.
std::optional<Failure> read_retries(const Value& object, std::int64_t& out);

}  // namespace lictor::http
