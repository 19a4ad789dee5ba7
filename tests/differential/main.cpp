// Decides generated programs with lictor and OPA and stops at differences. In: an oracle's binary,
// the first seed and how many, or a file of programs. Out: each difference, shrunk; exit 1 when
// there is one, or when nothing ran.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "engines.hpp"
#include "generate.hpp"
#include "shrink.hpp"

namespace {

using namespace lictor::differential;

struct Options {
  std::string oracle;
  std::string found;  // a file of programs, an object a line; they have the seeds 1, 2, 3…
  std::uint64_t seed = 1;
  std::uint64_t count = 300;
  std::uint64_t most = 5;  // differences shown before it stops
  bool print = false;      // print the programs only, as lines of such a file
  bool accepted = false;   // pass over programs that OPA refuses
  Form form;
  Way way = Way::decided;  // the tracer's are compared by the stacks of errors, or by all steps
};

std::string whole(const Program& program) {
  return text_of(program.modules) + "\n# data:  " + text_of(program.data) +
         "\n# input: " + text_of(program.input) + "\n# query: " + program.query +
         (program.v0 ? "\n# v0" : "") + (program.strict_errors ? "\n# strict errors" : "") + "\n";
}

/// A line of a file of programs.
std::string line_of(const Program& program) {
  nlohmann::ordered_json out = {{"modules", nlohmann::json::array()},
                                {"data", text_of(program.data)},
                                {"input", text_of(program.input)},
                                {"query", program.query}};
  for (const Node& module : program.modules.children) out["modules"].push_back(text_of(module));
  if (program.v0) out["v0"] = true;
  if (program.strict_errors) out["strict_errors"] = true;
  return out.dump();
}

void show(std::uint64_t seed, const Program& program, const Outcome& opa, const Outcome& lictor) {
  std::cout << "---- seed " << seed << "\n"
            << whole(program) << "# line:  " << line_of(program) << "\n# OPA:    " << opa.text
            << "\n# lictor: " << lictor.text << "\n"
            << std::flush;
}

void progress(std::uint64_t done, std::uint64_t count) {
  constexpr int width = 40;
  if (!isatty(2) || done % 50 != 0) return;
  int filled = static_cast<int>(done * width / count);
  std::cerr << "\r[" << std::string(static_cast<std::size_t>(filled), '#')
            << std::string(static_cast<std::size_t>(width - filled), '.') << "] " << done << "/"
            << count << std::flush;
}

/// OPA says of itself that this error is a fault of its own, or it crashed.
bool is_fault(const Outcome& opa) {
  return opa.text.starts_with("eval_internal_error: built-in function") || opa.crashed;
}

/// A document; one whose spelling counts is kept as text.
std::string json_text(const nlohmann::json& document) {
  return document.is_string() ? document.get<std::string>() : document.dump();
}

/// Programs that were told apart once.
std::vector<Program> read_found(const std::string& path) {
  std::vector<Program> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    nlohmann::json one = nlohmann::json::parse(line);
    Program program;
    for (const auto& text : one["modules"])
      program.modules.children.push_back(leaf(Sort::fixed, text.get<std::string>()));
    program.data = leaf(Sort::fixed, json_text(one["data"]));
    program.input = leaf(Sort::fixed, json_text(one["input"]));
    program.query = one["query"].get<std::string>();
    program.v0 = one.value("v0", false);
    program.strict_errors = one.value("strict_errors", false);
    out.push_back(std::move(program));
  }
  return out;
}

struct Answers {
  Outcome opa, lictor;
};

Answers ask(const Program& program, lictor::tests::Reference& reference, Way way) {
  bool decided = way == Way::decided || way == Way::unindexed;
  return {ask_opa(reference, program, way),
          decided ? ask_lictor(program, way) : ask_tracer(program, way)};
}

/// The text without the paths of recursions, `rule p is recursive: p -> q -> p @m0.rego:3:1`.
std::string without_paths(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::size_t path = line.find(" recursive: ");
    out += line.substr(0, path);
    if (path != std::string::npos) out += line.substr(std::min(line.find(" @"), line.size()));
    out += "\n";
  }
  return out;
}

