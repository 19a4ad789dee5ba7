// How long does a decision take, request text to decision text, for the three policies, beside
// hand-written code?
// `--check` compares the two answers on every input first; it also runs before anything is timed.
// `--write-inputs DIR` writes the inputs, one JSON document a line, and the answers, for the
// programs that time other engines.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "handwritten.hpp"
#include "lictor/lictor.hpp"

namespace {

using lictor::bench::PolicyName;

constexpr std::size_t input_count = 512;

std::string policy_path(PolicyName policy) {
  return std::string(LICTOR_POLICIES) + "/" + name_of(policy) + ".rego";
}

lictor::Policy compile(PolicyName policy) {
  std::ifstream file(policy_path(policy));
  lictor::Engine engine;
  engine.add_module(policy_path(policy), std::string(std::istreambuf_iterator<char>(file), {}));
  auto out = engine.compile("neuralhive/orchestrator/" + std::string(name_of(policy)) + "/result");
  if (out) return *out;
  std::fprintf(stderr, "%s\n", out.error().render().c_str());
  std::exit(1);
}

/// Exits with a message if the two differ on any input, or if all inputs are allowed or all denied.
void check(PolicyName policy) {
  lictor::Evaluator evaluator(compile(policy));
  lictor::bench::Handwritten handwritten;
  std::size_t allowed = 0;
  std::string ours, theirs;
  for (const std::string& input : make_inputs(policy, input_count)) {
    const lictor::Error* error = evaluator.decide(input, ours);
    handwritten.decide(policy, input, theirs);
    if (error || ours != theirs) {
      std::fprintf(stderr,
                   "%s: the answers differ\n  input       %s\n  lictor      %s\n  handwritten %s\n",
                   name_of(policy), input.c_str(), error ? error->summary().c_str() : ours.c_str(),
                   theirs.c_str());
      std::exit(1);
    }
    allowed += ours.find("true") != std::string::npos;
  }
  if (allowed == 0 || allowed == input_count) {
    std::fprintf(stderr, "%s: the inputs do not vary\n", name_of(policy));
    std::exit(1);
  }
  std::printf("%s: %zu inputs agree, %zu of them allowed\n", name_of(policy), input_count, allowed);
}

template <typename Decide>
void run(benchmark::State& state, PolicyName policy, Decide decide) {
  std::vector<std::string> inputs = make_inputs(policy, input_count);
  std::string out;
  std::size_t i = 0;
  for (auto _ : state) {
    decide(inputs[i], out);
    benchmark::DoNotOptimize(out.data());
    i = i + 1 == inputs.size() ? 0 : i + 1;
  }
}

void lictor_decides(benchmark::State& state, PolicyName policy) {
  lictor::Evaluator evaluator(compile(policy));
  run(state, policy,
      [&](const std::string& input, std::string& out) { evaluator.decide(input, out); });
}

void handwritten_decides(benchmark::State& state, PolicyName policy) {
  lictor::bench::Handwritten handwritten;
  run(state, policy,
      [&](const std::string& input, std::string& out) { handwritten.decide(policy, input, out); });
}

void write_inputs(const std::string& folder) {
  for (PolicyName policy : lictor::bench::all_policies) {
    std::string base = folder + "/" + name_of(policy), answer;
    std::ofstream inputs(base + ".ndjson"), answers(base + ".answers.ndjson");
    lictor::bench::Handwritten handwritten;
    for (const std::string& input : make_inputs(policy, input_count)) {
      handwritten.decide(policy, input, answer);
      inputs << input << "\n";
      answers << answer << "\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--write-inputs") == 0) {
      write_inputs(argv[i + 1]);
      return 0;
    }
  }
  for (PolicyName policy : lictor::bench::all_policies) check(policy);
  if (argc > 1 && std::strcmp(argv[1], "--check") == 0) return 0;
  for (PolicyName policy : lictor::bench::all_policies) {
    std::string name = name_of(policy);
    benchmark::RegisterBenchmark((name + "/lictor").c_str(), lictor_decides, policy);
    benchmark::RegisterBenchmark((name + "/handwritten").c_str(), handwritten_decides, policy);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
