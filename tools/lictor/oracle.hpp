// A real OPA on loopback that is asked for decisions. In: policies and an `opa` binary. Out:
// results as JSON text. The server is stopped when the Oracle is destroyed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lictor/error.hpp"

namespace lictor::cli {

class Oracle {
 public:
  /// Starts `opa run --server` on a free port and waits until it answers.
  static Result<Oracle> start(const std::string& binary, const std::vector<std::string>& policies,
                              bool v0);
  Oracle(Oracle&&) noexcept;
  Oracle& operator=(Oracle&&) noexcept;
  ~Oracle();

  /// Posts an input to /v1/data/PATH; the whole answer, such as {"result": …} or {"code": …}.
  Result<std::string> ask(const std::string& path, const std::string& input);

 private:
  struct Impl;
  explicit Oracle(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lictor::cli
