// What stands around the decisions of a service: starting, compiling, loading data, large requests,
// members in any order, and how threads add up. Prints JSON: {question: {figure: value}}, times in
// nanoseconds.
//   bench_costs LICTOR OPA   the two commands, for the time from their start to a first decision
#include <fcntl.h>
#include <malloc.h>
#include <simdjson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "handwritten.hpp"
#include "lictor/lictor.hpp"
#include "requests.hpp"
#include "timing.hpp"

extern char** environ;

namespace {

using lictor::bench::clock;
using lictor::bench::median;
using lictor::bench::PolicyName;
using lictor::bench::since;
using Figures = std::map<std::string, double>;

template <typename Work>
double median_of(int rounds, Work&& work) {
  std::vector<double> out;
  for (int i = 0; i < rounds; ++i) {
    clock::time_point start = clock::now();
    work();
    out.push_back(since(start));
  }
  return median(std::move(out));
}

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "error: " << what << "\n";
  std::exit(1);
}

std::string file(const std::string& path) {
  std::ifstream in(path);
  if (!in) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string path_of(PolicyName policy) {
  return std::string(LICTOR_POLICIES) + "/" + name_of(policy) + ".rego";
}

std::string entrypoint(PolicyName policy) {
  return "neuralhive/orchestrator/" + std::string(name_of(policy)) + "/result";
}

lictor::Policy compiled(const std::string& module, const std::string& entrypoint,
                        const std::string& data = "") {
  lictor::Engine engine;
  engine.add_module("policy.rego", module);
  if (!data.empty()) engine.add_data(data);
  auto out = engine.compile(entrypoint);
  if (!out) fail(out.error().render());
  return *out;
}

// ---- Compiling

std::string many_rules(std::size_t n) {
  std::string out = "package many\n\ndefault allow := false\n\n";
  for (std::size_t i = 0; i < n; ++i) {
    std::string number = std::to_string(i);
    out += "allow if { input.user == \"u" + number + "\"; input.action == \"read\" }\n\n";
  }
  return out;
}

Figures compiling() {
  Figures out;
  std::map<PolicyName, std::string> texts;
  for (PolicyName policy : lictor::bench::all_policies) texts[policy] = file(path_of(policy));
  out["three policies"] = median_of(15, [&] {
    for (const auto& [policy, text] : texts) compiled(text, entrypoint(policy));
  });
  for (std::size_t n : {1000U, 10000U, 40000U}) {
    std::string text = many_rules(n);
    out[std::to_string(n) + " rules"] =
        median_of(n == 1000 ? 9 : 3, [&] { compiled(text, "many/allow"); });
  }
  return out;
}

// ---- Loading

/// Bytes of the process that are in memory, without what malloc keeps of what was freed.
double resident() {
  ::malloc_trim(0);
  std::ifstream in("/proc/self/statm");
  long all = 0, held = 0;
  in >> all >> held;
  return static_cast<double>(held) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::string bindings(std::size_t n) {
  std::string out = "{\"bindings\": [";
  for (std::size_t i = 0; i < n; ++i)
    out += (i == 0 ? "" : ", ") + ("{\"user\": \"u" + std::to_string(i)) + "\", \"role\": \"r" +
           std::to_string(i % 1000) + "\", \"level\": " + std::to_string(i % 7) + "}";
  return out + "]}";
}

Figures loading() {
  const std::string policy = "package loaded\n\nallow if data.bindings[0].user == input.user\n";
  std::string data = bindings(500'000);
  auto bytes = static_cast<double>(data.size());
  std::vector<double> times;
  double held = 0;
  for (int round = 0; round < 7; ++round) {
    lictor::Engine engine;
    engine.add_module("policy.rego", policy);
    std::string text = data;
    double before = resident() - bytes;  // the text is the engine's from now on
    clock::time_point start = clock::now();
    engine.add_data(std::move(text));
    auto out = engine.compile("loaded/allow");
    if (!out) fail(out.error().render());
    times.push_back(since(start));
    if (round == 0) held = resident() - before;  // later ones get memory that is there already
  }
  return {{"bytes of JSON", bytes},
          {"MB/s", bytes / median(times) * 1e3},
          {"bytes of memory a byte", held / bytes}};
}

// ---- Large requests

/// A request of about `size` bytes of which a policy reads five fields.
std::string large_request(std::size_t size) {
  std::string out = R"({"user":"alice","action":"read","tenant":{"id":7,"tier":"gold"},"items":[)";
  for (std::size_t i = 0; out.size() < size; ++i) {
    out += (i == 0 ? "" : ",") + ("{\"id\":" + std::to_string(i * 7919)) + ",\"name\":\"item " +
           std::to_string(i) + "\",\"tags\":[\"a\",\"b\"],\"price\":12.50,\"active\":true}";
  }
  return out + R"(],"region":"eu"})";
}

Figures large_requests() {
  lictor::Evaluator evaluator(compiled(
      "package large\n\nallow if {\n\tinput.user == \"alice\"\n\tinput.action == \"read\"\n"
      "\tinput.tenant.id == 7\n\tinput.tenant.tier == \"gold\"\n\tinput.region == \"eu\"\n}\n",
      "large/allow"));
  Figures out;
  simdjson::dom::parser parser;
  for (auto [name, size] : {std::pair{"12 KB", 12'000U}, std::pair{"1 MB", 1'000'000U}}) {
    simdjson::padded_string request(large_request(size));
    std::string decision;
    std::vector<double> ours, dom;
    int times = size < 100'000 ? 200 : 3;
    for (int round = 0; round < 25; ++round) {
      clock::time_point start = clock::now();
      for (int i = 0; i < times; ++i) {
        if (evaluator.decide(std::string_view(request), decision) || decision != "true")
          fail("the request is not allowed");
      }
      ours.push_back(since(start) / times);
      start = clock::now();
      for (int i = 0; i < times; ++i) {
        if (parser.parse(request).error()) fail("the request is no JSON");
      }
      dom.push_back(since(start) / times);
    }
    out[name] = median(ours);
    out[std::string(name) + ", simdjson's DOM alone"] = median(dom);
  }
  return out;
}

// ---- The order of members

using Json = nlohmann::ordered_json;

/// The same document with the members of each object in another order.
Json reordered(const Json& value, std::mt19937& random) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& item : value) out.push_back(reordered(item, random));
    return out;
  }
  if (!value.is_object()) return value;
  std::vector<std::string> keys;
  for (const auto& [key, item] : value.items()) keys.push_back(key);
  std::shuffle(keys.begin(), keys.end(), random);
  Json out = Json::object();
  for (const std::string& key : keys) out[key] = reordered(value[key], random);
  return out;
}

/// Requests whose members stand where they stood before, and requests whose members never do.
Figures orders() {
  std::mt19937 random(1);
  std::map<PolicyName, std::vector<std::string>> same, other;
  for (PolicyName policy : lictor::bench::all_policies) {
    for (const std::string& request : make_inputs(policy, 512)) {
      Json parsed = Json::parse(request);
      same[policy].push_back(parsed.dump());
      other[policy].push_back(reordered(parsed, random).dump());
    }
  }
  std::map<std::string, std::vector<double>> times;
  lictor::bench::Handwritten handwritten;
  std::string out;
  auto time = [&](const std::string& name, const auto& requests, auto&& decide) {
    clock::time_point start = clock::now();
    for (const std::string& request : requests) decide(request);
    times[name].push_back(since(start) / static_cast<double>(requests.size()));
  };
  for (PolicyName policy : lictor::bench::all_policies) {
    lictor::Evaluator evaluator(compiled(file(path_of(policy)), entrypoint(policy)));
    auto ours = [&](const std::string& request) { evaluator.decide(request, out); };
    auto theirs = [&](const std::string& request) { handwritten.decide(policy, request, out); };
    for (int round = 0; round < 101; ++round) {
      time("lictor, same order", same[policy], ours);
      time("lictor, other orders", other[policy], ours);
      time("hand-written, same order", same[policy], theirs);
      time("hand-written, other orders", other[policy], theirs);
    }
  }
  Figures figures;
  for (auto& [name, values] : times) figures[name] = median(values);
  return figures;
}

// ---- Threads

/// Decisions a second of as many threads, over all three policies.
double throughput(std::size_t threads) {
  std::map<PolicyName, lictor::Policy> policies;
  std::map<PolicyName, std::vector<std::string>> requests;
  for (PolicyName policy : lictor::bench::all_policies) {
    policies.emplace(policy, compiled(file(path_of(policy)), entrypoint(policy)));
    requests[policy] = make_inputs(policy, 512);
  }
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> decisions = 0;
  auto work = [&] {
    std::vector<std::pair<lictor::Evaluator, const std::vector<std::string>*>> own;
    for (const auto& [name, policy] : policies)
      own.emplace_back(lictor::Evaluator(policy), &requests[name]);
    std::string decision;
    std::uint64_t done = 0;
    while (!stop) {
      for (auto& [evaluator, texts] : own) {
        for (const std::string& text : *texts) evaluator.decide(text, decision);
        done += texts->size();
      }
    }
    decisions += done;
  };
  std::vector<std::thread> all;
  clock::time_point start = clock::now();
  for (std::size_t i = 0; i < threads; ++i) all.emplace_back(work);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  stop = true;
  for (std::thread& thread : all) thread.join();
  return static_cast<double>(decisions) / since(start) * 1e9;
}

Figures threads() {
  std::vector<double> one, two, ratio;
  for (int round = 0; round < 7; ++round) {
    one.push_back(throughput(1));
    two.push_back(throughput(2));
    ratio.push_back(two.back() / one.back());
  }
  return {{"1 thread, decisions/s", median(one)}, {"2 threads, × 1 thread", median(ratio)}};
}

// ---- Starting

/// A command as an installer leaves it: a copy. What a linker has written in many small pieces, the
/// system keeps in small pieces too, and maps more slowly.
std::string installed(const std::string& command) {
  std::filesystem::path copy =
      "build/bench/installed_" + std::filesystem::path(command).filename().string();
  std::filesystem::copy_file(command, copy, std::filesystem::copy_options::overwrite_existing);
  return copy.string();
}

/// Runs a command that evaluates a policy on its sample.
void decide_once(const std::string& command, const std::string& input) {
  std::string policy = std::string(LICTOR_POLICIES) + "/resource_limits.rego";
  std::vector<std::string> words = {command,
                                    "eval",
                                    "-d",
                                    policy,
                                    "-i",
                                    input,
                                    "data.neuralhive.orchestrator.resource_limits.result"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  int status = 1;
  if (posix_spawn(&child, argv[0], &quiet, nullptr, argv.data(), environ) != 0 ||
      ::waitpid(child, &status, 0) != child || status != 0)
    fail("cannot run " + command);
  posix_spawn_file_actions_destroy(&quiet);
}

/// The times from the start of each command to its end, in turn.
Figures starts(const std::string& lictor, const std::string& opa) {
  std::string input = "build/bench/first_request.json";
  std::ofstream(input) << make_inputs(PolicyName::resource_limits, 1)[0];
  std::map<std::string, std::string> commands = {{"lictor eval", installed(lictor)},
                                                 {"opa eval", installed(opa)}};
  std::map<std::string, std::vector<double>> times;
  for (int round = 0; round < 41; ++round) {
    for (const auto& [name, command] : commands) {
      clock::time_point start = clock::now();
      decide_once(command, input);
      times[name].push_back(since(start));
    }
  }
  Figures out;
  for (auto& [name, its] : times) out[name] = median(std::move(its));
  return out;
}

void print(const std::map<std::string, Figures>& questions) {
  std::string out = "{";
  for (const auto& [question, figures] : questions) {
    out += (out.size() == 1 ? "\n" : ",\n") + std::string(" \"") + question + "\": {";
    bool first = true;
    for (const auto& [name, value] : figures) {
      out += std::exchange(first, false) ? "\"" : ", \"";
      out += name + "\": " + std::to_string(value);
    }
    out += "}";
  }
  std::cout << out << "\n}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench_costs LICTOR OPA\n";
    return 2;
  }
  std::map<std::string, Figures> out;
  out["load"] = loading();  // first, while the process holds no memory that was freed
  out["start"] = starts(argv[1], argv[2]);
  out["compile"] = compiling();
  out["large requests"] = large_requests();
  out["order of members"] = orders();
  out["threads"] = threads();
  print(out);
}
