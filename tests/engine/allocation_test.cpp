// In the steady state, a decision allocates nothing from the heap: the three policies on many
// inputs.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>

#include "lictor/lictor.hpp"
#include "requests.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// The whole test program counts; what counts is the difference around the decisions.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

TEST(Allocations, are_zero_for_a_decision_in_the_steady_state) {
  for (lictor::bench::PolicyName name : lictor::bench::all_policies) {
    std::string path = std::string(LICTOR_SOURCE) + "/policies/orchestrator/" +
                       lictor::bench::name_of(name) + ".rego";
    std::ifstream file(path);
    lictor::Engine engine;
    engine.add_module(path, std::string(std::istreambuf_iterator<char>(file), {}));
    auto policy = engine.compile("neuralhive/orchestrator/" +
                                 std::string(lictor::bench::name_of(name)) + "/result");
    ASSERT_TRUE(policy) << policy.error().render();
    lictor::Evaluator evaluator(*policy);
    std::vector<std::string> inputs = make_inputs(name, 512);
    std::string out;
    for (int warm = 0; warm < 2; ++warm) {
      for (const std::string& input : inputs) ASSERT_EQ(evaluator.decide(input, out), nullptr);
    }
    std::size_t before = allocations;
    for (const std::string& input : inputs) evaluator.decide(input, out);
    EXPECT_EQ(allocations - before, 0u) << lictor::bench::name_of(name);
  }
}

TEST(Allocations, are_zero_for_native_inputs_and_host_functions) {
  lictor::Engine engine;
  auto refused = engine.add_function(
      {"acme.pair", "(x: number, y: number) => z: array[number]",
       [](lictor::HostCall& call) { return call.make().array(call.arguments()); },
       lictor::Volatility::stable});
  ASSERT_FALSE(refused);
  engine.add_module("a.rego", "package a\np := [acme.pair(x, 1) | some x in input.xs]");
  lictor::Evaluator evaluator(*engine.compile("a/p"));
  lictor::Builder builder;
  std::string out;
  std::size_t before = 0;
  for (int i = 0; i < 100; ++i) {
    if (i == 10) before = allocations;
    builder.clear();
    lictor::Value xs[] = {lictor::Value::integer(i), lictor::Value::integer(2)};
    lictor::Member input[] = {{lictor::Value::string("xs"), builder.array(xs)}};
    ASSERT_EQ(evaluator.decide(builder.object(input), out), nullptr);
  }
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(out, "[[99,1],[2,1]]");
}

}  // namespace
