// What `lictor test` found out, and its reports.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trace_text.hpp"

namespace lictor::cli {

/// A case of a test, or a group of them.
struct CaseResult {
  bool fail = false;
  std::map<std::string, CaseResult> cases;
  std::optional<TraceEvent> failure;  // the last expression that failed
};

enum class Outcome { pass, fail, skip, error };

struct TestResult {
  RuleInfo rule;
  std::string package;  // "data.a.b"
  std::string name;
  Outcome outcome = Outcome::pass;
  std::chrono::nanoseconds duration{0};
  std::string output;
  std::optional<Error> error;
  Errors refused;  // why the test cannot be called: it is a function
  std::map<std::string, CaseResult> cases;
  std::vector<TraceEvent> trace;  // of a test that failed
};

std::string headline(const TestResult& test);
/// A line for each case of a test and for each group of cases.
std::string cases_text(const TestResult& test);
/// `verbose`: also tests that pass, and traces of those that fail; `values`: what the line that
/// failed was about.
std::string pretty_report(const std::vector<TestResult>& tests, bool verbose, bool values);
std::string json_report(const std::vector<TestResult>& tests);
std::string junit_report(const std::vector<TestResult>& tests);

}  // namespace lictor::cli
