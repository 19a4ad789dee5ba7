// How long does a decision take for the three policies, beside hand-written code? Request text to
// decision text, and from requests that have been read: a lictor::Input, and plain fields.
//   bench_decisions                     prints JSON: {policy: {lictor, handwritten, ratio, tree,
//                                       tree_ratio, read, read_handwritten, read_ratio}}
//   bench_decisions --alone             lictor's figures alone, as those of other engines are taken
//   bench_decisions --check             compares the answers on every input, as each run does first
//   bench_decisions --write-inputs DIR  writes the inputs, a JSON document a line, and the answers
//
// All take turns, some hundred times on all inputs: the machine's moods, which last longer than a
// turn, meet them all. Figures are medians over the turns, in nanoseconds; a ratio is that of a
// turn. `handwritten` reads by simdjson On-Demand and `tree`, its ratio to that, by its DOM.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "handwritten.hpp"
#include "lictor/lictor.hpp"
#include "timing.hpp"

namespace {

using lictor::bench::median;
using lictor::bench::PolicyName;

constexpr std::size_t input_count = 512;
constexpr int turns = 301;

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
  const lictor::Policy compiled = compile(policy);
  lictor::Evaluator evaluator(compiled);
  lictor::bench::Handwritten handwritten;
  std::size_t allowed = 0;
  std::string ours, theirs;
  auto same = [&](const std::string& input, const lictor::Error* error) {
    if (!error && ours == theirs) return;
    std::fprintf(stderr,
                 "%s: the answers differ\n  input       %s\n  lictor      %s\n  handwritten %s\n",
                 name_of(policy), input.c_str(), error ? error->summary().c_str() : ours.c_str(),
                 theirs.c_str());
    std::exit(1);
  };
  for (const std::string& input : make_inputs(policy, input_count)) {
    const lictor::Error* error = evaluator.decide(input, ours);
    handwritten.decide(policy, input, theirs);
    same(input, error);
    handwritten.decide_by_tree(policy, input, theirs);
    same(input, error);
    error = evaluator.decide(*compiled.read(input), ours);
    handwritten.decide(lictor::bench::ReadRequest(policy, input), theirs);
    same(input, error);
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
template <typename Input, typename Decide>
double turn(const std::vector<Input>& inputs, Decide decide) {
  auto start = lictor::bench::clock::now();
  for (const Input& input : inputs) decide(input);
  return lictor::bench::since(start) / static_cast<double>(inputs.size());
}

std::string figure_alone(PolicyName policy) {
  std::vector<std::string> inputs = make_inputs(policy, input_count);
  const lictor::Policy compiled = compile(policy);
  lictor::Evaluator evaluator(compiled);
  std::string out;
  std::vector<double> times;
  for (int i = 0; i < turns; ++i)
    times.push_back(turn(inputs, [&](auto& one) { evaluator.decide(one, out); }));
  return "{\"lictor\": " + std::to_string(median(std::move(times))) + "}";
}

std::string figures_of(PolicyName policy) {
  std::vector<std::string> inputs = make_inputs(policy, input_count);
  const lictor::Policy compiled = compile(policy);
  std::vector<lictor::Input> read;
  std::vector<lictor::bench::ReadRequest> fields;
  for (const std::string& input : inputs) {
    read.push_back(*compiled.read(input));
    fields.emplace_back(policy, input);
  }
  lictor::Evaluator evaluator(compiled);
  lictor::bench::Handwritten handwritten;
  std::string out;
  std::map<std::string, std::vector<double>> times;
  auto take = [&](const char* name, double ns) { times[name].push_back(ns); };
  auto compare = [&](const char* ratio, const char* a, const char* b) {
    take(ratio, times[a].back() / times[b].back());
  };
  for (int i = 0; i < turns; ++i) {
    take("handwritten", turn(inputs, [&](auto& one) { handwritten.decide(policy, one, out); }));
    take("lictor", turn(inputs, [&](auto& one) { evaluator.decide(one, out); }));
    take("tree", turn(inputs, [&](auto& one) { handwritten.decide_by_tree(policy, one, out); }));
    take("read_handwritten", turn(fields, [&](auto& one) { handwritten.decide(one, out); }));
    take("read", turn(read, [&](auto& one) { evaluator.decide(one, out); }));
    compare("ratio", "lictor", "handwritten");
    compare("tree_ratio", "tree", "handwritten");
    compare("read_ratio", "read", "read_handwritten");
  }
  std::string json;
  for (const auto& [name, all] : times)
    json += (json.empty() ? "{\"" : ", \"") + name + "\": " + std::to_string(median(all));
  return json + "}";
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
  bool alone = argc > 1 && std::strcmp(argv[1], "--alone") == 0;
  std::string out;
  for (PolicyName policy : lictor::bench::all_policies)
    out += (out.empty() ? "{\n \"" : ",\n \"") + std::string(name_of(policy)) +
           "\": " + (alone ? figure_alone(policy) : figures_of(policy));
  std::printf("%s\n}\n", out.c_str());
}
