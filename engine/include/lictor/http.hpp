// http.send as a function of the host: OPA's builtin over libcurl, in a library of its own.
//
//   engine.add_function(lictor::http::send());
//
// Link lictor::http. What send() returns may be added to many engines and called by many threads;
// all copies of it share connections and one inter-query cache. Requests look every 5 ms for the
// evaluation's deadline or cancellation.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lictor/host_function.hpp"

namespace lictor::http {

struct Options {
  /// Hosts that requests may go to, without ports, as `allow_net` of OPA's capabilities; a redirect
  /// to another one is an error. Nothing: any host.
  std::optional<std::vector<std::string>> allow_net;
  /// Answers with more are errors. libcurl takes 100 KiB of one header and 300 KiB of all.
  std::size_t max_header_bytes = std::size_t{256} << 10;
  std::size_t max_body_bytes = std::size_t{64} << 20;
  /// Of the inter-query cache (`cache`, `force_cache`), keys and answers together; the oldest
  /// entries make room for new ones.
  std::size_t max_cache_bytes = std::size_t{100} << 20;
  /// OPA follows redirects until the request's timeout; here they end after so many, too.
  int max_redirects = 1000;
};

/// The function http.send.
HostFunction send(Options options = {});

}  // namespace lictor::http
