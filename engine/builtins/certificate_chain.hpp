// Chains of certificates up to a root. In: certificates and what they are to be good for. Out: the
// first chain that Go's crypto/x509 finds. Source: Go's crypto/x509, verify.go and constraints.go
// (1.27).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "builtins/certificates.hpp"

namespace lictor::builtins {

struct ChainOptions {
  std::string dns_name;                  // "" : any
  std::optional<std::int64_t> now_ns;    // nothing: the clock's time
  std::vector<int> extended_key_usages;  // none: server authentication
};

/// A chain from the last certificate to the first one, which is the root, through those between
/// them; empty if there is none.
std::vector<const Certificate*> find_chain(std::span<const Certificate> certificates,
                                           const ChainOptions& options);

/// True if names in the chain are what the certificates above them permit.
bool satisfies_name_constraints(const std::vector<const Certificate*>& chain);
bool satisfies_policies(const std::vector<const Certificate*>& chain);

}  // namespace lictor::builtins
