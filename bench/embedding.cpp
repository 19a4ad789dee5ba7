// What an embedding program pays beside decisions from text: a function of the host against a
// builtin that does the same, and an input that ends in an error against one that does not. Prints
// JSON: {question: {ours, beside, ratio}}, nanoseconds a decision, medians of turns taken by turns.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"
#include "timing.hpp"

namespace {

using lictor::Evaluator;
using lictor::Value;
using lictor::bench::clock;

lictor::Policy compiled(const std::string& module) {
  lictor::Engine engine;
  auto refused = engine.add_function(
      {"acme.and", "(x: number, y: number) => z: number", [](lictor::HostCall& call) {
         auto x = lictor::integer_of(call[0]), y = lictor::integer_of(call[1]);
         return x && y ? Value::integer(*x & *y) : call.fail("whole numbers only");
       }});
  if (!refused) engine.add_module("bench.rego", "package bench\n" + module);
  auto policy = engine.compile("data.bench.p");
  if (refused || !policy) std::abort();
  return *policy;
}

/// Decides each input; `wanted`: whether it has an answer.
double turn(Evaluator& evaluator, const std::vector<std::string>& inputs, bool wanted) {
  std::string out;
  clock::time_point start = clock::now();
  for (const std::string& input : inputs) {
    if ((evaluator.decide(input, out) == nullptr) != wanted) std::abort();
  }
  return lictor::bench::since(start) / static_cast<double>(inputs.size());
}

struct Side {
  Evaluator evaluator;
  std::vector<std::string> inputs;
  bool has_answer = true;
  std::vector<double> times = {};
};

void compare(const char* question, Side ours, Side beside, const char* end) {
  for (int i = 0; i < 41; ++i) {
    for (Side* side : {&ours, &beside})
      side->times.push_back(turn(side->evaluator, side->inputs, side->has_answer));
  }
  double a = lictor::bench::median(ours.times), b = lictor::bench::median(beside.times);
  std::printf(" \"%s\": {\"ours\": %f, \"beside\": %f, \"ratio\": %f}%s\n", question, a, b, a / b,
              end);
}

/// Arrays of sixteen numbers, other ones in each.
std::vector<std::string> arrays() {
  std::vector<std::string> out;
  for (int i = 0; i < 256; ++i) {
    std::string text = "[";
    for (int k = 0; k < 16; ++k) text += (k == 0 ? "" : ",") + std::to_string(i * 37 + k * 11);
    out.push_back(text + "]");
  }
  return out;
}

std::vector<std::string> users(const std::string& second_role) {
  std::vector<std::string> out;
  for (int i = 0; i < 256; ++i)
    out.push_back(R"({"user": "u)" + std::to_string(i) + R"(", "roles": ["reader", ")" +
                  second_role + "\"]}");
  return out;
}

}  // namespace

int main() {
  compiled("p := 1");
  auto with = [](const char* function) {
    std::string name = function;
    return Evaluator(compiled("p := [y | some x in input; y := " + name + "(x, 63)]"));
  };
  const std::string tiers =
      "p := tiers[role] if some role in input.roles\ntiers := {\"reader\": 1, \"auditor\": 1, "
      "\"admin\": 3}";
  std::puts("{");
  compare("host_function", {with("acme.and"), arrays()}, {with("bits.and"), arrays()}, ",");
  compare("error", {Evaluator(compiled(tiers)), users("admin"), false},
          {Evaluator(compiled(tiers)), users("auditor")}, "");
  std::puts("}");
}
