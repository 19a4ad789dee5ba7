// lictor test: runs the rules named test_… of policies, and reports as `opa test` does.
#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "capabilities_flag.hpp"
#include "coverage.hpp"
#include "host_functions.hpp"
#include "load.hpp"
#include "output.hpp"
#include "runtime.hpp"
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
  nanoseconds timeout = std::chrono::seconds(5);
  std::string explain;
  bool verbose = false;
  bool var_values = false;
  bool v0 = false;
  bool fail_on_empty = false;
  bool zero_on_skipped = false;
  bool coverage = false;
  std::vector<std::string> coverage_runs = {"index_excluded", "early_exit"};
  double threshold = 0;
  std::int64_t count = 1;
  std::shared_ptr<const Capabilities> capabilities;
};

/// True for a part of a ref that is written behind a dot.
bool is_name(const std::string& text) {
  static constexpr std::string_view keywords[] = {"as",    "contains", "default", "else", "every",
                                                  "false", "if",       "import",  "in",   "not",
                                                  "null",  "package",  "some",    "true", "with"};
  if (std::find(std::begin(keywords), std::end(keywords), text) != std::end(keywords)) return false;
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

// --- filtering

/// Rego's regular expressions, which are those of `opa test --run`.
class Matcher {
 public:
  /// An error for what is no regular expression. "" matches everything.
  static Result<Matcher> make(const std::string& pattern) {
    EngineOptions options;
    options.strict_builtin_errors = true;
    Result<Query> query = Engine(options).prepare("regex.match(input[0], input[1])");
    if (!query) return query.errors();
    Matcher out(pattern, *query);
    Result<bool> works = out.try_match("");
    if (works) return out;
    Error error = works.error();
    constexpr std::string_view builtin = "regex.match: ";
    if (error.message.starts_with(builtin)) error.message.erase(0, builtin.size());
    return Error{ErrorCode::load, error.message, {}, 0, 0, {}, {}};
  }

  bool matches(const std::string& text) const {
    if (pattern_.empty()) return true;
    Result<bool> matched = try_match(text);
    return matched && *matched;
  }

 private:
  Matcher(std::string pattern, Query query)
      : pattern_(std::move(pattern)), query_(std::move(query)) {}

  Result<bool> try_match(const std::string& text) const {
    std::string input =
        "[" + to_json(Value::string(pattern_)) + "," + to_json(Value::string(text)) + "]";
    std::string_view view = input;
    Result<QueryResult> result = query_.eval(&view);
    if (!result) return result.errors();
    return !result->rows().empty() && result->rows()[0].expressions[0].value.is_true();
  }

  std::string pattern_;
  Query query_;
};

// --- running

class Runner {
 public:
  explicit Runner(const TestFlags& flags) : flags_(flags) {
    EngineOptions options;
    options.v0_compatible = flags.v0;
    options.print = true;
    options.capabilities = flags.capabilities;
    options.runtime = runtime_json();
    options.test_values = flags.var_values;
    bool unset = flags.timeout == nanoseconds(0);
    options.limits.time =
        unset ? nanoseconds(std::chrono::seconds(5)) : std::max(flags.timeout, nanoseconds(1));
    options.listener.print = [this](std::string_view line) { output_ += std::string(line) + "\n"; };
    options.listener.test_case = [this](std::string_view keys) { begun_.emplace_back(keys); };
    engine_ = std::make_unique<Engine>(options);
    add_host_functions(*engine_, options);
  }

  /// Has tests note what they cover; it outlives the runner.
  void watch(Coverage* coverage) { coverage_ = coverage; }
  const Engine& engine() const { return *engine_; }

  Errors load() {
    Errors errors = load_paths(flags_.paths, Contents::all, *engine_);
    if (!errors.empty()) return errors;
    return flags_.count > 0 && read_filter() ? check() : Errors{};
  }

  /// What is wrong with the expression of --run, or nothing.
  const std::string& wrong_filter() const { return wrong_filter_; }

  std::vector<TestResult> run() {
    std::vector<TestResult> out;
    std::vector<RuleInfo> rules = engine_->rules();
    for (const RuleInfo& rule : rules) {
      std::optional<std::size_t> length = test_name(rule);
      if (!length) continue;
      TestResult result;
      result.package = ref_text("data", rule.package);
      std::vector<std::string> path(rule.path.begin(),
                                    rule.path.begin() + static_cast<std::ptrdiff_t>(*length));
      result.name = ref_text("", path);
      result.rule = rule;
      std::string full = ref_text(result.package, path);
      if (!filter_->matches(full)) continue;
      run_test(full, path.back(), result);
      out.push_back(std::move(result));
    }
    order(out, rules.empty() ? nullptr : &*std::max_element(rules.begin(), rules.end(), before));
    return out;
  }

 private:
  bool read_filter() {
    Result<Matcher> filter = Matcher::make(flags_.run);
    if (filter)
      filter_.emplace(*std::move(filter));
    else
      wrong_filter_ = filter.error().message;
    return filter.has_value();
  }

  Errors check() {
    if (Errors errors = engine_->check(); !errors.empty()) return errors;
    Result<Query> reads_data = engine_->prepare("true", {});
    return reads_data ? Errors{} : reads_data.errors();
  }

  static bool before(const RuleInfo& a, const RuleInfo& b) {
    return std::tie(a.file, a.row, a.col) < std::tie(b.file, b.row, b.col);
  }

  /// Puts tests in the order of their files, but a test that is the last of all rules first. OPA
  /// starts all at once and reports them as they end, which mostly gives this order.
  static void order(std::vector<TestResult>& tests, const RuleInfo* last_rule) {
    std::stable_sort(tests.begin(), tests.end(), [](const TestResult& a, const TestResult& b) {
      return before(a.rule, b.rule);
    });
    if (!tests.empty() && !before(tests.back().rule, *last_rule))
      std::rotate(tests.begin(), tests.end() - 1, tests.end());
  }

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
    if (!prepared) {
      result.refused = prepared.errors();
      // The headline names the test already.
      for (Error& error : result.refused) error.line.clear();
      result.outcome = Outcome::error;
      return;
    }
    Result<QueryResult> rows = prepared->eval(nullptr);
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
  std::optional<Matcher> filter_;
  std::string wrong_filter_;
  std::string output_;
  std::vector<std::string> begun_;  // the keys of cases
};

bool is_good(const TestResult& test) {
  return test.outcome == Outcome::pass || test.outcome == Outcome::skip;
}

/// Skipped tests do not pass, unless a flag says so.
int status_of(const std::vector<TestResult>& tests, const TestFlags& flags) {
  bool good = std::all_of(tests.begin(), tests.end(), [&](const TestResult& test) {
    return test.outcome == Outcome::pass ||
           (test.outcome == Outcome::skip && flags.zero_on_skipped);
  });
  return good ? 0 : failed_status;
}

/// Runs all tests and reports what they cover; if some fail, those instead.
int report_coverage(const TestFlags& flags, Runner& runner, bool& ran) {
  Coverage coverage({flags.coverage_runs.begin(), flags.coverage_runs.end()});
  runner.watch(&coverage);
  std::vector<TestResult> tests = runner.run();
  ran = !tests.empty();
  int status = status_of(tests, flags);
  std::erase_if(tests, is_good);
  for (const TestResult& test : tests) {
    if (test.outcome != Outcome::error) continue;
    std::cerr << (test.error ? test.error->summary() + "\n" : errors_text(test.refused));
    return 1;
  }
  if (!tests.empty()) {
    std::cout << pretty_report(tests, flags.verbose, false);
    std::cerr << headline(tests.front()) << "\n" << cases_text(tests.front()) << "\n";
    return 1;
  }
  Coverage::Report report = coverage.report(runner.engine());
  if (report.covered >= flags.threshold) {
    std::cout << report.json << "\n";
    return status;
  }
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << "Code coverage threshold not met: got "
       << report.covered << " instead of " << flags.threshold;
  if (flags.verbose && !report.missing.empty()) text << "\nLines not covered:" << report.missing;
  std::cerr << text.str() << "\n";
  return failed_status;
}

int run_round(const TestFlags& flags, Runner& runner) {
  bool ran = false;
  int status = 0;
  if (flags.coverage || flags.threshold > 0) {
    status = report_coverage(flags, runner, ran);
  } else {
    std::vector<TestResult> tests = runner.run();
    ran = !tests.empty();
    std::cout << (flags.format == "json" ? json_report(tests)
                  : flags.format == "junit"
                      ? junit_report(tests)
                      : pretty_report(tests, flags.verbose, flags.var_values));
    status = status_of(tests, flags);
  }
  if (ran || !flags.fail_on_empty || status != 0) return status;
  std::cerr << "no tests were run\n";
  return 1;
}

int run_tests(const TestFlags& flags) {
  if (flags.threshold < 0 || flags.threshold > 100) {
    std::cerr << "Code coverage threshold must be between 0 and 100\n";
    return 1;
  }
  if (flags.verbose && flags.format == "json")
    std::cerr
        << "warning: lictor has no steps as JSON; --verbose shows them with --format pretty\n";
  Runner runner(flags);
  if (Errors errors = runner.load(); !errors.empty()) {
    std::cerr << policy_errors_text(errors);
    return 1;
  }
  if (!runner.wrong_filter().empty()) {
    std::cerr << runner.wrong_filter() << "\n";
    return 1;
  }
  for (std::int64_t round = 0; round < flags.count; ++round) {
    if (int status = run_round(flags, runner); status != 0) return status;
  }
  return 0;
}

}  // namespace

