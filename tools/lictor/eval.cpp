// lictor eval: any Rego query over policies, data and an input.
#include <iostream>
#include <memory>

#include "capabilities_flag.hpp"
#include "coverage.hpp"
#include "host_functions.hpp"
#include "load.hpp"
#include "output.hpp"
#include "runtime.hpp"
#include "schemas.hpp"
#include "trace_text.hpp"
#include "verbs.hpp"

namespace lictor::cli {
namespace {

struct EvalFlags {
  std::vector<std::string> data, imports;
  std::string query, input, schema, package, explain, format = "json";
  bool stdin_input = false, stdin_query = false, v0 = false, strict_errors = false, fail = false,
       fail_defined = false, coverage = false, var_values = false;
  std::vector<std::string> coverage_runs = {"index_excluded", "early_exit"};
  std::shared_ptr<const Capabilities> capabilities;
};

Format format_of(const std::string& name) {
  if (name == "pretty") return Format::pretty;
  if (name == "raw") return Format::raw;
  if (name == "values") return Format::values;
  if (name == "bindings") return Format::bindings;
  return name == "discard" ? Format::discard : Format::json;
}

int report(const Errors& errors, Format format, const Coverage::Report& coverage = {}) {
  if (format == Format::json || format == Format::discard)
    std::cout << errors_json(errors, coverage.json, format == Format::discard);
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
  bool is_number = error.message.starts_with("invalid number: ");
  error.message =
      (is_number ? "unable to process input: " : "unable to parse input: ") + error.message;
  return error;
}

/// Reports why nothing was evaluated, so that nothing is covered.
int refuse(const Errors& errors, const EvalFlags& flags) {
  Coverage::Report nothing;
  if (flags.coverage) nothing = Coverage({}, Coverage::Names::keys).report(Engine());
  return report(errors, format_of(flags.format), nothing);
}

void print_steps(const EvalFlags& flags, Engine& engine, const QueryOptions& names,
                 const std::string_view* input) {
  Explain explain = explain_named(flags.explain);
  TraceLog log(explain);
  TraceOptions how;
  how.texts = true;
  how.unifications = explain == Explain::debug;
  how.hear = [&](const TraceEvent& event) { log.hear(event); };
  std::ignore = engine.trace(flags.query, names, input, how);
  std::cout << trace_table(log.events(), flags.var_values);
}

/// `input` is null where there is none.
int evaluate(const EvalFlags& flags, Engine& engine, const std::string_view* input) {
  Format format = format_of(flags.format);
  QueryOptions names{flags.package.empty() ? "" : "data." + flags.package, flags.imports};
  Result<Query> query = engine.prepare(flags.query, names);
  if (!query) return refuse(query.errors(), flags);
  if (flags.explain == "index") std::cerr << query->explain_index();
  Result<QueryResult> result = query->eval(input);
  Coverage::Report covered;
  if (flags.coverage) {
    Coverage coverage({flags.coverage_runs.begin(), flags.coverage_runs.end()},
                      Coverage::Names::keys);
    coverage.run(engine, flags.query, names, input);
    covered = coverage.report(engine);
  }
  if (format == Format::pretty && explain_named(flags.explain) != Explain::off)
    print_steps(flags, engine, names, input);
  if (!result) return report(result.errors(), format, covered);
  std::cout << result_text(*result, format, covered.json);
  if (format == Format::pretty && flags.coverage) std::cout << coverage_table(covered.covered);
  bool defined = !result->rows().empty();
  return (flags.fail && !defined) || (flags.fail_defined && defined) ? 1 : 0;
}

int run(EvalFlags& flags) {
  if (flags.stdin_query) flags.query = read_standard_input();
  bool has_input = flags.stdin_input || !flags.input.empty();
  Result<std::string> input_text = has_input ? read_input(flags) : std::string();
  if (!input_text) {
    std::cerr << input_text.error().message << "\n";
    return 2;
  }
  EngineOptions options;
  options.v0_compatible = flags.v0;
  options.strict_builtin_errors = flags.strict_errors;
  options.print = true;
  options.capabilities = flags.capabilities;
  options.runtime = runtime_json();
  static Engine engine(options);  // the process ends without taking it down
  add_host_functions(engine, options);
  if (Errors errors = load_schemas(flags.schema, engine); !errors.empty()) {
    std::cerr << policy_errors_text(errors);
    return 2;
  }
  if (flags.query.empty())
    return refuse({{ErrorCode::load, "cannot evaluate empty query", {}, 0, 0, {}, {}}}, flags);
  if (Errors errors = load_paths(flags.data, Contents::all, engine); !errors.empty())
    return refuse(errors, flags);
  std::string_view input = *input_text;
  return evaluate(flags, engine, has_input ? &input : nullptr);
}

/// What is wrong with the flags together, in OPA's words.
std::string wrong_flags(EvalFlags& flags, const Flags& given) {
  flags.coverage = flags.coverage || given.is_given("coverage-runs");
  std::size_t queries = given.arguments().size();
  if (queries > 0 && flags.stdin_query) return "specify query argument or --stdin but not both";
  if (queries == 0 && !flags.stdin_query) return "specify query argument or --stdin";
  if (queries > 1) return "specify at most one query argument";
  if (flags.stdin_query && flags.stdin_input)
    return "specify --stdin or --stdin-input but not both";
  if (flags.stdin_input && !flags.input.empty())
    return "specify --stdin-input or --input but not both";
  if (flags.fail && flags.fail_defined) return "specify --fail or --fail-defined but not both";
  if (flags.format == "source") return "invalid output format for evaluation";
  return wrong_runs(flags.coverage_runs);
}

}  // namespace

Command eval_command() {
  auto flags = std::make_shared<EvalFlags>();
  Command out{"eval", "<query>",
              "Evaluate a Rego query.\n\n"
              "  lictor eval 'x := 1; y := x + 1'\n"
              "  lictor eval -d policies -i input.json 'data.authz.allow'\n"
              "  lictor eval -f pretty -d data.json 'some name in data.names'"};
  Flags& add = out.flags;
  add.list("-d, --data", flags->data, "policy or data file, or folder; may be repeated");
  add.text("-s, --schema", flags->schema,
           "JSON schema of input, or a folder of schemas that METADATA names");
  add.text("-i, --input", flags->input, "input file (JSON or YAML)");
  add.boolean("-I, --stdin-input", flags->stdin_input, "read the input from standard input");
  add.boolean("--stdin", flags->stdin_query, "read the query from standard input");
  add.word("-f, --format", flags->format,
           {"json", "values", "bindings", "pretty", "source", "raw", "discard"}, "output format");
  add.word("--explain", flags->explain, {"off", "full", "notes", "fails", "debug", "index"},
           "show the steps of the evaluation, with --format pretty; index: say how rules and rows "
           "of data are found, on standard error");
  add.boolean("--var-values", flags->var_values, "show the variables of the steps");
  add.boolean("--coverage", flags->coverage, "report what the evaluation covers");
  add.comma_list("--coverage-runs", flags->coverage_runs,
                 "further runs that say why lines are not covered");
  add.text("--package", flags->package, "package whose rules the query names");
  add.list("--import", flags->imports, "import for the query; may be repeated");
  add_capabilities_flag(add, flags->capabilities);
  add.boolean("--v0-compatible", flags->v0, "read policies as Rego v0");
  add.boolean("--strict-builtin-errors", flags->strict_errors,
              "an error in a builtin ends the evaluation");
  add.boolean("--fail", flags->fail, "exit 1 if the result is undefined");
  add.boolean("--fail-defined", flags->fail_defined, "exit 1 if the result is defined");
  out.check = [flags](const Flags& given) { return wrong_flags(*flags, given); };
  out.run = [flags](const Command::Arguments& arguments) {
    if (!arguments.empty()) flags->query = arguments[0];
    return run(*flags);
  };
  return out;
}

}  // namespace lictor::cli
