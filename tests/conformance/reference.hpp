// A running oracle (tests/conformance/cmd/oracle), asked a line of JSON at a time through pipes.
#pragma once

#include <sys/types.h>
#include <cstdio>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lictor::tests {

class Reference {
 public:
  explicit Reference(std::string binary, std::vector<std::string> arguments = {});
  ~Reference() { stop(); }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  bool started() const { return child_ > 0; }
  /// The answer to a request, or null if the oracle stopped over it; the next one gets a new one.
  nlohmann::json ask(const std::string& request);

 private:
  void start();
  void stop();

  std::string binary_;
  std::vector<std::string> arguments_;
  pid_t child_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace lictor::tests
