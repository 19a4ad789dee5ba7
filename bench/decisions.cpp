// How long does a decision take, request text to decision text, for the three policies, beside
// hand-written code?
//   bench_decisions                     prints JSON: {policy: {lictor, handwritten, ratio}}
//   bench_decisions --check             compares the answers on every input, as each run does first
//   bench_decisions --write-inputs DIR  writes the inputs, a JSON document a line, and the answers
//
// The two take turns, some hundred times on all inputs: the machine's moods, which last longer than
// a turn, meet both. Figures are medians over the turns, in nanoseconds; `ratio` is that of a turn.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "handwritten.hpp"
#include "lictor/lictor.hpp"
#include "timing.hpp"

namespace {

using lictor::bench::median;
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
  std::fprintf(stderr, "%s: %zu inputs agree, %zu of them allowed\n", name_of(policy), input_count,
               allowed);
}

/// Nanoseconds a decision on all inputs in turn.
template <typename Decide>
double turn(const std::vector<std::string>& inputs, Decide decide) {
  auto start = lictor::bench::clock::now();
  for (const std::string& input : inputs) decide(input);
  return lictor::bench::since(start) / static_cast<double>(inputs.size());
}

std::string figures_of(PolicyName policy) {
  constexpr int turns = 301;
  std::vector<std::string> inputs = make_inputs(policy, input_count);
  lictor::Evaluator evaluator(compile(policy));
  lictor::bench::Handwritten handwritten;
  std::string out;
  std::vector<double> ours, theirs, ratios;
  for (int i = 0; i < turns; ++i) {
    theirs.push_back(
        turn(inputs, [&](const std::string& input) { handwritten.decide(policy, input, out); }));
    ours.push_back(turn(inputs, [&](const std::string& input) { evaluator.decide(input, out); }));
    ratios.push_back(ours.back() / theirs.back());
  }
  return "{\"lictor\": " + std::to_string(median(ours)) +
         ", \"handwritten\": " + std::to_string(median(theirs)) +
         ", \"ratio\": " + std::to_string(median(ratios)) + "}";
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
  std::string out;
  for (PolicyName policy : lictor::bench::all_policies)
    out += (out.empty() ? "{\n \"" : ",\n \"") + std::string(name_of(policy)) +
           "\": " + figures_of(policy);
  std::printf("%s\n}\n", out.c_str());
}
