// Runs OPA's published cases. In: the cases as one JSON object a line (cmd/cases writes them), and
// the ratchet file with the cases that are known to pass. Out: a closing line with counts; exit 1
// on any case that passes or fails unexpectedly. As strict as OPA's own runner: error code equal,
// error text contained, rows equal as a set; and each case in every mode.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

#include "base/arena.hpp"
#include "json/read.hpp"
#include "json/write.hpp"
#include "lictor/http.hpp"
#include "lictor/lictor.hpp"
#include "value/compare.hpp"
#include "value/object.hpp"

namespace {

using lictor::Arena;
using lictor::Kind;
using lictor::Member;
using lictor::Value;

struct Outcome {
  bool pass;
  std::string why;
};

std::string text_of(const Value& value) {
  return value.is(Kind::string) ? std::string(value.as_text()) : std::string();
}

/// What JSON makes of a value: sets become sorted arrays, keys become strings.
Value as_json(const Value& value, Arena& arena) {
  auto out = lictor::json::read_owned(lictor::json::to_json(value, false), arena);
  return out ? *out : Value();
}

Value sorted_array(const Value& value, Arena& arena) {
  if (!value.is(Kind::array)) return value;
  Value copy = lictor::make_array(arena, value.items(), value.size());
  auto* items = const_cast<Value*>(copy.items());
  std::sort(items, items + copy.size(),
            [](const Value& a, const Value& b) { return lictor::compare(a, b) < 0; });
  return copy;
}

Value rows_as_set(const lictor::QueryResult& result, bool sort, bool ignore_generated,
                  Arena& arena) {
  lictor::ArenaVector<Value> rows(arena);
  for (const lictor::Row& row : result.rows()) {
    lictor::ArenaVector<Member> members(arena);
    for (const auto& [name, value] : row.bindings) {
      if (ignore_generated && name.starts_with("__localq")) continue;
      Value json = as_json(value, arena);
      members.push_back({Value::string(arena.copy(name)), sort ? sorted_array(json, arena) : json});
    }
    rows.push_back(lictor::make_object(arena, members.data(), members.size(), false));
  }
  return lictor::make_set(rows.data(), rows.size());
}

Outcome check_error(const Value& test, const lictor::Error& error) {
  Value code = lictor::lookup(test, "want_error_code"), text = lictor::lookup(test, "want_error");
  std::string got = error.summary();
  if (code.is_undefined() && text.is_undefined()) return {false, "unexpected error: " + got};
  if (!code.is_undefined() && code.as_text() != lictor::code_name(error.code))
    return {false, "wrong code: " + got};
  if (!text.is_undefined() && got.find(text.as_text()) == std::string::npos)
    return {false, "wrong text: " + got};
  return {true, {}};
}

/// In which each case must pass.
enum class Mode { plain, not_bodies, unoptimized, unindexed, traced };

/// The module with `import future.keywords.not` on the line of its package, so that no row changes;
/// or as it is, if it has the keyword.
std::string with_not_bodies(const std::string& module) {
  for (const char* has : {"future.keywords.not", "future.keywords\n", "import rego.v2"}) {
    if (module.find(has) != std::string::npos) return module;
  }
  std::size_t at = module.starts_with("package ") ? 0 : module.find("\npackage ");
  if (at == std::string::npos) return module;
  at = module.find_first_of("\r\n#;", at + 1);
  if (at == std::string::npos) at = module.size();
  return module.substr(0, at) + " import future.keywords.not " + module.substr(at);
}

lictor::Result<lictor::QueryResult> answer(const Value& test, bool strict, Mode mode) {
  lictor::EngineOptions options;
  options.v0_compatible = text_of(lictor::lookup(test, "version")) == "v0";
  options.strict_builtin_errors = strict;
  options.optimize = mode != Mode::unoptimized;
  options.index = mode != Mode::unindexed;
  options.limits.instructions = 50'000'000;
  options.path_conflicts = false;  // OPA's own runner does not look for them
  lictor::Engine engine(options);
  std::ignore = engine.add_function(lictor::http::send());
  Value modules = lictor::lookup(test, "modules");
  for (std::uint32_t i = 0; modules.is(Kind::array) && i < modules.size(); ++i) {
    std::string text = text_of(modules.items()[i]);
    if (mode == Mode::not_bodies) text = with_not_bodies(text);
    engine.add_module("test-" + std::to_string(i) + ".rego", text);
  }
  Value data = lictor::lookup(test, "data"), input = lictor::lookup(test, "input"),
        term = lictor::lookup(test, "input_term");
  if (!data.is_undefined()) engine.add_data(lictor::json::to_json(data, false));
  auto query = engine.prepare(text_of(lictor::lookup(test, "query")));
  if (!query) return query.errors();
  std::string input_text = input.is_undefined() ? "" : lictor::json::to_json(input, false);
  std::string_view input_view = input_text;
  if (mode == Mode::traced && term.is_undefined())
    return engine.trace(text_of(lictor::lookup(test, "query")), {},
                        input.is_undefined() ? nullptr : &input_view);
  return !term.is_undefined() ? query->eval_term(term.as_text())
                              : query->eval(input.is_undefined() ? nullptr : &input_view);
}

Outcome run(const Value& test, Mode mode) {
  Arena arena;
  auto result = answer(test, lictor::lookup(test, "strict_error").is_true(), mode);
  Value wanted = lictor::lookup(test, "want_result");
  bool wants_error = !lictor::lookup(test, "want_error").is_undefined() ||
                     !lictor::lookup(test, "want_error_code").is_undefined();
  if (!result) {
    Outcome error = check_error(test, result.error());
    if (!error.pass || wanted.is_undefined() || wanted.size() == 0) return error;
    // OPA goes on behind the first error of a builtin, and has rows beside it.
    result = answer(test, false, mode);
    if (!result) return {false, "no rows beside the error"};
  } else if (wants_error) {
    return {false, "no error"};
  }
  lictor::ArenaVector<Value> rows(arena);
  for (std::uint32_t i = 0; i < wanted.size(); ++i) rows.push_back(wanted.items()[i]);
  Value want = lictor::make_set(rows.data(), rows.size());
  bool sort = lictor::lookup(test, "sort_bindings").is_true();
  Value got =
      rows_as_set(*result, sort, lictor::lookup(test, "ignore_generated_vars").is_true(), arena);
  if (lictor::equal(want, got)) return {true, {}};
  return {false,
          "want " + lictor::json::to_rego(want) + "\n       got " + lictor::json::to_rego(got)};
}

Outcome run_in_all_modes(const Value& test) {
  constexpr const char* names[] = {"", "with future.keywords.not: ", "without optimizations: ",
                                   "without the rule index: ", "traced: "};
  for (Mode mode :
       {Mode::plain, Mode::not_bodies, Mode::unoptimized, Mode::unindexed, Mode::traced}) {
    Outcome outcome = run(test, mode);
    if (!outcome.pass) return {false, names[static_cast<int>(mode)] + outcome.why};
  }
  return {true, {}};
}

/// A bar on a terminal; nothing elsewhere.
class Progress {
 public:
  explicit Progress(std::size_t total) : total_(total), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
  }

