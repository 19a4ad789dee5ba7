// lictor test: runs the rules named test_… of policies, and reports as `opa test` does.
#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "coverage.hpp"
#include "load.hpp"
#include "output.hpp"
#include "test_report.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

using std::chrono::nanoseconds;

constexpr int failed_status = 2;

struct TestFlags {
  std::vector<std::string> paths;
  std::string format = "pretty";
  std::string run;
  std::string timeout = "5s";
  std::string explain;
  bool verbose = false;
  bool var_values = false;
  bool v0 = false;
  bool fail_on_empty = false;
  bool zero_on_skipped = false;
  bool coverage = false;
  std::vector<std::string> coverage_runs = {"index_excluded", "early_exit"};
  double threshold = 0;
  int count = 1;
};

bool is_name(const std::string& text) {
  auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), letter);
}

std::string ref_text(std::string out, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (out.empty())
      out = part;
    else
      out += is_name(part) ? "." + part : "[" + to_json(Value::string(part)) + "]";
  }
  return out;
}

/// Reads "5s", "1m30s", "100ms"; nothing if it is no duration.
std::optional<nanoseconds> parse_duration(const std::string& text) {
  static const std::map<std::string, double> units = {
      {"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
  double total = 0;
  if (text == "0") return nanoseconds(0);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t digits = text.find_first_not_of("0123456789.", at);
    if (digits == at || digits == std::string::npos) return std::nullopt;
    std::size_t end = std::min(text.find_first_of("0123456789.", digits), text.size());
    auto unit = units.find(text.substr(digits, end - digits));
    if (unit == units.end()) return std::nullopt;
    total += std::stod(text.substr(at, digits - at)) * unit->second;
    at = end;
  }
  if (text.empty()) return std::nullopt;
  return nanoseconds(static_cast<std::int64_t>(total));
}

// --- cases

CaseResult case_result(const nlohmann::json& value) {
  CaseResult out;
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) out.cases[key] = case_result(inner);
    out.fail = std::any_of(out.cases.begin(), out.cases.end(),
                           [](const auto& item) { return item.second.fail; });
  } else {
    out.fail = !value.is_boolean() || !value.get<bool>();
  }
  return out;
}

std::string key_text(const nlohmann::json& key) {
  return key.is_string() ? key.get<std::string>() : key.dump();
}

/// Notes a case that was begun; it has failed unless the test's value says otherwise.
void note_case(std::map<std::string, CaseResult>& cases, const nlohmann::json& keys,
               std::size_t at = 0) {
  auto [found, fresh] = cases.emplace(key_text(keys[at]), CaseResult{});
  CaseResult& result = found->second;
  if (at + 1 < keys.size()) {
    note_case(result.cases, keys, at + 1);
    result.fail = std::any_of(result.cases.begin(), result.cases.end(),
                              [](const auto& item) { return item.second.fail; });
  } else if (fresh) {
    result.fail = true;
  }
}

void set_failure(std::map<std::string, CaseResult>& cases, const nlohmann::json& keys,
                 const std::optional<TraceEvent>& failure, std::size_t at = 0) {
  auto found = cases.find(key_text(keys[at]));
  if (found == cases.end()) return;
  if (at + 1 < keys.size())
    set_failure(found->second.cases, keys, failure, at + 1);
  else
    found->second.failure = failure;
}

// --- running

class Runner {
 public:
  Runner(const TestFlags& flags, nanoseconds timeout) : flags_(flags) {
    EngineOptions options;
    options.v0_compatible = flags.v0;
    options.print = true;
    options.test_values = flags.var_values;
    options.limits.time = timeout;
    options.listener.print = [this](std::string_view line) { output_ += std::string(line) + "\n"; };
    options.listener.test_case = [this](std::string_view keys) { begun_.emplace_back(keys); };
    engine_ = std::make_unique<Engine>(options);
  }

  /// Has tests note what they cover; it outlives the runner.
  void watch(Coverage* coverage) { coverage_ = coverage; }
  const Engine& engine() const { return *engine_; }

  Errors load() {
    if (Errors errors = load_paths(flags_.paths, Contents::all, *engine_); !errors.empty())
      return errors;
    if (Errors errors = engine_->check(); !errors.empty()) return errors;
    Result<Query> reads_data = engine_->prepare("true", {});
    return reads_data ? Errors{} : reads_data.errors();
  }

