// How a decision's time grows with the number of rules, and with the number of rows of data:
// request text → decision text, over requests that need rules and rows all over the range; and of
// the largest that others are timed on, from requests that have been read before.
//   bench_scale             prints a table, and writes JSON with --json FILE
//   bench_scale --write DIR writes each case's policy, data and requests, for others to be timed on
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "lictor/lictor.hpp"
#include "timing.hpp"

namespace {

using lictor::bench::median;
using lictor::bench::since;
using std::to_string;

constexpr std::size_t most_compared = 100000;  // which the slower ones can still be timed on

struct Shape {
  const char* name;
  std::vector<std::size_t> sizes;
  std::function<std::string(std::size_t n)> policy, data;
  std::function<std::string(std::size_t i, std::size_t n)> request;  // that rule or row i allows
};

std::string module_of(const std::string& rules) {
  return "package scale\n\ndefault allow := false\n\n" + rules;
}

std::function<std::string(std::size_t)> rules(std::function<std::string(const std::string&)> body) {
  return [body](std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += "allow if { " + body(to_string(i)) + " }\n";
    return module_of(out);
  };
}

std::string no_data(std::size_t) { return "{}"; }

std::string roles(std::size_t n) {
  std::string out = "{\"roles\": [";
  for (std::size_t i = 0; i < n; ++i)
    out += (i == 0 ? "" : ", ") + ("{\"name\": \"r" + to_string(i)) + "\", \"action\": \"read\"}";
  return out + "]}";
}

std::string admins(std::size_t n) {
  std::string out = "{\"admins\": [";
  for (std::size_t i = 0; i < n; ++i) out += (i == 0 ? "\"u" : ", \"u") + to_string(i) + "\"";
  return out + "]}";
}

std::string users(std::size_t n) {
  std::string out = "{\"users\": {";
  for (std::size_t i = 0; i < n; ++i)
    out += (i == 0 ? "" : ", ") + ("\"u" + to_string(i)) + "\": {\"role\": \"admin\"}";
  return out + "}}";
}

/// Bindings of users to one tenth as many roles.
std::string bindings(std::size_t n) {
  std::string out = "{\"bindings\": [";
  for (std::size_t i = 0; i < n; ++i)
    out += (i == 0 ? "" : ", ") + ("{\"user\": \"u" + to_string(i)) + "\", \"role\": \"r" +
           to_string(i % (n / 10)) + "\"}";
  return out + "], " + roles(n / 10).substr(1);
}

std::vector<Shape> shapes() {
  const std::vector<std::size_t> of_rules{10, 100, 1000, 10000};
  const std::vector<std::size_t> of_rows{100, 1000, 10000, 100000, 1000000};
  auto user = [](std::size_t i, std::size_t) {
    return "{\"user\": \"u" + to_string(i) + "\", \"action\": \"read\"}";
  };
  auto path = [](std::size_t i, std::size_t) {
    return "{\"path\": \"/p" + to_string(i) + "/x\", \"parts\": [\"p" + to_string(i) +
           "\", \"x\"]}";
  };
  auto file = [](std::size_t i, std::size_t) {
    return "{\"path\": \"/x/y.p" + to_string(i) + "\"}";
  };
  auto role = [](std::size_t i, std::size_t) { return "{\"role\": \"r" + to_string(i) + "\"}"; };
  return {
      {"rules: input.user == \"u1\"; input.action == \"read\"", of_rules,
       rules([](auto& i) { return "input.user == \"u" + i + "\"; input.action == \"read\""; }),
       no_data, user},
      {"rules: startswith(input.path, \"/p1/\")", of_rules,
       rules([](auto& i) { return "startswith(input.path, \"/p" + i + "/\")"; }), no_data, path},
      {"rules: endswith(input.path, \".p1\")", of_rules,
       rules([](auto& i) { return "endswith(input.path, \".p" + i + "\")"; }), no_data, file},
      {"rules: input.user in {\"u1\", \"v1\"}", of_rules,
       rules([](auto& i) { return "input.user in {\"u" + i + "\", \"v" + i + "\"}"; }), no_data,
       user},
      {"rules: glob.match(\"/p1/*\", [\"/\"], input.path)", of_rules,
       rules([](auto& i) { return "glob.match(\"/p" + i + "/*\", [\"/\"], input.path)"; }), no_data,
       path},
      {"rules: input.parts = [\"p1\", part]; part == \"x\"", of_rules,
       rules([](auto& i) { return "input.parts = [\"p" + i + "\", part]; part == \"x\""; }),
       no_data, path},
      {"rows: data.users[input.user].role == \"admin\"", of_rows,
       [](std::size_t) { return module_of("allow if data.users[input.user].role == \"admin\"\n"); },
       users, user},
      {"rows: input.user in data.admins", of_rows,
       [](std::size_t) { return module_of("allow if input.user in data.admins\n"); }, admins, user},
      {"rows: some r in data.roles; r.name == input.role", of_rows,
       [](std::size_t) {
         return module_of("allow if {\n\tsome r in data.roles\n\tr.name == input.role\n}\n");
       },
       roles, role},
      {"rows: data.bindings × data.roles by two columns", of_rows,
       [](std::size_t) {
         return module_of(
             "allow if {\n\tsome b in data.bindings\n\tb.user == input.user\n"
             "\tsome r in data.roles\n\tr.name == b.role\n\tr.action == input.action\n}\n");
       },
       bindings, user},
  };
}

/// As many requests for each size, so that all are equally hard to foresee.
std::vector<std::string> requests(const Shape& shape, std::size_t n) {
  constexpr std::size_t count = 512;
  std::vector<std::string> out;
  for (std::size_t k = 0; k < count; ++k)
    out.push_back(shape.request(n - 1 - (k * std::max(n, count) / count) % n, n));
  return out;
}

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "error: " << what << "\n";
  std::exit(1);
}

