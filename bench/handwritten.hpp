// The three policies as a programmer would write them by hand for speed: C++ with simdjson
// On-Demand, request text to decision text. The yardstick of the benchmarks; checked equal to the
// engine's answers before anything is timed. It knows the types that its fields have: unlike the
// policies, it decides no input of other types.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "requests.hpp"

namespace lictor::bench {

class Handwritten {
 public:
  Handwritten();
  ~Handwritten();
  /// Decides one request; `padded` is followed by simdjson's padding.
  void decide(PolicyName policy, std::string_view request, std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lictor::bench
