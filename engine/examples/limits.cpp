// How is a decision kept within bounds? By limits and a cancellation; the evaluator goes on after.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "lictor/lictor.hpp"

int main() {
  lictor::Engine engine;
  engine.add_module("slow.rego", R"(package slow
    odd := count([i | some i in numbers.range(1, input); not is_sum(i)])
    is_sum(n) if { some i in numbers.range(1, n); some j in numbers.range(1, n); i + j > 2 * n })");
  lictor::Result<lictor::Policy> policy = engine.compile("data.slow.odd");
  if (!policy) return std::fputs(policy.error().render().c_str(), stderr), 1;

  lictor::Evaluator evaluator(*policy);
  auto show = [&](const char* input) {
    std::string out;
    const lictor::Error* error = evaluator.decide(input, out);
    std::printf("%s: %s\n", input, error ? lictor::code_name(error->code) : out.c_str());
  };

  lictor::Limits limits;
  limits.time = std::chrono::milliseconds(50);
  limits.memory_bytes = std::size_t{256} << 20;
  evaluator.set_limits(limits);
  show("10");
  show("10000");  // some 10^12 steps

  std::atomic<bool> shutting_down = true;  // set by another thread, as a rule
  std::function<bool()> is_cancelled = [&] { return shutting_down.load(); };
  evaluator.set_limits({});
  evaluator.set_cancel(&is_cancelled);
  show("10000");
  shutting_down = false;
  show("20");
}
