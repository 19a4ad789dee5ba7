// Calls every builtin with generated operands, in lictor and OPA, and stops at differences. In: an
// oracle's binary, the first seed, how many calls and perhaps one builtin. Out: each difference,
// shrunk; exit 1 if there is one, if lictor crashed or hung, or if nothing ran.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "builtins/table.hpp"
#include "differential/shrink.hpp"
#include "generate.hpp"
#include "reference.hpp"
#include "worker.hpp"

namespace {

using namespace lictor::builtin_calls;
using lictor::differential::Program;
using lictor::tests::Reference;

// Builtins that have no answer of their own for given operands.
constexpr std::string_view left_out[] = {
    "internal.print",      "internal.test_case",  // for their effects
    "net.lookup_ip_addr",  "opa.runtime",        "rand.intn",
    "time.now_ns",         "uuid.rfc4122",        // nondeterministic
    "rego.metadata.chain", "rego.metadata.rule",  // replaced by the compiler
};

struct Options {
  std::string oracle;
  std::string only;  // a builtin, or a family with the dot after its name
  std::uint64_t seed = 1;
  std::uint64_t count = 2000;
  std::uint64_t most = 10;  // differences shown before it stops
};

struct Target {
  std::string name;
  std::string signature;
  int arity = 0;
};

bool is_chosen(std::string_view name, const std::string& only) {
  return only.empty() || name == only || (only.ends_with('.') && name.starts_with(only));
}

std::vector<Target> targets(const std::string& only, std::size_t& missing) {
  std::vector<Target> out;
  for (const lictor::builtins::Builtin& builtin : lictor::builtins::Table::standard()->all()) {
    std::string_view name = builtin.name;
    missing += !builtin.function;
    bool wanted = is_chosen(name, only) && builtin.function;
    if (wanted && std::find(std::begin(left_out), std::end(left_out), name) == std::end(left_out))
      out.push_back({builtin.name, builtin.signature, builtin.arity()});
  }
  return out;
}

/// What is wrong with a schema or a document, OPA finds in the random order of Go's maps, and so
/// are names that are equally close to a wrong one: ours is one of its answers.
constexpr int order_attempts = 40;
bool has_any_order(const Target& target) {
  return target.name.ends_with("_schema") || target.name.starts_with("graphql.");
}

/// Without the types that GraphQL's errors suggest for an unknown one.
std::string without_suggested_types(const std::string& answer) {
  static const std::regex types("(Unknown type \"[^\"]*\"\\. Did you mean )[^?\n]*");
  return std::regex_replace(answer, types, "$1");
}

/// The answer with a schema's mismatches in one order; any other answer as it is.
std::string in_order(const std::string& answer) {
  nlohmann::json json = nlohmann::json::parse(answer.substr(answer.find('\n') + 1), nullptr, false);
  bool is_list = json.is_array() && json.size() == 2 && json[1].is_array();
  if (!is_list) return without_suggested_types(answer);
  std::sort(json[1].begin(), json[1].end());
  return json.dump();
}

/// A token whose signature is another one each time, without it.
std::string without_signature(const std::string& answer) {
  return answer.substr(0, answer.rfind('.', answer.find('\n'))) + std::to_string(answer.size());
}

/// An error without what is another one in each run of OPA: addresses of memory, and the order of
/// two fields.
std::string steady(std::string answer) {
  constexpr std::string_view curve = "unknown elliptic curve: ", address = "tag:0x";
  constexpr std::string_view fields =
      R"(struct { Kty string "json:\"kty\""; D jsontext.Value "json:\"d,omitempty\"" })";
  constexpr std::string_view other_fields =
      R"(struct { D jsontext.Value "json:\"d,omitempty\""; Kty string "json:\"kty\"" })";
  if (std::size_t at = answer.find(curve); at != std::string::npos) answer.resize(at);
  if (std::size_t at = answer.find(other_fields); at != std::string::npos)
    answer.replace(at, other_fields.size(), fields);
  if (std::size_t at = answer.find(address); at != std::string::npos)
    answer.replace(at, answer.find(' ', at) - at, "tag:0");
  return answer;
}

