// How long an answer may be kept. In: a response's status and headers. Out: the time at which it
// must be asked for again. Source: OPA v1/topdown/http.go, expiryFromHeaders.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "headers.hpp"

namespace lictor::http {

/// Nanoseconds since 1970, or what is wrong with the headers.
using Expiry = std::variant<std::int64_t, std::string>;

/// Of an answer that says nothing about it: long ago.
constexpr std::int64_t no_expiry = std::numeric_limits<std::int64_t>::min();

/// The statuses that a cache may keep by default (RFC 9110, 15.1).
bool is_cacheable(int status_code);
/// False if Cache-Control forbids to keep the answer.
bool may_store(const Headers& headers);
Expiry expiry_of(const Headers& headers);
/// `seconds` after a time; as late as can be if that is too late.
std::int64_t later(std::int64_t time_ns, std::int64_t seconds);

}  // namespace lictor::http
