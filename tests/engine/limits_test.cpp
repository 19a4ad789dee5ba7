// Hostile policies: what is too large for the compiler is an error that names its limit, and never
// a crash; what runs long in a builtin stops when it is cancelled or past its deadline.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

#include "lictor/lictor.hpp"

namespace {

using lictor::Engine;

std::string repeated(std::size_t count, const std::function<std::string(std::size_t)>& part) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part(i);
  return out;
}

std::string numbered(std::size_t count, const std::string& before, const std::string& after) {
  return repeated(count, [&](std::size_t i) { return before + std::to_string(i) + after; });
}

struct Hostile {
  const char* name;
  std::function<std::string(std::size_t)> module;
  const char* message;
  bool small_is_fine = true;
};

std::string body(const std::string& lines) { return "package p\nx if {\n" + lines + "}\n"; }

const Hostile hostile[] = {
    {"parts of a package", [](std::size_t n) { return "package p" + numbered(n, ".a", "") + "\n"; },
     "reference is too long"},
    {"parts of a head",
     [](std::size_t n) { return "package p\nx" + numbered(n, ".a", "") + " := 1\n"; },
     "reference is too long"},
    {"parts of a reference",
     [](std::size_t n) { return "package p\nx := input" + numbered(n, ".a", "") + "\n"; },
     "reference is too long"},
    {"wildcards", [](std::size_t n) { return body("input" + numbered(n, "[v", "]") + "\n"); },
     "reference is too long"},
    {"parts of an import",
     [](std::size_t n) { return "package p\nimport data" + numbered(n, ".a", "") + "\n"; },
     "reference is too long"},
    {"lines", [](std::size_t n) { return body(numbered(n, "input.a", "\n")); }, "rule is too long"},
    {"negated lines", [](std::size_t n) { return body(numbered(n, "not input.a", "\n")); },
     "rule is too long"},
    {"assignments", [](std::size_t n) { return body(numbered(n, "v", " := input.a\n")); },
     "rule is too long"},
    {"membership", [](std::size_t n) { return body(numbered(n, "some v", " in input\n")); },
     "rule is too long"},
    {"declarations", [](std::size_t n) { return body("some z" + numbered(n, ", v", "") + "\n"); },
     "rule is too long", false},
    {"comprehensions",
     [](std::size_t n) { return body(numbered(n, "v", " := [y | y := input.a[_]]\n")); },
     "rule is too long"},
    {"expressions of a comprehension",
     [](std::size_t n) {
       return "package p\nx := [1 | input.b" + numbered(n, "; input.a", "") + "]\n";
     },
     "rule is too long"},
    {"else-clauses",
     [](std::size_t n) {
       return "package p\nx := 1 if input.a" + numbered(n, "\nelse := 2 if input.b", "") + "\n";
     },
     "rule is too long"},
    {"modifiers",
     [](std::size_t n) { return body("input.a" + numbered(n, " with input.b as ", "") + "\n"); },
     "expression is too long"},
    {"parameters",
     [](std::size_t n) { return "package p\nf(z" + numbered(n, ", a", "") + ") := 1\n"; },
     "function has too many parameters"},
    {"arguments",
     [](std::size_t n) { return "package p\nx := f(z" + numbered(n, ", ", "") + ")\n"; },
     "call has too many arguments", false},
    {"operators",
     [](std::size_t n) {
       return "package p\nx := 1" + repeated(n, [](std::size_t) { return " + 1"; }) + "\n";
     },
     "expression is too long"},
};

lictor::Errors check(std::string module) {
  Engine engine;
  engine.add_module("test.rego", std::move(module));
  return engine.check();
}

TEST(Limits, refuse_what_is_too_large_to_compile) {
  for (const Hostile& row : hostile) {
    if (row.small_is_fine) {
      lictor::Errors errors = check(row.module(100));
      EXPECT_TRUE(errors.empty()) << row.name << ": " << errors.front().message;
    }
    for (std::size_t size : {2'000u, 20'000u}) {
      lictor::Errors errors = check(row.module(size));
      ASSERT_FALSE(errors.empty()) << row.name << " of " << size;
      EXPECT_EQ(errors.front().message, row.message) << row.name << " of " << size;
      EXPECT_FALSE(errors.front().hint.empty()) << row.name;
    }
  }
}

