// The three policies as a programmer would write them by hand for speed: C++ with simdjson, its
// On-Demand reader or its DOM, request text to decision text. The yardstick of the benchmarks;
// checked equal to the engine's answers before anything is timed. It knows the types that its
// fields have: unlike the policies, it decides no input of other types.
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
  enum class Reader : std::uint8_t { on_demand, dom };
  void decide(PolicyName policy, std::string_view request, std::string& out,
              Reader reader = Reader::on_demand);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lictor::bench
