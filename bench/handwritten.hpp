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

/// A request as plain fields.
class ReadRequest {
 public:
  ReadRequest(PolicyName policy, std::string_view request);
  ReadRequest(ReadRequest&&) noexcept;
  ~ReadRequest();

 private:
  friend class Handwritten;
  struct Fields;
  std::unique_ptr<Fields> fields_;
};

class Handwritten {
 public:
  Handwritten();
  ~Handwritten();
  /// Decides one request, read by simdjson On-Demand.
  void decide(PolicyName policy, std::string_view request, std::string& out);
  /// The same by simdjson's document tree.
  void decide_by_tree(PolicyName policy, std::string_view request, std::string& out);
  /// The same from fields that have been read.
  void decide(const ReadRequest& request, std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lictor::bench