  std::vector<TestResult> run() {
    RE2::Options options;
    options.set_log_errors(false);
    RE2 filter(flags_.run, options);
    std::vector<TestResult> out;
    std::vector<std::string> seen;
    for (RuleInfo& rule : engine_->rules()) {
      std::optional<std::size_t> length = test_name(rule);
      if (!length) continue;
      TestResult result;
      result.package = ref_text("data", rule.package);
      std::vector<std::string> path(rule.path.begin(),
                                    rule.path.begin() + static_cast<std::ptrdiff_t>(*length));
      result.name = ref_text("", path);
      result.rule = std::move(rule);
      std::string full = ref_text(result.package, path);
      if (!flags_.run.empty() && !RE2::PartialMatch(full, filter)) continue;
      run_test(full, path.back(), result);
      out.push_back(std::move(result));
    }
    auto place = [](const TestResult& test) {
      return std::tie(test.rule.file, test.rule.row, test.rule.col);
    };
    std::stable_sort(out.begin(), out.end(),
                     [&](const TestResult& a, const TestResult& b) { return place(a) < place(b); });
    return out;
  }

 private:
  /// How much of a rule's path names a test, if it is one.
  static std::optional<std::size_t> test_name(const RuleInfo& rule) {
    for (std::size_t i = 0; i < rule.path.size(); ++i) {
      if (rule.path[i].starts_with("test_") || rule.path[i].starts_with("todo_test_")) return i + 1;
    }
    return std::nullopt;
  }

  void run_test(const std::string& query, const std::string& name, TestResult& result) {
    if (name.starts_with("todo_test_")) {
      result.outcome = Outcome::skip;
      return;
    }
    output_.clear();
    begun_.clear();
    auto start = std::chrono::steady_clock::now();
    evaluate(query, result);
    result.duration = std::chrono::steady_clock::now() - start;
    if (coverage_) coverage_->run(*engine_, query, {}, nullptr);
    result.output = output_;
    bool explains = flags_.verbose || flags_.var_values;
    if (explains && result.outcome == Outcome::fail) explain(query, result);
  }

  /// How a test came to fail.
  void explain(const std::string& query, TestResult& result) {
    Explain kept = explain_named(flags_.explain);
    if (kept == Explain::off) kept = flags_.verbose ? Explain::fails_and_notes : Explain::fails;
    TraceLog log(kept);
    std::string keys;
    std::optional<TraceEvent> last;
    auto end_case = [&] {
      if (!keys.empty()) set_failure(result.cases, nlohmann::json::parse(keys), last);
    };
    TraceOptions how;
    how.texts = true;
    how.values = flags_.var_values;
    how.unifications = kept == Explain::debug;
    how.hear = [&](const TraceEvent& event) {
      if (event.kind == TraceEvent::Kind::test_case) {
        end_case();
        keys = event.keys;
      }
      if (is_failing_line(event)) last = event;
      log.hear(event);
    };
    std::ignore = engine_->trace(query, {}, nullptr, how);
    end_case();
    result.trace = log.events();
  }

  void evaluate(const std::string& query, TestResult& result) {
    Result<Query> prepared = engine_->prepare(query);
    Result<QueryResult> rows = prepared ? prepared->eval(nullptr) : prepared.errors();
    if (!rows) {
      result.error = rows.error();
      result.outcome = Outcome::error;
      return;
    }
    bool with_cases = result.rule.has_keys && !result.rule.is_set;
    if (rows->rows().empty()) {
      result.outcome = Outcome::fail;
      return;
    }
    const Value& value = rows->rows()[0].expressions[0].value;
    if (!with_cases) {
      result.outcome = value.is_true() ? Outcome::pass : Outcome::fail;
      return;
    }
    result.cases = case_result(nlohmann::json::parse(to_json(value))).cases;
    for (const std::string& keys : begun_) note_case(result.cases, nlohmann::json::parse(keys));
    bool fail = std::any_of(result.cases.begin(), result.cases.end(),
                            [](const auto& item) { return item.second.fail; });
    result.outcome = fail ? Outcome::fail : Outcome::pass;
  }

  const TestFlags& flags_;
  Coverage* coverage_ = nullptr;
  std::unique_ptr<Engine> engine_;
  std::string output_;
  std::vector<std::string> begun_;  // the keys of cases
};

bool is_good(const TestResult& test) {
  return test.outcome == Outcome::pass || test.outcome == Outcome::skip;
}

