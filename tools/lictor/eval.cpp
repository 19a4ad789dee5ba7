// lictor eval: any Rego query over policies, data and an input.
#include <iostream>
#include <memory>

#include "coverage.hpp"
#include "load.hpp"
#include "output.hpp"
#include "trace_text.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct EvalFlags {
  std::vector<std::string> data, imports;
  std::string query, input, package, explain, format = "json";
  bool stdin_input = false, stdin_query = false, v0 = false, strict_errors = false, fail = false,
       fail_defined = false, coverage = false, var_values = false;
  std::vector<std::string> coverage_runs = {"index_excluded", "early_exit"};
};

Format format_of(const std::string& name) {
  if (name == "pretty") return Format::pretty;
  if (name == "raw") return Format::raw;
  if (name == "values") return Format::values;
  if (name == "bindings") return Format::bindings;
  return name == "discard" ? Format::discard : Format::json;
}

int report(const Errors& errors, Format format, const Coverage::Report& coverage = {}) {
  if (format == Format::json)
    std::cout << errors_json(errors, coverage.json);
  else
    std::cerr << errors_text(errors);
  if (format == Format::pretty && !coverage.json.empty())
    std::cout << coverage_table(coverage.covered);
  return 2;
}

/// The input as JSON; the error's message is all that OPA prints.
Result<std::string> read_input(const EvalFlags& flags) {
  Result<std::string> text = flags.stdin_input ? read_standard_input() : read_file(flags.input);
  if (!text) return text;
  Result<std::string> json = document_to_json(*std::move(text));
  if (json) return json;
  Error error = json.error();
  error.message = "unable to parse input: " + error.message;
  return error;
}

int run(EvalFlags& flags) {
  Format format = format_of(flags.format);
  if (flags.stdin_query) {
    flags.query = read_standard_input();
  }
  if (flags.query.empty()) {
    std::cerr << "Error: specify query argument or --stdin\n";
    return 1;
  }
  bool has_input = flags.stdin_input || !flags.input.empty();
  std::string input_text;
  if (has_input) {
    Result<std::string> text = read_input(flags);
    if (!text) {
      std::cerr << text.error().message << "\n";
      return 2;
    }
    input_text = *std::move(text);
  }
  EngineOptions options;
  options.v0_compatible = flags.v0;
  options.strict_builtin_errors = flags.strict_errors;
  options.print = true;
  static Engine engine(options);  // the process ends without taking it down
  if (Errors errors = load_paths(flags.data, Contents::all, engine); !errors.empty())
    return report(errors, format);
  QueryOptions names{flags.package.empty() ? "" : "data." + flags.package, flags.imports};
  Result<Query> query = engine.prepare(flags.query, names);
  if (!query) return report(query.errors(), format);
  if (flags.explain == "index") std::cerr << query->explain_index();
  std::string_view input = input_text;
  Result<QueryResult> result = query->eval(has_input ? &input : nullptr);
  Coverage::Report covered;
  if (flags.coverage) {
    Coverage coverage({flags.coverage_runs.begin(), flags.coverage_runs.end()});
    coverage.run(engine, flags.query, names, has_input ? &input : nullptr);
    covered = coverage.report(engine);
  }
  Explain explain = explain_named(flags.explain);
  if (format == Format::pretty && explain != Explain::off) {
    TraceLog log(explain);
    TraceOptions how;
    how.texts = true;
    how.unifications = explain == Explain::debug;
    how.hear = [&](const TraceEvent& event) { log.hear(event); };
    std::ignore = engine.trace(flags.query, names, has_input ? &input : nullptr, how);
    std::cout << trace_table(log.events(), flags.var_values);
  }
  if (!result) return report(result.errors(), format, covered);
  std::cout << result_text(*result, format, covered.json);
  if (format == Format::pretty && flags.coverage) std::cout << coverage_table(covered.covered);
  bool defined = !result->rows().empty();
  return (flags.fail && !defined) || (flags.fail_defined && defined) ? 1 : 0;
}

}  // namespace

void add_eval(CLI::App& app, int& status) {
  auto flags = std::make_shared<EvalFlags>();
  CLI::App* verb =
      app.add_subcommand("eval",
                         "Evaluate a Rego query\n\n"
                         "  lictor eval 'x := 1; y := x + 1'\n"
                         "  lictor eval -d policies -i input.json 'data.authz.allow'\n"
                         "  lictor eval -f pretty -d data.json 'some name in data.names'");
  verb->add_option("query", flags->query, "the query, e.g. 'data.authz.allow'");
  verb->add_option("-d,--data", flags->data, "policy or data file, or folder; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("-i,--input", flags->input, "input file (JSON or YAML)");
  verb->add_flag("-I,--stdin-input", flags->stdin_input, "read the input from standard input");
  verb->add_flag("--stdin", flags->stdin_query, "read the query from standard input");
  verb->add_option("-f,--format", flags->format, "output format")
      ->check(CLI::IsMember({"json", "values", "bindings", "pretty", "raw", "discard"}));
  verb->add_option("--explain", flags->explain,
                   "notes, fails, full, debug: the steps of the evaluation, with --format pretty; "
                   "index: say how rules and rows of data are found, on standard error")
      ->check(CLI::IsMember({"off", "notes", "fails", "full", "debug", "index"}));
  verb->add_flag("--var-values", flags->var_values, "show the variables of the steps");
  verb->add_flag("--coverage", flags->coverage, "report what the evaluation comes to");
  verb->add_option("--coverage-runs", flags->coverage_runs,
                   "index_excluded, early_exit: further runs that say why lines are not covered")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"index_excluded", "early_exit"}));
  verb->add_option("--package", flags->package, "package whose rules the query names");
  verb->add_option("--import", flags->imports, "import for the query; may be repeated")
      ->allow_extra_args(false);
  verb->add_flag("--v0-compatible,--v0-compat", flags->v0, "read policies as Rego v0");
  verb->add_flag("--strict-builtin-errors", flags->strict_errors,
                 "an error in a builtin ends the evaluation");
  verb->add_flag("--fail", flags->fail, "exit 1 if the result is undefined");
  verb->add_flag("--fail-defined", flags->fail_defined, "exit 1 if the result is defined");
  verb->callback([flags, &status] { status = run(*flags); });
}

}  // namespace lictor::cli
