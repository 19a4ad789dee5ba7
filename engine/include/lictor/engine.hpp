// Collects modules and data, and compiles them. An Engine belongs to one thread; what it makes does
// not need it. add_* only collect: every error surfaces at compile() or prepare(), which return all
// of them; load_* find errors at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lictor/capabilities.hpp"
#include "lictor/error.hpp"
#include "lictor/host_function.hpp"
#include "lictor/listener.hpp"
#include "lictor/policy.hpp"
#include "lictor/trace.hpp"

namespace lictor {

struct EngineOptions {
  bool v0_compatible = false;          // parse modules as Rego v0, as `--v0-compatible` does
  bool strict_builtin_errors = false;  // an error in a builtin ends the evaluation
  bool strict = false;                 // refuse what is never used, as `check --strict` does
  bool optimize = true;  // false: rules are planned as they are written, for tests of the planner
  bool index = true;  // false: bodies are evaluated in order, without the tests of OPA's rule index
  bool test_values = false;    // a trace of a test shows the values of all that it compares
  bool print = false;          // print() writes to standard error; otherwise it does nothing
  std::string runtime;         // what opa.runtime() returns, as a JSON object; empty for {}
  bool path_conflicts = true;  // refuse rules at the paths of base documents, as OPA's commands do
  /// What policies may use; null: all that there is.
  std::shared_ptr<const Capabilities> capabilities;
  Listener listener;  // receives the output of evaluations
  Limits limits;
};

/// Something that modules may call.
struct BuiltinInfo {
  std::string_view name;   // e.g. "json.patch"; lives as long as the engine
  int arity = 0;           // how many arguments it takes; -1: any number
  bool available = false;  // if not, a policy that calls it is refused when it is compiled
};

/// A rule of the modules; not its else-clauses.
struct RuleInfo {
  std::vector<std::string> package;  // without `data`
  std::vector<std::string> path;     // the head's ref as far as it is constant
  bool has_keys = false;             // it goes on with keys
  bool is_set = false;               // written with `contains`
  std::string file;
  std::uint32_t row = 0;  // 1-based
  std::uint32_t col = 0;  // 1-based, in characters
};

/// What a query's text may refer to by short names.
struct QueryOptions {
  std::string package;               // "" or "data.a.b": rules of this package by name
  std::vector<std::string> imports;  // "data.a.b", "input.user as u"
};

class Engine {
 public:
  explicit Engine(EngineOptions options = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// Adds a module; `name` is used in errors.
  void add_module(std::string name, std::string source);
  /// Merges a JSON object into the base documents; `name` is used in errors.
  void add_data(std::string json, std::string name = "data.json");
  /// Merges a JSON value at a path of the base documents.
  void add_data_at(std::vector<std::string> path, std::string json, std::string name);
  /// Adds a module as add_module() does, but parses it at once. Adds nothing if there are errors.
  Errors load_module(std::string name, std::string source);
  /// Merges a JSON value as add_data_at() does, but reads it at once. Merges nothing if there is an
  /// error, whose message says what OPA's loader says: the name, and where two documents overlap.
  std::optional<Error> load_data_at(std::vector<std::string> path, std::string json,
                                    std::string name);

  /// Lets modules that are compiled later call a function of the host. Returns why not, if its name
  /// or its signature is refused.
  std::optional<Error> add_function(const HostFunction& function);

  /// What modules may call, by name: every builtin of OPA, but for eq, assign and print, which the
  /// compiler knows, and the host's functions.
  std::vector<BuiltinInfo> builtins() const;

  /// Makes a JSON schema known to the type checker: that of `input` if the path is empty, else one
  /// that METADATA names `schema.PATH`.
  void add_schema(std::vector<std::string> path, std::string json);

  /// Compiles the document at `entrypoint`, such as "data.authz.allow" or "authz/allow".
  Result<Policy> compile(std::string_view entrypoint);
  /// Compiles any Rego query.
  Result<Query> prepare(std::string_view query, const QueryOptions& options = {});
  /// Evaluates a query much slower, in OPA's steps, each of which can be heard. An error of a
  /// limit_* code means that the evaluation was too long for that.
  Result<QueryResult> trace(std::string_view query, const QueryOptions& options,
                            const std::string_view* input, const TraceOptions& how = {});
  /// What evaluations may cover: the heads of all rules and their expressions, as they are written.
  std::vector<TextRange> coverable() const;
  /// True if the modules have a rule, and no function, for the document at `entrypoint`; false also
  /// when they have errors.
  bool defines(std::string_view entrypoint);
  /// All rules, by path; none when the modules have errors.
  std::vector<RuleInfo> rules();
  /// Parses and checks all modules, beside the data so far; returns the errors, if any.
  Errors check();
  /// The calls of OPA's builtins that have no implementation here, each as an error at its place;
  /// check() allows them, as they may be mocked. None when the modules have errors.
  Errors missing_builtins();

  /// Text forms of the stages, for people: "ast" or "checked".
  Result<std::string> dump(std::string_view stage);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The syntax tree of a module as compact JSON, with the names that OPA gives it (`opa parse
/// --format json`); `name` is used in errors and in the places of comments. Without `annotations`,
/// METADATA blocks are comments like others.
Result<std::string> syntax_tree(std::string name, std::string source, bool v0_compatible = false,
                                bool annotations = true);

struct FormatOptions {
  bool v0_compatible = false;  // read Rego v0, and write it unless `for_both`
  bool for_both = false;       // write what is the same in Rego v0 and v1
  bool drop_imports = false;   // drop imports of `rego` and `future` that change nothing
};

/// A module's text in the layout of `opa fmt`; `name` is used in errors.
Result<std::string> formatted(std::string name, std::string source,
                              const FormatOptions& options = {});

/// The version of this library, e.g. "0.1.0".
const char* version() noexcept;

/// The version of OPA that this library decides as, e.g. "1.22.4".
const char* opa_version() noexcept;

}  // namespace lictor