Command test_command() {
  auto flags = std::make_shared<TestFlags>();
  Command out{"test", "<path> [path [...]]",
              "Run the tests of policies: rules whose names begin with test_.\n\n"
              "  lictor test policies\n"
              "  lictor test policies -v --run 'allow'"};
  Flags& add = out.flags;
  add.boolean("-v, --verbose", flags->verbose,
              "also show the tests that pass, and how others came to fail");
  add.boolean("--var-values", flags->var_values,
              "show the values of the variables where a test fails");
  add.word("--explain", flags->explain, {"fails", "full", "notes", "debug"},
           "the steps to show of tests that fail");
  add.text("-r, --run", flags->run,
           "run only tests whose full name matches this regular expression");
  add.word("-f, --format", flags->format, {"pretty", "json", "junit"}, "output format");
  add.duration("--timeout", flags->timeout, "how long one test may take (default 5s)");
  add.integer("--count", flags->count, "how often to run each test");
  add.boolean("-c, --coverage", flags->coverage, "report what the tests cover, as JSON");
  add.comma_list("--coverage-runs", flags->coverage_runs,
                 "what to look for where nothing is covered");
  add.number("--threshold", flags->threshold,
             "fail if the tests cover less than this, in per cent");
  add.boolean("--fail-on-empty", flags->fail_on_empty, "fail if no test was run");
  add.boolean("-z, --exit-zero-on-skipped", flags->zero_on_skipped,
              "skipped tests are no failures");
  add_capabilities_flag(add, flags->capabilities);
  add.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  out.check = [flags](const Flags& given) -> std::string {
    if (given.arguments().empty()) return "specify at least one file";
    flags->verbose = flags->verbose || given.is_given("explain");
    flags->coverage = flags->coverage || given.is_given("coverage-runs");
    return wrong_runs(flags->coverage_runs);
  };
  out.run = [flags](const Command::Arguments& paths) {
    flags->paths = paths;
    return run_tests(*flags);
  };
  return out;
}

}  // namespace lictor::cli
