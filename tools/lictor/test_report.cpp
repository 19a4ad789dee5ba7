// The results of tests as text for people, as JSON with OPA's names, and as JUnit's XML.
#include "test_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "output.hpp"

namespace lictor::cli {
namespace {

using std::chrono::nanoseconds;

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "PASS";
    case Outcome::fail:
      return "FAIL";
    case Outcome::skip:
      return "SKIPPED";
    case Outcome::error:
      return "ERROR";
  }
  return "";
}

/// Go's notation of durations: 1.5ms, 2m3s.
std::string duration_text(nanoseconds duration) {
  auto ns = duration.count();
  if (ns == 0) return "0s";
  auto scaled = [](double value, const char* unit) {
    nlohmann::json number = value;
    std::string text = number.dump();
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text + unit;
  };
  if (ns < 1000) return std::to_string(ns) + "ns";
  if (ns < 1'000'000) return scaled(static_cast<double>(ns) / 1e3, "µs");
  if (ns < 1'000'000'000) return scaled(static_cast<double>(ns) / 1e6, "ms");
  auto minutes = ns / 60'000'000'000;
  std::string seconds = scaled(static_cast<double>(ns % 60'000'000'000) / 1e9, "s");
  return minutes == 0 ? seconds : std::to_string(minutes) + "m" + seconds;
}

/// Calls visit(names, case) for all cases, each behind the group that it belongs to.
template <typename Visit>
void each_case(const std::map<std::string, CaseResult>& cases, std::vector<std::string>& names,
               Visit&& visit) {
  for (const auto& [name, result] : cases) {
    names.push_back(name);
    visit(names, result);
    each_case(result.cases, names, visit);
    names.pop_back();
  }
}

struct Counts {
  std::size_t pass = 0, fail = 0, skip = 0, error = 0;

  void add(const TestResult& test) {
    if (test.outcome == Outcome::skip) {
      ++skip;
    } else if (test.outcome == Outcome::error) {
      ++error;
    } else if (test.cases.empty()) {
      ++(test.outcome == Outcome::pass ? pass : fail);
    } else {
      std::vector<std::string> names;
      each_case(test.cases, names, [&](const auto&, const CaseResult& result) {
        if (result.cases.empty()) ++(result.fail ? fail : pass);
      });
    }
  }

  std::size_t total() const { return pass + fail + skip + error; }
};

std::string indented(const std::string& text) {
  std::string out, line;
  std::istringstream lines(text);
  while (std::getline(lines, line)) out += (line.empty() ? "" : "  " + line) + "\n";
  return out;
}

std::string trimmed(const std::string& text) {
  std::size_t first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

const std::string rule_line = std::string(80, '-') + "\n";

std::string case_line(const std::vector<std::string>& path, const CaseResult& result) {
  return std::string((path.size() - 1) * 2, ' ') + path.back() +
         (result.fail ? ": FAIL" : ": PASS") + "\n";
}

std::string pretty_test(const TestResult& test, bool verbose, std::string& last_file) {
  std::string out;
  if (!last_file.empty() && last_file != test.rule.file) out += "\n";
  last_file = test.rule.file;
  out += test.rule.file + ":" + std::to_string(test.rule.row) + ":\n" + headline(test) + "\n";
  std::vector<std::string> names;
  each_case(test.cases, names, [&](const auto& path, const CaseResult& result) {
    if (result.fail || verbose) out += "  " + case_line(path, result);
  });
  if (!test.output.empty()) out += "\n" + indented(trimmed(test.output)) + "\n";
  if (!test.refused.empty()) out += "  " + errors_text(test.refused);
  if (test.error) out += "  " + test.error->summary() + "\n" + traceback(*test.error, "  ");
  return out;
}

nlohmann::ordered_json cases_json(const std::map<std::string, CaseResult>& cases) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const auto& [name, result] : cases) {
    nlohmann::ordered_json item = {{"name", name}};
    if (result.fail) item["fail"] = true;
    if (!result.cases.empty()) item["sub_results"] = cases_json(result.cases);
    out[name] = std::move(item);
  }
  return out;
}

std::string base64(const std::string& bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
  }
  return out;
}

nlohmann::ordered_json frame_json(const StackFrame& frame) {
  nlohmann::ordered_json out = {{"query_id", frame.query_id}};
  if (frame.row != 0)
    out["location"] = {{"file", frame.file}, {"row", frame.row}, {"col", frame.col}};
  return out;
}

std::string escaped_xml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// ---- Failures ----

/// Puts `indent` in front of each line.
std::string indented_lines(const std::string& text, const std::string& indent) {
  std::string out = indent;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += indent;
  }
  return out;
}

std::string failing_line(const TraceEvent* failure, const std::string& indent) {
  std::string out = indent + "\n";
  if (failure == nullptr) return out;
  const TextRange& place = failure->range;
  out += indent + "  " + place.file + ":" + std::to_string(place.row) + ":\n";
  return out + indented_lines(values_below(*failure), indent + "    ") + indent + "\n";
}

const TraceEvent* last_failure(const std::vector<TraceEvent>& trace) {
  auto found = std::find_if(trace.rbegin(), trace.rend(), is_failing_line);
  return found == trace.rend() ? nullptr : &*found;
}