/// Runs all tests and reports what they cover; if some fail, those instead.
int report_coverage(const TestFlags& flags, Runner& runner) {
  Coverage coverage({flags.coverage_runs.begin(), flags.coverage_runs.end()});
  runner.watch(&coverage);
  std::vector<TestResult> tests = runner.run();
  std::erase_if(tests, is_good);
  for (const TestResult& test : tests) {
    if (!test.error) continue;
    std::cerr << test.error->summary() << "\n";
    return 1;
  }
  if (!tests.empty()) {
    std::cout << pretty_report(tests, flags.verbose, flags.var_values);
    std::cerr << headline(tests.front()) << "\n\n";
    return 1;
  }
  Coverage::Report report = coverage.report(runner.engine());
  if (report.covered >= flags.threshold) {
    std::cout << report.json << "\n";
    return 0;
  }
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << "Code coverage threshold not met: got "
       << report.covered << " instead of " << flags.threshold;
  if (flags.verbose && !report.missing.empty()) text << "\nLines not covered:" << report.missing;
  std::cerr << text.str() << "\n";
  return failed_status;
}

int run_tests(const TestFlags& flags) {
  std::optional<nanoseconds> timeout = parse_duration(flags.timeout);
  if (!timeout) {
    std::cerr << "error: --timeout takes a duration, such as 500ms or 1m30s, not \""
              << flags.timeout << "\"\n";
    return 1;
  }
  RE2::Options quiet;
  quiet.set_log_errors(false);
  if (RE2 filter(flags.run, quiet); !filter.ok()) {
    std::cerr << "error: --run takes a regular expression: " << filter.error() << "\n";
    return 1;
  }
  Runner runner(flags, *timeout);
  Errors errors = runner.load();
  if (!errors.empty()) {
    std::cerr << policy_errors_text(errors);
    return 1;
  }
  if (flags.coverage || flags.threshold > 0) return report_coverage(flags, runner);
  int status = 0;
  bool ran = false;
  for (int round = 0; round < flags.count; ++round) {
    std::vector<TestResult> tests = runner.run();
    std::cout << (flags.format == "json" ? json_report(tests)
                  : flags.format == "junit"
                      ? junit_report(tests)
                      : pretty_report(tests, flags.verbose, flags.var_values));
    ran = ran || !tests.empty();
    for (const TestResult& test : tests) {
      bool good =
          test.outcome == Outcome::pass || (test.outcome == Outcome::skip && flags.zero_on_skipped);
      if (!good) status = failed_status;
    }
  }
  if (!ran && flags.fail_on_empty) {
    std::cerr << "no tests were run\n";
    return 1;
  }
  return status;
}

}  // namespace

void add_test(CLI::App& app, int& status) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* verb =
      app.add_subcommand("test",
                         "Run the tests of policies: rules whose names begin with test_\n\n"
                         "  lictor test policies\n"
                         "  lictor test policies -v --run 'allow'");
  verb->add_option("path", flags->paths, "policies, their tests and data: files or folders")
      ->required();
  verb->add_flag("-v,--verbose", flags->verbose,
                 "also show the tests that pass, and how others came to fail");
  verb->add_flag("--var-values", flags->var_values,
                 "show the values of the variables where a test fails");
  verb->add_option("--explain", flags->explain,
                   "the steps to show of tests that fail: notes, fails, full or debug")
      ->check(CLI::IsMember({"notes", "fails", "full", "debug"}));
  verb->add_option("-r,--run", flags->run,
                   "run only tests whose full name matches this regular expression");
  verb->add_option("-f,--format", flags->format, "pretty, json or junit")
      ->check(CLI::IsMember({"pretty", "json", "junit"}));
  verb->add_option("--timeout", flags->timeout,
                   "how long one test may take (default 5s; 0 is no limit)");
  verb->add_option("--count", flags->count, "how often to run each test")
      ->check(CLI::PositiveNumber);
  verb->add_flag("-c,--coverage", flags->coverage, "report what the tests cover, as JSON");
  verb->add_option("--coverage-runs", flags->coverage_runs,
                   "what to look for where nothing is covered: index_excluded, early_exit")
      ->delimiter(',')
      ->check(CLI::IsMember({"index_excluded", "early_exit"}));
  verb->add_option("--threshold", flags->threshold,
                   "fail if the tests cover less than this, in per cent")
      ->check(CLI::Range(0.0, 100.0));
  verb->add_flag("--fail-on-empty", flags->fail_on_empty, "fail if no test was run");
  verb->add_flag("-z,--exit-zero-on-skipped", flags->zero_on_skipped,
                 "skipped tests are no failures");
  verb->add_flag("--v0-compatible,--v0-compat", flags->v0, "read policies as Rego v0");
  verb->callback([flags, &status] {
    flags->verbose = flags->verbose || !flags->explain.empty();
    status = run_tests(*flags);
  });
}

}  // namespace lictor::cli
