// A policy that sends its input as a request: what http.send returns for it, or its error.
#pragma once

#include <optional>
#include <string>

#include "lictor/http.hpp"
#include "lictor/lictor.hpp"

namespace lictor::tests {

inline constexpr const char* send_module = "package t\n\np := http.send(input)\n";

class Asker {
 public:
  explicit Asker(http::Options options = {}, Limits limits = {})
      : Asker(http::send(std::move(options)), limits) {}
  explicit Asker(const HostFunction& send, Limits limits = {}) : policy_(compiled(send, limits)) {}

  /// The answer as JSON, or "CODE: MESSAGE".
  std::string operator()(const std::string& request) const {
    auto decision = policy_.eval(request);
    if (decision) return decision->to_json();
    return std::string(code_name(decision.error().code)) + ": " + decision.error().message;
  }
  const Policy& policy() const { return policy_; }

 private:
  static Policy compiled(const HostFunction& send, Limits limits) {
    EngineOptions options;
    options.strict_builtin_errors = true;
    options.limits = limits;
    Engine engine(options);
    engine.add_function(send);
    engine.add_module("t.rego", send_module);
    return std::move(engine.compile("data.t.p")).value();
  }

  Policy policy_;
};

}  // namespace lictor::tests