std::string failed_cases(const TestResult& test, bool values) {
  std::string out;
  std::vector<std::string> names;
  each_case(test.cases, names, [&](const auto& path, const CaseResult& result) {
    if (!result.fail || !result.cases.empty()) return;
    std::string indent = "  ";
    for (const std::string& name : path) {
      out += indent + name + ": FAIL\n";
      indent += "  ";
    }
    if (values) out += failing_line(result.failure ? &*result.failure : nullptr, indent);
  });
  return out;
}

std::string failure_detail(const TestResult& test, bool verbose, bool values) {
  std::string out = headline(test) + "\n";
  if (verbose) out += "\n" + trace_table(test.trace, values, "  ");
  if (!test.cases.empty())
    out += "\n" + failed_cases(test, values);
  else if (values)
    out += failing_line(last_failure(test.trace), "");
  return out + "\n";
}

std::string failures(const std::vector<TestResult>& tests, bool verbose, bool values) {
  std::string out;
  for (const TestResult& test : tests) {
    if (test.outcome == Outcome::fail) out += failure_detail(test, verbose, values);
  }
  return out.empty() ? "" : rule_line + "FAILURES\n" + rule_line + out;
}

}  // namespace

std::string headline(const TestResult& test) {
  std::string out = test.package + "." + test.name + ": " + outcome_name(test.outcome);
  return test.outcome == Outcome::skip ? out : out + " (" + duration_text(test.duration) + ")";
}

std::string cases_text(const TestResult& test) {
  std::string out;
  std::vector<std::string> names;
  each_case(test.cases, names,
            [&](const auto& path, const CaseResult& result) { out += case_line(path, result); });
  return out;
}

std::string pretty_report(const std::vector<TestResult>& tests, bool verbose, bool values) {
  std::string out, last_file;
  Counts counts;
  for (const TestResult& test : tests) {
    counts.add(test);
    if (verbose || test.outcome != Outcome::pass) out += pretty_test(test, verbose, last_file);
  }
  if (verbose || values) out += failures(tests, verbose, values);
  if (!out.empty()) out += rule_line;
  auto line = [&](const char* name, std::size_t count) {
    if (count == 0) return;
    out += std::string(name) + ": " + std::to_string(count) + "/" + std::to_string(counts.total()) +
           "\n";
  };
  line("PASS", counts.pass);
  line("FAIL", counts.fail);
  line("SKIPPED", counts.skip);
  line("ERROR", counts.error);
  return out;
}

namespace {

nlohmann::ordered_json error_json(const Error& error) {
  nlohmann::ordered_json out = {{"code", code_name(error.code)}, {"message", error.message}};
  if (error.row != 0)
    out["location"] = {{"file", error.file}, {"row", error.row}, {"col", error.col}};
  if (!error.details_json.empty())
    out["details"] = nlohmann::ordered_json::parse(error.details_json);
  for (const StackFrame& frame : error.stack_trace) out["stack_trace"].push_back(frame_json(frame));
  return out;
}

}  // namespace

std::string json_report(const std::vector<TestResult>& tests) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const TestResult& test : tests) {
    nlohmann::ordered_json item = {
        {"location", {{"file", test.rule.file}, {"row", test.rule.row}, {"col", test.rule.col}}},
        {"package", test.package},
        {"name", test.name}};
    if (test.outcome == Outcome::fail) item["fail"] = true;
    if (test.error) item["error"] = error_json(*test.error);
    for (const Error& error : test.refused) item["error"].push_back(error_json(error));
    if (test.outcome == Outcome::skip) item["skip"] = true;
    item["duration"] = test.duration.count();
    if (!test.output.empty()) item["output"] = base64(test.output);
    if (!test.cases.empty()) item["sub_results"] = cases_json(test.cases);
    out.push_back(std::move(item));
  }
  return out.dump(2) + "\n";
}

/// A test case of JUnit's XML for each test, or for each case of a test that has some.
std::string junit_report(const std::vector<TestResult>& tests) {
  Counts counts;
  std::string body;
  auto add = [&](const TestResult& test, const std::string& name, const std::string& inside) {
    body += "  <testcase classname=\"" + escaped_xml(test.package) + "\" name=\"" +
            escaped_xml(name) + "\" file=\"" + escaped_xml(test.rule.file) + "\" line=\"" +
            std::to_string(test.rule.row) + "\" time=\"" +
            std::to_string(static_cast<double>(test.duration.count()) / 1e9) + "\"" +
            (inside.empty() ? "/>\n" : ">" + inside + "</testcase>\n");
  };
  for (const TestResult& test : tests) {
    counts.add(test);
    if (!test.cases.empty()) {
      std::vector<std::string> names;
      each_case(test.cases, names, [&](const auto& path, const CaseResult& result) {
        if (!result.cases.empty()) return;
        std::string name = test.name;
        for (const std::string& part : path) name += "/" + part;
        add(test, name, result.fail ? "<failure/>" : "");
      });
    } else if (test.outcome == Outcome::error) {
      const Error& error = test.error ? *test.error : test.refused.front();
      add(test, test.name, "<error message=\"" + escaped_xml(error.summary()) + "\"/>");
    } else {
      add(test, test.name,
          test.outcome == Outcome::fail   ? "<failure/>"
          : test.outcome == Outcome::skip ? "<skipped/>"
                                          : "");
    }
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"lictor\" tests=\"" +
         std::to_string(counts.total()) + "\" failures=\"" + std::to_string(counts.fail) +
         "\" errors=\"" + std::to_string(counts.error) + "\" skipped=\"" +
         std::to_string(counts.skip) + "\">\n" + body + "</testsuite>\n";
}

}  // namespace lictor::cli
