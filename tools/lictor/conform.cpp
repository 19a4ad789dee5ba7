// lictor conform: the same policy and inputs to lictor and to a real OPA; the first differences
// side by side.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "inputs.hpp"
#include "load.hpp"
#include "oracle.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace fs = std::filesystem;

namespace {

struct ConformFlags {
  std::vector<std::string> policies;
  std::string entrypoint, inputs, opa = "opa";
  std::int64_t generate = 0, show = 3, seed = 1;
  bool v0 = false;
};

int fail(const Errors& errors) {
  std::cerr << errors_text(errors);
  return 2;
}

/// What OPA's answer says, in lictor's spelling: a value, "undefined", or "error CODE".
Result<std::string> verdict_of(const std::string& answer) {
  Engine reader;
  Result<Query> query = reader.prepare("input");
  std::string_view text = answer;
  Result<QueryResult> parsed = query->eval(&text);
  if (!parsed) return parsed.errors();
  const Value& body = parsed->rows()[0].expressions[0].value;
  std::string out = "undefined";
  Value errors;
  for (std::uint32_t i = 0; i < body.size(); ++i) {
    const Member member = object_member(body, i);
    if (member.key.as_text() == "result") out = to_json(member.value);
    if (member.key.as_text() == "code") out = "error";
    if (member.key.as_text() == "errors") errors = member.value;
  }
  for (std::uint32_t i = 0;
       out == "error" && errors.is(Kind::array) && i < errors.items()[0].size(); ++i) {
    const Member member = object_member(errors.items()[0], i);
    if (member.key.as_text() == "code") return "error " + std::string(member.value.as_text());
  }
  return out;
}

class Progress {
 public:
  explicit Progress(std::size_t total) : total_(total), shown_(::isatty(2) != 0) {}
  ~Progress() {
    if (shown_) std::cerr << "\r\033[K";
  }
  void step(std::size_t done, std::size_t differences) {
    if (!shown_ || (done % 50 != 0 && done != total_)) return;
    constexpr std::size_t width = 30;
    std::size_t filled = total_ == 0 ? width : done * width / total_;
    std::cerr << "\r[" << std::string(filled, '#') << std::string(width - filled, '.') << "] "
              << done << "/" << total_ << " inputs, " << differences << " differences"
              << std::flush;
  }

 private:
  std::size_t total_;
  bool shown_;
};

struct Input {
  std::string name;
  std::string text;
};

Result<std::vector<Input>> read_inputs(const std::string& folder) {
  std::vector<Input> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    Result<std::string> text = read_file(entry.path().string());
    if (!text) return text.errors();
    out.push_back({entry.path().string(), *text});
  }
  if (error)
    return Error{ErrorCode::load, "open " + folder + ": " + error.message(), {}, 0, 0, {}, {}};
  std::sort(out.begin(), out.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
  return out;
}

void show(const Input& input, const std::string& ours, const std::string& theirs) {
  bool color = ::isatty(1) != 0;
  std::cout << "difference at " << input.name << "\n  input  " << input.text << "\n  OPA    "
            << (color ? "\033[32m" : "") << theirs << (color ? "\033[0m" : "") << "\n  lictor "
            << (color ? "\033[31m" : "") << ours << (color ? "\033[0m" : "") << "\n";
}

std::string decide(Evaluator& evaluator, const std::string& input) {
  std::string out;
  if (const Error* error = evaluator.decide(input, out))
    return std::string("error ") + code_name(error->code);
  return out.empty() ? "undefined" : out;
}

/// "a/b/c" of the first module's package.
Result<std::string> package_path(Engine& engine) {
  Result<std::string> tree = engine.dump("ast");
  if (!tree) return tree.errors();
  std::string line = tree->substr(0, tree->find('\n')), out;
  for (std::size_t at = line.find('"'); at != std::string::npos;) {
    std::size_t end = line.find('"', at + 1);
    out += (out.empty() ? "" : "/") + line.substr(at + 1, end - at - 1);
    at = line.find('"', end + 1);
  }
  return out;
}

int run(const ConformFlags& flags) {
  EngineOptions options;
  options.v0_compatible = flags.v0;
  Engine engine(options);
  if (Errors errors = load_paths(flags.policies, Contents::all, engine); !errors.empty())
    return fail(errors);
  Result<std::string> package =
      flags.entrypoint.empty() ? package_path(engine) : Result<std::string>(flags.entrypoint);
  if (!package) return fail(package.errors());
  std::string path = *package;
  if (path.starts_with("data.")) path = path.substr(5);
  if (path.find('/') == std::string::npos) std::replace(path.begin(), path.end(), '.', '/');
  Result<Policy> policy =
      engine.compile(path.find('/') == std::string::npos ? "data." + path : path);
  if (!policy) return fail(policy.errors());
  std::vector<Input> inputs;
  if (!flags.inputs.empty()) {
    Result<std::vector<Input>> read = read_inputs(flags.inputs);
    if (!read) return fail(read.errors());
    inputs = *read;
  }
  InputGenerator generator(*policy, static_cast<std::uint64_t>(flags.seed));
  for (std::int64_t i = 0; i < flags.generate; ++i) {
    inputs.push_back({"generated " + std::to_string(i) + " of seed " + std::to_string(flags.seed),
                      generator.next()});
  }
  if (inputs.empty())
    return fail({Error{ErrorCode::load,
                       "there are no inputs to compare",
                       {},
                       0,
                       0,
                       {},
                       "give --inputs DIR or --generate N"}});
  Result<Oracle> oracle = Oracle::start(flags.opa, flags.policies, flags.v0);
  if (!oracle) return fail(oracle.errors());
  Evaluator evaluator(*policy);
  std::int64_t differences = 0;
  std::size_t done = 0;
  {
    Progress progress(inputs.size());
    for (const Input& input : inputs) {
      Result<std::string> answer = oracle->ask(path, input.text);
      if (!answer) return fail(answer.errors());
      Result<std::string> theirs = verdict_of(*answer);
      if (!theirs) return fail(theirs.errors());
      std::string ours = decide(evaluator, input.text);
      if (ours != *theirs && differences++ < flags.show) show(input, ours, *theirs);
      progress.step(++done, differences);
    }
  }
  std::cout << "conform: " << done << " inputs of data." << path << ", " << differences
            << " differences\n";
  return differences == 0 ? 0 : 1;
}

}  // namespace

Command conform_command() {
  auto flags = std::make_shared<ConformFlags>();
  if (const char* opa = std::getenv("LICTOR_OPA")) flags->opa = opa;
  Command out{"conform", "<path> [path [...]]",
              "Compare lictor's decisions with a real OPA's.\n\n"
              "  lictor conform policies/authz.rego --generate 1000\n"
              "  lictor conform policies --entrypoint authz/allow --inputs samples"};
  out.is_opas = false;
  out.flags.text("-e, --entrypoint", flags->entrypoint,
                 "the document to compare (default: the first policy's package)");
  out.flags.text("--inputs", flags->inputs, "folder of *.json inputs");
  out.flags.integer("--generate", flags->generate, "number of inputs to generate");
  out.flags.integer("--seed", flags->seed, "seed of the generated inputs");
  out.flags.integer("--show", flags->show, "how many differences to show");
  out.flags.text("--opa", flags->opa, "the OPA binary");
  out.flags.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  out.check = [](const Flags& given) -> std::string {
    return given.arguments().empty() ? "specify at least one file" : "";
  };
  out.run = [flags](const Command::Arguments& arguments) {
    flags->policies = arguments;
    return run(*flags);
  };
  return out;
}

}  // namespace lictor::cli
