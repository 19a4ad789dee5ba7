// What a validation uses after its last answer, when the client that gave it may have been
// destroyed. Immutable, shared by the client and the calls.
#pragma once

#include <memory>
#include <vector>

#include "lictor/validator/policy_client.hpp"
#include "local_policies.hpp"
#include "logs.hpp"
#include "process.hpp"

namespace lictor::validator {

struct ClientParts {
  Configuration configuration;
  BySubject<std::vector<ConfiguredPolicy>> policies;
  std::shared_ptr<Metrics> metrics;
  Logs logs;
  ProcessMark process;
};

}  // namespace lictor::validator