  void step() {
    ++done_;
    if (!shown_ || total_ == 0 || (done_ % 50 != 0 && done_ != total_)) return;
    constexpr std::size_t width = 40;
    std::size_t filled = width * std::min(done_, total_) / total_;
    std::fprintf(stderr, "\r[%s%s] %zu/%zu", std::string(filled, '=').c_str(),
                 std::string(width - filled, ' ').c_str(), done_, total_);
  }

 private:
  std::size_t total_, done_ = 0;
  bool shown_;
};

struct Counts {
  std::size_t v0 = 0, v1 = 0, passed = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: conformance CASES RATCHET [--update] [--show] [--filter TEXT]\n";
    return 2;
  }
  bool update = false, show = false;
  std::string filter;
  for (int i = 3; i < argc; ++i) {
    std::string flag = argv[i];
    if (flag == "--update") update = true;
    if (flag == "--show") show = true;
    if (flag == "--filter" && i + 1 < argc) filter = argv[++i];
  }
  std::ifstream cases(argv[1]);
  std::ifstream ratchet(argv[2]);
  std::set<std::string> known, passing;
  for (std::string line; std::getline(ratchet, line);) {
    if (!line.empty()) known.insert(line);
  }
  Counts counts;
  auto lines = std::count(std::istreambuf_iterator<char>(cases), {}, '\n');
  cases.seekg(0);
  Progress progress(filter.empty() ? static_cast<std::size_t>(lines) : 0);
  std::set<std::string> seen;
  std::size_t regressions = 0, fresh = 0;
  for (std::string line; std::getline(cases, line);) {
    Arena arena;
    auto parsed = lictor::json::read_owned(line, arena);
    if (!parsed) {
      std::cerr << "bad case line: " << parsed.error().summary() << "\n";
      return 2;
    }
    const Value& test = *parsed;
    std::string version = text_of(lictor::lookup(test, "version"));
    std::string name = version + "/" + text_of(lictor::lookup(test, "file")) + " " +
                       text_of(lictor::lookup(test, "note"));
    std::replace(name.begin(), name.end(), '\n', ' ');
    for (int copy = 2; !seen.insert(name).second; ++copy) name += " #" + std::to_string(copy);
    ++(version == "v0" ? counts.v0 : counts.v1);
    if (!filter.empty() && name.find(filter) == std::string::npos) continue;
    if (show && !filter.empty()) std::cerr << name << std::endl;
    Outcome outcome = run_in_all_modes(test);
    progress.step();
    if (outcome.pass) {
      ++counts.passed;
      passing.insert(name);
      if (!known.contains(name)) ++fresh;
    } else if (show || known.contains(name)) {
      std::cout << "FAIL " << name << "\n     " << outcome.why << "\n";
      if (known.contains(name)) ++regressions;
    }
  }
  if (update) {
    std::ofstream out(argv[2]);
    for (const std::string& name : passing) out << name << "\n";
  }
  std::cout << "conformance: " << counts.passed << " of " << counts.v0 + counts.v1
            << " cases passed (v0 " << counts.v0 << ", v1 " << counts.v1 << "), " << regressions
            << " regressions, " << fresh << " newly passing\n";
  if (filter.empty() && (counts.v0 != 2027 || counts.v1 != 2400)) {
    std::cerr << "expected 2027 v0 and 2400 v1 cases\n";
    return 1;
  }
  if (!filter.empty() || update) return 0;
  if (fresh != 0)
    std::cerr << "cases pass that the ratchet does not list; run again with --update\n";
  return regressions == 0 && fresh == 0 ? 0 : 1;
}
