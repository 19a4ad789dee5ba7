// lictor bench: how long one decision takes, request text to decision text, on this machine.
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>

#include "capabilities_flag.hpp"
#include "host_functions.hpp"
#include "load.hpp"
#include "output.hpp"
#include "runtime.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct BenchFlags {
  std::vector<std::string> data;
  std::string input, format = "pretty";
  bool v0 = false, fail = true;
  std::int64_t count = 1;
  std::shared_ptr<const Capabilities> capabilities;
};

int fail(const Errors& errors) {
  std::cerr << errors_text(errors);
  return 1;
}

/// Nanoseconds of a decision: the median and the 99th percentile of batches.
struct Timing {
  double median = 0;
  double p99 = 0;
};

/// Times batches of what `decide` does.
Timing time_decisions(const std::function<void()>& decide) {
  using clock = std::chrono::steady_clock;
  constexpr int batch = 50, most_batches = 2000;
  auto end = clock::now() + std::chrono::seconds(2);
  std::vector<double> times;
  while (times.size() < most_batches && (times.empty() || clock::now() < end)) {
    auto start = clock::now();
    for (int i = 0; i < batch; ++i) decide();
    times.push_back(std::chrono::duration<double, std::nano>(clock::now() - start).count() / batch);
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

/// `decision` is "" for undefined.
void print(const BenchFlags& flags, const std::string& decision, const Timing& timing) {
  auto whole = [](double value) { return std::to_string(static_cast<long>(value)); };
  if (flags.format == "json") {
    std::cout << "{\"decision\":" << (decision.empty() ? "null" : decision)
              << ",\"p50_ns\":" << whole(timing.median) << ",\"p99_ns\":" << whole(timing.p99)
              << "}\n";
  } else {
    std::cout << (decision.empty() ? "undefined" : decision) << "\n  decided in "
              << whole(timing.median) << " ns (p99 " << whole(timing.p99)
              << " ns), request text to decision text\n";
  }
}

int undefined_result() {
  std::cerr << "1 error occurred: undefined result\n";
  return 1;
}

/// A document's decision, from the text of an input.
int run_policy(const BenchFlags& flags, const Policy& policy, const std::string& input) {
  Evaluator evaluator(policy);
  std::string decision;
  if (const Error* error = evaluator.decide(input, decision)) return fail({*error});
  if (decision.empty() && flags.fail) return undefined_result();
  for (std::int64_t i = 0; i < flags.count; ++i) {
    std::string out;
    print(flags, decision, time_decisions([&] { evaluator.decide(input, out); }));
  }
  return 0;
}

/// The first expression of any query.
int run_query(const BenchFlags& flags, const Query& query, const std::string_view* input) {
  Result<QueryResult> result = query.eval(input);
  if (!result) return fail(result.errors());
  bool defined = !result->rows().empty();
  if (!defined && flags.fail) return undefined_result();
  std::string decision = defined ? to_json(result->rows()[0].expressions[0].value) : "";
  for (std::int64_t i = 0; i < flags.count; ++i)
    print(flags, decision, time_decisions([&] { std::ignore = query.eval(input); }));
  return 0;
}

int run(const BenchFlags& flags, const std::string& query_text) {
  EngineOptions options;
  options.v0_compatible = flags.v0;
  options.capabilities = flags.capabilities;
  options.runtime = runtime_json();
  Engine engine(options);
  add_host_functions(engine, options);
  Result<std::string> input = std::string();
  if (!flags.input.empty()) input = read_file(flags.input);
  if (input && !flags.input.empty()) input = document_to_json(*std::move(input));
  if (!input) return fail(input.errors());
  if (Errors errors = load_paths(flags.data, Contents::all, engine); !errors.empty())
    return fail(errors);
  Result<Query> query = engine.prepare(query_text);
  if (!query) return fail(query.errors());
  std::string_view text = *input;
  if (flags.input.empty() || !engine.defines(query_text))
    return run_query(flags, *query, flags.input.empty() ? nullptr : &text);
  Result<Policy> policy = engine.compile(query_text);
  return policy ? run_policy(flags, *policy, *input) : fail(policy.errors());
}

}  // namespace

Command bench_command() {
  auto flags = std::make_shared<BenchFlags>();
  Command out{"bench", "<query>",
              "Time one decision.\n\n"
              "  lictor bench -d policies -i input.json data.authz.allow"};
  out.flags.list("-d, --data", flags->data, "policy or data file, or folder; may be repeated");
  out.flags.text("-i, --input", flags->input, "input file (JSON or YAML)");
  out.flags.word("-f, --format", flags->format, {"json", "pretty"}, "output format");
  out.flags.integer("--count", flags->count, "how often to repeat the measurement");
  out.flags.boolean("--fail", flags->fail, "exit 1 if the result is undefined");
  add_capabilities_flag(out.flags, flags->capabilities);
  out.flags.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  out.check = [](const Flags& given) -> std::string {
    const Command::Arguments& arguments = given.arguments();
    if (arguments.empty()) return "specify query argument or --stdin";
    return arguments.size() > 1 ? "specify at most one query argument" : "";
  };
  out.run = [flags](const Command::Arguments& arguments) { return run(*flags, arguments[0]); };
  return out;
}

}  // namespace lictor::cli