struct Answers {
  std::string opa, lictor;
  bool any_order = false, any_signature = false;
  bool same() const {
    return opa == lictor || (any_order && in_order(opa) == in_order(lictor)) ||
           (any_signature && without_signature(opa) == without_signature(lictor));
  }
};

/// RSA-PSS and ECDSA sign at random.
bool signs_at_random(const Target& target, const std::string& input) {
  bool random =
      input.find("\"PS") != std::string::npos || input.find("\"ES") != std::string::npos ||
      input.find("\\\"PS") != std::string::npos || input.find("\\\"ES") != std::string::npos;
  return random && target.name.starts_with("io.jwt.encode_sign");
}

/// How a call is evaluated, besides its operands.
struct How {
  bool mocked = false, strict = false;

  std::string text() const {
    return std::string(strict ? " (strict)" : "") + (mocked ? " (in place of a function)" : "");
  }
};

/// Calls in place of a function are for those that OPA lets be one.
bool can_replace(const Target& target) {
  return target.arity > 0 && target.name != "walk" && !target.name.starts_with("internal.");
}

class Engines {
 public:
  Engines(const std::string& oracle, const std::string& self)
      : opa_(oracle), lictor_(self, {"--worker"}) {}

  bool started() const { return opa_.started() && lictor_.started(); }

  Answers call(const Target& target, const Node& operands, How how) {
    Mode mode = {is_encoded(operands), how.mocked, how.strict};
    std::string input = input_text(operands);
    Answers out = {ask_opa(target, mode, input), ask_lictor(target, mode, input),
                   has_any_order(target), signs_at_random(target, input)};
    for (int i = 0; i < order_attempts && out.any_order && !out.same(); ++i) {
      out.opa = ask_opa(target, mode, input);
      if (out.opa == "crashed") break;
    }
    return out;
  }

 private:
  std::string ask_opa(const Target& target, Mode mode, const std::string& input) {
    nlohmann::json request = {{"modules", {module_text(target.name, target.arity, mode)}},
                              {"query", "data.calls.result"},
                              {"v0", true},
                              {"strict", mode.strict},
                              {"json", true},
                              {"prepared", true}};
    std::string text = request.dump();
    text.pop_back();
    nlohmann::json answer = opa_.ask(text + ",\"input\":" + input + "}");
    if (answer.is_null()) return "crashed";
    if (answer.contains("value")) {
      std::string value = answer["value"].get<std::string>();
      return value.empty() ? "undefined" : value;
    }
    const nlohmann::json& first = answer["errors"][0];
    return steady(first["code"].get<std::string>() + ": " + first["message"].get<std::string>());
  }

  std::string ask_lictor(const Target& target, Mode mode, const std::string& input) {
    nlohmann::json answer = lictor_.ask(target.name + "\t" + mode.text() + "\t" + input);
    return answer.is_null() ? "crashed or did not return in time"
                            : steady(answer.get<std::string>());
  }

  Reference opa_, lictor_;
};

/// What OPA gets wrong: of IPv6 networks whose first bytes are zeros, IPv4 ones among them,
/// net.cidr_merge makes addresses of another length than 16 bytes; it crashes at some, and forgets
/// others.
bool is_exception(const Target& target, const std::string& input) {
  return target.name == "net.cidr_merge" && input.find("\"::") != std::string::npos;
}

bool is_error(const std::string& outcome) { return outcome.starts_with("eval_"); }

/// OPA's own fault, a number that it cannot print as JSON, or an evaluation that took it too long.
bool is_fault(const std::string& outcome) {
  return outcome == "crashed" || outcome.starts_with(": json: error calling") ||
         outcome.starts_with("eval_cancel_error") ||
         outcome.starts_with("eval_internal_error: built-in function");
}

