// A request with its redirects and retries, as Go's http.Client and OPA do them. In: a Request.
// Out: the final response, or a Failure. Source: Go's net/http/client.go (1.27); OPA
// v1/topdown/http.go, executeHTTPRequest.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "exchange.hpp"
#include "failure.hpp"
#include "request.hpp"

namespace lictor::http {

class RoundTrips {
 public:
  RoundTrips(Connections& connections, const Options& options,
             const std::function<bool()>& is_stopped)
      : connections_(connections), options_(options), is_stopped_(is_stopped) {}

  /// `more` headers go in the place of the request's. Tries `retries` times more if there is no
  /// response.
  std::optional<Failure> run(const Request& request, std::int64_t retries,
                             const std::map<std::string, std::string>& more, Response& out);

 private:
  std::optional<Failure> attempt(const Request& request, const Message& first, Response& out);
  bool wait(std::int64_t attempt) const;

  Connections& connections_;
  const Options& options_;
  const std::function<bool()>& is_stopped_;
};

}  // namespace lictor::http
