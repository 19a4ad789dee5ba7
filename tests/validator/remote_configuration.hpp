// What the tests of a client of one server on loopback start from. In: its port. Out: a
// configuration that asks it alone, once, and soon gives up.
#pragma once

#include "lictor/validator/configuration.hpp"

namespace lictor::tests {

inline validator::Configuration remote_configuration(std::uint16_t port) {
  validator::Configuration out;
  out.mode = validator::Mode::remote;
  out.host = "127.0.0.1";
  out.port = port;
  out.attempts = 1;
  out.first_backoff = std::chrono::milliseconds(1);
  out.attempt_timeout = std::chrono::milliseconds(300);
  out.policies = LICTOR_SOURCE "/policies/orchestrator";
  out.reload = std::chrono::milliseconds(0);
  return out;
}

}  // namespace lictor::tests