/// True if both say the same. Where several paths lead a rule back to itself, OPA reports one of
/// them, by the order of a map: not the same at each run.
bool agree(const Answers& answers, const Program& program, lictor::tests::Reference& reference,
           Way way) {
  const std::string& opa = answers.opa.text;
  if (opa == answers.lictor.text) return true;
  if (without_paths(opa) != without_paths(answers.lictor.text)) return false;
  for (int run = 0; run < 40; ++run) {
    if (ask_opa(reference, program, way).text != opa) return true;
  }
  return false;
}

const std::map<std::string, Way> ways = {
    {"--unindexed", Way::unindexed}, {"--traced", Way::traced}, {"--explained", Way::explained}};

bool parse(int argc, char** argv, Options& out) {
  if (argc < 2) return false;
  out.oracle = argv[1];
  const std::map<std::string, bool*> switches = {{"--print", &out.print},
                                                 {"--accepted", &out.accepted},
                                                 {"--wide", &out.form.wide},
                                                 {"--plain", &out.form.plain}};
  for (int i = 2; i < argc; ++i) {
    std::string flag = argv[i];
    if (auto known = switches.find(flag); known != switches.end()) {
      *known->second = true;
      continue;
    }
    if (auto way = ways.find(flag); way != ways.end()) {
      out.way = way->second;
      continue;
    }
    if (i + 1 == argc) return false;
    if (flag == "--found") {
      out.found = argv[++i];
      continue;
    }
    std::uint64_t value = std::strtoull(argv[++i], nullptr, 10);
    if (flag == "--seed")
      out.seed = value;
    else if (flag == "--count")
      out.count = value;
    else if (flag == "--most")
      out.most = value;
    else
      return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: differential ORACLE [--seed N] [--count N] [--most N] [--wide] [--plain] "
                 "[--accepted] "
                 "[--unindexed] "
                 "[--traced] [--explained] [--found FILE] [--print]\n";
    return 2;
  }
  if (options.print) {
    for (std::uint64_t i = 0; i < options.count; ++i)
      std::cout << line_of(generate(options.seed + i, options.form)) << "\n";
    return 0;
  }
  lictor::tests::Reference reference(options.oracle);
  if (!reference.started()) {
    std::cerr << "error: cannot run " << options.oracle << "; tools/test builds it\n";
    return 2;
  }
  std::vector<Program> found = read_found(options.found);
  if (!found.empty()) options.count = found.size();
  std::uint64_t refused = 0, failed = 0, undefined = 0, differences = 0, faults = 0, done = 0;
  for (; done < options.count && differences < options.most; ++done) {
    std::uint64_t seed = options.seed + done;
    progress(done, options.count);
    Program program = found.empty() ? generate(seed, options.form) : found[done];
    Answers answers = ask(program, reference, options.way);
    const auto& [opa, lictor] = answers;
    refused += opa.refused;
    failed += !opa.refused && opa.text.starts_with("eval_");
    undefined += opa.text == "undefined";
    bool decided = options.way == Way::decided;
    if (Outcome plain = decided ? ask_lictor(program, Way::decided, false) : lictor;
        plain.text != lictor.text) {
      ++differences;
      std::cout << "---- seed " << seed << " without optimizations\n"
                << whole(program) << "\n# optimized: " << lictor.text
                << "\n# plain:     " << plain.text << "\n";
    }
    if (opa.refused && options.accepted) continue;
    if (agree(answers, program, reference, options.way)) continue;
    if (is_fault(opa)) {
      ++faults;
      continue;
    }
    ++differences;
    bool refusal = opa.refused || lictor.refused;
    Program small = shrink(program, [&](const Program& candidate) {
      Answers both = ask(candidate, reference, options.way);
      return (both.opa.refused || both.lictor.refused) == refusal && !is_fault(both.opa) &&
             !agree(both, candidate, reference, options.way);
    });
    auto [a, b] = ask(small, reference, options.way);
    show(seed, small, a, b);
  }
  if (isatty(2)) std::cerr << "\r\033[K";
  std::cout << "differential: " << done << " programs from seed " << options.seed << " (" << refused
            << " refused, " << failed << " failed, " << undefined << " undefined), " << differences
            << " differences; " << faults << " faults of OPA's own\n";
  return differences == 0 && done > 0 && (!found.empty() || refused < done / 2) ? 0 : 1;
}