TEST(Limits, refuse_long_queries_and_leave_the_engine_usable) {
  Engine engine;
  auto query = engine.prepare("true" + numbered(20'000, "; v", " = 1"));
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().message, "rule is too long");
  EXPECT_TRUE(engine.prepare("1 + 1"));
}

TEST(Limits, report_ten_of_many_errors) {
  for (const char* rule : {"x# := 1 + \"a\"\n", "default x := 1\ndefault y# := z\n",
                           "x# if v# > 1\n", "x# := nothing(#)\n", "import data.a\n"}) {
    std::string module = "package p\n" + repeated(5'000, [&](std::size_t i) {
                           std::string out;
                           for (char c : std::string(rule))
                             out += c == '#' ? std::to_string(i) : std::string(1, c);
                           return out;
                         });
    lictor::Errors errors = check(std::move(module));
    EXPECT_FALSE(errors.empty()) << rule;
    EXPECT_LE(errors.size(), 11u) << rule;
  }
}

/// Calls that take long, each in one builtin; `input` is an array of 100,000 numbers.
const char* const long_calls[] = {
    "numbers.range(1, 200000)",
    "numbers.range_step(1, 400000, 2)",
    "sum(input)",
    "product(input)",
    "max(input)",
    "min(input)",
    "sort(input)",
    "count([1 | walk(input, _)])",
    "net.cidr_expand(\"10.0.0.0/15\")",
    "regex.find_n(\"1\", concat(\",\", [format_int(x, 10) | some x in input]), -1)",
    "graph.reachable({x: [x + 1] | some x in input}, [1])",
    "graph.reachable_paths({x: [x + 1, x + 2] | x := numbers.range(1, 40)[_]}, [1])",
    "count(union({{y | some y in input}, {[y] | some y in input}}))",
};

std::string many_numbers() { return "[" + numbered(100'000, "1", ",") + "0]"; }

lictor::Evaluator evaluator_of(const std::string& call, std::chrono::nanoseconds time = {}) {
  lictor::EngineOptions options;
  options.limits.time = time;
  options.optimize = false;
  Engine engine(options);
  engine.add_module("test.rego",
                    "package p\nx := " + call + " if is_array(input)\nx := 1 if input == 1\n");
  auto policy = engine.compile("p/x");
  if (!policy) throw std::runtime_error(call + ": " + policy.error().message);
  return lictor::Evaluator(*policy);
}

TEST(Limits, cancel_what_runs_in_a_builtin) {
  std::string input = many_numbers();
  for (const char* call : long_calls) {
    lictor::Evaluator evaluator = evaluator_of(call);
    std::function<bool()> cancelled = [] { return true; };
    evaluator.set_cancel(&cancelled);
    std::string out;
    const lictor::Error* error = evaluator.decide(input, out);
    ASSERT_NE(error, nullptr) << call;
    EXPECT_EQ(error->code, lictor::ErrorCode::eval_cancel) << call << ": " << error->message;
    EXPECT_EQ(error->message, "caller cancelled query execution") << call;
    evaluator.set_cancel(nullptr);
    EXPECT_EQ(evaluator.decide("1", out), nullptr) << call;
    EXPECT_EQ(out, "1") << call;
  }
}

TEST(Limits, stop_what_runs_in_a_builtin_at_the_deadline) {
  std::string input = many_numbers();
  for (const char* call : long_calls) {
    lictor::Evaluator evaluator = evaluator_of(call, std::chrono::nanoseconds(1));
    std::string out;
    const lictor::Error* error = evaluator.decide(input, out);
    ASSERT_NE(error, nullptr) << call;
    EXPECT_EQ(error->code, lictor::ErrorCode::eval_cancel) << call << ": " << error->message;
    EXPECT_EQ(error->message, "context deadline exceeded") << call;
  }
}

}  // namespace