/// A case that is ready to be timed.
struct Case {
  lictor::Evaluator evaluator;
  std::vector<std::string> texts;
  std::vector<lictor::Input> read = {};    // the same, if they are timed
  std::vector<double> times = {};          // nanoseconds of a decision, by round
  std::vector<double> times_of_read = {};  // the same from `read`
};

std::size_t compared(const Shape& shape) { return std::min(shape.sizes.back(), most_compared); }

Case prepared(const Shape& shape, std::size_t n) {
  lictor::Engine engine;
  engine.add_module("scale.rego", shape.policy(n));
  engine.add_data(shape.data(n));
  auto policy = engine.compile("data.scale.allow");
  if (!policy) fail(policy.error().render());
  Case out{lictor::Evaluator(*policy), requests(shape, n)};
  std::string decision;
  for (const std::string& text : out.texts) {
    if (out.evaluator.decide(text, decision) || decision != "true") fail(text + " is not allowed");
    if (n == compared(shape)) out.read.push_back(*policy->read(text));
  }
  return out;
}

/// Nanoseconds of a decision on one of the requests.
template <typename Request>
double time_once(lictor::Evaluator& evaluator, const std::vector<Request>& requests) {
  constexpr std::size_t times = 20;
  std::string decision;
  auto start = lictor::bench::clock::now();
  for (std::size_t k = 0; k < times; ++k) {
    for (const Request& request : requests) evaluator.decide(request, decision);
  }
  return since(start) / static_cast<double>(times * requests.size());
}

/// Nanoseconds of a decision.
struct Times {
  std::vector<double> by_size;
  double of_read = 0;  // from requests that have been read before, at the compared size
};

/// The sizes take turns, round by round, so that a slow minute of the machine meets them all.
Times times_of(const Shape& shape) {
  constexpr int rounds = 41;
  std::vector<Case> cases;
  for (std::size_t n : shape.sizes) cases.push_back(prepared(shape, n));
  for (int round = 0; round < rounds; ++round) {
    for (Case& one : cases) {
      one.times.push_back(time_once(one.evaluator, one.texts));
      if (!one.read.empty()) one.times_of_read.push_back(time_once(one.evaluator, one.read));
    }
  }
  Times out;
  for (Case& one : cases) {
    out.by_size.push_back(median(one.times));
    if (!one.read.empty()) out.of_read = median(one.times_of_read);
  }
  return out;
}

void write_cases(const std::filesystem::path& folder) {
  int number = 0;
  for (const Shape& shape : shapes()) {
    std::size_t n = compared(shape);
    std::filesystem::path base = folder / ("scale" + to_string(number++));
    std::filesystem::create_directories(base);
    std::ofstream(base / "policy.rego") << shape.policy(n);
    std::ofstream(base / "data.json") << shape.data(n);
    std::ofstream texts(base / "requests.ndjson");
    for (const std::string& text : requests(shape, n)) texts << text << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--write") {
    write_cases(arguments[1]);
    return 0;
  }
  if (!arguments.empty() && (arguments.size() != 2 || arguments[0] != "--json")) {
    std::cerr << "usage: bench_scale [--write DIR | --json FILE]\n";
    return 2;
  }
  std::string json = "[";
  for (const Shape& shape : shapes()) {
    std::cout << shape.name << "\n";
    json += (json.size() == 1 ? "\n" : ",\n") + std::string(" {\"name\": ") +
            lictor::to_json(lictor::Value::string(shape.name)) + ", \"ns\": {";
    Times times = times_of(shape);
    for (std::size_t i = 0; i < times.by_size.size(); ++i) {
      std::size_t n = shape.sizes[i];
      double time = times.by_size[i];
      std::cout << "  " << n << "\t" << static_cast<long>(time) << " ns\t× "
                << time / times.by_size[0] << "\n"
                << std::flush;
      json += (n == shape.sizes.front() ? "\"" : ", \"") + to_string(n) + "\": " + to_string(time);
    }
    std::cout << "  " << compared(shape) << "\t" << static_cast<long>(times.of_read)
              << " ns\tinput read before\n";
    json += "}, \"of_read_ns\": " + to_string(times.of_read) + "}";
  }
  if (!arguments.empty()) std::ofstream(arguments[1]) << json << "\n]\n";
  return 0;
}
