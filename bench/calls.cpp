#include "calls.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "lictor/lictor.hpp"
#include "timing.hpp"

namespace lictor::bench {
namespace {

std::string policy_of(const Case& of) {
  return "package scale\n\ndefault allow := false\n\nallow if " + of.rule + "\n";
}

void write(const Case& of, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / of.name);
  std::ofstream(folder / of.name / "policy.rego") << policy_of(of);
  std::ofstream(folder / of.name / "data.json") << of.data;
  std::ofstream texts(folder / of.name / "requests.ndjson");
  for (const std::string& text : of.requests) texts << text << "\n";
}

/// Nanoseconds of a decision; each must be true.
double time_of(const Case& of) {
  constexpr int rounds = 101;
  Engine engine;
  engine.add_module("scale.rego", policy_of(of));
  engine.add_data(of.data);
  auto policy = engine.compile("data.scale.allow");
  if (!policy) fail(policy.error().render());
  Evaluator evaluator(*policy);
  std::string decision;
  for (const std::string& text : of.requests)
    if (evaluator.decide(text, decision) || decision != "true") fail(of.name + " is not allowed");
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    auto start = clock::now();
    for (const std::string& text : of.requests) evaluator.decide(text, decision);
    times.push_back(since(start) / static_cast<double>(of.requests.size()));
  }
  return median(times);
}

}  // namespace

std::string json_text(std::string_view text) { return to_json(Value::string(text)); }

void fail(const std::string& what) {
  std::cerr << "error: " << what << "\n";
  std::exit(1);
}

int run_calls(int argc, char** argv, const std::vector<Case>& cases) {
  bool writes = argc == 3 && argv[1] == std::string("--write");
  if (argc != 1 && !writes) {
    std::cerr << "usage: " << argv[0] << " [--write DIR]\n";
    return 2;
  }
  std::string json;
  for (const Case& one : cases) {
    if (writes)
      write(one, argv[2]);
    else
      json += (json.empty() ? "{\"" : ", \"") + one.name + "\": " + std::to_string(time_of(one));
  }
  if (!writes) std::cout << json << "}\n";
  return 0;
}

}  // namespace lictor::bench
