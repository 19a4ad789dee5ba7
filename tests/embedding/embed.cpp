#include <lictor/lictor.hpp>
#include <iostream>

int main() {
  lictor::Engine engine;
  engine.add_module("authz.rego", R"(package authz
    default allow := false
    allow if input.user in data.admins)");
  engine.add_data(R"({"admins": ["alice"]})");

  auto policy = engine.compile("data.authz.allow");  // Result<Policy>: immutable, thread-safe
  if (!policy) { std::cerr << policy.error().render(); return 1; }

  auto decision = policy->eval(R"({"user": "alice"})");  // Result<Decision>
  std::cout << (decision ? decision->to_json() : decision.error().render()) << '\n';
}
