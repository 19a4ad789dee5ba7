// How do many threads share a policy? A Policy is immutable; each thread has an Evaluator.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "lictor/lictor.hpp"

int main() {
  lictor::Engine engine;
  engine.add_module("quota.rego", "package quota\nallow if input.used + input.asked <= 100");
  lictor::Result<lictor::Policy> policy = engine.compile("data.quota.allow");
  if (!policy) return std::fputs(policy.error().render().c_str(), stderr), 1;

  std::vector<int> allowed(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < allowed.size(); ++t) {
    threads.emplace_back([&, t] {
      lictor::Evaluator evaluator(*policy);  // not shared: it reuses its memory
      lictor::Value decision;
      for (int asked = 0; asked < 200; ++asked) {
        std::string input = R"({"used": 40, "asked": )" + std::to_string(asked) + "}";
        const lictor::Error* error = evaluator.decide(input, decision);
        if (error == nullptr && decision.is_true()) ++allowed[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : allowed) std::printf("allowed %d of 200\n", count);
}
