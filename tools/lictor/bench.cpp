// lictor bench: how long one decision takes, request text to decision text, on this machine.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

#include "load.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct BenchFlags {
  std::vector<std::string> data;
  std::string entrypoint, input, format = "pretty";
  bool v0 = false;
};

int fail(const Errors& errors) {
  std::cerr << errors_text(errors);
  return 2;
}

/// Nanoseconds of a decision: the median and the 99th percentile of batches.
struct Timing {
  double median = 0;
  double p99 = 0;
};

Timing time_decisions(Evaluator& evaluator, const std::string& input) {
  using clock = std::chrono::steady_clock;
  constexpr int batch = 50, batches = 2000;
  std::string out;
  std::vector<double> times;
  for (int b = 0; b < batches; ++b) {
    auto start = clock::now();
    for (int i = 0; i < batch; ++i) evaluator.decide(input, out);
    times.push_back(std::chrono::duration<double, std::nano>(clock::now() - start).count() / batch);
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

int run(const BenchFlags& flags) {
  EngineOptions options;
  options.v0_compatible = flags.v0;
  Engine engine(options);
  if (Errors errors = load_paths(flags.data, Contents::all, engine); !errors.empty())
    return fail(errors);
  Result<Policy> policy = engine.compile(flags.entrypoint);
  if (!policy) return fail(policy.errors());
  Result<std::string> input = read_file(flags.input);
  if (!input) return fail(input.errors());
  Evaluator evaluator(*policy);
  std::string decision;
  if (const Error* error = evaluator.decide(*input, decision)) return fail({*error});
  Timing timing = time_decisions(evaluator, *input);
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
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, int& status) {
  auto flags = std::make_shared<BenchFlags>();
  CLI::App* verb = app.add_subcommand("bench",
                                      "Time one decision\n\n"
                                      "  lictor bench -d policies -i input.json data.authz.allow");
  verb->add_option("entrypoint", flags->entrypoint, "the document to decide, e.g. data.authz.allow")
      ->required();
  verb->add_option("-d,--data", flags->data, "policy or data file, or folder; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("-i,--input", flags->input, "input file (JSON)")->required();
  verb->add_option("-f,--format", flags->format, "output format")
      ->check(CLI::IsMember({"pretty", "json"}));
  verb->add_flag("--v0-compatible,--v0-compat", flags->v0, "read policies as Rego v0");
  verb->callback([flags, &status] { status = run(*flags); });
}

}  // namespace lictor::cli
