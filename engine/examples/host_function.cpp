// How does a policy call the host? By a function with a name and a type, which the checker knows.
#include <cstdio>
#include <map>
#include <string>

#include "lictor/lictor.hpp"

int main() {
  const std::map<std::string, std::int64_t, std::less<>> limits = {{"gold", 100}, {"free", 3}};

  lictor::Engine engine;
  auto refused =
      engine.add_function({"acme.limit", "(tier: string) => limit: number",
                           [&](lictor::HostCall& call) {
                             auto found = limits.find(call[0].as_string());
                             if (found == limits.end()) return call.fail("no such tier");
                             return lictor::Value::integer(found->second);
                           },
                           lictor::Volatility::stable});  // once for each tier in a decision
  if (refused) return std::fputs(refused->render().c_str(), stderr), 1;

  engine.add_module("quota.rego", R"(package quota
    default allow := false
    allow if input.cpus <= acme.limit(input.tier))");
  lictor::Result<lictor::Policy> policy = engine.compile("data.quota.allow");
  if (!policy) return std::fputs(policy.error().render().c_str(), stderr), 1;

  for (const char* input : {R"({"tier": "gold", "cpus": 8})", R"({"tier": "free", "cpus": 8})",
                            R"({"tier": "none", "cpus": 1})"}) {
    lictor::Result<lictor::Decision> decision = policy->eval(input);
    std::printf("%s: %s\n", input, decision ? decision->to_json().c_str() : "error");
  }
}
