// In the steady state, a decision allocates nothing from the heap: the three policies on many
// inputs. An allocation that fails is an error of what needed it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>
#include <tuple>

#include "lictor/lictor.hpp"
#include "requests.hpp"

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> until_failure{0};  // 0: none fails

}  // namespace

// The whole test program counts; what counts is the difference around the decisions.
void* operator new(std::size_t size) {
  ++allocations;
  if (until_failure != 0 && --until_failure == 0) throw std::bad_alloc();
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

/// Calls `work` with the n-th allocation failing, for every n until it has none left to fail.
/// `work` returns the code of its error, or nothing. Returns how many failed.
template <typename Work>
std::size_t fail_each_allocation(Work work) {
  std::ignore = work([] {});  // libraries make tables at their first use, and take no failure then
  for (std::size_t n = 1;; ++n) {
    std::optional<lictor::ErrorCode> code = work([n] { until_failure = n; });
    bool has_failed = until_failure == 0;
    until_failure = 0;
    if (!has_failed) {
      EXPECT_FALSE(code) << "without a failure";
      return n - 1;
    }
    if (code) {
      EXPECT_EQ(*code, lictor::ErrorCode::limit_memory) << "allocation " << n;
    }
  }
}

constexpr const char* varied_module = R"(package p
import data.roles as r
default allow := false
allow if { some role in input.roles; r[role].allowed; not denied }
denied contains x if { some x in input.ids; x > 3 }
f(a, b) := c if c := a + b
else := "none"
names := {k: v | some k, v in input.names; startswith(v, "a")}
result := {"allow": allow, "n": [f(x, 1) | some x in input.ids], "names": names, "t": $"{allow}!"}
)";
constexpr const char* varied_input =
    R"({"roles": ["a", "b"], "ids": [1, 2, 3], "names": {"x": "ab", "y": "ba"}})";

TEST(Allocations, that_fail_are_errors_of_compiling) {
  std::size_t failed = fail_each_allocation([](auto arm) -> std::optional<lictor::ErrorCode> {
    lictor::Engine engine;
    engine.add_module("p.rego", varied_module);
    engine.add_data(R"({"roles": {"a": {"allowed": true}}})");
    arm();
    auto policy = engine.compile("p/result");
    if (policy) return std::nullopt;
    return policy.error().code;
  });
  EXPECT_GT(failed, 100u);
}

TEST(Allocations, that_fail_are_errors_of_a_decision) {
  lictor::Engine engine;
  engine.add_module("p.rego", varied_module);
  engine.add_data(R"({"roles": {"a": {"allowed": true}}})");
  auto policy = engine.compile("p/result");
  ASSERT_TRUE(policy) << policy.error().render();
  std::size_t failed = fail_each_allocation([&](auto arm) -> std::optional<lictor::ErrorCode> {
    lictor::Evaluator evaluator(*policy);
    lictor::Value out;
    arm();
    const lictor::Error* error = evaluator.decide(varied_input, out);
    if (error == nullptr) return std::nullopt;
    lictor::ErrorCode code = error->code;
    EXPECT_EQ(evaluator.decide(varied_input, out), nullptr) << "once there is memory again";
    return code;
  });
  EXPECT_GT(failed, 0u);
}

}  // namespace
