#include "host_functions.hpp"

#include <tuple>

#include "lictor/capabilities.hpp"
#include "lictor/http.hpp"

namespace lictor::cli {

void add_host_functions(Engine& engine, const EngineOptions& options) {
  http::Options how;
  if (options.capabilities) how.allow_net = options.capabilities->allow_net;
  std::ignore = engine.add_function(http::send(std::move(how)));  // a name that is free
}

}  // namespace lictor::cli
