// Seed → program. The same seed gives the same program on every machine.
#pragma once

#include <cstdint>

#include "node.hpp"

namespace lictor::differential {

struct Form {
  bool wide = false;  // many rules for each document, most of which begin with a test that an index
                      // of rules may use
  bool plain = false;  // one module without unusual names and forms
};

Program generate(std::uint64_t seed, const Form& form = {});

}  // namespace lictor::differential
