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

/// Requests of which a field has another type or range, or another name, so that it is missing.
std::vector<std::string> make_wrong_inputs(PolicyName policy) {
  std::vector<std::string> out;
  if (policy == PolicyName::feature_flags) return out;
  const std::string request = make_inputs(policy, 1)[0];
  for (const char* field :
       {"timeout_ms", "max_retries", "deadline", "estimated_duration_ms", "total_tickets",
        "max_concurrent_tickets", "current_time", "risk_band"}) {
    std::size_t name = request.find("\"" + std::string(field) + "\":");
    if (name == std::string::npos) continue;
    std::size_t begin = request.find(':', name) + 1, end = request.find_first_of(",}", begin);
    for (const char* value :
         {"null", "true", "\"7\"", "[1]", "{\"a\":1}", "-1", "9007199254740992"}) {
      bool is_band = std::string_view(field) == "risk_band";
      if (!is_band || value[0] != '"')
        out.push_back(request.substr(0, begin) + value + request.substr(end));
    }
    out.push_back(request.substr(0, name + 1) + "x" + request.substr(name + 1));
  }
  for (const char* field : {"sla", "qos", "required_capabilities"}) {
    std::size_t name = request.find("\"" + std::string(field) + "\":");
    if (name == std::string::npos) continue;
    out.push_back(request.substr(0, name) + "\"" + field + "\":7,\"x" + request.substr(name + 1));
    out.push_back(request.substr(0, name) + "\"x" + request.substr(name + 1));
  }
  return out;
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
  for (const std::string& input : make_wrong_inputs(policy)) {
    const lictor::Error* error = evaluator.decide(input, ours);
    handwritten.decide(policy, input, theirs);
    same(input, error);
    handwritten.decide_by_tree(policy, input, theirs);
    same(input, error);
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