void show(const Target& target, std::uint64_t seed, const Node& operands, How how,
          const Answers& answers) {
  std::cout << "---- --only " << target.name << " --seed " << seed << how.text() << "\n"
            << rego_call(target.name, operands) << "\n  input  " << text_of(operands)
            << "\n  OPA    " << answers.opa << "\n  lictor " << answers.lictor << "\n"
            << std::flush;
}

void shrink_and_show(Engines& engines, const Target& target, std::uint64_t seed,
                     const Node& operands, How how) {
  Program program;
  program.input = operands;
  Program small = lictor::differential::shrink(program, [&](const Program& candidate) {
    if (candidate.input.children.size() != operands.children.size()) return false;
    Answers answers = engines.call(target, candidate.input, how);
    return !answers.same() && !is_fault(answers.opa);
  });
  show(target, seed, small.input, how, engines.call(target, small.input, how));
}

struct Counts {
  std::uint64_t done = 0, errors = 0, undefined = 0, faults = 0, exceptions = 0, differences = 0;
};

/// Compares one call, strict first: where that is no error, the other mode has the same answer.
void compare(Engines& engines, const Target& target, std::uint64_t seed, Counts& counts) {
  Node operands = make_operands(target.name, target.signature, seed);
  if (is_exception(target, text_of(operands))) {
    ++counts.exceptions;
    return;
  }
  bool mocked = seed / 7 % 8 == 0 && can_replace(target);
  for (bool strict : {true, false}) {
    How how = {mocked, strict};
    Answers answers = engines.call(target, operands, how);
    if (is_fault(answers.opa)) {
      ++counts.faults;
      return;
    }
    counts.errors += is_error(answers.opa);
    counts.undefined += answers.opa == "undefined";
    if (!answers.same()) {
      ++counts.differences;
      return shrink_and_show(engines, target, seed, operands, how);
    }
    if (!is_error(answers.opa)) return;
  }
}

bool parse(int argc, char** argv, Options& out) {
  if (argc < 2 || argc % 2 != 0) return false;
  out.oracle = argv[1];
  std::map<std::string, std::uint64_t*> numbers = {
      {"--seed", &out.seed}, {"--count", &out.count}, {"--most", &out.most}};
  for (int i = 2; i < argc; i += 2) {
    if (argv[i] == std::string("--only"))
      out.only = argv[i + 1];
    else if (auto found = numbers.find(argv[i]); found != numbers.end())
      *found->second = std::strtoull(argv[i + 1], nullptr, 10);
    else
      return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && argv[1] == std::string("--worker")) return serve();
  Options options;
  if (!parse(argc, argv, options)) {
    std::cerr << "usage: builtin_calls ORACLE [--seed N] [--count N] [--most N] [--only NAME]\n";
    return 2;
  }
  setenv("GOTRACEBACK", "none", 1);  // OPA's crashes are counted, not shown
  Engines engines(options.oracle, argv[0]);
  if (!engines.started()) {
    std::cerr << "error: cannot run " << options.oracle << "; tools/test builds it\n";
    return 2;
  }
  std::size_t missing = 0;
  std::vector<Target> all = targets(options.only, missing);
  if (all.empty()) return 2;
  Counts counts;
  for (; counts.done < options.count && counts.differences < options.most; ++counts.done) {
    std::uint64_t seed = options.seed + counts.done;
    compare(engines, all[seed % all.size()], seed, counts);
  }
  std::cout << "builtin_calls: " << counts.done << " calls of " << all.size()
            << " builtins from seed " << options.seed << " (" << counts.errors << " errors, "
            << counts.undefined << " undefined), " << counts.differences << " differences; "
            << counts.faults << " faults of OPA's own, " << counts.exceptions << " exceptions; "
            << std::size(left_out) << " builtins left out, " << missing << " missing\n";
  return counts.differences == 0 && counts.done > 0 && counts.errors < counts.done ? 0 : 1;
}
